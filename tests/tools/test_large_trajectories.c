/* Many trajectories, a very long one, a very large one: nothing is capped, lost or slow. */
#include "tests/support/episodes.h"

#include <time.h>

static struct episodes made;

static void set_up(void)
{
    episodes_open(&made);
}

static void tear_down(void)
{
    episodes_close(&made);
}

TestSuite(large_trajectories, .init = set_up, .fini = tear_down, .timeout = 300);

static double seconds(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* The seed's target is 2 s an answer; here with sanitizers, the first one reads the file. */
Test(large_trajectories, A_39_ten_thousand_are_all_counted_within_two_seconds)
{
    static const struct {
        const char *tool, *arguments, *path;
        double want;
    } rows[] = {
        {"get_reward_stats", "{}", "total", 10000},
        {"get_reward_stats", "{}", "seen", 10000},
        {"get_reward_stats", "{}", "avg_reward", 0.5},
        {"get_termination_stats", "{}", "categories/finish/count", 10000},
        {"get_tool_return_stats", "{}", "total_tool_calls", 10000},
        {"get_tool_return_stats", "{}", "unexpected/count", 5000},
        {"get_process_reward_correlation", "{}", "sample_size", 10000},
        {"get_pass_at_k", "{}", "trials", 10000},
        {"get_pass_at_k", "{}", "questions", 100},
        {"list_failure_cases", "{}", "total", 5000},
        {"list_unexpected_tool_contexts", "{}", "total", 5000},
        {"list_trainings", "{}", "used", 10000},
        {"list_epochs", "{}", "used", 10000},
        {"get_epoch_progression", "{\"training_id\":\"r\"}", "used", 10000},
        {"compare_trainings", "{\"training_ids\":\"r\"}", "used", 10000},
    };
    char question[16], more[160];

    for (int i = 0; i < 10000; i++) {
        snprintf(question, sizeof(question), "q%d", i % 100);
        snprintf(more, sizeof(more),
                 ",\"termination_reason\":\"finish\",\"steps\":[{\"action\":\"go\",\"reward\":%d,"
                 "\"observation\":\"%s\"}]",
                 i % 7, i % 2 ? "ok" : "Error: no");
        episodes_add(&made, "r", i % 5, question, i, i / 100 % 2, more);
    }
    episodes_write(&made);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        double from = seconds();
        const struct json *got = episodes_ask(&made, rows[i].tool, rows[i].arguments);
        double took = seconds() - from;
        cr_expect(took < 2, "%s: %.2f s", rows[i].tool, took);
        cr_expect(is_near(number_at(got, rows[i].path), rows[i].want), "%s %s: %.9g", rows[i].tool,
                  rows[i].path, number_at(got, rows[i].path));
    }
}

static FILE *begin(const char *name)
{
    FILE *file = fopen(tmpdir_path(&made.dir, name), "w");

    cr_assert(file);
    return file;
}

Test(large_trajectories, the_last_of_a_hundred_thousand_steps_is_read)
{
    FILE *file = begin("long.jsonl");

    fputs("{\"trajectory_id\":\"a\",\"data_id\":\"q\",\"steps\":[", file);
    for (int i = 1; i <= 100000; i++)
        fprintf(file, "%s{\"action\":\"go\",\"observation\":\"saw %d\"}", i > 1 ? "," : "", i);
    fputs("]}\n", file);
    cr_assert(fclose(file) == 0);
    const struct json *got = episodes_ask(&made, "get_trajectory",
                                          "{\"trajectory_id\":\"a\",\"from\":99990,\"count\":20}");
    cr_expect(number_at(got, "steps_total") == 100000 && number_at(got, "step_count") == 100000);
    cr_expect(json_get(got, "steps")->count == 10 && !json_get(got, "next_from"));
    const struct json *last = json_get(got, "steps")->first;
    while (last->next)
        last = last->next;
    cr_expect(number_at(last, "step_id") == 100000);
    cr_expect_str_eq(member_text(&made.client, last, "observation"), "saw 100000");
    got = episodes_ask(&made, "get_tool_return_stats", "{}");
    cr_expect(number_at(got, "total_tool_calls") == 100000);
    got = episodes_ask(&made, "get_trajectory",
                       "{\"trajectory_id\":\"a\",\"from\":100000,\"count\":20}");
    cr_expect(json_get(got, "steps")->count == 0 && !json_get(got, "next_from"));
}

static const char look[] = "{\"action\":\"look\",\"observation\":\"begin ";

static void put_large(FILE *file)
{
    char *block = malloc(1 << 20);

    cr_assert(block);
    memset(block, 'x', 1 << 20);
    fputs("{\"trajectory_id\":\"large\",\"data_id\":\"q\",\"reward\":1,\"steps\":[", file);
    fputs(look, file);
    for (size_t i = 0; i < 200; i++)
        cr_assert(fwrite(block, 1, 1 << 20, file) == 1 << 20);
    fputs("\"},{\"action\":\"look\",\"observation\":\"Error: after it\"}]}\n", file);
    free(block);
}

/* A hole in the file: it costs no disk. */
static void put_too_large(FILE *file)
{
    fputs("{\"trajectory_id\":\"too-large\",\"data_id\":\"q\",\"reward\":1,\"steps\":[", file);
    fputs(look, file);
    cr_assert(fseek(file, 257 << 20, SEEK_CUR) == 0);
    fputs("\"}]}\n", file);
}

/* 200 MB are read and shown cut; a record beyond 256 MiB is refused; what follows is there. */
Test(large_trajectories, an_observation_of_200_megabytes_costs_nothing_else)
{
    FILE *file = begin("large.jsonl");

    put_large(file);
    put_too_large(file);
    fputs("{\"trajectory_id\":\"small\",\"data_id\":\"q\",\"reward\":0,\"steps\":[]}\n", file);
    cr_assert(fclose(file) == 0);
    const struct json *got = episodes_ask(&made, "get_reward_stats", "{}");
    cr_expect(number_at(got, "total") == 2 && number_at(got, "avg_reward") == 0.5);
    cr_expect(number_at(got, "coverage/malformed/count") == 1);
    cr_expect(number_at(got, "coverage/malformed/first/line") == 2);
    cr_expect(str_has(member_at(got, "coverage/malformed/first/reason")->raw,
                      STR("larger than the 256 MiB")));
    got = episodes_ask(&made, "get_tool_return_stats", "{}");
    cr_expect(number_at(got, "categories/normal/count") == 1);
    cr_expect(number_at(got, "categories/error/count") == 1);
    got = episodes_ask(&made, "get_trajectory", "{\"trajectory_id\":\"large\"}");
    const struct json *first = json_get(got, "steps")->first;
    const char *seen = member_text(&made.client, first, "observation");
    cr_expect(strncmp(seen, "begin xxx", 9) == 0 && strlen(seen) < 20000, "%zu", strlen(seen));
    cr_expect(strspn(seen + 6, "x") < strlen(seen + 6), "the cut is marked");
    cr_expect_str_eq(member_text(&made.client, first->next, "observation"), "Error: after it");
    cr_expect(got->raw.n < 24000, "%zu", got->raw.n);
}
