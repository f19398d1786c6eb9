#include "analysis/readers/splice.h"

#include <math.h>
#include <stdarg.h>

#include "analysis/base/json.h"
#include "analysis/readers/fed.h"
#include "analysis/side.h"

enum { NAMES_SHOWN = 3, DIFFERENCES_SHOWN = 8, TWINS_SHOWN = 8, SAME_POINTS = 8 };

PRINTF(2, 3) static void note(struct splice *s, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    const char *text = arena_vprintf(s->arena, format, args);
    va_end(args);
    VEC_PUSH(s->arena, &s->notes, text);
}

static bool is_time(struct str name)
{
    return str_is(name, "timestamp");
}

/* ---- steps ---- */

/* Of key's points: at how many are the values of `q` steps of b? Both in order. */
static size_t hits(const struct strand_key *q, const struct strand *b)
{
    size_t found = 0, k = 0;
    int64_t step;

    for (size_t i = 0; i < q->n; i++) {
        if (!feed_step(q->value[i], &step))
            return 0;
        if (i > 0 && q->value[i] < q->value[i - 1])
            k = 0;
        while (k < b->n && b->step[k] < step)
            k++;
        found += k < b->n && b->step[k] == step;
    }
    return found;
}

/* The steps are the values of q from now on; rows without one take the one before. */
static void use_as_steps(struct strand *a, const struct strand_key *q)
{
    int64_t step = 0;
    size_t at = 0;

    if (q->n > 0)
        (void)feed_step(q->value[0], &step);
    for (size_t row = 0; row < a->n; row++) {
        for (; at < q->n && q->row[at] <= row; at++)
            (void)feed_step(q->value[at], &step);
        a->step[row] = step;
    }
    strand_segments(a);
}

/* A column of a whose values are b's steps, at nine points of ten. */
static bool align_to(struct splice *s, struct strand *a, const struct strand *b)
{
    for (size_t i = 0; i < a->keys_n; i++) {
        const struct strand_key *q = &a->key[i];
        if (q->n < 2 || is_time(q->name) || q->n * 2 < a->n || hits(q, b) * 10 < q->n * 9)
            continue;
        note(s, "%s is put to the steps of %s: its column '%.*s' holds them", a->label, b->label,
             STR_FMT(str_cut(q->name, 80)));
        use_as_steps(a, q);
        a->by_row = false;
        a->put = true;
        return true;
    }
    return false;
}

/* Of two logs that a run writes side by side one may be some rows ahead. */
static size_t common_points(const struct strand_key *one, const struct strand_key *other)
{
    size_t least = one->n < other->n ? one->n : other->n;
    size_t apart = one->n + other->n - 2 * least;

    if (least < 2 || one->value[0] == one->value[least - 1] || apart * 10 > least + 20)
        return 0;
    return strand_same(one, other, least) ? least : 0;
}

/* Without steps, but with a metric that b tells point by point: its rows are those of b's points.
 */
static bool put_by_points(struct splice *s, struct strand *a, const struct strand *b)
{
    for (size_t i = 0; a->by_row && !b->by_row && i < a->keys_n; i++) {
        const struct strand_key *one = &a->key[i], *other = strand_find(b, one->name);
        size_t n = other && !is_time(one->name) ? common_points(one, other) : 0;
        if (n == 0)
            continue;
        struct strand_key steps = {.n = n, .row = one->row};
        steps.value = ARENA_ARRAY(s->arena, n, double);
        for (size_t k = 0; k < n; k++)
            steps.value[k] = (double)b->step[other->row[k]];
        note(s, "%s is put to the steps of %s: %zu points of '%.*s' are the same%s", a->label,
             b->label, n, STR_FMT(str_cut(one->name, 80)),
             one->n > n ? ", and what is behind them takes the last step" : "");
        use_as_steps(a, &steps);
        a->by_row = false;
        a->put = a->borrowed = true;
        return true;
    }
    return false;
}

/* A metric that both tell, with few steps in common; the number of a row is no step. */
static bool steps_differ(const struct strand *a, const struct strand *b)
{
    for (size_t i = 0; i < a->keys_n; i++) {
        const struct strand_key *one = &a->key[i], *other = strand_find(b, one->name);
        if (!other || is_time(one->name) || one->n < 2 || other->n < 2)
            continue;
        if (a->by_row != b->by_row)
            return true;
        struct agreement found = strand_compare(a, one, b, other);
        size_t least = one->n < other->n ? one->n : other->n;
        return found.common * 2 < least;
    }
    return false;
}

void splice_align(struct splice *s)
{
    for (size_t i = 1; i < s->n; i++) {
        for (size_t k = 0; k < i; k++) {
            struct strand *a = s->strand[i], *b = s->strand[k];
            if (!steps_differ(a, b) || align_to(s, a, b) || align_to(s, b, a) ||
                put_by_points(s, a, b) || put_by_points(s, b, a))
                continue;
            if (a->by_row == b->by_row)
                note(s, "%s and %s count steps differently, and neither holds the other's",
                     b->label, a->label);
            else
                note(s, "%s has no steps, and nothing tells which of %s its rows are",
                     a->by_row ? a->label : b->label, a->by_row ? b->label : a->label);
        }
    }
}

/* ---- names ---- */

/* The name in front of a strand's keys: its folder's or else its file's; NULL: it is no side. */
static const char *side_of(const struct strand *a)
{
    const char *slash = strrchr(a->folder, '/');

    return side_is_name(str_of(slash ? slash + 1 : a->folder)) ? a->folder : a->side;
}

/* Of two files in a folder only two sides differ; of two folders each has its own. */
static bool stands_elsewhere(const struct splice *s, size_t at, struct str name)
{
    const struct strand *a = s->strand[at];

    for (size_t i = 0; i < s->n; i++) {
        const struct strand *b = s->strand[i];
        bool apart = strcmp(b->folder, a->folder) != 0 ||
                     (a->side && b->side && strcmp(a->side, b->side) != 0);
        if (i != at && apart && strand_find(b, name))
            return true;
    }
    return false;
}

void splice_prefix(struct splice *s)
{
    struct str **names = ARENA_ARRAY(s->arena, s->n, struct str *);

    for (size_t i = 0; i < s->n; i++) {
        const struct strand *a = s->strand[i];
        names[i] = ARENA_ARRAY(s->arena, a->keys_n, struct str);
        for (size_t k = 0; k < a->keys_n; k++) {
            struct str name = a->key[k].name;
            names[i][k] = name;
            if (side_of(a) && !is_time(name) && stands_elsewhere(s, i, name))
                names[i][k] = str_of(arena_printf(s->arena, "%s/%.*s", side_of(a), STR_FMT(name)));
        }
    }
    for (size_t i = 0; i < s->n; i++) {
        for (size_t k = 0; k < s->strand[i]->keys_n; k++)
            s->strand[i]->key[k].name = names[i][k];
    }
}

/* ---- which points ---- */

/* All keys of two strands that both tell. */
struct pair {
    const struct strand *owner, *other;
    size_t keys, common, equal, rounded, beyond,
        alone; /* alone: points of `other` at no common step */
    struct buf names;
};

static int coarseness(const struct strand_key *key)
{
    return key->printed ? 2 : key->float32 ? 1 : 0;
}

static bool own_steps(const struct strand *a)
{
    return !a->by_row && !a->borrowed;
}

/*
 * The one whose points of that key stand: steps of its own if it has half of the other's points or
 * more, then most points, then doubles before floats before what was printed, then the first.
 */
static bool stands_before(const struct strand *a, const struct strand_key *key,
                          const struct strand *b, const struct strand_key *other)
{
    if (own_steps(a) != own_steps(b))
        return own_steps(a) ? 2 * key->n >= other->n : key->n > 2 * other->n;
    if (key->n != other->n)
        return key->n > other->n;
    return coarseness(key) < coarseness(other);
}

static struct strand *owner_of(const struct splice *s, struct str name)
{
    struct strand *best = NULL;
    const struct strand_key *its = NULL;

    for (size_t i = 0; i < s->n; i++) {
        const struct strand_key *key = strand_find(s->strand[i], name);
        if (!key || key->n == 0)
            continue;
        if (!its || stands_before(s->strand[i], key, best, its)) {
            best = s->strand[i];
            its = key;
        }
    }
    return best;
}

/* The first point of `other` behind the owner's last. */
static size_t beyond(const struct strand *owner, const struct strand_key *own,
                     const struct strand *other, const struct strand_key *key)
{
    uint32_t last = own->row[own->n - 1];
    size_t at = key->n;

    while (at > 0) {
        uint32_t row = key->row[at - 1];
        bool behind =
            other->segment[row] > owner->segment[last] ||
            (other->segment[row] == owner->segment[last] && other->step[row] > owner->step[last]);
        if (!behind)
            break;
        at--;
    }
    return at;
}

static void compare_key(struct splice *s, struct pair *pair, const struct strand_key *own,
                        struct strand_key *key)
{
    const struct strand *owner = pair->owner, *other = pair->other;
    bool alike = owner->by_row == other->by_row; /* else no step of one is a step of the other */
    struct agreement found = {.only_other = key->n};

    if (alike)
        found = strand_compare(owner, own, other, key);
    key->from = alike ? beyond(owner, own, other, key) : key->n;
    pair->beyond += key->n - key->from;
    pair->common += found.common;
    pair->equal += found.equal;
    pair->rounded += found.rounded;
    pair->alone += found.only_other;
    if (pair->keys++ < NAMES_SHOWN)
        buf_printf(&pair->names, "%s%.*s", pair->keys > 1 ? ", " : "",
                   STR_FMT(str_cut(key->name, 80)));
    if (found.equal == found.common || s->differences++ >= DIFFERENCES_SHOWN)
        return;
    struct buf numbers = {0};
    json_put_number(&numbers, found.one);
    buf_puts(&numbers, " against ");
    json_put_number(&numbers, found.other);
    VEC_PUSH(s->arena, &s->conflicts,
             ((struct splice_conflict){key->name, s->notes.n, pair->owner->label}));
    note(s, "%.*s differs between %s and %s at %zu of %zu common steps, first at step %lld: %.*s",
         STR_FMT(str_cut(key->name, 80)), pair->owner->label, pair->other->label,
         found.common - found.equal, found.common, (long long)found.differs_at,
         STR_FMT(buf_str(&numbers)));
    buf_fini(&numbers);
}

static void say_pair(struct splice *s, struct pair *pair)
{
    const char *more = pair->keys > NAMES_SHOWN ? ", …" : "";

    if (pair->other->history && pair->equal == pair->common && pair->alone == 0) {
        s->prefixes++;
        s->whole = pair->owner->label;
        return;
    }
    if (pair->common == 0)
        note(s, "%s and %s tell %zu metric%s at no common step (%.*s%s); the points of %s stand",
             pair->owner->label, pair->other->label, pair->keys, pair->keys == 1 ? "" : "s",
             STR_FMT(buf_str(&pair->names)), more, pair->owner->label);
    else
        note(s, "%.*s%s: %zu of %zu points equal in %s and %s%s", STR_FMT(buf_str(&pair->names)),
             more, pair->equal, pair->common, pair->owner->label, pair->other->label,
             pair->rounded ? ", as far as they are printed" : "");
    if (pair->beyond)
        note(s, "%zu points of %s lie beyond the end of %s and are added", pair->beyond,
             pair->other->label, pair->owner->label);
}

static void choose_between(struct splice *s, const struct strand *owner, struct strand *other,
                           struct strand *const *owners)
{
    struct pair pair = {.owner = owner, .other = other};

    for (size_t k = 0; k < other->keys_n; k++) {
        struct strand_key *key = &other->key[k];
        if (owners[k] == owner && key->n > 0 && !is_time(key->name))
            compare_key(s, &pair, strand_find(owner, key->name), key);
    }
    if (pair.keys)
        say_pair(s, &pair);
    buf_fini(&pair.names);
}

/* Under another name, but at the same steps and with the same values, which are not all one. */
static bool is_same_metric(const struct strand *a, const struct strand_key *one,
                           const struct strand *b, const struct strand_key *other)
{
    if (one->n != other->n || one->n < SAME_POINTS || is_time(one->name) || is_time(other->name) ||
        one->value[0] == one->value[one->n - 1] || strand_find(b, one->name) ||
        strand_find(a, other->name) || a->step[one->row[0]] != b->step[other->row[0]])
        return false;
    return strand_compare(a, one, b, other).equal == one->n;
}

/* Both names stay: one of them may be the one that is asked for. */
static void find_twins(struct splice *s, const struct strand *a, const struct strand *b)
{
    for (size_t i = 0; i < a->keys_n; i++) {
        for (size_t k = 0; k < b->keys_n && s->twins < TWINS_SHOWN; k++) {
            if (!is_same_metric(a, &a->key[i], b, &b->key[k]))
                continue;
            s->twins++;
            note(s, "%.*s in %s is %.*s in %s: %zu of %zu points equal",
                 STR_FMT(str_cut(a->key[i].name, 80)), a->label,
                 STR_FMT(str_cut(b->key[k].name, 80)), b->label, a->key[i].n, a->key[i].n);
        }
    }
}

void splice_choose(struct splice *s)
{
    for (size_t i = 1; i < s->n; i++) {
        for (size_t k = 0; k < i; k++)
            find_twins(s, s->strand[k], s->strand[i]);
    }
    for (size_t i = 0; i < s->n; i++) {
        struct strand *other = s->strand[i], **owners = NULL;
        owners = ARENA_ARRAY(s->arena, other->keys_n, struct strand *);
        for (size_t k = 0; k < other->keys_n; k++)
            owners[k] = owner_of(s, other->key[k].name);
        for (size_t o = 0; o < s->n; o++) {
            if (s->strand[o] != other)
                choose_between(s, s->strand[o], other, owners);
        }
    }
    if (s->prefixes == 1)
        note(s, "the history in one checkpoint is an exact part of %s", s->whole);
    else if (s->prefixes)
        note(s, "the histories in %zu checkpoints are exact parts of %s", s->prefixes, s->whole);
    if (s->differences > DIFFERENCES_SHOWN)
        note(s, "%zu more metrics differ between sources", s->differences - DIFFERENCES_SHOWN);
}

/* ---- rows ---- */

struct cursor {
    const struct strand *strand;
    size_t row;
    int *key;   /* the feed's, by the strand's */
    size_t *at; /* the next point of each key */
};

static void put_row(struct feed *feed, struct cursor *c, bool *timed)
{
    bool had_time = *timed;

    for (size_t k = 0; k < c->strand->keys_n; k++) {
        const struct strand_key *key = &c->strand->key[k];
        size_t at = c->at[k];
        if (at == key->n || key->row[at] != c->row)
            continue;
        c->at[k]++;
        bool time = is_time(key->name);
        if (at >= key->from && !(time && had_time)) {
            feed_value(feed, c->key[k], key->value[at]);
            *timed |= time;
        }
    }
    c->row++;
}

static bool at_place(const struct cursor *c, uint32_t segment, int64_t step)
{
    return c->row < c->strand->n && c->strand->segment[c->row] == segment &&
           c->strand->step[c->row] == step;
}

static bool next_place(const struct cursor *c, size_t n, uint32_t *segment, int64_t *step)
{
    bool any = false;

    for (size_t i = 0; i < n; i++) {
        const struct strand *s = c[i].strand;
        if (c[i].row == s->n)
            continue;
        uint32_t its = s->segment[c[i].row];
        if (any && (its > *segment || (its == *segment && s->step[c[i].row] >= *step)))
            continue;
        *segment = its;
        *step = s->step[c[i].row];
        any = true;
    }
    return any;
}

/* A row of another strand adds nothing if none of its points goes into the run. */
static bool adds_nothing(const struct cursor *c)
{
    for (size_t k = 0; k < c->strand->keys_n; k++) {
        const struct strand_key *key = &c->strand->key[k];
        size_t at = c->at[k];
        if (at < key->n && key->row[at] == c->row && at >= key->from && !is_time(key->name))
            return false;
    }
    return true;
}

static void pass_row(struct cursor *c)
{
    for (size_t k = 0; k < c->strand->keys_n; k++) {
        const struct strand_key *key = &c->strand->key[k];
        c->at[k] += c->at[k] < key->n && key->row[c->at[k]] == c->row;
    }
    c->row++;
}

/* What a row adds nothing to may still take its time from it. */
static void put_or_pass(struct feed *feed, struct cursor *c, bool put, bool *timed)
{
    if (put)
        put_row(feed, c, timed);
    else
        pass_row(c);
}

/* The k-th rows that the strands have at one place go together into one row. */
static void put_place(struct feed *feed, struct cursor *c, size_t n, uint32_t segment, int64_t step)
{
    bool any;

    do {
        bool adds = false, timed = false;
        any = false;
        for (size_t i = 0; i < n; i++) {
            bool here = at_place(&c[i], segment, step);
            any |= here;
            adds |= here && !adds_nothing(&c[i]);
        }
        if (adds)
            feed_row(feed, step);
        for (size_t i = 0; i < n; i++) {
            if (at_place(&c[i], segment, step))
                put_or_pass(feed, &c[i], adds, &timed);
        }
    } while (any);
}

/* No strand before the i-th tells this key. */
static bool first_of(const struct splice *s, size_t i, size_t k)
{
    struct str name = s->strand[i]->key[k].name;
    bool first = true;

    while (first && i-- > 0)
        first = !strand_find(s->strand[i], name);
    return first;
}

struct table *splice_rows(struct splice *s)
{
    struct feed *feed = feed_new();
    struct cursor *c = ARENA_ARRAY(s->arena, s->n, struct cursor);
    uint32_t segment = 0;
    int64_t step = 0;

    for (size_t i = 0; i < s->n; i++) {
        const struct strand *strand = s->strand[i];
        c[i] = (struct cursor){.strand = strand,
                               .key = ARENA_ARRAY(s->arena, strand->keys_n, int),
                               .at = ARENA_ARRAY(s->arena, strand->keys_n, size_t)};
        for (size_t k = 0; k < strand->keys_n; k++)
            c[i].key[k] = feed_key(feed, strand->key[k].name);
    }
    while (next_place(c, s->n, &segment, &step))
        put_place(feed, c, s->n, segment, step);
    struct table *table = table_ref(feed_end(feed)->table);
    for (size_t i = 0; i < s->n; i++) {
        for (size_t k = 0; k < s->strand[i]->keys_n; k++) {
            if (c[i].key[k] < 0)
                continue;
            bool *float32 = &table->column[c[i].key[k]]->float32;
            *float32 = s->strand[i]->key[k].float32 && (*float32 || first_of(s, i, k));
            table->column[c[i].key[k]]->nulls += s->strand[i]->key[k].nulls;
            table->column[c[i].key[k]]->others += s->strand[i]->key[k].others;
        }
    }
    feed_free(feed);
    return table;
}
