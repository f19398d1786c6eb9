/*
 * Any bytes as a log: read whole, read in two pieces, read from the end, reduced
 * and copied out. The pieces must say what the whole says.
 */
#include "analysis/reduce.h"
#include "analysis/rows.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void put(int fd, const uint8_t *data, size_t size, size_t at)
{
    if (pwrite(fd, data, size, (off_t)at) != (ssize_t)size)
        abort();
}

static struct rows_view *look(struct rows *rows, int dir, const char *name)
{
    struct rows_view *view;
    struct err err;

    if (!rows_look(rows, dir, name, NULL, NULL, &view, &err) || !view)
        abort();
    return view;
}

/* All rows, and what was counted. */
static void tell(const struct rows_view *view, struct buf *out)
{
    struct arena arena;
    struct coverage coverage;
    struct err err;

    arena_init(&arena);
    size_t n = rows_count(view), *row = ARENA_ARRAY(&arena, n, size_t);
    for (size_t i = 0; i < n; i++)
        row[i] = i;
    if (!rows_put(view, row, n, NULL, 0, out, &err))
        abort();
    coverage_init(&coverage, &arena);
    rows_cover(view, &coverage);
    buf_printf(out, " %lld %lld %lld %zu", (long long)coverage.malformed.count,
               (long long)coverage.duplicates, (long long)coverage.restarts_total,
               coverage.notes.n);
    for (size_t k = 0; k < rows_keys(view); k++) {
        struct summary s;
        rows_summary(view, k, &s);
        buf_printf(out, " %zu %lld %a %a", rows_points(view, k), (long long)s.finite, s.min,
                   s.last);
        reduce_column(view, 0, n, k, 4, &arena, &row, &n);
        n = rows_count(view);
        reduce_rows(view, n / 4, n, &k, 1, k, 5, &arena, &row, &n);
        n = rows_count(view);
    }
    arena_fini(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char dir_path[64], name[32];
    snprintf(dir_path, sizeof(dir_path), "%s", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    int dir = open(dir_path, O_RDONLY | O_DIRECTORY);
    snprintf(name, sizeof(name), "fuzz_rows.%ld", (long)getpid());
    int fd = openat(dir, name, O_RDWR | O_CREAT | O_TRUNC, 0600);
    size_t cut = size ? data[size / 2] * size / 256 : 0;
    struct rows *grown = rows_new(), *whole = rows_new();
    struct buf a = {0}, b = {0};
    struct rows_view *tail;
    struct err err;

    put(fd, data, cut, 0);
    rows_view_unref(look(grown, dir, name));
    put(fd, data + cut, size - cut, cut);
    struct rows_view *one = look(grown, dir, name), *two = look(whole, dir, name);
    tell(one, &a);
    tell(two, &b);
    if (!str_eq(buf_str(&a), buf_str(&b)))
        abort();
    if (!rows_tail(dir, name, 3, &tail, &err) || !tail)
        abort();
    size_t n = rows_count(two);
    if (rows_count(tail) != (n < 3 ? n : 3))
        abort();

    rows_view_unref(tail);
    rows_view_unref(one);
    rows_view_unref(two);
    rows_free(grown);
    rows_free(whole);
    buf_fini(&a);
    buf_fini(&b);
    unlinkat(dir, name, 0);
    close(fd);
    close(dir);
    return 0;
}
