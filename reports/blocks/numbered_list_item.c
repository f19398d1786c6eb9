#include "reports/blocks/block.h"

static void markdown(struct markdown *out, const void *props, const struct json *block)
{
    (void)props;
    markdown_line(out, "1. ", block);
}

const struct block_kind block_numbered_list_item = {
    .type = "numberedListItem",
    .what = "An item of a numbered list.",
    .inline_content = true,
    .markdown = markdown,
};
