#include "reports/blocks/block.h"

static void markdown(struct markdown *out, const void *props, const struct json *block)
{
    (void)props;
    markdown_line(out, "> ", block);
}

const struct block_kind block_quote = {
    .type = "quote",
    .what = "A quotation.",
    .inline_content = true,
    .markdown = markdown,
};
