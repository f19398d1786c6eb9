/* What a run's own configuration and its files beside each other say, as the tools tell it. */
#include <criterion/criterion.h>
#include <math.h>

#include "tests/support/curves.h"
#include "tests/support/site.h"

static struct site site;

static void set_up(void)
{
    site_open(&site);
}

static void tear_down(void)
{
    site_close(&site);
}

TestSuite(configured, .init = set_up, .fini = tear_down);

/* A loss that falls from 8 to 3 with .2 % noise, every tenth step up to `last`, under a rate that
 * falls on a line to 0 at `planned`. */
static void put_run(const char *path, int last, int planned)
{
    struct noise noise = NOISE_START;
    struct buf out = {0};

    for (int step = 0; step <= last; step += 10)
        buf_printf(&out, "{\"step\":%d,\"loss\":%.6f,\"learning_rate\":%.9f}\n", step,
                   (3 + 5 * exp(-(double)step / 600)) * (1 + 0.002 * noise_next(&noise)),
                   1e-3 * (1 - (double)step / planned));
    tmpdir_file(&site.dir, path, buf_text(&out));
    buf_fini(&out);
}

static const struct json *ask(const char *tool, const char *arguments)
{
    return client_ask(&site.client, tool, arguments);
}

static const char *said(const char *tool, const char *arguments)
{
    return client_said(&site.client, tool, arguments);
}

Test(configured, config_json_is_the_configuration_wherever_one_is_asked_for)
{
    put_run("a/metrics.jsonl", 900, 900);
    tmpdir_file(&site.dir, "a/config.json", "{\"learning_rate\": 0.001, \"max_steps\": 900}");
    tmpdir_file(&site.dir, "a/args.json", "{\"seed\": 3}");
    const struct json *config = ask("get_config", "{\"expId\":\"a\"}");
    cr_expect_str_eq(member_text(&site.client, config, "filename"), "config.json");
    cr_expect(fabs(number_at(config, "parsed/max_steps") - 900) <= 0);
    const char *about = said("describe_experiment", "{\"expId\":\"a\"}");
    cr_expect(strstr(about, "\"configFiles\":[\"config.json\",\"args.json\"]"), "%s", about);
    const char *all = said("analyze_experiment", "{\"expId\":\"a\"}");
    cr_expect(!strstr(all, "no configuration lies"), "%s", all);
}

Test(configured, the_planned_length_of_the_configuration_tells_the_end)
{
    static const struct {
        const char *what, *config, *state;
        int last;
        bool early;
    } rows[] = {
        {"all steps", "{\"max_steps\": 900}", "finished", 900, false},
        {"its own section", "{\"trainer\": {\"total_training_steps\": 900}}", "finished", 900,
         false},
        {"a fifth of them", "{\"max_iters\": 900}", "unknown", 180, true},
        {"an environment's", "{\"env\": {\"max_steps\": 5000}}", "unknown", 900, false},
        {"fewer than are logged", "{\"max_steps\": 100}", "unknown", 900, false},
        {"none", "{\"max_steps\": -1}", "unknown", 900, false},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *call = arena_printf(&site.client.arena, "{\"expId\":\"r%zu\"}", i);
        put_run(arena_printf(&site.client.arena, "r%zu/metrics.jsonl", i), rows[i].last, 900);
        tmpdir_file(&site.dir, arena_printf(&site.client.arena, "r%zu/config.json", i),
                    rows[i].config);
        const struct json *status = ask("get_status", call);
        const struct json *state = member_at(status, "assessed");
        cr_expect_str_eq(member_text(&site.client, state, "state"), rows[i].state, "%s: %s",
                         rows[i].what, member_text(&site.client, state, "why"));
        const char *all = said("analyze_experiment", call);
        cr_expect((strstr(all, "what is said of its end is of an unfinished run") != NULL) ==
                      rows[i].early,
                  "%s: %s", rows[i].what, all);
    }
}

Test(configured, rows_of_epochs_are_not_held_against_steps)
{
    struct buf out = {0};

    for (int epoch = 0; epoch < 60; epoch++)
        buf_printf(&out, "{\"epoch\":%d,\"loss\":%.6f}\n", epoch, 3 + 5 * exp(-epoch / 20.0));
    tmpdir_file(&site.dir, "a/metrics.jsonl", buf_text(&out));
    tmpdir_file(&site.dir, "a/config.json", "{\"max_steps\": 20000}");
    const char *all = said("analyze_experiment", "{\"expId\":\"a\"}");
    cr_expect(!strstr(all, "\"stopped_early\""), "%s", all);
    buf_fini(&out);
}

/* 790 of 900 steps, the rate at 12 % of its peak: the schedule has not ended. */
Test(configured, a_run_cut_before_its_plan_did_not_reach_the_end_of_its_schedule)
{
    put_run("a/metrics.jsonl", 790, 900);
    tmpdir_file(&site.dir, "a/config.json", "{\"max_steps\": 900}");
    const char *all = said("analyze_experiment", "{\"expId\":\"a\"}");
    cr_expect(strstr(all, "The log ends at step 790 of 900 planned"), "%s", all);
    cr_expect(!strstr(all, "to the end of its schedule"), "%s", all);
    cr_expect(!strstr(all, "The schedule has ended"), "%s", all);
}

Test(configured, files_of_two_sides_are_one_run_with_two_losses)
{
    put_run("a/train.jsonl", 900, 900);
    put_run("a/eval.jsonl", 900, 900);
    const char *about = said("describe_experiment", "{\"expId\":\"a\"}");
    cr_expect(strstr(about, "\"train/loss\"") && strstr(about, "\"eval/loss\""), "%s", about);
}

Test(configured, two_files_that_disagree_are_named_among_the_limitations)
{
    struct buf out = {0};

    buf_puts(&out, "step,loss\n");
    for (int step = 0; step <= 900; step += 10)
        buf_printf(&out, "%d,%.6f\n", step, 1.2 * (3 + 5 * exp(-(double)step / 600)));
    put_run("a/metrics.jsonl", 900, 900);
    tmpdir_file(&site.dir, "a/metrics.csv", buf_text(&out));
    const struct json *list =
        member_at(ask("analyze_experiment", "{\"expId\":\"a\"}"), "limitations");
    const char *text = arena_text(&site.client.arena, list->raw);
    cr_expect(strstr(text, "loss differs between metrics.csv and metrics.jsonl at 91 of 91 common "
                           "steps, first at step 0: 9.6 against "),
              "%s", text);
    cr_expect(strstr(text, "metrics.csv stands, and is judged"), "%s", text);
    buf_fini(&out);
}
