// check.mjs FILE...: does the editor that reports are made for take them, and give them back as they were?
//
// Each file is a stored report. Its blocks are loaded into a ServerBlockNoteEditor that knows BlockNote's own blocks and
// the dashboard's five charts, and come back three ways: as blocks (through ProseMirror's document), as a Yjs document
// (what a shared editor keeps), and as full HTML. Types, props, text, styles, links and nesting must survive each.
import { readFileSync } from "node:fs";
import { BlockNoteSchema, createBlockSpec, defaultBlockSpecs } from "@blocknote/core";
import { ServerBlockNoteEditor } from "@blocknote/server-util";

const charts = {
  experimentChart: ["experimentId", "chartMode", "metricKey", "rlMetricKey", "ablationMetricKey"],
  metricsTable: ["experimentId"],
  trajectoryChart: ["experimentId", "gatingMode", "prompt", "analysisId"],
  crossPromptAnalysis: ["experimentId", "gatingMode", "analysisId"],
  sweepAnalysis: ["experimentId", "prompt", "analysisId"],
};

function chartSpec(type, props) {
  const propSchema = Object.fromEntries(props.map((name) => [name, { default: "" }]));
  return createBlockSpec(
    { type, propSchema, content: "none" },
    {
      render: (block) => {
        const dom = document.createElement("div");
        dom.textContent = `${type} ${block.props.experimentId}`;
        return { dom };
      },
    },
  )();
}

const schema = BlockNoteSchema.create({
  blockSpecs: {
    ...defaultBlockSpecs,
    ...Object.fromEntries(Object.entries(charts).map(([type, props]) => [type, chartSpec(type, props)])),
  },
});

// Text that stands side by side in the same style is one text.
function inline(content) {
  const out = [];
  for (const item of content ?? []) {
    if (item.type === "link") {
      out.push({ link: item.href, content: inline(item.content) });
      continue;
    }
    const styles = Object.entries(item.styles ?? {}).filter(([, on]) => on).map(([name]) => name).sort().join("+");
    const last = out.at(-1);
    if (last && "text" in last && last.styles === styles) last.text += item.text;
    else if (item.text !== "") out.push({ text: item.text, styles });
  }
  return out;
}

function cell(value) {
  if (typeof value === "string") return [{ text: value, styles: "" }];
  return inline(Array.isArray(value) ? value : value.content);
}

function content(block) {
  if (block.content?.rows) return block.content.rows.map((row) => row.cells.map(cell));
  if (typeof block.content === "string") return inline([{ type: "text", text: block.content }]);
  return inline(block.content);
}

const sentence = (where, what, was, is) => `${where}: ${what} was ${JSON.stringify(was)}, is ${JSON.stringify(is)}`;

// What is said of `was` must be in `is`; the editor adds defaults of its own.
function compare(was, is, where, withIds, faults) {
  if (was.length !== is.length) faults.push(sentence(where, "number of blocks", was.length, is.length));
  for (let i = 0; i < Math.min(was.length, is.length); i++) {
    const at = `${where}, block ${i + 1} (${was[i].type})`;
    if (was[i].type !== is[i].type) faults.push(sentence(at, "type", was[i].type, is[i].type));
    if (withIds && was[i].id !== is[i].id) faults.push(sentence(at, "id", was[i].id, is[i].id));
    for (const [name, value] of Object.entries(was[i].props ?? {})) {
      if (is[i].props?.[name] !== value) faults.push(sentence(at, `props.${name}`, value, is[i].props?.[name]));
    }
    const before = JSON.stringify(content(was[i])), after = JSON.stringify(content(is[i]));
    if (before !== after) faults.push(sentence(at, "content", before, after));
    compare(was[i].children ?? [], is[i].children ?? [], `${at}, children`, withIds, faults);
  }
}

const count = (blocks, of = {}) => {
  for (const block of blocks) {
    of[block.type] = (of[block.type] ?? 0) + 1;
    count(block.children ?? [], of);
  }
  return of;
};

// What the editor does not look at itself: ids that stand twice, props outside the values it offers.
function odd(blocks, where, ids = new Set()) {
  const faults = [];
  for (const block of blocks) {
    if (ids.has(block.id)) faults.push(`${where}: two blocks have the id ${block.id}`);
    ids.add(block.id);
    for (const [name, value] of Object.entries(block.props ?? {})) {
      const values = schema.blockSchema[block.type].propSchema[name]?.values;
      if (values && !values.includes(value)) faults.push(`${where}, ${block.type} ${block.id}: props.${name} is ${value}, not one of ${values}`);
    }
    faults.push(...odd(block.children ?? [], where, ids));
  }
  return faults;
}

async function check(file) {
  let report;
  try {
    report = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    return [`${file}: ${error.message}`];
  }
  const blocks = Array.isArray(report) ? report : (report.report ?? report).blocks;
  const editor = ServerBlockNoteEditor.create({ schema });
  const faults = [];

  if (!Array.isArray(blocks) || blocks.length === 0) return [`${file}: holds no blocks`];
  const unknown = Object.keys(count(blocks)).filter((type) => !(type in schema.blockSpecs));
  if (unknown.length) return [`${file}: the editor has no block ${unknown.join(", ")}`];
  faults.push(...odd(blocks, file));
  try {
    // _blocksToProsemirrorNode and back is what an editor does when it opens a document and saves it.
    const node = editor._blocksToProsemirrorNode(blocks);
    node.check();
    compare(blocks, editor._prosemirrorNodeToBlocks(node), `${file} as blocks`, true, faults);
    compare(blocks, editor.yDocToBlocks(editor.blocksToYDoc(blocks, "report"), "report"), `${file} as Yjs`, true, faults);
    const html = await editor.blocksToFullHTML(blocks);
    compare(blocks, await editor.tryParseHTMLToBlocks(html), `${file} as HTML`, false, faults);
    const markdown = await editor.blocksToMarkdownLossy(blocks);
    const first = JSON.stringify(blocks).match(/"text":"((?:[^"\\]){12,40})/);
    if (markdown.length === 0 || (first && !markdown.replace(/[\\*_`]/g, "").includes(first[1].replace(/[\\*_`]/g, "").trim())))
      faults.push(`${file} as Markdown: the first text is not in it`);
  } catch (error) {
    faults.push(`${file}: ${error.message.split("\n")[0]}`);
  }
  if (!faults.length) {
    const kinds = count(blocks);
    const all = Object.values(kinds).reduce((a, b) => a + b, 0);
    console.log(`${file}: ${all} blocks of ${Object.keys(kinds).length} types survive blocks, Yjs, HTML`);
  }
  return faults;
}

if (process.argv.length < 3) {
  console.error("usage: node check.mjs REPORT.json...");
  process.exit(2);
}
let bad = false;
for (const file of process.argv.slice(2)) {
  for (const fault of await check(file)) {
    bad = true;
    console.error(fault);
  }
}
process.exit(bad ? 1 : 0);
