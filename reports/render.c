#include "reports/render.h"
#include "analysis/base/limits.h"
#include "analysis/base/vec.h"
#include "reports/blocks/block.h"

static bool is_item(struct str type)
{
    return str_ends(type, STR("ListItem"));
}

static void blocks_markdown(struct markdown *out, const struct json *blocks)
{
    bool was_item = false;

    if (!blocks || blocks->kind != JSON_ARRAY || out->depth > BLOCK_DEPTH_MAX)
        return;
    json_each (block, blocks) {
        struct str type = json_text(out->arena, json_get(block, "type"));
        const struct block_kind *kind = block_kind_find(type);

        /* Items of a list stand close together, everything else apart. */
        if ((block != blocks->first || out->depth == 0) && !(was_item && is_item(type)))
            buf_byte(out->buf, '\n');
        was_item = is_item(type);
        if (kind) {
            kind->markdown(out, block_props(kind, block, out->arena), block);
        } else {
            markdown_indent(out);
            buf_puts(out->buf, "> **Block** (");
            markdown_text(out, type);
            buf_puts(out->buf, "): not shown here\n");
        }
        const struct json *children = json_get(block, "children");
        if (children && children->count > 0) {
            if (!was_item)
                buf_byte(out->buf, '\n');
            out->depth += was_item; /* below anything else, four blanks would mean code */
            blocks_markdown(out, children);
            out->depth -= was_item;
        }
    }
}

/* Reports from patterns begin with their title as a heading, too: it stands once. */
static bool is_title(const struct json *block, const char *title, struct arena *arena)
{
    struct buf text = {0};

    if (!block || !str_is(json_text(arena, json_get(block, "type")), "heading"))
        return false;
    inline_plain(json_get(block, "content"), arena, &text);
    bool same = str_is(buf_str(&text), title);
    buf_fini(&text);
    return same;
}

void render_markdown(const struct report *report, const struct json *blocks, struct arena *arena,
                     struct buf *out)
{
    struct markdown to = {.buf = out, .arena = arena};
    struct json rest;

    buf_puts(out, "# ");
    markdown_text(&to, str_of(report->title));
    buf_byte(out, '\n');
    if (blocks && blocks->kind == JSON_ARRAY && is_title(blocks->first, report->title, arena)) {
        rest = *blocks;
        rest.first = blocks->first->next;
        blocks = &rest;
    }
    blocks_markdown(&to, blocks);
}

/* ---- the outline ---- */

struct headings {
    VEC(struct heading) all;
};

static void collect(const struct json *blocks, size_t depth, struct arena *arena,
                    struct headings *out)
{
    if (!blocks || blocks->kind != JSON_ARRAY || depth > BLOCK_DEPTH_MAX)
        return;
    json_each (block, blocks) {
        if (str_is(json_text(arena, json_get(block, "type")), "heading")) {
            struct heading heading = {.level = 1};
            struct buf text = {0};
            int64_t level;

            if (json_integer(json_get(json_get(block, "props"), "level"), &level))
                heading.level = level;
            inline_plain(json_get(block, "content"), arena, &text);
            heading.id = arena_text(arena, json_text(arena, json_get(block, "id")));
            heading.text = arena_text(arena, buf_str(&text));
            buf_fini(&text);
            VEC_PUSH(arena, &out->all, heading);
        }
        collect(json_get(block, "children"), depth + 1, arena, out);
    }
}

void report_outline(const struct json *blocks, struct arena *arena, struct outline *out)
{
    struct headings found = {0};

    collect(blocks, 0, arena, &found);
    *out = (struct outline){found.all.v, found.all.n, blocks ? blocks->count : 0};
}
