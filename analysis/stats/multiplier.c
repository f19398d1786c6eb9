#include "analysis/stats/multiplier.h"

#include <math.h>

#include "analysis/stats/trend.h"

static const double beta1 = 0.9, beta2 = 0.999, eps = 1e-8;

static double softplus(double raw)
{
    return raw > 30 ? raw : log1p(exp(raw)); /* e^-30 is below the last digit of 30 */
}

static double sigmoid(double raw)
{
    return raw >= 0 ? 1 / (1 + exp(-raw)) : exp(raw) / (1 + exp(raw));
}

struct adam {
    double raw, m, v;
    double beta1_t, beta2_t; /* powers, for the corrections of the bias */
};

static struct adam adam_at(double lambda)
{
    /* ln(e^x - 1), without overflow */
    double raw = lambda > 30 ? lambda : log(expm1(fmax(lambda, 1e-12)));

    return (struct adam){.raw = raw, .beta1_t = 1, .beta2_t = 1};
}

static double adam_step(struct adam *a, const struct dual *dual, double cost)
{
    double g = -cost * sigmoid(a->raw) + dual->decay * a->raw;

    a->m = beta1 * a->m + (1 - beta1) * g;
    a->v = beta2 * a->v + (1 - beta2) * g * g;
    a->beta1_t *= beta1;
    a->beta2_t *= beta2;
    a->raw -= dual->rate * (a->m / (1 - a->beta1_t)) / (sqrt(a->v / (1 - a->beta2_t)) + eps);
    return softplus(a->raw);
}

double constraint_cost(double threshold, double diversity)
{
    return fmax(0, threshold - diversity);
}

void multiplier_run(const struct dual *dual, const double *cost, size_t n, double *lambda)
{
    struct adam a = adam_at(dual->init);

    for (size_t i = 0; i < n; i++)
        lambda[i] = adam_step(&a, dual, cost[i]);
}

double multiplier_limit(double cost, double decay)
{
    enum { HALVINGS = 200 };
    double low = 0, high = decay > 0 ? cost / decay : 0;

    if (!(cost > 0))
        return M_LN2;
    if (!(decay > 0))
        return (double)INFINITY;
    /* sigmoid(raw)/raw falls for raw > 0: one root, in (0, cost/decay] */
    for (int i = 0; i < HALVINGS && low < high; i++) {
        double raw = (low + high) / 2;

        if (raw < cost / decay * sigmoid(raw))
            low = raw;
        else
            high = raw;
    }
    return softplus((low + high) / 2);
}

double multiplier_misfit(const struct dual *dual, const double *cost, const double *lambda,
                         size_t n)
{
    struct adam a = adam_at(dual->init);
    double worst = 0;

    for (size_t i = 0; i < n; i++) {
        double want = adam_step(&a, dual, cost[i]);

        worst = fmax(worst, fabs(lambda[i] - want) / fmax(want, 0.01));
    }
    return worst;
}

static double phase(const double *x, size_t n, double period)
{
    struct ols line = ols_line(NULL, x, n);
    double re = 0, im = 0;

    for (size_t i = 0; i < n; i++) {
        double t = (double)i, y = x[i] - line.intercept - line.slope * t;

        re += y * cos(2 * M_PI * t / period);
        im -= y * sin(2 * M_PI * t / period);
    }
    return atan2(im, re);
}

double phase_lag(const double *leads, const double *follows, size_t n, double period)
{
    double turns = (phase(leads, n, period) - phase(follows, n, period)) / (2 * M_PI);

    return turns - floor(turns);
}

double reward_advantage_share(double lambda)
{
    return 1 / (1 + lambda);
}
