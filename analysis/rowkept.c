#include "analysis/rowkept.h"

#include <stdlib.h>

void kept_init(struct kept *kept)
{
    *kept = (struct kept){0};
    pthread_mutex_init(&kept->lock, NULL);
}

void kept_fini(struct kept *kept)
{
    kept_rows_fini(&kept->rows);
    pthread_mutex_destroy(&kept->lock);
}

void kept_rows_fini(struct kept_rows *rows)
{
    free(rows->column);
    free(rows->row);
    free(rows->end);
    free(rows->text);
    *rows = (struct kept_rows){0};
}

size_t kept_bytes(struct kept *kept)
{
    pthread_mutex_lock(&kept->lock);
    size_t n = kept->rows.n;
    size_t bytes = n ? kept->rows.end[n - 1] + n * (sizeof(size_t) + sizeof(uint32_t)) : 0;
    pthread_mutex_unlock(&kept->lock);
    return bytes;
}

struct kept_rows kept_take(struct kept *kept, const uint16_t *column, size_t columns_n)
{
    struct kept_rows rows = {0};

    pthread_mutex_lock(&kept->lock);
    if (kept->rows.n > 0 && kept->rows.columns_n == columns_n &&
        (columns_n == 0 || memcmp(kept->rows.column, column, columns_n * sizeof(*column)) == 0)) {
        rows = kept->rows;
        kept->rows = (struct kept_rows){0};
    }
    pthread_mutex_unlock(&kept->lock);
    return rows;
}

void kept_give(struct kept *kept, struct kept_rows *rows)
{
    pthread_mutex_lock(&kept->lock);
    struct kept_rows old = kept->rows;
    kept->rows = *rows;
    pthread_mutex_unlock(&kept->lock);
    kept_rows_fini(&old);
    *rows = (struct kept_rows){0};
}

struct str kept_find(const struct kept_rows *rows, size_t row, size_t *at)
{
    while (*at < rows->n && rows->row[*at] < row)
        ++*at;
    if (*at == rows->n || rows->row[*at] != row)
        return (struct str){0};
    size_t start = *at ? rows->end[*at - 1] : 0;
    return (struct str){rows->text + start, rows->end[*at] - start};
}
