#include "analysis/stats/schedule.h"

#include <math.h>

#include "analysis/stats/moments.h"

enum { THIN_TO = 1000, SPARSE = 50, OFFSETS = 80, REST_MIN = 3 };

static const double AT_PEAK = 1 - 1e-4;

/* The points behind the warm-up: all of them, and thinned for fitting. */
struct rest {
    const int64_t *steps; /* all */
    const double *v;
    size_t n;

    double *u, *thin, *shape; /* thinned; `shape` is room for a family's curve */
    size_t *at;               /* the index in all of each */
    size_t m;
};

struct fit {
    enum schedule_kind kind;
    enum decay_shape decay;
    double T, min, rmse, score;
};

static size_t drop_repeats(const int64_t *steps, const double *lr, size_t n, int64_t *s, double *v)
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i++) {
        if (kept && steps[i] == s[kept - 1])
            kept--;
        s[kept] = steps[i];
        v[kept++] = lr[i];
    }
    return kept;
}

static size_t warmup_end(const double *v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (i && v[i] < v[i - 1])
            return 0;
        if (v[i] >= AT_PEAK)
            return i;
    }
    return 0;
}

static struct rest rest_of(const int64_t *steps, const double *v, size_t n, struct arena *scratch)
{
    struct rest r = {.steps = steps, .v = v, .n = n, .m = n < THIN_TO ? n : THIN_TO};
    double length = (double)steps[n - 1] - (double)steps[0];

    r.u = ARENA_ARRAY(scratch, r.m, double);
    r.thin = ARENA_ARRAY(scratch, r.m, double);
    r.shape = ARENA_ARRAY(scratch, r.m, double);
    r.at = ARENA_ARRAY(scratch, r.m, size_t);
    for (size_t i = 0; i < r.m; i++) {
        r.at[i] = block_edge(i, r.m - 1, n - 1); /* first and last are kept */
        r.u[i] = ((double)steps[r.at[i]] - (double)steps[0]) / length;
        r.thin[i] = v[r.at[i]];
    }
    return r;
}

static double range_of(const double *v, size_t n)
{
    double least = v[0], most = v[0];

    for (size_t i = 1; i < n; i++) {
        least = fmin(least, v[i]);
        most = fmax(most, v[i]);
    }
    return most - least;
}

/* Where between two thinned points the rate moved most: the index in all points behind the move. */
static size_t largest_move(const struct rest *r, size_t i)
{
    size_t best = r->at[i];

    for (size_t k = r->at[i - 1] + 1; k <= r->at[i]; k++) {
        if (fabs(r->v[k] - r->v[k - 1]) > fabs(r->v[best] - r->v[best - 1]))
            best = k;
    }
    return best;
}

static void add_jump(struct schedule *s, const struct rest *r, size_t i, double factor)
{
    if (s->jump_count < SCHEDULE_JUMPS_MAX)
        s->jumps[s->jump_count++] = (struct schedule_jump){r->steps[largest_move(r, i)], factor};
}

static bool is_restarts(const struct rest *r)
{
    size_t rises = 0, high = 0;

    for (size_t i = 1; i < r->m; i++) {
        rises += r->thin[i] > r->thin[i - 1];
        high += r->thin[i] - r->thin[i - 1] > 0.02;
    }
    return high > 0 && 2 * rises < r->m - 1;
}

static void add_restarts(struct schedule *s, const struct rest *r)
{
    for (size_t i = 1; i < r->m; i++) {
        if (r->thin[i] - r->thin[i - 1] > 0.02)
            add_jump(s, r, i, r->thin[i]);
    }
}

static bool jumps_at(const struct rest *r, size_t i)
{
    double before = r->thin[i - 1], after = r->thin[i];

    return before - after > 1e-3 && after < 0.95 * before;
}

static bool is_step(const struct rest *r)
{
    size_t jumps = 0, from = 0;

    for (size_t i = 1; i <= r->m; i++) {
        if (i < r->m && !jumps_at(r, i))
            continue;
        if (range_of(r->thin + from, i - from) >= 0.002)
            return false;
        if (i < r->m && i - from < 2 && from > 0)
            return false; /* adjacent */
        jumps += i < r->m;
        from = i;
    }
    return jumps >= 1 && jumps <= SCHEDULE_JUMPS_MAX;
}

static void add_steps(struct schedule *s, const struct rest *r)
{
    for (size_t i = 1; i < r->m; i++) {
        if (jumps_at(r, i))
            add_jump(s, r, i, r->thin[i] / r->thin[i - 1]);
    }
}

/* Keeps the candidate whose curve is min + (1-min) shape, with that min or (NAN) the best in [0,1].
 */
static void try_shape(const struct rest *r, struct fit *best, struct fit try, int params)
{
    double up = 0, down = 0, squares = 0;

    for (size_t i = 0; i < r->m; i++) {
        up += (r->thin[i] - r->shape[i]) * (1 - r->shape[i]);
        down += (1 - r->shape[i]) * (1 - r->shape[i]);
    }
    if (isnan(try.min))
        try.min = down > 0 ? clip(up / down, 0, 1) : 0;
    for (size_t i = 0; i < r->m; i++) {
        double e = r->thin[i] - try.min - (1 - try.min) * r->shape[i];

        squares += e * e;
    }
    try.rmse = sqrt(squares / (double)r->m);
    try.score = try.rmse + 0.002 * params;
    if (try.score < best->score)
        *best = try;
}

/* A decay from 1 at x = 0 to 0 at x = 1. */
static double decay(enum decay_shape shape, double x)
{
    x = clip(x, 0, 1);
    switch (shape) {
    case DECAY_SQRT:
        return 1 - sqrt(x);
    case DECAY_COSINE:
        return (1 + cos(M_PI * x)) / 2;
    default:
        return 1 - x;
    }
}

static void try_decay(struct rest *r, struct fit *best, struct fit try, double from, int params)
{
    for (size_t i = 0; i < r->m; i++)
        r->shape[i] = decay(try.decay, (r->u[i] - from) / (1 - from) / try.T);
    try.min = NAN;
    try_shape(r, best, try, params);
}

/* v = exp(-k u): k from ln v weighted by v^2, which is where squares of v put the weight. */
static void try_exponential(struct rest *r, struct fit *best)
{
    double up = 0, down = 0;

    for (size_t i = 0; i < r->m; i++) {
        if (r->thin[i] > 0) {
            double weight = r->thin[i] * r->thin[i] * r->u[i];

            up -= weight * log(r->thin[i]);
            down += weight * r->u[i];
        }
    }
    double k = down > 0 ? up / down : 0;
    for (size_t i = 0; i < r->m; i++)
        r->shape[i] = exp(-k * r->u[i]);
    try_shape(r, best, (struct fit){SCHEDULE_EXPONENTIAL, DECAY_NONE, 1, 0, 0, 0}, 1);
}

/* v = sqrt(min(1, o/step)), o from the first step (where a warm-up ends) to the last. */
static void try_inverse_sqrt(struct rest *r, struct fit *best)
{
    double first = fmax(1, (double)r->steps[0]), last = fmax(first, (double)r->steps[r->n - 1]);

    for (int k = 0; k < OFFSETS; k++) {
        double o = first * pow(last / first, (double)k / (OFFSETS - 1));

        for (size_t i = 0; i < r->m; i++) {
            double step = (double)r->steps[r->at[i]];

            r->shape[i] = step > o ? sqrt(o / step) : 1;
        }
        try_shape(r, best, (struct fit){SCHEDULE_INVERSE_SQRT, DECAY_NONE, 1, 0, 0, 0}, 1);
    }
}

/* The last of all points up to which the rate stays at its peak. */
static size_t flat_until(const struct rest *r)
{
    size_t i = 0;

    while (i + 1 < r->n && r->v[i + 1] >= AT_PEAK)
        i++;
    return i;
}

static void try_wsd(struct rest *r, struct fit *best, size_t flat)
{
    static const double lengths[] = {1, 1.25, 1.5, 2, 3};
    double start = (double)r->steps[0];
    double from = ((double)r->steps[flat] - start) / ((double)r->steps[r->n - 1] - start);

    if (!(from > 0.05 && from < 1))
        return;
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        for (enum decay_shape shape = DECAY_LINEAR; shape <= DECAY_COSINE; shape++)
            try_decay(r, best, (struct fit){SCHEDULE_WSD, shape, lengths[i], 0, 0, 0}, from, 3);
    }
}

static struct fit best_family(struct rest *r, size_t flat)
{
    static const double lengths[] = {1, 1.02, 1.05, 1.1, 1.2, 1.35, 1.5, 1.75, 2, 2.5, 3, 4};
    struct fit best = {.kind = SCHEDULE_OTHER, .T = 1, .score = INFINITY};

    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
        try_decay(r, &best, (struct fit){SCHEDULE_COSINE, DECAY_COSINE, lengths[i], 0, 0, 0}, 0, 2);
    try_decay(r, &best, (struct fit){SCHEDULE_LINEAR, DECAY_LINEAR, 1, 0, 0, 0}, 0, 1);
    try_exponential(r, &best);
    try_inverse_sqrt(r, &best);
    try_wsd(r, &best, flat);
    return best;
}

static void classify_fitted(struct schedule *s, struct rest *r)
{
    size_t flat = flat_until(r);
    struct fit fit = best_family(r, flat);

    s->rmse = fit.rmse;
    if (!(fit.rmse <= 0.02)) {
        s->kind = SCHEDULE_OTHER;
        return;
    }
    s->kind = fit.kind;
    s->T = fit.T;
    s->min_ratio = fit.min;
    if (fit.kind == SCHEDULE_WSD) {
        s->shape = fit.decay;
        s->decay_start = r->steps[flat];
    }
}

static double confidence_of(const struct schedule *s)
{
    bool short_of = s->points < SCHEDULE_POINTS_MIN * 3 / 2;

    if (s->kind == SCHEDULE_OTHER)
        return 0.6;
    if (s->kind == SCHEDULE_STEP && s->jump_count == 1 && s->points < SPARSE)
        return 0.6;
    if (s->kind == SCHEDULE_WSD && s->points < SPARSE)
        short_of = true;
    return short_of ? 0.85 : 0.97;
}

static void classify(struct schedule *s, struct rest *r)
{
    if (range_of(r->v, r->n) < 0.002) {
        s->kind = SCHEDULE_CONSTANT;
    } else if (is_restarts(r)) {
        s->kind = SCHEDULE_RESTARTS;
        add_restarts(s, r);
    } else if (is_step(r)) {
        s->kind = SCHEDULE_STEP;
        add_steps(s, r);
    } else {
        classify_fitted(s, r);
    }
}

struct schedule schedule_of(const int64_t *steps, const double *lr, size_t n, struct arena *scratch)
{
    struct schedule s = {.kind = SCHEDULE_UNKNOWN, .T = 1};
    int64_t *at = ARENA_ARRAY(scratch, n, int64_t);
    double *v = ARENA_ARRAY(scratch, n, double);

    s.points = drop_repeats(steps, lr, n, at, v);
    if (s.points < SCHEDULE_POINTS_MIN)
        return s;
    for (size_t i = 0; i < s.points; i++)
        s.peak = fmax(s.peak, v[i]);
    for (size_t i = 0; i < s.points; i++)
        v[i] = s.peak > 0 ? v[i] / s.peak : 1; /* a rate of 0 throughout is constant */

    s.warmup_index = warmup_end(v, s.points);
    s.warmup_end = s.decay_start = at[s.warmup_index];
    s.end_ratio = v[s.points - 1];
    s.kind = SCHEDULE_OTHER;

    size_t left = s.points - s.warmup_index;
    if (left >= REST_MIN && left >= s.points / 100) {
        struct rest r = rest_of(at + s.warmup_index, v + s.warmup_index, left, scratch);

        classify(&s, &r);
    }
    s.confidence = confidence_of(&s);
    s.planned_end =
        (double)s.decay_start + s.T * ((double)at[s.points - 1] - (double)s.decay_start);
    return s;
}

const char *schedule_name(enum schedule_kind kind)
{
    static const char *const names[] = {"unknown",     "constant",     "cosine", "linear",
                                        "exponential", "inverse_sqrt", "wsd",    "step",
                                        "restarts",    "other"};

    return names[kind];
}

const char *decay_name(enum decay_shape shape)
{
    static const char *const names[] = {"none", "linear", "sqrt", "cosine"};

    return names[shape];
}
