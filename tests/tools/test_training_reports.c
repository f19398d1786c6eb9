/* Reports about trainings of agents: by hand on a made-up set, and against what the tools say. */
#include "tests/support/client.h"
#include "tests/support/tmpdir.h"

#include <criterion/criterion.h>
#include <ctype.h>
#include <math.h>

static struct client client;
static struct tmpdir dir;
static struct buf lines;

static void set_up(void)
{
    tmpdir_make(&dir);
}

static void tear_down(void)
{
    client_close(&client);
    tmpdir_remove(&dir);
    buf_fini(&lines);
}

TestSuite(training_reports, .init = set_up, .fini = tear_down, .timeout = 120);

/* ---- a made-up set ---- */

static void add(const char *run, int epoch, int question, int sample, bool passed,
                const char *steps)
{
    buf_printf(&lines,
               "{\"trajectory_id\":\"%s-%d-%d-%d\",\"training_id\":\"%s\",\"epoch_id\":%d,"
               "\"data_id\":\"q%02d\",\"sample_id\":%d,\"reward\":%d,\"termination_reason\":"
               "\"%s\",\"steps\":[%s]}\n",
               run, epoch, question, sample, run, epoch, question, sample, passed,
               passed ? "finish" : "max_steps", steps);
}

static const char plain_step[] =
    "{\"step_id\":1,\"action\":\"look[x]\",\"observation\":\"fine\",\"reward\":0.5}";
static const char three_errors[] =
    "{\"step_id\":1,\"action\":\"look[a]\",\"observation\":\"Error: no a\"},"
    "{\"step_id\":2,\"action\":\"look[b]\",\"observation\":\"Error: no \\u001b[31mb\"},"
    "{\"step_id\":3,\"action\":\"look[c]\",\"observation\":\"Error: no c\"},"
    "{\"step_id\":4,\"action\":\"rest[]\",\"observation\":\"fine\"}";

/*
 * Twelve questions, two trials an epoch. Run a: at first 0 of 2 in the first six
 * and 1 of 2 in the others, then 2 of 2 everywhere. Run b: nothing passes.
 */
static void made(void)
{
    for (int q = 1; q <= 12; q++) {
        for (int i = 0; i < 2; i++) {
            add("a", 0, q, i, q > 6 && i == 0, q == 1 && i == 0 ? three_errors : plain_step);
            add("a", 1, q, i, true, plain_step);
            add("b", 0, q, i, false, plain_step);
        }
    }
    tmpdir_file(&dir, "runs.jsonl", buf_text(&lines));
    client_open(&client, dir.path);
}

/* ---- reports ---- */

static const struct json *generate(const char *pattern, const char *trainings)
{
    return client_call(&client, "generate_report",
                       arena_printf(&client.arena, "{\"pattern\":\"%s\",\"experimentId\":\"%s\"}",
                                    pattern, trainings));
}

static const char *stored(const char *pattern, const char *trainings)
{
    const struct json *answer = generate(pattern, trainings);

    cr_assert(answer, "%s %s: %s", pattern, trainings, client.err.msg);
    return member_text(&client, json_get(answer, "report"), "id");
}

static const char *markdown(const char *pattern, const char *trainings)
{
    const struct json *answer = client_call(
        &client, "export_report",
        arena_printf(&client.arena, "{\"reportId\":\"%s\"}", stored(pattern, trainings)));

    cr_assert(answer, "%s", client.err.msg);
    return member_text(&client, answer, "text");
}

static void expect_all(const char *text, const char *const *wanted, size_t n)
{
    for (size_t i = 0; i < n; i++)
        cr_expect(strstr(text, wanted[i]), "'%s' is missing in:\n%s", wanted[i], text);
}

/*
 * By hand: pass@1 .25 then 1, differences 1 (six times) and .5 (six times), so
 * .75 with se sqrt(.75/11/12) = .0754 and t(11) = 2.201: .584 to .916; the sign
 * flips 2/2^12. Over both epochs (n, c) is (4, 2) and (4, 3) six times each.
 */
Test(training_reports, an_analysis_says_what_is_computed_by_hand)
{
    static const char *const wanted[] = {
        "a Trajectory Analysis",
        "48 trajectories, 12 questions with 4 trials each, epochs 0 to 1",
        "Success is reward > 0.",
        "| 1 | 0.625 (",
        "| 2 | 0.917 (",
        "Over trajectories 30 of 48 passed (0.625). Best of n",
        "the share of questions with any success, is 1.000",
        "2 epochs of 'a' are mixed here",
        "| 0 | 24 | 12 | 0.250 (",
        "| +0.750 (0.584 to 0.916) | 0.000488 | 6 / 0 | better |",
        "last against first: better (pass@1 +0.750, 95% 0.584 to 0.916, q 0.000488, 12 common",
        "pass@2 0", /* a chart of its own */
        "| 0 | 0 (0.000) | 6 (0.250) | 18 (0.750) | 0 (0.000) | 0 (0.000) | 0 (0.000) |",
        "| 1 | 0 (0.000) | 24 (1.000) | 0 (0.000) | 0 (0.000) | 0 (0.000) | 0 (0.000) |",
        "| finish | finish | 30 (0.625) |",
        "| max_steps | truncation | 18 (0.375) |",
        "| error | 3 (0.059) |",
        "| easy: 0.7 passed or more | 6 (0.500) |",
    };
    made();
    expect_all(markdown("trajectory-analysis", "a"), wanted, sizeof(wanted) / sizeof(wanted[0]));
}

Test(training_reports, a_comparison_pairs_common_questions_and_notes_unequal_trials)
{
    static const char *const wanted[] = {
        "Comparison of 2 Trainings",
        "unequal numbers of trials a question (2 to 4): pass@k is compared at k = 2",
        "| b | 24 | 12 | 2 | 0.000 (0.000 to 0.242) |", /* Wilson on 12 questions */
        "a \xe2\x86\x92 b | 12 | -0.625 (",
        "| 0 / 12 (p 0.000488) | worse |",
        "'b' against 'a': worse. On 12 questions in common pass@1 differs by -0.625",
        "0 questions are only in 'a', 0 only in 'b'",
        "\x92 1 | 12 | 0.250 | 1.000 | +0.750 (0.584 to 0.916) | 0.000488 | better |",
        "Those not named have no two epochs.",
    };
    made();
    expect_all(markdown("training-comparison", "a, b"), wanted, sizeof(wanted) / sizeof(wanted[0]));
}

Test(training_reports, failures_are_classed_with_their_evidence_and_quoted_clean)
{
    static const char *const wanted[] = {
        "18 (0.375) of the trajectories with a reward failed, 48 in all.",
        "| max_steps | truncation | 18 (1.000) | 18 of 18 |",
        "| 0-1 | 18 (0.375) | 18 |",
        "| look | 18 of 48 | 50 | 3 (0.060) |",
        "| 0 | 18 of 24 | 0.750 (",
        "more than 2 tool errors, and no finish | 1 (0.056) | 0 (0.000) |",
        "question q01, epoch 0, reward 0, ended 'max_steps' after 4 steps. Evidence: step 3.",
        "observation: Error: no c",
        "| ending: truncation | ",
    };
    made();
    const char *text = markdown("failure-analysis", "a");
    expect_all(text, wanted, sizeof(wanted) / sizeof(wanted[0]));
    cr_expect(!strchr(text, 0x1b));
}

Test(training_reports, without_a_failure_there_is_nothing_to_class)
{
    for (int q = 1; q <= 3; q++)
        add("good", 0, q, 0, true, plain_step);
    tmpdir_file(&dir, "runs.jsonl", buf_text(&lines));
    client_open(&client, dir.path);
    const char *text = markdown("failure-analysis", "good");
    cr_expect(strstr(text, "0 (0.000) of the trajectories with a reward failed, 3 in all."));
    cr_expect(!strstr(text, "Classes by Rule"));
}

Test(training_reports, what_is_not_there_is_said)
{
    static const char *const wanted[] = {
        "none with a question and a reward",
        "no epochs given",
        "2 without a reward count in no rate.",
        "No trajectory has both a question and a reward: not assessed.",
        "Its trajectories name no epochs: not assessed.",
        "No tool call is in the files: not assessed.",
        "Not assessed: no step rewards are logged: 0 of 2 episodes have any, 0 have",
    };
    tmpdir_file(
        &dir, "runs.jsonl",
        "{\"trajectory_id\":\"1\",\"training_id\":\"bare\",\"data_id\":\"q\",\"steps\":[]}\n"
        "{\"trajectory_id\":\"2\",\"training_id\":\"bare\",\"data_id\":\"r\",\"steps\":[]}\n");
    client_open(&client, dir.path);
    expect_all(markdown("trajectory-analysis", "bare"), wanted, sizeof(wanted) / sizeof(wanted[0]));
    cr_expect(strstr(markdown("failure-analysis", "bare"), "no rate over questions"));
}

Test(training_reports, errors_name_the_nearest_training_and_what_is_allowed)
{
    static const struct {
        const char *pattern, *trainings, *want;
    } rows[] = {
        {"trajectory-analysis", "run-onee", "did you mean 'run-one'?"},
        {"failure-analysis", "zzz", "list_trainings names them"},
        {"training-comparison", "run-one", "must name 2 to 8 trainings"},
        {"training-comparison", "run-one,run-tow", "did you mean 'run-two'?"},
        {"training-comparison", "run-one, run-one", "names 'run-one' twice"},
        {"training-comparison", "1,2,3,4,5,6,7,8,9", "must name 2 to 8 trainings"},
        {"trajectory-analysis", "", "experimentId is required, a training_id"},
    };

    add("run-one", 0, 1, 0, true, plain_step);
    add("run-two", 0, 1, 0, true, plain_step);
    tmpdir_file(&dir, "runs.jsonl", buf_text(&lines));
    client_open(&client, dir.path);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        cr_expect(!generate(rows[i].pattern, rows[i].trainings), "%s", rows[i].trainings);
        cr_expect(strstr(client.err.msg, rows[i].want), "%s: %s", rows[i].trainings,
                  client.err.msg);
    }
}

/* ---- trials that are no samples ---- */

/*
 * Reflexion on twelve environments: 3, 6 and 9 of them are solved after trial 0,
 * 1 and 2. Beside it independent samples of the same questions, one of them
 * passes: `three` has three of each, `four` four.
 */
static void made_of_retries(void)
{
    char name[40];

    for (int trial = 0; trial < 3; trial++) {
        struct buf file = {0};
        buf_byte(&file, '[');
        for (int env = 0; env < 12; env++)
            buf_printf(&file, "%s{\"name\":\"env_%d\",\"memory\":[],\"is_success\":%s}",
                       env ? "," : "", env, env < 3 * (trial + 1) ? "true" : "false");
        buf_byte(&file, ']');
        snprintf(name, sizeof(name), "ref/env_results_trial_%d.json", trial);
        tmpdir_file(&dir, name, buf_text(&file));
        buf_fini(&file);
    }
    for (int env = 0; env < 12; env++) {
        for (int i = 0; i < 7; i++)
            buf_printf(&lines,
                       "{\"trajectory_id\":\"%d-%d\",\"training_id\":\"%s\",\"data_id\":"
                       "\"env_%d\",\"sample_id\":%d,\"reward\":%d}\n",
                       env, i, i < 3 ? "three" : "four", env, i, i == 0 || i == 3);
    }
    tmpdir_file(&dir, "runs.jsonl", buf_text(&lines));
    client_open(&client, dir.path);
}

/* Wilson's 95 % of 3, 6 and 9 of 12, by hand: .089-.532, .254-.746, .468-.911. */
Test(training_reports, retries_have_no_pass_at_k_but_questions_solved)
{
    static const char *const analysis[] = {
        "Success is reward > 0.",
        "36 trials are retries",
        "pass@k and pass^k are not assessed: trials are retries, not independent samples.",
        "Best of n: 9 of 12 questions (0.750; 95 % 0.468 to 0.911, Wilson over questions)",
        "are solved in any of up to 3 trials.",
        "| 0 | 3 of 12 (0.250; 0.089 to 0.532) |",
        "| 1 | 6 of 12 (0.500; 0.254 to 0.746) |",
        "| 2 | 12 | 12 | 9 of 12 (0.750; 0.468 to 0.911) | 0.75 | 6 / 0 |",
        "3 of 12 questions are solved after the first, 9 of 12 after the last",
        "No difference is tested",
    };
    static const char *const failures[] = {
        "Success is reward > 0.",
        "3 of 12 questions are solved in none of up to 3 trials (0.250; 95 % 0.089 to 0.532",
        "A failure rate over questions is not assessed: trials are retries",
        "| 1 | 6 of 12 | 0.500 (0.254 to 0.746) | not assessed |",
    };

    made_of_retries();
    const char *text = markdown("trajectory-analysis", "ref");
    expect_all(text, analysis, sizeof(analysis) / sizeof(analysis[0]));
    cr_expect(!strstr(text, "pass@1") && !strstr(text, "pass@2"), "%s", text);
    text = markdown("failure-analysis", "ref");
    expect_all(text, failures, sizeof(failures) / sizeof(failures[0]));
    cr_expect(!strstr(text, "mean failure rate"));
    const struct json *got =
        client_call(&client, "list_failure_cases", "{\"training_id\":\"ref\"}");
    cr_assert(got, "%s", client.err.msg);
    cr_expect(str_has(member_at(got, "enrichment/caution")->raw, STR("trials are retries")));
}

static const struct json *ask_tool(const char *tool, const char *arguments)
{
    const struct json *got = client_call(&client, tool, arguments);

    cr_assert(got, "%s: %s", tool, client.err.msg);
    return got;
}

/* The tools that the reports speak for: null with the reason, and what was solved. */
Test(training_reports, retries_are_told_as_such_by_every_tool)
{
    made_of_retries();
    const struct json *got = ask_tool("get_epoch_progression", "{\"training_id\":\"ref\"}");
    const struct json *last = json_get(got, "epochs")->first->next->next;
    cr_expect(json_get(last, "pass_at_1")->kind == JSON_NULL && !json_get(last, "delta_pass_at_1"));
    cr_expect(number_at(last, "solved/count") == 9 && number_at(last, "against_first/gained") == 6);
    cr_expect(str_has(member_at(last, "against_first/reason")->raw, STR("trials are retries")));
    got = ask_tool("get_pass_at_k", "{\"group_by\":\"training_id\"}");
    cr_expect(member_at(got, "groups/ref/pass_at_k/1")->kind == JSON_NULL);
    cr_expect(str_has(member_at(got, "groups/ref/reason")->raw, STR("trials are retries")));
    cr_expect(number_at(got, "groups/ref/best_of_n") == 0.75);
    cr_expect(fabs(number_at(got, "groups/three/pass_at_k/1") - 1.0 / 3) < 1e-6);
    got = ask_tool("compare_trainings", "{\"training_ids\":\"ref\"}");
    cr_expect(
        str_has(member_at(json_get(got, "trainings")->first, "last_against_first/reason")->raw,
                STR("trials are retries")));
}

/* Against as many samples the questions solved are compared (+.25), against more nothing is. */
Test(training_reports, retries_are_compared_only_with_as_many_tries)
{
    static const char *const wanted[] = {
        "Success is reward > 0.",
        "| ref | 36 | 12 | 3 | not assessed | not assessed | not assessed | 9 of 12 (0.750;",
        "of 'ref' pass@k and pass^k are not assessed: trials are retries",
        "| three | 36 | 12 | 3 | 0.333 (0.138 to 0.609) |", /* Wilson of 4 of 12: all are equal */
        "| Pair | Common questions | pass@1, or questions solved (95 %) |",
        "On 12 questions in common the share of questions solved in any trial differs by +0.250",
        "'four' against 'ref': cannot tell, for it would be questions solved in up to 3",
        "trials against questions solved in up to 4.",
        "| three \xe2\x86\x92 four | 12 | -0.083 in each |",
        "'four' against 'three': worse. On 12 questions in common pass@1 differs by -0.083",
        "(in each, so no interval, q 0.000977)",
    };

    made_of_retries();
    expect_all(markdown("training-comparison", "ref,three,four"), wanted,
               sizeof(wanted) / sizeof(wanted[0]));
    const struct json *got =
        client_call(&client, "compare_trainings", "{\"training_ids\":\"ref,three,four\"}");
    cr_assert(got, "%s", client.err.msg);
    const struct json *pair = json_get(got, "differences")->first;
    double solved = 0;
    cr_expect(json_number(json_get(pair, "solved"), &solved) && fabs(solved - 0.25) < 1e-9);
    cr_expect(!json_get(pair, "pass_at_1") && json_get(pair->next, "reason"));
    cr_expect_str_eq(member_text(&client, pair->next, "says"), "cannot tell");
    cr_expect(json_get(pair->next->next, "pass_at_1"));
}

Test(training_reports, of_many_epochs_some_are_shown_and_the_last)
{
    for (int epoch = 0; epoch < 100; epoch++)
        add("long", epoch, 1, 0, epoch > 50, plain_step);
    tmpdir_file(&dir, "runs.jsonl", buf_text(&lines));
    client_open(&client, dir.path);
    const char *text = markdown("trajectory-analysis", "long");
    cr_expect(strstr(text, "Of 100 every 4. and the last are shown; q is over all of them."));
    cr_expect(strstr(text, "| 96 | 1 |") && strstr(text, "| 99 | 1 |") &&
              !strstr(text, "| 97 | 1 |"));
    text = markdown("failure-analysis", "long");
    cr_expect(strstr(text, "| 96 | 0 of 1 |") && !strstr(text, "| 97 | 0 of 1 |"));
}

Test(training_reports, the_same_input_gives_the_same_bytes)
{
    static const char *const patterns[] = {"trajectory-analysis", "failure-analysis"};

    client_open(&client, NULL);
    for (size_t i = 0; i < 2; i++) {
        const char *a = markdown(patterns[i], "run1"), *b = markdown(patterns[i], "run1");
        cr_expect_str_eq(a, b, "%s", patterns[i]);
    }
}

/* ---- every number of a paragraph is one that a tool says ---- */

enum { KNOWN_MAX = 20000 };

struct known {
    double v[KNOWN_MAX];
    size_t n;
};

static void know(struct known *known, double value)
{
    cr_assert_lt(known->n, KNOWN_MAX);
    known->v[known->n++] = value;
}

/* A number with its decimals: digits and a point, no part of a word; false at the end. */
static bool next_number(const char **rest, double *value, int *decimals, bool *scientific)
{
    const char *p = *rest;

    while (*p && !(isdigit((unsigned char)*p) &&
                   (p == *rest || !(isalnum((unsigned char)p[-1]) || p[-1] == '@'))))
        p++;
    if (!*p)
        return false;
    char *end;
    *value = strtod(p, &end);
    const char *point = memchr(p, '.', (size_t)(end - p));
    *scientific = memchr(p, 'e', (size_t)(end - p)) != NULL;
    *decimals = point ? (int)(end - point) - 1 : 0;
    *rest = end;
    return true;
}

static void know_text(struct known *known, const char *text)
{
    double value;
    int decimals;
    bool scientific;

    while (next_number(&text, &value, &decimals, &scientific))
        know(known, value);
}

static void know_all(struct known *known, const struct json *v)
{
    double number;

    if (v->kind == JSON_OBJECT || v->kind == JSON_ARRAY) {
        json_each (item, v)
            know_all(known, item);
    } else if (json_number(v, &number)) {
        know(known, number);
        know(known, 1 - number); /* failure rates and their bounds */
    } else if (v->kind == JSON_STRING) {
        know_text(known, arena_text(&client.arena, json_text(&client.arena, v)));
    }
}

static bool is_known(const struct known *known, double value, int decimals, bool scientific)
{
    double room = scientific ? 0.005 * fabs(value) + 5e-7 : 0.5000001 * pow(10, -decimals);

    for (size_t i = 0; i < known->n; i++) {
        if (decimals == 0 && !scientific ? fabs(known->v[i]) == value
                                         : fabs(fabs(known->v[i]) - value) <= room)
            return true;
    }
    return false;
}

static const char *plain_text(const struct json *block)
{
    struct buf out = {0};

    json_each (piece, json_get(block, "content"))
        buf_add(&out, json_text(&client.arena, json_get(piece, "text")));
    const char *text = arena_text(&client.arena, buf_str(&out));
    buf_fini(&out);
    return text;
}

static void ask(struct known *known, const char *tool, const char *arguments)
{
    const struct json *answer = client_call(&client, tool, arguments);

    cr_assert(answer, "%s: %s", tool, client.err.msg);
    know_all(known, answer);
}

static void expect_known(const struct known *known, const char *pattern, const char *trainings)
{
    const struct json *report =
        client_call(&client, "get_report",
                    arena_printf(&client.arena, "{\"reportId\":\"%s\",\"from\":0,\"count\":1000}",
                                 stored(pattern, trainings)));
    size_t looked = 0;

    cr_assert(report, "%s", client.err.msg);
    json_each (block, json_get(json_get(report, "report"), "blocks")) {
        struct str type = json_text(&client.arena, json_get(block, "type"));
        double value;
        int decimals;
        bool scientific;
        if (!str_is(type, "paragraph") && !str_is(type, "bulletListItem"))
            continue;
        const char *text = plain_text(block), *rest = text;
        while (next_number(&rest, &value, &decimals, &scientific)) {
            looked++;
            cr_expect(is_known(known, value, decimals, scientific), "%g in: %s", value, text);
        }
    }
    cr_expect_geq(looked, 20, "%s", pattern);
}

Test(training_reports, every_number_of_a_paragraph_is_what_a_tool_says)
{
    static const struct {
        const char *tool, *arguments;
    } rows[] = {
        {"list_trainings", "{}"},
        {"get_pass_at_k", "{\"training_id\":\"run1\"}"},
        {"get_epoch_progression", "{\"training_id\":\"run1\"}"},
        {"compare_trainings", "{\"training_ids\":\"run1,run2\"}"},
        {"get_process_reward_correlation", "{\"training_id\":\"run1\"}"},
        {"list_failure_cases", "{\"training_id\":\"run1\",\"limit\":1000}"},
    };
    /* Words of the texts: 95 %, Chen et al. 2021, q below 0.10 or of 0.05, below 10, 2 of a class
     */
    static const double words[] = {95, 2021, 0.10, 0.05, 10, 0, 1, 2};
    struct known *known = calloc(1, sizeof(*known));

    client_open(&client, NULL);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        ask(known, rows[i].tool, rows[i].arguments);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        know(known, words[i]);
    cr_expect(!is_known(known, 0.987, 3, false), "the check can fail");
    expect_known(known, "trajectory-analysis", "run1");
    expect_known(known, "training-comparison", "run1,run2");
    expect_known(known, "failure-analysis", "run1");
    free(known);
}
