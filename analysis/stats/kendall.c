#include "analysis/stats/kendall.h"

#include <math.h>
#include <stdint.h>

#include "analysis/stats/special.h"

struct pair {
    double x, y;
};

enum { FEW = 48, HANDFUL = 8 };

static bool before(const struct pair *p, const struct pair *q)
{
    return p->x != q->x ? p->x < q->x : p->y < q->y;
}

static void insert_all(struct pair *v, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        struct pair one = v[i];
        size_t k = i;
        for (; k > 0 && before(&one, &v[k - 1]); k--)
            v[k] = v[k - 1];
        v[k] = one;
    }
}

/* In the order of the numbers; -0 is 0. */
static uint64_t key_of(const struct pair *p, bool of_x)
{
    double value = (of_x ? p->x : p->y) + 0.0;
    uint64_t bits;

    memcpy(&bits, &value, sizeof(bits));
    return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

/* By bytes from the lowest, each pass leaving equal ones as they stand; returns v or room. */
static struct pair *by_bytes(struct pair *v, struct pair *room, size_t n, bool of_x)
{
    uint64_t differ = 0, first = key_of(&v[0], of_x);

    for (size_t i = 1; i < n; i++)
        differ |= key_of(&v[i], of_x) ^ first;
    for (unsigned shift = 0; shift < 64; shift += 8) {
        size_t at[257] = {0};
        if (!(differ >> shift & 0xff))
            continue;
        for (size_t i = 0; i < n; i++)
            at[(key_of(&v[i], of_x) >> shift & 0xff) + 1]++;
        for (size_t k = 0; k < 256; k++)
            at[k + 1] += at[k];
        for (size_t i = 0; i < n; i++)
            room[at[key_of(&v[i], of_x) >> shift & 0xff]++] = v[i];
        struct pair *swap = v;
        v = room;
        room = swap;
    }
    return v;
}

/* By x, those with the same x by y; one of v and room, the other is free then. */
static struct pair *sorted(struct pair *v, struct pair *room, size_t n)
{
    if (n <= FEW) {
        insert_all(v, n);
        return v;
    }
    struct pair *by_y = by_bytes(v, room, n, false);
    return by_bytes(by_y, by_y == v ? room : v, n, true);
}

/* What sort_y does, for a few. */
static double insert_by_y(struct pair *v, size_t n)
{
    size_t exchanges = 0;

    for (size_t i = 1; i < n; i++) {
        struct pair one = v[i];
        size_t k = i;
        for (; k > 0 && one.y < v[k - 1].y; k--)
            v[k] = v[k - 1];
        v[k] = one;
        exchanges += i - k;
    }
    return (double)exchanges;
}

/* Sorts y by merging; the number of exchanges of neighbours it would take. */
static double sort_y(struct pair *v, struct pair *room, size_t n)
{
    if (n <= HANDFUL)
        return insert_by_y(v, n);
    size_t half = n / 2, i = 0, j = half, k = 0;
    double exchanges = sort_y(v, room, half) + sort_y(v + half, room, n - half);

    while (i < half && j < n) {
        if (v[j].y < v[i].y) {
            exchanges += (double)(half - i);
            room[k++] = v[j++];
        } else {
            room[k++] = v[i++];
        }
    }
    while (i < half)
        room[k++] = v[i++];
    while (j < n)
        room[k++] = v[j++];
    memcpy(v, room, n * sizeof(*v));
    return exchanges;
}

/* Sums over groups of ties: pairs, and the two that the variance needs. */
struct ties {
    double pairs, v, two, three;
};

static void add_group(struct ties *ties, double t)
{
    ties->pairs += t * (t - 1) / 2;
    ties->v += t * (t - 1) * (2 * t + 5);
    ties->two += t * (t - 1);
    ties->three += t * (t - 1) * (t - 2);
}

enum which { OF_X, OF_Y, OF_BOTH };

static bool tied(const struct pair *a, const struct pair *b, enum which which)
{
    return (which == OF_Y || a->x == b->x) && (which == OF_X || a->y == b->y);
}

static struct ties ties_of(const struct pair *v, size_t n, enum which which)
{
    struct ties ties = {0};
    size_t from = 0;

    for (size_t i = 1; i <= n; i++) {
        if (i < n && tied(&v[i], &v[from], which))
            continue;
        add_group(&ties, (double)(i - from));
        from = i;
    }
    return ties;
}

struct kendall kendall_tau(const double *x, const double *y, size_t n, struct arena *scratch)
{
    struct kendall out = {NAN, NAN, 0};
    struct pair *v = ARENA_ARRAY(scratch, n + 1, struct pair);
    struct pair *room = ARENA_ARRAY(scratch, n + 1, struct pair);

    if (n < 2)
        return out;
    for (size_t i = 0; i < n; i++)
        v[i] = (struct pair){x[i], y[i]};
    struct pair *first = v;
    v = sorted(v, room, n);
    room = v == first ? room : first;
    struct ties tx = ties_of(v, n, OF_X), both = ties_of(v, n, OF_BOTH);
    double exchanges = sort_y(v, room, n);
    struct ties ty = ties_of(v, n, OF_Y);
    double m = (double)n, all = m * (m - 1) / 2;
    double s = all - tx.pairs - ty.pairs + both.pairs - 2 * exchanges;

    out.pairs = all - tx.pairs - ty.pairs + both.pairs;
    if (all <= tx.pairs || all <= ty.pairs)
        return out;
    out.tau = s / sqrt((all - tx.pairs) * (all - ty.pairs));
    double variance = (m * (m - 1) * (2 * m + 5) - tx.v - ty.v) / 18;
    variance += tx.two * ty.two / (2 * m * (m - 1));
    if (n > 2)
        variance += tx.three * ty.three / (9 * m * (m - 1) * (m - 2));
    out.p = variance > 0 ? 2 * normal_cdf(-fabs(s) / sqrt(variance)) : (double)NAN;
    return out;
}
