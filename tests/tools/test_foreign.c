/*
 * Runs that other programs wrote, through the tools: from a directory to a
 * stored report. Where the collection of real runs is at hand ($POSTRUN_SHARED),
 * sources of one run are shown to agree.
 */
#include "tests/support/client.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/support/tmpdir.h"

static struct tmpdir t;
static struct client client;

static void set_up(void)
{
    tmpdir_make(&t);
}

static void tear_down(void)
{
    tmpdir_remove(&t);
}

TestSuite(foreign, .init = set_up, .fini = tear_down);

static const struct json *call(const char *tool, const char *arguments)
{
    return client_ask(&client, tool, arguments);
}

static bool says(const struct json *answer, const char *part)
{
    return str_has(answer->raw, str_of(part));
}

#define EXPECT_SAYS(answer, part)                                                                  \
    cr_expect(says(answer, part), "no %s in %.*s", part, STR_FMT(str_cut((answer)->raw, 3000)))

/* A falling loss, as the Trainer of Hugging Face writes it, and as a CSV with the same values. */
static void write_run(void)
{
    struct buf state = {0}, csv = {0};

    buf_puts(&state, "{\"global_step\":600,\"max_steps\":600,\"log_history\":[");
    buf_puts(&csv, "step,loss,grad_norm\n");
    for (int i = 1; i <= 60; i++) {
        double loss = 1 + 2.0 / i;
        buf_printf(&state, "{\"loss\":%.6f,\"learning_rate\":0.001,\"step\":%d},", loss, i * 10);
        buf_printf(&csv, "%d,%.6f,%d.5\n", i * 10, loss, i % 3);
    }
    buf_puts(&state, "{\"train_runtime\":12.5,\"train_loss\":1.2,\"step\":600}]}");
    tmpdir_file(&t, "out/trainer_state.json", buf_text(&state));
    tmpdir_file(&t, "out/log.csv", buf_text(&csv));
    tmpdir_file(&t, "out/checkpoint-600/model.safetensors", "x");
    tmpdir_file(&t, "lies/metrics.json", "{\"street\":\"main\"}");
    buf_fini(&state);
    buf_fini(&csv);
}

Test(foreign, every_tool_works_on_a_run_of_another_program)
{
    write_run();
    client_open(&client, t.path);
    const struct json *a = call("list_experiments", "{}");
    EXPECT_SAYS(a, "\"id\":\"out\"");
    EXPECT_SAYS(a, "\"experimentType\":\"lm\"");
    EXPECT_SAYS(a, "\"format\":\"trainer_state\"");
    EXPECT_SAYS(a, "\"total\":1");
    EXPECT_SAYS(a, "lies/metrics.json: not a run, because ");
    a = call("list_experiments", "{\"offset\":1}");
    EXPECT_SAYS(a, "\"coverage\":{}"); /* told once */

    a = call("describe_experiment", "{\"expId\":\"out\"}");
    EXPECT_SAYS(a, "\"path\":\"log.csv\",\"format\":\"csv\"");
    EXPECT_SAYS(a, "60 of 60 points equal in ");
    EXPECT_SAYS(a, "\"key\":\"grad_norm\",\"n\":60");
    EXPECT_SAYS(a, "\"name\":\"total_steps\",\"value\":\"600\"");

    a = call("get_status", "{\"expId\":\"out\"}");
    EXPECT_SAYS(a, "\"state\":\"finished\"");
    a = call("get_metrics", "{\"expId\":\"out\",\"maxPoints\":2,\"keys\":[\"loss\"]}");
    EXPECT_SAYS(a, "\"points\":[{\"step\":600,\"loss\":1.033333},{\"step\":600}]");
    a = call("get_metrics", "{\"expId\":\"out\",\"mode\":\"historical\",\"layout\":\"columns\","
                            "\"keys\":[\"grad_norm\"],\"fromStep\":10,\"toStep\":30}");
    EXPECT_SAYS(a, "{\"step\":[10,20,30],\"value\":[1.5,2.5,0.5]}");
    a = call("query_metric", "{\"expId\":\"out\",\"key\":\"loss\",\"ask\":\"minimum\"}");
    EXPECT_SAYS(a, "\"answer\":1.033333,\"atStep\":600,\"n\":60");
    a = call("get_config", "{\"expId\":\"out\"}");
    EXPECT_SAYS(a, "\"max_steps\":600");
    a = call("get_checkpoints", "{\"expId\":\"out\"}");
    EXPECT_SAYS(a, "\"filename\":\"checkpoint-600\"");
    a = call("get_evaluation", "{\"expId\":\"out\"}");
    EXPECT_SAYS(a, "\"results\":null");
    a = call("get_rl_metrics", "{\"expId\":\"out\"}");
    EXPECT_SAYS(a, "\"metrics\":null");
    a = call("analyze_experiment", "{\"expId\":\"out\"}");
    EXPECT_SAYS(a, "\"verdict\"");
    a = call("generate_report", "{\"pattern\":\"post-training\",\"experimentId\":\"out\"}");
    EXPECT_SAYS(a, "out Post-Training Analysis");
    client_close(&client);
}

/* Names of another spelling, and a loss by its parts: described and analysed by one rule. */
Test(foreign, what_is_logged_under_another_spelling_is_nowhere_called_missing)
{
    struct buf spelled = {0}, parts = {0};

    buf_puts(&spelled, "Epoch,Train Loss,valLoss\n");
    buf_puts(&parts, "epoch,train/box_loss,train/cls_loss,val/box_loss,val/cls_loss,"
                     "metrics/mAP50-95(B),lr/pg0\n");
    for (int i = 1; i <= 40; i++) {
        buf_printf(&spelled, "%d,%.4f,%.4f\n", i, 1 + 2.0 / i, 1.25 + 2.0 / i);
        buf_printf(&parts, "%d,%.4f,%.4f,%.4f,%.4f,%.4f,0.01\n", i, 1 + 2.0 / i, 1.0 / i,
                   1.25 + 2.0 / i, 1.0 / i, 0.5 - 0.25 / i);
    }
    tmpdir_file(&t, "a/log.csv", buf_text(&spelled));
    tmpdir_file(&t, "b/results.csv", buf_text(&parts));
    buf_fini(&spelled);
    buf_fini(&parts);
    client_open(&client, t.path);
    const struct json *a = call("describe_experiment", "{\"expId\":\"a\"}");
    EXPECT_SAYS(a, "\"experimentType\":\"lm\"");
    EXPECT_SAYS(a, "\"notLogged\":[\"learning_rate\",\"grad_norm\",\"tokens_per_second\"]");
    EXPECT_SAYS(a, "'valLoss' is taken as validation_loss: it is 'val/loss' but for case");
    a = call("analyze_experiment", "{\"expId\":\"a\"}");
    EXPECT_SAYS(a, "\"not logged: learning_rate, grad_norm, tokens_per_second; ");
    EXPECT_SAYS(a, "'valLoss' is taken as validation_loss: it is 'val/loss' but for case");
    a = call("describe_experiment", "{\"expId\":\"b\"}");
    EXPECT_SAYS(a, "\"notLogged\":[\"train/grad_norm\",\"train/tokens_per_sec\"]");
    a = call("analyze_experiment", "{\"expId\":\"b\"}");
    EXPECT_SAYS(a, "\"not logged: train/grad_norm, train/tokens_per_sec; ");
    EXPECT_SAYS(a, "it is the sum of its parts as they stand, 'train/box_loss' + 'train/cls_loss'");
    cr_expect(!says(a, "\"verdict\":\"Undetermined"));
    a = call("generate_report", "{\"pattern\":\"post-training\",\"experimentId\":\"b\"}");
    EXPECT_SAYS(a, "Note: no total of train_loss is logged: it is the sum of its parts");
    EXPECT_SAYS(a, "Not logged as such: computed from the series in its name");
    a = call("compare_experiments", "{\"expIds\":[\"a\",\"b\"]}");
    EXPECT_SAYS(a, "\"as\":\"val/box_loss + val/cls_loss\"");
    EXPECT_SAYS(a, "\"last\":1.325"); /* 1.25 + 2/40 + 1/40 */
    client_close(&client);
}

Test(foreign, check_names_what_is_no_run)
{
    struct buf out = {0};

    write_run();
    client_open(&client, t.path);
    cr_expect(desk_check(client.desk, &client.arena, 0, &out));
    cr_expect(strstr(buf_text(&out), "trainer_state.json: trainer_state ("));
    cr_expect(strstr(buf_text(&out), "lies/metrics.json: not a run, because "), "%s",
              buf_text(&out));
    buf_fini(&out);
    client_close(&client);
}

/* Steps of .1 and of 1e17, as JSON lines and as a table: 300 points, not 30 or one. */
Test(foreign, steps_that_are_no_whole_numbers_do_not_fold_the_rows)
{
    static const struct {
        const char *file;
        double times, over;
        bool table;
        const char *want;
    } runs[] = {
        {"a/metrics.jsonl", 1, 10, false, "270 of 300 rows have a step that is no whole number"},
        {"b/metrics.jsonl", 1e17, 1, false, "299 of 300 rows have a step that is no whole number"},
        {"c/metrics.csv", 1e17, 1, true, "299 of 300 rows have a step that is no whole number"},
    };

    for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
        struct buf text = {0};
        char arguments[32];

        buf_puts(&text, runs[i].table ? "step,loss\n" : "");
        for (int k = 0; k < 300; k++) {
            double step = k * runs[i].times / runs[i].over, loss = 1 + 2.0 / (k + 1);
            if (runs[i].table)
                buf_printf(&text, "%.17g,%.4f\n", step, loss);
            else
                buf_printf(&text, "{\"step\":%.17g,\"loss\":%.4f}\n", step, loss);
        }
        tmpdir_file(&t, runs[i].file, buf_text(&text));
        buf_fini(&text);
        snprintf(arguments, sizeof(arguments), "{\"expId\":\"%c\"}", *runs[i].file);
        client_open(&client, t.path);
        const struct json *a = call("analyze_experiment", arguments);
        EXPECT_SAYS(a, runs[i].want);
        cr_expect(!says(a, "several values a step") && !says(a, "have no step"), "%s",
                  runs[i].file);
        client_close(&client);
    }
}

/* {"epoch": 2, "step": 5}: the batches of each epoch are counted from 0. */
Test(foreign, steps_that_start_anew_with_each_epoch_are_no_restarts)
{
    struct buf lines = {0}, table = {0}, crashed = {0};

    buf_puts(&table, "epoch,step,loss\n");
    for (int i = 0; i < 200; i++) {
        double loss = 1 + 3.0 / (1 + i / 10.0);
        buf_printf(&lines, "{\"epoch\":%d,\"step\":%d,\"loss\":%.4f}\n", i / 20, i % 20 * 5, loss);
        buf_printf(&table, "%d,%d,%.4f\n", i / 20, i % 20 * 5, loss);
        buf_printf(&crashed, "{\"epoch\":%d,\"step\":%d,\"loss\":%.4f}\n",
                   (i < 100 ? i : i - 50) / 20, (i < 100 ? i : i - 50) * 5, loss);
    }
    tmpdir_file(&t, "lines/log.jsonl", buf_text(&lines));
    tmpdir_file(&t, "table/log.csv", buf_text(&table));
    tmpdir_file(&t, "crashed/log.jsonl", buf_text(&crashed));
    buf_fini(&lines);
    buf_fini(&table);
    buf_fini(&crashed);
    client_open(&client, t.path);
    static const char *const of[] = {"{\"expId\":\"lines\"}", "{\"expId\":\"table\"}"};
    for (size_t i = 0; i < 2; i++) {
        const struct json *a = call("analyze_experiment", of[i]);
        EXPECT_SAYS(a, "steps start anew with each of 10 epochs: of every row its number, from 0, "
                       "stands in");
        EXPECT_SAYS(a, "\"verdict\":\"Effective\"");
        cr_expect(!says(a, "estart"));
    }
    const struct json *a = call("describe_experiment", "{\"expId\":\"crashed\"}");
    EXPECT_SAYS(a, "\"restarts\":[{\"step\":250,\"previousStep\":495}]");
    client_close(&client);
}

/* A chart over time: no two rows are one step because they are of one second. */
Test(foreign, an_export_over_relative_time_keeps_its_rows)
{
    struct buf csv = {0};

    buf_puts(&csv,
             "\"Relative Time (Process)\",\"a - loss\",\"a - loss__MIN\",\"a - loss__MAX\"\n");
    for (int i = 0; i < 40; i++)
        buf_printf(&csv, "%.2f,%d,%d,%d\n", i * 0.25, 40 - i, 40 - i, 40 - i);
    tmpdir_file(&t, "run/export.csv", buf_text(&csv));
    buf_fini(&csv);
    client_open(&client, t.path);
    const struct json *a = call("get_metrics", "{\"expId\":\"run/export.csv/a\",\"maxPoints\":1}");
    EXPECT_SAYS(a, "{\"step\":39,\"Relative Time (Process)\":9.75,\"loss\":1,");
    EXPECT_SAYS(a, "in 30 of 40 rows no whole number");
    client_close(&client);
}

/* No point in time, but how long it has been going on. */
Test(foreign, time_to_goes_by_the_time_elapsed)
{
    struct buf csv = {0};

    buf_puts(&csv, "time/total_timesteps,rollout/ep_rew_mean,time/time_elapsed\n");
    for (int i = 1; i <= 30; i++)
        buf_printf(&csv, "%d,%d,%d\n", i * 100, i, 4 + 2 * i);
    tmpdir_file(&t, "sb3/progress.csv", buf_text(&csv));
    buf_fini(&csv);
    client_open(&client, t.path);
    const struct json *a =
        call("query_metric", "{\"expId\":\"sb3\",\"key\":\"rollout/ep_rew_mean\","
                             "\"ask\":\"time_to\",\"value\":11}");
    EXPECT_SAYS(a, "\"answer\":20,\"atStep\":1100"); /* 26 - 6 */
    EXPECT_SAYS(a, "seconds from the first point, by 'time/time_elapsed'");
    client_close(&client);
}

/* A classifier: what it trains on is a loss, and exp of it no perplexity. */
Test(foreign, a_report_does_not_take_every_loss_for_that_of_a_language)
{
    struct buf csv = {0};

    buf_puts(&csv, "epoch,loss,val_loss,val_accuracy\n");
    for (int i = 0; i < 40; i++)
        buf_printf(&csv, "%d,%.4f,%.4f,%.4f\n", i, 2.0 / (1 + i), 2.1 / (1 + i),
                   0.9 - 0.5 / (1 + i));
    tmpdir_file(&t, "keras/history.csv", buf_text(&csv));
    buf_fini(&csv);
    client_open(&client, t.path);
    const struct json *a =
        call("generate_report", "{\"pattern\":\"post-training\",\"experimentId\":\"keras\"}");
    EXPECT_SAYS(a, "A run that trains on a loss (type lm:");
    cr_expect(!says(a, "Perplexity") && !says(a, "language-model"));
    client_close(&client);
}

/* MLflow's meta.yaml holds times and ids: no settings, by which runs would differ. */
Test(foreign, the_log_of_a_run_is_not_its_configuration)
{
    tmpdir_file(&t, "mlruns/1/0a1b/meta.yaml",
                "run_id: 0a1b\nrun_uuid: 0a1b\nstart_time: 1700000000000\nend_time: 1700000100000\n"
                "status: 3\nlifecycle_stage: active\n");
    tmpdir_file(&t, "mlruns/1/0a1b/params/lr", "0.5");
    tmpdir_file(&t, "mlruns/1/0a1b/metrics/loss", "1700000000000 2 1\n1700000001000 1 2\n");
    client_open(&client, t.path);
    const struct json *a = call("describe_experiment", "{\"expId\":\"mlruns/1/0a1b\"}");
    EXPECT_SAYS(a, "\"configFiles\":[\"params\"]");
    client_close(&client);
}

/* Both ways into a table say the same of a row: the run's own metrics.jsonl, and any other log. */
Test(foreign, odd_steps_and_keys_twice_are_said_in_the_same_words_of_every_log)
{
    static const char *const paths[] = {"a/dashboard_metrics/metrics.jsonl", "b/metrics.jsonl",
                                        "c/log.jsonl"};
    struct buf text = {0};
    char arguments[64];

    for (int i = 0; i < 20; i++)
        buf_printf(&text, "{\"step\":%d.5,\"loss\":%d,\"loss\":%d}\n", i, 9, 40 - i);
    for (size_t i = 0; i < 3; i++)
        tmpdir_file(&t, paths[i], buf_text(&text));
    buf_fini(&text);
    client_open(&client, t.path);
    for (size_t i = 0; i < 3; i++) {
        snprintf(arguments, sizeof(arguments), "{\"expId\":\"%c\",\"mode\":\"historical\"}",
                 *paths[i]);
        const struct json *a = call("get_metrics", arguments);
        EXPECT_SAYS(a, "20 of 20 rows have a step that is no whole number within 2^53: of every "
                       "row its number, from 0, stands in");
        EXPECT_SAYS(a, "20 rows hold a key twice: the last one counts");
        cr_expect(!says(a, "no row has a step") && !says(a, "no column is a step"), "%s", paths[i]);
    }
    client_close(&client);
}

/* Three evaluations of 300 steps: too few for overfitting, and 37 steps apart there were eight. */
Test(foreign, a_run_of_few_evaluations_is_told_how_often_to_evaluate)
{
    struct buf text = {0};

    buf_puts(&text, "{\"global_step\":300,\"max_steps\":300,\"log_history\":[");
    for (int i = 10; i <= 300; i += 10) {
        buf_printf(&text, "{\"loss\":%.4f,\"learning_rate\":0.001,\"step\":%d},",
                   1 + 2.0 / (1 + i / 40.0), i);
        if (i % 100 == 0)
            buf_printf(&text, "{\"eval_loss\":%.4f,\"step\":%d},", i == 300 ? 1.35 : 1.5 - i / 1e3,
                       i);
    }
    buf_puts(&text, "{\"train_runtime\":12.5,\"step\":300}]}");
    tmpdir_file(&t, "a/trainer_state.json", buf_text(&text));
    buf_fini(&text);
    client_open(&client, t.path);
    const struct json *a = call("analyze_experiment", "{\"expId\":\"a\"}");
    EXPECT_SAYS(a, "\"key\":\"eval_steps\",\"from\":\"100\",\"to\":\"37\"");
    const struct json *made =
        call("generate_report", "{\"pattern\":\"post-training\",\"experimentId\":\"a\"}");
    char arguments[128];
    snprintf(arguments, sizeof(arguments), "{\"reportId\":%.*s}",
             STR_FMT(json_get(json_get(made, "report"), "id")->raw));
    const struct json *report = call("export_report", arguments);
    EXPECT_SAYS(report, "**With it:** eval_steps: from 100 to 37. Because of overfitting.");
    cr_expect(!says(report, ".. Risk"));
    client_close(&client);
}

/* More metrics than are shown, the loss behind them: it is logged, and what is not has common
 * names. */
Test(foreign, what_is_not_logged_is_named_as_other_programs_name_it)
{
    struct buf rows = {0};

    for (int i = 1; i <= 3; i++) {
        buf_printf(&rows, "{\"step\":%d", i);
        for (int k = 0; k < 120; k++)
            buf_printf(&rows, ",\"layer/%d/rms\":%d", k, i + k);
        buf_printf(&rows, ",\"train/loss\":%d}\n", 4 - i);
    }
    tmpdir_file(&t, "wide/metrics.jsonl", buf_text(&rows));
    tmpdir_file(&t, "other/metrics.jsonl", "{\"step\":1,\"x\":3}\n{\"step\":2,\"x\":2}\n");
    buf_fini(&rows);
    client_open(&client, t.path);
    const struct json *a = call("describe_experiment", "{\"expId\":\"wide\"}");
    EXPECT_SAYS(a, "\"notLogged\":[\"val/loss\",\"train/learning_rate\",\"train/grad_norm\","
                   "\"train/tokens_per_sec\"]");
    a = call("analyze_experiment", "{\"expId\":\"other\"}");
    EXPECT_SAYS(a, "no metric to judge the run by is logged: loss");
    EXPECT_SAYS(a, "Not judged: 'learning_rate' is not logged.");
    cr_expect(!says(a, "Losses/Total"));
    client_close(&client);
}

Test(foreign, a_loss_that_is_null_at_its_end_is_not_effective)
{
    struct buf text = {0};

    for (int k = 0; k < 300; k++) {
        buf_printf(&text, "{\"step\":%d,\"loss\":", k);
        if (k > 250)
            buf_puts(&text, "null}\n");
        else
            buf_printf(&text, "%.5f}\n", 3 - 0.005 * k);
    }
    tmpdir_file(&t, "a/metrics.jsonl", buf_text(&text));
    buf_fini(&text);
    client_open(&client, t.path);
    const struct json *a = call("analyze_experiment", "{\"expId\":\"a\"}");
    EXPECT_SAYS(a, "\"verdict\":\"Partially Effective\"");
    EXPECT_SAYS(a, "'loss' is null in the last 49 of 300 rows, from step 251 on");
    EXPECT_SAYS(a, "with a finding of high severity: nonfinite:loss");
    client_close(&client);
}

Test(foreign, an_answer_that_is_kept_is_of_the_files_as_they_are)
{
    tmpdir_file(&t, "a/metrics.csv", "step,loss\n1,0.5\n2,0.4\n3,0.3\n");
    client_open(&client, t.path);
    const struct json *a = call("get_metrics", "{\"expId\":\"a\"}");
    EXPECT_SAYS(a, "\"originalCount\":3");
    FILE *file = fopen(tmpdir_path(&t, "a/metrics.csv"), "a");
    cr_assert(file && fputs("4,0.25\n", file) >= 0 && fclose(file) == 0);
    a = call("get_metrics", "{\"expId\":\"a\"}");
    EXPECT_SAYS(a, "{\"step\":4,\"loss\":0.25}");
    client_close(&client);
}

Test(foreign, sources_of_real_runs_agree)
{
    static const struct {
        const char *id, *says;
    } rows[] = {
        {"lm/llama-factory/nsllm",
         "lr in trainer_log.jsonl is learning_rate in trainer_state.json: "
         "435 of 435 points equal"},
        {"lm/llama-factory/nsllm", "epoch, loss: 871 of 871 points equal in trainer_log.jsonl and"},
        {"rl/sb3-finrl/ppo", ": 1166 of 1166 points equal in progress.csv and events.out.tfevents"},
        {"rl/sb3-finrl/a2c", ": 800 of 800 points equal in progress.csv and events.out.tfevents"},
        {"rl/conceptppo-mxaehod4", ": 6867 of 6867 points equal in run-mxaehod4.wandb and events"},
        {"rl/conceptppo-mxaehod4",
         "Rewards/mean_episodes in events.out.tfevents.1690076260.autodl-"
         "container-71644691e8-32af8c29.1260.0 is mean_episode_rewards in "
         "log.csv: 763 of 763 points equal"},
    };
    const char *shared = getenv("POSTRUN_SHARED");

    if (!shared)
        return;
    char files[4096];
    snprintf(files, sizeof(files), "%s/data/files", shared);
    if (access(files, R_OK) != 0)
        return;
    client_open(&client, files);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char arguments[256];
        snprintf(arguments, sizeof(arguments), "{\"expId\":\"%s\"}", rows[i].id);
        const struct json *a = call("describe_experiment", arguments);
        EXPECT_SAYS(a, rows[i].says);
    }
    client_close(&client);
}
