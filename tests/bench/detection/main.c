/*
 * The detection benchmark: `detection [SET|real|all] [RUNS [CLASS]]` prints its
 * table. RUNS: only so many of each set. CLASS: of the development sets, each run
 * of which it was wrong, and no runs of the other kind. Run from the top of the
 * tree, where carriers.txt is found.
 */
#include "tests/bench/detection/carriers.h"
#include "tests/bench/detection/draft.h"
#include "tests/bench/detection/episodes.h"
#include "tests/bench/detection/judge.h"
#include "tests/bench/detection/nulls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is no set of runs; the seeds follow those of sets.c. */
static const struct {
    const char *name;
    void (*print)(const char *title, uint64_t seed, size_t size);
    uint64_t seed;
    size_t size;
} parts[] = {
    {"dev-tests", nulls_print, 0x706f7374000109, 400},
    {"frozen-tests", nulls_print, 0x706f7374000209, 1200},
    {"dev-episodes", episodes_print, 0x706f737400010a, 20},
    {"frozen-episodes", episodes_print, 0x706f737400020a, 100},
};

static void print_set(enum set set, size_t most, enum class_id listed)
{
    struct arena kept, arena;
    struct bench bench;

    arena_init(&kept);
    bench_init(&bench, &kept);
    bench.listed = set_is_open(set) ? listed : CLASSES;
    for (size_t i = 0; i < set_size(set) && i < most; i++) {
        struct run run;

        bench.at = i;
        arena_init(&arena);
        set_make(set, i, &arena, &run);
        if (bench.listed == CLASSES || class_rows[bench.listed].kind == run.kind)
            bench_judge(&bench, &run);
        arena_fini(&arena);
    }
    bench_print(&bench, set_name(set));
    arena_fini(&kept);
}

static void print_real(const struct carriers *carriers)
{
    struct arena kept, arena;
    struct bench as_is, with;
    struct run run;

    arena_init(&kept);
    arena_init(&arena);
    bench_init(&as_is, &kept);
    bench_init(&with, &kept);
    for (size_t i = 0; i < carriers->list.n; i++) {
        const struct carrier *c = &carriers->list.v[i];

        carrier_as_is(c, &arena, &run);
        bench_judge(&as_is, &run);
        arena_reset(&arena);
        for (uint64_t k = 0; carrier_families[k]; k++) {
            for (uint64_t n = 0; n < CARRIER_FAULTS_EACH; n++) {
                if (carrier_with(c, carrier_families[k], 1000 * i + 100 * k + n, &arena, &run))
                    bench_judge(&with, &run);
                arena_reset(&arena);
            }
        }
    }
    bench_print(&as_is, "real curves, as logged");
    bench_print(&with, "real curves, with faults put in");
    arena_fini(&arena);
    arena_fini(&kept);
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "dev";
    size_t most = argc > 2 ? (size_t)strtoul(argv[2], NULL, 10) : SIZE_MAX;
    enum class_id listed = 0;
    while (listed < CLASSES && !(argc > 3 && strcmp(argv[3], class_rows[listed].shown) == 0))
        listed++;
    bool all = strcmp(what, "all") == 0, known = all;

    for (int s = 0; s < SETS; s++) {
        if (!all && strcmp(what, set_name((enum set)s)) != 0)
            continue;
        known = true;
        print_set((enum set)s, most, listed);
    }
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (!all && strcmp(what, parts[i].name) != 0)
            continue;
        known = true;
        parts[i].print(parts[i].name, parts[i].seed, most < parts[i].size ? most : parts[i].size);
    }
    if (all || strcmp(what, "real") == 0) {
        struct carriers carriers;
        struct arena arena;

        known = true;
        arena_init(&arena);
        bool good = carriers_load("tests/bench/detection/carriers.txt", &arena, &carriers);
        if (good)
            print_real(&carriers);
        arena_fini(&arena);
        if (!good)
            return 1;
    }
    if (!known)
        fprintf(stderr, "detection: a set that the README names, or all, not '%s'\n", what);
    return known ? 0 : 2;
}
