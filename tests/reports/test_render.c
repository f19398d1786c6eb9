#include "analysis/base/limits.h"
#include "reports/patterns/pattern.h"
#include "reports/blocks/block.h"
#include "reports/render.h"

#include <criterion/criterion.h>

static struct arena arena;
static struct err err;

static void set_up(void)
{
    arena_init(&arena);
}

static void tear_down(void)
{
    arena_fini(&arena);
}

TestSuite(render, .init = set_up, .fini = tear_down, .timeout = 60);
TestSuite(patterns, .init = set_up, .fini = tear_down, .timeout = 60);

static const struct json *parse(struct str text)
{
    const struct json *v = json_parse(&arena, text, JSON_STRICT, REQUEST_DEPTH_MAX, &err);

    cr_assert(v, "%s", err.msg);
    return v;
}

static const char *markdown(const char *title, const struct json *blocks)
{
    struct report report = {.title = title};
    struct buf b = {0};

    render_markdown(&report, blocks, &arena, &b);
    const char *text = arena_text(&arena, buf_str(&b));
    buf_fini(&b);
    return text;
}

#define TEXT(t) "\"content\":[{\"type\":\"text\",\"text\":\"" t "\"}]"
#define BLOCK(type, rest) "{\"type\":\"" type "\"," rest "}"

Test(render, every_kind_as_markdown)
{
    static const struct {
        const char *block, *want;
    } rows[] = {
        {BLOCK("heading", "\"props\":{\"level\":1}," TEXT("Report Title")), "## Report Title\n"},
        {BLOCK("heading", "\"props\":{\"level\":5}," TEXT("x")), "###### x\n"},
        {BLOCK("heading", "\"props\":{\"level\":6}," TEXT("x")), "###### x\n"},
        {BLOCK("heading", "\"props\":{\"level\":99}," TEXT("x")), "## x\n"},
        {BLOCK("paragraph", TEXT("# no *mark* a|b snake_case _x_ <b>")),
         "\\# no \\*mark\\* a\\|b snake_case \\_x\\_ \\<b>\n"},
        {BLOCK("paragraph", TEXT("1. no list")), "1\\. no list\n"},
        {BLOCK("paragraph", TEXT("- no list")), "\\- no list\n"},
        {BLOCK("paragraph", TEXT("0.5 is a number, -1 too")), "0.5 is a number, -1 too\n"},
        {BLOCK("paragraph",
               "\"content\":[{\"type\":\"text\",\"text\":\"b \",\"styles\":{\"bold\":true,"
               "\"italic\":true}},{\"type\":\"text\",\"text\":\"s\",\"styles\":{\"strike\":true}},"
               "{\"type\":\"text\",\"text\":\"a*`b\",\"styles\":{\"code\":true}},"
               "{\"type\":\"link\",\"href\":\"http://x/(y) z\",\"content\":[{\"type\":\"text\","
               "\"text\":\"l\"}]}]"),
         "***b*** ~~s~~`` a*`b ``[l](http://x/%28y%29%20z)\n"},
        {BLOCK("bulletListItem",
               TEXT("a") ",\"children\":[" BLOCK("bulletListItem", TEXT("b")) "]"),
         "- a\n    - b\n"},
        {BLOCK("numberedListItem", TEXT("a")), "1. a\n"},
        {BLOCK("checkListItem", "\"props\":{\"checked\":true}," TEXT("a")), "- [x] a\n"},
        {BLOCK("checkListItem", TEXT("a")), "- [ ] a\n"},
        {BLOCK("quote", TEXT("a")), "> a\n"},
        {BLOCK("codeBlock", "\"props\":{\"language\":\"c\"}," TEXT("a\\n```\\n*b*")),
         "````c\na\n```\n*b*\n````\n"},
        {BLOCK("table", "\"content\":{\"rows\":[{\"cells\":[[{\"type\":\"text\",\"text\":\"a|b\"}],"
                        "\"c\"]},{\"cells\":[[{\"type\":\"text\",\"text\":\"x|y\",\"styles\":"
                        "{\"code\":true}}]]}]}"),
         "| a\\|b | c |\n| --- | --- |\n| `x\\|y` |  |\n"},
        {BLOCK("image", "\"props\":{\"url\":\"u.png\",\"caption\":\"c\"}"), "![c](u.png)\n"},
        {BLOCK("experimentChart", "\"props\":{\"experimentId\":\"e\",\"chartMode\":\"lm\","
                                  "\"metricKey\":\"Losses/Total\"}"),
         "> **Chart** (LM): Experiment `e` \xe2\x80\x94 Losses/Total\n"},
        {BLOCK("experimentChart", "\"props\":{\"chartMode\":\"rl\",\"rlMetricKey\":\"a_b\"}"),
         "> **Chart** (RL): Experiment `none` \xe2\x80\x94 a_b\n"},
        {BLOCK("experimentChart", "\"props\":{\"experimentId\":\"e\",\"chartMode\":\"ablation\"}"),
         "> **Chart** (Ablation): Experiment `e` \xe2\x80\x94 none\n"},
        {BLOCK("metricsTable", "\"props\":{\"experimentId\":\"e\"}"),
         "> **Metrics Table**: Experiment `e`\n"},
        {BLOCK("trajectoryChart", "\"props\":{\"experimentId\":\"e\",\"gatingMode\":\"fixed\","
                                  "\"prompt\":\"Once\"}"),
         "> **Gate Trajectory**: Experiment `e` \xe2\x80\x94 mode: fixed, prompt: \"Once\"\n"},
        {BLOCK("crossPromptAnalysis", "\"props\":{\"experimentId\":\"e\",\"gatingMode\":\"m\"}"),
         "> **Cross-Prompt Analysis**: Experiment `e` \xe2\x80\x94 mode: m\n"},
        {BLOCK("sweepAnalysis", "\"props\":{\"experimentId\":\"e\",\"prompt\":\"p\"}"),
         "> **Gate Sweep**: Experiment `e` \xe2\x80\x94 prompt: \"p\"\n"},
        {BLOCK("alien", "\"x\":1"), "> **Block** (alien): not shown here\n"},
        {"3", "> **Block** (): not shown here\n"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *text = arena_printf(&arena, "[%s]", rows[i].block);
        const char *want = arena_printf(&arena, "# Test Report\n\n%s", rows[i].want);
        cr_expect_str_eq(markdown("Test Report", parse(str_of(text))), want);
    }
}

static const struct json *built(const char *name, const char **title)
{
    const struct pattern *pattern = pattern_find(name, &err);
    struct pattern_input in = {.experiment_id = "20240101-commit1", .arena = &arena};
    struct blocks blocks;

    cr_assert(pattern, "%s", err.msg);
    cr_assert(pattern_build(pattern, &in, &blocks, &err), "%s", err.msg);
    struct str text = arena_str(&arena, blocks_end(&blocks));
    blocks_fini(&blocks);
    *title = pattern_title(pattern, in.experiment_id, &arena);
    return parse(text);
}

Test(patterns, the_four_have_their_blocks_and_are_valid)
{
    static const struct {
        const char *name, *first;
        uint32_t count;
    } rows[] = {{"experiment-overview", "Experiment Overview", 5},
                {"rl-analysis", "RL Gating Analysis", 6},
                {"trajectory-report", "Gate Trajectory Analysis", 5},
                {"full-report", "Full Report \xe2\x80\x94 20240101-commit1", 17}};

    for (size_t i = 0; i < 4; i++) {
        const char *title;
        const struct json *blocks = built(rows[i].name, &title);
        const struct json *again = built(rows[i].name, &title);
        struct outline outline;

        cr_expect_str_eq(patterns[i]->name, rows[i].name);
        cr_expect(blocks->count == rows[i].count, "%s: %u", rows[i].name, blocks->count);
        cr_expect(blocks_check(blocks, &err), "%s: %s", rows[i].name, err.msg);
        cr_expect(str_eq(blocks->raw, again->raw), "%s: the same input", rows[i].name);
        report_outline(blocks, &arena, &outline);
        cr_expect(outline.n == (i == 3 ? 4 : 1) && outline.block_count == blocks->count);
        cr_expect_str_eq(outline.headings[0].text, rows[i].first);
        cr_expect(outline.headings[0].level == (i == 3 ? 1 : 2));
        cr_expect_str_eq(title,
                         arena_printf(&arena, "%s \xe2\x80\x94 20240101-commit1", rows[i].name));
    }
    const char *title;
    const char *text = markdown("R", built("full-report", &title));
    cr_expect(strstr(text, "> **Chart** (LM)") && strstr(text, "> **Gate Trajectory**") &&
              strstr(text, "> **Cross-Prompt Analysis**") && strstr(text, "> **Gate Sweep**") &&
              !strstr(text, "!["));
}

Test(patterns, what_is_unknown_or_missing_is_said)
{
    struct pattern_input in = {.arena = &arena};
    struct blocks blocks;

    cr_expect(!pattern_find("x", &err) && str_starts(str_of(err.msg), STR("Unknown pattern: x")));
    cr_expect(!pattern_find("rl-analisis", &err) && strstr(err.msg, "Did you mean 'rl-analysis'"));
    cr_expect(!pattern_build(pattern_find("full-report", &err), &in, &blocks, &err));
    cr_expect(str_starts(str_of(err.msg), STR("experimentId is required")));
    blocks_fini(&blocks);
}
