#include "reports/blocks/block.h"

#include <stdarg.h>

void markdown_indent(struct markdown *out)
{
    for (size_t i = 0; i < out->depth; i++)
        buf_puts(out->buf, "    ");
}

/* A letter or digit on both sides: an underscore there is a name's, not emphasis. */
static bool within_word(struct str text, size_t i)
{
    if (i == 0 || i + 1 >= text.n)
        return false;
    for (int side = -1; side <= 1; side += 2) {
        unsigned char c = (unsigned char)text.p[side < 0 ? i - 1 : i + 1];
        if (!((c | 32) >= 'a' && (c | 32) <= 'z') && !(c >= '0' && c <= '9') && c < 0x80)
            return false;
    }
    return true;
}

static bool is_markup(struct str text, size_t i)
{
    char c = text.p[i];

    if (c == '_')
        return !within_word(text, i);
    return c != '\0' && strchr("\\`*[]<|~&", c) != NULL;
}

void markdown_text(struct markdown *out, struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (c == '\n' || c == '\r' || c == '\t') {
            buf_byte(out->buf, ' '); /* a line end would end the item, the cell, the heading */
            continue;
        }
        if (is_markup(text, i))
            buf_byte(out->buf, '\\');
        buf_byte(out->buf, c);
    }
}

void markdown_address(struct markdown *out, struct str url)
{
    for (size_t i = 0; i < url.n; i++) {
        unsigned char c = (unsigned char)url.p[i];
        if (c <= ' ' || strchr("()<>|\\", c))
            buf_printf(out->buf, "%%%02X", c);
        else
            buf_byte(out->buf, (char)c);
    }
}

void markdown_code(struct markdown *out, struct str text)
{
    size_t longest = 0, run = 0;

    for (size_t i = 0; i < text.n; i++) {
        run = text.p[i] == '`' ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    for (size_t i = 0; i <= longest; i++)
        buf_byte(out->buf, '`');
    if (longest)
        buf_byte(out->buf, ' ');
    for (size_t i = 0; i < text.n; i++)
        buf_byte(out->buf, text.p[i] == '\n' || text.p[i] == '\r' ? ' ' : text.p[i]);
    if (longest)
        buf_byte(out->buf, ' ');
    for (size_t i = 0; i <= longest; i++)
        buf_byte(out->buf, '`');
}

/* ---- inline content ---- */

static bool styled(const struct json *item, const char *style)
{
    const struct json *v = json_get(json_get(item, "styles"), style);

    return v && v->kind == JSON_TRUE;
}

/*
 * A styled text: blanks at its ends stay outside the marks, or Markdown does
 * not see them. Code takes no other marks inside, so they stand around it.
 */
static void put_text(struct markdown *out, const struct json *item)
{
    static const struct {
        const char *style, *mark;
    } marks[] = {{"bold", "**"}, {"italic", "*"}, {"strike", "~~"}};
    enum { N = sizeof(marks) / sizeof(marks[0]) };
    struct str text = json_text(out->arena, json_get(item, "text"));
    struct str inner = str_trim(text);

    if (inner.n == 0) {
        markdown_text(out, text);
        return;
    }
    markdown_text(out, (struct str){text.p, (size_t)(inner.p - text.p)});
    for (size_t i = 0; i < N; i++) {
        if (styled(item, marks[i].style))
            buf_puts(out->buf, marks[i].mark);
    }
    if (styled(item, "code"))
        markdown_code(out, inner);
    else
        markdown_text(out, inner);
    for (size_t i = N; i-- > 0;) {
        if (styled(item, marks[i].style))
            buf_puts(out->buf, marks[i].mark);
    }
    markdown_text(out, str_from(text, (size_t)(inner.p - text.p) + inner.n));
}

void markdown_inline(struct markdown *out, const struct json *content)
{
    if (!content)
        return;
    if (content->kind == JSON_STRING)
        markdown_text(out, json_text(out->arena, content));
    if (content->kind != JSON_ARRAY)
        return;
    json_each (item, content) {
        const struct json *href = json_get(item, "href");
        if (href && href->kind == JSON_STRING) {
            buf_byte(out->buf, '[');
            markdown_inline(out, json_get(item, "content"));
            buf_puts(out->buf, "](");
            markdown_address(out, json_text(out->arena, href));
            buf_byte(out->buf, ')');
        } else {
            put_text(out, item);
        }
    }
}

/* A bar is escaped in plain text already; in a code span of a cell it must be, too. */
void markdown_cell(struct markdown *out, const struct json *content)
{
    struct buf inner = {0};
    struct markdown to = {.buf = &inner, .arena = out->arena};

    markdown_inline(&to, content);
    for (size_t i = 0; i < inner.n; i++) {
        if (inner.p[i] == '|' && (i == 0 || inner.p[i - 1] != '\\'))
            buf_byte(out->buf, '\\');
        buf_byte(out->buf, inner.p[i]);
    }
    buf_fini(&inner);
}

void inline_plain(const struct json *content, struct arena *arena, struct buf *out)
{
    if (content && content->kind == JSON_STRING)
        buf_add(out, json_text(arena, content));
    if (!content || content->kind != JSON_ARRAY)
        return;
    json_each (item, content) {
        buf_add(out, json_text(arena, json_get(item, "text")));
        inline_plain(json_get(item, "content"), arena, out);
    }
}

/* ---- lines ---- */

/* How many bytes a line may not begin with: a heading, list, rule or quote it is not. */
static size_t opens_block(struct str line)
{
    size_t digits = 0;

    if (line.n == 0)
        return 0;
    if (strchr("#>+-=", line.p[0]))
        return 1;
    while (digits < line.n && line.p[digits] >= '0' && line.p[digits] <= '9')
        digits++;
    if (digits && digits < line.n && (line.p[digits] == '.' || line.p[digits] == ')') &&
        (digits + 1 == line.n || line.p[digits + 1] == ' '))
        return digits + 1;
    return 0;
}

void markdown_line(struct markdown *out, const char *before, const struct json *block)
{
    struct buf text = {0};
    struct markdown to = {.buf = &text, .arena = out->arena};

    markdown_inline(&to, json_get(block, "content"));
    struct str line = str_trim(buf_str(&text));
    size_t opens = opens_block(line);

    markdown_indent(out);
    buf_puts(out->buf, before);
    if (opens) {
        buf_add(out->buf, str_cut(line, opens - 1));
        buf_byte(out->buf, '\\');
        line = str_from(line, opens - 1);
    }
    buf_add(out->buf, line);
    buf_byte(out->buf, '\n');
    buf_fini(&text);
}

void markdown_note(struct markdown *out, const char *name, const char *experiment_id,
                   const char *format, ...)
{
    va_list args;

    markdown_indent(out);
    buf_printf(out->buf, "> **%s: Experiment ", name);
    markdown_code(out, str_of(experiment_id && *experiment_id ? experiment_id : "none"));
    if (format) {
        va_start(args, format);
        const char *rest = arena_vprintf(out->arena, format, args);
        va_end(args);
        buf_puts(out->buf, " \xe2\x80\x94 ");
        markdown_text(out, str_of(rest));
    }
    buf_byte(out->buf, '\n');
}
