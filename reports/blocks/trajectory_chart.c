#include "reports/blocks/block.h"

struct props {
    const char *experimentId, *gatingMode, *prompt, *analysisId;
};

static void markdown(struct markdown *out, const void *props, const struct json *block)
{
    const struct props *p = props;

    (void)block;
    markdown_note(out, "Gate Trajectory**", p->experimentId, "mode: %s, prompt: \"%s\"",
                  p->gatingMode ? p->gatingMode : "none", p->prompt ? p->prompt : "none");
}

static const struct field fields[] = {
    F_STR(struct props, experimentId, .doc = "Of which run."),
    F_STR(struct props, gatingMode, .doc = "How the gates are set."),
    F_STR(struct props, prompt, .doc = "What is continued."),
    F_STR(struct props, analysisId, .doc = "A stored analysis."),
};

const struct block_kind block_trajectory_chart = {
    .type = "trajectoryChart",
    .what = "The gates along a continuation.",
    .props = SHAPE(struct props, fields),
    .markdown = markdown,
};
