/* What is advised and said of a run that lacks little, or that is not over. */
#include <criterion/criterion.h>
#include <math.h>
#include <time.h>

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

TestSuite(advised, .init = set_up, .fini = tear_down);

static const struct json *ask(const char *tool, const char *arguments)
{
    return client_ask(&site.client, tool, arguments);
}

static const char *said(const char *tool, const char *arguments)
{
    return client_said(&site.client, tool, arguments);
}

/* n rows: step, the members of `format` with a falling loss (or what `rising` makes a reward). */
static void put_run(const char *path, const char *format, bool rising, const char *more)
{
    struct noise noise = NOISE_START;
    struct buf out = {0};

    for (int i = 1; i <= 300; i++) {
        double fall = exp(-i / 120.0), wave = 0.02 * noise_next(&noise);

        buf_printf(&out, "{\"step\":%d,\"%s\":%.6f%s}\n", i, format,
                   rising ? 1 - fall + wave : (3 + 5 * fall) * (1 + wave / 10), more);
    }
    tmpdir_file(&site.dir, path, buf_text(&out));
    buf_fini(&out);
}

/* 300 points a second apart, the last of just now, at a constant rate: more steps would pay. */
Test(advised, a_running_run_is_said_to_run_and_not_told_how_long_to_be)
{
    struct buf out = {0};
    double now = (double)time(NULL);

    for (int i = 0; i < 300; i++)
        buf_printf(&out, "{\"step\":%d,\"loss\":%.6f,\"learning_rate\":0.001,\"timestamp\":%.1f}\n",
                   i, 3 + 5 * exp(-i / 200.0), now - 299 + i);
    tmpdir_file(&site.dir, "a/metrics.jsonl", buf_text(&out));
    tmpdir_file(&site.dir, "a/config.json", "{\"max_steps\": 1000}");
    const char *all = said("analyze_experiment", "{\"expId\":\"a\"}");
    cr_expect(strstr(all, "\"verdictRule\":\"so far, for the run is still running: "), "%s", all);
    cr_expect(strstr(all, "\"limitations\":[\"the run is still running"), "%s", all);
    cr_expect(strstr(all, "The log stands at step 299 of 1000 planned"), "%s", all);
    cr_expect(!strstr(all, "\"key\":\"number of steps\"") && !strstr(all, "planned end"), "%s",
              all);
    const struct json *made =
        ask("generate_report", "{\"pattern\":\"post-training\",\"experimentId\":\"a\"}");
    const char *text = said(
        "export_report", arena_printf(&site.client.arena, "{\"reportId\":\"%s\"}",
                                      member_text(&site.client, member_at(made, "report"), "id")));
    cr_expect(strstr(text, "the run is still running"), "%s", text);
    cr_expect(!strstr(text, "## a Post-Training Analysis"), "%s", text);
    buf_fini(&out);
}

Test(advised, what_to_log_comes_last_and_in_the_words_of_the_runs_format)
{
    static const struct {
        const char *what, *key, *more, *wanted;
        bool rising;
    } rows[] = {
        {"a loss alone", "loss", "", "the validation loss, e.g. as 'eval_loss'", false},
        {"names with sections", "train/loss", ",\"train/tokens_per_sec\":50000",
         "the validation loss, e.g. as 'val/loss'", false},
        {"all but a throughput", "loss", ",\"eval_loss\":3,\"learning_rate\":0.001,\"grad_norm\":1",
         NULL, false},
        {"GRPO has no critic", "reward",
         ",\"reward_std\":0.3,\"frac_reward_zero_std\":0.2,\"kl\":0.01,\"entropy\":0.8,\"loss\":0."
         "1",
         NULL, true},
        {"evaluations alone", "eval/mean_reward", "", NULL, true},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        put_run(arena_printf(&site.client.arena, "r%zu/metrics.jsonl", i), rows[i].key,
                rows[i].rising, rows[i].more);
        const struct json *all =
            ask("analyze_experiment", arena_printf(&site.client.arena, "{\"expId\":\"r%zu\"}", i));
        const char *list = arena_text(&site.client.arena, member_at(all, "recommendations")->raw);
        cr_expect(!strstr(list, "policy_loss") && !strstr(list, "value_loss") &&
                      !strstr(list, "Losses/"),
                  "%s: %s", rows[i].what, list);
        cr_expect(!strstr(list, "{\"rank\":\"primary\",\"key\":\"log\""), "%s: %s", rows[i].what,
                  list);
        if (strcmp(rows[i].key, "eval/mean_reward") == 0)
            cr_expect(strstr(arena_text(&site.client.arena, all->raw), "nothing of its updates"));
        if (rows[i].wanted)
            cr_expect(strstr(list, "{\"rank\":\"also\",\"key\":\"log\"") &&
                          strstr(list, rows[i].wanted),
                      "%s: %s", rows[i].what, list);
        else
            cr_expect(!strstr(list, "\"key\":\"log\""), "%s: %s", rows[i].what, list);
    }
}
