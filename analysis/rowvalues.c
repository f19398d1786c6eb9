/* Rows of a table that no text stands behind: their numbers are printed from the columns. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "analysis/base/json.h"
#include "analysis/rowview.h"

/* The shortest that reads back as the same float: nine digits always do. */
static void put_float(struct buf *out, float value)
{
    char text[32];
    int n = 0;

    for (int digits = 6; digits <= 9; digits++) {
        n = snprintf(text, sizeof(text), "%.*g", digits, (double)value);
        if (strtof(text, NULL) == value)
            break;
    }
    buf_add(out, (struct str){text, (size_t)n});
}

static void put_value(struct buf *out, const struct column *column, double value)
{
    if (column->float32 && isfinite(value))
        put_float(out, (float)value);
    else
        json_put_number(out, value);
}

/* False if the key has no point in the row. */
static bool point(const struct rows_view *view, size_t key, size_t row, double *value)
{
    uint32_t at = (uint32_t)(row % CHUNK_ROWS);

    return chunk_points(view_chunk(view, key, row / CHUNK_ROWS), at, at + 1, value, NULL) == 1;
}

static const struct column *column_of(const struct rows_view *view, size_t key)
{
    return view->version->table->column[view->version->key[key]];
}

static void put_step(const struct rows_view *view, size_t row, struct buf *out)
{
    int64_t step;

    rows_steps(view, row, 1, &step);
    json_put_integer(out, step);
}

void values_put_rows(const struct rows_view *view, const size_t *row, size_t n, const size_t *keys,
                     size_t keys_n, struct buf *out)
{
    size_t all = rows_keys(view);
    double value;

    for (size_t i = 0; i < n; i++) {
        buf_puts(out, i > 0 ? ",{\"step\":" : "{\"step\":");
        put_step(view, row[i], out);
        for (size_t k = 0; k < (keys ? keys_n : all); k++) {
            size_t key = keys ? keys[k] : k;
            if (!point(view, key, row[i], &value))
                continue;
            buf_byte(out, ',');
            buf_add(out, column_of(view, key)->json);
            put_value(out, column_of(view, key), value);
        }
        buf_byte(out, '}');
    }
}

bool values_put_column(const struct rows_view *view, size_t key, const size_t *row, size_t n,
                       struct buf *steps, struct buf *values, struct err *err)
{
    double value;

    for (size_t i = 0; i < n; i++) {
        if (!point(view, key, row[i], &value))
            return err_set(err, ERR_INTERNAL, "row %zu has no point of '%.*s'", row[i],
                           STR_FMT(rows_key(view, key)));
        buf_puts(steps, i > 0 ? "," : "");
        buf_puts(values, i > 0 ? "," : "");
        put_step(view, row[i], steps);
        put_value(values, column_of(view, key), value);
    }
    return true;
}
