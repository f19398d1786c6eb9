#include "reports/blocks/block.h"

struct props {
    const char *experimentId;
};

static void markdown(struct markdown *out, const void *props, const struct json *block)
{
    const struct props *p = props;

    (void)block;
    markdown_note(out, "Metrics Table**", p->experimentId, NULL);
}

static const struct field fields[] = {
    F_STR(struct props, experimentId, .doc = "Of which run."),
};

const struct block_kind block_metrics_table = {
    .type = "metricsTable",
    .what = "A run's main figures.",
    .props = SHAPE(struct props, fields),
    .markdown = markdown,
};
