/*
 * What a save costs beside the least that a disk can do (a 16 KiB file, synced,
 * put in place; the same exchanged for an old one), in one run, with 1 and with
 * 10,000 reports:
 *
 *     bench_store DIR
 */

#include "reports/store.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { RUNS = 201, BODY = 16 * 1024 };

static struct err err;

static double now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *v)
{
    qsort(v, RUNS, sizeof(*v), by_value);
    return v[RUNS / 2];
}

static void must(bool ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "%s: %s\n", what, err.msg);
        exit(1);
    }
}

static void put(int dir, const char *name, struct str body)
{
    int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    must(fd >= 0 && write(fd, body.p, body.n) == (ssize_t)body.n && fsync(fd) == 0, "floor");
    close(fd);
}

static void floor_of(const char *path, struct str body, double *fresh, double *swap)
{
    double a[RUNS], b[RUNS];
    char name[32];

    mkdir(path, 0700);
    int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    put(dir, "kept", body);
    for (int i = 0; i < RUNS; i++) {
        snprintf(name, sizeof(name), "new%d", i);
        double start = now_us();
        put(dir, name, body);
        must(fsync(dir) == 0, "floor");
        a[i] = now_us() - start;
        start = now_us();
        snprintf(name, sizeof(name), "swap%d", i);
        put(dir, name, body);
        must(renameat2(dir, name, dir, "kept", RENAME_EXCHANGE) == 0 && fsync(dir) == 0, "floor");
        b[i] = now_us() - start;
    }
    close(dir);
    *fresh = median(a);
    *swap = median(b);
}

static void measure(struct store *store, struct str body, double *fresh, double *swap)
{
    double a[RUNS], b[RUNS];

    for (int i = 0; i < RUNS; i++) {
        struct arena arena;
        struct report r = {.title = "T", .blocks = body, .block_count = 1}, out;
        struct report_change change = {
            .blocks = body, .block_count = 1, .expected_updated_ms = NOT_GIVEN};

        arena_init(&arena);
        double start = now_us();
        must(store_create(store, &r, 1000, &arena, &err), "create");
        a[i] = now_us() - start;
        start = now_us();
        must(store_update(store, r.id, &change, 1000, &arena, &out, &err), "update");
        b[i] = now_us() - start;
        store_tidy(store);
        must(store_remove(store, r.id, &err), "remove");
        store_tidy(store);
        arena_fini(&arena);
    }
    *fresh = median(a);
    *swap = median(b);
}

int main(int argc, char **argv)
{
    static char body[BODY];
    char path[4096];
    double fresh, swap;
    struct arena arena;
    struct report_list list;

    if (argc != 2)
        return fprintf(stderr, "usage: bench_store DIR\n"), 2;
    memset(body, 'x', sizeof(body));
    memcpy(body, "[{\"p\":\"", 7);
    memcpy(body + sizeof(body) - 3, "\"}]", 3);
    struct str text = {body, sizeof(body)};

    snprintf(path, sizeof(path), "%s/floor", argv[1]);
    floor_of(path, text, &fresh, &swap);
    printf("floor: new %.0f us, exchanged %.0f us\n", fresh, swap);
    snprintf(path, sizeof(path), "%s/store", argv[1]);
    struct store *store = store_open(path);
    for (int full = 0; full < 2; full++) {
        for (int i = 0; full && i < 10000; i++) {
            struct report r = {.title = "T", .blocks = STR("[]")};
            arena_init(&arena);
            must(store_create(store, &r, 1000, &arena, &err), "fill");
            arena_fini(&arena);
        }
        measure(store, text, &fresh, &swap);
        printf("%5d reports: create %.0f us, update %.0f us\n", full ? 10000 : 1, fresh, swap);
    }
    arena_init(&arena);
    double start = now_us();
    must(store_list(store, 50, 0, &arena, &list, &err), "list");
    printf("list of %zu: %.1f ms\n", list.total, (now_us() - start) / 1000);
    arena_fini(&arena);
    store_close(store);
    return 0;
}
