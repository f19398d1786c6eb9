#include "reports/patterns/pattern.h"

static const char prompt[] = "Once upon a time,";

void scaffold_trajectory(struct blocks *out, const char *experiment_id)
{
    blocks_heading(out, 2, "Gate Trajectory Analysis");
    blocks_paragraph(out, "Gate trajectory analysis for experiment %s.", experiment_id);
    blocks_trajectory(out, "fixed", prompt);
    blocks_cross_prompt(out, "fixed");
    blocks_sweep(out, prompt);
}

static bool build(const struct pattern_input *in, struct blocks *out, struct err *err)
{
    (void)err; /* a scaffold reads nothing that could fail */
    scaffold_trajectory(out, in->experiment_id);
    return true;
}

const struct pattern pattern_trajectory_report = {
    .name = "trajectory-report",
    .description = "Gate trajectories: one prompt, across prompts, and a sweep.",
    .build = build,
};
