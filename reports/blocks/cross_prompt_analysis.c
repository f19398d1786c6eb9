#include "reports/blocks/block.h"

struct props {
    const char *experimentId, *gatingMode, *analysisId;
};

static void markdown(struct markdown *out, const void *props, const struct json *block)
{
    const struct props *p = props;

    (void)block;
    markdown_note(out, "Cross-Prompt Analysis**", p->experimentId, "mode: %s",
                  p->gatingMode ? p->gatingMode : "none");
}

static const struct field fields[] = {
    F_STR(struct props, experimentId, .doc = "Of which run."),
    F_STR(struct props, gatingMode, .doc = "How the gates are set."),
    F_STR(struct props, analysisId, .doc = "A stored analysis."),
};

const struct block_kind block_cross_prompt_analysis = {
    .type = "crossPromptAnalysis",
    .what = "The gates across prompts.",
    .props = SHAPE(struct props, fields),
    .markdown = markdown,
};
