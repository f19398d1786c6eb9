#include "analysis/detectors/detector.h"
#include "tests/support/curves.h"
#include "tests/support/made.h"
#include "tests/support/tmpdir.h"

#include <criterion/criterion.h>

extern const struct detector detector_ablation, detector_reference_values;

static struct tmpdir dir;
static struct made made;

static void set_up(void)
{
    tmpdir_make(&dir);
    made_init(&made, EXPERIMENT_RL);
    made.experiment.dir = open(dir.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    made.experiment.has_ablation = true;
}

static void tear_down(void)
{
    close(made.experiment.dir);
    made_fini(&made);
    tmpdir_remove(&dir);
}

TestSuite(ablation, .init = set_up, .fini = tear_down);

static const struct finding *judged(const char *text)
{
    static const struct setting episodes[] = {{"RL_EVAL_EPISODES", 50}};

    tmpdir_file(&dir, "ablation_results.json", text);
    made.found.list.n = 0;
    made_settings(&made, episodes, 1);
    detector_ablation.run(&made.subject, &made.found);
    cr_assert(made.found.list.n == 1);
    return &made.found.list.v[0];
}

/* -.015 with deviations of .05 over 50 episodes is t = -1.485: within noise. */
Test(ablation, T_56_a_difference_within_noise_is_no_claim)
{
    const struct finding *f = judged("{\"learned\":{\"mean_reward\":0.182,\"std_reward\":0.05},"
                                     "\"fixed\":{\"mean_reward\":0.197,\"std_reward\":0.05}}");

    cr_expect(f->status == FINDING_INCONCLUSIVE && f->severity == SEVERITY_INFO, "%s", f->sentence);
    cr_expect(fabs(made_value(f, "learned_minus_fixed") + .015) < 1e-12);
    cr_expect(fabs(made_value(f, "welch_t_fixed") + 1.485) < 5e-4);
    cr_expect(f->evidence.p > .05 && f->evidence.q >= f->evidence.p);
}

/* Vector 20, with stored deviations that are .03 and .04 once those of a sample of 50. */
Test(ablation, without_a_count_of_episodes_it_says_how_many_would_show_it)
{
    const double as_stored = sqrt(49.0 / 50);
    const char *text = arena_printf(&made.arena,
                                    "{\"learned\":{\"mean_reward\":0.197,\"std_reward\":%.17g},"
                                    "\"fixed\":{\"mean_reward\":0.182,\"std_reward\":%.17g}}",
                                    .03 * as_stored, .04 * as_stored);

    cr_expect(isnan(made_value(judged(text), "episodes_that_would_show_it")), "50 are configured");
    made.found.list.n = 0;
    made_settings(&made, NULL, 0);
    detector_ablation.run(&made.subject, &made.found);
    const struct finding *f = &made.found.list.v[0];
    cr_expect(made_value(f, "episodes_that_would_show_it") == 45, "%s", f->sentence);
    cr_expect(near_to(made_value(f, "difference_in_deviations"), 0.4242641, 1e-6));
    bool said = false;
    for (size_t k = 0; k < f->caveats.n; k++)
        said |= strstr(f->caveats.v[k], "default of 50 is assumed") != NULL;
    cr_expect(said);
}

Test(ablation, worse_is_found_only_beyond_what_the_same_policy_twice_differs_by)
{
    static const struct {
        const char *what, *neutral, *learned;
        enum finding_status want;
        double better;
    } rows[] = {
        {"better than all", "0.196", "0.230", FINDING_NOT_FOUND, 3},
        {"better than random", "0.196", "0.198", FINDING_NOT_FOUND, 1},
        {"worse than fixed", "0.196", "0.170", FINDING_FOUND, 1},
        {"the floor is wider", "0.170", "0.175", FINDING_NOT_FOUND, 1},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct finding *f =
            judged(arena_printf(&made.arena,
                                "{\"random\":{\"mean_reward\":0.146,\"std_reward\":0.02},"
                                "\"fixed\":{\"mean_reward\":0.197,\"std_reward\":0.02,"
                                "\"mean_diversity\":0.734},"
                                "\"neutral_gating\":{\"mean_reward\":%s,\"std_reward\":0.02,"
                                "\"mean_diversity\":0.719},"
                                "\"learned\":{\"mean_reward\":%s,\"std_reward\":0.02}}",
                                rows[i].neutral, rows[i].learned));

        cr_expect(f->status == rows[i].want && f->confidence <= .6, "%s: %s", rows[i].what,
                  f->sentence);
        cr_expect(made_value(f, "better_than") == rows[i].better, "%s: better than %g",
                  rows[i].what, made_value(f, "better_than"));
        double floor = fabs(.197 - strtod(rows[i].neutral, NULL));
        cr_expect(near_to(made_value(f, "same_policy_twice_differs_by"), floor, 1e-9));
        cr_expect(near_to(made_value(f, "same_policy_twice_diversity_differs_by"), .015, 1e-9));
        bool said = false;
        for (size_t k = 0; k < f->caveats.n; k++)
            said |= strstr(f->caveats.v[k], "nothing about training it again") != NULL;
        cr_expect(said, "%s", rows[i].what);
    }
}

Test(ablation, what_cannot_be_judged_is_said)
{
    static const struct {
        const char *text;
        enum finding_status want;
        const char *says;
    } rows[] = {
        {"", FINDING_NOT_APPLICABLE, "is empty"},
        {"{\"fixed\":{\"mean_reward\":1}}", FINDING_INSUFFICIENT_DATA, "no learned policy"},
        {"{\"learned\":{\"mean_reward\":1}}", FINDING_INSUFFICIENT_DATA, "no policy beside"},
        {"{\"learned\":{\"mean_reward\":1},\"fixed\":{\"mean_reward\":2}}",
         FINDING_INSUFFICIENT_DATA, "missing"},
        {"{\"learned\":{\"mean_reward\":NaN},\"fixed\":{\"mean_reward\":2}}",
         FINDING_INSUFFICIENT_DATA, "no learned policy"},
        {"[1,2]", FINDING_INSUFFICIENT_DATA, "no learned policy"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct finding *f = judged(rows[i].text);
        cr_expect(f->status == rows[i].want && strstr(f->sentence, rows[i].says), "%zu: %s", i,
                  f->sentence);
    }
    made.experiment.has_ablation = false;
    cr_expect(judged("{}")->status == FINDING_NOT_APPLICABLE);
}

/* Beside ADR 0003 (learned .182 and .677) and 0005 (.198 and .438); a gate at .5, entropy to -.7.
 */
Test(ablation, a_gating_run_is_set_beside_the_recorded_ones)
{
    double gate[20], entropy[20];

    for (size_t i = 0; i < 20; i++) {
        gate[i] = i ? .5 : .9;
        entropy[i] = i == 1 ? -.7 : -.1;
    }
    tmpdir_file(&dir, "ablation_results.json",
                "{\"learned\":{\"mean_reward\":0.2,\"mean_diversity\":0.5}}");
    made_series(&made, ROLE_GATE, NULL, gate, 20);
    made_series(&made, ROLE_ENTROPY, NULL, entropy, 20);
    detector_reference_values.run(&made.subject, &made.found);
    const struct finding *f = made_find(&made.found, "reference_values");
    cr_expect(f->status == FINDING_FOUND && f->severity == SEVERITY_INFO);
    cr_expect(made_value(f, "gate") == .5 && made_value(f, "lowest_entropy") == -.7);
    cr_expect(near_to(made_value(f, "learned_reward_minus_ADR 0003"), .018, 1e-9));
    cr_expect(near_to(made_value(f, "learned_diversity_minus_ADR 0005"), .062, 1e-9));
    cr_expect(strstr(f->sentence, "lowest_entropy -0.7 (-0.678, ADR 0003)") != NULL, "%s",
              f->sentence);
    cr_expect(strstr(f->sentence, "fixed") == NULL, "it was not studied: %s", f->sentence);
}

Test(ablation, nineteen_gates_are_too_few_to_be_set_beside_anything)
{
    double gate[19];

    for (size_t i = 0; i < 19; i++)
        gate[i] = .5;
    made.experiment.has_ablation = false;
    made_series(&made, ROLE_GATE, NULL, gate, 19);
    detector_reference_values.run(&made.subject, &made.found);
    const struct finding *f = made_find(&made.found, "reference_values");
    cr_expect(f->status == FINDING_INSUFFICIENT_DATA && strstr(f->sentence, "19 finite points"),
              "%s", f->sentence);
}

Test(ablation, a_study_of_other_policies_is_set_beside_nothing)
{
    tmpdir_file(&dir, "ablation_results.json", "{\"mine\":{\"mean_reward\":0.2}}");
    detector_reference_values.run(&made.subject, &made.found);
    cr_expect(made.found.list.n == 0);
}

Test(ablation, a_run_without_gate_or_study_has_nothing_to_be_set_beside)
{
    made.experiment.has_ablation = false;
    detector_reference_values.run(&made.subject, &made.found);
    cr_expect(made.found.list.n == 0);
}
