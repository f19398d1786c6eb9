#ifndef FED_POINTS_H
#define FED_POINTS_H
/* One series out of what a reader fed: steps and values in file order, for tests. */

#include "analysis/readers/fed.h"

struct fed_points {
    size_t n;
    int64_t *step;
    double *value;
};

static inline void fed_points_chunk(struct fed_points *out, const uint32_t *row, uint32_t n,
                                    const int64_t *steps)
{
    for (uint32_t i = 0; i < n; i++)
        out->step[out->n + i] = steps[row[i]];
    out->n += n;
}

/* Nothing if there is no such series. */
static inline struct fed_points fed_points(const struct fed *fed, const char *name,
                                           struct arena *arena)
{
    const struct table *table = fed->table;
    size_t key = table_find(table, str_of(name));
    struct fed_points out = {0};

    if (key == SIZE_MAX)
        return out;
    const struct column *column = table->column[key];
    int64_t *steps = ARENA_ARRAY(arena, CHUNK_ROWS, int64_t);
    uint32_t *rows = ARENA_ARRAY(arena, CHUNK_ROWS, uint32_t), n = 0;
    out.step = ARENA_ARRAY(arena, (size_t)column->points_n + 1, int64_t);
    out.value = ARENA_ARRAY(arena, (size_t)column->points_n + 1, double);
    for (size_t c = 0; c < table->chunks_n; c++) {
        const struct chunk *chunk = spine_get(&column->chunks, c);
        places_steps(spine_get(&table->places, c), 0, CHUNK_ROWS, steps);
        if (!chunk)
            continue;
        n = chunk_points(chunk, 0, CHUNK_ROWS, out.value + out.n, rows);
        fed_points_chunk(&out, rows, n, steps);
    }
    n = 0;
    for (uint32_t row = 0; row < table->tally.open_rows; row++) {
        if (points_has(&column->points, row)) {
            out.value[out.n + n] = column->points.value[n];
            rows[n++] = row;
        }
    }
    fed_points_chunk(&out, rows, n, table->open.step);
    return out;
}

#endif
