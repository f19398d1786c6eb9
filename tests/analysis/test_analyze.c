#include "analysis/analyze.h"
#include "analysis/catalog.h"

#include "tests/support/curves.h"
#include "tests/support/made.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdlib.h>

enum { N = 400 };

struct run {
    const char *what;
    size_t flat_from;            /* of both losses */
    double train_rise, val_rise; /* from point 250 on, as a share at the end */
    size_t nans_at_end;
    size_t nan_at;
    double lr_end;
    const char *verdict;
    const char *because; /* is in the rule */
};

static void rise(double *x, double by)
{
    for (size_t i = 250; i < N; i++)
        x[i] *= 1 + by * (double)(i - 250) / (N - 250);
}

static const struct analysis *analysed(struct made *made, const struct run *run)
{
    double train[N], val[N], lr[N];

    made_init(made, EXPERIMENT_LM);
    curve_loss(train, N, run->flat_from);
    curve_loss(val, N, run->flat_from);
    rise(train, run->train_rise);
    rise(val, run->val_rise);
    for (size_t i = 0; i < N; i++)
        lr[i] = 1 - (1 - run->lr_end) * (double)i / (N - 1);
    for (size_t i = 0; i < run->nans_at_end; i++)
        train[N - 1 - i] = (double)NAN;
    if (run->nan_at)
        train[run->nan_at] = (double)NAN;
    made_series(made, ROLE_TRAIN_LOSS, NULL, train, N);
    made_series(made, ROLE_VALIDATION_LOSS, NULL, val, N);
    made_series(made, ROLE_LEARNING_RATE, NULL, lr, N);
    return analyze_subject(&made->subject, &made->arena);
}

Test(analyze, the_verdict_names_the_finding_that_gave_it)
{
    static const struct run rows[] = {
        {"falls", N, 0, 0, 0, 0, .5, "Effective", "plateau:Losses/Validation"},
        {"a NaN", N, 0, 0, 0, 30, .5, "Effective", "plateau:Losses/Validation"},
        {"flat since a quarter, rate high", 101, 0, 0, 0, 0, .5, "Partially Effective", "plateau"},
        {"flat since a quarter, rate at its end", 101, 0, 0, 0, 0, .01, "Effective",
         "schedule_end"},
        {"never moved", 1, 0, 0, 0, 0, .5, "Ineffective", "no_progress"},
        {"never moved, rate at its end", 1, 0, 0, 0, 0, .01, "Ineffective", "no_progress"},
        {"both rise", N, 1.5, 1.5, 0, 0, .5, "Ineffective", "divergence"},
        {"ends in NaN", N, 0, 0, 3, 0, .5, "Ineffective", "divergence"},
        {"validation rises by a tenth", N, -.3, .1, 0, 0, .5, "Partially Effective", "overfitting"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct made made;
        const struct analysis *a = analysed(&made, &rows[i]);

        cr_expect_str_eq(a->verdict, rows[i].verdict, "%s: %s (%s)", rows[i].what, a->verdict,
                         a->verdict_rule);
        cr_expect(strstr(a->verdict_rule, rows[i].because), "%s: %s", rows[i].what,
                  a->verdict_rule);
        made_fini(&made);
    }
}

/* A reward from 0 to `top` by point `until`, then level, with noise of sd .29 `scatter`. */
Test(analyze, a_reward_that_rose_and_holds_its_best_is_effective)
{
    static const struct {
        const char *what;
        double top, scatter;
        size_t until, n;
        const char *verdict, *because;
    } rows[] = {
        {"level since an eighth", 900, 30, 50, N, "Effective", "levelled off"},
        {"level since a half", 900, 30, 200, N, "Effective", "levelled off"},
        {"at its maximum, without noise", 900, 0, 100, N, "Effective", "levelled off"},
        {"never moved", 0, 1, 100, N, "Ineffective", "no_progress"},
        {"never moved, thirty points", 0, 1, 10, 30, "Undetermined", "within its noise"},
        {"zero for ever", 0, 0, 100, N, "Ineffective", "no_progress"},
        {"nineteen points", 900, 30, 50, 19, "Undetermined",
         "too little to judge the run by: 'episode_rewards' had 19 finite points, needs 20"},
        {"no points", 900, 30, 50, 0, "Undetermined",
         "no metric to judge the run by is logged: episode_rewards"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct made made;
        struct noise noise = NOISE_START;
        double x[N];

        for (size_t k = 0; k < N; k++)
            x[k] = rows[i].top * (k < rows[i].until ? (double)k / (double)rows[i].until : 1) +
                   rows[i].scatter * noise_next(&noise);
        made_init(&made, EXPERIMENT_RL);
        if (rows[i].n > 0)
            made_series(&made, ROLE_REWARD, NULL, x, rows[i].n);
        const struct analysis *a = analyze_subject(&made.subject, &made.arena);
        cr_expect_str_eq(a->verdict, rows[i].verdict, "%s: %s (%s)", rows[i].what, a->verdict,
                         a->verdict_rule);
        cr_expect(strstr(a->verdict_rule, rows[i].because), "%s: %s", rows[i].what,
                  a->verdict_rule);
        made_fini(&made);
    }
}

/*
 * A hundred epochs: training from 1.6 to .1, validation from 1.5 to .7 at epoch 24 (or 1.4 at
 * once), then up to 1.7. The learning rate is known. No advice may raise it.
 */
static const struct analysis *overfitted(struct made *made, double lowest, bool scored)
{
    enum { EPOCHS = 100, BEST = 24 };
    static const struct setting rate[] = {{"BASE_LR", 3e-4}};
    double train[EPOCHS], val[EPOCHS], score[EPOCHS];
    struct noise noise = NOISE_START;

    made_init(made, EXPERIMENT_LM);
    for (size_t i = 0; i < EPOCHS; i++) {
        double t = (double)i, past = fmax(t - BEST, 0);
        train[i] = (0.1 + 1.5 * exp(-t / 20)) * exp(0.01 * noise_next(&noise));
        val[i] = lowest + (1.5 - lowest) * exp(-t / 6) + (1.7 - lowest) * past / (EPOCHS - BEST);
        val[i] *= exp(0.01 * noise_next(&noise));
        score[i] = 0.88 - 0.4 * exp(-t / 15);
    }
    made_series(made, ROLE_TRAIN_LOSS, NULL, train, EPOCHS);
    made_series(made, ROLE_VALIDATION_LOSS, NULL, val, EPOCHS);
    if (scored)
        made_series(made, ROLE_VALIDATION_ACCURACY, NULL, score, EPOCHS);
    made_settings(made, rate, 1);
    return analyze_subject(&made->subject, &made->arena);
}

Test(analyze, a_loss_that_overfits_is_no_want_of_learning)
{
    static const struct {
        const char *what;
        double lowest;
        bool scored;
        const char *verdict, *because;
    } rows[] = {
        {"fell to a half, then rose", .7, false, "Ineffective", "critical finding"},
        {"an accuracy rises on", .7, true, "Partially Effective", "a held-out score did not"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct made made;
        const struct analysis *a = overfitted(&made, rows[i].lowest, rows[i].scored);
        const struct finding *f = analysis_find(a, "overfitting", FINDING_FOUND);

        cr_expect_str_eq(a->verdict, rows[i].verdict, "%s: %s", rows[i].what, a->verdict_rule);
        cr_expect(strstr(a->verdict_rule, rows[i].because), "%s", a->verdict_rule);
        cr_expect(strstr(a->verdict_rule, "overfitting"), "%s", a->verdict_rule);
        cr_assert(f);
        cr_expect((strstr(f->sentence, "the loss gets worse, the score does not") != NULL) ==
                      rows[i].scored,
                  "%s", f->sentence);
        cr_expect(!analysis_find(a, "no_progress", FINDING_FOUND));
        for (size_t k = 0; k < a->recommendations_n; k++) {
            const struct advice *advice = a->recommendations[k].advice;
            cr_expect(!strstr(advice->key, "LR") && !strstr(advice->key, "rate"), "%s: %s",
                      rows[i].what, advice->key);
            cr_expect((strcmp(advice->key, "max_steps") == 0) <= !rows[i].scored, "%s",
                      rows[i].what);
        }
        made_fini(&made);
    }
}

/* The reward rises to its end, the score turns at two fifths: that the run got better is not said.
 */
Test(analyze, a_reward_that_was_hacked_did_not_get_better)
{
    struct made made;
    struct noise noise = NOISE_START;
    double reward[N], score[20];
    int64_t steps[20];

    for (size_t i = 0; i < N; i++)
        reward[i] = (double)i / N + .1 * noise_next(&noise);
    for (size_t i = 0; i < 20; i++) {
        score[i] = i < 8 ? .3 + .025 * (double)i : .5 - .025 * (double)(i - 8);
        steps[i] = 20 * (int64_t)(i + 1);
    }
    made_init(&made, EXPERIMENT_RL);
    made_series(&made, ROLE_REWARD, NULL, reward, N);
    made_series(&made, ROLE_HELD_OUT_SCORE, steps, score, 20);
    const struct analysis *a = analyze_subject(&made.subject, &made.arena);
    cr_expect_str_eq(a->verdict, "Partially Effective", "%s", a->verdict_rule);
    cr_expect(strstr(a->verdict_rule, "reward_hacking") && !strstr(a->verdict_rule, "got better"),
              "%s", a->verdict_rule);
    made_fini(&made);
}

Test(analyze, one_cause_gives_one_finding)
{
    static const struct run run = {"both rise", N, 1.5, 1.5, 0, 0, .5, "", ""};
    struct made made;
    const struct analysis *a = analysed(&made, &run);
    size_t bad = 0;

    for (size_t i = 0; i < a->findings.list.n; i++) {
        const struct finding *f = &a->findings.list.v[i];

        bad += f->status == FINDING_FOUND && f->severity >= SEVERITY_MEDIUM;
    }
    cr_expect(bad == 1, "%zu", bad);
    const struct finding *f = analysis_find(a, "divergence", FINDING_FOUND);
    cr_assert(f && f == &a->findings.list.v[0], "it stands first");
    cr_expect(f->evidence.columns.n == 2, "both losses are its evidence");
    f = analysis_find(a, "val_rising", FINDING_NOT_FOUND);
    cr_expect(f && strstr(f->sentence, "Explained by divergence"));
    cr_expect(!analysis_find(a, "plateau", FINDING_FOUND));
    made_fini(&made);
}

Test(analyze, the_risk_is_that_of_its_terms)
{
    static const struct run run = {"validation rises", N, -.3, .1, 0, 0, .5, "", ""};
    struct made made;
    const struct analysis *a = analysed(&made, &run);
    const struct finding *f = analysis_find(a, "overfitting", FINDING_FOUND);

    cr_assert(f && f->severity == SEVERITY_HIGH && a->risk_terms_n >= 1);
    cr_expect_str_eq(a->risk_terms[0].finding, f->id);
    cr_expect(near_to(a->risk_terms[0].share, 0.6 * f->confidence, 1e-9), "%g",
              a->risk_terms[0].share);
    double safe = 1; /* low and medium findings may be there as well */
    for (size_t i = 0; i < a->risk_terms_n; i++)
        safe *= 1 - a->risk_terms[i].share;
    cr_expect(near_to(a->risk, 1 - safe, 1e-9));
    cr_expect_str_eq(a->risk_level, "high");
    made_fini(&made);
}

Test(analyze, a_run_without_its_metric_is_undetermined)
{
    static const enum experiment_type types[] = {EXPERIMENT_LM, EXPERIMENT_RL, EXPERIMENT_UNKNOWN};

    for (size_t i = 0; i < 3; i++) {
        struct made made;

        made_init(&made, types[i]);
        const struct analysis *a = analyze_subject(&made.subject, &made.arena);
        cr_expect_str_eq(a->verdict, "Undetermined");
        cr_expect(isnan(a->risk) && a->not_logged.n == 5 && a->not_assessed.n > 0);
        cr_expect_str_eq(a->risk_level, "not known");
        made_fini(&made);
    }
}

Test(analyze, every_finding_can_be_checked)
{
    static const struct run run = {"both rise", N, 1.5, .1, 0, 20, .5, "", ""};
    struct made made;
    const struct analysis *a = analysed(&made, &run);

    for (size_t i = 0; i < a->findings.list.n; i++) {
        const struct finding *f = &a->findings.list.v[i];

        cr_expect(f->sentence[0] && f->what_would_change_it, "%s", f->id);
        cr_expect(f->confidence >= 0 && f->confidence <= 0.99, "%s", f->id);
        cr_expect(f->status != FINDING_FOUND || f->severity < SEVERITY_MEDIUM ||
                      (f->advice && f->evidence.method[0] && f->evidence.columns.n > 0),
                  "%s", f->id);
        cr_expect(f->status == FINDING_FOUND ||
                      (f->severity == SEVERITY_INFO && f->confidence == 0),
                  "%s", f->id);
    }
    made_fini(&made);
}

/* ---- two threads at once ---- */

static void tell(const struct analysis *a, struct buf *out)
{
    for (size_t i = 0; i < a->findings.list.n; i++) {
        const struct finding *f = &a->findings.list.v[i];

        buf_printf(out, "%s %d %d %a %s %lld %lld %a %lld", f->id, (int)f->status, (int)f->severity,
                   f->confidence, f->sentence, (long long)f->evidence.from,
                   (long long)f->evidence.to, f->evidence.effect, (long long)f->evidence.n_used);
        for (size_t k = 0; k < f->evidence.values.n; k++)
            buf_printf(out, " %s=%a", f->evidence.values.v[k].name, f->evidence.values.v[k].value);
        buf_byte(out, '\n');
    }
    buf_printf(out, "%s %s %a\n", a->verdict, a->verdict_rule, a->risk);
}

/* All that is found in the bundled runs, as text with every bit of every number. */
static void *tell_all(void *of)
{
    struct catalog *catalog = of;
    struct buf *out = heap_alloc(sizeof(*out));
    struct arena listed;
    struct listing listing;

    arena_init(&listed);
    catalog_list(catalog, &listed, &listing, NULL);
    for (size_t i = 0; i < listing.n; i++) {
        const struct experiment *experiment;
        const struct analysis *a;
        struct arena arena;
        struct err err;

        arena_init(&arena);
        if (catalog_get(catalog, &listing.v[i], &arena, &experiment, &err) &&
            analyze(experiment, &arena, NULL, &a, &err))
            tell(a, out);
        else
            buf_printf(out, "%s: %s\n", listing.v[i].id, err.msg);
        arena_fini(&arena);
    }
    arena_fini(&listed);
    return out;
}

Test(analyze, two_threads_find_the_same_bytes_as_one, .timeout = 120)
{
    const char *source = getenv("POSTRUN_SOURCE");
    char path[4096];
    pthread_t thread[2];
    struct buf *told[3];

    snprintf(path, sizeof(path), "%s/tests/runs/experiments", source ? source : ".");
    const char *roots[] = {path};
    struct catalog *catalog = catalog_open(&(struct strs){roots, 1});
    told[2] = tell_all(catalog);
    for (size_t i = 0; i < 2; i++)
        cr_assert(pthread_create(&thread[i], NULL, tell_all, catalog) == 0);
    for (size_t i = 0; i < 2; i++) {
        void *out;

        cr_assert(pthread_join(thread[i], &out) == 0);
        told[i] = out;
    }
    cr_expect(told[2]->n > 20000, "%zu bytes", told[2]->n);
    for (size_t i = 0; i < 3; i++)
        cr_expect(str_eq(buf_str(told[i]), buf_str(told[2])), "thread %zu", i);
    for (size_t i = 0; i < 3; i++) {
        buf_fini(told[i]);
        free(told[i]);
    }
    catalog_close(catalog);
}

Test(analyze, the_same_input_gives_the_same_findings)
{
    static const struct run run = {"both rise", N, 1.5, 1.5, 0, 20, .5, "", ""};
    struct made one, two;
    const struct analysis *a = analysed(&one, &run), *b = analysed(&two, &run);

    cr_assert(a->findings.list.n == b->findings.list.n);
    for (size_t i = 0; i < a->findings.list.n; i++) {
        cr_expect_str_eq(a->findings.list.v[i].id, b->findings.list.v[i].id);
        cr_expect_str_eq(a->findings.list.v[i].sentence, b->findings.list.v[i].sentence);
    }
    made_fini(&one);
    made_fini(&two);
}

/* Training falls, three evaluations end 8.9% above their lowest: nothing asks for more of it. */
Test(analyze, a_short_validation_loss_past_its_best_is_not_effective)
{
    static const double val[] = {1.15, 1.12, 1.22}, ends[] = {1, .5, .01};
    static const int64_t at[] = {130, 260, 400};

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        struct made made;
        double train[N], lr[N];

        made_init(&made, EXPERIMENT_LM);
        curve_loss(train, N, N);
        for (size_t k = 0; k < N; k++)
            lr[k] = 1e-3 * (1 - (1 - ends[i]) * (double)k / (N - 1));
        made_series(&made, ROLE_TRAIN_LOSS, NULL, train, N);
        made_series(&made, ROLE_LEARNING_RATE, NULL, lr, N);
        made_series(&made, ROLE_VALIDATION_LOSS, at, val, 3);
        const struct analysis *a = analyze_subject(&made.subject, &made.arena);
        cr_expect_str_eq(a->verdict, "Undetermined", "%g: %s", ends[i], a->verdict_rule);
        cr_expect(strstr(a->verdict_rule, "8.9% above its lowest, 1.12 at step 260"), "%s",
                  a->verdict_rule);
        cr_expect(isnan(a->risk));
        bool evaluates = false;
        for (size_t k = 0; k < a->recommendations_n; k++) {
            const struct advice *advice = a->recommendations[k].advice;
            bool more = strcmp(advice->key, "eval_steps") == 0;
            evaluates |= more && strcmp(advice->to, "50") == 0; /* an eighth of 400 */
            cr_expect(more || (!strstr(advice->key, "steps") && !strstr(advice->key, "decay")),
                      "%g: %s", ends[i], advice->key);
        }
        cr_expect(evaluates, "%g", ends[i]);
        made_fini(&made);
    }
}

/* A loss that doubles for good is not "better", and its parts do not contradict each other. */
Test(analyze, a_loss_that_ends_far_above_its_best_is_ineffective)
{
    static const size_t over[] = {1, 6, 15};

    for (size_t i = 0; i < sizeof(over) / sizeof(over[0]); i++) {
        struct made made;
        double train[N];

        made_init(&made, EXPERIMENT_LM);
        curve_loss(train, N, N);
        for (size_t k = 150; k < N; k++)
            train[k] *= 1 + .8 * fmin(1, (double)(k - 149) / (double)over[i]);
        made_series(&made, ROLE_TRAIN_LOSS, NULL, train, N);
        const struct analysis *a = analyze_subject(&made.subject, &made.arena);
        cr_expect_str_eq(a->verdict, "Ineffective", "%zu: %s", over[i], a->verdict_rule);
        cr_expect(!analysis_find(a, "efficiency", FINDING_FOUND), "%zu", over[i]);
        cr_expect(!analysis_find(a, "acceleration", FINDING_FOUND), "%zu", over[i]);
        made_fini(&made);
    }
}
