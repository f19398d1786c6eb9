#include "reports/blocks/block.h"

struct props {
    const char *caption, *name;
};

/* Not a field of the shape: a picture written into its address is longer than a name may be. */
static bool check(const struct json *block, struct err *err)
{
    const struct json *url = json_get(json_get(block, "props"), "url");

    if (url && url->kind != JSON_STRING && url->kind != JSON_NULL)
        return err_set(err, ERR_ARGUMENT, "props.url: must be a string, not %s.",
                       json_kind_name(url));
    return true;
}

static void markdown(struct markdown *out, const void *props, const struct json *block)
{
    const struct props *p = props;
    struct str url = json_text(out->arena, json_get(json_get(block, "props"), "url"));

    markdown_indent(out);
    buf_puts(out->buf, "![");
    markdown_text(out, str_of(p->caption && *p->caption ? p->caption : p->name));
    buf_puts(out->buf, "](");
    markdown_address(out, url);
    buf_puts(out->buf, ")\n");
}

static const struct field fields[] = {
    F_STR(struct props, caption, .doc = "What it shows."),
    F_STR(struct props, name, .doc = "The file's name."),
};

const struct block_kind block_image = {
    .type = "image",
    .what = "A picture by its address.",
    .props = SHAPE(struct props, fields),
    .check = check,
    .markdown = markdown,
};
