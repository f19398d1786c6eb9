#include "analysis/stats/stratified.h"

#include <math.h>
#include <stdlib.h>

#include "analysis/stats/kendall.h"
#include "analysis/stats/special.h"

static const double z975 = 1.959963984540054;

struct ranked {
    double x;
    bool passed;
};

static int by_x(const void *a, const void *b)
{
    double x = ((const struct ranked *)a)->x, y = ((const struct ranked *)b)->x;

    return (x > y) - (x < y);
}

/* One task with both outcomes; v is sorted here. */
static void add_task(struct ranksum *out, struct ranked *v, size_t n, size_t passed)
{
    double n1 = (double)passed, n0 = (double)(n - passed), all = (double)n, ranks = 0, ties = 0;

    qsort(v, n, sizeof(*v), by_x);
    for (size_t from = 0, i = 1; i <= n; i++) {
        if (i < n && v[i].x == v[from].x)
            continue;
        double t = (double)(i - from), rank = (double)(from + i + 1) / 2;
        for (size_t k = from; k < i; k++)
            ranks += v[k].passed ? rank : 0;
        ties += t * t * t - t;
        from = i;
    }
    out->s += ranks - n1 * (n1 + 1) / 2 - n1 * n0 / 2;
    out->v += n1 * n0 / 12 * (all + 1 - ties / (all * (all - 1)));
    out->pairs += n1 * n0;
    out->tasks++;
}

static size_t task_end(const uint32_t *task, size_t from, size_t n)
{
    size_t to = from + 1;

    while (to < n && task[to] == task[from])
        to++;
    return to;
}

struct ranksum stratified_ranksum(const uint32_t *task, const double *x, const bool *passed,
                                  size_t n, struct arena *scratch)
{
    struct ranksum out = {.z = NAN, .p = NAN, .auc = NAN, .auc_low = NAN, .auc_high = NAN};
    struct ranked *v = ARENA_ARRAY(scratch, n + 1, struct ranked);

    for (size_t from = 0, to; from < n; from = to) {
        size_t yes = 0;
        to = task_end(task, from, n);
        for (size_t i = from; i < to; i++) {
            v[i - from] = (struct ranked){x[i], passed[i]};
            yes += passed[i];
        }
        if (yes > 0 && yes < to - from)
            add_task(&out, v, to - from, yes);
    }
    if (!(out.v > 0))
        return out;
    out.z = out.s / sqrt(out.v);
    out.p = 2 * normal_cdf(-fabs(out.z));
    double half = z975 * sqrt(out.v) / out.pairs;
    out.auc = 0.5 + out.s / out.pairs;
    out.auc_low = fmax(0, out.auc - half);
    out.auc_high = fmin(1, out.auc + half);
    return out;
}

double within_tau(const uint32_t *task, const double *x, const double *y, size_t n,
                  struct arena *scratch, size_t *tasks)
{
    double sum = 0, weight = 0;

    *tasks = 0;
    for (size_t from = 0, to; from < n; from = to) {
        to = task_end(task, from, n);
        struct kendall one = kendall_tau(x + from, y + from, to - from, scratch);
        if (isnan(one.tau))
            continue;
        sum += one.tau * one.pairs;
        weight += one.pairs;
        ++*tasks;
    }
    return weight > 0 ? sum / weight : (double)NAN;
}

static double log_choose(double n, double k)
{
    return log_gamma(n + 1) - log_gamma(k + 1) - log_gamma(n - k + 1);
}

double fisher_exact(const struct table2 *t, double *odds)
{
    double row = t->a + t->b, rest = t->c + t->d, column = t->a + t->c, all = row + rest, p = 0;
    double first = fmax(0, column - rest), last = fmin(row, column);

    *odds = t->a * t->d / (t->b * t->c);
    double own = log_choose(row, t->a) + log_choose(rest, column - t->a);
    for (size_t i = 0; i <= (size_t)(last - first); i++) {
        double a = first + (double)i;
        double one = log_choose(row, a) + log_choose(rest, column - a);
        if (one <= own + 1e-7) /* equal but for rounding */
            p += exp(one - log_choose(all, column));
    }
    return fmin(1, p);
}

struct odds mantel_haenszel(const struct table2 *t, size_t n)
{
    struct odds out = {NAN, NAN, NAN, NAN, 0};
    double r = 0, s = 0, pr = 0, mixed = 0, qs = 0, excess = 0, variance = 0;

    for (size_t i = 0; i < n; i++) {
        double a = t[i].a, b = t[i].b, c = t[i].c, d = t[i].d, all = a + b + c + d;
        if (!((a + b) > 0 && (c + d) > 0 && (a + c) > 0 && (b + d) > 0))
            continue;
        double ri = a * d / all, si = b * c / all, pi = (a + d) / all, qi = (b + c) / all;
        r += ri;
        s += si;
        pr += pi * ri;
        mixed += pi * si + qi * ri;
        qs += qi * si;
        excess += a - (a + b) * (a + c) / all;
        variance += all > 1 ? (a + b) * (c + d) * (a + c) * (b + d) / (all * all * (all - 1)) : 0;
        out.tables++;
    }
    if (out.tables == 0 || !(variance > 0))
        return out;
    out.p = chi2_sf(excess * excess / variance, 1);
    out.ratio = r / s; /* infinite if s is 0 */
    if (r > 0 && s > 0) {
        double se = sqrt(pr / (2 * r * r) + mixed / (2 * r * s) + qs / (2 * s * s));
        out.low = out.ratio * exp(-z975 * se);
        out.high = out.ratio * exp(z975 * se);
    }
    return out;
}
