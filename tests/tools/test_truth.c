/*
 * The numbers of real runs, computed elsewhere from the sources by other code
 * (tests/runs/truth.json), are reproduced through the tools. Where the whole
 * collection is at hand ($POSTRUN_SHARED) all of it is compared.
 */
#include "tests/support/client.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

static struct str slurp(struct arena *arena, const char *path)
{
    struct buf out = {0};
    FILE *file = fopen(path, "re");
    size_t n;

    cr_assert(file, "%s cannot be opened", path);
    do {
        buf_reserve(&out, 1 << 16);
        n = fread(out.p + out.n, 1, 1 << 16, file);
        out.n += n;
    } while (n > 0);
    fclose(file);
    return finish(&out, arena);
}

/* Ten digits are given in the truth. */
static bool same(double got, double want)
{
    return fabs(got - want) <= 1e-9 * fmax(1, fabs(want)) || (isnan(got) && isnan(want));
}

static void expect_number(const char *run, const char *key, const struct json *summary,
                          const char *name, const struct json *truth, const char *truth_name)
{
    double got, want;

    if (!json_number(json_get(truth, truth_name), &want))
        return; /* a series without finite points has none */
    cr_assert(json_number(json_get(summary, name), &got), "%s %s: no %s", run, key, name);
    cr_expect(same(got, want), "%s %s: %s is %.12g, not %.12g", run, key, name, got, want);
}

static void expect_series(const char *run, const char *key, const struct json *summary,
                          const struct json *truth)
{
    static const char *const names[][2] = {
        {"n", "n"},       {"finite", "n_finite"},  {"first", "first"},
        {"last", "last"}, {"min", "min"},          {"minStep", "min_step"},
        {"max", "max"},   {"maxStep", "max_step"}, {"meanLast10pct", "mean_last_10pct"}};

    cr_assert(summary, "%s: no summary of %s", run, key);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        expect_number(run, key, summary, names[i][0], truth, names[i][1]);
}

static size_t expect_run(struct client *client, const char *run, const struct json *truth)
{
    char arguments[300];
    bool rl = strcmp(member_text(client, truth, "type"), "rl") == 0;
    size_t n = 0;

    snprintf(arguments, sizeof(arguments),
             rl ? "{\"expId\":\"%s\"}" : "{\"expId\":\"%s\",\"mode\":\"historical\"}", run);
    const struct json *answer =
        client_call(client, rl ? "get_rl_metrics" : "get_metrics", arguments);
    cr_assert(answer, "%s: %s", run, client->err.msg);
    json_each (series, json_get(truth, "series")) {
        const char *key = arena_text(&client->arena, series->key);
        expect_series(run, key, json_get(json_get(answer, "summary"), key), series);
        n++;
    }
    const struct json *lines = json_get(truth, "lines");
    double all, bad = 0, read = 0;
    if (json_number(lines, &all)) {
        (void)json_number(json_get(truth, "unparsable_lines"), &bad);
        json_number(json_get(json_get(answer, "coverage"), "pointsRead"), &read);
        cr_expect(read == all - bad, "%s: %g rows of %g lines, %g of them bad", run, read, all,
                  bad);
        const struct json *malformed = json_get(json_get(answer, "coverage"), "malformed");
        cr_expect(bad == 0 ? !malformed : member_number(malformed, "count") == bad, "%s", run);
    }
    return n;
}

static void expect_all(const char *experiments, const char *truth_path, size_t runs_wanted)
{
    struct client client;
    size_t runs = 0, series = 0;
    struct err err;

    client_open(&client, experiments);
    const struct json *truth =
        json_parse(&client.arena, slurp(&client.arena, truth_path), JSON_DATA, 64, &err);
    cr_assert(truth, "%s", err.msg);
    json_each (run, truth) {
        series += expect_run(&client, arena_text(&client.arena, run->key), run);
        runs++;
    }
    cr_expect(runs == runs_wanted && series >= runs, "%zu runs, %zu series", runs, series);
    client_close(&client);
}

Test(truth, of_the_bundled_runs)
{
    struct arena arena;

    arena_init(&arena);
    expect_all(NULL, source_path(&arena, "tests/runs/truth.json"), 10);
    arena_fini(&arena);
}

Test(truth, of_the_whole_collection_where_it_is)
{
    const char *shared = getenv("POSTRUN_SHARED");
    struct arena arena;

    arena_init(&arena);
    const char *experiments =
        arena_printf(&arena, "%s/data/experiments", shared ? shared : "../shared");
    const char *truth =
        arena_printf(&arena, "%s/data/truth/experiments.json", shared ? shared : "../shared");
    if (access(truth, R_OK) == 0)
        expect_all(experiments, truth, 12);
    arena_fini(&arena);
}
