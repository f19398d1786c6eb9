#include "analysis/rowtable.h"

#include <stdlib.h>

#include "analysis/base/buf.h"
#include "analysis/base/fnv.h"
#include "analysis/base/json.h"

/* ---- places ---- */

uint64_t places_offset(const struct places *places, uint32_t row, uint64_t *length)
{
    uint64_t offset = places->offset[row / GROUP_ROWS], n = 0;
    uint32_t next_long = 0;

    for (uint32_t i = row / GROUP_ROWS * GROUP_ROWS; i <= row; i++) {
        offset += n;
        n = places->length[i];
        if (n < LENGTH_LONG)
            continue;
        while (places->longs[next_long].row < i)
            next_long++;
        n = places->longs[next_long].length;
    }
    *length = n;
    return offset;
}

void places_steps(const struct places *places, uint32_t from, uint32_t n, int64_t *out)
{
    if (places->step) {
        memcpy(out, places->step + from, n * sizeof(*out));
        return;
    }
    for (uint32_t i = 0; i < n; i++)
        out[i] = places->first + (int64_t)(from + i) * places->stride;
}

static bool is_regular(const int64_t *step, uint32_t n)
{
    int64_t odd = 0;

    /* Steps lie within +-2^53 or are row numbers: nothing overflows. */
    for (uint32_t i = 2; i < n; i++)
        odd |= (step[i] - step[i - 1]) ^ (step[1] - step[0]);
    return odd == 0;
}

struct places *table_open_places(const struct table *table, size_t *bytes)
{
    uint32_t n = table->tally.open_rows, longs_n = table->tally.longs_n;
    bool regular = is_regular(table->open.step, n);
    size_t head = (sizeof(struct places) + n * sizeof(uint16_t) + 15) / 16 * 16;
    size_t steps = regular ? 0 : n * sizeof(int64_t);

    *bytes = head + steps + longs_n * sizeof(struct long_row);
    char *p = heap_alloc(*bytes);
    struct places *places = (void *)p;
    *places = (struct places){.n = n, .longs_n = longs_n, .first = table->open.step[0]};
    places->stride = n > 1 ? table->open.step[1] - table->open.step[0] : 0;
    memcpy(places->offset, table->open.offset, sizeof(places->offset));
    memcpy(places->length, table->open.length, n * sizeof(uint16_t));
    if (!regular)
        places->step = memcpy(p + head, table->open.step, steps);
    if (longs_n)
        places->longs =
            memcpy(p + head + steps, table->open.longs, longs_n * sizeof(struct long_row));
    return places;
}

/* ---- life ---- */

struct table *table_new(void)
{
    struct table *table = heap_alloc(sizeof(*table));

    table->refs = 1;
    kept_init(&table->kept);
    return table;
}

struct table *table_ref(struct table *table)
{
    table->refs++;
    return table;
}

static void column_free(struct column *column)
{
    spine_fini(&column->chunks, free);
    points_fini(&column->points);
    free((char *)(uintptr_t)column->name.p);
    free((char *)(uintptr_t)column->json.p);
    free(column);
}

void table_unref(struct table *table)
{
    if (!table || --table->refs > 0)
        return;
    for (size_t i = 0; i < table->columns_n; i++)
        column_free(table->column[i]);
    for (size_t i = 0; i < table->wanted.n; i++)
        free(table->wanted.v[i]);
    free(table->wanted.v);
    spine_fini(&table->places, free);
    kept_fini(&table->kept);
    free(table->open.longs);
    free(table);
}

size_t table_bytes(struct table *table)
{
    size_t bytes = sizeof(*table) + table->bytes + kept_bytes(&table->kept);

    for (size_t i = 0; i < table->columns_n; i++)
        bytes += sizeof(struct column) + table->column[i]->points.room * sizeof(double);
    return bytes;
}

/* ---- keys ---- */

/* The bucket in which the name is, or belongs. */
static size_t bucket_of(const struct table *table, struct str name)
{
    uint64_t hash = fnv_of(name);
    size_t at = (hash ^ hash >> 32) % BUCKETS;

    while (table->bucket[at] && !str_eq(table->column[table->bucket[at] - 1]->name, name))
        at = (at + 1) % BUCKETS;
    return at;
}

size_t table_find(const struct table *table, struct str name)
{
    return (size_t)table->bucket[bucket_of(table, name)] - 1;
}

static bool is_wanted(const struct table *table, struct str name)
{
    bool found = table->all;

    for (size_t i = 0; i < table->wanted.n && !found; i++)
        found = str_is(name, table->wanted.v[i]);
    return found;
}

static struct column *column_new(struct str name)
{
    struct column *column = heap_alloc(sizeof(*column));
    char *copy = heap_alloc(name.n + 1);
    struct buf json = {0};

    if (name.n)
        memcpy(copy, name.p, name.n);
    column->name = (struct str){copy, name.n};
    json_put_string(&json, column->name);
    buf_byte(&json, ':');
    column->json = buf_str(&json);
    return column;
}

size_t table_key(struct table *table, struct str name)
{
    size_t at = bucket_of(table, name);

    if (table->bucket[at])
        return (size_t)table->bucket[at] - 1;
    if (table->columns_n == KEYS_MAX)
        return SIZE_MAX;
    struct column *column = column_new(name);
    column->loaded = is_wanted(table, name);
    table->column[table->columns_n++] = column;
    table->bucket[at] = (uint16_t)table->columns_n;
    return table->columns_n - 1;
}

/* False if points that are wanted now were only counted. */
static bool load_from_now(struct column *column)
{
    if (!column->loaded && column->points_n > 0)
        return false;
    column->loaded = true;
    return true;
}

static void want_name(struct table *table, const char *name)
{
    for (size_t i = 0; i < table->wanted.n; i++) {
        if (strcmp(table->wanted.v[i], name) == 0)
            return;
    }
    size_t n = strlen(name) + 1;
    table->wanted.v = heap_grow(table->wanted.v, (table->wanted.n + 1) * sizeof(char *));
    table->wanted.v[table->wanted.n++] = memcpy(heap_alloc(n), name, n);
}

bool table_want(struct table *table, const char *const *names, size_t n)
{
    bool ok = true;

    table->all |= !names;
    for (size_t i = 0; names && i < n; i++)
        want_name(table, names[i]);
    for (size_t i = 0; i < table->columns_n; i++) {
        if (is_wanted(table, table->column[i]->name))
            ok &= load_from_now(table->column[i]);
    }
    return ok;
}

void table_want_as(struct table *table, const struct table *other)
{
    table->all |= other->all;
    for (size_t i = 0; i < other->wanted.n; i++)
        want_name(table, other->wanted.v[i]);
}

/* ---- rows ---- */

static void seal_column(struct table *table, struct column *column)
{
    size_t bytes;
    struct chunk *chunk = chunk_new(&column->points, CHUNK_ROWS, &bytes);

    if (!chunk)
        return;
    spine_put(&column->chunks, table->chunks_n, chunk);
    digest_add(&column->digest, &chunk->digest, table->chunks_n * CHUNK_ROWS);
    table->bytes += bytes;
    points_clear(&column->points);
}

void table_seal(struct table *table)
{
    size_t bytes;

    for (size_t i = 0; i < table->columns_n; i++)
        seal_column(table, table->column[i]);
    spine_put(&table->places, table->chunks_n, table_open_places(table, &bytes));
    table->bytes += bytes;
    table->chunks_n++;
    table->tally.open_rows = 0;
    table->tally.longs_n = 0;
}

static void set_length(struct table *table, uint32_t row, uint64_t length)
{
    struct tally *tally = &table->tally;

    if (length < LENGTH_LONG) {
        table->open.length[row] = (uint16_t)length;
        return;
    }
    if (table->open.length[row] != LENGTH_LONG || tally->longs_n == 0 ||
        table->open.longs[tally->longs_n - 1].row != row) {
        if (tally->longs_n == table->open.longs_room) {
            table->open.longs_room = table->open.longs_room ? table->open.longs_room * 2 : 16;
            table->open.longs =
                heap_grow(table->open.longs, table->open.longs_room * sizeof(struct long_row));
        }
        tally->longs_n++;
    }
    table->open.length[row] = LENGTH_LONG;
    table->open.longs[tally->longs_n - 1] = (struct long_row){row, length};
}

static void note_order(struct tally *tally, int64_t step)
{
    if (step == tally->last_step) {
        tally->duplicates++;
        return;
    }
    if (tally->restarts_n < RESTARTS_KEPT)
        tally->restart[tally->restarts_n] = (struct restart){tally->rows, step, tally->last_step};
    tally->restarts_n++;
}

void table_row(struct table *table, uint64_t start, uint64_t length, bool has_step, int64_t step)
{
    struct tally *tally = &table->tally;
    uint32_t row = tally->open_rows;

    if (row % GROUP_ROWS == 0)
        table->open.offset[row / GROUP_ROWS] = start;
    else if (start != tally->last_start + table->open.length[row - 1])
        set_length(table, row - 1, start - tally->last_start); /* lines between, or a long row */
    set_length(table, row, length);
    tally->last_start = start;

    if (has_step) {
        if (tally->any_step && step <= tally->last_step)
            note_order(tally, step);
        tally->any_step = true;
        tally->last_step = step;
    } else if (tally->any_step) {
        step = tally->last_step;
        tally->stepless++;
    } else {
        step = (int64_t)tally->rows;
    }
    table->open.step[row] = step;
    tally->open_rows++;
    tally->rows++;
}
