#include "analysis/stats/reward.h"

#include <math.h>

#include "analysis/stats/fall.h"
#include "analysis/stats/moments.h"
#include "analysis/stats/special.h"
#include "analysis/stats/trend.h"

enum { BLOCKS_MAX = 24, LEVEL = 3 /* blocks */ };

static double block_sigma(const double *b, size_t n, struct arena *scratch)
{
    double d[BLOCKS_MAX];

    for (size_t i = 1; i < n; i++)
        d[i - 1] = b[i] - b[i - 1];
    return MAD_TO_SD * mad_of(d, n - 1, scratch) / sqrt(2);
}

static double range_of(const double *b, size_t n)
{
    double least = b[0], most = b[0];

    for (size_t i = 1; i < n; i++) {
        least = fmin(least, b[i]);
        most = fmax(most, b[i]);
    }
    return most - least;
}

static void find_peak(struct reward *r, const double *b)
{
    for (size_t i = 0; i < r->blocks; i++) {
        size_t from = i ? i - 1 : 0, to = i + 2 < r->blocks ? i + 2 : r->blocks;
        double level = mean_of(b + from, to - from);

        if (i == 0 || level > r->top) {
            r->top = level;
            r->peak_block = i;
        }
    }
}

/* Fallen by a step, a test of trend has little to go by. */
static void look_for_collapse(struct reward *r, const double *x, size_t n, struct arena *scratch)
{
    struct fall fall = fall_of(x, n, scratch);

    r->collapsed = fall.fallen;
    r->fell_late = fall.late;
    r->collapse = fall.from;
    r->collapse_t = fall.t;
}

static bool declined(struct reward *r, const double *b, struct arena *scratch)
{
    if (r->peak_block + 4 >= r->blocks)
        return false;
    r->mk_from_peak = mk_ar1(b + r->peak_block, r->blocks - r->peak_block, scratch).z;
    return r->top - r->end > fmax(3.26 * r->sigma, 0.15 * r->range) && r->mk_from_peak < -1.64;
}

static void measure_gain(struct reward *r, const double *b)
{
    size_t from = r->blocks / 2, count = r->blocks - from;
    struct ols line = ols_line(NULL, b + from, count);

    r->gain = line.slope * (double)count;
    r->ci = student_t_quantile(0.95, (double)count - 2) * line.se * (double)count;
    /* three blocks are an eighth of the run: what a fast start gained there counts as well */
    r->total = fmax(fabs(r->end - r->start), r->end - b[0] - r->sigma);
}

/*
 * The largest t of a step up within the first quarter, point by point: a start that three
 * blocks swallow. The spread about both levels, and its lag-1 correlation where positive.
 */
static double early_step(const double *x, size_t n)
{
    double most = 0, sum = 0, all = mean_of(x, n) * (double)n;

    for (size_t k = 1; k <= n / 4; k++) {
        double squares = 0, lag = 0, last = 0;

        sum += x[k - 1];
        double before = sum / (double)k, after = (all - sum) / (double)(n - k);
        for (size_t i = 0; i < n; i++) {
            double e = x[i] - (i < k ? before : after);

            squares += e * e;
            lag += e * last;
            last = e;
        }
        if (!(squares > 0))
            return after > before ? (double)INFINITY : 0;
        double rho = clip(lag / squares, 0, 0.95), sd = sqrt(squares / (double)(n - 2));
        double se = sd * sqrt((1 / (double)k + 1 / (double)(n - k)) * (1 + rho) / (1 - rho));
        most = fmax(most, (after - before) / se);
    }
    return most;
}

static void look_late(struct reward *r, const double *x, size_t n)
{
    size_t count = n / 4, blocks = clip_count(count / 3, 0, BLOCKS_MAX / 2);
    double b[BLOCKS_MAX / 2];

    r->late_gain = r->late_ci = (double)NAN;
    if (count < REWARD_LATE_MIN)
        return;
    block_means(x + n - count, count, blocks, b);
    struct ols line = ols_line(NULL, b, blocks);
    r->late_gain = line.slope * (double)blocks;
    r->late_ci = student_t_quantile(0.95, (double)blocks - 2) * line.se * (double)blocks;
    if (r->state != REWARD_IMPROVING)
        return;
    r->levelled_off = !(r->late_gain - r->late_ci > 0);
    r->slower = !r->levelled_off && 2 * (r->late_gain + r->late_ci) < r->gain - r->ci;
}

/* Of a reward that moved and has not declined. */
static enum reward_state at_its_end(struct reward *r, double known_max)
{
    bool flat = r->gain + r->ci < 0.35 * r->total && fabs(r->gain) < 0.15 * r->total;
    bool up = r->gain - r->ci > 0;

    if (flat && r->end >= 0.85 * known_max) /* false for NAN */
        return REWARD_CONVERGED;
    if (flat && !up)
        return REWARD_PLATEAU;
    if (flat && r->end <= r->start)
        return REWARD_INCONCLUSIVE; /* rises again, from below where it began */
    r->slowing = flat;
    return up ? REWARD_IMPROVING : REWARD_INCONCLUSIVE;
}

/* Would a gain that matters have been seen? A constant has no noise: it would. */
static bool would_show(struct reward *r, const double *b, const double *x, size_t n,
                       struct arena *scratch)
{
    r->most_gain = r->end - r->start + 1.282 * r->sigma * sqrt(2.0 / LEVEL);
    r->unit = fmax(fabs(median_of(b, r->blocks, scratch)), sd_of(x, n));
    return r->most_gain <= 0.5 * r->unit;
}

static bool holds(const struct reward *r)
{
    double gained = r->end - r->start;

    return gained > 0 && gained >= 4.9 * r->sigma &&
           r->top - r->end <= fmax(2.45 * r->sigma, 0.05 * gained);
}

struct reward reward_of(const double *x, size_t n, double known_max, struct arena *scratch)
{
    struct reward r = {.blocks = clip_count(n / 3, 0, BLOCKS_MAX)};
    double b[BLOCKS_MAX];

    if (n < REWARD_POINTS_MIN)
        return r;
    block_means(x, n, r.blocks, b);
    r.start = mean_of(b, LEVEL);
    r.end = mean_of(b + r.blocks - LEVEL, LEVEL);
    r.range = range_of(b, r.blocks);
    r.sigma = block_sigma(b, r.blocks, scratch);
    r.mk = mann_kendall(b, r.blocks, scratch).z;
    find_peak(&r, b);
    r.peak = block_edge(r.peak_block, r.blocks, n);
    measure_gain(&r, b);

    look_for_collapse(&r, x, n, scratch);
    if (declined(&r, b, scratch) || r.collapsed)
        r.state = REWARD_DECLINE;
    else if ((r.end - r.start < 2.45 * r.sigma || !(r.range > 0)) && fabs(r.mk) < 1.96)
        r.state = would_show(&r, b, x, n, scratch) && !(n < REWARD_SHORT && early_step(x, n) > 2)
                      ? REWARD_NO_PROGRESS
                      : REWARD_UNRESOLVED;
    else
        r.state = at_its_end(&r, known_max);
    r.held = r.state != REWARD_DECLINE && r.state != REWARD_NO_PROGRESS &&
             r.state != REWARD_UNRESOLVED && holds(&r);
    look_late(&r, x, n);
    return r;
}

struct below_zero below_zero_of(const double *x, size_t n, struct arena *scratch)
{
    enum { LEAST = 8, BLOCKS = 8 };
    struct below_zero z = {.blocks = BLOCKS};
    double b[BLOCKS];

    if (n < BELOW_ZERO_POINTS_MIN)
        return z;
    size_t count = n / 4 > LEAST ? n / 4 : LEAST;
    z.enough = true;
    z.from = n - count;
    for (size_t i = z.from; i < n; i++)
        z.at_floor += x[i] <= -1;
    block_means(x + z.from, count, BLOCKS, b);
    z.mean = mean_of(b, BLOCKS);
    z.median = median_of(x + z.from, count, scratch);

    double se = sd_of(b, BLOCKS) / sqrt(BLOCKS);
    if (se > 0)
        z.t = z.mean / se;
    else if (z.mean < 0 || z.mean > 0)
        z.t = z.mean < 0 ? (double)-INFINITY : (double)INFINITY;
    z.critical = student_t_quantile(0.05, BLOCKS - 1);
    z.below = z.t < z.critical && z.median < 0;
    return z;
}

struct gate gate_of(const double *g, size_t n, struct arena *scratch)
{
    enum { LEAST = 10 };
    struct gate gate = {0};

    if (n < GATE_POINTS_MIN)
        return gate;
    size_t fifth = n / 5 > LEAST ? n / 5 : LEAST, third = n / 3, shut = 0;
    gate.enough = true;
    gate.from = n - fifth;
    for (size_t i = gate.from; i < n; i++)
        shut += fmin(g[i], 1 - g[i]) < 0.05;
    gate.share = (double)shut / (double)fifth;
    gate.collapsed = gate.share >= 0.8;
    gate.side = median_of(g + gate.from, fifth, scratch) > 0.5;

    const double *last = g + n - third;
    gate.spread = quantile_of(last, third, 0.95, scratch) - quantile_of(last, third, 0.05, scratch);
    gate.median = median_of(last, third, scratch);
    gate.stuck = gate.spread < 0.05 && gate.median >= 0.05 && gate.median <= 0.95;
    return gate;
}
