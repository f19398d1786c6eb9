#include "analysis/stats/paired.h"

#include <math.h>

#include "analysis/stats/moments.h"
#include "analysis/stats/rng.h"
#include "analysis/stats/special.h"

enum { EXACT_MAX = 15, DRAWS = 9999, SEED = 42, LANES = 8, SLICES = 5 };
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

/*
 * Sums of d with drawn signs, LANES draws side by side: each is added up in the
 * order of d, so it does not depend on how many go together. bits: a word for
 * every 64 values, LANES beside each other; the top bit is the next value's sign.
 */
#ifdef __SSE2__
#include <emmintrin.h>

static void signed_sums(const double *d, size_t n, const uint64_t *bits, double sum[LANES])
{
    const __m128i top = _mm_set1_epi64x(INT64_MIN);
    __m128d total[LANES / 2];
    __m128i word[LANES / 2];

    for (size_t k = 0; k < LANES / 2; k++) {
        total[k] = _mm_setzero_pd();
        word[k] = _mm_setzero_si128();
    }
    for (size_t i = 0; i < n; i++) {
        __m128d value = _mm_set1_pd(d[i]);
        for (size_t k = 0; k < LANES / 2; k++) {
            if (i % 64 == 0)
                word[k] = _mm_loadu_si128((const void *)(bits + i / 64 * LANES + 2 * k));
            __m128d sign = _mm_castsi128_pd(_mm_and_si128(word[k], top));
            total[k] = _mm_add_pd(total[k], _mm_xor_pd(value, sign));
            word[k] = _mm_slli_epi64(word[k], 1);
        }
    }
    for (size_t k = 0; k < LANES / 2; k++)
        _mm_storeu_pd(sum + 2 * k, total[k]);
}

#else

static void signed_sums(const double *d, size_t n, const uint64_t *bits, double sum[LANES])
{
    uint64_t word[LANES], value;
    double flipped;

    memset(sum, 0, LANES * sizeof(*sum));
    for (size_t i = 0; i < n; i++) {
        if (i % 64 == 0)
            memcpy(word, bits + i / 64 * LANES, sizeof(word));
        memcpy(&value, &d[i], sizeof(value));
        for (size_t k = 0; k < LANES; k++) {
            uint64_t signed_value = value ^ (word[k] & UINT64_C(1) << 63);
            memcpy(&flipped, &signed_value, sizeof(flipped));
            sum[k] += flipped;
            word[k] <<= 1;
        }
    }
}

#endif

static unsigned count_of(uint64_t bits)
{
    bits -= bits >> 1 & UINT64_C(0x5555555555555555);
    bits = (bits & UINT64_C(0x3333333333333333)) + (bits >> 2 & UINT64_C(0x3333333333333333));
    bits = (bits + (bits >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    return (unsigned)(bits * UINT64_C(0x0101010101010101) >> 56);
}

/* Differences that are small whole numbers of one unit, as those of rates over few trials are. */
struct whole {
    uint64_t *minus;          /* a bit a value, the first on top: it is negative */
    uint64_t *weight[SLICES]; /* bit by bit */
    uint64_t total;           /* of the weights */
};

static bool whole_of(const double *d, size_t n, struct arena *scratch, struct whole *out)
{
    double unit = n ? fabs(d[0]) : 0;

    for (size_t i = 1; i < n; i++)
        unit = fmin(unit, fabs(d[i]));
    for (size_t i = 0; i < n; i++) {
        double times = fabs(d[i]) / unit;
        if (!(times < 1 << SLICES) || fabs(times - floor(times + 0.5)) > 1e-9)
            return false;
    }
    *out = (struct whole){.minus = ARENA_ARRAY(scratch, n / 64 + 1, uint64_t)};
    for (size_t b = 0; b < SLICES; b++)
        out->weight[b] = ARENA_ARRAY(scratch, n / 64 + 1, uint64_t);
    for (size_t i = 0; i < n; i++) {
        uint64_t weight = (uint64_t)(fabs(d[i]) / unit + 0.5), bit = UINT64_C(1) << (63 - i % 64);
        out->minus[i / 64] |= d[i] < 0 ? bit : 0;
        for (size_t b = 0; b < SLICES; b++)
            out->weight[b][i / 64] |= weight >> b & 1 ? bit : 0;
        out->total += weight;
    }
    return n > 0;
}

static uint64_t weight_of(const struct whole *whole, size_t word, size_t slices, uint64_t bits)
{
    uint64_t sum = 0;

    for (size_t b = 0; b < slices; b++)
        sum += (uint64_t)count_of(bits & whole->weight[b][word]) << b;
    return sum;
}

static uint64_t apart(uint64_t a, uint64_t b)
{
    return a > b ? a - b : b - a;
}

/* What drawn_flips counts, from the same draws: in whole numbers there is nothing to round. */
static double drawn_wholes(const struct whole *whole, size_t n)
{
    size_t words = (n + 63) / 64, extreme = 1, slices = 0;
    uint64_t observed = 0;
    struct rng rng = rng_of(SEED);

    for (size_t b = 0; b < SLICES; b++) {
        for (size_t w = 0; w < words; w++)
            slices = whole->weight[b][w] ? b + 1 : slices;
    }
    for (size_t w = 0; w < words; w++)
        observed += weight_of(whole, w, slices, whole->minus[w]);
    observed = apart(whole->total, 2 * observed);
    for (size_t draw = 0; draw < DRAWS; draw++) {
        uint64_t negative = 0;
        for (size_t w = 0; w < words; w++)
            negative += weight_of(whole, w, slices, rng_next(&rng) ^ whole->minus[w]);
        extreme += apart(whole->total, 2 * negative) >= observed;
    }
    return (double)extreme / (DRAWS + 1);
}

/* d without its zeros: their sign changes nothing. */
static double drawn_flips(const double *d, size_t n, double observed, struct arena *scratch)
{
    size_t words = (n + 63) / 64, extreme = 1; /* the data themselves are one arrangement */
    uint64_t *bits = ARENA_ARRAY(scratch, (words + 1) * LANES, uint64_t);
    struct rng rng = rng_of(SEED);
    double sum[LANES];
    struct whole whole;

    if (whole_of(d, n, scratch, &whole))
        return drawn_wholes(&whole, n);
    for (size_t draw = 0; draw < DRAWS; draw += LANES) {
        for (size_t k = 0; k < LANES; k++) {
            for (size_t w = 0; w < words; w++)
                bits[w * LANES + k] = rng_next(&rng);
        }
        signed_sums(d, n, bits, sum);
        for (size_t k = 0; k < LANES && draw + k < DRAWS; k++)
            extreme += fabs(sum[k]) >= observed - slack;
    }
    return (double)extreme / (DRAWS + 1);
}

/* All but the sign-flip test; leaves the differences in d and their sum. */
static bool interval(const double *a, const double *b, size_t n, double *d, double *sum,
                     struct paired *out)
{
    *out = (struct paired){.n = n, .exact = n <= EXACT_MAX, .p_flip = (double)NAN};
    if (n < 2)
        return false;
    double largest = 0;
    *sum = 0;
    for (size_t i = 0; i < n; i++) {
        d[i] = b[i] - a[i];
        *sum += d[i];
        largest = fmax(largest, fmax(fabs(a[i]), fabs(b[i])));
    }
    double df = (double)n - 1;
    out->diff = mean_of(d, n);
    out->se = sd_of(d, n) / sqrt((double)n);
    if (out->se < 1e-15 * largest)
        out->se = 0; /* what rounding leaves of equal differences is no spread */
    double half = student_t_quantile(0.975, df) * out->se;
    out->low = out->diff - half;
    out->high = out->diff + half;
    out->mde = 2.8 * out->se;
    out->t = out->se > 0 ? out->diff / out->se : out->diff == 0 ? 0 : (double)NAN;
    out->p_t = isnan(out->t) ? (double)NAN : 2 * student_t_sf(fabs(out->t), df);
    return true;
}

bool paired_interval(const double *a, const double *b, size_t n, struct arena *scratch,
                     struct paired *out)
{
    double sum;

    return interval(a, b, n, ARENA_ARRAY(scratch, n + 1, double), &sum, out);
}

bool paired_compare(const double *a, const double *b, size_t n, struct arena *scratch,
                    struct paired *out)
{
    double *d = ARENA_ARRAY(scratch, n + 1, double), sum;
    size_t moved = 0;

    if (!interval(a, b, n, d, &sum, out))
        return false;
    if (out->exact) {
        out->p_flip = exact_flips(d, n, fabs(sum));
        return true;
    }
    for (size_t i = 0; i < n; i++) {
        if (d[i] != 0)
            d[moved++] = d[i];
    }
    out->p_flip = drawn_flips(d, moved, fabs(sum), scratch);
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
