#include "reports/patterns/pattern.h"

void scaffold_overview(struct blocks *out, const char *experiment_id)
{
    blocks_heading(out, 2, "Experiment Overview");
    blocks_paragraph(out, "Language model training overview for experiment %s.", experiment_id);
    blocks_chart(out, "lm", "Losses/Total");
    blocks_chart(out, "lm", "Perplexity");
    blocks_metrics_table(out);
}

static bool build(const struct pattern_input *in, struct blocks *out, struct err *err)
{
    (void)err; /* a scaffold reads nothing that could fail */
    scaffold_overview(out, in->experiment_id);
    return true;
}

const struct pattern pattern_experiment_overview = {
    .name = "experiment-overview",
    .description = "Overview of a language model run: loss, perplexity and main figures.",
    .build = build,
};
