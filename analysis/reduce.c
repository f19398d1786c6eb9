#include "analysis/reduce.h"

#include <math.h>

#include "analysis/lttb.h"

enum { OWN_POINTS = 32, SPARSE = 4 };

/* Rows chosen so far, ascending and each once. */
struct chosen {
    size_t *v;
    size_t n, max;
};

/* What the choice is made from. */
struct scope {
    const struct rows_view *view;
    size_t from, to;
};

static bool add(struct chosen *chosen, size_t row)
{
    size_t low = 0, high = chosen->n;

    if (chosen->n && chosen->v[chosen->n - 1] < row)
        low = high;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (chosen->v[middle] < row)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < chosen->n && chosen->v[low] == row)
        return true;
    if (chosen->n == chosen->max)
        return false;
    memmove(chosen->v + low + 1, chosen->v + low, (chosen->n - low) * sizeof(*chosen->v));
    chosen->v[low] = row;
    chosen->n++;
    return true;
}

/* Both ascend. Many at once: add() would move what lies behind each of them. */
static void add_all(struct chosen *chosen, const size_t *row, size_t n)
{
    size_t fresh = 0, a = 0, b = 0;

    for (; b < n; b++) {
        while (a < chosen->n && chosen->v[a] < row[b])
            a++;
        fresh += a == chosen->n || chosen->v[a] != row[b];
    }
    size_t out = chosen->n + fresh;
    a = chosen->n;
    b = n;
    chosen->n = out;
    while (b > 0) {
        bool same = a > 0 && chosen->v[a - 1] == row[b - 1];
        if (a > 0 && chosen->v[a - 1] >= row[b - 1])
            chosen->v[--out] = chosen->v[--a];
        else
            chosen->v[--out] = row[--b];
        b -= same;
    }
}

/* ---- looking at a key ---- */

/* The part of chunk i that is in scope. */
static void part(const struct scope *scope, size_t i, uint32_t *first, uint32_t *end)
{
    size_t start = i * CHUNK_ROWS;

    *first = (uint32_t)(scope->from > start ? scope->from - start : 0);
    *end = (uint32_t)(scope->to - start < CHUNK_ROWS ? scope->to - start : CHUNK_ROWS);
}

static bool whole(const struct scope *scope, size_t i, uint32_t first, uint32_t end)
{
    return first == 0 && end >= view_chunk_rows(scope->view, i);
}

/* n, finite, first and last row, extremes with their rows, of the points in scope. */
static struct digest look(const struct scope *scope, size_t key)
{
    struct digest all = {0};
    double value[CHUNK_ROWS];
    uint32_t row[CHUNK_ROWS], first, end;

    for (size_t i = scope->from / CHUNK_ROWS; i * CHUNK_ROWS < scope->to; i++) {
        const struct chunk *chunk = view_chunk(scope->view, key, i);
        part(scope, i, &first, &end);
        if (chunk && whole(scope, i, first, end)) {
            digest_add(&all, &chunk->digest, i * CHUNK_ROWS);
            continue;
        }
        uint32_t n = chunk_points(chunk, first, end, value, row);
        for (uint32_t k = 0; k < n; k++) {
            double v = value[k];
            struct digest one = {
                .n = 1, .finite = isfinite(v), .first = v, .last = v, .min = v, .max = v, .sum = v};
            digest_add(&all, &one, i * CHUNK_ROWS + row[k]);
        }
    }
    return all;
}

/* First and last of each run of non-finite points. */
struct run {
    bool open;
    size_t last;
};

static bool run_point(struct chosen *chosen, struct run *run, bool finite, size_t row)
{
    bool ok = true;

    if (!finite) {
        ok = run->open || add(chosen, row);
        run->open = true;
        run->last = row;
    } else if (run->open) {
        ok = add(chosen, run->last);
        run->open = false;
    }
    return ok;
}

static bool keep_runs(struct chosen *chosen, const struct scope *scope, size_t key)
{
    struct run run = {0};
    double value[CHUNK_ROWS];
    uint32_t row[CHUNK_ROWS], first, end;
    bool ok = true;

    for (size_t i = scope->from / CHUNK_ROWS; ok && i * CHUNK_ROWS < scope->to; i++) {
        const struct chunk *chunk = view_chunk(scope->view, key, i);
        if (!chunk || (chunk->digest.finite == chunk->digest.n && !run.open))
            continue;
        part(scope, i, &first, &end);
        uint32_t n = chunk_points(chunk, first, end, value, row);
        for (uint32_t k = 0; ok && k < n; k++)
            ok = run_point(chosen, &run, isfinite(value[k]), i * CHUNK_ROWS + row[k]);
    }
    return ok && (!run.open || add(chosen, run.last));
}

static bool has_point(const struct scope *scope, size_t key, size_t row)
{
    uint32_t at = row % CHUNK_ROWS;

    return chunk_count(view_chunk(scope->view, key, row / CHUNK_ROWS), at, at + 1) > 0;
}

/* key SIZE_MAX: any row will do. */
static void keep_restarts(struct chosen *chosen, const struct scope *scope, size_t key)
{
    const struct tally *tally = &scope->view->version->tally;

    for (int64_t i = 0; i < tally->restarts_n && i < RESTARTS_KEPT; i++) {
        size_t row = tally->restart[i].row;
        for (size_t r = row ? row - 1 : 0; r <= row; r++) {
            if (r < scope->from || r >= scope->to || (key != SIZE_MAX && !has_point(scope, key, r)))
                continue;
            if (!add(chosen, r))
                return;
        }
    }
}

static void keep_extremes(struct chosen *chosen, const struct digest *d)
{
    if (d->finite > 0 && add(chosen, d->min_row))
        add(chosen, d->max_row);
}

/* ---- the rest by LTTB ---- */

static bool goes_back(const struct scope *scope)
{
    const struct tally *tally = &scope->view->version->tally;
    bool unknown = tally->restarts_n > RESTARTS_KEPT;

    for (int64_t i = 0; i < tally->restarts_n && i < RESTARTS_KEPT; i++) {
        if (tally->restart[i].row > scope->from && tally->restart[i].row < scope->to)
            return true;
    }
    return unknown;
}

static size_t choose(const struct scope *scope, size_t key, const struct digest *d, size_t m,
                     size_t *out)
{
    struct source source;

    source_rows(&source, scope->view, key, goes_back(scope), scope->from, scope->to);
    size_t n = lttb(&source, (size_t)d->finite, m, out);
    source_fini(&source);
    return n;
}

static bool has(const struct chosen *chosen, size_t row)
{
    struct chosen copy = {chosen->v, chosen->n, chosen->n}; /* full: it can only find */

    return chosen->n > 0 && add(&copy, row);
}

/* Uses up the budget; LTTB takes the first and last point, which are mostly there already. */
static void fill_up(struct chosen *chosen, const struct scope *scope, size_t key,
                    const struct digest *d, size_t budget, struct arena *arena)
{
    size_t m = budget - chosen->n;

    if (d->finite == 0 || m == 0)
        return;
    if (d->finite == d->n)
        m += (size_t)has(chosen, d->first_row) + (size_t)has(chosen, d->last_row);
    size_t *rest = ARENA_ARRAY(arena, m, size_t);
    size_t n = choose(scope, key, d, m, rest);
    add_all(chosen, rest, n);
}

static struct chosen start(size_t budget, struct arena *arena)
{
    struct chosen chosen = {.v = ARENA_ARRAY(arena, budget + 2, size_t)};

    chosen.max = budget / 2 > 2 ? budget / 2 : 2;
    if (chosen.max > budget)
        chosen.max = budget;
    return chosen;
}

/* The last says more than the first, if there is room for one only. */
static void keep_ends(struct chosen *chosen, size_t first, size_t last)
{
    add(chosen, last);
    add(chosen, first);
}

/* ---- rows ---- */

static void keep_first(struct chosen *chosen, const struct scope *scope, const size_t *keys,
                       size_t keys_n, const struct digest *digests, size_t primary)
{
    keep_ends(chosen, scope->from, scope->to - 1);
    for (size_t i = 0; i < keys_n; i++) {
        if (digests[i].finite < digests[i].n && !keep_runs(chosen, scope, keys[i]))
            return;
    }
    if (primary < keys_n)
        keep_extremes(chosen, &digests[primary]);
    for (size_t i = 0; i < keys_n; i++)
        keep_extremes(chosen, &digests[i]);
    keep_restarts(chosen, scope, SIZE_MAX);
}

static bool is_sparse(const struct scope *scope, const struct digest *d)
{
    return d->finite > 0 && (size_t)d->n * SPARSE < scope->to - scope->from;
}

/* Each sparse key its share, as long as the primary series has one, too. */
static void keep_sparse(struct chosen *chosen, const struct scope *scope, const size_t *keys,
                        size_t keys_n, const struct digest *digests, size_t primary, size_t budget)
{
    size_t own[OWN_POINTS], sparse = 0;

    for (size_t i = 0; i < keys_n; i++)
        sparse += i != primary && is_sparse(scope, &digests[i]);
    size_t share = (budget - chosen->n) / (sparse + 1);
    for (size_t i = 0; i < keys_n && share > 0; i++) {
        if (i == primary || !is_sparse(scope, &digests[i]))
            continue;
        size_t n =
            choose(scope, keys[i], &digests[i], share < OWN_POINTS ? share : OWN_POINTS, own);
        add_all(chosen, own, n);
    }
}

/* No series to choose on. */
static void spread(struct chosen *chosen, const struct scope *scope, size_t budget)
{
    size_t rows = scope->to - scope->from, left = budget - chosen->n;

    chosen->max = budget;
    for (size_t i = 0; i < left; i++)
        add(chosen, scope->from + i * rows / left);
}

static size_t most_points(const struct digest *digests, size_t n)
{
    size_t best = SIZE_MAX;

    for (size_t i = 0; i < n; i++) {
        if (digests[i].finite > 0 && (best == SIZE_MAX || digests[i].n > digests[best].n))
            best = i;
    }
    return best;
}

static void count_up(struct scope *scope, struct arena *arena, size_t **rows, size_t *n)
{
    *n = scope->to - scope->from;
    *rows = ARENA_ARRAY(arena, *n, size_t);
    for (size_t i = 0; i < *n; i++)
        (*rows)[i] = scope->from + i;
}

static struct scope scope_of(const struct rows_view *view, size_t from, size_t to)
{
    size_t rows = rows_count(view);

    to = to < rows ? to : rows;
    return (struct scope){view, from < to ? from : to, to};
}

void reduce_rows(const struct rows_view *view, size_t from, size_t to, const size_t *keys,
                 size_t keys_n, size_t primary, size_t budget, struct arena *arena, size_t **rows,
                 size_t *n)
{
    struct scope scope = scope_of(view, from, to);
    size_t at = SIZE_MAX;

    if (scope.to - scope.from <= budget) {
        count_up(&scope, arena, rows, n);
        return;
    }
    struct digest *digests = ARENA_ARRAY(arena, keys_n + 1, struct digest);
    for (size_t i = 0; i < keys_n; i++) {
        digests[i] = look(&scope, keys[i]);
        if (keys[i] == primary && digests[i].finite > 0)
            at = i;
    }
    struct digest on = {0};
    if (at == SIZE_MAX && primary != SIZE_MAX)
        on = look(&scope, primary); /* chosen on a key that is not returned */
    if (on.finite == 0) {
        at = at == SIZE_MAX ? most_points(digests, keys_n) : at;
        on = at == SIZE_MAX ? on : digests[at];
        primary = at == SIZE_MAX ? primary : keys[at];
    }

    struct chosen chosen = start(budget, arena);
    keep_first(&chosen, &scope, keys, keys_n, digests, at);
    keep_sparse(&chosen, &scope, keys, keys_n, digests, at, budget);
    if (on.finite > 0)
        fill_up(&chosen, &scope, primary, &on, budget, arena);
    else
        spread(&chosen, &scope, budget);
    *rows = chosen.v;
    *n = chosen.n;
}

/* ---- a column ---- */

static void every_point(const struct scope *scope, size_t key, size_t points, struct arena *arena,
                        size_t **rows, size_t *n)
{
    uint32_t row[CHUNK_ROWS], first, end;

    *rows = ARENA_ARRAY(arena, points, size_t);
    *n = 0;
    for (size_t i = scope->from / CHUNK_ROWS; i * CHUNK_ROWS < scope->to; i++) {
        part(scope, i, &first, &end);
        uint32_t got = chunk_points(view_chunk(scope->view, key, i), first, end, NULL, row);
        for (uint32_t k = 0; k < got; k++)
            (*rows)[(*n)++] = i * CHUNK_ROWS + row[k];
    }
}

void reduce_column(const struct rows_view *view, size_t from, size_t to, size_t key, size_t budget,
                   struct arena *arena, size_t **rows, size_t *n)
{
    struct scope scope = scope_of(view, from, to);
    struct digest d = look(&scope, key);

    if ((size_t)d.n <= budget) {
        every_point(&scope, key, (size_t)d.n, arena, rows, n);
        return;
    }
    struct chosen chosen = start(budget, arena);
    keep_ends(&chosen, d.first_row, d.last_row);
    if (d.finite == d.n || keep_runs(&chosen, &scope, key)) {
        keep_extremes(&chosen, &d);
        keep_restarts(&chosen, &scope, key);
    }
    fill_up(&chosen, &scope, key, &d, budget, arena);
    *rows = chosen.v;
    *n = chosen.n;
}

/* ---- arrays ---- */

static struct digest look_values(const double *y, size_t n)
{
    struct digest all = {0};

    for (size_t i = 0; i < n; i++) {
        struct digest one = {.n = 1,
                             .finite = isfinite(y[i]),
                             .first = y[i],
                             .last = y[i],
                             .min = y[i],
                             .max = y[i]};
        digest_add(&all, &one, i);
    }
    return all;
}

void reduce_values(const double *x, const double *y, size_t n, size_t budget, struct arena *arena,
                   size_t **chosen_out, size_t *chosen_n)
{
    struct digest d = look_values(y, n);
    struct chosen chosen = start(budget < n ? budget : n, arena);
    struct run run = {0};
    struct source source;
    bool ok = true;

    if (n <= budget) {
        struct scope scope = {.to = n};
        count_up(&scope, arena, chosen_out, chosen_n);
        return;
    }
    keep_ends(&chosen, 0, n - 1);
    for (size_t i = 0; ok && d.finite < d.n && i < n; i++)
        ok = run_point(&chosen, &run, isfinite(y[i]), i);
    if (ok && run.open)
        add(&chosen, run.last);
    keep_extremes(&chosen, &d);

    size_t m = budget - chosen.n;
    if (d.finite == d.n)
        m += (size_t)has(&chosen, 0) + (size_t)has(&chosen, n - 1);
    size_t *rest = ARENA_ARRAY(arena, m, size_t);
    source_arrays(&source, x, y, n);
    if (budget > chosen.n)
        add_all(&chosen, rest, lttb(&source, (size_t)d.finite, m, rest));
    source_fini(&source);
    *chosen_out = chosen.v;
    *chosen_n = chosen.n;
}
