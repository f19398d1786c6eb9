#include "analysis/experiment.h"

#include <criterion/criterion.h>
#include <math.h>

#include "analysis/catalog.h"
#include "tests/support/tmpdir.h"

static struct tmpdir t;
static struct catalog *catalog;
static struct arena arena;
static struct err err;

static void set_up(void)
{
    tmpdir_make(&t);
    arena_init(&arena);
    const char *root = t.path;
    catalog = catalog_open(&(const struct strs){&root, 1});
}

static void tear_down(void)
{
    arena_fini(&arena);
    catalog_close(catalog);
    tmpdir_remove(&t);
}

TestSuite(experiment, .init = set_up, .fini = tear_down);

static const struct experiment *get(const char *id)
{
    const struct experiment *e = NULL;

    cr_assert(catalog_find(catalog, id, &arena, &e, &err), "%s", err.msg);
    return e;
}

static struct document document(const char *id, enum experiment_file file)
{
    struct document d;

    experiment_document(get(id), file, &arena, &d);
    return d;
}

/* T-01 to T-04 */
Test(experiment, a_checkpoint_says_its_phase_by_its_name)
{
    static const struct {
        const char *name, *phase;
        int64_t epoch;
    } rows[] = {
        {"checkpoint_foundational_epoch_3.pth", "foundational", 3},
        {"checkpoint_foundational_epoch_12345.pth", "foundational", 12345},
        {"checkpoint_foundational_epoch_x.pth", "foundational", NOT_GIVEN},
        {"checkpoint_foundational_epoch_99999999999999999999.pth", "foundational", NOT_GIVEN},
        {"rl_checkpoint_iter_500.pth", "rl", 500},
        {"rl_checkpoint_final.pth", "rl", NOT_GIVEN},
        {"rl_checkpoint_interrupted.pth", "unknown", NOT_GIVEN},
        {"transformer-lm_v1.0.0.pth", "final", NOT_GIVEN},
        {"rl_checkpoint_v2.pth", "unknown", NOT_GIVEN},
        {"random_file.pth", "unknown", NOT_GIVEN},
        {"config.yaml", "unknown", NOT_GIVEN},
        {"model_v1.pt", "unknown", NOT_GIVEN},
        {"", "unknown", NOT_GIVEN},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int64_t epoch = 7;
        const char *phase = checkpoint_phase(str_of(rows[i].name), &epoch);
        cr_expect(strcmp(phase, rows[i].phase) == 0 && epoch == rows[i].epoch, "%s: %s %lld",
                  rows[i].name, phase, (long long)epoch);
    }
}

/* T-05 */
Test(experiment, lists_checkpoints_by_time)
{
    const struct checkpoint *c;
    size_t n;

    tmpdir_file(&t, "a/checkpoint_foundational_epoch_2.pth", "12345");
    tmpdir_file(&t, "a/checkpoint_foundational_epoch_1.pth", "1");
    tmpdir_file(&t, "a/other.json", "{}");
    tmpdir_folder(&t, "a/folder.pth");
    tmpdir_link(&t, "checkpoint_foundational_epoch_2.pth", "a/best.pth");
    tmpdir_link(&t, "/etc/passwd", "a/zout.pth");
    tmpdir_age(&t, "a/checkpoint_foundational_epoch_1.pth", 1000);
    tmpdir_age(&t, "a/checkpoint_foundational_epoch_2.pth", 900);
    tmpdir_age(&t, "a/zout.pth", 2000);
    experiment_checkpoints(get("a"), &arena, &c, &n);
    cr_assert_eq(n, 4);
    cr_expect_str_eq(c[0].filename, "best.pth");
    cr_expect_eq(c[0].size_bytes, 5);
    cr_expect_str_eq(c[1].filename, "checkpoint_foundational_epoch_2.pth");
    cr_expect(c[1].size_bytes == 5 && c[1].modified_ms == 900000 && c[1].epoch == 2);
    cr_expect_str_eq(c[2].path, tmpdir_path(&t, "a/checkpoint_foundational_epoch_1.pth"));
    cr_expect(strcmp(c[3].filename, "zout.pth") == 0 && c[3].size_bytes == NOT_GIVEN,
              "what lies outside is not looked at");
    tmpdir_file(&t, "b/metadata.json", "{\"type\":\"lm\"}");
    experiment_checkpoints(get("b"), &arena, &c, &n);
    cr_expect_eq(n, 0);
}

Test(experiment, type_and_flags_come_from_the_files)
{
    tmpdir_file(&t, "rl/metadata.json",
                "{\"type\":\"rl\",\"source_experiment_id\":\"x\",\"source_checkpoint\":null}");
    tmpdir_file(&t, "rl/dashboard_metrics/rl_metrics.jsonl", "");
    tmpdir_file(&t, "rl/ablation_results.json", "{}");
    tmpdir_file(&t, "rl/gpu_instance.json", "{}");
    const struct experiment *e = get("rl");
    cr_expect(e->type == EXPERIMENT_RL && e->has_rl_metrics && e->has_ablation &&
              e->has_gpu_instance && !e->has_evaluation);
    cr_expect_str_eq(e->source_experiment, "x");
    cr_expect_null(e->source_checkpoint);

    static const struct {
        const char *id, *metadata, *file, *type, *why;
    } rows[] = {
        {"c1", NULL, "checkpoint_foundational_epoch_1.pth", "lm", "checkpoint_foundational"},
        {"c2", "{\"type\":\"tpu\"}", "rl_checkpoint_iter_1.pth", "rl", "'tpu'"},
        {"c3", "{\"type\":5}", "dashboard_metrics/metrics.jsonl", "unknown", "a number"},
        {"c4", "{\"typ", "dashboard_metrics/metrics.jsonl", "unknown", "not JSON"},
        {"c5", "", "dashboard_metrics/metrics.jsonl", "unknown", "is empty"},
        {"c6", NULL, "rl_metrics/rl_training_metrics.json", "unknown", "only RL metrics"},
        {"c7", "[\"lm\"]", "dashboard_metrics/metrics.jsonl", "unknown", "nothing"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        tmpdir_file(&t, arena_printf(&arena, "%s/%s", rows[i].id, rows[i].file), "");
        if (rows[i].metadata)
            tmpdir_file(&t, arena_printf(&arena, "%s/metadata.json", rows[i].id), rows[i].metadata);
        e = get(rows[i].id);
        cr_expect_str_eq(experiment_type_name(e->type), rows[i].type, "%s", rows[i].id);
        cr_expect(strstr(e->type_why, rows[i].why), "%s: %s", rows[i].id, e->type_why);
    }
}

/* T-53, and the place Tidal reads */
Test(experiment, evaluation_is_looked_for_in_both_places)
{
    tmpdir_file(&t, "n/metadata.json", "{\"type\":\"lm\"}");
    tmpdir_file(&t, "n/evaluation_results/evaluation_results.json", "{\"perplexity\": NaN}");
    tmpdir_file(&t, "f/metadata.json", "{\"type\":\"lm\"}");
    tmpdir_file(&t, "f/evaluation_results.json", "{\"perplexity\": 2}");
    cr_expect(get("n")->has_evaluation && get("f")->has_evaluation);
    double x = 0;
    struct document d = document("n", FILE_EVALUATION);
    cr_expect(d.exists && json_number(json_get(d.json, "perplexity"), &x) && isnan(x));
    cr_expect_str_eq(d.path, "evaluation_results/evaluation_results.json");
    d = document("f", FILE_EVALUATION);
    cr_expect(json_number(json_get(d.json, "perplexity"), &x) && x == 2);
    d = document("f", FILE_GPU);
    cr_expect(!d.exists && !d.json && !d.why);
}

/* T-08 */
Test(experiment, a_status_being_written_gives_the_last_good_one)
{
    tmpdir_file(&t, "a/dashboard_metrics/status.json", "{\"status\": \"comp");
    struct document d = document("a", FILE_STATUS);
    cr_expect(d.exists && !d.json && strstr(d.why, "may just be being written"), "%s", d.why);
    tmpdir_file(&t, "a/dashboard_metrics/status.json", "{\"status\": \"completed\"}");
    d = document("a", FILE_STATUS);
    cr_expect(d.json && !d.why &&
              str_is(json_text(&arena, json_get(d.json, "status")), "completed"));
    for (const char *const *text = (const char *const[]){"", "{\"status\": \"tr", NULL}; *text;
         text++) {
        tmpdir_file(&t, "a/dashboard_metrics/status.json", *text);
        d = document("a", FILE_STATUS);
        cr_assert(d.json != NULL, "'%s'", *text);
        cr_expect(str_is(json_text(&arena, json_get(d.json, "status")), "completed"));
        cr_expect(strstr(d.why, "last good version"), "%s", d.why);
    }
}

Test(experiment, files_that_lead_out_are_not_read)
{
    tmpdir_file(&t, "secret", "{\"status\": \"secret\"}\n");
    tmpdir_folder(&t, "a/dashboard_metrics");
    tmpdir_link(&t, "../../secret", "a/dashboard_metrics/status.json");
    tmpdir_link(&t, "../../secret", "a/dashboard_metrics/metrics.jsonl");
    tmpdir_link(&t, "/etc/hostname", "a/gpu_instance.json");
    tmpdir_link(&t, "../secret", "a/config.yaml");
    const struct experiment *e = get("a");
    struct document d = document("a", FILE_STATUS);
    cr_expect(d.exists && !d.json && strstr(d.why, "leads out"), "%s", d.why);
    cr_expect(!e->has_gpu_instance);
    const struct rows_view *view;
    cr_expect(!experiment_rows(e, NULL, &arena, &view, &err) && strstr(err.msg, "leads out"));
    struct strs names;
    experiment_configs(e, &arena, &names);
    cr_expect_eq(names.n, 0);
}

/* T-06, T-07, T-10, T-11 */
Test(experiment, series_come_from_the_log_the_history_or_the_loss)
{
    struct series s;

    tmpdir_file(&t, "a/dashboard_metrics/metrics.jsonl",
                "{\"step\":1,\"Losses/Total\":2.0}\n{\"step\":2,\"x\":1}\n"
                "{\"step\":3,\"Losses/Total\":1.5}\n");
    tmpdir_file(&t, "a/rl_metrics/rl_training_metrics.json",
                "{\"history\":{\"policy_loss\":[5,null,7]}}");
    const struct experiment *e = get("a");
    cr_assert(experiment_series(e, STR("Losses/Total"), &arena, &s, &err), "%s", err.msg);
    cr_expect(s.n == 2 && s.step[0] == 1 && s.step[1] == 3);
    cr_assert(experiment_series(e, STR("Perplexity"), &arena, &s, &err), "%s", err.msg);
    cr_expect(s.n == 2 && fabs(s.value[0] - 7.38905609893065) < 1e-12 &&
              fabs(s.value[1] - 4.4816890703380645) < 1e-12 && str_is(s.name, "Perplexity"));
    cr_assert(experiment_series(e, STR("policy_loss"), &arena, &s, &err), "%s", err.msg);
    cr_expect(s.n == 2 && s.step[1] == 2 && s.value[1] == 7);
    cr_expect(experiment_series(e, STR("gradient"), &arena, &s, &err) && s.n == 0);

    tmpdir_file(&t, "b/metadata.json", "{\"type\":\"lm\"}");
    const struct rows_view *view = (const struct rows_view *)&arena;
    cr_expect(experiment_rows(get("b"), NULL, &arena, &view, &err) && view == NULL);
    cr_expect(experiment_series(get("b"), STR("Perplexity"), &arena, &s, &err) && s.n == 0);
    tmpdir_file(&t, "b/dashboard_metrics/metrics.jsonl", "");
    cr_expect(experiment_rows(get("b"), NULL, &arena, &view, &err), "%s", err.msg);
    cr_expect(view == NULL || rows_count(view) == 0);
}

Test(experiment, a_history_is_read_again_when_it_changes)
{
    struct series s;

    tmpdir_file(&t, "a/rl_metrics/rl_training_metrics.json", "{\"history\":{\"x\":[1]}}");
    cr_expect(experiment_series(get("a"), STR("x"), &arena, &s, &err) && s.n == 1);
    tmpdir_file(&t, "a/rl_metrics/rl_training_metrics.json", "{\"history\":{\"x\":[1,2]}}");
    cr_expect(experiment_series(get("a"), STR("x"), &arena, &s, &err) && s.n == 2);
    tmpdir_age(&t, "a/rl_metrics/rl_training_metrics.json", 1000);
    const struct history *one, *two;
    cr_assert(experiment_history(get("a"), &arena, &one, &err) &&
              experiment_history(get("a"), &arena, &two, &err));
    cr_expect_eq(one, two, "an old file is kept");
}
