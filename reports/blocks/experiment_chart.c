#include "reports/blocks/block.h"

struct props {
    const char *experimentId, *chartMode, *metricKey, *rlMetricKey, *ablationMetricKey;
};

static const char *const modes[] = {"lm", "rl", "ablation", NULL};

static void markdown(struct markdown *out, const void *props, const struct json *block)
{
    const struct props *p = props;
    const char *mode = p->chartMode ? p->chartMode : "lm";
    bool rl = strcmp(mode, "rl") == 0, ablation = strcmp(mode, "ablation") == 0;
    const char *key = rl ? p->rlMetricKey : ablation ? p->ablationMetricKey : p->metricKey;

    (void)block;
    markdown_note(out,
                  rl         ? "Chart** (RL)"
                  : ablation ? "Chart** (Ablation)"
                             : "Chart** (LM)",
                  p->experimentId, "%s", key && *key ? key : "none");
}

static const struct field fields[] = {
    F_STR(struct props, experimentId, .doc = "Of which run."),
    F_STR(struct props, chartMode, .doc = "Where the metric comes from.", .one_of = modes),
    F_STR(struct props, metricKey, .doc = "For lm."),
    F_STR(struct props, rlMetricKey, .doc = "For rl."),
    F_STR(struct props, ablationMetricKey, .doc = "For ablation."),
};

const struct block_kind block_experiment_chart = {
    .type = "experimentChart",
    .what = "One metric of a run.",
    .props = SHAPE(struct props, fields),
    .markdown = markdown,
};
