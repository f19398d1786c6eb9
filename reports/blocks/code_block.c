#include "reports/blocks/block.h"

struct props {
    const char *language;
};

/* Longer than any run of backticks inside. */
static size_t fence_length(struct str code)
{
    size_t longest = 2, run = 0;

    for (size_t i = 0; i < code.n; i++) {
        run = code.p[i] == '`' ? run + 1 : 0;
        if (run > longest)
            longest = run;
    }
    return longest + 1;
}

static void fence(struct markdown *out, size_t n)
{
    markdown_indent(out);
    while (n-- > 0)
        buf_byte(out->buf, '`');
}

static void markdown(struct markdown *out, const void *props, const struct json *block)
{
    const char *language = ((const struct props *)props)->language;
    struct buf code = {0};
    struct str line;

    inline_plain(json_get(block, "content"), out->arena, &code);
    size_t n = fence_length(buf_str(&code));
    fence(out, n);
    for (const char *c = language ? language : ""; *c; c++) {
        if (*c != '`' && (unsigned char)*c > ' ')
            buf_byte(out->buf, *c);
    }
    buf_byte(out->buf, '\n');
    for (struct str rest = buf_str(&code); str_next(&rest, '\n', &line);) {
        markdown_indent(out);
        buf_add(out->buf, line);
        buf_byte(out->buf, '\n');
    }
    fence(out, n);
    buf_byte(out->buf, '\n');
    buf_fini(&code);
}

static const struct field fields[] = {
    F_STR(struct props, language, .doc = "What it is written in."),
};

const struct block_kind block_code_block = {
    .type = "codeBlock",
    .what = "Text that is shown as it is.",
    .props = SHAPE(struct props, fields),
    .inline_content = true,
    .markdown = markdown,
};
