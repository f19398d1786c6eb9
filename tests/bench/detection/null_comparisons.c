/*
 * Runs of one method, on disk as a trainer leaves them, compared by
 * compare_runs: what differs is the seed, and a setting that does nothing.
 */
#include "tests/bench/detection/nulls.h"

#include "analysis/catalog.h"
#include "analysis/comparison.h"
#include "tests/bench/detection/draft.h"
#include "tests/bench/detection/score.h"
#include "tests/support/tmpdir.h"

#include <math.h>

enum { POINTS = 40, ARMS = 3 };

/* Runs a setting; ratio: the scatter of the second over that of the first. */
struct design_of_runs {
    const char *shown;
    size_t n[ARMS];
    double ratio;
    bool heavy;
};

static const struct design_of_runs layouts[] = {
    {"3 seeds against 3", {3, 3}, 1, false},
    {"5 against 5", {5, 5}, 1, false},
    {"5 against 5, Student t5", {5, 5}, 1, true},
    {"10 against 10", {10, 10}, 1, false},
    {"3 against 10 of three times the scatter", {3, 10}, 3, false},
    {"10 against 3 of three times the scatter", {10, 3}, 3, false},
    {"1 against 1, 5 others as reference", {1, 1, 5}, 1, false},
    {"1 against 1, 10 others as reference", {1, 1, 10}, 1, false},
    {"1 against 1, nothing known of seeds", {1, 1}, 1, false},
};

/* Seeds scatter by .2%; within a run the loss has noise of its own. */
static void write_run(struct dice *dice, const struct tmpdir *dir, size_t run, size_t arm,
                      double scatter, bool heavy)
{
    struct noise_law law = {.sd = .001, .phi = .3};
    double level = 3 * (1 + .002 * scatter * (heavy ? dice_t5(dice) : dice_normal(dice)));
    double x[POINTS];
    char name[64], text[64];
    struct buf lines = {0};

    noise_fill(dice, &law, x, POINTS);
    for (int i = 0; i < POINTS; i++)
        buf_printf(&lines, "{\"step\":%d,\"Losses/Total\":%.9g}\n", 10 * (i + 1),
                   level * (1 + .5 * exp(-.3 * i)) * exp(x[i]));
    snprintf(name, sizeof(name), "run-%02zu/dashboard_metrics/metrics.jsonl", run);
    tmpdir_file(dir, name, buf_text(&lines));
    snprintf(name, sizeof(name), "run-%02zu/metadata.json", run);
    tmpdir_file(dir, name, "{\"type\": \"lm\"}");
    snprintf(name, sizeof(name), "run-%02zu/config.yaml", run);
    snprintf(text, sizeof(text), "lr: 0.%zu\nseed: %zu\n", arm + 1, run);
    tmpdir_file(dir, name, text);
    buf_fini(&lines);
}

/* The first two settings against each other; the third is there for its scatter. */
static enum claim_kind claim_between(const struct tmpdir *dir, struct arena *arena)
{
    const char *roots[] = {dir->path};
    struct catalog *catalog = catalog_open(&(struct strs){roots, 1});
    const struct experiment *opened[RUNS_MAX];
    enum claim_kind kind = CLAIM_NOT_COMPARABLE;
    struct comparison c;
    struct coverage coverage;
    struct listing listing;
    struct err err;
    bool good = true;

    coverage_init(&coverage, arena);
    catalog_list(catalog, arena, &listing, NULL);
    for (size_t i = 0; i < listing.n && good; i++)
        good = catalog_find(catalog, arena_printf(arena, "run-%02zu", i), arena, &opened[i], &err);
    struct comparison_request request = {opened, listing.n, NULL, NULL};
    if (good && compare_runs(&request, arena, &coverage, &c, &err) && c.claims_n > 0)
        kind = c.claim[0].kind;
    arena_reset(arena);
    catalog_close(catalog);
    return kind;
}

static void one_layout(struct dice *dice, const struct design_of_runs *l, size_t times)
{
    size_t claimed = 0, judged = 0;
    struct arena arena;

    arena_init(&arena);
    for (size_t k = 0; k < times; k++) {
        struct tmpdir dir;
        size_t run = 0;

        tmpdir_make(&dir);
        for (size_t arm = 0; arm < ARMS; arm++) {
            for (size_t i = 0; i < l->n[arm]; i++)
                write_run(dice, &dir, run++, arm, arm == 1 ? l->ratio : 1, l->heavy);
        }
        enum claim_kind kind = claim_between(&dir, &arena);
        claimed += kind == CLAIM_BETTER || kind == CLAIM_WORSE || kind == CLAIM_DIFFERS;
        judged += kind == CLAIM_BETTER || kind == CLAIM_WORSE || kind == CLAIM_WITHIN_NOISE;
        tmpdir_remove(&dir);
    }
    struct wilson w = wilson_of(claimed, times);
    printf("%-40s %5.3f [%.3f-%.3f]  %5.3f\n", l->shown, (double)claimed / (double)times, w.low,
           w.high, (double)judged / (double)times);
    arena_fini(&arena);
}

void null_comparisons_print(uint64_t seed, size_t times)
{
    struct dice dice;

    dice_init(&dice, seed + 1);
    printf("runs alike but for their seeds: a difference claimed, and judged at all\n");
    for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++)
        one_layout(&dice, &layouts[i], times);
}
