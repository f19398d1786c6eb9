#include "reports/blocks/block.h"

static void markdown(struct markdown *out, const void *props, const struct json *block)
{
    (void)props;
    markdown_line(out, "- ", block);
}

const struct block_kind block_bullet_list_item = {
    .type = "bulletListItem",
    .what = "An item of a list.",
    .inline_content = true,
    .markdown = markdown,
};
