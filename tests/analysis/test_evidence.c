/*
 * The evidence of every finding of real runs, again from the raw series: by plain
 * loops over what the log holds, without hygiene or the statistics of the program.
 * The bundled runs; where the collection is at hand ($POSTRUN_SHARED) its runs, too.
 */
#include "analysis/analyze.h"
#include "analysis/catalog.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

struct curve {
    size_t n;
    int64_t *step;
    double *value;
    bool several; /* values a step: these are judged by their median, which is not done here */
    size_t logged, lost_at_end;
};

static struct arena arena;
static const struct experiment *experiment;
static const char *run; /* for messages */

/* ---- the log again ---- */

/* The latest attempt: from the end back, whatever lies before all steps seen so far. */
static struct curve curve_of(const char *name)
{
    struct curve c = {0};
    struct series s;
    struct err err;
    size_t repeats = 0;
    int64_t least = INT64_MAX;

    cr_assert(experiment_series(experiment, str_of(name), &arena, &s, &err), "%s: %s", run,
              err.msg);
    c.logged = s.n;
    c.step = ARENA_ARRAY(&arena, s.n, int64_t);
    c.value = ARENA_ARRAY(&arena, s.n, double);
    for (size_t i = s.n; i-- > 0;) {
        repeats += i > 0 && s.step[i] == s.step[i - 1];
        if (s.step[i] >= least)
            continue;
        least = s.step[i];
        if (!isfinite(s.value[i])) {
            c.lost_at_end += c.n == 0;
            continue;
        }
        c.step[c.n] = s.step[i];
        c.value[c.n++] = s.value[i];
    }
    for (size_t i = 0; i < c.n / 2; i++) {
        int64_t step = c.step[i];
        double value = c.value[i];

        c.step[i] = c.step[c.n - 1 - i];
        c.value[i] = c.value[c.n - 1 - i];
        c.step[c.n - 1 - i] = step;
        c.value[c.n - 1 - i] = value;
    }
    c.several = (double)repeats >= 0.3 * (double)s.n;
    return c;
}

/* ---- plain statistics ---- */

static int by_value(const void *a, const void *b)
{
    const double *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

static double plain_quantile(const double *x, size_t n, double p)
{
    double *sorted = ARENA_ARRAY(&arena, n, double), at = p * (double)(n - 1);
    size_t k = (size_t)at;

    memcpy(sorted, x, n * sizeof(*x));
    qsort(sorted, n, sizeof(*x), by_value);
    return k + 1 < n ? sorted[k] + (at - (double)k) * (sorted[k + 1] - sorted[k]) : sorted[n - 1];
}

static double plain_mean(const double *x, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += x[i] / (double)n;
    return sum;
}

static double value_of(const struct finding *f, const char *name)
{
    for (size_t i = 0; i < f->evidence.values.n; i++) {
        if (strcmp(f->evidence.values.v[i].name, name) == 0)
            return f->evidence.values.v[i].value;
    }
    return (double)NAN;
}

static void expect_value(const struct finding *f, const char *name, double want)
{
    double got = value_of(f, name);

    cr_expect(fabs(got - want) <= 1e-9 + 1e-6 * fabs(want), "%s, %s: %s is %.9g, from the log %.9g",
              run, f->id, name, got, want);
}

/* ---- one function a class ---- */

static void check_improvement(const struct finding *f, const struct curve *c)
{
    double first = plain_mean(c->value, 10), last = plain_mean(c->value + c->n - 10, 10);

    expect_value(f, "first_ten", first);
    expect_value(f, "last_ten", last);
    cr_expect(fabs(f->evidence.effect - 100 * (first - last) / first) < 1e-6, "%s", run);
}

static void check_best(const struct finding *f, const struct curve *c)
{
    int64_t best = (int64_t)value_of(f, "best_step"), from = c->step[0], to = c->step[c->n - 1];
    bool there = false;

    for (size_t i = 0; i < c->n; i++) {
        there |= c->step[i] == best;
        if (c->step[i] == best)
            expect_value(f, "best", c->value[i]);
    }
    cr_expect(there, "%s: nothing at step %lld", run, (long long)best);
    expect_value(f, "last", c->value[c->n - 1]);
    expect_value(f, "share_of_run_after_best", (double)(to - best) / (double)(to - from));
}

static void check_divergence(const struct finding *f, const struct curve *c)
{
    size_t blocks = c->n / 5 < 40 ? c->n / 5 : 40, least = 0;
    double m[40] = {0};

    if (c->lost_at_end > 0) {
        expect_value(f, "trailing_non_finite", (double)c->lost_at_end);
        if (c->n > 0)
            expect_value(f, "last_finite", c->value[c->n - 1]);
        return;
    }
    cr_assert(blocks > 0, "%s", run);
    for (size_t k = 0; k < blocks; k++) {
        size_t from = k * c->n / blocks, to = (k + 1) * c->n / blocks;

        for (size_t i = from; i < to; i++)
            c->value[i] = log(c->value[i]);
        m[k] = plain_quantile(c->value + from, to - from, .5);
        least = m[k] < m[least] ? k : least;
    }
    expect_value(f, "rise", m[blocks - 1] - m[least]);
    expect_value(f, "last", exp(c->value[c->n - 1]));
    double best = (double)c->step[(least + 1) * c->n / blocks - 1], end = (double)c->step[c->n - 1];
    expect_value(f, "best_stretch_to", best);
    expect_value(f, "share_of_run_after_best", (end - best) / (end - (double)c->step[0]));
}

/* OLMo's score from scratch; each named step is higher than all around it. */
static void check_spikes(const struct finding *f, const struct curve *c)
{
    size_t hits = 0, named = 0;

    for (size_t i = 20; i < c->n; i++) {
        size_t m = i < 1000 ? i : 1000;
        double mean = plain_mean(c->value + i - m, m), squares = 0;

        for (size_t k = i - m; k < i; k++)
            squares += (c->value[k] - mean) * (c->value[k] - mean);
        double sd = sqrt(squares / (double)(m - 1));
        hits += sd > 0 && c->value[i] >= mean + 7 * sd;
    }
    expect_value(f, "olmo_spike_score_loss", 100 * (double)hits / (double)c->n);
    for (size_t i = 0; i < c->n; i++) {
        char name[64];

        snprintf(name, sizeof(name), "peak_at_step_%lld", (long long)c->step[i]);
        if (isnan(value_of(f, name)))
            continue;
        named++;
        cr_expect((i == 0 || c->value[i] >= c->value[i - 1]) &&
                      (i + 1 == c->n || c->value[i] >= c->value[i + 1]),
                  "%s: no peak at %lld", run, (long long)c->step[i]);
        double base = plain_quantile(c->value + (i < 40 ? 0 : i - 40), i < 40 ? i : 40, .5);
        cr_expect(c->value[i] > base && value_of(f, name) > 0, "%s: %s", run, name);
    }
    cr_expect(named > 0 && (double)named <= value_of(f, "events"), "%s: %zu named", run, named);
}

static void check_shift(const struct finding *f, const struct curve *c)
{
    for (size_t i = 20; i + 20 < c->n; i++) {
        char name[64];

        snprintf(name, sizeof(name), "jump_at_step_%lld", (long long)c->step[i]);
        double jump = value_of(f, name);
        if (isnan(jump))
            continue;
        double by = log(plain_quantile(c->value + i, 20, .5)) -
                    log(plain_quantile(c->value + i - 20, 20, .5));
        cr_expect(by * jump > 0, "%s: %s is %g, the medians of 20 points differ by %g", run, name,
                  jump, by);
    }
    cr_expect(value_of(f, "shifts") >= 1);
}

static void check_schedule(const struct finding *f, const struct curve *c)
{
    double peak = 0;
    size_t at = 0;

    for (size_t i = 0; i < c->n; i++)
        peak = fmax(peak, c->value[i]);
    while (at < c->n && c->value[at] < (1 - 1e-4) * peak)
        at++;
    expect_value(f, "peak", peak);
    expect_value(f, "end_over_peak", c->value[c->n - 1] / peak);
    cr_expect(value_of(f, "warmup_end") <= (double)c->step[at], "%s", run);
}

static void check_norms(const struct finding *f, const struct curve *c)
{
    expect_value(f, "q01", plain_quantile(c->value, c->n, .01));
    expect_value(f, "median", plain_quantile(c->value, c->n, .5));
    expect_value(f, "q95", plain_quantile(c->value, c->n, .95));
    expect_value(f, "largest", plain_quantile(c->value, c->n, 1));
}

static void check_flat(const struct finding *f, const struct curve *c)
{
    size_t inside = 0;

    for (size_t i = 0; i < c->n; i++)
        inside += (double)c->step[i] > value_of(f, "flat_from") &&
                  (double)c->step[i] <= value_of(f, "flat_to");
    expect_value(f, "evaluations", (double)c->n);
    expect_value(f, "evaluations_flat", (double)inside);
}

/* Block means of the last half against log2 of the step, by the normal equations. */
static void check_per_doubling(const struct finding *f, const struct curve *c)
{
    size_t from = c->n / 2, n = c->n - from, blocks = n / 3 < 16 ? n / 3 : 16;
    double sx = 0, sy = 0, sxx = 0, sxy = 0, k = (double)blocks;

    for (size_t b = 0; b < blocks; b++) {
        size_t first = from + b * n / blocks, end = from + (b + 1) * n / blocks;
        double x = 0, y = 0;

        for (size_t i = first; i < end; i++) {
            x += log2((double)c->step[i]) / (double)(end - first);
            y += log(c->value[i]) / (double)(end - first);
        }
        sx += x;
        sy += y;
        sxx += x * x;
        sxy += x * y;
    }
    expect_value(f, "improvement_per_doubling", -(k * sxy - sx * sy) / (k * sxx - sx * sx));
}

static void check_reward(const struct finding *f, const struct curve *c)
{
    size_t blocks = c->n / 3 < 24 ? c->n / 3 : 24;
    double b[24], top = -INFINITY;

    for (size_t k = 0; k < blocks; k++) {
        size_t from = k * c->n / blocks, to = (k + 1) * c->n / blocks;

        b[k] = plain_mean(c->value + from, to - from);
    }
    for (size_t k = 0; k < blocks; k++) {
        size_t from = k ? k - 1 : 0, to = k + 1 < blocks ? k + 2 : blocks;

        top = fmax(top, plain_mean(b + from, to - from));
    }
    expect_value(f, "start", plain_mean(b, 3));
    expect_value(f, "end", plain_mean(b + blocks - 3, 3));
    expect_value(f, "top", top);
}

/* Of a reward it is a state; of a loss a rate (plateau) or a change (no_progress). */
static void check_still(const struct finding *f, const struct curve *c)
{
    size_t tenth = c->n / 10;

    if (!isnan(value_of(f, "noise_of_a_block")))
        check_reward(f, c);
    else if (!isnan(value_of(f, "improvement_per_doubling")))
        check_per_doubling(f, c);
    else
        expect_value(f, "change",
                     log(plain_quantile(c->value + c->n - tenth, tenth, .5)) -
                         log(plain_quantile(c->value, tenth, .5)));
}

static void check_last_step(const struct finding *f, const struct curve *c)
{
    expect_value(f, "last_step", (double)c->step[c->n - 1]);
}

static void check_sizes(const struct finding *f, const struct curve *c)
{
    for (size_t i = 0; i < c->n; i++)
        c->value[i] = fabs(c->value[i]);
    expect_value(f, "median", plain_quantile(c->value, c->n, .5));
    expect_value(f, "q95", plain_quantile(c->value, c->n, .95));
}

/* Medians of the first and last three of K = min(24, n/3) blocks, averaged; n >= 36. */
static void check_drift(const struct finding *f, const struct curve *c)
{
    size_t blocks = c->n / 3 < 24 ? c->n / 3 : 24;
    double start = 0, end = 0;

    for (size_t k = 0; c->n >= 36 && k < 3; k++) {
        size_t j = blocks - 3 + k, first = k * c->n / blocks, last = j * c->n / blocks;

        start += plain_quantile(c->value + first, (k + 1) * c->n / blocks - first, .5) / 3;
        end += plain_quantile(c->value + last, (j + 1) * c->n / blocks - last, .5) / 3;
    }
    cr_assert(c->n >= 36, "%s", run);
    expect_value(f, "start", start);
    expect_value(f, "end", end);
}

static void check_last_quarter(const struct finding *f, const struct curve *c)
{
    size_t n = c->n / 4 > 8 ? c->n / 4 : 8, zeros = 0;

    for (size_t i = c->n - n; i < c->n; i++)
        zeros += c->value[i] == 0;
    expect_value(f, "median", plain_quantile(c->value + c->n - n, n, .5));
    expect_value(f, "exact_zeros", (double)zeros);
}

/* R against e^H by the normal equations, where both are logged at the same steps. */
static void check_entropy_line(const struct finding *f, const struct curve *h)
{
    double n = (double)h->n, sx = 0, sy = 0, sxx = 0, sxy = 0;

    cr_assert(f->evidence.columns.n == 2, "%s", run);
    struct curve r = curve_of(f->evidence.columns.v[1]);
    cr_assert(r.n == h->n && memcmp(r.step, h->step, r.n * sizeof(*r.step)) == 0, "%s", run);
    for (size_t i = 0; i < h->n; i++) {
        double x = exp(h->value[i]), y = r.value[i];

        sx += x;
        sy += y;
        sxx += x * x;
        sxy += x * y;
    }
    double slope = (n * sxy - sx * sy) / (n * sxx - sx * sx);
    expect_value(f, "a", -slope);
    expect_value(f, "b", (sy - slope * sx) / n);
}

static void check_zeros(const struct finding *f, const struct curve *c)
{
    size_t zeros = 0;

    for (size_t i = 0; i < c->n; i++)
        zeros += c->value[i] == 0;
    expect_value(f, "zeros", (double)zeros);
}

static void check_non_finite(const struct finding *f, const struct curve *c)
{
    cr_expect(f->evidence.n_used == (int64_t)c->logged || c->n < c->logged, "%s: %s", run, f->id);
}

/* A class that is not here has no test that recomputes it: add it here, or name the test. */
static const struct {
    const char *class;
    void (*check)(const struct finding *f, const struct curve *c);
    const char *elsewhere;
} rows[] = {
    {"improvement", check_improvement, NULL},
    {"overfitting", check_best, NULL},
    {"val_rising", check_best, NULL},
    {"divergence", check_divergence, NULL},
    {"spikes", check_spikes, NULL},
    {"level_shift", check_shift, NULL},
    {"lr_schedule", check_schedule, NULL},
    {"grad_distribution", check_norms, NULL},
    {"val_plateau", check_flat, NULL},
    {"plateau", check_still, NULL},
    {"schedule_end", check_still, NULL},
    {"no_progress", check_still, NULL},
    {"reward_decline", check_reward, NULL},
    {"stopped_early", check_last_step, NULL},
    {"policy_kl", check_sizes, NULL},
    {"clip_fraction", check_sizes, NULL},
    {"sampler_kl", check_sizes, NULL},
    {"zero_loss", check_zeros, NULL},
    {"nonfinite", check_non_finite, NULL},
    {"oscillation", NULL, "detectors/test_oscillation.c"},
    {"lr_efficiency", NULL, "detectors/test_learning_rate.c"},
    {"lr_stopped_high", NULL, "detectors/test_learning_rate.c"},
    {"lr_decay_gain", NULL, "detectors/test_learning_rate.c"},
    {"continued_training", NULL, "detectors/test_learning_rate.c"},
    {"grad_clipping", NULL, "detectors/test_gradients.c"},
    {"grad_vanishing", NULL, "detectors/test_gradients.c"},
    {"grad_explosion", NULL, "detectors/test_gradients.c"},
    {"entropy_reward_line", check_entropy_line, NULL},
    {"value_loss_rising", check_drift, NULL},
    {"explained_variance_degenerate", check_last_quarter, NULL},
    {"throughput", NULL, "detectors/test_machine.c"},
    {"compute", NULL, "detectors/test_machine.c"},
    {"acceleration", NULL, "detectors/test_machine.c"},
    {"gpu_memory", NULL, "detectors/test_machine.c"},
    {"reference_values", NULL, "detectors/test_ablation.c"},
    {"truncated", NULL, "detectors/test_starvation.c"},
    {"held_out_score", NULL, "detectors/test_updates.c"},
    {"grad_layers", NULL, "detectors/test_grad_layers.c"},
    {"grad_layer_explosion", NULL, "detectors/test_grad_layers.c"},
    {"grad_layer_vanishing", NULL, "detectors/test_grad_layers.c"},
    {"ablation", NULL, "detectors/test_ablation.c"},
    {"missing_metrics", NULL, "detectors/test_rl.c"},
};

static void check_finding(const struct finding *f)
{
    const struct evidence *e = &f->evidence;
    size_t row = 0, of = sizeof(rows) / sizeof(rows[0]);

    cr_expect(f->severity <= SEVERITY_CRITICAL && f->confidence > 0 && f->confidence <= .99,
              "%s, %s: %g", run, f->id, f->confidence);
    cr_expect(e->method && *e->method && e->columns.n > 0, "%s, %s", run, f->id);
    for (size_t i = 0; i < e->values.n; i++)
        cr_expect(isfinite(e->values.v[i].value), "%s, %s: %s", run, f->id, e->values.v[i].name);
    while (row < of && strcmp(rows[row].class, f->class) != 0)
        row++;
    cr_expect(row < of, "%s: no test recomputes the evidence of %s", run, f->class);
    if (row == of || !rows[row].check)
        return;
    struct curve c = curve_of(e->columns.v[0]);
    cr_expect(c.logged > 0 && e->n_used <= (int64_t)c.logged, "%s, %s: used %lld of %zu", run,
              f->id, (long long)e->n_used, c.logged);
    if (c.several)
        return;
    if (c.n > 0 && e->from != NOT_GIVEN && c.lost_at_end == 0)
        cr_expect(c.step[0] <= e->from && e->from <= c.step[c.n - 1] &&
                      (e->to == NOT_GIVEN || (e->from <= e->to && e->to <= c.step[c.n - 1])),
                  "%s, %s: steps %lld to %lld", run, f->id, (long long)e->from, (long long)e->to);
    rows[row].check(f, &c);
}

static size_t check_runs(const char *root)
{
    struct catalog *catalog = catalog_open(&(struct strs){&root, 1});
    struct arena listed;
    struct listing listing;
    size_t found = 0;

    arena_init(&listed);
    catalog_list(catalog, &listed, &listing, NULL);
    cr_assert(listing.n > 0, "nothing below %s", root);
    for (size_t i = 0; i < listing.n; i++) {
        const struct analysis *a;
        struct coverage coverage;
        struct err err;

        arena_init(&arena);
        run = listing.v[i].id;
        coverage_init(&coverage, &arena);
        cr_assert(catalog_get(catalog, &listing.v[i], &arena, &experiment, &err), "%s", err.msg);
        cr_assert(analyze(experiment, &arena, &coverage, &a, &err), "%s: %s", run, err.msg);
        for (size_t k = 0; k < a->findings.list.n; k++) {
            if (a->findings.list.v[k].status != FINDING_FOUND)
                continue;
            check_finding(&a->findings.list.v[k]);
            found++;
        }
        arena_fini(&arena);
    }
    arena_fini(&listed);
    catalog_close(catalog);
    return found;
}

static const char *path_of(char out[4096], const char *variable, const char *otherwise,
                           const char *below)
{
    const char *root = getenv(variable);

    snprintf(out, 4096, "%s/%s", root ? root : otherwise, below);
    return out;
}

Test(evidence, of_the_bundled_runs_is_what_the_log_says)
{
    char path[4096];
    size_t found = check_runs(path_of(path, "POSTRUN_SOURCE", ".", "tests/runs/experiments"));

    cr_expect(found >= 20, "%zu findings", found);
}

Test(evidence, of_other_real_runs_is_what_the_log_says, .timeout = 300)
{
    static const char *const folders[] = {"data/files/lm", "data/files/rl"};
    char path[4096];

    for (size_t i = 0; i < 2; i++) {
        path_of(path, "POSTRUN_SHARED", "../shared", folders[i]);
        if (access(path, R_OK) != 0)
            cr_skip_test("%s is not there", path);
        size_t found = check_runs(path);
        cr_expect(found >= 15, "%s: %zu findings", path, found);
    }
}
