#include "reports/blocks/block.h"

struct props {
    const char *experimentId, *prompt, *analysisId;
};

static void markdown(struct markdown *out, const void *props, const struct json *block)
{
    const struct props *p = props;

    (void)block;
    markdown_note(out, "Gate Sweep**", p->experimentId, "prompt: \"%s\"",
                  p->prompt ? p->prompt : "none");
}

static const struct field fields[] = {
    F_STR(struct props, experimentId, .doc = "Of which run."),
    F_STR(struct props, prompt, .doc = "What is continued."),
    F_STR(struct props, analysisId, .doc = "A stored analysis."),
};

const struct block_kind block_sweep_analysis = {
    .type = "sweepAnalysis",
    .what = "The gates under a sweep of settings.",
    .props = SHAPE(struct props, fields),
    .markdown = markdown,
};
