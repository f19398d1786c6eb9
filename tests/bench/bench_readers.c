/*
 * What readers cost in processor time, the least of some runs: nanoseconds a
 * value and milliseconds a file, against a raw read of the same file and a
 * search for its newlines:
 *
 *     bench_readers FILE...
 */
#include "analysis/base/limits.h"
#include "tests/support/read_file.h"

#include <stdlib.h>
#include <time.h>

enum { RUNS = 15 };

static double now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double least(const double *v)
{
    double out = v[0];

    for (int i = 1; i < RUNS; i++)
        out = v[i] < out ? v[i] : out;
    return out;
}

/* Reads the file in blocks and goes over its lines. */
static size_t raw(const char *path, char *block)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t lines = 0;
    ssize_t n;

    while (fd >= 0 && (n = read(fd, block, READ_BLOCK)) > 0) {
        for (char *p = block; (p = memchr(p, '\n', (size_t)(block + n - p))); p++)
            lines++;
    }
    if (fd >= 0)
        close(fd);
    return lines;
}

static size_t values_of(const struct fed *fed)
{
    size_t n = 0;

    for (size_t i = 0; i < fed->table->columns_n; i++)
        n += (size_t)fed->table->column[i]->points_n;
    return n;
}

static void bench(const char *path, char *block)
{
    double took[RUNS], floor[RUNS];
    struct arena arena;
    struct bid bid;
    struct err err;
    size_t values = 0, rows = 0, lines = 0;
    bool ok;

    arena_init(&arena);
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    int dir = open(slash ? arena_printf(&arena, "%.*s", (int)(slash - path), path) : ".",
                   O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const struct reader *reader = reader_of_file(dir, name, &arena, &bid);
    if (!reader || reader->unit == UNIT_MANY) {
        printf("%s: %s\n", path, reader ? "several runs" : bid.why);
        arena_fini(&arena);
        return;
    }
    for (int i = 0; i < RUNS; i++) {
        struct arena run;
        arena_init(&run);
        double t0 = now_ms();
        lines = raw(path, block);
        double t1 = now_ms();
        const struct fed *fed = read_file(reader, dir, name, NULL, &run, &ok, &err);
        double t2 = now_ms();
        floor[i] = t1 - t0;
        took[i] = t2 - t1;
        values = values_of(fed);
        rows = fed->table->tally.rows;
        arena_fini(&run);
    }
    double ms = least(took), base = least(floor);
    printf("%-14s %8zu rows %9zu values %8.2f ms, raw %6.2f ms (%zu lines): %6.1f ns a value, "
           "%6.1f beyond twice the raw read%s\n",
           reader->name, rows, values, ms, base, lines, ms * 1e6 / (double)(values ? values : 1),
           (ms - 2 * base) * 1e6 / (double)(values ? values : 1), ok ? "" : " FAILED");
    close(dir);
    arena_fini(&arena);
}

int main(int argc, char **argv)
{
    char *block = heap_alloc(READ_BLOCK);

    for (int i = 1; i < argc; i++)
        bench(argv[i], block);
    free(block);
    return 0;
}
