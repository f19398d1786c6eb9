#include "analysis/rowview.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- versions ---- */

static bool asked(const struct strs *keys, struct str name)
{
    bool found = !keys;

    for (size_t i = 0; keys && i < keys->n && !found; i++)
        found = str_is(name, keys->v[i]);
    return found;
}

static void see(struct version *version, size_t at, const struct strs *keys)
{
    const struct column *column = version->table->column[at];
    struct seen_column *seen = &version->column[at];
    size_t bytes;

    *seen = (struct seen_column){column->points_n, column->nulls, column->others, .loaded = false};
    if (seen->points > 0 || (seen->nulls > 0 && seen->others == 0))
        version->key[version->keys_n++] = (uint16_t)at;
    if (!column->loaded || !asked(keys, column->name))
        return;
    seen->loaded = true;
    seen->digest = column->digest;
    seen->open = chunk_new(&column->points, version->tally.open_rows, &bytes);
    version->bytes += bytes;
    if (seen->open)
        digest_add(&seen->digest, &seen->open->digest, version->chunks_n * CHUNK_ROWS);
}

struct version *version_new(struct table *table, const struct strs *keys)
{
    struct version *version = heap_alloc(sizeof(*version));
    size_t n = table->columns_n, bytes;

    version->refs = 1;
    version->table = table_ref(table);
    version->chunks_n = table->chunks_n;
    version->tally = table->tally;
    version->by_row = tally_by_row(&table->tally);
    version->open = table_open_places(table, &bytes);
    version->columns_n = n;
    version->column = heap_alloc(n * sizeof(*version->column));
    version->key = heap_alloc(n * sizeof(*version->key));
    version->bytes =
        sizeof(*version) + bytes + n * (sizeof(*version->column) + sizeof(*version->key));
    for (size_t i = 0; i < n; i++)
        see(version, i, keys);
    return version;
}

struct version *version_of_keys(struct version *whole, const struct strs *keys)
{
    struct version *version = heap_alloc(sizeof(*version));
    size_t n = whole->columns_n;

    whole->refs++;
    *version = (struct version){.refs = 1,
                                .whole = whole,
                                .table = table_ref(whole->table),
                                .bytes = sizeof(*version) + n * sizeof(*version->column),
                                .chunks_n = whole->chunks_n,
                                .tally = whole->tally,
                                .open = whole->open,
                                .columns_n = n,
                                .keys_n = whole->keys_n,
                                .key = whole->key,
                                .tail = whole->tail,
                                .by_row = whole->by_row};
    version->column = heap_alloc(n * sizeof(*version->column));
    for (size_t i = 0; i < n; i++) {
        version->column[i] = whole->column[i];
        version->column[i].loaded &= asked(keys, version->table->column[i]->name);
    }
    return version;
}

static void free_open(struct version *version)
{
    for (size_t i = 0; i < version->columns_n; i++)
        free(version->column[i].open);
    free(version->key);
    free(version->open);
}

void version_unref(struct version *version)
{
    if (!version || --version->refs > 0)
        return;
    if (version->whole)
        version_unref(version->whole);
    else
        free_open(version);
    free(version->column);
    table_unref(version->table);
    free(version);
}

bool version_has(const struct version *version, const struct strs *keys)
{
    for (size_t i = 0; i < version->columns_n; i++) {
        const struct seen_column *seen = &version->column[i];
        if (!seen->loaded && seen->points > 0 && asked(keys, version->table->column[i]->name))
            return false;
    }
    return true;
}

/* ---- views ---- */

struct rows_view *view_new(struct version *version, int fd, const struct file_mark *mark,
                           const char *path)
{
    struct rows_view *view = heap_alloc(sizeof(*view));
    size_t n = strlen(path) + 1;

    *view = (struct rows_view){.refs = 1, .version = version, .fd = fd, .mark = *mark};
    view->path = memcpy(heap_alloc(n), path, n);
    return view;
}

struct rows_view *view_of_values(struct version *version, struct origin *origin)
{
    struct rows_view *view = heap_alloc(sizeof(*view));

    *view = (struct rows_view){.refs = 1, .version = version, .fd = -1, .origin = origin};
    return view;
}

void rows_view_unref(void *thing)
{
    struct rows_view *view = thing;

    if (!view || --view->refs > 0)
        return;
    version_unref(view->version);
    if (view_has_texts(view))
        close(view->fd);
    if (view->origin)
        view->origin->unref(view->origin);
    free(view->path);
    free(view);
}

const struct places *view_places(const struct rows_view *view, size_t chunk)
{
    const struct version *version = view->version;

    return chunk < version->chunks_n ? spine_get(&version->table->places, chunk) : version->open;
}

uint32_t view_chunk_rows(const struct rows_view *view, size_t chunk)
{
    return chunk < view->version->chunks_n ? CHUNK_ROWS : view->version->tally.open_rows;
}

const struct seen_column *view_column(const struct rows_view *view, size_t key)
{
    return &view->version->column[view->version->key[key]];
}

const struct chunk *view_chunk(const struct rows_view *view, size_t key, size_t chunk)
{
    const struct version *version = view->version;
    const struct seen_column *seen = view_column(view, key);

    if (!seen->loaded)
        return NULL;
    if (chunk >= version->chunks_n)
        return seen->open;
    return spine_get(&version->table->column[version->key[key]]->chunks, chunk);
}

/* ---- what everybody may ask ---- */

size_t rows_count(const struct rows_view *view)
{
    return view->version->tally.rows;
}

bool rows_is_tail(const struct rows_view *view)
{
    return view->version->tail;
}

size_t rows_keys(const struct rows_view *view)
{
    return view->version->keys_n;
}

struct str rows_key(const struct rows_view *view, size_t key)
{
    return view->version->table->column[view->version->key[key]]->name;
}

size_t rows_find(const struct rows_view *view, struct str name)
{
    for (size_t i = 0; i < view->version->keys_n; i++) {
        if (str_eq(rows_key(view, i), name))
            return i;
    }
    return SIZE_MAX;
}

size_t rows_points(const struct rows_view *view, size_t key)
{
    return (size_t)view_column(view, key)->points;
}

static void steps_in(const struct rows_view *view, size_t chunk, uint32_t from, uint32_t n,
                     int64_t *out)
{
    if (!view->version->by_row) {
        places_steps(view_places(view, chunk), from, n, out);
        return;
    }
    for (uint32_t i = 0; i < n; i++)
        out[i] = (int64_t)(chunk * CHUNK_ROWS + from + i);
}

size_t rows_nulls_at_end(const struct rows_view *view, size_t key, int64_t *from)
{
    enum { LEAST = 3 };
    const struct seen_column *seen = view_column(view, key);
    int64_t rows = (int64_t)rows_count(view);

    if (view->version->tail || seen->others > 0 || seen->points + seen->nulls != rows ||
        seen->digest.n == 0)
        return 0;
    int64_t before = (int64_t)seen->digest.last_row + 1, n = rows - before;
    if (n < LEAST || 10 * seen->points < 9 * before)
        return 0;
    rows_steps(view, (size_t)before, 1, from);
    return (size_t)n;
}

void rows_steps(const struct rows_view *view, size_t from, size_t n, int64_t *out)
{
    while (n > 0) {
        size_t chunk = from / CHUNK_ROWS, at = from % CHUNK_ROWS;
        size_t take = n < CHUNK_ROWS - at ? n : CHUNK_ROWS - at;
        steps_in(view, chunk, (uint32_t)at, (uint32_t)take, out);
        from += take;
        out += take;
        n -= take;
    }
}

void rows_values(const struct rows_view *view, size_t key, size_t from, size_t n, double missing,
                 double *out)
{
    while (n > 0) {
        size_t chunk = from / CHUNK_ROWS, at = from % CHUNK_ROWS;
        size_t take = n < CHUNK_ROWS - at ? n : CHUNK_ROWS - at;
        chunk_values(view_chunk(view, key, chunk), (uint32_t)at, (uint32_t)take, missing, out);
        from += take;
        out += take;
        n -= take;
    }
}

static int64_t step_at(const struct rows_view *view, size_t row)
{
    int64_t step;

    rows_steps(view, row, 1, &step);
    return step;
}

/* ---- summaries ---- */

/* The sum of the chunk's last `n` finite points. */
static double sum_last(const struct chunk *chunk, int64_t n)
{
    double value[CHUNK_ROWS], sum = 0;
    uint32_t i = chunk_points(chunk, 0, CHUNK_ROWS, value, NULL);

    while (n > 0 && i-- > 0) {
        if (!isfinite(value[i]))
            continue;
        sum += value[i];
        n--;
    }
    return sum;
}

static double mean_last_tenth(const struct rows_view *view, size_t key, int64_t finite)
{
    int64_t wanted = (finite + 9) / 10, left = wanted;
    double sum = 0;

    for (size_t i = view->version->chunks_n + 1; left > 0 && i-- > 0;) {
        const struct chunk *chunk = view_chunk(view, key, i);
        if (!chunk)
            continue;
        sum += chunk->digest.finite <= left ? chunk->digest.sum : sum_last(chunk, left);
        left -= chunk->digest.finite;
    }
    return sum / (double)wanted;
}

void rows_summary(const struct rows_view *view, size_t key, struct summary *out)
{
    const struct digest *d = &view_column(view, key)->digest;

    *out = (struct summary){
        .n = d->n,
        .finite = d->finite,
        .nan = d->nan,
        .pos_inf = d->pos_inf,
        .neg_inf = d->neg_inf,
        .first = NAN,
        .last = NAN,
        .min = NAN,
        .max = NAN,
        .mean_last_tenth = NAN,
        .ends_non_finite = d->ends_non_finite,
    };
    if (d->n == 0)
        return;
    out->first_step = step_at(view, d->first_row);
    out->last_step = step_at(view, d->last_row);
    if (d->finite < d->n)
        out->first_non_finite_step = step_at(view, d->odd_row);
    if (d->finite == 0)
        return;
    out->first = d->first;
    out->last = d->last;
    out->min = d->min;
    out->max = d->max;
    out->min_step = step_at(view, d->min_row);
    out->max_step = step_at(view, d->max_row);
    out->mean_last_tenth = mean_last_tenth(view, key, d->finite);
}

/* ---- series ---- */

/* The part of a chunk that lies in rows [from, to). */
static bool part(size_t chunk, size_t from, size_t to, uint32_t *first, uint32_t *end)
{
    size_t start = chunk * CHUNK_ROWS;

    *first = (uint32_t)(from > start ? from - start : 0);
    *end = (uint32_t)(to - start < CHUNK_ROWS ? to - start : CHUNK_ROWS);
    return *first < *end;
}

static size_t count_points(const struct rows_view *view, size_t key, size_t from, size_t to)
{
    size_t n = 0;
    uint32_t first, end;

    for (size_t i = from / CHUNK_ROWS; i * CHUNK_ROWS < to; i++) {
        if (part(i, from, to, &first, &end))
            n += chunk_count(view_chunk(view, key, i), first, end);
    }
    return n;
}

static size_t clock_of(const struct rows_view *view)
{
    size_t clock = rows_find(view, STR("timestamp"));

    return clock != SIZE_MAX && view_column(view, clock)->digest.n > 0 ? clock : SIZE_MAX;
}

void rows_series(const struct rows_view *view, size_t key, size_t from, size_t to,
                 struct arena *arena, struct series *out)
{
    size_t clock = clock_of(view);
    bool timed = clock != SIZE_MAX;
    uint32_t row[CHUNK_ROWS], first, end;
    int64_t steps[CHUNK_ROWS];
    double times[CHUNK_ROWS];

    to = to < rows_count(view) ? to : rows_count(view);
    from = from < to ? from : to;
    size_t n = count_points(view, key, from, to), at = 0;
    int64_t *step = ARENA_ARRAY(arena, n, int64_t);
    double *value = ARENA_ARRAY(arena, n, double);
    double *time = timed ? ARENA_ARRAY(arena, n, double) : NULL;

    for (size_t i = from / CHUNK_ROWS; i * CHUNK_ROWS < to; i++) {
        const struct chunk *chunk = view_chunk(view, key, i);
        if (!chunk || !part(i, from, to, &first, &end))
            continue;
        uint32_t got = chunk_points(chunk, first, end, value + at, row);
        uint32_t rows = view_chunk_rows(view, i);
        steps_in(view, i, 0, rows, steps);
        if (timed)
            chunk_values(view_chunk(view, clock, i), 0, rows, NAN, times);
        for (uint32_t k = 0; k < got; k++) {
            step[at + k] = steps[row[k]];
            if (timed)
                time[at + k] = times[row[k]];
        }
        at += got;
    }
    *out = (struct series){arena_str(arena, rows_key(view, key)), n, step, value, time};
}

/* Has `like` just the steps and times of all n rows? */
static bool has_all_rows(const struct rows_view *view, size_t n, const struct series *like)
{
    size_t clock = clock_of(view);
    int64_t steps[CHUNK_ROWS];
    double times[CHUNK_ROWS];

    if (like->n != n || (clock != SIZE_MAX) != (like->time != NULL))
        return false;
    for (size_t i = 0, start = 0; start < n; i++) {
        uint32_t rows = view_chunk_rows(view, i);

        steps_in(view, i, 0, rows, steps);
        if (memcmp(steps, like->step + start, rows * sizeof(*steps)) != 0)
            return false;
        if (like->time) {
            chunk_values(view_chunk(view, clock, i), 0, rows, NAN, times);
            if (memcmp(times, like->time + start, rows * sizeof(*times)) != 0)
                return false;
        }
        start += rows;
    }
    return true;
}

void rows_series_like(const struct rows_view *view, size_t key, const struct series *like,
                      struct arena *arena, struct series *out)
{
    size_t n = rows_count(view), at = 0;

    if (n == 0 || count_points(view, key, 0, n) < n || !has_all_rows(view, n, like)) {
        rows_series(view, key, 0, n, arena, out);
        return;
    }
    double *value = ARENA_ARRAY(arena, n, double);
    for (size_t i = 0; at < n; i++)
        at += chunk_points(view_chunk(view, key, i), 0, view_chunk_rows(view, i), value + at, NULL);
    *out = (struct series){arena_str(arena, rows_key(view, key)), n, like->step, value, like->time};
}
