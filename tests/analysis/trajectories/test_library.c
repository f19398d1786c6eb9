#include "tests/analysis/trajectories/index.h"

#include <math.h>

static struct index in;

static void tear_down(void)
{
    index_close(&in);
}

TestSuite(library, .fini = tear_down);

#define ITEM(id, rest) "{\"trajectory_id\":\"" id "\",\"data_id\":\"q\"" rest "}"

Test(library, A_25_A_26_A_27_says_what_is_wrong)
{
    static const struct {
        const char *line, *why;
    } rows[] = {
        {"{\"trajectory_id\":\"a\",\"reward\":1}", "Missing required field: data_id"},
        {"{\"data_id\":\"a\",\"steps\":[]}", "Missing required field: trajectory_id"},
        {ITEM("a", ",\"reward\":\"abc\""), "reward must be a number"},
        {ITEM("a", ",\"steps\":{}"), "steps must be a list"},
        {ITEM("a", ",\"steps\":\"none\""), "steps must be a list"},
        {ITEM("a", ",\"chat_completions\":\"x\""), "chat_completions must be a list"},
        {"{\"other\":1}", "Invalid JSON format. Expected 'trajectories' or 'trajectory' key"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena arena;
        arena_init(&arena);
        const char *text =
            arena_printf(&arena, "%s\n%s\n", ITEM("good", ",\"steps\":[]"), rows[i].line);
        if (i)
            index_close(&in);
        index_of(&in, "run.jsonl", text);
        cr_expect(in.t->n == 1 && in.coverage.malformed.count == 1, "%s: %zu", rows[i].line,
                  in.t->n);
        cr_expect(in.coverage.malformed.reason && strstr(in.coverage.malformed.reason, rows[i].why),
                  "%s", in.coverage.malformed.reason);
        cr_expect(in.coverage.malformed.line == 2, "%s", rows[i].line);
        arena_fini(&arena);
    }
}

Test(library, A_28_the_same_id_twice_is_skipped_and_told)
{
    index_of(&in, "run.jsonl", ITEM("a", "") "\n" ITEM("b", "") "\n" ITEM("a", "") "\n");
    cr_expect(in.t->n == 2 && in.coverage.duplicates == 1);
    cr_assert(in.coverage.notes.n == 1);
    cr_expect(strstr(in.coverage.notes.v[0], "a: this id was there already"), "%s",
              in.coverage.notes.v[0]);
}

Test(library, A_29_a_nested_item_with_numbers_as_texts)
{
    index_of(&in, "x.jsonl",
             "{\"iteration\":\"7\",\"trajectories\":[{\"trajectory\":{\"trajectory_id\":\"t\","
             "\"data_id\":\"d\",\"training_id\":\"r\",\"epoch_id\":\"0\",\"task\":{\"task\":{"
             "\"problem\":\"2+2?\",\"agent_name\":\"bob\"}}},\"metrics\":{\"reward\":\"0.5\","
             "\"steps\":\"5\"},\"chat_completions\":[]}]}\n");
    cr_assert(in.t->n == 1, "%s", in.coverage.malformed.reason);
    cr_expect(in.t->reward[0] == 0.5 && in.t->epoch[0] == 0 && in.t->iteration[0] == 7);
    cr_expect(str_is(index_word(&in, in.t->text[0]), "2+2?"));
    cr_expect(str_is(index_word(&in, in.t->agent[0]), "bob"));
    cr_expect(str_is(index_word(&in, in.t->training[0]), "r") && in.t->steps[0] == 5);
}

Test(library, A_30_two_rewards_that_differ_are_told)
{
    index_of(&in, "run.jsonl", ITEM("a", ",\"reward\":1.0,\"final_reward\":0.0") "\n");
    cr_assert(in.t->n == 1 && in.coverage.notes.n == 1);
    cr_expect(in.t->reward[0] == 0, "not silently a success");
    cr_expect(strstr(in.coverage.notes.v[0], "reward 1 but final reward 0"), "%s",
              in.coverage.notes.v[0]);
}

Test(library, A_31_a_broken_line_costs_itself)
{
    index_of(&in, "run.jsonl",
             ITEM("a", "") "\n" ITEM("b", "") "\n{\"trajectory_id\":\n" ITEM("d", "") "\n" ITEM(
                 "e", "") "\n");
    cr_expect(in.t->n == 4 && in.coverage.malformed.count == 1);
    cr_expect(in.coverage.malformed.line == 3, "%lld", (long long)in.coverage.malformed.line);
}

Test(library, every_shape_that_can_be_imported)
{
    static const struct {
        const char *name, *text;
        size_t n;
    } rows[] = {
        {"{trajectories}", "{\"trajectories\": [" ITEM("a", "") "," ITEM("b", "") "]}", 2},
        {"pretty {trajectories}",
         "{\n\"trajectories\": [\n" ITEM("a", "") ",\n" ITEM("b", "") "\n]\n}", 2},
        {"{trajectory}", "{\"trajectory\": " ITEM("a", "") "}", 1},
        {"array", "[" ITEM("a", "") "," ITEM("b", "") "]", 2},
        {"lines", ITEM("a", "") "\n" ITEM("b", "") "\n", 2},
        {"lines of lists",
         "{\"trajectories\":[" ITEM("a", "") "," ITEM("b", "") "]}\n"
                                                               "{\"trajectories\":[" ITEM(
                                                                   "c", "") "]}\n",
         3},
        {"pretty objects",
         "{\n\"trajectory_id\":\"a\",\n\"data_id\":\"q\"\n}\n"
         "{\n\"trajectory_id\":\"b\",\n\"data_id\":\"q\"\n}\n",
         2},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (i)
            index_close(&in);
        index_of(&in, "run.json", rows[i].text);
        cr_expect(in.t->n == rows[i].n && in.coverage.malformed.count == 0, "%s: %zu, %s",
                  rows[i].name, in.t->n, in.coverage.malformed.reason);
    }
}

Test(library, a_tree_id_is_appended_once)
{
    index_of(
        &in, "run.jsonl",
        ITEM("a-b-0-1-2-3", ",\"tree_id\":\"9\"") "\n" ITEM(
            "a-b-0-1-2-9", ",\"tree_id\":\"9\"") "\n" ITEM("short", ",\"tree_id\":\"9\"") "\n");
    cr_assert(in.t->n == 3);
    cr_expect(str_is(dict_text(&in.t->ids, in.t->id[0]), "a-b-0-1-2-3-9"));
    cr_expect(str_is(dict_text(&in.t->ids, in.t->id[1]), "a-b-0-1-2-9"));
    cr_expect(str_is(dict_text(&in.t->ids, in.t->id[2]), "short"));
}

Test(library, rollouts_of_trainers)
{
    static const struct {
        const char *path, *line, *training, *question, *reason;
        double reward;
        int32_t iteration;
    } rows[] = {
        {"env--model/run7/results.jsonl",
         "{\"example_id\":3,\"prompt\":[{\"role\":\"user\",\"content\":\"Hi?\"}],\"completion\":[{"
         "\"role\":\"assistant\",\"content\":\"x\"}],\"reward\":0.25,\"is_truncated\":true}\n",
         "run7", "3", "truncated", 0.25, NO_SMALL},
        {"myrun/iteration_000012/train_rollout_summaries.jsonl",
         "{\"schema_version\":1,\"iteration\":12,\"group_idx\":4,\"traj_idx\":1,\"total_reward\":"
         "1.5,\"steps\":[{\"step_idx\":0,\"reward\":1.5,\"episode_done\":true}]}\n",
         "myrun", "4", "", 1.5, 12},
        {"verl/40.jsonl",
         "{\"input\":\"2+2\",\"output\":\"4\",\"gts\":\"4\",\"score\":1,\"step\":40}\n", "verl",
         "prompt-d8e2e93ceeba4e61", "", 1, 40},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (i)
            index_close(&in);
        index_of(&in, rows[i].path, rows[i].line);
        cr_assert(in.t->n == 1, "%s: %zu, %s", rows[i].path, in.t->n, in.coverage.malformed.reason);
        cr_expect(str_is(index_word(&in, in.t->training[0]), rows[i].training), "%.*s",
                  STR_FMT(index_word(&in, in.t->training[0])));
        struct str question = index_word(&in, in.t->question[0]);
        cr_expect(str_starts(question, str_of("prompt-")) || str_is(question, rows[i].question),
                  "%.*s", STR_FMT(question));
        cr_expect(str_is(index_word(&in, in.t->reason[0]), rows[i].reason));
        cr_expect(in.t->reward[0] == rows[i].reward && in.t->iteration[0] == rows[i].iteration,
                  "%s", rows[i].path);
    }
}

Test(library, logs_of_metrics_are_no_trajectories)
{
    index_open(&in);
    tmpdir_file(&in.dir, "a.jsonl", "{\"step\":1,\"reward\":2.5,\"loss\":1}\n");
    tmpdir_file(&in.dir, "b.json", "{\"results\":{\"score\":1}}");
    tmpdir_file(&in.dir, "x/dashboard_metrics/metrics.jsonl", ITEM("a", "") "\n");
    tmpdir_file(&in.dir, ".hidden/c.jsonl", ITEM("a", "") "\n");
    index_look(&in);
    cr_expect(in.t->n == 0 && in.t->files_n == 0);
}

Test(library, looks_again_when_a_file_comes_changes_or_goes)
{
    index_of(&in, "one.jsonl", ITEM("a", "") "\n");
    tmpdir_file(&in.dir, "sub/two.jsonl", ITEM("b", "") "\n");
    index_look(&in);
    cr_expect(in.t->n == 2);
    tmpdir_file(&in.dir, "one.jsonl", ITEM("a", "") "\n" ITEM("c", "") "\n");
    index_look(&in);
    cr_expect(in.t->n == 3);
    cr_assert(unlink(tmpdir_path(&in.dir, "one.jsonl")) == 0);
    index_look(&in);
    cr_expect(in.t->n == 1);
}

Test(library, files_that_stay_are_read_once)
{
    index_of(&in, "one.jsonl", ITEM("a", "") "\n");
    tmpdir_age(&in.dir, "one.jsonl", 1700000000);
    tmpdir_age(&in.dir, "", 1700000000);
    index_look(&in);
    const struct trajectories *first = in.t;
    index_look(&in);
    cr_expect(in.t == first);
}

Test(library, steps_are_read_back_from_disk)
{
    struct episode episode;
    struct err err;

    index_of(&in, "one.jsonl",
             ITEM("a", "") "\n" ITEM(
                 "b", ",\"steps\":[{\"action\":\"s[1]\",\"observation\":\"x\\ny\"},"
                      "{\"step_id\":9,\"action\":\"t\",\"observation\":null}]") "\n");
    cr_assert(episode_read(in.t, 1, 0, 10, &in.arena, &episode, &err), "%s", err.msg);
    cr_assert(episode.n == 2 && episode.total == 2);
    cr_expect(str_is(episode.steps[0].observation, "x\ny") && episode.steps[0].id == 1);
    cr_expect(str_is(episode.steps[0].tool, "s"));
    cr_expect(strcmp(episode.steps[0].returned, "normal") == 0);
    cr_expect(episode.steps[1].id == 9 && strcmp(episode.steps[1].returned, "empty") == 0);
    cr_assert(episode_read(in.t, 1, 1, 1, &in.arena, &episode, &err));
    cr_expect(episode.n == 1 && episode.steps[0].id == 9 && episode.total == 2);
    tmpdir_file(&in.dir, "new", "");
    cr_assert(rename(tmpdir_path(&in.dir, "new"), tmpdir_path(&in.dir, "one.jsonl")) == 0);
    cr_expect(!episode_read(in.t, 1, 0, 10, &in.arena, &episode, &err));
    cr_expect(err.code == ERR_CONFLICT, "another file by now");
}

/* Longer than any counter of a byte: 100,000 steps. */
Test(library, a_very_long_trajectory)
{
    index_open(&in);
    FILE *file = fopen(tmpdir_path(&in.dir, "long.jsonl"), "w");
    cr_assert(file);
    fputs("{\"trajectory_id\":\"a\",\"data_id\":\"q\",\"steps\":[", file);
    for (int i = 0; i < 100000; i++)
        fprintf(file, "%s{\"action\":\"t%d\",\"observation\":\"%s\"}", i ? "," : "", i % 200,
                i % 4 ? "ok" : "timeout");
    fputs("]}\n", file);
    cr_assert(fclose(file) == 0);
    index_look(&in);
    cr_assert(in.t->n == 1 && in.t->steps[0] == 100000);
    size_t calls = 0, timeouts = 0;
    for (size_t i = 0; i < in.t->tools_n[0]; i++) {
        const struct tool_calls *c = &in.t->tool_calls[in.t->tools[0] + i];
        for (size_t r = 0; r < RETURNS_N; r++)
            calls += c->count[r];
        timeouts += c->count[RETURN_TIMEOUT];
    }
    cr_expect(calls == 100000 && timeouts == 25000, "%zu %zu", calls, timeouts);
}

Test(library, elements_of_one_line_without_ids_are_told_apart)
{
    index_of(&in, "runs.json",
             "[{\"prompt\":\"a\",\"completion\":\"x\",\"reward\":1},"
             "{\"prompt\":\"a\",\"completion\":\"y\",\"reward\":0},\n"
             "{\"prompt\":\"b\",\"completion\":\"z\",\"reward\":0}]");
    cr_assert(in.t->n == 3 && in.coverage.duplicates == 0, "%zu", in.t->n);
    cr_expect(str_is(dict_text(&in.t->ids, in.t->id[0]), "runs.json:1.0"));
    cr_expect(str_is(dict_text(&in.t->ids, in.t->id[1]), "runs.json:1.1"));
    cr_expect(str_is(dict_text(&in.t->ids, in.t->id[2]), "runs.json:2.0"));
}
