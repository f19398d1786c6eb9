#include "analysis/stats/shifts.h"

#include "analysis/base/vec.h"
#include "analysis/stats/moments.h"
#include "analysis/stats/noise.h"
#include "analysis/stats/pelt.h"
#include "analysis/stats/trend.h"

#include <math.h>

enum { LEAST = 5, REACH = 100, NEARBY = 20 };

static const double least_jump = 0.01, least_ses = 4;

/* The Theil-Sen line through b[from, to), at x = `at` (an index, may lie between two). */
static double carried_to(const double *b, size_t from, size_t to, double at, struct arena *scratch)
{
    size_t n = to - from;
    double *left = ARENA_ARRAY(scratch, n, double);
    double slope = theil_sen(NULL, b + from, n, scratch);

    for (size_t i = 0; i < n; i++)
        left[i] = b[from + i] - slope * (double)i;
    return median_select(left, n) + slope * (at - (double)from);
}

/* How much more the blocks about c move from one to the next than all of them do; at least 1. */
static double livelier(const double *b, size_t n, size_t c, double usual, struct arena *scratch)
{
    size_t from = c > NEARBY ? c - NEARBY : 0, to = n - c > NEARBY ? c + NEARBY : n;

    return usual > 0 ? fmax(1, sigma_d1(b + from, to - from, scratch) / usual) : 1;
}

/* The change at block c between the segments [from, c) and [c, to). */
static struct shift look(const double *b, size_t from, size_t c, size_t to, double noise,
                         struct arena *scratch)
{
    struct shift s = {.at = c};
    double border = (double)c - 0.5;

    from = c - from > REACH ? c - REACH : from;
    to = to - c > REACH ? c + REACH : to;
    s.jump = carried_to(b, c, to, border, scratch) - carried_to(b, from, c, border, scratch);
    s.se = 2.5 * noise * sqrt(1 / (double)(c - from) + 1 / (double)(to - c));
    s.before = median_of(b + c - LEAST, LEAST, scratch);
    s.after = median_of(b + c, LEAST, scratch);
    return s;
}

/* What a spike of less than a segment raises is back five blocks on, or was five before. */
static bool holds(const double *b, size_t n, const struct shift *s, struct arena *scratch)
{
    size_t c = s->at, before = clip_count(c - LEAST, 0, LEAST),
           after = clip_count(n - c - LEAST, 0, LEAST);
    double sign = copysign(1, s->jump), least = 0.25 * fabs(s->jump);

    if (after && sign * (median_of(b + c + LEAST, after, scratch) - s->before) < least)
        return false;
    return !before ||
           sign * (s->after - median_of(b + c - LEAST - before, before, scratch)) >= least;
}

static bool counts(const double *b, size_t n, const struct shift *s, struct arena *scratch)
{
    double seen = copysign(1, s->jump) * (s->after - s->before);

    return fabs(s->jump) > fmax(least_jump, least_ses * s->se) && seen >= 0.5 * fabs(s->jump) &&
           holds(b, n, s, scratch);
}

/* Rises that fall back soon are events. */
static void drop_events(struct shifts *out, size_t within)
{
    size_t kept = 0;

    for (size_t i = 0; i < out->n; i++) {
        const struct shift *a = &out->v[i], *b = i + 1 < out->n ? a + 1 : NULL;

        if (b && a->jump > 0 && b->jump < -0.6 * a->jump && b->at - a->at <= within) {
            i++;
            continue;
        }
        out->v[kept++] = *a;
    }
    out->n = kept;
}

static struct shifts find(const double *y, size_t n, double noise, struct arena *scratch)
{
    size_t blocks = n < PELT_POINTS_MAX ? n : PELT_POINTS_MAX;
    struct shifts out = {.blocks = blocks};
    VEC(struct shift) found = {0};

    if (n < SHIFT_POINTS_MIN)
        return out;
    double *b = ARENA_ARRAY(scratch, blocks, double);
    block_means(y, n, blocks, b);
    out.enough = true;
    if (!(noise > 0))
        noise = ar1_scale_of_curve(b, blocks, scratch).long_run_sd;
    out.noise = fmax(noise, 1e-4);

    double penalty = 3 * out.noise * out.noise * log((double)blocks);
    double usual = sigma_d1(b, blocks, scratch);
    struct changes c = pelt_means(b, blocks, penalty, LEAST, scratch);
    for (size_t i = 0; i < c.n; i++) {
        struct shift s = look(b, i ? c.at[i - 1] : 0, c.at[i], i + 1 < c.n ? c.at[i + 1] : blocks,
                              out.noise * livelier(b, blocks, c.at[i], usual, scratch), scratch);

        if (c.at[i] < blocks / 20 ||
            !counts(b, blocks, &s, scratch)) /* the steep start of a curve is no shift */
            continue;
        s.at = block_edge(s.at, blocks, n);
        VEC_PUSH(scratch, &found, s);
    }
    out.v = found.v;
    out.n = found.n;
    drop_events(&out, n / 20 > 20 ? n / 20 : 20);
    return out;
}

struct shifts shifts_of(const double *y, size_t n, struct arena *scratch)
{
    return find(y, n, 0, scratch);
}

struct shifts shifts_over(const double *y, size_t n, double noise, struct arena *scratch)
{
    return find(y, n, fmax(noise, 1e-4), scratch);
}
