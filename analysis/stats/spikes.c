#include "analysis/stats/spikes.h"

#include <math.h>

#include "analysis/base/vec.h"
#include "analysis/stats/moments.h"
#include "analysis/stats/noise.h"
#include "analysis/stats/special.h"
#include "analysis/stats/trailing.h"

enum { LOCAL = 9, LEAST = 5, TAIL_POINTS_MIN = 200, AROUND_MIN = 8, AROUND_MAX = 64 };

/* Chance events a run, if the tail were exactly that of the fit. */
static const double chance_past = 0.05, chance_around = 0.01;

/* What the flags are made from; index for index with x. */
struct scores {
    const double *y;
    double *r, *scale;
    double *z;      /* at first r over its scale, which is never less; see settle */
    size_t n, from; /* z is 0 before `from` */
};

/* z = r / scale, the scale from median |r|. */
static void divide(struct scores *s, double floor)
{
    for (size_t i = 0; i < s->n; i++) {
        double sd = MAD_TO_SD * s->scale[i];

        s->scale[i] = (sd > floor ? sd : floor) + 1e-6;
        s->z[i] = s->r[i] / s->scale[i];
    }
}

/* floor: of the scale; so of score_around. */
static struct scores score(const double *y, size_t n, double floor, struct arena *scratch)
{
    size_t window = clip_count(n / 20, 16, 256);
    struct scores s = {.y = y, .n = n, .from = window / 2 > 8 ? window / 2 : 8};

    s.r = ARENA_ARRAY(scratch, n, double);
    s.scale = ARENA_ARRAY(scratch, n, double);
    s.z = ARENA_ARRAY(scratch, n, double);
    trailing_median(y, n, window, LEAST, s.r, scratch);
    for (size_t i = 0; i < n; i++)
        s.r[i] = i < LEAST ? 0 : y[i] - s.r[i];
    trailing_median(s.r, n, window, 1, s.z, scratch); /* the lag */
    for (size_t i = 0; i < n; i++) {
        s.r[i] -= s.z[i];
        s.z[i] = fabs(s.r[i]);
    }
    trailing_median(s.z, n, 4 * window, 1, s.scale, scratch);
    divide(&s, floor);
    return s;
}

/* out[i] = median of the up to 2 half + 1 values about i. out is not x. */
static void median_around(const double *x, size_t n, size_t half, double *out,
                          struct arena *scratch)
{
    size_t ahead = half + 1 < n ? half + 1 : n;
    double *w = ARENA_ARRAY(scratch, 2 * half + 1, double);

    /* the window of point i is the one that trails behind point i + half + 1 */
    trailing_median(x, n, 2 * half + 1, 1, out, scratch);
    memmove(out, out + ahead, (n - ahead) * sizeof(*out));
    for (size_t i = n - ahead; i < n; i++) {
        size_t from = i > half ? i - half : 0;

        memcpy(w, x + from, (n - from) * sizeof(*w));
        out[i] = median_select(w, n - from);
    }
}

/* As score, against the level and the scatter on both sides: a trend leaves no lag behind. */
static struct scores score_around(const double *y, size_t n, size_t from, double floor,
                                  struct arena *scratch)
{
    size_t half = clip_count(n / 20, AROUND_MIN, AROUND_MAX);
    struct scores s = {.y = y, .n = n, .from = from};

    s.r = ARENA_ARRAY(scratch, n, double);
    s.scale = ARENA_ARRAY(scratch, n, double);
    s.z = ARENA_ARRAY(scratch, n, double);
    median_around(y, n, half, s.r, scratch);
    for (size_t i = 0; i < n; i++) {
        s.r[i] = y[i] - s.r[i];
        s.z[i] = fabs(s.r[i]);
    }
    median_around(s.z, n, 4 * half, s.scale, scratch);
    divide(&s, floor);
    return s;
}

/* Few points come near a threshold: only these are compared with the points just before, too. */
static double settle(struct scores *s, size_t i)
{
    double w[LOCAL];
    size_t m = i < LOCAL ? i : LOCAL;

    if (i < s->from)
        return s->z[i] = 0;
    memcpy(w, s->y + i - m, m * sizeof(*w));
    return s->z[i] = fmin(s->r[i], (s->y[i] - median_select(w, m)) / 0.7) / s->scale[i];
}

/* nu of the Student t whose 1% and 25% quantiles stand in this ratio. */
static double nu_of_ratio(double ratio)
{
    static const struct {
        double ratio, nu;
    } knots[] = {{6.819, 2.5}, {5.936, 3},  {5.059, 4},  {4.631, 5},
                 {4.216, 7},   {3.949, 10}, {3.680, 20}, {3.453, 1000}};
    enum { KNOTS = sizeof(knots) / sizeof(knots[0]) };

    if (!(ratio < knots[0].ratio))
        return knots[0].nu;
    for (size_t k = 1; k < KNOTS; k++) {
        if (ratio >= knots[k].ratio) {
            double share = (ratio - knots[k].ratio) / (knots[k - 1].ratio - knots[k].ratio);

            return knots[k].nu + share * (knots[k - 1].nu - knots[k].nu);
        }
    }
    return knots[KNOTS - 1].nu;
}

/* The right tail holds the spikes themselves: it may count for no more than 1.3 of the left. */
static double tail_nu(const struct scores *s, struct arena *scratch)
{
    size_t from = s->n / 4 > s->from ? s->n / 4 : s->from, m = s->n - from;

    if (s->n < TAIL_POINTS_MIN)
        return 10;
    enum { PLACES = 5 };
    static const double places[PLACES] = {0.01, 0.25, 0.5, 0.75, 0.99};
    const struct values z = {.n = m, .plain = s->z + from};
    double q[PLACES];
    quantiles_of_values(&z, places, PLACES, q, scratch);
    double q01 = q[0], q25 = q[1], q50 = q[2], q75 = q[3], q99 = q[4];
    if (!(q50 > q25 && q75 > q50))
        return 10; /* more than a quarter of the values are equal: no tail to be seen */
    double left = (q50 - q01) / (q50 - q25), right = (q99 - q50) / (q75 - q50);

    return nu_of_ratio((left + fmin(right, 1.3 * left)) / 2);
}

static void flag_points(struct scores *s, double threshold, bool *flags)
{
    for (size_t i = s->from; i < s->n; i++) {
        if (s->z[i] > threshold && s->r[i] > 0.02)
            flags[i] = settle(s, i) > threshold;
    }
}

static bool stands_out(const struct scores *s, size_t from, size_t k, double threshold, double need)
{
    double sum = 0, r = 0;

    for (size_t j = from; j < from + k; j++) {
        sum += clip(s->z[j], -4, threshold);
        r += s->r[j];
    }
    return sum / sqrt((double)k) > need && r / (double)k > 0.02;
}

/*
 * What the sum of k neighbours must exceed, over sqrt k. In noise that remembers,
 * the k scatter together, and one far point just below the threshold draws its
 * followers along.
 */
static double needed_of_run(double threshold, double phi, size_t k)
{
    double n = (double)k, together = 1, drawn = 1;

    for (size_t j = 1; j < k; j++) {
        together += 2 * (1 - (double)j / n) * pow(phi, (double)j);
        drawn += pow(phi, (double)j);
    }
    return fmax(8 * sqrt(together), threshold * drawn / sqrt(n) + 2 * sqrt(together));
}

/*
 * Flags what stands out only together with its neighbours. The largest of k is
 * at least their mean: without a high one among them no sum is taken.
 */
static void flag_runs(struct scores *s, double threshold, double phi, size_t k, bool *flags)
{
    double need = needed_of_run(threshold, phi, k), high = 0.999 * need / sqrt((double)k);

    for (size_t i = k - 1, behind = k; i < s->n; i++, behind++) {
        size_t from = i + 1 - k;

        if (s->z[i] > high)
            behind = 0;
        if (behind >= k || !stands_out(s, from, k, threshold, need))
            continue;
        for (size_t j = from; j <= i; j++)
            settle(s, j);
        if (!stands_out(s, from, k, threshold, need))
            continue;
        for (size_t j = from; j <= i; j++)
            flags[j] = flags[j] || s->z[j] > 2.5;
    }
}

static void label(struct spike *e, const double *x, size_t n, struct arena *scratch)
{
    size_t window = n / 20 > 20 ? n / 20 : 20;
    size_t before = clip_count(e->first, 0, window);
    size_t after = clip_count(n - 1 - e->last, 0, window);

    e->base = median_of(x + e->first - before, before, scratch);
    e->height = x[e->peak];
    e->label = SPIKE_UNRESOLVED;
    if (after < LEAST)
        return;
    double later = median_of(x + e->last + 1 + after / 2, after - after / 2, scratch);
    double rise = e->height - e->base;
    e->kept = rise > 0 ? (later - e->base) / rise : 0;
    e->label = e->kept > 0.4 ? SPIKE_SHIFT : SPIKE_PASSED;
}

static bool stays(struct spike *e, const double *x, size_t n, struct arena *scratch)
{
    label(e, x, n, scratch);
    return e->label == SPIKE_SHIFT;
}

/* Flags that are close are one event. */
static void merge(struct spikes *out, const bool *flags, const struct scores *s, const double *x,
                  struct arena *scratch)
{
    size_t gap = s->n / 200 > 3 ? s->n / 200 : 3;
    VEC(struct spike) events = {0};

    for (size_t i = 0; i < s->n; i++) {
        if (!flags[i])
            continue;
        struct spike *e = events.n ? &events.v[events.n - 1] : NULL;
        if (!e || i - e->last > gap) {
            VEC_PUSH(scratch, &events,
                     (struct spike){.first = i, .peak = i, .z = s->z[i], .largest_z = s->z[i]});
            e = &events.v[events.n - 1];
        }
        e->last = i;
        e->largest_z = fmax(e->largest_z, s->z[i]);
    }
    for (size_t k = 0; k < events.n; k++) {
        struct spike *e = &events.v[k];

        for (size_t i = e->first; i <= e->last; i++)
            e->peak = x[i] > x[e->peak] ? i : e->peak;
    }
    out->events = events.v;
    out->count = events.n;
}

struct tail {
    double nu, threshold;
};

static struct tail flag(struct scores *s, double chance, double phi, bool *flags,
                        struct arena *scratch)
{
    struct tail t = {.nu = tail_nu(s, scratch)};

    t.threshold = clip(student_t_quantile(1 - chance / (double)s->n, t.nu) * 0.6745 /
                           student_t_quantile(0.75, t.nu),
                       6, 30);
    for (size_t i = 0; i < s->from; i++)
        s->z[i] = 0;
    flag_points(s, t.threshold, flags);
    for (size_t k = 2; k <= 4 && k <= s->n / 10; k += 2)
        flag_runs(s, t.threshold, phi, k, flags);
    return t;
}

/*
 * Of what stands above the past, kept is what stays and what stands above both
 * sides; where it does, the past says which points it holds.
 */
static void keep_confirmed(const struct scores *past, const double *x, bool *flags, bool *both,
                           struct arena *scratch)
{
    struct spikes found = {0};
    size_t reach = past->n / 200 > 3 ? past->n / 200 : 3;

    merge(&found, flags, past, x, scratch);
    for (size_t k = 0; k < found.count; k++) {
        struct spike *e = &found.events[k];
        size_t from = e->first > reach ? e->first - reach : 0;
        size_t to = e->last + reach + 1 < past->n ? e->last + reach + 1 : past->n;

        if (memchr(both + e->first, true, e->last + 1 - e->first) || stays(e, x, past->n, scratch))
            memset(both + from, 0, (to - from) * sizeof(*both));
        else
            memset(flags + e->first, 0, (e->last + 1 - e->first) * sizeof(*flags));
    }
}

/*
 * Behind what came before, a trend that bends and a slow wave look like spikes,
 * so one that comes back has to stand above what follows, too. A level that
 * stays shows against what came before alone.
 */
static struct spikes find(const double *x, const double *y, size_t n, struct arena *passing,
                          struct arena *scratch)
{
    struct spikes out = {.enough = true};
    double floor = 0.7 * sigma_d2(y, n, passing);
    struct scores past = score(y, n, floor, passing);
    struct scores around = score_around(y, n, past.from, floor, passing);
    bool *flags = ARENA_ARRAY(passing, n, bool), *both = ARENA_ARRAY(passing, n, bool);
    struct tail before = flag(&past, chance_past, 0, flags, passing);
    double phi = ar1_scale(around.r, n, passing).phi;

    out.nu = before.nu;
    out.threshold = before.threshold;
    out.threshold_around = flag(&around, chance_around, phi, both, passing).threshold;
    keep_confirmed(&past, x, flags, both, passing);
    for (size_t i = 0; i < n; i++) {
        if (both[i] && !flags[i])
            past.z[i] = around.z[i];
        flags[i] = flags[i] || both[i];
    }
    merge(&out, flags, &past, x, scratch);
    for (size_t k = 0; k < out.count; k++)
        label(&out.events[k], x, n, passing);
    return out;
}

struct spikes spikes_of(const double *x, size_t n, struct arena *scratch)
{
    struct spikes out = {0};
    struct arena passing; /* a dozen times x: not for as long as the events */

    if (n < SPIKE_POINTS_MIN)
        return out;
    arena_init_beside(&passing, scratch);
    double *y = ARENA_ARRAY(&passing, n, double);
    if (relative_of(x, n, y, &passing))
        out = find(x, y, n, &passing, scratch);
    arena_fini(&passing);
    return out;
}

/* Sums of a window, taken afresh every so often: what is added and removed leaves errors behind. */
struct spike_score olmo_spike_score(const double *x, size_t n)
{
    enum { WINDOW = 1000, EARLIER = 20, SDS = 7 };
    struct spike_score score = {0, 0};
    double shift = 0, sum = 0, squares = 0;

    for (size_t i = 0; i < n; i++) {
        size_t from = i > WINDOW ? i - WINDOW : 0, m = i - from;

        if (i % WINDOW == 0 && i > 0) {
            shift = mean_of(x + from, m);
            sum = squares = 0;
            for (size_t j = from; j < i; j++) {
                sum += x[j] - shift;
                squares += (x[j] - shift) * (x[j] - shift);
            }
        }
        if (m >= EARLIER) {
            double centre = sum / (double)m, var = (squares - sum * centre) / (double)(m - 1);

            score.hits += var > 0 && x[i] - shift >= centre + SDS * sqrt(var);
        }
        if (i == 0)
            shift = x[0];
        sum += x[i] - shift;
        squares += (x[i] - shift) * (x[i] - shift);
        if (m == WINDOW) {
            sum -= x[from] - shift;
            squares -= (x[from] - shift) * (x[from] - shift);
        }
    }
    score.percent = n ? 100 * (double)score.hits / (double)n : 0;
    return score;
}
