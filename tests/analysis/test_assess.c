#include <criterion/criterion.h>
#include <math.h>

#include "analysis/catalog.h"
#include "tests/support/tmpdir.h"

static struct tmpdir t;
static struct catalog *catalog;
static struct arena arena;
static const int64_t now = 1717200000000; /* 2024-06-01 */
static const int64_t minute = 60000;

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

TestSuite(assess, .init = set_up, .fini = tear_down);

static struct assessed assess_at(const char *id, int64_t at)
{
    const struct experiment *e;
    struct assessed out = {0};
    struct err err;

    cr_assert(catalog_find(catalog, id, &arena, &e, &err), "%s", err.msg);
    experiment_assess(e, at, &arena, &out);
    return out;
}

static void file(const char *id, const char *name, const char *text)
{
    tmpdir_file(&t, arena_printf(&arena, "%s/%s", id, name), text);
}

/* A log of two rows, the last so many minutes old. */
static void points(const char *id, int64_t minutes, const char *loss)
{
    double last = (double)(now - minutes * minute) / 1000;

    file(id, "dashboard_metrics/metrics.jsonl",
         arena_printf(&arena,
                      "{\"step\":31,\"timestamp\":%.1f,\"Losses/Total\":2.5}\n"
                      "{\"step\":63,\"timestamp\":%.1f,\"Losses/Total\":%s}\n",
                      last - 10, last, loss));
}

static void status(const char *id, const char *word)
{
    file(id, "dashboard_metrics/status.json",
         arena_printf(&arena, "{\"status\":\"%s\",\"current_step\":63}", word));
}

/* T-57 */
Test(assess, a_final_checkpoint_is_believed_before_the_status)
{
    points("a", 2 * 1440, "1.5");
    status("a", "training");
    file("a", "transformer-lm_v1.0.0.pth", "");
    struct assessed a = assess_at("a", now);
    cr_expect_str_eq(a.state, "finished");
    cr_expect(strstr(a.why, "final checkpoint transformer-lm_v1.0.0.pth"), "%s", a.why);
    cr_expect(strstr(a.why, "status.json still says training"), "%s", a.why);
    cr_expect(strstr(a.why, "2 days old"), "%s", a.why);
    cr_expect_str_eq(a.written, "training");
    cr_expect(a.as_of_ms == now && a.last_update_ms == now - 2 * 1440 * minute);
}

Test(assess, the_age_of_the_last_point_decides)
{
    static const struct {
        const char *id;
        int64_t minutes;
        const char *loss, *status, *state, *why;
    } rows[] = {
        {"r", 1, "1.5", "training", "running", "60 seconds old"},
        {"r9", 9, "1.5", "training", "running", "9 minutes"},
        {"s", 10, "1.5", "training", "stalled", "10 minutes"},
        {"s2", 1439, "1.5", NULL, "stalled", "no end marker"},
        {"i", 1440, "1.5", "training", "interrupted", "24 hours old"},
        {"done", 1440, "1.5", "completed", "finished", "status.json says completed"},
        {"c", 1440, "NaN", "training", "crashed",
         "Losses/Total is NaN in the last logged row (step 63)"},
        {"c2", 100, "Infinity", NULL, "crashed", "Infinity"},
        {"cr", 1, "NaN", "training", "running", "60 seconds"},
        {"cd", 1440, "NaN", "completed", "finished", "Losses/Total is NaN"},
        {"f", 1440, "1.5", "failed", "crashed", "status.json says failed"},
        {"future", -60, "1.5", "training", "unknown", "lies in the future"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        points(rows[i].id, rows[i].minutes, rows[i].loss);
        if (rows[i].status)
            status(rows[i].id, rows[i].status);
        struct assessed a = assess_at(rows[i].id, now);
        cr_expect_str_eq(a.state, rows[i].state, "%s: %s (%s)", rows[i].id, a.state, a.why);
        cr_expect(strstr(a.why, rows[i].why), "%s: %s", rows[i].id, a.why);
    }
}

Test(assess, a_files_own_time_proves_nothing)
{
    file("a", "dashboard_metrics/metrics.jsonl", "{\"step\":1,\"Losses/Total\":2}\n");
    status("a", "training");
    struct assessed a = assess_at("a", now);
    cr_expect_str_eq(a.state, "unknown");
    cr_expect(a.last_update_ms == NOT_GIVEN && strstr(a.why, "no time is inside the files"));
}

Test(assess, a_log_that_grows_between_two_looks_is_running)
{
    file("a", "dashboard_metrics/metrics.jsonl", "{\"step\":1,\"Losses/Total\":2}\n");
    cr_expect_str_eq(assess_at("a", now).state, "unknown");
    file("a", "dashboard_metrics/metrics.jsonl",
         "{\"step\":1,\"Losses/Total\":2}\n{\"step\":2,\"Losses/Total\":2}\n");
    struct assessed a = assess_at("a", now + minute);
    cr_expect_str_eq(a.state, "running");
    cr_expect(strstr(a.why, "grown between two looks"), "%s", a.why);
    cr_expect_str_eq(assess_at("a", now + 5 * minute).state, "running");
    cr_expect_str_eq(assess_at("a", now + 12 * minute).state, "unknown");
}

Test(assess, a_resumed_run_is_not_finished)
{
    points("a", 1, "1.5");
    status("a", "training");
    file("a", "transformer-lm_v1.0.0.pth", "");
    tmpdir_age(&t, "a/transformer-lm_v1.0.0.pth", (now - 3000 * minute) / 1000);
    cr_expect_str_eq(assess_at("a", now).state, "running");
}

Test(assess, an_rl_run_tells_by_its_history_and_checkpoints)
{
    file("a", "rl_metrics/rl_training_metrics.json",
         "{\"global_step\": 1, \"history\": {\"x\": [1]}, \"timestamp\": \"2024-05-31T23:59:00\"}");
    cr_expect_str_eq(assess_at("a", now).state, "running");
    file("a", "rl_checkpoint_interrupted.pth", "");
    struct assessed a = assess_at("a", now);
    cr_expect_str_eq(a.state, "interrupted");
    cr_expect(strstr(a.why, "rl_checkpoint_interrupted.pth"), "%s", a.why);
    file("a", "rl_checkpoint_final.pth", "");
    cr_expect_str_eq(assess_at("a", now).state, "finished");
}

/* "r" began at 2024-05-01; its only log is a table whose writer has no word for the end. */
Test(assess, a_format_without_a_word_for_the_end_proves_no_interruption)
{
    file("r", "0.monitor.csv",
         "#{\"t_start\": 1714521600.0, \"env_id\": \"CartPole-v1\"}\nr,l,t\n11,11,1\n47,47,2\n");
    struct assessed a = assess_at("r", now);
    cr_expect_str_eq(a.state, "unknown");
    cr_expect(strstr(a.why, "the last point is 30 days old, and a log of the format monitor does "
                            "not say whether its run came to an end"),
              "%s", a.why);
}

/* 100 steps an epoch (0.25 in 25 steps), 3 epochs: step 149 is epoch 1.5 of 3. */
Test(assess, progress_counts_epochs)
{
    file("a", "config.yaml", "NUM_EPOCHS: 3\n");
    file("a", "dashboard_metrics/metrics.jsonl",
         "{\"step\":124,\"Epoch/Progress\":0.25}\n{\"step\":149,\"Epoch/Progress\":0.5}\n");
    cr_expect(fabs(assess_at("a", now).progress - 0.5) < 1e-12);
    file("b", "dashboard_metrics/metrics.jsonl",
         "{\"step\":124,\"Epoch/Progress\":0.25}\n{\"step\":149,\"Epoch/Progress\":0.5}\n");
    cr_expect(isnan(assess_at("b", now).progress), "without epochs nothing is claimed");
    file("c", "dashboard_metrics/status.json",
         "{\"status\":\"training\",\"current_step\":25,\"total_steps\":100}");
    cr_expect(fabs(assess_at("c", now).progress - 0.25) < 1e-12);
}

Test(assess, progress_is_a_part_of_the_whole_or_unknown)
{
    static const struct {
        const char *at, *total;
        double progress; /* -1: unknown */
    } rows[] = {
        {"0", "100", 0},         {"100", "100", 1},
        {"250", "100", -1},      {"-3", "100", -1},
        {"1e308", "1e-308", -1}, {"NaN", "100", -1},
        {"Infinity", "5", -1},   {"Infinity", "Infinity", -1},
        {"5", "0", -1},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        file("a", "dashboard_metrics/status.json",
             arena_printf(&arena, "{\"current_step\":%s,\"total_steps\":%s}", rows[i].at,
                          rows[i].total));
        double progress = assess_at("a", now).progress;
        if (rows[i].progress < 0)
            cr_expect(isnan(progress), "%s of %s: %g", rows[i].at, rows[i].total, progress);
        else
            cr_expect(fabs(progress - rows[i].progress) < 1e-12, "%s of %s: %g", rows[i].at,
                      rows[i].total, progress);
    }
}
