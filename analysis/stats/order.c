#include "analysis/stats/order.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

enum { FEW = 24, SAMPLED = 4096, SAMPLE = 127, DIGIT_BITS = 11, DIGITS = 3 };

static void swap(double *a, double *b)
{
    double t = *a;

    *a = *b;
    *b = t;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Shell 1959 with the gaps of Ciura 2001. */
void order_sort_few(double *x, size_t n)
{
    static const size_t gaps[] = {132, 57, 23, 10, 4, 1};

    for (size_t g = 0; g < sizeof(gaps) / sizeof(gaps[0]); g++) {
        size_t gap = gaps[g];

        for (size_t i = gap; i < n; i++) {
            double v = x[i];
            size_t j = i;

            for (; j >= gap && x[j - gap] > v; j -= gap)
                x[j] = x[j - gap];
            x[j] = v;
        }
    }
}

/* Sorts x[lo], x[mid], x[hi] among themselves; the median of three is then in the middle. */
static double middle_of_three(double *x, size_t lo, size_t hi)
{
    size_t mid = lo + (hi - lo) / 2;

    if (x[mid] < x[lo])
        swap(&x[mid], &x[lo]);
    if (x[hi] < x[lo])
        swap(&x[hi], &x[lo]);
    if (x[hi] < x[mid])
        swap(&x[hi], &x[mid]);
    return x[mid];
}

/*
 * One of x[lo..hi], so that k likely lies on the smaller side of it and near it
 * (after Floyd and Rivest 1975): two such cuts leave an eighth.
 */
static double pivot_of(double *x, size_t lo, size_t hi, size_t k)
{
    size_t n = hi - lo + 1;
    double sample[SAMPLE];

    if (n < SAMPLED)
        return middle_of_three(x, lo, hi);
    for (size_t i = 0; i < SAMPLE; i++)
        sample[i] = x[lo + n / SAMPLE * i + n / (2 * SAMPLE)];
    order_sort_few(sample, SAMPLE);

    double share = (double)(k - lo) / (double)n;
    double slack = 1.5 * sqrt(share * (1 - share) / SAMPLE) + 1.0 / SAMPLE;
    double at = (share > 0.5 ? share - slack : share + slack) * SAMPLE;
    return sample[at < 0 ? 0 : at >= SAMPLE ? SAMPLE - 1 : (size_t)at];
}

/* Those below (or, with `equal`, not above) the pivot go first; where the others begin. */
static size_t cut(double *x, size_t lo, size_t hi, double pivot, bool equal)
{
    size_t at = lo;

    for (size_t i = lo; i <= hi; i++) {
        double v = x[i];

        x[i] = x[at];
        x[at] = v;
        at += equal ? v <= pivot : v < pivot;
    }
    return at;
}

/*
 * Quickselect (Hoare 1961). A log can be made so that the pivots are bad every
 * time: after 2 log2 n rounds what is left is sorted.
 */
double order_select(double *x, size_t n, size_t k)
{
    size_t lo = 0, hi = n - 1;
    int rounds = 4;

    for (size_t m = n; m > 1; m /= 2)
        rounds += 2;
    while (hi - lo >= FEW) {
        if (rounds-- == 0) {
            qsort(x + lo, hi - lo + 1, sizeof(*x), by_value);
            return x[k];
        }
        double pivot = pivot_of(x, lo, hi, k);
        size_t at = cut(x, lo, hi, pivot, false);
        if (k < at) {
            hi = at - 1;
        } else if (at > lo) {
            lo = at;
        } else { /* the pivot is the least value: all of that value go first */
            at = cut(x, lo, hi, pivot, true);
            if (k < at)
                return x[k];
            lo = at;
        }
    }
    order_sort_few(x + lo, hi - lo + 1);
    return x[k];
}

/* ---- ranks ---- */

struct ranked {
    uint64_t key; /* as large as the value among the others */
    uint32_t index;
};

static uint64_t key_of(double x)
{
    uint64_t bits;

    x += 0.0; /* -0 becomes 0 */
    memcpy(&bits, &x, sizeof(bits));
    return bits >> 63 ? ~bits : bits | (uint64_t)1 << 63;
}

static int by_key(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;

    return (x->key > y->key) - (x->key < y->key);
}

/* Where the leading 32 bits of all keys are found. */
struct leading {
    uint64_t least;
    int shift;
};

static struct leading leading_of(const double *x, size_t n)
{
    struct leading l = {.least = key_of(x[0])};
    uint64_t most = l.least;

    for (size_t i = 1; i < n; i++) {
        uint64_t key = key_of(x[i]);

        l.least = key < l.least ? key : l.least;
        most = key > most ? key : most;
    }
    while ((most - l.least) >> l.shift >> 32)
        l.shift++;
    return l;
}

/* A value as its leading bits, and its index below them: half of what key and index take. */
static uint64_t tag_of(const struct leading *l, double x, size_t index)
{
    return (key_of(x) - l->least) >> l->shift << 32 | (uint32_t)index;
}

static uint32_t digit_of(uint64_t tag, int digit)
{
    return (uint32_t)(tag >> 32 >> (digit * DIGIT_BITS)) & ((1u << DIGIT_BITS) - 1);
}

/* By the leading bits, their last digit first; in one of the two, which is returned. */
static uint64_t *sort_by_digits(uint64_t *v, uint64_t *spare, size_t n)
{
    uint32_t at[DIGITS][1 << DIGIT_BITS] = {{0}};

    for (size_t i = 0; i < n; i++) {
        for (int d = 0; d < DIGITS; d++)
            at[d][digit_of(v[i], d)]++;
    }
    for (int d = 0; d < DIGITS; d++) {
        uint32_t before = 0;
        uint64_t *sorted = spare;

        for (size_t k = 0; k < 1 << DIGIT_BITS; k++) {
            uint32_t count = at[d][k];

            at[d][k] = before;
            before += count;
        }
        for (size_t i = 0; i < n; i++)
            sorted[at[d][digit_of(v[i], d)]++] = v[i];
        spare = v;
        v = sorted;
    }
    return v;
}

/* < 0, 0 or > 0, as of the values. */
static int compare_tags(const double *x, uint64_t a, uint64_t b)
{
    if (a >> 32 != b >> 32)
        return a >> 32 < b >> 32 ? -1 : 1;
    return by_value(&x[(uint32_t)a], &x[(uint32_t)b]);
}

/* Those whose leading bits are equal; false where these are too many. */
static bool finish(const double *x, uint64_t *v, size_t n)
{
    size_t moves = 8 * n;

    for (size_t i = 1; i < n; i++) {
        uint64_t one = v[i];
        size_t j = i;

        for (; j > 0 && compare_tags(x, v[j - 1], one) > 0 && moves > 0; j--, moves--)
            v[j] = v[j - 1];
        v[j] = one;
    }
    return moves > 0;
}

static bool rank_by_digits(const double *x, size_t n, double *rank, struct arena *scratch)
{
    struct leading l = leading_of(x, n);
    uint64_t *v = ARENA_ARRAY(scratch, n, uint64_t);

    for (size_t i = 0; i < n; i++)
        v[i] = tag_of(&l, x[i], i);
    v = sort_by_digits(v, ARENA_ARRAY(scratch, n, uint64_t), n);
    if (!finish(x, v, n))
        return false;
    for (size_t i = 0, j; i < n; i = j) {
        for (j = i + 1; j < n && compare_tags(x, v[i], v[j]) == 0; j++)
            continue;
        for (size_t k = i; k < j; k++)
            rank[(uint32_t)v[k]] = (double)(i + j - 1) / 2;
    }
    return true;
}

static void rank_by_sort(const double *x, size_t n, double *rank, struct arena *scratch)
{
    struct ranked *v = ARENA_ARRAY(scratch, n, struct ranked);

    for (size_t i = 0; i < n; i++)
        v[i] = (struct ranked){key_of(x[i]), (uint32_t)i};
    if (n > 1)
        qsort(v, n, sizeof(*v), by_key);
    for (size_t i = 0, j; i < n; i = j) {
        for (j = i + 1; j < n && v[i].key == v[j].key; j++)
            continue;
        for (size_t k = i; k < j; k++)
            rank[v[k].index] = (double)(i + j - 1) / 2;
    }
}

void order_ranks(const double *x, size_t n, double *rank, struct arena *scratch)
{
    if (n <= 1 << DIGIT_BITS || !rank_by_digits(x, n, rank, scratch))
        rank_by_sort(x, n, rank, scratch);
}
