#include "analysis/roles.h"

#include <criterion/criterion.h>

Test(roles, a_name_has_its_role_only_if_it_is_exact)
{
    static const struct {
        const char *name;
        enum role role;
    } rows[] = {
        {"Losses/Total", ROLE_TRAIN_LOSS},
        {"train/loss", ROLE_TRAIN_LOSS},
        {"loss", ROLE_TRAIN_LOSS},
        {"Losses/Validation", ROLE_VALIDATION_LOSS},
        {"eval_loss", ROLE_VALIDATION_LOSS},
        {"train_loss_step", ROLE_TRAIN_LOSS}, /* Lightning */
        {"total_loss", ROLE_TRAIN_LOSS},      /* detectron2 */
        {"tok/sec", ROLE_THROUGHPUT},         /* nanochat */
        {"tps", ROLE_THROUGHPUT},             /* torchtitan */
        {"train/return", ROLE_REWARD},        /* Dreamer */
        {"Learning Rate", ROLE_LEARNING_RATE},
        {"lr", ROLE_LEARNING_RATE},
        {"Gradient Norm", ROLE_GRADIENT_NORM},
        {"grad_norm", ROLE_GRADIENT_NORM},
        {"episode_rewards", ROLE_REWARD},
        {"lagrange_multiplier", ROLE_MULTIPLIER},
        {"policy_loss", ROLE_POLICY_LOSS},
        {"loss/approxkl", ROLE_POLICY_KL}, /* procgen's loggers */
        {"eprewmean", ROLE_REWARD},
        {"loss/clipfrac", ROLE_CLIP_FRACTION},
        {"train/approx_kl", ROLE_POLICY_KL}, /* Stable-Baselines3 */
        {"train/clip_fraction", ROLE_CLIP_FRACTION},
        {"actor/ppo_kl", ROLE_POLICY_KL}, /* verl */
        {"critic/score/mean", ROLE_REWARD},
        {"response_length/clip_ratio", ROLE_TRUNCATED_SHARE},
        {"frac_reward_zero_std", ROLE_ZERO_VARIANCE}, /* TRL */
        {"completions/mean_length", ROLE_RESPONSE_LENGTH},
        {"kl", ROLE_REFERENCE_KL},
        {"env/all/by_group/frac_mixed", ROLE_MIXED_SHARE}, /* tinker-cookbook */
        {"optim/kl_sample_train_v1", ROLE_SAMPLER_KL},
        {"mismatch_kl/mean", ROLE_SAMPLER_KL}, /* prime-rl */
        {"test/score", ROLE_HELD_OUT_SCORE},
        {"metrics/mAP50-95(B)", ROLE_HELD_OUT_SCORE}, /* Ultralytics */
        {"lr/pg0", ROLE_LEARNING_RATE},
        {"lr-AdamW/pg1", ROLE_LEARNING_RATE}, /* Lightning's LearningRateMonitor */
        {"test_loss", ROLE_VALIDATION_LOSS},  /* timm, MAE */
        {"norm", ROLE_GRADIENT_NORM},         /* llm.c */
        {"it/s", ROLE_THROUGHPUT},
        {"eval/pass@1", ROLE_HELD_OUT_SCORE},
        {"validation/reward_mean", ROLE_HELD_OUT_SCORE},
        {"train/entropy_loss", ROLES}, /* minus the entropy: another thing */
        {"interval_loss", ROLES},      /* D-27 */
        {"eval_time", ROLES},
        {"losses/total", ROLES},
        {"my_loss", ROLES},
        {"loss ", ROLES},
        {"los", ROLES},
        {"", ROLES},
        {"a NaN", ROLES},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        cr_expect(role_of(str_of(rows[i].name)) == rows[i].role, "'%s': %d", rows[i].name,
                  role_of(str_of(rows[i].name)));
}

Test(roles, a_score_is_guessed_by_its_words_and_only_named)
{
    static const struct {
        const char *name;
        bool want;
    } rows[] = {
        {"eval/math500/accuracy", true},
        {"val-core/gsm8k/reward/mean@1", true},
        {"Test.Success", true},
        {"eval/accuracy", false}, /* has a role */
        {"eval/reward_std", false},
        {"train/accuracy", false},
        {"eval/runtime", false},
        {"evaluator/scoreboard", false},
        {"val-aux/gsm8k/score/max@8", false},
        {"", false},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        cr_expect(role_may_score(str_of(rows[i].name)) == rows[i].want, "'%s'", rows[i].name);
}

Test(roles, every_role_has_a_usual_name_that_is_its_own)
{
    for (int role = 0; role < ROLES; role++)
        cr_expect(role_of(str_of(role_usual_name((enum role)role))) == (enum role)role, "%d", role);
}

Test(roles, of_two_aliases_the_first_in_the_table_ranks_lower)
{
    cr_expect(role_rank(STR("Losses/Total")) < role_rank(STR("train/loss")));
    cr_expect(role_rank(STR("train/loss")) < role_rank(STR("no such name")));
}

Test(roles, which_way_is_better)
{
    cr_expect(role_direction(ROLE_TRAIN_LOSS) == DIRECTION_LOWER_IS_BETTER);
    cr_expect(role_direction(ROLE_REWARD) == DIRECTION_HIGHER_IS_BETTER);
    cr_expect(role_direction(ROLE_GATE) == DIRECTION_UNKNOWN);
    cr_expect(role_direction(ROLES) == DIRECTION_UNKNOWN);
}

Test(roles, another_spelling_of_an_alias_is_seen_at_the_second_look)
{
    static const struct {
        const char *name, *alias; /* NULL: the name has its role as it stands, or none */
        enum role role;
    } rows[] = {
        {"Train Loss", "train/loss", ROLE_TRAIN_LOSS},
        {"trainLoss", "train/loss", ROLE_TRAIN_LOSS},
        {"train.loss", "train/loss", ROLE_TRAIN_LOSS},
        {"Loss", "loss", ROLE_TRAIN_LOSS},
        {"loss_train", "Loss/train", ROLE_TRAIN_LOSS},
        {"Val_Loss", "val/loss", ROLE_VALIDATION_LOSS},
        {"Validation Loss", "validation/loss", ROLE_VALIDATION_LOSS},
        {"loss_val", "Loss/val", ROLE_VALIDATION_LOSS},
        {"Val Accuracy", "val/accuracy", ROLE_VALIDATION_ACCURACY},
        {"train_loss", NULL, ROLE_TRAIN_LOSS},
        {"loss_v", NULL, ROLES}, /* of "Loss/v", the critic's: or of a validation */
        {"KL", NULL, ROLES},
        {"R", NULL, ROLES},
        {"my loss", NULL, ROLES},
        {"losses", NULL, ROLES},
        {"_/", NULL, ROLES},
        {"", NULL, ROLES},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *alias;
        enum role role = role_like(str_of(rows[i].name), &alias);

        cr_expect(role == rows[i].role, "'%s': %d", rows[i].name, role);
        cr_expect(rows[i].alias ? alias && strcmp(alias, rows[i].alias) == 0 : !alias, "'%s': %s",
                  rows[i].name, alias ? alias : "none");
    }
}
