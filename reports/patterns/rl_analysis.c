#include "reports/patterns/pattern.h"

void scaffold_rl(struct blocks *out, const char *experiment_id)
{
    blocks_heading(out, 2, "RL Gating Analysis");
    blocks_paragraph(out, "Reinforcement learning gating analysis for experiment %s.",
                     experiment_id);
    blocks_chart(out, "rl", "episode_rewards");
    blocks_chart(out, "rl", "policy_loss");
    blocks_chart(out, "rl", "gate_modulation");
    blocks_chart(out, "ablation", "mean_reward");
}

static bool build(const struct pattern_input *in, struct blocks *out, struct err *err)
{
    (void)err; /* a scaffold reads nothing that could fail */
    scaffold_rl(out, in->experiment_id);
    return true;
}

const struct pattern pattern_rl_analysis = {
    .name = "rl-analysis",
    .description = "RL gating: reward, policy loss, gate modulation and ablation.",
    .build = build,
};
