#include "analysis/anchors/anchor.h"

#include "tests/support/curves.h"
#include "tests/support/made.h"

#include <criterion/criterion.h>

static struct made made;
static struct anchors anchors;

static void start(void)
{
    made_init(&made, EXPERIMENT_LM);
}

static void stop(void)
{
    made_fini(&made);
}

TestSuite(anchor, .init = start, .fini = stop);

static const struct anchor *find(const char *name)
{
    anchors_of(&made.subject, &made.arena, &anchors);
    for (size_t i = 0; i < anchors.list.n; i++) {
        if (strcmp(anchors.list.v[i].name, name) == 0)
            return &anchors.list.v[i];
    }
    cr_assert(false, "no rule %s", name);
    return NULL;
}

Test(anchor, S_12_S_13_last_validation_loss_against_the_middle)
{
    static const struct {
        const char *what;
        double val[8];
        size_t n;
        bool applicable, fired;
    } rows[] = {
        {"last above the middle", {1.0, 0.8, 0.6, 0.7}, 4, true, true},
        {"falls", {1.0, 0.9, 0.8, 0.7}, 4, true, false},
        {"none", {0}, 0, false, false},
        {"one", {0.7}, 1, true, false},
        {"noise on a flat tail", {2, 1.5, 1.3, 1.25, 1.248, 1.251, 1.249, 1.252}, 8, true, true},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct made one;

        made_init(&one, EXPERIMENT_LM);
        if (rows[i].n)
            made_series(&one, ROLE_VALIDATION_LOSS, NULL, rows[i].val, rows[i].n);
        made.subject = one.subject;
        const struct anchor *a = find("sft_val_above_middle");
        cr_expect(a->applicable == rows[i].applicable && a->fired == rows[i].fired, "%s",
                  rows[i].what);
        made_fini(&one);
    }
}

Test(anchor, S_09_S_10_S_11_first_ten_against_last_ten)
{
    double x[101];

    for (size_t i = 0; i < 101; i++)
        x[i] = i < 10 ? 4 : i < 91 ? 2 : 1;
    made_series(&made, ROLE_TRAIN_LOSS, NULL, x, 101);
    cr_expect(near_to(find("sft_improvement")->value, 75, 1e-12));
    made_series(&made, ROLE_TRAIN_LOSS, NULL, x, 100);
    cr_expect(!find("sft_improvement")->applicable);
    cr_expect(strcmp(find("sft_improvement")->note, "100 points, at least 101 are needed") == 0);
    memset(x, 0, sizeof(x));
    made_series(&made, ROLE_TRAIN_LOSS, NULL, x, 101);
    cr_expect(!find("sft_improvement")->applicable, "no division by 0");
}

Test(anchor, vector_13_prechelt_at_the_last_evaluation)
{
    static const double val[] = {2, 1.6, 1.4, 1.3, 1.28, 1.31, 1.36, 1.42};
    static const double train[] = {1.9, 1.5, 1.2, 1, .85, .7, .6, .5};

    made_series(&made, ROLE_TRAIN_LOSS, NULL, train, 8);
    made_series(&made, ROLE_VALIDATION_LOSS, NULL, val, 8);
    cr_expect(near_to(find("prechelt_gl")->value, 10.9375, 1e-9) && find("prechelt_gl")->fired);
    cr_expect(near_to(find("prechelt_pq")->value, 0.02377717, 1e-6));
    cr_expect(!find("prechelt_pq")->fired);
    cr_expect(!find("prechelt_up")->applicable, "three strips of five take 16 evaluations");
}

Test(anchor, D_07_exploding_is_above_ten)
{
    made_series(&made, ROLE_GRADIENT_NORM, NULL, (double[]){1, 15, 2}, 3);
    const struct anchor *a = find("deepfix_exploding");
    cr_expect(a->fired && strcmp(a->grade, "high") == 0 && near_to(a->confidence, 0.95, 1e-12));
    made_series(&made, ROLE_GRADIENT_NORM, NULL, (double[]){1, 9.9, 2}, 3);
    cr_expect(!find("deepfix_exploding")->fired && !find("deepfix_exploding")->grade);
}

Test(anchor, D_04_D_05_D_06_the_ratios_against_their_bounds)
{
    static const struct {
        const char *what, *rule;
        double x[12];
        size_t n;
        double value;
        bool fired;
    } rows[] = {
        {"D-04 zigzag", "deepfix_oscillation", {1, 2, 1, 2, 1, 2}, 6, .8, true},
        {"D-04 falling", "deepfix_oscillation", {5, 4, 3, 2, 1, 0}, 6, 0, false},
        {"D-05 early",
         "deepfix_premature",
         {10, 4, 2, 1.2, 1.0, 1.0, .95, .95, .9, .9, .9, .9},
         12,
         .1 / 9,
         true},
        {"D-05 line",
         "deepfix_premature",
         {12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1},
         12,
         1.75,
         false},
        {"D-06 flat",
         "deepfix_stagnation",
         {2, 1, .6, .5, .5, .5, .5, .5, .5, .49},
         10,
         .005,
         true},
        {"D-06 falling",
         "deepfix_stagnation",
         {2, 1.9, 1.8, 1.7, 1.6, 1.5, 1.4, 1.3, 1.2, 1.1, 1, .9},
         12,
         .25,
         false},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        made_series(&made, ROLE_TRAIN_LOSS, NULL, rows[i].x, rows[i].n);
        const struct anchor *a = find(rows[i].rule);
        cr_expect(near_to(a->value, rows[i].value, 1e-9) && a->fired == rows[i].fired, "%s: %g",
                  rows[i].what, a->value);
    }
}

Test(anchor, vector_16_spike_score_in_percent_of_all_points)
{
    double x[60];

    for (size_t i = 0; i < 60; i++)
        x[i] = i == 40 ? 3 : 2 + 0.01 * ((double)(7 * i % 5) - 2);
    made_series(&made, ROLE_TRAIN_LOSS, NULL, x, 60);
    const struct anchor *a = find("olmo_loss");
    cr_expect(near_to(a->value, 1.66667, 1e-5) && a->fired);
    cr_expect(a->at_n == 1 && a->at[0] == 41, "steps count from 1");
}

Test(anchor, D_13_epochs_after_the_best_are_counted)
{
    double val[20];

    for (size_t i = 0; i < 20; i++)
        val[i] = i <= 3 ? 2 - 0.2 * (double)i : 1.5;
    made_series(&made, ROLE_VALIDATION_LOSS, NULL, val, 20);
    const struct anchor *a = find("deepfix_early_stopping");
    cr_expect(near_to(a->value, 16, 0) && a->fired && strcmp(a->grade, "medium") == 0);
    cr_expect(near_to(a->confidence, 0.8, 1e-12) && a->at_n == 1 && a->at[0] == 4);
}

Test(anchor, D_19_few_rows_are_refused_or_warned_of)
{
    static const double x[] = {9, 8, 7, 6, 5, 4, 3, 2, 1};

    made_series(&made, ROLE_TRAIN_LOSS, NULL, x, 2);
    made_series(&made, ROLE_VALIDATION_LOSS, NULL, x, 2);
    cr_expect(!find("deepfix_gap")->applicable);
    cr_expect(strcmp(find("deepfix_gap")->note, "2 points, at least 3 are needed") == 0);
    cr_expect(!find("deepfix_early_stopping")->applicable);
    made_series(&made, ROLE_TRAIN_LOSS, NULL, x, 9);
    made_series(&made, ROLE_VALIDATION_LOSS, NULL, x, 9);
    cr_expect(find("deepfix_gap")->applicable);
    cr_expect(strstr(find("deepfix_gap")->note, "insufficient for overfitting detection"));
}

Test(anchor, evaluations_meet_the_training_loss_before_them)
{
    static const double train[] = {4, 3, 2, 1}, val[] = {4.4, 2.2, 1.1};
    static const int64_t steps[] = {1, 3, 9};

    made_series(&made, ROLE_TRAIN_LOSS, NULL, train, 4); /* steps 1..4 */
    made_series(&made, ROLE_VALIDATION_LOSS, steps, val, 3);
    cr_expect(near_to(find("deepfix_gap")->value, 0.1, 1e-6), "%g", find("deepfix_gap")->value);
}

Test(anchor, nothing_logged_applies_to_nothing)
{
    anchors_of(&made.subject, &made.arena, &anchors);
    cr_expect(anchors.list.n >= 20);
    for (size_t i = 0; i < anchors.list.n; i++) {
        const struct anchor *a = &anchors.list.v[i];

        cr_expect(!a->applicable && !a->fired && *a->note, "%s", a->name);
    }
}

Test(anchor, gradients_are_held_against_their_start)
{
    double g[100];

    for (size_t i = 0; i < 100; i++)
        g[i] = i < 50 ? 1 : 80;
    made_series(&made, ROLE_GRADIENT_NORM, NULL, g, 100);
    cr_expect(find("autotrainer_exploding")->fired);
    cr_expect(find("sft_gradient_ten_times")->fired);
    for (size_t i = 0; i < 100; i++)
        g[i] = i < 50 ? 0.05 : 2e-5;
    made_series(&made, ROLE_GRADIENT_NORM, NULL, g, 100);
    cr_expect(find("autotrainer_vanishing")->fired);
    cr_expect(!find("autotrainer_exploding")->fired);
}
