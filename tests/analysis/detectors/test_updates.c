#include "analysis/detectors/detector.h"
#include "analysis/stats/moments.h"
#include "analysis/stats/policy.h"
#include "tests/support/curves.h"
#include "tests/support/made.h"

#include <criterion/criterion.h>

extern const struct detector detector_policy_update, detector_hacking, detector_held_out,
    detector_token_entropy, detector_value_loss, detector_early_plateau,
    detector_explained_variance;

enum { N = 240 };

/* From a to b until the share `until` of the run, then on to c; noise of the given width. */
struct course {
    double a, b, c, until, scatter;
};

static void follow(const struct course *course, double *x, size_t n, uint64_t seed)
{
    struct noise noise = {seed};

    for (size_t i = 0; i < n; i++) {
        double u = (double)i / (double)(n - 1), t = course->until;

        x[i] = (u < t ? course->a + (course->b - course->a) * u / t
                      : course->b + (course->c - course->b) * (u - t) / (1 - t)) +
               course->scatter * noise_next(&noise);
    }
}

static void put(struct made *made, enum role role, const struct course *course, size_t n)
{
    double x[N];

    follow(course, x, n, (uint64_t)role + 1);
    made_series(made, role, NULL, x, n);
}

Test(policy_update, sizes_of_updates)
{
    static const struct {
        const char *what, *class;
        double kl, clipped, sampler;
        enum finding_status want;
        enum severity severity;
    } rows[] = {
        {"usual KL", "policy_kl", .01, .15, .001, FINDING_NOT_FOUND, SEVERITY_INFO},
        {"large KL", "policy_kl", .03, .15, .001, FINDING_FOUND, SEVERITY_LOW},
        {"very large KL", "policy_kl", .08, .15, .001, FINDING_FOUND, SEVERITY_MEDIUM},
        {"usual clipping", "clip_fraction", .01, .15, .001, FINDING_NOT_FOUND, SEVERITY_INFO},
        {"much clipping", "clip_fraction", .01, .4, .001, FINDING_FOUND, SEVERITY_MEDIUM},
        {"hardly moves", "clip_fraction", .001, .001, .001, FINDING_FOUND, SEVERITY_LOW},
        {"no clipping, but a KL", "clip_fraction", .01, .001, .001, FINDING_NOT_FOUND,
         SEVERITY_INFO},
        {"sampler agrees", "sampler_kl", .01, .15, .001, FINDING_NOT_FOUND, SEVERITY_INFO},
        {"sampler differs", "sampler_kl", .01, .15, .03, FINDING_FOUND, SEVERITY_MEDIUM},
        {"sampler differs, negative", "sampler_kl", .01, .15, -.03, FINDING_FOUND, SEVERITY_MEDIUM},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const double level[] = {rows[i].kl, rows[i].clipped, rows[i].sampler};
        static const enum role roles[] = {ROLE_POLICY_KL, ROLE_CLIP_FRACTION, ROLE_SAMPLER_KL};
        struct made made;

        made_init(&made, EXPERIMENT_RL);
        for (size_t k = 0; k < 3; k++)
            put(&made, roles[k],
                &(struct course){level[k], level[k], level[k], .5, .2 * fabs(level[k])}, 100);
        detector_policy_update.run(&made.subject, &made.found);
        const struct finding *f = made_find(&made.found, rows[i].class);
        cr_expect(f->status == rows[i].want && f->severity == rows[i].severity &&
                      f->confidence <= .6,
                  "%s: %s", rows[i].what, f->sentence);
        cr_expect(near_to(
            made_value(made_find(&made.found, "policy_kl"), "median"),
            median_of(made.subject.role[ROLE_POLICY_KL].clean.active.value, 100, &made.arena),
            1e-12));
        made_fini(&made);
    }
}

/* The KL goes with the square of the rate: .08 against .02 asks for half of the 4e-4 logged. */
Test(policy_update, a_logged_rate_is_what_the_advice_is_from)
{
    static const struct {
        const char *name, *value_from;
    } rows[] = {{"train/learning_rate", "0.0004"}, {"actor/lr", NULL}};

    for (size_t i = 0; i < 2; i++) {
        struct made made;

        made_init(&made, EXPERIMENT_RL);
        put(&made, ROLE_POLICY_KL, &(struct course){.08, .08, .08, .5, 0}, 100);
        put(&made, ROLE_LEARNING_RATE, &(struct course){4e-4, 4e-4, 4e-4, .5, 0}, 100);
        put(&made, ROLE_EXPLAINED_VARIANCE, &(struct course){-.5, -.5, -.5, .5, .1}, 100);
        made.subject.role[ROLE_LEARNING_RATE].name = str_of(rows[i].name);
        detector_policy_update.run(&made.subject, &made.found);
        detector_explained_variance.run(&made.subject, &made.found);
        const struct finding *f = made_find(&made.found, "policy_kl");
        cr_assert(f->advice && f->advice->from, "%s", f->sentence);
        cr_expect_str_eq(f->advice->from, "0.0004");
        cr_expect_str_eq(f->advice->to, "0.0002");
        f = made_find(&made.found, "explained_variance");
        cr_assert(f->advice, "%s", f->sentence);
        if (rows[i].value_from)
            cr_expect_str_eq(f->advice->from, rows[i].value_from);
        else
            cr_expect(!f->advice->from, "the actor's rate is not that of the critic");
        made_fini(&made);
    }
}

/* Two thirds of the run as usual, the last third not: its median is the last quarter's, too. */
Test(policy_update, the_last_quarter_counts_as_well)
{
    static const struct {
        enum role role;
        const char *class, *says;
        double usual, late;
        enum severity severity;
    } rows[] = {
        {ROLE_POLICY_KL, "policy_kl", "0.15 over the last quarter", .01, .15, SEVERITY_MEDIUM},
        {ROLE_CLIP_FRACTION, "clip_fraction", "1 over the last quarter", .1, 1, SEVERITY_MEDIUM},
        {ROLE_SAMPLER_KL, "sampler_kl", "0.03 over the last quarter", .001, .03, SEVERITY_MEDIUM},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct made made;
        double x[90];

        made_init(&made, EXPERIMENT_RL);
        for (size_t k = 0; k < 90; k++)
            x[k] = k < 60 ? rows[i].usual : rows[i].late;
        made_series(&made, rows[i].role, NULL, x, 90);
        detector_policy_update.run(&made.subject, &made.found);
        const struct finding *f = made_find(&made.found, rows[i].class);
        cr_expect(f->status == FINDING_FOUND && f->severity == rows[i].severity, "%s", f->sentence);
        cr_expect(strstr(f->sentence, rows[i].says) != NULL, "%s", f->sentence);
        cr_expect(made_value(f, "median") == rows[i].usual);
        made_fini(&made);
    }
}

Test(hacking, only_against_a_held_out_score)
{
    static const struct course up = {0, .4, .8, .5, .05}, flat = {.3, .3, .3, .5, .05},
                               turns = {0, .5, .1, .4, .03}, longer = {200, 500, 900, .5, 20},
                               same = {200, 200, 200, .5, 20};
    static const struct {
        const char *what;
        const struct course *reward, *score, *length;
        size_t scores;
        enum finding_status length_hacking, reward_hacking;
    } rows[] = {
        {"all rise", &up, &up, &longer, 30, FINDING_NOT_FOUND, FINDING_NOT_FOUND},
        {"longer, score flat", &up, &flat, &longer, 30, FINDING_FOUND, FINDING_NOT_FOUND},
        {"score turns", &up, &turns, &same, 30, FINDING_NOT_FOUND, FINDING_FOUND},
        {"score turns, reward flat", &flat, &turns, &same, 30, FINDING_NOT_FOUND,
         FINDING_NOT_FOUND},
        {"no score", &up, &flat, &longer, 0, FINDING_INCONCLUSIVE, FINDING_NOT_APPLICABLE},
        {"five scores", &up, &flat, &longer, 5, FINDING_INCONCLUSIVE, FINDING_INSUFFICIENT_DATA},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct made made;
        double score[N];
        int64_t steps[N];

        made_init(&made, EXPERIMENT_RL);
        put(&made, ROLE_REWARD, rows[i].reward, N);
        put(&made, ROLE_RESPONSE_LENGTH, rows[i].length, N);
        follow(rows[i].score, score, 30, 5);
        for (size_t k = 0; k < 30; k++)
            steps[k] = 8 * (int64_t)(k + 1);
        made_series(&made, ROLE_HELD_OUT_SCORE, steps, score, rows[i].scores);
        detector_hacking.run(&made.subject, &made.found);
        const struct finding *f = made_find(&made.found, "length_hacking");
        cr_expect(f->status == rows[i].length_hacking && f->confidence <= .6, "%s: %s",
                  rows[i].what, f->sentence);
        f = made_find(&made.found, "reward_hacking");
        cr_expect(f->status == rows[i].reward_hacking && f->confidence <= .6, "%s: %s",
                  rows[i].what, f->sentence);
        if (f->status == FINDING_FOUND) /* the peak is at .4 of the run, scores every 8 steps */
            cr_expect(llabs(f->evidence.from - 96) <= 24, "from %lld", (long long)f->evidence.from);
        made_fini(&made);
    }
}

/* Vector 46 as a finding: its line, its ceiling, and the headroom. */
Test(token_entropy, reward_that_went_with_entropy)
{
    struct made made;
    double h[100], r[100];

    made_init(&made, EXPERIMENT_RL);
    for (size_t i = 0; i < 100; i++) {
        h[i] = 1.2 * exp(-(double)i / 40); /* to .08 of the start: the ceiling was nearly seen */
        r[i] = .8 - .15 * exp(h[i]);
    }
    made_series(&made, ROLE_ENTROPY, NULL, h, 100);
    made_series(&made, ROLE_REWARD, NULL, r, 100);
    made.subject.role[ROLE_ENTROPY].clean.smoothed = false;
    detector_token_entropy.run(&made.subject, &made.found);
    const struct finding *f = made_find(&made.found, "entropy_reward_line");
    cr_expect(f->status == FINDING_FOUND && f->severity == SEVERITY_INFO);
    cr_expect(near_to(made_value(f, "a"), .15, 1e-6) && near_to(made_value(f, "b"), .8, 1e-6) &&
              near_to(made_value(f, "ceiling"), .65, 1e-6));
    cr_expect(fabs(made_value(f, "headroom") - (.65 - median_of(r + 95, 5, &made.arena))) < 1e-9);
    made_fini(&made);
}

Test(token_entropy, gone_spent_early_or_neither)
{
    static const struct {
        const char *what;
        struct course entropy, reward;
        enum finding_status want;
        enum severity severity;
    } rows[] = {
        {"holds", {2.7, 2, 2, .1, .05}, {0, 5, 10, .5, 1}, FINDING_NOT_FOUND, SEVERITY_INFO},
        {"gone", {2.7, 1.5, .1, .5, .02}, {0, 5, 10, .5, 1}, FINDING_FOUND, SEVERITY_MEDIUM},
        {"gone, reward flat",
         {2.7, 1.5, .1, .5, .02},
         {0, 10, 10, .3, .5},
         FINDING_FOUND,
         SEVERITY_HIGH},
        {"spent early", {2.7, .6, .5, .08, .02}, {0, 5, 10, .5, 1}, FINDING_FOUND, SEVERITY_MEDIUM},
        {"differential",
         {1, -.5, -1, .5, .02},
         {0, 5, 10, .5, 1},
         FINDING_NOT_APPLICABLE,
         SEVERITY_INFO},
        {"of 40 joints",
         {41, 43, 45, .5, .2},
         {0, 5, 10, .5, 1},
         FINDING_NOT_APPLICABLE,
         SEVERITY_INFO},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct made made;

        made_init(&made, EXPERIMENT_RL);
        put(&made, ROLE_ENTROPY, &rows[i].entropy, N);
        put(&made, ROLE_REWARD, &rows[i].reward, N);
        detector_token_entropy.run(&made.subject, &made.found);
        const struct finding *f = made_find(&made.found, "entropy_collapse");
        cr_expect(f->status == rows[i].want && f->severity == rows[i].severity, "%s: %s",
                  rows[i].what, f->sentence);
        made_fini(&made);
    }
}

Test(value_loss, rising_while_the_reward_does_not)
{
    static const struct {
        const char *what;
        struct course loss, reward;
        size_t rewards;
        enum finding_status want;
        enum severity severity;
    } rows[] = {
        {"falls", {2, 1, .5, .5, .1}, {0, 5, 10, .5, 1}, N, FINDING_NOT_FOUND, SEVERITY_INFO},
        {"rises with it",
         {1, 2, 3, .5, .1},
         {0, 5, 10, .5, 1},
         N,
         FINDING_NOT_FOUND,
         SEVERITY_INFO},
        {"rises, reward falls",
         {1, 2, 3, .5, .1},
         {0, 10, 2, .4, 1},
         N,
         FINDING_FOUND,
         SEVERITY_MEDIUM},
        {"rises, reward level",
         {1, 2, 3, .5, .1},
         {0, 10, 10, .3, 1},
         N,
         FINDING_FOUND,
         SEVERITY_LOW},
        {"rises by a fifth",
         {1, 1.1, 1.2, .5, .02},
         {5, 5, 5, .5, 1},
         N,
         FINDING_NOT_FOUND,
         SEVERITY_INFO},
        {"reward not logged",
         {1, 2, 3, .5, .1},
         {0, 0, 0, .5, 0},
         0,
         FINDING_INCONCLUSIVE,
         SEVERITY_INFO},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct made made;

        made_init(&made, EXPERIMENT_RL);
        put(&made, ROLE_VALUE_LOSS, &rows[i].loss, N);
        put(&made, ROLE_REWARD, &rows[i].reward, rows[i].rewards);
        detector_value_loss.run(&made.subject, &made.found);
        const struct finding *f = made_find(&made.found, "value_loss_rising");
        cr_expect(f->status == rows[i].want && f->severity == rows[i].severity, "%s: %s",
                  rows[i].what, f->sentence);
        made_fini(&made);
    }
}

/* It fell from 30 to 2, and is at 42 for the last third, as the reward collapsed. */
Test(value_loss, a_level_it_rose_to_is_a_rise)
{
    struct made made;
    double loss[N], reward[N];
    struct noise noise = NOISE_START;

    made_init(&made, EXPERIMENT_RL);
    for (size_t i = 0; i < N; i++) {
        bool late = 3 * i >= 2 * (size_t)N;

        loss[i] = 30 * exp(-6 * (double)i / N) + 2 + (late ? 40 : 0);
        reward[i] = (late ? 40 : 200 * (1 - exp(-6 * (double)i / N))) + 20 * noise_next(&noise);
    }
    made_series(&made, ROLE_VALUE_LOSS, NULL, loss, N);
    made_series(&made, ROLE_REWARD, NULL, reward, N);
    detector_value_loss.run(&made.subject, &made.found);
    const struct finding *f = made_find(&made.found, "value_loss_rising");
    cr_expect(f->status == FINDING_FOUND && f->severity == SEVERITY_MEDIUM, "%s", f->sentence);
    cr_expect(fabs(made_value(f, "last_level") - 42) < .2, "%s", f->sentence);
    cr_expect(strstr(f->sentence, "the reward fell back"), "%s", f->sentence);
    made_fini(&made);
}

/* Waves about a rise: it grew, and plain Mann-Kendall sees it, but MK-AR1 does not. */
Test(value_loss, a_trend_within_its_noise_is_not_found)
{
    static const struct course level = {0, 10, 10, .3, 1};
    struct made made;
    double x[N];
    struct noise noise = NOISE_START;

    made_init(&made, EXPERIMENT_RL);
    for (size_t i = 0; i < N; i++)
        x[i] = 1.5 + 2 * (double)i / N + .7 * sin((double)i / N * 14) + .05 * noise_next(&noise);
    made_series(&made, ROLE_VALUE_LOSS, NULL, x, N);
    put(&made, ROLE_REWARD, &level, N);
    detector_value_loss.run(&made.subject, &made.found);
    const struct finding *f = made_find(&made.found, "value_loss_rising");
    cr_expect(f->status == FINDING_INCONCLUSIVE && made_value(f, "mann_kendall_ar1") < 1.96, "%s",
              f->sentence);
    cr_expect(f->caveats.n > 0 && strstr(f->sentence, "the reward rose"), "%s", f->sentence);
    cr_expect(!strstr(f->sentence, "does not rise"), "the reward rose: %s", f->sentence);
    made_fini(&made);
}

Test(early_plateau, stopped_before_it_had_converged)
{
    static const struct course level = {0, 10, 10, .3, 1}, rising = {0, 5, 10, .5, 1};
    static const struct {
        const char *what;
        const struct course *reward;
        double entropy_end, variance;
        enum finding_status want;
    } rows[] = {
        {"entropy left, critic poor", &level, 2, .2, FINDING_FOUND},
        {"entropy spent", &level, .5, .2, FINDING_NOT_FOUND},
        {"critic good", &level, 2, .9, FINDING_NOT_FOUND},
        {"no critic logged", &level, 2, (double)NAN, FINDING_INCONCLUSIVE},
        {"still rising", &rising, 2, .2, FINDING_NOT_FOUND},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        double v = rows[i].variance;
        struct made made;

        made_init(&made, EXPERIMENT_RL);
        put(&made, ROLE_REWARD, rows[i].reward, N);
        put(&made, ROLE_ENTROPY, &(struct course){2.5, 2.5, rows[i].entropy_end, .2, .05}, N);
        put(&made, ROLE_EXPLAINED_VARIANCE, &(struct course){v, v, v, .5, .05}, isnan(v) ? 0 : N);
        detector_early_plateau.run(&made.subject, &made.found);
        const struct finding *f = made_find(&made.found, "plateau_before_convergence");
        cr_expect(f->status == rows[i].want && f->confidence <= .6, "%s: %s", rows[i].what,
                  f->sentence);
        made_fini(&made);
    }
}

Test(explained_variance, of_returns_that_do_not_vary)
{
    static const struct {
        const char *what;
        double variance, scatter, reward_scatter;
        enum finding_status want;
    } rows[] = {
        {"good critic", .9, .05, 1, FINDING_NOT_FOUND},
        {"perfect critic, moving reward", .998, .001, 1, FINDING_NOT_FOUND},
        {"perfect critic, constant reward", .998, .001, 0, FINDING_FOUND},
        {"exact zeros", 0, 0, 1, FINDING_FOUND},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        double v = rows[i].variance;
        struct made made;

        made_init(&made, EXPERIMENT_RL);
        put(&made, ROLE_EXPLAINED_VARIANCE, &(struct course){v, v, v, .5, rows[i].scatter}, 100);
        put(&made, ROLE_REWARD, &(struct course){5, 5, 5, .5, rows[i].reward_scatter}, 100);
        detector_explained_variance.run(&made.subject, &made.found);
        const struct finding *f = made_find(&made.found, "explained_variance_degenerate");
        cr_expect(f->status == rows[i].want && f->severity <= SEVERITY_LOW, "%s: %s", rows[i].what,
                  f->sentence);
        made_fini(&made);
    }
}

/* 60 evaluations at steps 1..60: up to 1 at the 20th, down to 0 at the 60th. */
Test(held_out, a_score_that_falls_from_its_peak_names_the_checkpoint)
{
    double x[60];
    struct made made;

    made_init(&made, EXPERIMENT_RL);
    for (int i = 0; i < 60; i++)
        x[i] = i < 20 ? i / 19.0 : (59 - i) / 40.0;
    made_series(&made, ROLE_HELD_OUT_SCORE, NULL, x, 60);
    detector_held_out.run(&made.subject, &made.found);
    const struct finding *f = made_find(&made.found, "held_out_score");
    cr_expect(f->status == FINDING_FOUND && f->severity == SEVERITY_LOW, "%s", f->sentence);
    /* 1, .975, .95 from step 20 on; one earlier it is .947, 1, .975 */
    cr_expect(made_value(f, "best_at") == 21, "%g", made_value(f, "best_at"));
    cr_expect(near_to(made_value(f, "best_level"), .975, 1e-12));
    cr_expect(near_to(made_value(f, "last_level"), .025, 1e-12));
    cr_expect(f->evidence.from == 21);
    made_fini(&made);
}

/* Twelve scores down from .5 to .24 after eight: too short for the rule of the reward. */
Test(held_out, says_the_same_of_a_fall_as_hacking_does)
{
    static const struct course up = {0, .4, .8, .5, .05};
    struct made made;
    double x[20];
    int64_t steps[20];

    made_init(&made, EXPERIMENT_RL);
    for (int i = 0; i < 20; i++) {
        x[i] = i < 8 ? .36 + .02 * i : .5 - .26 * (i - 7) / 12.0;
        steps[i] = 12 * (i + 1);
    }
    put(&made, ROLE_REWARD, &up, N);
    made_series(&made, ROLE_HELD_OUT_SCORE, steps, x, 20);
    detector_held_out.run(&made.subject, &made.found);
    detector_hacking.run(&made.subject, &made.found);
    cr_expect(made_find(&made.found, "reward_hacking")->status == FINDING_FOUND);
    const struct finding *f = made_find(&made.found, "held_out_score");
    cr_expect(f->status == FINDING_FOUND && strstr(f->sentence, "has fallen from its peak"), "%s",
              f->sentence);
    made_fini(&made);
}

Test(held_out, a_series_that_may_be_the_score_is_named)
{
    struct made made;

    made_init(&made, EXPERIMENT_RL);
    made.subject.may_score = STR("eval/math500/accuracy");
    detector_held_out.run(&made.subject, &made.found);
    const struct finding *f = made_find(&made.found, "held_out_score");
    cr_expect(f->status == FINDING_NOT_APPLICABLE &&
                  strstr(f->sentence, "'eval/math500/accuracy' may be it"),
              "%s", f->sentence);
    made_fini(&made);
}

Test(held_out, a_score_that_holds_or_has_few_points_is_no_finding)
{
    static const size_t counts[] = {30, 8};
    static const char *const words[] = {"has not fallen", "too short for a trend"};
    static const enum finding_status wanted[] = {FINDING_NOT_FOUND, FINDING_INSUFFICIENT_DATA};

    for (size_t k = 0; k < 2; k++) {
        double x[30];
        struct made made;

        made_init(&made, EXPERIMENT_RL);
        for (size_t i = 0; i < counts[k]; i++)
            x[i] = (double)i;
        made_series(&made, ROLE_HELD_OUT_SCORE, NULL, x, counts[k]);
        detector_held_out.run(&made.subject, &made.found);
        const struct finding *f = made_find(&made.found, "held_out_score");
        cr_expect(f->status == wanted[k], "%s", f->sentence);
        cr_expect(strstr(f->sentence, words[k]) != NULL, "%s", f->sentence);
        made_fini(&made);
    }
}
