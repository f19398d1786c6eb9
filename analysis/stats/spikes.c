#include "analysis/stats/spikes.h"

#include <math.h>

#include "analysis/base/vec.h"
#include "analysis/stats/moments.h"
#include "analysis/stats/noise.h"
#include "analysis/stats/special.h"
#include "analysis/stats/trailing.h"

enum { LOCAL = 9, LEAST = 5, TAIL_POINTS_MIN = 200 };

/* What the flags are made from; index for index with x. */
struct scores {
    double *r, *z, *scaled; /* scaled: r over its trailing scale */
    size_t n, from;         /* z is 0 before `from` */
};

static struct scores score(const double *y, size_t n, struct arena *scratch)
{
    size_t window = clip_count(n / 20, 16, 256);
    struct scores s = {.n = n, .from = window / 2 > 8 ? window / 2 : 8};
    double *level = ARENA_ARRAY(scratch, n, double), *local = ARENA_ARRAY(scratch, n, double);
    double *lag = ARENA_ARRAY(scratch, n, double), *spread = ARENA_ARRAY(scratch, n, double);

    s.r = ARENA_ARRAY(scratch, n, double);
    s.z = ARENA_ARRAY(scratch, n, double);
    s.scaled = ARENA_ARRAY(scratch, n, double);
    trailing_median(y, n, window, LEAST, level, scratch);
    trailing_median(y, n, LOCAL, 1, local, scratch);
    for (size_t i = 0; i < n; i++)
        s.r[i] = i < LEAST ? 0 : y[i] - level[i];
    trailing_median(s.r, n, window, 1, lag, scratch);
    for (size_t i = 0; i < n; i++)
        s.r[i] -= lag[i];
    for (size_t i = 0; i < n; i++)
        s.scaled[i] = fabs(s.r[i]);
    trailing_median(s.scaled, n, 4 * window, 1, spread, scratch);

    double floor = 0.7 * sigma_d2(y, n, scratch);
    for (size_t i = 0; i < n; i++) {
        double scale = fmax(MAD_TO_SD * spread[i], floor) + 1e-6;

        s.scaled[i] = s.r[i] / scale;
        s.z[i] = i < s.from ? 0 : fmin(s.r[i], (y[i] - local[i]) / 0.7) / scale;
    }
    return s;
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
    double *v = ARENA_ARRAY(scratch, m, double);
    memcpy(v, s->scaled + from, m * sizeof(*v));
    double q01 = quantile_select(v, m, 0.01), q25 = quantile_select(v, m, 0.25);
    double q50 = quantile_select(v, m, 0.5), q75 = quantile_select(v, m, 0.75);
    double q99 = quantile_select(v, m, 0.99);
    if (!(q50 > q25 && q75 > q50))
        return 10; /* more than a quarter of the values are equal: no tail to be seen */
    double left = (q50 - q01) / (q50 - q25), right = (q99 - q50) / (q75 - q50);

    return nu_of_ratio((left + fmin(right, 1.3 * left)) / 2);
}

/* Flags what stands out only together with its neighbours. */
static void flag_runs(const struct scores *s, double threshold, size_t k, bool *flags)
{
    double need = fmax(8, threshold / sqrt((double)k) + 2);

    for (size_t i = k - 1; i < s->n; i++) {
        double sum = 0, r = 0;

        for (size_t j = i + 1 - k; j <= i; j++) {
            sum += clip(s->z[j], -4, threshold);
            r += s->r[j];
        }
        if (!(sum / sqrt((double)k) > need && r / (double)k > 0.02))
            continue;
        for (size_t j = i + 1 - k; j <= i; j++)
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
        label(e, x, s->n, scratch);
    }
    out->events = events.v;
    out->count = events.n;
}

struct spikes spikes_of(const double *x, size_t n, struct arena *scratch)
{
    struct spikes out = {0};
    double *y = ARENA_ARRAY(scratch, n, double);

    if (n < SPIKE_POINTS_MIN || !relative_of(x, n, y, scratch))
        return out;
    struct scores s = score(y, n, scratch);
    bool *flags = ARENA_ARRAY(scratch, n, bool);
    out.enough = true;
    out.nu = tail_nu(&s, scratch);
    out.threshold = clip(student_t_quantile(1 - 0.05 / (double)n, out.nu) * 0.6745 /
                             student_t_quantile(0.75, out.nu),
                         6, 30);
    for (size_t i = 0; i < n; i++)
        flags[i] = s.z[i] > out.threshold && s.r[i] > 0.02;
    for (size_t k = 2; k <= 4 && k <= n / 10; k += 2)
        flag_runs(&s, out.threshold, k, flags);
    merge(&out, flags, &s, x, scratch);
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
