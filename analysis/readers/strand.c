#include "analysis/readers/strand.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/base/number.h"
#include "analysis/rowview.h"

enum { FIXED_DECIMALS = 6 }; /* printf gives that many unless told otherwise */

static bool is_series(const struct seen_column *seen)
{
    return seen->points > 0 || seen->nulls > 0 || seen->others > 0;
}

/* All points of one column. */
static void load_key(const struct rows_view *view, size_t column, struct strand_key *key,
                     struct arena *arena)
{
    const struct version *version = view->version;
    const struct seen_column *seen = &version->column[column];
    uint32_t row[CHUNK_ROWS];

    key->name = arena_str(arena, version->table->column[column]->name);
    key->row = ARENA_ARRAY(arena, (size_t)seen->digest.n, uint32_t);
    key->value = ARENA_ARRAY(arena, (size_t)seen->digest.n, double);
    key->nulls = seen->nulls;
    key->others = seen->others;
    for (size_t c = 0; c <= version->chunks_n; c++) {
        const struct chunk *chunk = c < version->chunks_n
                                        ? spine_get(&version->table->column[column]->chunks, c)
                                        : seen->open;
        if (!chunk)
            continue;
        uint32_t got = chunk_points(chunk, 0, CHUNK_ROWS, key->value + key->n, row);
        for (uint32_t i = 0; i < got; i++)
            key->row[key->n + i] = (uint32_t)(c * CHUNK_ROWS) + row[i];
        key->n += got;
    }
}

/* The digits of a value as it was printed, trailing zeros apart: behind the point, and in all. */
static void count_digits(double value, int *decimals, int *digits)
{
    char text[NUMBER_TEXT_MAX];
    size_t n = isfinite(value) ? number_print(value, text) : 0;
    int behind = 0;
    bool point = false, leading = true;

    *digits = 0;
    for (size_t c = 0; c < n && text[c] != 'e'; c++) {
        point = point || text[c] == '.';
        leading = leading && (text[c] < '1' || text[c] > '9');
        behind += point && text[c] != '.';
        *digits += !leading && text[c] != '.';
    }
    const char *e = memchr(text, 'e', n);
    *decimals = behind - (e ? (int)strtol(e + 1, NULL, 10) : 0);
}

/*
 * How a program prints a column: with so many decimals ("%.4f") or, where more than six of them
 * come up, with so many digits ("%.3e"). Trailing zeros of one value are digits of another.
 */
static void load_rounding(struct strand_key *key)
{
    int decimals = 0, digits = 0;

    for (size_t i = 0; i < key->n; i++) {
        int behind, all;
        count_digits(key->value[i], &behind, &all);
        decimals = behind > decimals ? behind : decimals;
        digits = all > digits ? all : digits;
    }
    key->printed = true;
    key->rounds = 0.5001 * pow(10, -decimals);
    key->rounds_of_it = decimals > FIXED_DECIMALS ? 0.5001 * pow(10, 1 - digits) : 0;
}

void strand_segments(struct strand *strand)
{
    uint32_t segment = 0;

    for (size_t i = 0; i < strand->n; i++) {
        segment += i > 0 && strand->step[i] < strand->step[i - 1];
        strand->segment[i] = segment;
    }
}

struct strand *strand_of(const struct table *table, bool float32, bool printed, struct arena *arena)
{
    struct strand *strand = ARENA_NEW(arena, struct strand);
    struct rows_view *view =
        view_of_values(version_new((struct table *)(uintptr_t)table, NULL), NULL);
    const struct version *version = view->version;

    strand->n = rows_count(view);
    strand->by_row = strand->n > 0 && (!version->tally.any_step || version->by_row);
    strand->step = ARENA_ARRAY(arena, strand->n, int64_t);
    strand->segment = ARENA_ARRAY(arena, strand->n, uint32_t);
    rows_steps(view, 0, strand->n, strand->step);
    strand_segments(strand);
    strand->key = ARENA_ARRAY(arena, version->columns_n, struct strand_key);
    for (size_t i = 0; i < version->columns_n; i++) {
        if (!is_series(&version->column[i]))
            continue;
        strand->key[strand->keys_n].float32 = float32;
        load_key(view, i, &strand->key[strand->keys_n], arena);
        if (printed)
            load_rounding(&strand->key[strand->keys_n]);
        strand->keys_n++;
    }
    rows_view_unref(view);
    return strand;
}

struct strand_key *strand_find(const struct strand *strand, struct str name)
{
    for (size_t i = 0; i < strand->keys_n; i++) {
        if (str_eq(strand->key[i].name, name))
            return &strand->key[i];
    }
    return NULL;
}

double strand_begins(const struct strand *strand)
{
    const struct strand_key *time = strand_find(strand, STR("timestamp"));

    return time && time->n ? time->value[0] : (double)NAN;
}

/* The points of both under one name; either may be NULL. */
static void chain_key(const struct strand_key *a, const struct strand_key *b, size_t rows_of_a,
                      struct strand_key *out, struct arena *arena)
{
    size_t first = a ? a->n : 0, second = b ? b->n : 0;

    *out = a ? *a : *b;
    out->n = first + second;
    out->row = ARENA_ARRAY(arena, out->n, uint32_t);
    out->value = ARENA_ARRAY(arena, out->n, double);
    out->float32 = (!a || a->float32) && (!b || b->float32);
    out->printed = (a && a->printed) || (b && b->printed);
    out->rounds = fmax(a ? a->rounds : 0, b ? b->rounds : 0);
    out->rounds_of_it = fmax(a ? a->rounds_of_it : 0, b ? b->rounds_of_it : 0);
    out->nulls = (a ? a->nulls : 0) + (b ? b->nulls : 0);
    out->others = (a ? a->others : 0) + (b ? b->others : 0);
    for (size_t i = 0; i < first; i++) {
        out->row[i] = a->row[i];
        out->value[i] = a->value[i];
    }
    for (size_t i = 0; i < second; i++) {
        out->row[first + i] = (uint32_t)rows_of_a + b->row[i];
        out->value[first + i] = b->value[i];
    }
}

struct strand *strand_chain(const struct strand *a, const struct strand *b, struct arena *arena)
{
    struct strand *out = ARENA_NEW(arena, struct strand);

    *out = *a;
    out->n = a->n + b->n;
    out->by_row = a->by_row && b->by_row;
    out->step = ARENA_ARRAY(arena, out->n, int64_t);
    out->segment = ARENA_ARRAY(arena, out->n, uint32_t);
    for (size_t i = 0; i < out->n; i++)
        out->step[i] = i < a->n ? a->step[i] : b->step[i - a->n];
    strand_segments(out);
    out->key = ARENA_ARRAY(arena, a->keys_n + b->keys_n, struct strand_key);
    out->keys_n = 0;
    for (size_t i = 0; i < a->keys_n; i++)
        chain_key(&a->key[i], strand_find(b, a->key[i].name), a->n, &out->key[out->keys_n++],
                  arena);
    for (size_t i = 0; i < b->keys_n; i++) {
        if (!strand_find(a, b->key[i].name))
            chain_key(NULL, &b->key[i], a->n, &out->key[out->keys_n++], arena);
    }
    return out;
}

/* ---- side by side ---- */

static bool timed(const struct strand *s)
{
    const struct strand_key *time = strand_find(s, STR("timestamp"));

    return s->workers && time && time->n == s->n && s->n > 0;
}

/* Where each row of a goes among those of b, and the other way round. */
static void number_by_time(const struct strand_key *a, const struct strand_key *b, uint32_t *to_a,
                           uint32_t *to_b)
{
    size_t i = 0, k = 0;

    while (i < a->n || k < b->n) {
        bool first = k == b->n || (i < a->n && a->value[i] <= b->value[k]);
        uint32_t row = (uint32_t)(i + k);
        if (first)
            to_a[i++] = row;
        else
            to_b[k++] = row;
    }
}

static void merge_key(const struct strand_key *a, const struct strand_key *b, const uint32_t *to_a,
                      const uint32_t *to_b, struct strand_key *out, struct arena *arena)
{
    size_t i = 0, k = 0, an = a ? a->n : 0, bn = b ? b->n : 0;

    *out = a ? *a : *b;
    out->n = an + bn;
    out->nulls = (a ? a->nulls : 0) + (b ? b->nulls : 0);
    out->others = (a ? a->others : 0) + (b ? b->others : 0);
    out->row = ARENA_ARRAY(arena, out->n, uint32_t);
    out->value = ARENA_ARRAY(arena, out->n, double);
    for (size_t at = 0; at < out->n; at++) {
        bool first = k == bn || (i < an && to_a[a->row[i]] < to_b[b->row[k]]);
        out->row[at] = first ? to_a[a->row[i]] : to_b[b->row[k]];
        out->value[at] = first ? a->value[i] : b->value[k];
        i += first;
        k += !first;
    }
}

static void add_up(const struct strand *a, const struct strand *b, const uint32_t *to_a,
                   struct strand *out)
{
    int64_t of_a = 0, of_b = 0;
    size_t i = 0, k = 0;

    for (size_t row = 0; row < out->n; row++) {
        if (i < a->n && to_a[i] == row)
            of_a = a->step[i++];
        else
            of_b = b->step[k++];
        out->step[row] = of_a + of_b;
    }
    strand_segments(out);
}

struct strand *strand_interleave(const struct strand *a, const struct strand *b,
                                 struct arena *arena)
{
    struct strand *out = ARENA_NEW(arena, struct strand);

    if (!timed(a) || !timed(b))
        return NULL;
    const struct strand_key *ta = strand_find(a, STR("timestamp"));
    const struct strand_key *tb = strand_find(b, STR("timestamp"));
    uint32_t *to_a = ARENA_ARRAY(arena, a->n, uint32_t);
    uint32_t *to_b = ARENA_ARRAY(arena, b->n, uint32_t);
    number_by_time(ta, tb, to_a, to_b);
    *out = *a;
    out->n = a->n + b->n;
    out->step = ARENA_ARRAY(arena, out->n, int64_t);
    out->segment = ARENA_ARRAY(arena, out->n, uint32_t);
    add_up(a, b, to_a, out);
    out->key = ARENA_ARRAY(arena, a->keys_n + b->keys_n, struct strand_key);
    out->keys_n = 0;
    for (size_t i = 0; i < a->keys_n; i++)
        merge_key(&a->key[i], strand_find(b, a->key[i].name), to_a, to_b, &out->key[out->keys_n++],
                  arena);
    for (size_t i = 0; i < b->keys_n; i++) {
        if (!strand_find(a, b->key[i].name))
            merge_key(NULL, &b->key[i], to_a, to_b, &out->key[out->keys_n++], arena);
    }
    return out;
}

/* ---- comparing ---- */

static bool same_value(double a, double b)
{
    if (isnan(a) || isnan(b))
        return isnan(a) && isnan(b);
    return a == b || fabs(a - b) <= 1e-6 * fmax(fabs(a), fabs(b));
}

/* One is what a print left of the other. */
static bool rounds_to(const struct strand_key *printed, double print, double value)
{
    double apart = fabs(print - value);

    return printed->printed &&
           (apart <= printed->rounds || apart <= printed->rounds_of_it * fabs(print));
}

/* How two points of one metric agree. */
enum match { MATCH_NOT, MATCH_ROUNDED, MATCH };

static enum match match(const struct strand_key *one, size_t i, const struct strand_key *other,
                        size_t k)
{
    double x = one->value[i], y = other->value[k];

    if (same_value(x, y))
        return MATCH;
    return rounds_to(one, x, y) || rounds_to(other, y, x) ? MATCH_ROUNDED : MATCH_NOT;
}

bool strand_same(const struct strand_key *one, const struct strand_key *other, size_t n)
{
    bool same = true;

    for (size_t i = 0; i < n && same; i++)
        same = match(one, i, other, i) != MATCH_NOT;
    return same;
}

static int order(const struct strand *a, uint32_t i, const struct strand *b, uint32_t k)
{
    if (a->segment[i] != b->segment[k])
        return a->segment[i] < b->segment[k] ? -1 : 1;
    return (a->step[i] > b->step[k]) - (a->step[i] < b->step[k]);
}

struct agreement strand_compare(const struct strand *a, const struct strand_key *one,
                                const struct strand *b, const struct strand_key *other)
{
    struct agreement found = {0};
    size_t i = 0, k = 0;

    while (i < one->n && k < other->n) {
        int o = order(a, one->row[i], b, other->row[k]);
        if (o != 0) {
            found.only_one += o < 0;
            found.only_other += o > 0;
            i += o < 0;
            k += o > 0;
            continue;
        }
        enum match its = match(one, i, other, k);
        if (its == MATCH_NOT && found.common == found.equal) {
            found.differs_at = a->step[one->row[i]];
            found.one = one->value[i];
            found.other = other->value[k];
        }
        found.common++;
        found.equal += its != MATCH_NOT;
        found.rounded += its == MATCH_ROUNDED;
        i++;
        k++;
    }
    found.only_one += one->n - i;
    found.only_other += other->n - k;
    return found;
}
