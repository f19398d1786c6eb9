#include "analysis/stats/divergence.h"

#include <math.h>

#include "analysis/stats/leftover.h"
#include "analysis/stats/moments.h"
#include "analysis/stats/noise.h"
#include "analysis/stats/trend.h"

enum { BLOCKS_MAX = 40, BLOCK_POINTS = 5 };

/* Of the ramp: how sure it must be beside a rise of the blocks, and where they see none. */
static const double ramp_least = 2.7, ramp_alone = 4.5;

static double typical_jump(const double *m, size_t count)
{
    double d[BLOCKS_MAX];

    for (size_t i = 1; i < count; i++)
        d[i - 1] = fabs(m[i] - m[i - 1]);
    return MAD_TO_SD * median_select(d, count - 1);
}

static double highest(const double *m, size_t n)
{
    double most = m[0];

    for (size_t i = 1; i < n; i++)
        most = m[i] > most ? m[i] : most;
    return most;
}

/* The median of the last third (at least one) of m. */
static double last_third(const double *m, size_t n)
{
    double tail[BLOCKS_MAX];
    size_t third = n / 3 ? n / 3 : 1;

    memcpy(tail, m + n - third, third * sizeof(*m));
    return median_select(tail, third);
}

struct divergence divergence_of(const double *x, size_t n, struct arena *scratch)
{
    return divergence_over(x, n, DIVERGENCE_RISE, scratch);
}

struct divergence divergence_over(const double *x, size_t n, double least, struct arena *scratch)
{
    struct divergence d = {.blocks = clip_count(n / BLOCK_POINTS, 0, BLOCKS_MAX)};
    double m[BLOCKS_MAX];
    size_t i = 0;

    if (n < DIVERGENCE_POINTS_MIN)
        return d;
    double *y = ARENA_ARRAY(scratch, n, double);
    relative_of(x, n, y, scratch);
    block_medians(y, n, d.blocks, m, scratch);
    for (size_t k = 1; k < d.blocks; k++)
        i = m[k] < m[i] ? k : i;

    double per_block = (double)n / (double)d.blocks, last = m[d.blocks - 1];
    d.enough = true;
    d.ramp = ramp_of(y, n, scratch);
    d.onset_block = i;
    d.onset = block_edge(i, d.blocks, n);
    d.noise = fmax(1.25 * sigma_d1(y, n, scratch) / sqrt(per_block), typical_jump(m, d.blocks) / 2);
    d.rise = last - m[i];
    if (i + 1 == d.blocks)
        return d;
    double top = highest(m + i, d.blocks - i);
    d.tail_rise = last_third(m + i + 1, d.blocks - i - 1) - m[i];
    bool stays = last >= top - 0.6 * (top - m[i]);
    bool high = d.rise > fmax(least, 5 * d.noise) && d.tail_rise > 0.8 * least;
    d.slow = d.ramp.t > ramp_alone && d.ramp.rise > 1.2 * least && d.rise > 0;
    d.diverged = stays && ((high && (d.ramp.t > ramp_least || d.rise > 10 * d.noise)) || d.slow);
    d.slow &= d.diverged && !high;
    return d;
}

static double squares_left(const double *y, size_t n, const struct ols *line)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++) {
        double e = y[i] - line->intercept - line->slope * (double)i;

        sum += e * e;
    }
    return sum;
}

/*
 * The least squares that a ramp leaves: a line that bends into a quadratic at one of the
 * places a step could stand.
 */
static double ramp_squares(const double *b, size_t m, size_t margin, struct arena *scratch)
{
    enum { TERMS = 4 };
    double *columns[TERMS], *left = ARENA_ARRAY(scratch, m, double), least = (double)INFINITY;

    for (size_t k = 0; k < TERMS; k++)
        columns[k] = ARENA_ARRAY(scratch, m, double);
    for (size_t c = 0; c + margin <= m; c++) {
        for (size_t i = 0; i < m; i++) {
            double v = i > c ? (double)(i - c) / (double)m : 0;

            columns[0][i] = 1;
            columns[1][i] = (double)i / (double)m;
            columns[2][i] = v;
            columns[3][i] = v * v;
        }
        least = fmin(least, leftover_of(columns, TERMS, b, m, left));
    }
    return least;
}

double step_share(const double *y, size_t n, size_t onset, double margin, struct arena *scratch)
{
    enum { LEAST = 3, FINE = 200 };
    size_t from = onset > n / 20 ? onset - n / 20 : 0, m = clip_count(n - from, 0, FINE);
    double *b = ARENA_ARRAY(scratch, m + 1, double), least = (double)INFINITY, share = 0;

    block_medians(y + from, n - from, m, b, scratch);
    for (size_t c = LEAST; c + LEAST <= m; c++) {
        struct ols left = ols_line(NULL, b, c), right = ols_line(NULL, b + c, m - c);
        double squares = squares_left(b, c, &left) + squares_left(b + c, m - c, &right);

        if (!(squares < least))
            continue;
        double before = left.intercept + left.slope * ((double)c - 0.5);
        double step = right.intercept - right.slope * 0.5 - before;
        double rise = right.intercept + right.slope * (double)(m - c - 1) - before;
        least = squares;
        share = rise > 0 ? fmax(0, step / rise) : step > 0;
    }
    return margin * least < ramp_squares(b, m, LEAST, scratch) ? share : 0;
}

/*
 * The most that noise moves over `reach` points if it remembers as a walk does, up to phi .98:
 * its steps are read off second differences, which neither slope nor bend of a curve makes.
 */
static double walk_sd(const double *y, size_t n, size_t reach, struct arena *scratch)
{
    static const double phi_most = 0.98;
    double step = sqrt(3) * sigma_d2(y, n, scratch); /* var of a second difference >= 2 step^2 */
    double steps = fmin((double)reach, 2 / (1 - phi_most * phi_most));

    return step > 0 ? fmax(step * sqrt(steps), 1e-4) : (double)INFINITY;
}

struct no_progress no_progress_of(const double *x, size_t n, struct arena *scratch)
{
    struct no_progress p = {.tenth = n / 10};

    if (n < NO_PROGRESS_POINTS_MIN)
        return p;
    double *y = ARENA_ARRAY(scratch, n, double);
    relative_of(x, n, y, scratch);
    double s = fmax(ar1_scale_of_curve(y, n, scratch).long_run_sd, 1e-4);

    p.enough = true;
    p.change = median_of(y + n - p.tenth, p.tenth, scratch) - median_of(y, p.tenth, scratch);
    p.se = fmin(1.25 * s * sqrt(2 / (double)p.tenth), walk_sd(y, n, n - p.tenth, scratch));
    p.none = fabs(p.change) < 3 * p.se;
    return p;
}
