/* Learning rates, base curves and noise. */
#include "tests/bench/detection/draft.h"

#include <math.h>

double draft_u(const struct draft *d, size_t i)
{
    return (double)(i + 1) / (double)d->n;
}

size_t draft_at(struct draft *d, double lo, double hi)
{
    size_t at = (size_t)(dice_in(&d->dice, lo, hi) * (double)d->n);

    return at < 1 ? 1 : at > d->n - 1 ? d->n - 1 : at;
}

double draft_step(const struct draft *d, size_t i)
{
    return (double)d->step[i < d->n ? i : d->n - 1];
}

/* ---- schedules ---- */

static const enum schedule_kind kinds[] = {
    SCHEDULE_CONSTANT,     SCHEDULE_COSINE, SCHEDULE_LINEAR, SCHEDULE_EXPONENTIAL,
    SCHEDULE_INVERSE_SQRT, SCHEDULE_WSD,    SCHEDULE_STEP,   SCHEDULE_RESTARTS,
};

struct plan {
    double a, b; /* what they mean depends on the kind */
    size_t k;
};

static double cosine(double u)
{
    return 0.5 * (1 + cos(M_PI * fmin(u, 1)));
}

/* u in (0,1]: the share of the run behind the warm-up. */
static double rate_at(enum schedule_kind kind, const struct plan *p, double u)
{
    switch (kind) {
    case SCHEDULE_COSINE:
        return p->a + (1 - p->a) * cosine(u / p->b);
    case SCHEDULE_LINEAR:
        return p->a + (1 - p->a) * (1 - u);
    case SCHEDULE_EXPONENTIAL:
        return pow(p->a, u);
    case SCHEDULE_WSD:
        return u <= p->a ? 1 : 1 - (1 - p->b) * (u - p->a) / (1 - p->a);
    case SCHEDULE_STEP:
        return pow(p->a, floor(u * (double)(p->k + 1) * 0.999));
    case SCHEDULE_RESTARTS:
        return p->a + (1 - p->a) * cosine(fmod(u * (double)p->k * 0.9999, 1));
    default:
        return 1;
    }
}

static struct plan plan_of(struct draft *d, enum schedule_kind kind)
{
    struct dice *r = &d->dice;
    struct plan p = {0, 1, 1};

    switch (kind) {
    case SCHEDULE_COSINE:
        p.a = dice_below(r, 2) ? 0 : dice_in(r, 0.01, 0.15);
        p.b = dice_below(r, 5) == 0 ? dice_in(r, 1.2, 3) : 1;
        break;
    case SCHEDULE_LINEAR:
        p.a = dice_below(r, 2) ? 0 : dice_in(r, 0.02, 0.2);
        break;
    case SCHEDULE_EXPONENTIAL:
        p.a = dice_log(r, 0.01, 0.3);
        break;
    case SCHEDULE_INVERSE_SQRT:
        p.a = dice_log(r, 0.005, 0.15);
        break;
    case SCHEDULE_WSD:
        p.a = dice_in(r, 0.5, 0.9);
        p.b = dice_below(r, 2) ? 0 : dice_in(r, 0.02, 0.1);
        break;
    case SCHEDULE_STEP:
        p.k = 1 + (size_t)dice_below(r, 3);
        p.a = dice_in(r, 0.1, 0.5);
        break;
    case SCHEDULE_RESTARTS:
        p.k = 3 + (size_t)dice_below(r, 3);
        p.a = dice_in(r, 0, 0.1);
        break;
    default:
        break;
    }
    return p;
}

void schedule_fill(struct draft *d, unsigned allowed)
{
    static const double warmups[] = {0, 0.01, 0.03, 0.1};
    enum schedule_kind kind;

    do
        kind = kinds[dice_below(&d->dice, sizeof(kinds) / sizeof(kinds[0]))];
    while (allowed != ANY_SCHEDULE && !(allowed & 1U << kind));
    struct plan plan = plan_of(d, kind);
    d->warmup = (size_t)(dice_pick(&d->dice, warmups, 4) * (double)d->n);
    d->schedule = kind;
    d->rate = ARENA_ARRAY(d->arena, d->n, double);
    for (size_t i = 0; i < d->n; i++) {
        if (i < d->warmup)
            d->rate[i] = (double)(i + 1) / (double)d->warmup;
        else if (kind == SCHEDULE_INVERSE_SQRT) /* of the step itself, not of what is left */
            d->rate[i] =
                sqrt(fmin(1, fmax(plan.a, (double)d->warmup / (double)d->n) / draft_u(d, i)));
        else
            d->rate[i] =
                rate_at(kind, &plan, (double)(i + 1 - d->warmup) / (double)(d->n - d->warmup));
    }
}

/* ---- the loss ---- */

double law_at(const struct law *law, double s, double n)
{
    double range = law->start - law->floor, u = s / n;

    switch (law->shape) {
    case SHAPE_EXPONENTIAL:
        return law->floor + range * exp(-u * (2 + 4 * law->power)) - 0.02 * range * u;
    case SHAPE_BROKEN: /* three straight stretches of ln loss over log2 of the progress */
        return law->floor + range * (u < 0.1   ? 1 - 6 * u
                                     : u < 0.4 ? 0.4 - 0.8 * (u - 0.1)
                                               : 0.16 - 0.12 * law->power * (u - 0.4));
    case SHAPE_LOGISTIC:
        return law->floor + range / (1 + exp(14 * (u - 0.1 - 0.2 * law->power))) +
               0.08 * range * (1 - u);
    case SHAPE_STRETCHED:
        return law->floor + range * exp(-(2 + 2 * law->power) * sqrt(u));
    case SHAPE_LOGARITHM:
        return law->start - 0.8 * range * log1p(100 * law->power * u) / log1p(200 * law->power);
    case SHAPE_TWO_POWERS:
        return law->floor +
               range * (0.7 * pow(1 + 400 * u, -0.9) + 0.3 * pow(1 + 20 * u, -law->power));
    default:
        return law->floor + range * pow((s + law->scale) / law->scale, -law->power);
    }
}

void draft_val(struct draft *d)
{
    for (size_t j = 0; j < d->m; j++)
        d->val[j] = d->train[d->eval_at[j]];
}

void draft_times(struct draft *d, const double *by)
{
    for (size_t i = 0; i < d->n; i++)
        d->train[i] *= by[i];
    for (size_t j = 0; j < d->m; j++)
        d->val[j] *= by[d->eval_at[j]];
}

void draft_curve(struct draft *d)
{
    double s = 0;

    for (size_t i = 0; i < d->n; i++) {
        s += d->rate[i] * d->progress;
        double decayed = i < d->warmup ? 0 : 1 - d->rate[i];
        d->train[i] = law_at(&d->law, s, (double)d->n) - d->law.drop * d->law.floor * decayed;
    }
    draft_val(d);
}

/* ---- noise ---- */

static double shock(struct dice *dice, const struct noise_law *law)
{
    if (law->laws == LAWS_OTHER) /* skewed to the right: Gumbel's law, less its mean */
        return (-log(-log(fmax(dice_uniform(dice), 1e-15))) - 0.5772156649) / 1.2825498302;
    if (law->laws == LAWS_SHIFTED) {
        double wide = dice_below(dice, 10) == 0 ? 3 : 1;
        return wide * dice_laplace(dice) / sqrt(1.8);
    }
    return law->heavy ? dice_t5(dice) : dice_normal(dice);
}

void noise_fill(struct dice *dice, const struct noise_law *law, double *out, size_t n)
{
    double e = shock(dice, law), fresh = sqrt(1 - law->phi * law->phi);

    for (size_t i = 0; i < n; i++) {
        out[i] = law->sd * e;
        e = law->phi * e + fresh * shock(dice, law);
    }
}
