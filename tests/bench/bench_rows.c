/*
 * What reading a log costs, beside reading and counting its lines with memchr
 * in the same run (the floor): bench_rows FILE [KEY]
 */
#include "analysis/reduce.h"
#include "analysis/rows.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { RUNS = 5, CHOSEN = 2000 };

struct bench {
    int dir;
    const char *path, *key; /* path: below dir */
    double floor_ms;
};

static double now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *ms)
{
    qsort(ms, RUNS, sizeof(*ms), by_value);
    return ms[RUNS / 2];
}

static size_t count_lines(const struct bench *b)
{
    static char block[256 * 1024];
    size_t lines = 0;
    ssize_t got;
    int fd = openat(b->dir, b->path, O_RDONLY);

    while ((got = read(fd, block, sizeof(block))) > 0) {
        for (char *p = block; (p = memchr(p, '\n', (size_t)(block + got - p))); p++)
            lines++;
    }
    close(fd);
    return lines;
}

static struct rows_view *look(struct rows *rows, const struct bench *b, const struct strs *keys)
{
    struct rows_view *view;
    struct err err = {.msg = "no such file"};

    if (!rows_look(rows, b->dir, b->path, keys, NULL, &view, &err) || !view) {
        fprintf(stderr, "%s\n", err.msg);
        exit(1);
    }
    return view;
}

static void report(const struct bench *b, const char *what, double ms)
{
    printf("%-28s %9.3f ms  %6.2f x floor\n", what, ms, ms / b->floor_ms);
}

static void first_looks(const struct bench *b, const char *what, const struct strs *keys)
{
    double ms[RUNS];
    size_t held = 0;

    for (int i = 0; i < RUNS; i++) {
        struct rows *rows = rows_new();
        double t = now_ms();
        struct rows_view *view = look(rows, b, keys);
        ms[i] = now_ms() - t;
        held = rows_held(rows);
        rows_view_unref(view);
        rows_free(rows);
    }
    report(b, what, median(ms));
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("    held %.1f MiB, peak RSS so far %.1f MiB\n", (double)held / 1048576,
           (double)usage.ru_maxrss / 1024);
}

/* What a call on a growing file does: look, choose 2000 rows, copy them. */
static void answer(struct rows *rows, const struct bench *b, const struct strs *keys)
{
    struct rows_view *view = look(rows, b, keys);
    size_t key = rows_find(view, str_of(b->key)), *row, n;
    struct buf out = {0};
    struct arena arena;
    struct err err;

    arena_init(&arena);
    reduce_rows(view, 0, rows_count(view), &key, 1, key, CHOSEN, &arena, &row, &n);
    if (!rows_put(view, row, n, NULL, 0, &out, &err))
        exit(1);
    buf_fini(&out);
    arena_fini(&arena);
    rows_view_unref(view);
}

/* The file grows by a copy of its last line before each look; it is cut back at the end. */
static void growing(const struct bench *b, const char *what, const struct strs *keys, bool all)
{
    double ms[RUNS];
    char last[65536];
    struct rows *rows = rows_new();
    if (all)
        answer(rows, b, keys);
    else
        rows_view_unref(look(rows, b, keys));
    int fd = openat(b->dir, b->path, O_RDWR | O_APPEND);
    off_t size = lseek(fd, 0, SEEK_END);
    size_t n = (size_t)(size < (off_t)sizeof(last) ? size : (off_t)sizeof(last));
    ssize_t got = pread(fd, last, n, size - (off_t)n);
    char *start = got > 1 ? memrchr(last, '\n', (size_t)got - 1) : NULL;

    for (int i = 0; i < RUNS && start; i++) {
        size_t line = (size_t)(last + got - start) - 1;
        if (write(fd, start + 1, line) != (ssize_t)line)
            exit(1);
        double t = now_ms();
        if (all)
            answer(rows, b, keys);
        else
            rows_view_unref(look(rows, b, keys));
        ms[i] = now_ms() - t;
    }
    if (ftruncate(fd, size) < 0)
        exit(1);
    close(fd);
    rows_free(rows);
    report(b, what, median(ms));
}

static void tails(const struct bench *b)
{
    double ms[RUNS];

    for (int i = 0; i < RUNS; i++) {
        struct rows_view *view;
        struct err err;
        struct buf out = {0};
        size_t row[500];
        double t = now_ms();
        if (!rows_tail(b->dir, b->path, 500, &view, &err))
            exit(1);
        for (size_t k = 0; k < rows_count(view); k++)
            row[k] = k;
        if (!rows_put(view, row, rows_count(view), NULL, 0, &out, &err))
            exit(1);
        ms[i] = now_ms() - t;
        buf_fini(&out);
        rows_view_unref(view);
    }
    report(b, "tail of 500, put", median(ms));
}

static void reduces(const struct bench *b, const struct strs *keys)
{
    double reduce[RUNS], put[RUNS], column[RUNS], summary[RUNS];
    struct rows *rows = rows_new();
    struct rows_view *view = look(rows, b, keys);
    size_t key = rows_find(view, str_of(b->key)), n = rows_count(view);

    for (int i = 0; i < RUNS; i++) {
        struct arena arena;
        struct buf out = {0}, steps = {0};
        struct err err;
        struct summary s;
        size_t *row, chosen;

        arena_init(&arena);
        double t = now_ms();
        reduce_rows(view, 0, n, &key, 1, key, CHOSEN, &arena, &row, &chosen);
        reduce[i] = now_ms() - t;
        t = now_ms();
        if (!rows_put(view, row, chosen, NULL, 0, &out, &err))
            exit(1);
        put[i] = now_ms() - t;
        out.n = 0;
        t = now_ms();
        if (!rows_put_column(view, key, row, chosen, &steps, &out, &err))
            exit(1);
        column[i] = now_ms() - t;
        t = now_ms();
        rows_summary(view, key, &s);
        summary[i] = now_ms() - t;
        buf_fini(&out);
        buf_fini(&steps);
        arena_fini(&arena);
    }
    double ms = median(reduce);
    report(b, "reduce to 2000", ms);
    printf("    %.2f ns a row\n", ms * 1e6 / (double)n);
    report(b, "put 2000 rows, all keys", median(put));
    report(b, "put 2000 values of a key", median(column));
    report(b, "summary", median(summary));
    rows_view_unref(view);
    rows_free(rows);
}

int main(int argc, char **argv)
{
    char *path = argc > 1 ? argv[1] : NULL, *slash = path ? strrchr(path, '/') : NULL;

    if (!slash) {
        fprintf(stderr, "usage: bench_rows DIR/FILE [KEY]\n");
        return 1;
    }
    *slash = '\0';
    struct bench b = {open(path, O_RDONLY | O_DIRECTORY), slash + 1,
                      argc > 2 ? argv[2] : "Losses/Total", 0};
    struct strs one = {&b.key, 1};
    double ms[RUNS];
    size_t lines = 0;

    for (int i = 0; i < RUNS; i++) {
        double t = now_ms();
        lines = count_lines(&b);
        ms[i] = now_ms() - t;
    }
    b.floor_ms = median(ms);
    printf("%zu lines, floor %.3f ms\n", lines, b.floor_ms);
    first_looks(&b, "first look, one key", &one);
    first_looks(&b, "first look, all keys", NULL);
    growing(&b, "one line more, one key", &one, false);
    growing(&b, "one line more, all keys", NULL, false);
    growing(&b, "… and 2000 rows of it put", &one, true);
    tails(&b);
    reduces(&b, &one);
    return 0;
}
