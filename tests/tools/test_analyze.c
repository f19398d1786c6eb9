/*
 * What must hold of every analysis, whatever the run: shown on the bundled runs
 * and on inputs that carry nothing.
 */
#include "tests/support/client.h"
#include "tests/support/tmpdir.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>

static struct client client;

static void set_up(void)
{
    client_open(&client, NULL);
}

static void tear_down(void)
{
    client_close(&client);
}

TestSuite(analyze, .init = set_up, .fini = tear_down, .timeout = 120);

static const struct json *ask(const char *tool, const char *arguments)
{
    return client_ask(&client, tool, arguments);
}

static const struct json *analysis_of(const char *id, const char *more)
{
    return ask("analyze_experiment", arena_printf(&client.arena, "{\"expId\":\"%s\"%s}", id, more));
}

static const char *const runs[] = {
    "20191201-000000-commit_nogit-rl_7abba88389",
    "20230201-000000-commit_nogit-config_e9d03c334d-cut",
    "20230723-013750-commit_nogit-rl_41a602ea12",
    "20230808-073216-commit_nogit-rl_4f856376c1",
    "20240601-000000-commit_nogit-config_26626bdc32",
    "20240601-000000-commit_nogit-config_7ebae094fb",
    "20240601-000000-commit_nogit-config_fc47dfd74c",
    "20241010-235824-commit_nogit-config_064757cc5c",
    "20241025-104710-commit_nogit-config_27feb538a6",
    "20250101-000000-commit_nogit-config_98388ce150",
};

enum { RUNS = sizeof(runs) / sizeof(runs[0]) };

static bool is_one_of(const char *word, const char *const *words)
{
    for (; *words; words++) {
        if (strcmp(word, *words) == 0)
            return true;
    }
    return false;
}

/* D-26: severity in the list, confidence within its bounds, evidence with numbers and a method. */
static void check_found(const char *id, const struct json *f)
{
    static const char *const severities[] = {"info", "low", "medium", "high", "critical", NULL};
    const char *name = member_text(&client, f, "id");
    const struct json *evidence = json_get(f, "evidence");
    double confidence = member_number(f, "confidence");

    cr_expect(is_one_of(member_text(&client, f, "severity"), severities), "%s %s", id, name);
    cr_expect(confidence >= 0 && confidence <= 0.99, "%s %s: %g", id, name, confidence);
    cr_assert(evidence, "%s %s has no evidence", id, name);
    cr_expect(json_get(evidence, "method") != NULL, "%s %s names no method", id, name);
    cr_expect(json_get(evidence, "values") != NULL || json_get(evidence, "effect") != NULL,
              "%s %s has no number", id, name);
    cr_expect(json_get(evidence, "series")->count > 0, "%s %s names no series", id, name);
    cr_expect(json_get(f, "whatWouldChangeIt") != NULL, "%s %s: what would change it?", id, name);
}

Test(analyze, D_26_each_finding_of_each_run_carries_its_evidence)
{
    static const char *const statuses[] = {
        "found", "not_found", "inconclusive", "insufficient_data", "not_applicable", NULL};

    for (size_t i = 0; i < RUNS; i++) {
        const struct json *a = analysis_of(runs[i], ",\"detail\":\"full\"");
        const struct json *findings = json_get(a, "findings");

        cr_expect(findings->count >= 6, "%s: %u findings", runs[i], findings->count);
        json_each (f, findings) {
            const char *status = member_text(&client, f, "status");
            cr_expect(is_one_of(status, statuses), "%s", status);
            cr_expect(strlen(member_text(&client, f, "sentence")) > 10);
            if (strcmp(status, "found") == 0)
                check_found(runs[i], f);
        }
    }
}

Test(analyze, every_level_of_detail_fits_an_answer_and_brief_is_brief)
{
    for (size_t i = 0; i < RUNS; i++) {
        const struct json *brief = analysis_of(runs[i], ",\"detail\":\"brief\"");
        const struct json *normal = analysis_of(runs[i], "");

        cr_expect(brief->raw.n < normal->raw.n, "%s", runs[i]);
        cr_expect(normal->raw.n <= 24000, "%s: %zu characters", runs[i], normal->raw.n);
        cr_expect(brief->raw.n <= 8000, "%s: %zu characters", runs[i], brief->raw.n);
        json_each (f, json_get(brief, "findings"))
            cr_expect(json_get(f, "evidence") == NULL, "%s", runs[i]);
    }
}

Test(analyze, the_same_run_gives_the_same_bytes)
{
    for (size_t i = 0; i < RUNS; i++) {
        const struct json *once = analysis_of(runs[i], ",\"detail\":\"full\"");
        const struct json *again = analysis_of(runs[i], ",\"detail\":\"full\"");
        cr_expect(str_eq(once->raw, again->raw), "%s", runs[i]);
    }
}

Test(analyze, the_worst_finding_is_the_first_and_the_first_advice_is_about_it)
{
    const struct json *a = analysis_of(runs[6], ""); /* diverges */
    const struct json *first = json_get(a, "findings")->first;

    cr_expect_str_eq(member_text(&client, first, "severity"), "critical");
    cr_expect_str_eq(member_text(&client, a, "verdict"), "Ineffective");
    const struct json *advice = json_get(a, "recommendations")->first;
    cr_expect_str_eq(member_text(&client, advice, "rank"), "first");
    cr_expect_str_eq(member_text(&client, advice, "because"), member_text(&client, first, "id"));
}

Test(analyze, a_role_given_by_the_user_is_used_and_named)
{
    const struct json *a =
        analysis_of(runs[7], ",\"checks\":{\"roles\":{\"train_loss\":\"Losses/Validation\"}}");
    bool named = false;

    json_each (text, json_get(a, "limitations"))
        named |= str_has(text->raw, STR("'Losses/Validation' is taken as train_loss"));
    cr_expect(named);
    cr_expect(!client_call(&client, "analyze_experiment",
                           arena_printf(&client.arena,
                                        "{\"expId\":\"%s\",\"checks\":{\"roles\":"
                                        "{\"train_loss\":\"nothing\"}}}",
                                        runs[7])));
    cr_expect(strstr(client.err.msg, "'nothing' is not logged"), "%s", client.err.msg);
}

Test(analyze, a_baseline_that_is_better_takes_the_verdict_back)
{
    /* at step 5100, the last of 27feb538a6, that one stood lower */
    const struct json *a =
        analysis_of(runs[7], arena_printf(&client.arena, ",\"baseline\":\"%s\"", runs[8]));

    cr_expect_str_eq(member_text(&client, analysis_of(runs[7], ""), "verdict"), "Effective");
    cr_expect_str_eq(member_text(&client, a, "verdict"), "Partially Effective");
    cr_expect(strstr(member_text(&client, a, "verdictRule"), "does not beat it") != NULL, "%s",
              member_text(&client, a, "verdictRule"));
    cr_expect_str_eq(member_text(&client, json_get(a, "baseline"), "claim"), "cannot_tell");
}

/* ---- input that carries nothing ---- */

static void put_run(struct tmpdir *t, const char *name, const char *lines)
{
    char path[128];

    snprintf(path, sizeof(path), "%s/dashboard_metrics", name);
    tmpdir_folder(t, path);
    snprintf(path, sizeof(path), "%s/metadata.json", name);
    tmpdir_file(t, path, "{\"type\":\"lm\"}");
    snprintf(path, sizeof(path), "%s/config.yaml", name);
    tmpdir_file(t, path, "BASE_LR: \"fast\"\nMAX_GRAD_NORM: [1]\n");
    snprintf(path, sizeof(path), "%s/dashboard_metrics/metrics.jsonl", name);
    tmpdir_file(t, path, lines);
}

static const char *lines_of(struct arena *arena, size_t n, const char *format)
{
    struct buf out = {0};

    for (size_t i = 0; i < n; i++)
        buf_printf(&out, "{\"step\":%zu,\"Losses/Total\":%s,\"Losses/Validation\":%s}\n", i + 1,
                   format, format);
    const char *text = arena_text(arena, buf_str(&out));
    buf_fini(&out);
    return text;
}

Test(analyze, what_carries_nothing_is_counted_and_never_guessed)
{
    static const struct {
        const char *name, *value;
        size_t n;
    } rows[] = {{"empty", "0", 0},          {"one-point", "2.5", 1},  {"two-values", "2.5", 2},
                {"all-nan", "NaN", 200},    {"constant", "2.5", 200}, {"text", "\"2.5\"", 200},
                {"infinite", "Infinity", 3}};
    struct tmpdir t;

    client_close(&client);
    tmpdir_make(&t);
    arena_init(&client.arena);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        put_run(&t, rows[i].name, lines_of(&client.arena, rows[i].n, rows[i].value));
    arena_fini(&client.arena);
    client_open(&client, t.path);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct json *a = analysis_of(rows[i].name, ",\"detail\":\"full\"");
        bool lost = strcmp(rows[i].name, "all-nan") == 0 || strcmp(rows[i].name, "infinite") == 0;

        json_each (f, json_get(a, "findings")) {
            const char *id = member_text(&client, f, "id");
            bool found = strcmp(member_text(&client, f, "status"), "found") == 0;
            bool said =
                strncmp(id, "missing_metrics", 15) == 0 || strncmp(id, "no_", 3) == 0 ||
                (lost && (strncmp(id, "nonfinite", 9) == 0 || strncmp(id, "divergence", 10) == 0));
            cr_expect(!found || said || strcmp(member_text(&client, f, "severity"), "info") == 0,
                      "%s: %s", rows[i].name, member_text(&client, f, "sentence"));
        }
        cr_expect(strcmp(member_text(&client, a, "verdict"), "Effective") != 0, "%s", rows[i].name);
    }
    tmpdir_remove(&t);
}

Test(analyze, thresholds_given_by_the_user_decide_and_are_named)
{
    static const struct {
        const char *run, *checks, *id, *status;
    } rows[] = {
        /* 064757cc5c improves by 5.9 % per doubling: below 20 % it has stalled */
        {"20241010-235824-commit_nogit-config_064757cc5c", "\"plateau.per_doubling\":0.2",
         "plateau:Losses/Validation", "found"},
        {"20241010-235824-commit_nogit-config_064757cc5c", "\"plateau.per_doubling\":0.005",
         "plateau:Losses/Validation", "not_found"},
        /* fc47dfd74c rises by 1.35 ln units */
        {"20240601-000000-commit_nogit-config_fc47dfd74c", "\"divergence.rise\":2",
         "divergence:Losses/Total", "not_found"},
        {"20240601-000000-commit_nogit-config_fc47dfd74c", "\"divergence.rise\":1",
         "divergence:Losses/Total", "found"},
        /* no clip is in its configuration; all its norms lie below 10 */
        {"20240601-000000-commit_nogit-config_26626bdc32", "\"grad_clipping.clip\":10",
         "grad_clipping", "not_found"},
        {"20240601-000000-commit_nogit-config_26626bdc32", "\"grad_clipping.clip\":0.1",
         "grad_clipping", "found"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct json *a = analysis_of(
            rows[i].run,
            arena_printf(&client.arena, ",\"checks\":{\"thresholds\":{%s}}", rows[i].checks));
        const char *status = "(no such finding)";

        json_each (f, json_get(a, "findings")) {
            if (strcmp(member_text(&client, f, "id"), rows[i].id) == 0)
                status = member_text(&client, f, "status");
        }
        cr_expect_str_eq(status, rows[i].status, "%s %s: %s", rows[i].checks, rows[i].id, status);
        bool named = false;
        json_each (text, json_get(a, "limitations"))
            named |= str_has(text->raw, STR("set by checks: "));
        cr_expect(named, "%s", rows[i].checks);
    }
}
