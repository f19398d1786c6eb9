#include "reports/blocks/block.h"

struct props {
    int64_t level;
};

/* The report's title has the one `#`; Markdown knows six. */
static void markdown(struct markdown *out, const void *props, const struct json *block)
{
    int level = (int)((const struct props *)props)->level;

    markdown_line(out, &"###### "[level < 5 ? 5 - level : 0], block);
}

static const struct field fields[] = {
    F_INT(struct props, level, .doc = "1 is the largest.", .has_min = true, .min = 1,
          .has_max = true, .max = 6, .has_def = true, .def = 1),
};

const struct block_kind block_heading = {
    .type = "heading",
    .what = "A heading.",
    .props = SHAPE(struct props, fields),
    .inline_content = true,
    .markdown = markdown,
};
