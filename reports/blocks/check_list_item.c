#include "reports/blocks/block.h"

struct props {
    bool checked;
};

static void markdown(struct markdown *out, const void *props, const struct json *block)
{
    markdown_line(out, ((const struct props *)props)->checked ? "- [x] " : "- [ ] ", block);
}

static const struct field fields[] = {
    F_BOOL(struct props, checked, .doc = "Is it done?"),
};

const struct block_kind block_check_list_item = {
    .type = "checkListItem",
    .what = "An item to tick off.",
    .props = SHAPE(struct props, fields),
    .inline_content = true,
    .markdown = markdown,
};
