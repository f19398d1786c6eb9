#include "analysis/stats/paired.h"

#include <math.h>

#include "analysis/stats/moments.h"
#include "analysis/stats/rng.h"
#include "analysis/stats/special.h"

enum { EXACT_MAX = 15, DRAWS = 9999, SEED = 42 };
static const double slack = 1e-12; /* ties with the observed count */

static double exact_flips(const double *d, size_t n, double observed)
{
    size_t patterns = (size_t)1 << n, extreme = 0;

    for (size_t bits = 0; bits < patterns; bits++) {
        double sum = 0;
        for (size_t i = 0; i < n; i++)
            sum += bits >> i & 1 ? -d[i] : d[i];
        extreme += fabs(sum) >= observed - slack;
    }
    return (double)extreme / (double)patterns;
}

/* Draws a sign for each by its top bit: no branch to guess wrongly. */
static double signed_sum(const double *d, size_t n, struct rng *rng)
{
    double sum = 0;
    uint64_t bits = 0, word;

    for (size_t i = 0; i < n; i++, bits <<= 1) {
        if (i % 64 == 0)
            bits = rng_next(rng);
        memcpy(&word, &d[i], sizeof(word));
        word ^= bits & UINT64_C(1) << 63;
        double flipped;
        memcpy(&flipped, &word, sizeof(flipped));
        sum += flipped;
    }
    return sum;
}

/* d without its zeros: their sign changes nothing. */
static double drawn_flips(const double *d, size_t n, double observed)
{
    struct rng rng = rng_of(SEED);
    size_t extreme = 1; /* the data themselves are one arrangement */

    for (int draw = 0; draw < DRAWS; draw++)
        extreme += fabs(signed_sum(d, n, &rng)) >= observed - slack;
    return (double)extreme / (DRAWS + 1);
}

bool paired_compare(const double *a, const double *b, size_t n, struct arena *scratch,
                    struct paired *out)
{
    double *d = ARENA_ARRAY(scratch, n + 1, double), sum = 0;

    *out = (struct paired){.n = n, .exact = n <= EXACT_MAX};
    if (n < 2)
        return false;
    for (size_t i = 0; i < n; i++) {
        d[i] = b[i] - a[i];
        sum += d[i];
    }
    double df = (double)n - 1;
    out->diff = mean_of(d, n);
    out->se = sd_of(d, n) / sqrt((double)n);
    double half = student_t_quantile(0.975, df) * out->se;
    out->low = out->diff - half;
    out->high = out->diff + half;
    out->mde = 2.8 * out->se;
    out->t = out->se > 0 ? out->diff / out->se : out->diff == 0 ? 0 : (double)NAN;
    out->p_t = isnan(out->t) ? (double)NAN : 2 * student_t_sf(fabs(out->t), df);
    size_t moved = 0;
    for (size_t i = 0; i < n && !out->exact; i++) {
        if (d[i] != 0)
            d[moved++] = d[i];
    }
    out->p_flip = out->exact ? exact_flips(d, n, fabs(sum)) : drawn_flips(d, moved, fabs(sum));
    return true;
}

double clustered_se(const double *d, const size_t *cluster, size_t n, struct arena *scratch,
                    size_t *clusters)
{
    double *sum = ARENA_ARRAY(scratch, n + 1, double), mean = mean_of(d, n), squares = 0;
    bool *seen = ARENA_ARRAY(scratch, n + 1, bool);

    *clusters = 0;
    for (size_t i = 0; i < n; i++) {
        *clusters += !seen[cluster[i]];
        seen[cluster[i]] = true;
        sum[cluster[i]] += d[i] - mean;
    }
    for (size_t i = 0; i < n; i++)
        squares += sum[i] * sum[i];
    return n ? sqrt(squares) / (double)n : 0;
}

double mcnemar_exact(size_t b, size_t c)
{
    size_t n = b + c, few = b < c ? b : c;
    double tail = 0;

    if (n == 0)
        return 1;
    for (size_t i = 0; i <= few; i++)
        tail += exp(log_gamma((double)n + 1) - log_gamma((double)i + 1) -
                    log_gamma((double)(n - i) + 1) - (double)n * log(2));
    return fmin(1, 2 * tail);
}
