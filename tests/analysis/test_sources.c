/* A run of other programs' logs, from its folder to what an experiment says of itself. */
#include "analysis/sources.h"

#include <criterion/criterion.h>
#include <math.h>

#include "analysis/catalog.h"
#include "analysis/subject.h"
#include "tests/support/tmpdir.h"

static struct tmpdir t;
static struct arena arena;
static struct catalog *catalog;
static const int64_t now_ms = 4000000000000;

static void set_up(void)
{
    const char *root;

    tmpdir_make(&t);
    arena_init(&arena);
    root = t.path;
    catalog = catalog_open(&(struct strs){&root, 1});
}

static void tear_down(void)
{
    arena_fini(&arena);
    catalog_close(catalog);
    tmpdir_remove(&t);
}

TestSuite(sources, .init = set_up, .fini = tear_down);

#define STATE(rows, rest)                                                                          \
    "{\"global_step\":20,\"max_steps\":20,\"num_train_epochs\":2,\"log_history\":[" rows           \
    "{\"loss\":0.5,\"step\":10},{\"loss\":0.4,\"step\":20}" rest "]}"

static struct experiment *find(const char *id)
{
    const struct experiment *e;
    struct err err;

    cr_assert(catalog_find(catalog, id, &arena, &e, &err), "%s", err.msg);
    struct experiment *mine = ARENA_NEW(&arena, struct experiment);
    *mine = *e;
    experiment_learn(mine, 0, &arena);
    return mine;
}

static size_t rows_of(const struct experiment *e)
{
    const struct rows_view *view;
    struct err err;

    cr_assert(experiment_rows(e, NULL, &arena, &view, &err), "%s", err.msg);
    return view ? rows_count(view) : 0;
}

static struct assessed assess(const struct experiment *e)
{
    struct assessed state;

    experiment_assess(e, now_ms, &arena, &state);
    return state;
}

Test(sources, a_run_tells_its_type_format_and_end)
{
    tmpdir_file(&t, "a/trainer_state.json",
                STATE("", ",{\"train_runtime\":9.5,\"train_loss\":0.45,\"step\":20}"));
    struct experiment *e = find("a");
    cr_expect(e->type == EXPERIMENT_LM && strstr(e->type_why, "'loss'"), "%s", e->type_why);
    cr_expect_str_eq(e->format, "trainer_state");
    cr_expect(strstr(e->why, "trainer_state.json: "), "%s", e->why);
    struct assessed state = assess(e);
    cr_expect_str_eq(state.state, "finished", "%s", state.why);
    cr_expect(strstr(state.why, "train_runtime"), "%s", state.why);
    cr_expect(state.progress == 1);
    cr_expect(rows_of(e) == 3);
}

Test(sources, a_run_of_rewards_is_an_rl_run)
{
    tmpdir_file(&t, "a/progress.csv", "step,rollout/ep_rew_mean,loss\n1,2,3\n2,3,4\n3,4,5\n");
    struct experiment *e = find("a");
    cr_expect(e->type == EXPERIMENT_RL && strstr(e->type_why, "rollout/ep_rew_mean"));
    struct assessed state = assess(e);
    cr_expect_str_eq(state.state, "unknown", "%s", state.why);
    cr_expect(isnan(state.progress) && state.written == NULL);
}

Test(sources, half_of_the_planned_steps_is_half_of_the_way)
{
    tmpdir_file(&t, "a/trainer_state.json",
                "{\"global_step\":20,\"max_steps\":40,\"log_history\":["
                "{\"loss\":0.5,\"step\":10},{\"loss\":0.4,\"step\":20}]}");
    struct assessed state = assess(find("a"));
    cr_expect(state.progress == 0.5, "%g", state.progress);
    cr_expect_str_neq(state.state, "finished");
}

Test(sources, a_loss_that_ends_in_nan_is_a_crash)
{
    tmpdir_file(&t, "a/log.jsonl",
                "{\"step\":1,\"loss\":0.5}\n{\"step\":2,\"loss\":9}\n{\"step\":3,\"loss\":NaN}\n");
    struct assessed state = assess(find("a"));
    cr_expect_str_eq(state.state, "crashed", "%s", state.why);
    cr_expect(strstr(state.why, "loss is NaN in the last logged row (step 3)"), "%s", state.why);
}

Test(sources, a_log_that_says_how_it_ended_is_believed)
{
    tmpdir_file(&t, "a/train.log", "step 1 loss 4.5\nstep 2 loss 4.0\nValueError: no\nKilled\n");
    struct assessed state = assess(find("a"));
    cr_expect_str_eq(state.state, "interrupted", "%s", state.why);
    cr_expect(strstr(state.why, "train.log ends so, behind its last row: line 4: Killed"), "%s",
              state.why);
    tmpdir_file(&t, "b/train.log",
                "step 1/9 loss 4.5\nstep 2/9 loss 4.0\nTraceback (most recent call last):\n"
                "  File \"a.py\"\nValueError: no\n");
    state = assess(find("b"));
    cr_expect_str_eq(state.state, "crashed", "%s", state.why);
    cr_expect(strstr(state.why, "line 5: ValueError: no"), "%s", state.why);
    tmpdir_file(&t, "c/train.log", "step 1/2 loss 4.5\nstep 2/2 loss 4.0\nKilled\n");
    cr_expect_str_eq(assess(find("c")).state, "finished"); /* it was through its plan */
}

Test(sources, a_log_that_ends_before_another_of_the_run_does_not_say_how_the_run_ended)
{
    static const char *const steps[] = {"2", "3"}, *const states[] = {"interrupted", "unknown"};

    for (size_t i = 0; i < 2; i++) {
        const char *id = arena_printf(&arena, "run%s", steps[i]);
        tmpdir_file(&t, arena_printf(&arena, "%s/train.log", id),
                    "step 1 loss 4.5\nstep 2 loss 4.0\nKilled\n");
        tmpdir_file(&t, arena_printf(&arena, "%s/metrics.csv", id),
                    arena_printf(&arena, "step,acc\n0,0.1\n1,0.5\n%s,0.4\n", steps[i]));
        struct experiment *e = find(id);
        cr_assert(e->sources_n == 2, "%zu", e->sources_n);
        struct assessed state = assess(e);
        cr_expect_str_eq(state.state, states[i], "%s: %s", id, state.why);
    }
}

Test(sources, a_grown_file_is_read_again_and_its_run_is_running)
{
    tmpdir_file(&t, "a/metrics.csv", "step,loss\n1,0.5\n2,0.4\n3,0.3\n");
    struct experiment *e = find("a");
    cr_expect(rows_of(e) == 3);
    cr_expect_str_eq(assess(e).state, "unknown");
    FILE *file = fopen(tmpdir_path(&t, "a/metrics.csv"), "a");
    cr_assert(file && fputs("4,0.2\n5,0.1\n", file) >= 0 && fclose(file) == 0);
    cr_expect(rows_of(e) == 5);
    struct assessed state = assess(e);
    cr_expect_str_eq(state.state, "running", "%s", state.why);
    cr_expect_str_eq(state.why, "metrics.csv has grown between two looks");
}

Test(sources, files_that_stay_the_same_are_read_once)
{
    const struct rows_view *one, *two;
    struct err err;

    tmpdir_file(&t, "a/metrics.csv", "step,loss\n1,0.5\n2,0.4\n3,0.3\n");
    tmpdir_age(&t, "a/metrics.csv", 1500000000);
    struct experiment *e = find("a");
    cr_assert(experiment_rows(e, NULL, &arena, &one, &err));
    /* another text of the same size and time is not noticed: nothing was opened */
    FILE *file = fopen(tmpdir_path(&t, "a/metrics.csv"), "r+");
    cr_assert(file && fputs("step,loss\n7,0.5\n8,0.4\n9,0.3\n", file) >= 0 && fclose(file) == 0);
    tmpdir_age(&t, "a/metrics.csv", 1500000000);
    cr_assert(experiment_rows(e, NULL, &arena, &two, &err));
    int64_t step;
    rows_steps(two, 0, 1, &step);
    cr_expect(step == 1);
}

Test(sources, a_long_log_is_read_at_its_head_for_a_listing)
{
    const struct experiment *found;
    const struct rows_view *view;
    struct err err;

    tmpdir_file(&t, "a/metrics.csv", "step,loss\n1,0.5\n2,0.4\n3,0.3\n");
    cr_assert(catalog_find(catalog, "a", &arena, &found, &err));
    struct experiment e = *found;
    experiment_learn(&e, 10, &arena);
    cr_expect(e.unread && e.type == EXPERIMENT_LM);
    cr_expect(strstr(e.type_why, "'loss' is logged") &&
                  strstr(e.type_why, "first rows of 28 bytes"),
              "%s", e.type_why);
    cr_expect(experiment_rows(&e, NULL, &arena, &view, &err) && !view);
}

/* meta.yaml itself stays as it is: the metrics of MLflow are files of folders beside it. */
Test(sources, files_beside_a_source_are_looked_at_too)
{
    tmpdir_file(&t, "mlruns/0/0123456789abcdef0123456789abcdef/meta.yaml",
                "artifact_uri: x\nrun_id: 0123456789abcdef0123456789abcdef\nstatus: 1\n"
                "start_time: 1600000000000\nlifecycle_stage: active\n");
    tmpdir_file(&t, "mlruns/0/0123456789abcdef0123456789abcdef/metrics/val/loss",
                "1600000001000 0.5 1\n");
    struct experiment *e = find("mlruns/0/0123456789abcdef0123456789abcdef");
    cr_expect(rows_of(e) == 1);
    struct sources_state before = sources_look(e->dir, e->sources, e->sources_n);
    tmpdir_file(&t, "mlruns/0/0123456789abcdef0123456789abcdef/metrics/val/loss",
                "1600000001000 0.5 1\n1600000002000 0.25 2\n");
    struct sources_state after = sources_look(e->dir, e->sources, e->sources_n);
    cr_expect(after.print != before.print && after.bytes == before.bytes + 21);
    cr_expect(rows_of(e) == 2);
    tmpdir_file(&t, "mlruns/0/0123456789abcdef0123456789abcdef/metrics/lr",
                "1600000001000 0.1 1\n");
    cr_expect(sources_look(e->dir, e->sources, e->sources_n).print != after.print);
}

Test(sources, a_run_without_a_row_still_says_what_was_read)
{
    struct coverage coverage;

    tmpdir_file(&t, "a/trainer_state.json",
                "{\"global_step\":20,\"max_steps\":20,\"num_train_epochs\":2,\"log_history\":[]}");
    struct experiment *e = find("a");
    coverage_init(&coverage, &arena);
    cr_assert(rows_of(e) == 0);
    experiment_cover_rowless(e, &arena, &coverage);
    cr_assert(coverage.sources.n == 1);
    cr_expect_str_eq(coverage.sources.v[0].path, "trainer_state.json");
    tmpdir_file(&t, "b/trainer_state.json", STATE("", ""));
    coverage_init(&coverage, &arena);
    experiment_cover_rowless(find("b"), &arena, &coverage);
    cr_expect(coverage.sources.n == 0, "its rows say it");
}

/* 40,000 rows are four blocks: a metric that only comes in the last one is not seen. */
Test(sources, the_head_of_a_huge_log_is_its_first_block)
{
    const struct experiment *found;
    struct buf text = {0};
    struct err err;

    for (int i = 0; i < 40000; i++)
        buf_printf(&text, "{\"step\": %d, \"%s\": 0.5}\n", i,
                   i < 39000 ? "loss" : "explained_variance");
    tmpdir_file(&t, "a/metrics.jsonl", buf_text(&text));
    buf_fini(&text);
    cr_assert(catalog_find(catalog, "a", &arena, &found, &err));
    struct experiment head = *found, whole = *found;
    experiment_learn(&head, 10, &arena);
    cr_expect(head.type == EXPERIMENT_LM, "%s", head.type_why);
    experiment_learn(&whole, 0, &arena);
    cr_expect(whole.type == EXPERIMENT_RL, "%s", whole.type_why);
    const struct rows_view *view;
    cr_assert(experiment_rows(&whole, NULL, &arena, &view, &err) && view);
    cr_expect(rows_count(view) == 40000);
}

Test(sources, a_store_of_a_long_log_is_not_read_for_a_listing)
{
    const struct experiment *found;
    const struct rows_view *view;
    struct err err;

    tmpdir_file(&t, "a/trainer_state.json", STATE("", ""));
    cr_assert(catalog_find(catalog, "a", &arena, &found, &err));
    struct experiment e = *found;
    experiment_learn(&e, 10, &arena);
    cr_expect(e.unread && e.type == EXPERIMENT_UNKNOWN);
    cr_expect(strstr(e.type_why, "is not read for a listing"), "%s", e.type_why);
    cr_expect(experiment_rows(&e, NULL, &arena, &view, &err) && !view);
}

Test(sources, configurations_of_the_log_come_before_files_beside_it)
{
    struct strs names;
    struct str text, json;
    const char *name;
    struct err err;

    tmpdir_file(&t, "a/trainer_state.json", STATE("", ""));
    tmpdir_file(&t, "a/other.yaml", "BASE_LR: 0.25\n");
    struct experiment *e = find("a");
    experiment_configs(e, &arena, &names);
    cr_assert(names.n == 2, "%zu", names.n);
    cr_expect_str_eq(names.v[1], "other.yaml");
    cr_assert(experiment_config(e, NULL, &arena, &name, &text, &err), "%s", err.msg);
    cr_expect_str_eq(name, names.v[0]);
    cr_expect(config_to_json(text, &arena, &json, &err) && str_has(json, STR("\"max_steps\":20")));
    cr_expect(experiment_setting(e, "max_steps", &arena) == 20);
    cr_expect(experiment_setting(e, "BASE_LR", &arena) == 0.25);
    cr_expect(!experiment_config(e, "../x", &arena, &name, &text, &err));
}

Test(sources, checkpoints_are_named_and_never_opened)
{
    const struct checkpoint *c;
    size_t n;

    tmpdir_file(&t, "a/trainer_state.json", STATE("", ""));
    tmpdir_file(&t, "a/checkpoint-20/model.safetensors", "12345678");
    tmpdir_file(&t, "a/checkpoint-20/optimizer.pt", "1234");
    tmpdir_file(&t, "a/checkpoints/epoch=3-step=500.ckpt", "123");
    tmpdir_file(&t, "a/notes.txt", "no");
    tmpdir_age(&t, "a/checkpoint-20", 1500000000);
    experiment_checkpoints(find("a"), &arena, &c, &n);
    cr_assert(n == 2, "%zu", n);
    cr_expect_str_eq(c[0].filename, "checkpoint-20");
    cr_expect(c[0].epoch == 20 && c[0].size_bytes == 12);
    cr_expect_str_eq(c[1].filename, "checkpoints/epoch=3-step=500.ckpt");
    cr_expect(c[1].epoch == 500 && c[1].size_bytes == 3);
}

Test(sources, a_log_that_cannot_be_read_is_an_error_that_says_so)
{
    const struct rows_view *view;
    struct err err;

    tmpdir_file(&t, "a/trainer_state.json", STATE("", ""));
    struct experiment *e = find("a");
    unlink(tmpdir_path(&t, "a/trainer_state.json"));
    cr_expect(!experiment_rows(e, NULL, &arena, &view, &err));
    cr_expect(strstr(err.msg, "trainer_state.json"), "%s", err.msg);
}

Test(sources, the_mean_in_the_last_row_does_not_stand_for_the_curve)
{
    struct subject subject;
    struct err err;

    tmpdir_file(&t, "a/trainer_state.json",
                STATE("", ",{\"train_runtime\":9.5,\"train_loss\":0.45,\"step\":20}"));
    cr_assert(subject_load(find("a"), &arena, NULL, &subject, &err), "%s", err.msg);
    cr_expect(str_is(subject.role[ROLE_TRAIN_LOSS].name, "loss"));
}
