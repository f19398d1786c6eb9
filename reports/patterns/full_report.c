#include "reports/patterns/pattern.h"

static bool build(const struct pattern_input *in, struct blocks *out, struct err *err)
{
    (void)err; /* a scaffold reads nothing that could fail */
    blocks_heading(out, 1, "Full Report \xe2\x80\x94 %s", in->experiment_id);
    scaffold_overview(out, in->experiment_id);
    scaffold_rl(out, in->experiment_id);
    scaffold_trajectory(out, in->experiment_id);
    return true;
}

const struct pattern pattern_full_report = {
    .name = "full-report",
    .description = "Everything: overview, RL gating and gate trajectories.",
    .build = build,
};
