#include "analysis/detectors/detector.h"
#include "analysis/stats/moments.h"
#include "analysis/stats/multiplier.h"
#include "tests/support/curves.h"
#include "tests/support/made.h"

#include <criterion/criterion.h>

extern const struct detector detector_multiplier, detector_constraint, detector_reward_components,
    detector_multiplier_oscillation;

enum { N = 781 };

static const struct dual trainer = {.init = 1, .rate = 0.05, .decay = 0.01};
static const struct dual undecayed = {.init = 1, .rate = 0.05, .decay = 0};

/* A cost from one level to another over the first half, with scatter, never below 0. */
static void costs(double *cost, size_t n, double from, double to, double scatter)
{
    struct noise noise = NOISE_START;
    size_t half = n / 2;

    for (size_t i = 0; i < n; i++) {
        double u = i < half ? (double)i / (double)half : 1;

        cost[i] = fmax(0, from + (to - from) * u + scatter * noise_next(&noise));
    }
}

/* T-43, T-44, T-45: met; not met and settled; not met and rising to its equilibrium. */
Test(multiplier, is_judged_against_its_equilibrium)
{
    static const struct {
        const char *what;
        const struct dual *dual;
        double from, to, scatter;
        size_t n;
        enum finding_status unbounded, not_met;
        const char *says;
    } rows[] = {
        {"T-43 no cost", &trainer, 0, 0, 0, 200, FINDING_NOT_FOUND, FINDING_NOT_FOUND, "is met"},
        {"T-44 cost .05", &trainer, .05, .05, 0, 200, FINDING_NOT_FOUND, FINDING_FOUND, "settled"},
        {"T-45 cost .15", &trainer, .15, .15, 0, 781, FINDING_NOT_FOUND, FINDING_FOUND, "settled"},
        {"T-45 on its way", &trainer, .15, .15, 0, 400, FINDING_NOT_FOUND, FINDING_FOUND, "90%"},
        {"noisy cost", &trainer, .15, .15, .05, 781, FINDING_NOT_FOUND, FINDING_FOUND,
         "not being met"},
        {"cost falls to 0", &trainer, .15, 0, .01, 400, FINDING_NOT_FOUND, FINDING_NOT_FOUND,
         "is met"},
        {"no decay", &undecayed, .15, .15, .05, 781, FINDING_FOUND, FINDING_NOT_FOUND,
         "multiplier_unbounded"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct made made;
        double cost[N], lambda[N];

        made_init(&made, EXPERIMENT_RL);
        costs(cost, rows[i].n, rows[i].from, rows[i].to, rows[i].scatter);
        multiplier_run(rows[i].dual, cost, rows[i].n, lambda);
        made_series(&made, ROLE_MULTIPLIER, NULL, lambda, rows[i].n);
        made_series(&made, ROLE_COST, NULL, cost, rows[i].n);
        detector_multiplier.run(&made.subject, &made.found);
        const struct finding *unbounded = made_find(&made.found, "multiplier_unbounded");
        const struct finding *met = made_find(&made.found, "constraint_not_met");
        cr_expect(unbounded->status == rows[i].unbounded, "%s: %s", rows[i].what,
                  unbounded->sentence);
        cr_expect(met->status == rows[i].not_met && strstr(met->sentence, rows[i].says), "%s: %s",
                  rows[i].what, met->sentence);
        cr_expect(met->confidence <= 0.98);
        made_fini(&made);
    }
}

/* The evidence, again from the raw series. */
Test(multiplier, its_evidence_can_be_recomputed)
{
    struct made made;
    double cost[N], lambda[N], b[20];

    made_init(&made, EXPERIMENT_RL);
    costs(cost, N, .15, .15, .05);
    multiplier_run(&trainer, cost, N, lambda);
    made_series(&made, ROLE_MULTIPLIER, NULL, lambda, N);
    made_series(&made, ROLE_COST, NULL, cost, N);
    detector_multiplier.run(&made.subject, &made.found);
    const struct finding *f = made_find(&made.found, "constraint_not_met");

    block_means(cost + N / 2, N - N / 2, 20, b);
    double late = median_of(b + 10, 10, &made.arena);
    double end = median_of(lambda + N - N / 20, N / 20, &made.arena);
    cr_expect(near_to(made_value(f, "late_cost"), late, 1e-12));
    cr_expect(near_to(made_value(f, "lambda_end"), end, 1e-12));
    cr_expect(near_to(made_value(f, "lambda_inf"), multiplier_limit(late, .01), 1e-12));
    cr_expect(near_to(made_value(f, "lambda_end_over_lambda_inf"),
                      end / multiplier_limit(late, .01), 1e-12));
    cr_expect(f->evidence.n_used == N && f->evidence.columns.n == 2);
    made_fini(&made);
}

/* A lambda that no known law makes: unbounded while it climbs, not met where it has stopped. */
Test(multiplier, an_unknown_law_is_judged_by_its_end)
{
    for (int stops = 0; stops < 2; stops++) {
        struct made made;
        double cost[300], lambda[300];

        made_init(&made, EXPERIMENT_RL);
        costs(cost, 300, .15, .15, .05);
        for (size_t i = 0; i < 300; i++)
            lambda[i] = .5 + (stops && i > 100 ? 100 : (double)i) / 50;
        made_series(&made, ROLE_MULTIPLIER, NULL, lambda, 300);
        made_series(&made, ROLE_COST, NULL, cost, 300);
        detector_multiplier.run(&made.subject, &made.found);
        const struct finding *f =
            made_find(&made.found, stops ? "constraint_not_met" : "multiplier_unbounded");
        cr_expect(f->status == FINDING_FOUND && isnan(made_value(f, "lambda_inf")), "%s",
                  f->sentence);
        f = made_find(&made.found, stops ? "multiplier_unbounded" : "constraint_not_met");
        cr_expect(f->status == FINDING_NOT_FOUND, "%s", f->sentence);
        made_fini(&made);
    }
}

/* The decay of the run's own configuration decides: with 0 the same lambda is unbounded. */
Test(multiplier, the_configuration_goes_before_the_fit)
{
    static const struct setting none[] = {{"RL_LAGRANGE_MULTIPLIER_WEIGHT_DECAY", 0}};
    struct made made;
    double cost[N], lambda[N];

    made_init(&made, EXPERIMENT_RL);
    costs(cost, 100, .15, .15, .01);
    multiplier_run(&trainer, cost, 100, lambda);
    made_series(&made, ROLE_MULTIPLIER, NULL, lambda, 100);
    made_series(&made, ROLE_COST, NULL, cost, 100);
    made_settings(&made, none, 1);
    detector_multiplier.run(&made.subject, &made.found);
    cr_expect(made_find(&made.found, "multiplier_unbounded")->status == FINDING_FOUND);
    made_fini(&made);
}

/* T-59: steps at .3 and .8 in turn: a mean cost above 0 at a mean diversity at the threshold. */
Test(multiplier, T_59_cost_and_mean_diversity_are_both_told)
{
    static const struct setting settings[] = {{"RL_DIVERSITY_CONSTRAINT_THRESHOLD", .55}};
    struct made made;
    double cost[100], lambda[100], diversity[100];

    made_init(&made, EXPERIMENT_RL);
    for (size_t i = 0; i < 100; i++) {
        cost[i] = (constraint_cost(.55, .3) + constraint_cost(.55, .8)) / 2; /* .125 */
        diversity[i] = .55;
    }
    multiplier_run(&trainer, cost, 100, lambda);
    made_series(&made, ROLE_MULTIPLIER, NULL, lambda, 100);
    made_series(&made, ROLE_COST, NULL, cost, 100);
    made_series(&made, ROLE_REWARD_DIVERSITY, NULL, diversity, 100);
    made_settings(&made, settings, 1);
    detector_multiplier.run(&made.subject, &made.found);
    const struct finding *f = made_find(&made.found, "constraint_not_met");
    bool told = false;
    for (size_t i = 0; i < f->caveats.n; i++)
        told |= strstr(f->caveats.v[i], "0.125 although the mean diversity (0.55)") != NULL;
    cr_expect(f->status == FINDING_FOUND && f->severity == SEVERITY_LOW && told);
    cr_expect(near_to(made_value(f, "late_cost"), .125, 1e-12));
    made_fini(&made);
}

/* The cost of the mean is .15 (T-42), which no mean of costs is below. */
Test(multiplier, T_42_a_cost_below_that_of_the_mean_diversity_is_told)
{
    static const struct setting settings[] = {{"RL_DIVERSITY_CONSTRAINT_THRESHOLD", .55}};

    for (int fits = 0; fits < 2; fits++) {
        struct made made;
        double cost[100], lambda[100], diversity[100];
        bool told = false;

        made_init(&made, EXPERIMENT_RL);
        for (size_t i = 0; i < 100; i++) {
            cost[i] = fits ? constraint_cost(.55, .4) : .05;
            diversity[i] = .4;
        }
        multiplier_run(&trainer, cost, 100, lambda);
        made_series(&made, ROLE_MULTIPLIER, NULL, lambda, 100);
        made_series(&made, ROLE_COST, NULL, cost, 100);
        made_series(&made, ROLE_REWARD_DIVERSITY, NULL, diversity, 100);
        made_settings(&made, settings, 1);
        detector_multiplier.run(&made.subject, &made.found);
        const struct finding *f = made_find(&made.found, "constraint_not_met");
        for (size_t i = 0; i < f->caveats.n; i++)
            told |= strstr(f->caveats.v[i], "0.4 alone costs 0.15 at the threshold 0.55") != NULL;
        cr_expect(told == !fits, "%d", fits);
        made_fini(&made);
    }
}

Test(multiplier_oscillation, a_quarter_behind_its_cost)
{
    static const struct {
        const char *what;
        double lag, cost_period, swing;
        enum finding_status want;
    } rows[] = {
        {"a quarter behind", 10, 40, 1, FINDING_FOUND},
        {"together", 0, 40, 1, FINDING_NOT_FOUND},
        {"another period", 10, 17, 1, FINDING_NOT_FOUND},
        {"no swing", 10, 40, 0, FINDING_NOT_FOUND},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct noise noise = NOISE_START;
        struct made made;
        double cost[400], lambda[400];

        made_init(&made, EXPERIMENT_RL);
        for (size_t k = 0; k < 400; k++) {
            double t = (double)k;

            cost[k] = .1 + .05 * sin(2 * M_PI * t / rows[i].cost_period) + .01 * noise_next(&noise);
            lambda[k] = 5 + rows[i].swing * sin(2 * M_PI * (t - rows[i].lag) / 40) +
                        .2 * noise_next(&noise);
        }
        made_series(&made, ROLE_MULTIPLIER, NULL, lambda, 400);
        made_series(&made, ROLE_COST, NULL, cost, 400);
        detector_multiplier_oscillation.run(&made.subject, &made.found);
        const struct finding *f = made_find(&made.found, "multiplier_oscillation");
        cr_expect(f->status == rows[i].want && f->confidence <= .98, "%s: %s", rows[i].what,
                  f->sentence);
        if (f->status == FINDING_FOUND)
            cr_expect(fabs(made_value(f, "period") - 40) < 1 &&
                          fabs(made_value(f, "lag") - .25) < .03,
                      "%g %g", made_value(f, "period"), made_value(f, "lag"));
        made_fini(&made);
    }
}

Test(multiplier, what_it_needs)
{
    static const double x[30] = {1, 1};
    struct made made;

    made_init(&made, EXPERIMENT_RL);
    detector_multiplier.run(&made.subject, &made.found);
    made_series(&made, ROLE_MULTIPLIER, NULL, x, 19);
    detector_multiplier.run(&made.subject, &made.found);
    made_series(&made, ROLE_COST, NULL, x, 19);
    detector_multiplier.run(&made.subject, &made.found);
    cr_assert(made.found.list.n == 3);
    cr_expect_str_eq(made.found.list.v[0].sentence,
                     "Not judged: 'lagrange_multiplier' is not logged.");
    cr_expect_str_eq(made.found.list.v[1].sentence, "Not judged: 'mean_cost' is not logged.");
    cr_expect(made.found.list.v[2].status == FINDING_INSUFFICIENT_DATA &&
              made_value(&made.found.list.v[2], "iterations_with_both") == 19);
    made_fini(&made);
}

Test(constraint, the_mode_of_the_log_and_of_the_configuration)
{
    static const struct {
        const char *asked;
        size_t multipliers;
        enum finding_status want;
    } rows[] = {
        {"weighted", 0, FINDING_NOT_FOUND},    {"weighted", 30, FINDING_FOUND},
        {"lagrangian", 30, FINDING_NOT_FOUND}, {"lagrangian", 0, FINDING_FOUND},
        {NULL, 30, FINDING_NOT_APPLICABLE},    {NULL, 0, FINDING_NOT_APPLICABLE},
    };
    double lambda[30];

    for (size_t i = 0; i < 30; i++)
        lambda[i] = 15;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct made made;

        made_init(&made, EXPERIMENT_RL);
        made_series(&made, ROLE_MULTIPLIER, NULL, lambda, rows[i].multipliers);
        made.subject.constraint_mode = rows[i].asked;
        detector_constraint.run(&made.subject, &made.found);
        const struct finding *f = made_find(&made.found, "constraint_mode");
        cr_expect(f->status == rows[i].want, "%zu: %s", i, f->sentence);
        cr_expect(made_has(&made.found, "combined_advantage") == (rows[i].multipliers > 0));
        f = made_find(&made.found, "combined_advantage");
        if (rows[i].multipliers > 0) /* 1 / (1 + 15) */
            cr_expect(near_to(made_value(f, "reward_share"), .0625, 1e-12) &&
                      f->severity == SEVERITY_LOW);
        made_fini(&made);
    }
}

Test(constraint, the_critic_of_the_costs)
{
    static const struct {
        const char *what;
        double from, to;
        enum finding_status want;
        const char *says;
    } rows[] = {{"falls", 1, .1, FINDING_NOT_FOUND, "falls"},
                {"rises", .1, 1, FINDING_FOUND, "rises"},
                {"flat", .5, .5, FINDING_NOT_FOUND, "no clear fall"}};

    for (size_t i = 0; i < 3; i++) {
        struct noise noise = NOISE_START;
        struct made made;
        double loss[100], lambda[100];

        made_init(&made, EXPERIMENT_RL);
        for (size_t k = 0; k < 100; k++) {
            loss[k] = rows[i].from + (rows[i].to - rows[i].from) * (double)k / 99 +
                      .05 * noise_next(&noise);
            lambda[k] = 1;
        }
        made_series(&made, ROLE_MULTIPLIER, NULL, lambda, 100);
        made_series(&made, ROLE_COST_VALUE_LOSS, NULL, loss, 100);
        detector_constraint.run(&made.subject, &made.found);
        const struct finding *f = made_find(&made.found, "cost_value_loss");
        cr_expect(f->status == rows[i].want && strstr(f->sentence, rows[i].says), "%s: %s",
                  rows[i].what, f->sentence);
        made_fini(&made);
    }
}

/* ---- the parts of a reward ---- */

enum { POINTS = 240 };

struct slopes {
    double perplexity, diversity, sampling, repetition, coherence;
};

static void put_parts(struct made *made, const struct slopes *s)
{
    const double slope[] = {s->perplexity, s->diversity, s->sampling, s->repetition, s->coherence};
    static const double level[] = {-.5, .5, .5, -.01, .5};
    static const enum role roles[] = {ROLE_REWARD_PERPLEXITY, ROLE_REWARD_DIVERSITY,
                                      ROLE_REWARD_SAMPLING, ROLE_REWARD_REPETITION,
                                      ROLE_REWARD_COHERENCE};
    struct noise noise = NOISE_START;

    for (size_t k = 0; k < 5; k++) {
        double x[POINTS];

        for (size_t i = 0; i < POINTS; i++)
            x[i] = level[k] + slope[k] * (double)i / POINTS + .02 * noise_next(&noise);
        made_series(made, roles[k], NULL, x, POINTS);
    }
}

static const struct setting weights[] = {{"RL_REWARD_PERPLEXITY_WEIGHT", .4375},
                                         {"RL_REWARD_DIVERSITY_WEIGHT", .1875},
                                         {"RL_REWARD_SAMPLING_WEIGHT", .1875},
                                         {"RL_REWARD_REPETITION_WEIGHT", 0},
                                         {"RL_REWARD_COHERENCE_WEIGHT", .1875}};

Test(reward_components, what_was_traded_for_what)
{
    static const struct {
        const char *what;
        struct slopes slopes;
        enum finding_status want;
    } rows[] = {
        {"all rise", {.2, .2, .2, 0, .2}, FINDING_NOT_FOUND},
        {"all flat", {0, 0, 0, 0, 0}, FINDING_NOT_FOUND},
        {"diversity was paid", {.4, -.3, .1, 0, .1}, FINDING_FOUND},
        {"all fall", {-.2, -.2, -.2, 0, -.2}, FINDING_NOT_FOUND},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct made made;

        made_init(&made, EXPERIMENT_RL);
        put_parts(&made, &rows[i].slopes);
        made_settings(&made, weights, 5);
        detector_reward_components.run(&made.subject, &made.found);
        const struct finding *f = made_find(&made.found, "reward_components");
        cr_expect(f->status == rows[i].want && f->severity <= SEVERITY_LOW, "%s: %s", rows[i].what,
                  f->sentence);
        double sum = 0, shares = 0;
        static const char *const names[] = {"perplexity", "diversity", "sampling", "repetition",
                                            "coherence"};
        for (size_t k = 0; k < 5; k++) {
            char name[60];

            snprintf(name, sizeof(name), "%s_weight_times_change", names[k]);
            sum += made_value(f, name);
            snprintf(name, sizeof(name), "%s_share_of_variance", names[k]);
            shares += made_value(f, name);
        }
        cr_expect(fabs(sum - made_value(f, "weighted_sum_change")) < .01, "%s: %g", rows[i].what,
                  sum);
        cr_expect(fabs(shares - 1) < 1e-9, "%s: the shares sum to %g", rows[i].what, shares);
        cr_expect(near_to(made_value(f, "weight_sum"), 1, 1e-12));
        cr_expect(!made_has(&made.found, "primary_stalling"), "weighted mode");
        made_fini(&made);
    }
}

/* Lagrangian: .4375 : .1875 : .1875 of their sum .8125, diversity and repetition 0. */
Test(reward_components, lagrangian_weights_and_stalling)
{
    static const struct {
        const char *what;
        struct slopes slopes;
        enum finding_status want;
        enum severity severity;
    } rows[] = {
        {"primary parts rise", {.4, -.3, .2, 0, .2}, FINDING_NOT_FOUND, SEVERITY_INFO},
        {"only diversity rises", {0, .4, 0, 0, 0}, FINDING_FOUND, SEVERITY_MEDIUM},
    };
    double lambda[POINTS];

    for (size_t i = 0; i < POINTS; i++)
        lambda[i] = 1;
    for (size_t i = 0; i < 2; i++) {
        struct made made;

        made_init(&made, EXPERIMENT_RL);
        put_parts(&made, &rows[i].slopes);
        made_series(&made, ROLE_MULTIPLIER, NULL, lambda, POINTS);
        made_settings(&made, weights, 5);
        detector_reward_components.run(&made.subject, &made.found);
        const struct finding *f = made_find(&made.found, "primary_stalling");
        cr_expect(f->status == rows[i].want && f->severity == rows[i].severity &&
                      f->confidence <= .6,
                  "%s: %s", rows[i].what, f->sentence);
        cr_expect(f->evidence.columns.n == 3, "%s: %zu", rows[i].what, f->evidence.columns.n);
        f = made_find(&made.found, "reward_components");
        for (size_t k = 0; k < f->evidence.parameters.n; k++) {
            const struct quantity *q = &f->evidence.parameters.v[k];

            if (strcmp(q->name, "perplexity_weight") == 0)
                cr_expect(near_to(q->value, .4375 / .8125, 1e-12));
            if (strcmp(q->name, "diversity_weight") == 0)
                cr_expect(q->value == 0);
        }
        made_fini(&made);
    }
}

/* Without weights of its own nothing is multiplied, and no trade-off is claimed. */
Test(reward_components, unknown_weights_are_not_made_up)
{
    static const struct slopes slopes = {.4, -.3, .1, 0, .1};
    struct made made;

    made_init(&made, EXPERIMENT_RL);
    put_parts(&made, &slopes);
    detector_reward_components.run(&made.subject, &made.found);
    const struct finding *f = made_find(&made.found, "reward_components");
    cr_expect(f->status == FINDING_NOT_FOUND && isnan(made_value(f, "weight_sum")) &&
              isnan(made_value(f, "diversity_weight_times_change")) &&
              fabs(made_value(f, "diversity_change") + .26) < .05);
    made_fini(&made);
}
