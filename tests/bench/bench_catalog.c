/*
 * What a listing and an RL history cost, in milliseconds, to be set against
 * `floor walk DIR` in the same run. `raw` does what no listing of other
 * programs' runs can do without: it lists every folder and reads the beginning
 * of every file.
 *
 *     bench_catalog DIR [EXPERIMENT-WITH-RL-METRICS]
 */
#include "analysis/catalog.h"
#include "analysis/readers/reader.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { RUNS = 9 };

static double now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int by_value(const void *a, const void *b)
{
    const double *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

static double median(double *v)
{
    qsort(v, RUNS, sizeof(*v), by_value);
    return v[RUNS / 2];
}

/* The files below a folder, which is closed. */
static size_t read_heads(int folder)
{
    char head[PROBE_BYTES];
    DIR *dir = fdopendir(folder);
    const struct dirent *entry;
    size_t files = 0;

    while (dir && (entry = readdir(dir))) {
        bool down = entry->d_type == DT_DIR && entry->d_name[0] != '.';
        if (!down && entry->d_type != DT_REG)
            continue;
        int fd = openat(folder, entry->d_name, O_RDONLY | O_CLOEXEC | (down ? O_DIRECTORY : 0));
        if (fd < 0)
            continue;
        if (down) {
            files += read_heads(fd);
            continue;
        }
        files += read(fd, head, sizeof(head)) >= 0;
        close(fd);
    }
    if (dir)
        closedir(dir);
    return files;
}

static size_t list(struct catalog *catalog, size_t page)
{
    struct arena arena;
    struct listing listing;
    struct err err;

    arena_init(&arena);
    catalog_list(catalog, &arena, &listing, NULL);
    for (size_t i = 0; i < page && i < listing.n; i++) {
        const struct experiment *experiment;
        const struct checkpoint *checkpoints;
        size_t n;
        if (!catalog_get(catalog, &listing.v[i], &arena, &experiment, &err))
            fprintf(stderr, "%s\n", err.msg);
        else
            experiment_checkpoints(experiment, &arena, &checkpoints, &n);
    }
    size_t count = listing.n;
    arena_fini(&arena);
    return count;
}

static void bench_list(const struct strs *roots)
{
    double first[RUNS], again[RUNS], page[RUNS], get[RUNS], raw[RUNS];
    size_t n = 0, files = 0;

    for (int i = 0; i < RUNS; i++) {
        double t = now_ms();
        files = read_heads(open(roots->v[0], O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        raw[i] = now_ms() - t;
        double t0 = now_ms();
        struct catalog *catalog = catalog_open(roots);
        n = list(catalog, 0);
        double t1 = now_ms();
        list(catalog, 0);
        double t2 = now_ms();
        list(catalog, 50);
        double t3 = now_ms();
        struct arena arena;
        struct listing listing;
        struct err err;
        arena_init(&arena);
        catalog_list(catalog, &arena, &listing, NULL);
        double t4 = now_ms();
        for (int k = 0; k < 100 && n; k++) {
            const struct experiment *e;
            struct arena call;
            arena_init(&call);
            if (!catalog_find(catalog, listing.v[(size_t)k % n].id, &call, &e, &err))
                fprintf(stderr, "%s\n", err.msg);
            arena_fini(&call);
        }
        get[i] = (now_ms() - t4) / 100;
        arena_fini(&arena);
        catalog_close(catalog);
        first[i] = t1 - t0;
        again[i] = t2 - t1;
        page[i] = t3 - t2;
    }
    printf("%zu experiments: first %.2f, repeated %.2f, with a page of 50 and checkpoints %.2f, "
           "one found by id %.4f ms\n",
           n, median(first), median(again), median(page), median(get));
    double least = median(raw);
    printf("%zu files, raw %.2f ms: first %.2f times as long, repeated %.2f\n", files, least,
           median(first) / least, median(again) / least);
}

static void bench_history(const struct strs *roots, const char *id)
{
    double load[RUNS], again[RUNS], put[RUNS];

    for (int i = 0; i < RUNS; i++) {
        struct catalog *catalog = catalog_open(roots);
        struct arena arena;
        const struct experiment *e;
        const struct history *history = NULL;
        struct err err;
        struct buf out = {0};
        size_t chosen[2000];

        arena_init(&arena);
        if (!catalog_find(catalog, id, &arena, &e, &err)) {
            fprintf(stderr, "%s\n", err.msg);
            exit(1);
        }
        double t0 = now_ms();
        if (!experiment_history(e, &arena, &history, &err) || !history) {
            fprintf(stderr, "%s\n", err.msg);
            exit(1);
        }
        double t1 = now_ms();
        if (!experiment_history(e, &arena, &history, &err))
            exit(1);
        double t2 = now_ms();
        size_t n = history->keys[0].n;
        for (size_t k = 0; k < 2000; k++)
            chosen[k] = k * n / 2000;
        buf_reserve(&out, 100000);
        double t3 = now_ms();
        history_put(history, &history->keys[0], chosen, 2000, &out);
        put[i] = now_ms() - t3;
        load[i] = t1 - t0;
        again[i] = t2 - t1;
        if (i == 0)
            printf("history: %zu keys, %zu iterations, %.1f MB held\n", history->keys_n, n,
                   (double)history_held(history) / 1e6);
        buf_fini(&out);
        arena_fini(&arena);
        catalog_close(catalog);
    }
    printf("loaded %.2f, again %.4f, 2000 iterations of a key written %.4f ms\n", median(load),
           median(again), median(put));
}

int main(int argc, char **argv)
{
    const char *dir = argc > 1 ? argv[1] : ".";
    const struct strs roots = {&dir, 1};

    if (argc < 2) {
        fprintf(stderr, "usage: bench_catalog DIR [EXPERIMENT]\n");
        return 2;
    }
    bench_list(&roots);
    if (argc > 2)
        bench_history(&roots, argv[2]);
    return 0;
}
