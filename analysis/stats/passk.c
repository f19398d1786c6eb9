#include "analysis/stats/passk.h"

#include <math.h>

#include "analysis/stats/moments.h"
#include "analysis/stats/special.h"

enum { TASKS_MIN = 10 };
static const double rounding = 1e-12; /* of shares: a spread below it is none */
static const double z975 = 1.959963984540054;

/* C(m,k)/C(n,k) for m <= n */
static double choose_ratio(uint32_t m, uint32_t n, uint32_t k)
{
    double product = 1;

    if (m < k)
        return 0;
    /* Of two ways to write it the one with fewer factors. */
    if (k <= n - m) {
        for (uint32_t i = 0; i < k; i++)
            product *= (double)(m - i) / (double)(n - i);
        return product;
    }
    for (uint32_t i = m + 1; i <= n; i++)
        product *= 1 - (double)k / (double)i;
    return product;
}

double pass_at_k(uint32_t n, uint32_t c, uint32_t k)
{
    if (k == 0 || k > n || c > n)
        return NAN;
    return 1 - choose_ratio(n - c, n, k);
}

double pass_hat_k(uint32_t n, uint32_t c, uint32_t k)
{
    if (k == 0 || k > n || c > n)
        return NAN;
    return choose_ratio(c, n, k);
}

double pass_mean(pass_of *of, const struct trials *tasks, size_t n, uint32_t k, size_t *used)
{
    double sum = 0;

    *used = 0;
    for (size_t i = 0; i < n; i++) {
        double value = of(tasks[i].n, tasks[i].c, k);
        if (isnan(value))
            continue;
        sum += value;
        ++*used;
    }
    return *used ? sum / (double)*used : (double)NAN;
}

double best_of_n(const struct trials *tasks, size_t n)
{
    size_t any = 0;

    for (size_t i = 0; i < n; i++)
        any += tasks[i].c > 0;
    return n ? (double)any / (double)n : (double)NAN;
}

static double logistic(double x)
{
    return 1 / (1 + exp(-x));
}

bool new_tasks_raw(const double *value, size_t n, struct interval *out)
{
    if (n < 2)
        return false;
    double m = mean_of(value, n), se = sd_of(value, n) / sqrt((double)n);
    if (se < rounding || m <= 0 || m >= 1) {
        *out = wilson_interval(m * (double)n, (double)n, 0.95);
        return true;
    }
    double half = student_t_quantile(0.975, (double)n - 1) * se / (m * (1 - m));
    double middle = log(m / (1 - m));
    *out = (struct interval){logistic(middle - half), logistic(middle + half)};
    return true;
}

bool interval_new_tasks(const double *value, size_t n, struct interval *out, const char **why)
{
    if (n < TASKS_MIN) {
        *why = "fewer than 10 questions: no interval for new questions";
        return false;
    }
    return new_tasks_raw(value, n, out);
}

bool interval_t(const double *value, size_t n, struct interval *out)
{
    if (n < 2)
        return false;
    double m = mean_of(value, n), se = sd_of(value, n) / sqrt((double)n);
    double half = student_t_quantile(0.975, (double)n - 1) * se;
    *out = (struct interval){m - half, m + half};
    return true;
}

/* Mean, variance and harmonic mean of n over the tasks that have k trials. */
struct spread {
    double m, var, harmonic;
    size_t tasks;
};

static struct spread spread_of(const struct trials *tasks, size_t n, uint32_t k)
{
    struct spread s = {0};
    double inverse = 0, squares = 0;

    for (size_t i = 0; i < n; i++) {
        if (tasks[i].n < k || tasks[i].n == 0)
            continue;
        s.m += (double)tasks[i].c / tasks[i].n;
        inverse += 1.0 / tasks[i].n;
        s.tasks++;
    }
    if (s.tasks < 2)
        return s;
    s.m /= (double)s.tasks;
    s.harmonic = (double)s.tasks / inverse;
    for (size_t i = 0; i < n; i++) {
        double d = tasks[i].n ? (double)tasks[i].c / tasks[i].n - s.m : 0;
        if (tasks[i].n >= k && tasks[i].n > 0)
            squares += d * d;
    }
    s.var = squares / (double)(s.tasks - 1);
    return s;
}

/* E[(1-p)^k] for p ~ Beta(a, b) */
static double none_of(double a, double b, uint32_t k)
{
    double product = 1;

    for (uint32_t i = 0; i < k; i++)
        product *= (b + i) / (a + b + i);
    return product;
}

bool pass_same_tasks(const struct trials *tasks, size_t n, uint32_t k, struct same_tasks *out,
                     const char **why)
{
    struct spread s = spread_of(tasks, n, k);
    double bayes = 0, unbiased = 0, mean = 0;

    *out = (struct same_tasks){.m = s.m};
    *why = s.tasks < 2       ? "fewer than 2 questions have that many trials"
           : s.harmonic <= 1 ? "one trial a question says nothing about another answer to it"
           : s.m <= 0        ? "no trial passed"
           : s.m >= 1        ? "every trial passed"
                             : NULL;
    if (*why || k == 0)
        return false;
    double noise = s.m * (1 - s.m);
    out->rho = clip((s.var - noise / s.harmonic) / (noise * (1 - 1 / s.harmonic)), 0.01, 0.95);
    out->a = fmax(0.05, s.m * (1 / out->rho - 1));
    out->b = fmax(0.05, (1 - s.m) * (1 / out->rho - 1));
    for (size_t i = 0; i < n; i++) {
        const struct trials *t = &tasks[i];
        if (t->n < k)
            continue;
        double a = out->a + t->c, b = out->b + (t->n - t->c), none = none_of(a, b, k);
        mean += 1 - none;
        bayes += none_of(a, b, 2 * k) - none * none;
        if (2 * k > t->n) {
            out->approximate = true;
            continue;
        }
        double w = choose_ratio(t->n - t->c, t->n, k);
        unbiased += w * w - choose_ratio(t->n - t->c, t->n, 2 * k);
    }
    double T = (double)s.tasks;
    out->mean = mean / T;
    out->se_bayes = sqrt(fmax(0, bayes)) / T;
    out->se_unbiased = out->approximate ? (double)NAN : sqrt(fmax(0, unbiased)) / T;
    double half = z975 * fmax(out->se_bayes, out->se_unbiased); /* fmax passes a NaN over */
    out->interval = (struct interval){clip(out->mean - half, 0, 1), clip(out->mean + half, 0, 1)};
    return true;
}
