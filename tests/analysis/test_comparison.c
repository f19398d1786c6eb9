#include "analysis/comparison.h"
#include "analysis/catalog.h"
#include "tests/support/tmpdir.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>

enum { POINTS = 40 };

static struct tmpdir t;
static struct arena arena;
static struct catalog *catalog;
static const struct experiment *opened[RUNS_MAX];
static size_t runs_n;

/* A run whose loss is `level` from its half on, so its final is `level`. */
static void add_run(const char *name, const char *config, double level, int64_t stride)
{
    char path[256];
    struct buf text = {0};

    snprintf(path, sizeof(path), "%s/dashboard_metrics", name);
    tmpdir_folder(&t, path);
    snprintf(path, sizeof(path), "%s/metadata.json", name);
    tmpdir_file(&t, path, "{\"type\": \"lm\"}");
    if (config) {
        snprintf(path, sizeof(path), "%s/config.yaml", name);
        tmpdir_file(&t, path, config);
    }
    for (int i = 1; i <= POINTS; i++) {
        double value = i <= POINTS / 2 ? level + 0.1 * (POINTS / 2 - i) : level;
        buf_printf(&text, "{\"step\":%lld,\"Losses/Total\":%.17g}\n", (long long)(i * stride),
                   value);
    }
    snprintf(path, sizeof(path), "%s/dashboard_metrics/metrics.jsonl", name);
    tmpdir_file(&t, path, buf_text(&text));
    buf_fini(&text);
}

static void set_up(void)
{
    tmpdir_make(&t);
    arena_init(&arena);
    runs_n = 0;
}

static void tear_down(void)
{
    arena_fini(&arena);
    catalog_close(catalog);
    tmpdir_remove(&t);
}

TestSuite(comparison, .init = set_up, .fini = tear_down);

static bool compare(const char *metric, const char *group_by, struct comparison *out,
                    struct err *err)
{
    const char *roots[] = {t.path};
    struct listing listing;
    struct coverage coverage;

    coverage_init(&coverage, &arena);
    catalog = catalog_open(&(struct strs){roots, 1});
    catalog_list(catalog, &arena, &listing, NULL);
    for (size_t i = 0; i < listing.n; i++) {
        char id[32];
        snprintf(id, sizeof(id), "run-%02zu", i + 1);
        cr_assert(catalog_find(catalog, id, &arena, &opened[i], err), "%s", err->msg);
    }
    runs_n = listing.n;
    struct comparison_request request = {opened, runs_n, metric, group_by};
    return compare_runs(&request, &arena, &coverage, out, err);
}

Test(comparison, one_run_against_one_cannot_be_attributed)
{
    struct comparison c;
    struct err err = {0};

    add_run("run-01", "lr: 0.1\nseed: 1\n", 2.0, 1);
    add_run("run-02", "lr: 0.2\nseed: 1\n", 1.9, 1);
    cr_assert(compare(NULL, NULL, &c, &err), "%s", err.msg);
    cr_assert(c.claims_n == 1 && c.groups_n == 2);
    cr_expect_str_eq(c.metric, "Losses/Total");
    cr_expect_str_eq(c.group[1].label, "lr=0.2");
    cr_expect(c.differs_n == 1 && c.same_n == 1, "%zu %zu", c.differs_n, c.same_n);
    const struct claim *claim = &c.claim[0];
    cr_expect(claim->kind == CLAIM_CANNOT_TELL && claim->more_seeds == NOT_GIVEN, "%lld",
              (long long)claim->more_seeds);
    cr_expect(fabs(claim->difference + 0.1) < 1e-12 && isnan(claim->p));
    /* 0.1 of 2 is 5 %; the anchor is 0.04 % */
    cr_expect(fabs(claim->anchor_multiple - 125) < 1e-6, "%g", claim->anchor_multiple);
    cr_expect(strstr(claim->says, "cannot be attributed") != NULL, "%s", claim->says);
    cr_expect(strstr(claim->says, "three a side are the least") != NULL, "%s", claim->says);
    cr_expect(strstr(claim->says, "went on") == NULL, "%s", claim->says);
}

Test(comparison, three_seeds_a_side_are_a_welch_test)
{
    static const double a[] = {2.00, 2.02, 1.98}, b[] = {1.90, 1.92, 1.88};
    struct comparison c;
    struct err err = {0};

    for (int i = 0; i < 3; i++) {
        char name[16], config[64];
        snprintf(name, sizeof(name), "run-%02d", i + 1);
        snprintf(config, sizeof(config), "lr: 0.1\nseed: %d\n", i);
        add_run(name, config, a[i], 1);
        snprintf(name, sizeof(name), "run-%02d", i + 4);
        snprintf(config, sizeof(config), "lr: 0.2\nseed: %d\n", i);
        add_run(name, config, b[i], 1);
    }
    cr_assert(compare(NULL, NULL, &c, &err), "%s", err.msg);
    cr_assert(c.groups_n == 2 && c.claims_n == 1);
    cr_expect(c.group[0].n == 3 && fabs(c.group[0].sd - 0.02) < 1e-12);
    const struct claim *claim = &c.claim[0];
    cr_expect(claim->kind == CLAIM_BETTER, "%s", claim->says);
    /* t = .1/sqrt(2 * .02^2/3) = 6.123724, df 4: p = .0036047 */
    cr_expect(fabs(claim->p - 0.0036) < 1e-4, "%g", claim->p);
    /* half = t_.975(4) * .0163299 = 2.776445 * .0163299 */
    cr_expect(fabs(claim->ci_low - (-0.1 - 0.0453393)) < 1e-6, "%g", claim->ci_low);
    cr_expect(fabs(claim->d + 5) < 1e-9, "%g", claim->d);
    cr_expect(claim->probability == 1, "%g: each run of b is below each of a", claim->probability);
    cr_expect(isnan(c.group[0].iqm), "three runs have no quarters");
}

Test(comparison, seeds_that_scatter_more_than_they_differ_are_within_noise)
{
    static const double a[] = {2.0, 2.3, 1.7}, b[] = {1.9, 2.2, 1.6};
    struct comparison c;
    struct err err = {0};

    for (int i = 0; i < 3; i++) {
        char name[16], config[64];
        snprintf(name, sizeof(name), "run-%02d", i + 1);
        snprintf(config, sizeof(config), "lr: 0.1\nseed: %d\n", i);
        add_run(name, config, a[i], 1);
        snprintf(name, sizeof(name), "run-%02d", i + 4);
        snprintf(config, sizeof(config), "lr: 0.2\nseed: %d\n", i);
        add_run(name, config, b[i], 1);
    }
    cr_assert(compare(NULL, NULL, &c, &err), "%s", err.msg);
    const struct claim *claim = &c.claim[0];
    cr_expect(claim->kind == CLAIM_WITHIN_NOISE, "%s", claim->says);
    /* n = 2 ((1.959964 + .841621) * .3 / .1)^2 = 141.28: 142 a side, 139 more */
    cr_expect(claim->more_seeds == 139, "%lld", (long long)claim->more_seeds);
}

Test(comparison, five_runs_of_one_configuration_lend_their_scatter)
{
    static const double a[] = {2.00, 2.01, 1.99, 2.00, 2.00};
    struct comparison c;
    struct err err = {0};

    for (int i = 0; i < 5; i++) {
        char name[16], config[64];
        snprintf(name, sizeof(name), "run-%02d", i + 1);
        snprintf(config, sizeof(config), "lr: 0.1\nseed: %d\n", i);
        add_run(name, config, a[i], 1);
    }
    add_run("run-06", "lr: 0.2\nseed: 0\n", 1.9, 1);
    cr_assert(compare(NULL, NULL, &c, &err), "%s", err.msg);
    cr_assert(c.claims_n == 1);
    cr_expect(c.claim[0].kind == CLAIM_BETTER, "%s", c.claim[0].says);
    cr_expect(strstr(c.claim[0].seed_sd_from, "5 runs of lr=0.1") != NULL);
    /* t = -.1/(.00707107 sqrt(1 + 1/5)) = -12.9, df 4 */
    cr_expect(c.claim[0].p < 0.001 && c.claim[0].p > 0.0001, "%g", c.claim[0].p);
}

Test(comparison, runs_of_different_tasks_are_neither_ranked_nor_pooled)
{
    struct comparison c;
    struct err err = {0};

    for (int i = 0; i < 8; i++) {
        char name[16], config[96];
        snprintf(name, sizeof(name), "run-%02d", i + 1);
        snprintf(config, sizeof(config), "lr: 0.%d\nenv_id: %s\nseed: %d\n", i / 2 + 1,
                 i % 2 ? "Pong" : "Ant", i);
        add_run(name, config, 2.0 - 0.1 * i, 1);
    }
    cr_assert(compare(NULL, "lr", &c, &err), "%s", err.msg);
    cr_assert(c.groups_n == 4 && c.claims_n == 6);
    for (size_t i = 0; i < c.claims_n; i++) {
        cr_expect(c.claim[i].kind == CLAIM_NOT_COMPARABLE && isnan(c.claim[i].difference));
        cr_expect(strstr(c.claim[i].says, "pools runs of 2 tasks (env_id)") != NULL, "%s",
                  c.claim[i].says);
    }
    cr_expect(c.parameters_n == 0 && c.sweep && c.sweep->n == 4, "the four of one task are one");
    cr_expect(strstr(c.parameters_note, "4 runs of one task") != NULL, "%s", c.parameters_note);
    struct comparison_request request = {opened, 2, NULL, NULL};
    struct coverage coverage;
    coverage_init(&coverage, &arena);
    cr_assert(compare_runs(&request, &arena, &coverage, &c, &err), "%s", err.msg);
    cr_expect(c.claim[0].kind == CLAIM_NOT_COMPARABLE);
    cr_expect(strstr(c.claim[0].says, "another task: env_id is ") != NULL &&
                  strstr(c.claim[0].says, " there, so the values are not comparable") != NULL,
              "%s", c.claim[0].says);
    request = (struct comparison_request){opened, 8, NULL, "lr"};
    cr_assert(compare_runs(&request, &arena, &coverage, &c, &err), "%s", err.msg);
    cr_assert(coverage.notes.n >= 1);
    cr_expect(strstr(coverage.notes.v[0], "group lr=0.1 pools runs of 2 tasks") != NULL, "%s",
              coverage.notes.v[0]);
}

Test(comparison, the_last_part_of_a_key_says_whether_it_is_the_task)
{
    static const char *const problems[] = {"env.task", "Dataset", "tokenizer", "game.level"};
    static const char *const others[] = {"env.lr", "logging.level", "data.workers", "env_seed"};

    for (size_t i = 0; i < 4; i++) {
        cr_expect(setting_is_problem(problems[i]), "%s", problems[i]);
        cr_expect(!setting_is_problem(others[i]), "%s", others[i]);
    }
}

Test(comparison, runs_of_different_length_are_judged_where_both_were)
{
    struct comparison c;
    struct err err = {0};

    add_run("run-01", NULL, 2.0, 1); /* to step 40 */
    add_run("run-02", NULL, 1.0, 2); /* to step 80: at 40 it has its 20th point, level */
    cr_assert(compare("Losses/Total", NULL, &c, &err), "%s", err.msg);
    cr_assert(c.groups_n == 2, "without a configuration nothing is known to be alike");
    cr_expect(c.claim[0].at_step == 40);
    /* up to step 40 run-02 has 20 points; the last two are 1.0 and 1.1 */
    cr_expect(fabs(c.claim[0].value_b - 1.05) < 1e-12, "%g", c.claim[0].value_b);
    cr_expect(fabs(c.run[1].final - 1.0) < 1e-12);
    cr_expect(strstr(c.claim[0].says, "a ended there, b went on to step 80") != NULL, "%s",
              c.claim[0].says);
}

Test(comparison, a_metric_or_a_key_that_nobody_has_is_an_error_that_says_so)
{
    struct comparison c;
    struct err err = {0};

    add_run("run-01", "lr: 0.1\n", 2.0, 1);
    add_run("run-02", "lr: 0.2\n", 1.0, 1);
    cr_expect(!compare("accuracy", NULL, &c, &err));
    cr_expect(strstr(err.msg, "no run of these logs 'accuracy'") != NULL, "%s", err.msg);
    struct comparison_request request = {opened, 2, NULL, "momentum"};
    cr_expect(!compare_runs(&request, &arena, &(struct coverage){.arena = &arena}, &c, &err));
    cr_expect(strstr(err.msg, "no run's configuration has 'momentum'") != NULL, "%s", err.msg);
    request.n = 1;
    cr_expect(!compare_runs(&request, &arena, &(struct coverage){.arena = &arena}, &c, &err));
}

Test(comparison, runs_that_differ_by_seed_only_show_the_scatter_of_seeds)
{
    struct comparison c;
    struct err err = {0};

    add_run("run-01", "lr: 0.1\nseed: 1\n", 2.0, 1);
    add_run("run-02", "lr: 0.1\nseed: 2\n", 1.9, 1);
    cr_assert(compare(NULL, "none", &c, &err), "%s", err.msg);
    cr_assert(c.claims_n == 1);
    cr_expect(c.claim[0].kind == CLAIM_CANNOT_TELL);
    cr_expect(strstr(c.claim[0].says, "these differ by seed only") != NULL, "%s", c.claim[0].says);
    cr_expect(strstr(c.claim[0].says, "attributed") == NULL, "%s", c.claim[0].says);
    cr_expect(isnan(c.claim[0].seed_sd) && c.claim[0].more_seeds == NOT_GIVEN);
}

Test(comparison, three_runs_that_differ_by_seed_only_lend_their_scatter)
{
    struct comparison c;
    struct err err = {0};

    add_run("run-01", "lr: 0.1\nseed: 1\n", 2.00, 1);
    add_run("run-02", "lr: 0.1\nseed: 2\n", 2.02, 1);
    add_run("run-03", "lr: 0.1\nseed: 3\n", 1.98, 1);
    add_run("run-04", "lr: 0.2\nseed: 1\n", 1.50, 1);
    cr_assert(compare(NULL, "none", &c, &err), "%s", err.msg);
    cr_assert(c.claims_n == 6);
    /* the finals 2, 2.02, 1.98: sd .02; run-04: t = -.5/(.02 sqrt 2) = -17.7, df 2 */
    cr_expect(fabs(c.claim[0].seed_sd - 0.02) < 1e-12 && isnan(c.claim[0].p));
    cr_expect(c.claim[2].kind == CLAIM_BETTER && fabs(c.claim[2].seed_sd - 0.02) < 1e-12, "%s",
              c.claim[2].says);
    cr_expect(c.claim[2].p > 0.002 && c.claim[2].p < 0.005, "%g", c.claim[2].p);
}

Test(comparison, the_next_run_goes_beyond_a_value_only_where_values_are_numbers)
{
    struct comparison c;
    struct err err = {0};

    for (int i = 0; i < 10; i++) {
        char name[16], config[64];
        snprintf(name, sizeof(name), "run-%02d", i + 1);
        snprintf(config, sizeof(config), "act: %s\nseed: %d\n", i % 2 ? "relu" : "gelu", i);
        add_run(name, config, (i % 2 ? 1.0 : 2.0) + 0.01 * i, 1);
    }
    cr_assert(compare(NULL, NULL, &c, &err), "%s", err.msg);
    cr_assert(c.next_run != NULL);
    cr_expect(strstr(c.next_run, "more seeds at the best value so far (act=\"relu\")") != NULL,
              "%s", c.next_run);
}

Test(comparison, a_group_of_seeds_names_the_run_that_stands_apart)
{
    static const double finals[] = {2.00, 2.01, 1.99, 2.02, 3.00};
    struct comparison c;
    struct err err = {0};

    for (int i = 0; i < 5; i++) {
        char name[16], config[64];
        snprintf(name, sizeof(name), "run-%02d", i + 1);
        snprintf(config, sizeof(config), "lr: 0.1\nseed: %d\n", i);
        add_run(name, config, finals[i], 1);
    }
    cr_assert(compare(NULL, NULL, &c, &err), "%s", err.msg);
    cr_assert(c.groups_n == 1 && c.claims_n == 0);
    cr_expect_str_eq(c.group[0].label, "5 seeds of run-0");
    /* median 2.01, MAD .01: 3 robust sds are .0445 */
    cr_expect(c.group[0].outliers_n == 1 && c.group[0].outlier[0] == 4);
}

static void add_part(const char *name, int seed, int from, int to)
{
    char path[64], config[64];
    struct buf text = {0};

    snprintf(config, sizeof(config), "lr: 0.1\nseed: %d\n", seed);
    snprintf(path, sizeof(path), "%s/config.yaml", name);
    tmpdir_file(&t, path, config);
    snprintf(path, sizeof(path), "%s/metadata.json", name);
    tmpdir_file(&t, path, "{\"type\": \"lm\"}");
    for (int i = from; i <= to; i++)
        buf_printf(&text, "{\"step\":%d,\"Losses/Total\":%.17g}\n", i * 10,
                   1 + 4.0 / (1 + i) + 0.001 * seed);
    snprintf(path, sizeof(path), "%s/dashboard_metrics/metrics.jsonl", name);
    tmpdir_file(&t, path, buf_text(&text));
    buf_fini(&text);
}

/* A run that crashed and was resumed in another folder is one sample of its method, not two. */
Test(comparison, parts_of_one_run_are_no_seeds)
{
    struct comparison c;
    struct err err = {0};

    add_part("run-01", 42, 0, 60);  /* crashed at 600 */
    add_part("run-02", 42, 50, 99); /* resumed from 500 */
    add_part("run-03", 43, 0, 99);
    add_part("run-04", 43, 1, 99); /* the same again: its log begins a step later, it is no part */
    cr_assert(compare(NULL, NULL, &c, &err), "%s", err.msg);
    cr_expect(c.run[0].part_of == &c.run[1] && !c.run[1].part_of && !c.run[2].part_of &&
              !c.run[3].part_of);
    cr_expect(c.groups_n == 1 && c.group[0].n == 3);
}

Test(comparison, settings_that_move_together_are_named_and_few_runs_are_exploratory)
{
    struct comparison c;
    struct err err = {0};

    for (int i = 0; i < 6; i++) {
        char name[16], config[96];
        snprintf(name, sizeof(name), "run-%02d", i + 1);
        snprintf(config, sizeof(config), "lr: %g\nwarmup: %d\nact: %s\n", 0.1 * (i + 1),
                 100 * (i + 1), i % 2 ? "relu" : "gelu");
        add_run(name, config, 2.0 - 0.1 * i, 1);
    }
    cr_assert(compare(NULL, NULL, &c, &err), "%s", err.msg);
    cr_assert(c.parameters_n == 3);
    for (size_t i = 0; i < 3; i++) {
        const struct parameter *p = &c.parameter[i];
        if (strcmp(p->key, "lr") == 0) {
            cr_expect(fabs(p->rho + 1) < 1e-9 && p->exact);
            cr_expect(fabs(p->p - 2.0 / 720) < 1e-12, "%g", p->p);
            cr_expect_str_eq(p->confounded_with, "warmup");
        }
        if (strcmp(p->key, "act") == 0)
            cr_expect(!p->numeric && isnan(p->rho) && p->p > 0.2, "%g", p->p);
    }
    cr_expect(strstr(c.parameters_note, "exploratory: 6 runs") != NULL);
    cr_assert(c.next_run != NULL);
}

/* ---- the learning rate over runs ---- */

/* A run a value: its number is the index, the configuration has the rate, a seed, and `more`. */
static void add_rate(int i, double rate, const char *more, double value)
{
    char name[16], config[96];

    snprintf(name, sizeof(name), "run-%02d", i + 1);
    snprintf(config, sizeof(config), "optim:\n  lr: %.9g\n  min_lr: %.9g\nseed: %d\n%s", rate,
             rate / 10, i, more);
    add_run(name, config, value, 1);
}

/*
 * Rates 1e-5 to 1e-1, value 2 + .1 (log10 rate + 3)^2 + e, e = .01, -.02, 0, .02, -.01: by the same
 * sums as in test_parabola.c the curvature is .1, the turn at 1e-3, the scatter .02236068, the
 * interval .1 -+ .02571327; the range 10^(-3 -+ sqrt(.02236068 / .1) = .4728708).
 */
Test(comparison, a_sweep_of_the_rate_has_its_optimum_inside)
{
    static const double e[] = {0.01, -0.02, 0, 0.02, -0.01};
    struct comparison c;
    struct err err = {0};

    for (int i = 0; i < 5; i++)
        add_rate(i, pow(10, i - 5), "", 2 + 0.1 * (i - 2) * (i - 2) + e[i]);
    cr_assert(compare(NULL, NULL, &c, &err), "%s", err.msg);
    const struct rate_sweep *s = c.sweep;
    cr_assert(s != NULL);
    cr_expect_str_eq(s->key, "optim.lr");
    cr_expect(s->kind == SWEEP_INSIDE && s->n == 5 && s->rates == 5, "%s", s->says);
    cr_expect(fabs(s->optimum - 1e-3) < 1e-12 && fabs(s->at_optimum - 2) < 1e-9, "%g", s->optimum);
    cr_expect(fabs(s->low - 0.0742868) < 1e-6 && fabs(s->high - 0.1257132) < 1e-6, "%g", s->low);
    cr_expect(fabs(log10(s->range_low) + 3.4728708) < 1e-6, "%g", s->range_low);
    cr_expect(fabs(log10(s->range_high) + 2.5271292) < 1e-6, "%g", s->range_high);
    cr_expect(strstr(s->says, "seeds are not known") != NULL, "%s", s->says);
    cr_expect(s->next == NULL, "the optimum itself was tried: %s", s->next);
}

Test(comparison, a_sweep_whose_best_rate_is_the_last_one_is_to_be_extended)
{
    struct comparison c;
    struct err err = {0};

    for (int i = 0; i < 4; i++)
        add_rate(i, pow(10, i - 5), "", 2.5 - 0.1 * i);
    cr_assert(compare(NULL, NULL, &c, &err), "%s", err.msg);
    cr_assert(c.sweep && c.sweep->kind == SWEEP_AT_EDGE, "%s", c.sweep ? c.sweep->says : "none");
    cr_expect(c.sweep->best == 0.01 && isnan(c.sweep->optimum));
    cr_expect(strstr(c.sweep->says, "extend the sweep to 0.03") != NULL, "%s", c.sweep->says);
    cr_expect(strstr(c.next_run, "optim.lr=0.03") != NULL, "%s", c.next_run);
}

Test(comparison, a_sweep_of_three_runs_or_of_noise_cannot_tell)
{
    static const double flat[] = {2.0, 2.03, 1.98, 2.02, 2.01};
    struct comparison c;
    struct err err = {0};

    for (int i = 0; i < 5; i++)
        add_rate(i, pow(10, i - 5), "", flat[i]);
    cr_assert(compare(NULL, NULL, &c, &err), "%s", err.msg);
    cr_assert(c.sweep && c.sweep->kind == SWEEP_CANNOT_TELL, "%s", c.sweep ? c.sweep->says : "no");
    cr_expect(strstr(c.sweep->says, "holds 0") != NULL, "%s", c.sweep->says);
    struct coverage coverage;
    coverage_init(&coverage, &arena);
    struct comparison_request three = {opened + 1, 3, NULL, NULL}; /* 2.03, 1.98, 2.02 */
    cr_assert(compare_runs(&three, &arena, &coverage, &c, &err), "%s", err.msg);
    cr_assert(c.sweep && c.sweep->kind == SWEEP_CANNOT_TELL, "%s", c.sweep ? c.sweep->says : "no");
    cr_expect(strstr(c.sweep->says, "three runs leave nothing") != NULL, "%s", c.sweep->says);
}

/* Two seeds a rate: the scatter is theirs, sqrt(3 * 2 * .01^2 / 3) = .0141421. */
Test(comparison, a_sweep_takes_the_scatter_of_seeds_where_there_are_some)
{
    struct comparison c;
    struct err err = {0};

    for (int i = 0; i < 6; i++)
        add_rate(i, pow(10, i / 2 - 4), "", (i / 2 == 1 ? 2.0 : 2.3) + (i % 2 ? 0.01 : -0.01));
    cr_assert(compare(NULL, NULL, &c, &err), "%s", err.msg);
    cr_assert(c.sweep && c.sweep->kind == SWEEP_INSIDE, "%s", c.sweep ? c.sweep->says : "none");
    cr_expect(c.sweep->rates == 3 && fabs(c.sweep->scatter - 0.0141421) < 1e-6, "%g",
              c.sweep->scatter);
    cr_expect(strstr(c.sweep->says, "scatter of seeds at one rate") != NULL, "%s", c.sweep->says);
}

Test(comparison, a_rate_that_changes_with_something_else_is_no_sweep)
{
    static const char *const batch[] = {"batch: 8\n", "batch: 16\n", "batch: 32\n"};
    struct comparison c;
    struct err err = {0};

    for (int i = 0; i < 3; i++)
        add_rate(i, pow(10, i - 4), batch[i], 2.0 + 0.1 * (i - 1) * (i - 1));
    cr_assert(compare(NULL, NULL, &c, &err), "%s", err.msg);
    cr_expect(c.sweep == NULL);
}

/* ---- what blew up, what is another metric, and what to run next ---- */

/* Falls from 11 to 5 in the first quarter, then rises to `level`. */
static void add_blow_up(int i, double rate, double level)
{
    char path[64];
    struct buf text = {0};

    add_rate(i, rate, "", level);
    for (int k = 0; k < POINTS; k++)
        buf_printf(&text, "{\"step\":%d,\"Losses/Total\":%.17g}\n", k + 1,
                   k < 10   ? 11 - 0.6 * (k + 1)
                   : k < 20 ? 5 + (level - 5) * (k - 9) / 10
                            : level);
    snprintf(path, sizeof(path), "run-%02d/dashboard_metrics/metrics.jsonl", i + 1);
    tmpdir_file(&t, path, buf_text(&text));
    buf_fini(&text);
}

/* The sweep above, and a run at 1 that rose from 5 to 7: the fit is that of the five. */
Test(comparison, a_rate_that_blew_up_is_a_bound_and_no_point_of_the_parabola)
{
    static const double e[] = {0.01, -0.02, 0, 0.02, -0.01};
    struct comparison c;
    struct err err = {0};

    for (int i = 0; i < 5; i++)
        add_rate(i, pow(10, i - 5), "", 2 + 0.1 * (i - 2) * (i - 2) + e[i]);
    add_blow_up(5, 1, 7);
    cr_assert(compare(NULL, NULL, &c, &err), "%s", err.msg);
    const struct rate_sweep *s = c.sweep;
    cr_assert(s && s->kind == SWEEP_INSIDE, "%s", s ? s->says : "none");
    cr_expect(s->n == 5 && s->left_out == 1 && s->broke == 1, "%zu", s->n);
    cr_expect(fabs(s->optimum - 1e-3) < 1e-12, "%g", s->optimum);
    cr_expect(strstr(s->says, "(1 more blew up, from 1 on: an upper bound)") != NULL, "%s",
              s->says);
    const struct claim *claim = &c.claim[4]; /* run-01 against run-06 */
    cr_expect(claim->a == 0 && claim->b == 5);
    cr_expect(strstr(claim->says, "b blew up: it rose from 5 at step 10 to 7, and a did not") !=
                  NULL,
              "%s", claim->says);
}

/*
 * Two seeds a rate, sd .01 sqrt 2, so .0283 is the bar. Over x = -2 .. 2 the sums give curvature
 * (27.72 - 2 * 12.32) / 14 = .22, slope -.028, 2.024 at 0: 2.272 at 1e-4, where 2.4 was seen.
 */
Test(comparison, a_parabola_that_misses_a_rate_by_more_than_seeds_do_is_not_believed)
{
    static const double level[] = {2.9, 2.4, 2.0, 2.12, 2.9};
    struct comparison c;
    struct err err = {0};

    for (int i = 0; i < 10; i++)
        add_rate(i, pow(10, i / 2 - 5), "", level[i / 2] + (i % 2 ? 0.01 : -0.01));
    cr_assert(compare(NULL, NULL, &c, &err), "%s", err.msg);
    cr_assert(c.sweep && c.sweep->kind == SWEEP_CANNOT_TELL, "%s", c.sweep ? c.sweep->says : "no");
    cr_expect(strstr(c.sweep->says, "by more than twice the scatter of seeds") != NULL, "%s",
              c.sweep->says);
    cr_expect(c.sweep->best == 0.001, "%g", c.sweep->best);
}

/* Sds .014142 each, pooled .014142 with 2 degrees of freedom; .05 is 3.5 of them. */
Test(comparison, two_seeds_a_side_lend_their_pooled_scatter_to_the_number_needed)
{
    struct comparison c;
    struct err err = {0};

    add_run("run-01", "wd: 0.1\nseed: 1\n", 2.01, 1);
    add_run("run-02", "wd: 0.1\nseed: 2\n", 1.99, 1);
    add_run("run-03", "wd: 0.2\nseed: 1\n", 1.96, 1);
    add_run("run-04", "wd: 0.2\nseed: 2\n", 1.94, 1);
    cr_assert(compare(NULL, NULL, &c, &err), "%s", err.msg);
    cr_assert(c.claims_n == 1 && c.claim[0].kind == CLAIM_CANNOT_TELL, "%s", c.claim[0].says);
    cr_expect(fabs(c.claim[0].seed_sd - 0.0141421) < 1e-6, "%g", c.claim[0].seed_sd);
    cr_expect(c.claim[0].seed_df == 2 && c.claim[0].more_seeds == 1, "%lld",
              (long long)c.claim[0].more_seeds);
    cr_expect(isnan(c.claim[0].anchor_multiple));
    cr_expect(strstr(c.claim[0].says, "3.5 times the scatter of seeds seen here (sd 0.0141") !=
                  NULL,
              "%s", c.claim[0].says);
    cr_assert(c.next_run != NULL);
    cr_expect(strstr(c.next_run, "1 more seed each of wd=0.1 and of wd=0.2") != NULL, "%s",
              c.next_run);
}

static void add_rewards(const char *name, const char *metric)
{
    char path[64];
    struct buf text = {0};

    snprintf(path, sizeof(path), "%s/dashboard_metrics", name);
    tmpdir_folder(&t, path);
    snprintf(path, sizeof(path), "%s/metadata.json", name);
    tmpdir_file(&t, path, "{\"type\": \"rl\"}");
    for (int i = 1; i <= POINTS; i++)
        buf_printf(&text, "{\"step\":%d,\"%s\":%d}\n", i, metric, i);
    snprintf(path, sizeof(path), "%s/dashboard_metrics/metrics.jsonl", name);
    tmpdir_file(&t, path, buf_text(&text));
    buf_fini(&text);
}

Test(comparison, rewards_of_two_names_are_not_comparable)
{
    struct comparison c;
    struct err err = {0};

    add_rewards("run-01", "eprewmean");
    add_rewards("run-02", "train/reward");
    add_rewards("run-03", "EpRewMean");
    cr_assert(compare(NULL, NULL, &c, &err), "%s", err.msg);
    cr_assert(c.claims_n == 3);
    cr_expect(c.claim[0].kind == CLAIM_NOT_COMPARABLE && isnan(c.claim[0].difference));
    cr_expect(strstr(c.claim[0].says, "eprewmean here and train/reward there") != NULL, "%s",
              c.claim[0].says);
    cr_expect(c.claim[1].kind != CLAIM_NOT_COMPARABLE, "one name in two spellings: %s",
              c.claim[1].says);
    cr_expect(strncmp(c.next_run, "none: ", 6) == 0, "%s", c.next_run);
}
