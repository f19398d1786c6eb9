#include "tests/bench/detection/coverage.h"

#include "analysis/stats/passk.h"

#include <math.h>

enum { TASKS_MAX = 400 };

const struct design designs[] = {
    {0.1, 0.1, 50, 8, 1, false}, {0.1, 0.1, 50, 8, 4, false},   {0.5, 0.5, 20, 4, 1, false},
    {0.5, 0.5, 20, 4, 2, false}, {0.5, 0.5, 50, 8, 1, false},   {0.5, 0.5, 50, 8, 4, false},
    {0.5, 0.5, 50, 8, 8, false}, {0.5, 0.5, 200, 16, 8, false}, {1, 1, 50, 4, 1, false},
    {1, 1, 50, 4, 2, false},     {1, 1, 50, 8, 4, false},       {1, 1, 200, 4, 2, false},
    {2, 2, 20, 16, 8, false},    {2, 2, 50, 8, 4, false},       {2, 2, 100, 16, 4, false},
    {5, 5, 50, 8, 1, false},     {5, 5, 50, 8, 4, false},       {5, 5, 200, 16, 4, false},
    {0.3, 1.5, 50, 8, 1, false}, {0.3, 1.5, 50, 8, 4, false},   {1.5, 0.5, 50, 8, 2, false},
    {0, 0, 60, 8, 1, false},     {0, 0, 60, 8, 4, false},       {0.1, 5, 50, 4, 1, true},
    {0.1, 5, 50, 4, 2, true},    {5, 0.1, 50, 4, 1, true},      {5, 0.2, 50, 8, 4, true},
    {50, 0.5, 100, 8, 1, true},
};
const size_t designs_n = sizeof(designs) / sizeof(designs[0]);

/* Marsaglia and Tsang 2000; below 1 by one more power of a uniform. */
static double gamma_draw(struct rng *rng, double shape)
{
    if (shape < 1)
        return gamma_draw(rng, shape + 1) * pow(1 - rng_uniform(rng), 1 / shape);
    double d = shape - 1.0 / 3, c = 1 / sqrt(9 * d);
    for (;;) {
        double x = rng_normal(rng), v = 1 + c * x;
        if (v <= 0)
            continue;
        v = v * v * v;
        if (log(1 - rng_uniform(rng)) < 0.5 * x * x + d - d * v + d * log(v))
            return d * v;
    }
}

static double difficulty(struct rng *rng, const struct design *d)
{
    static const double mixed[] = {0.02, 0.5, 0.98};

    if (d->a == 0)
        return mixed[rng_below(rng, 3)];
    double x = gamma_draw(rng, d->a), y = gamma_draw(rng, d->b);
    return x + y > 0 ? x / (x + y) : 0.5;
}

/* E[1 - (1-p)^k] over all questions. */
static double truth_of_new(const struct design *d)
{
    double none = 1;

    if (d->a == 0)
        return 1 - (pow(0.98, d->k) + pow(0.5, d->k) + pow(0.02, d->k)) / 3;
    for (uint32_t i = 0; i < d->k; i++)
        none *= (d->b + i) / (d->a + d->b + i);
    return 1 - none;
}

static void count(struct cover *c, bool known, struct interval interval, double truth)
{
    if (!known)
        return;
    c->asked++;
    c->held += interval.low <= truth && truth <= interval.high;
    c->width += interval.high - interval.low;
}

void coverage_add(struct rng *rng, const struct design *d, struct covers *out)
{
    struct trials trials[TASKS_MAX];
    double value[TASKS_MAX], truth = truth_of_new(d), truth_of_these = 0, passed = 0;
    struct interval interval = {0};
    struct same_tasks same;
    const char *why;

    for (uint32_t t = 0; t < d->tasks; t++) {
        double p = difficulty(rng, d);
        trials[t] = (struct trials){.n = d->n};
        for (uint32_t i = 0; i < d->n; i++)
            trials[t].c += rng_uniform(rng) < p;
        value[t] = pass_at_k(d->n, trials[t].c, d->k);
        truth_of_these += 1 - pow(1 - p, d->k);
        passed += value[t];
    }
    bool known = interval_new_tasks(value, d->tasks, &interval, &why);
    count(&out->fresh, known, interval, truth);
    known = interval_t(value, d->tasks, &interval);
    count(&out->plain, known, interval, truth);
    count(&out->pooled, true,
          wilson_interval(passed / d->tasks * (d->tasks * d->n), d->tasks * d->n, 0.95), truth);
    known = pass_same_tasks(trials, d->tasks, d->k, &same, &why);
    count(&out->same, known, same.interval, truth_of_these / d->tasks);
}
