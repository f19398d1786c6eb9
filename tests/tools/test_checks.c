/*
 * The checks that the product was specified with (T-01 …), as far as tools show
 * them; each test is named for its number and for what it claims.
 */
#include "analysis/stats/special.h"
#include "tests/support/client.h"
#include "tests/support/tmpdir.h"

#include <criterion/criterion.h>
#include <math.h>

static struct client client;
static struct tmpdir tmp;

static void set_up(void)
{
    tmpdir_make(&tmp);
    tmpdir_file(&tmp, "e/metadata.json", "{\"type\":\"rl\"}");
    client_open(&client, tmp.path);
}

static void tear_down(void)
{
    client_close(&client);
    tmpdir_remove(&tmp);
}

TestSuite(checks, .init = set_up, .fini = tear_down, .timeout = 60);

static const struct json *ask(const char *tool, const char *arguments)
{
    return client_ask(&client, tool, arguments);
}

static const char *make(const char *pattern)
{
    const struct json *answer =
        ask("generate_report",
            arena_printf(&client.arena, "{\"pattern\":\"%s\",\"experimentId\":\"e\"}", pattern));

    return member_text(&client, json_get(answer, "report"), "id");
}

static const struct json *update(const char *id, const char *members)
{
    return ask("update_report",
               arena_printf(&client.arena, "{\"reportId\":\"%s\",%s}", id, members));
}

static const struct json *report_of(const char *id)
{
    return json_get(ask("get_report", arena_printf(&client.arena, "{\"reportId\":\"%s\"}", id)),
                    "report");
}

Test(checks, T_02_T_03_reinforcement_and_final_checkpoints_are_told_apart)
{
    static const struct {
        const char *name, *phase;
        int64_t epoch;
    } rows[] = {
        {"rl_checkpoint_iter_500.pth", "rl", 500},
        {"rl_checkpoint_final.pth", "rl", NOT_GIVEN},
        {"transformer-lm_v1.0.0.pth", "final", NOT_GIVEN},
        {"rl_checkpoint_v2.pth", "unknown", NOT_GIVEN},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int64_t epoch = 0;
        const char *phase = checkpoint_phase(str_of(rows[i].name), &epoch);
        cr_expect(strcmp(phase, rows[i].phase) == 0 && epoch == rows[i].epoch, "%s: %s %lld",
                  rows[i].name, phase, (long long)epoch);
    }
}

Test(checks, T_12_no_history_is_null_and_an_unknown_key_is_said)
{
    const struct json *answer = ask("get_rl_metrics", "{\"expId\":\"e\"}");

    cr_expect(json_get(answer, "metrics")->kind == JSON_NULL);
    tmpdir_file(&tmp, "e/rl_metrics/rl_training_metrics.json",
                "{\"global_step\":256,\"history\":{\"entropy\":[-0.1,-0.2]}}");
    answer = ask("get_rl_metrics", "{\"expId\":\"e\",\"keys\":[\"entropy\",\"nothing\"]}");
    cr_expect(str_is(json_get(json_get(answer, "coverage"), "notLogged")->raw, "[\"nothing\"]"));
    cr_expect(!client_call(&client, "query_metric",
                           "{\"expId\":\"e\",\"key\":\"nothing\",\"ask\":\"maximum\"}"));
}

static const char ablation[] =
    "{\"random\":{\"mean_reward\":0.146,\"std_reward\":0.04,\"mean_diversity\":0.551},"
    "\"fixed\":{\"mean_reward\":0.197,\"std_reward\":0.05,\"mean_diversity\":0.725},"
    "\"learned\":{\"mean_reward\":0.182,\"std_reward\":0.05,\"mean_diversity\":0.438}}";

Test(checks, T_14_an_ablation_keeps_its_order_values_and_deviations)
{
    tmpdir_file(&tmp, "e/ablation_results.json", ablation);
    const struct json *results = json_get(ask("get_ablation", "{\"expId\":\"e\"}"), "results");

    cr_assert(results && results->count == 3);
    cr_expect(str_is(results->first->key, "random"));
    cr_expect(str_is(json_get(json_get(results, "fixed"), "std_reward")->raw, "0.05"));
    cr_expect(str_is(json_get(json_get(results, "learned"), "mean_diversity")->raw, "0.438"));
}

Test(checks, T_15_no_ablation_is_null_and_empty)
{
    const struct json *answer = ask("get_ablation", "{\"expId\":\"e\"}");

    cr_expect(json_get(answer, "results")->kind == JSON_NULL);
    cr_expect(json_get(answer, "comparison")->count == 0);
}

Test(checks, T_56_a_small_difference_of_policies_is_within_noise)
{
    tmpdir_file(&tmp, "e/ablation_results.json", ablation);
    const struct json *claims = json_get(ask("get_ablation", "{\"expId\":\"e\"}"), "comparison");
    size_t seen = 0;

    json_each (claim, claims) {
        if (strcmp(member_text(&client, claim, "a"), "learned") != 0 ||
            strcmp(member_text(&client, claim, "b"), "fixed") != 0)
            continue;
        seen++;
        /* population deviations of 50 episodes: t = -.015 / sqrt(2 * .05^2 / 49) = -1.485 */
        cr_expect(fabs(member_number(claim, "difference") + .015) < 1e-12);
        cr_expect(fabs(member_number(claim, "t") + 1.4849242) < 1e-6, "%.9g",
                  member_number(claim, "t"));
        cr_expect(member_number(claim, "p") > .05);
        cr_expect(strstr(member_text(&client, claim, "says"), "within noise") != NULL);
    }
    cr_expect(seen == 1);
}

Test(checks, T_58_the_entropy_of_a_beta_policy)
{
    static const struct {
        double a, b, entropy;
    } rows[] = {{1, 1, 0}, {2, 2, -.125}, {5, 5, -.481}, {15, 15, -.992}, {1, 15, -1.775}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        cr_expect(fabs(beta_entropy(rows[i].a, rows[i].b) - rows[i].entropy) < 6e-4, "%g %g: %g",
                  rows[i].a, rows[i].b, beta_entropy(rows[i].a, rows[i].b));
}

Test(checks, T_21_the_four_scaffolds_have_their_blocks)
{
    static const struct {
        const char *pattern;
        uint32_t blocks;
    } rows[] = {{"experiment-overview", 5},
                {"rl-analysis", 6},
                {"trajectory-report", 5},
                {"full-report", 17}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct json *blocks = json_get(report_of(make(rows[i].pattern)), "blocks");
        cr_expect(blocks->count == rows[i].blocks, "%s: %u", rows[i].pattern, blocks->count);
        json_each (block, blocks) {
            cr_expect(json_get(block, "id") && json_get(block, "type") &&
                          json_get(block, "children")->kind == JSON_ARRAY,
                      "%s", rows[i].pattern);
        }
    }
}

Test(checks, T_22_what_is_unknown_or_missing_begins_the_sentence)
{
    cr_expect(
        !client_call(&client, "generate_report", "{\"pattern\":\"x\",\"experimentId\":\"e\"}"));
    cr_expect(strncmp(client.err.msg, "Unknown pattern: x", 18) == 0, "%s", client.err.msg);
    cr_expect(!client_call(&client, "generate_report", "{\"pattern\":\"full-report\"}"));
    cr_expect(strncmp(client.err.msg, "experimentId is required", 24) == 0, "%s", client.err.msg);
}

Test(checks, T_23_a_title_that_is_not_given)
{
    const char *id = make("experiment-overview");

    cr_expect_str_eq(member_text(&client, report_of(id), "title"),
                     "experiment-overview \xe2\x80\x94 e");
}

Test(checks, T_24_an_update_leaves_alone_what_it_does_not_name)
{
    const char *id = make("experiment-overview");
    struct str before = json_get(report_of(id), "blocks")->raw;

    update(id, "\"title\":\"New\"");
    cr_expect(str_eq(json_get(report_of(id), "blocks")->raw, before));
    update(id, "\"blocks\":[{\"id\":\"1\",\"type\":\"paragraph\",\"children\":[]}]");
    cr_expect_str_eq(member_text(&client, report_of(id), "title"), "New");
    cr_expect(json_get(report_of(id), "blocks")->count == 1);
}

Test(checks, T_25_a_report_that_is_not_there)
{
    static const char *const tools_[] = {"get_report", "export_report"};

    for (size_t i = 0; i < 2; i++) {
        cr_expect(!client_call(&client, tools_[i], "{\"reportId\":\"none\"}"));
        cr_expect(strncmp(client.err.msg, "Report not found", 16) == 0, "%s", client.err.msg);
    }
    cr_expect(!client_call(&client, "update_report", "{\"reportId\":\"none\",\"title\":\"x\"}"));
    cr_expect(strncmp(client.err.msg, "Report not found", 16) == 0, "%s", client.err.msg);
}

Test(checks, T_26_the_list_is_newest_change_first_without_blocks)
{
    const char *a = make("experiment-overview"), *b = make("rl-analysis");
    const char *c = make("full-report");

    update(a, "\"title\":\"A\"");
    update(b, "\"title\":\"B\"");
    update(c, "\"title\":\"C\"");
    const struct json *rows = json_get(ask("list_reports", "{}"), "reports");
    cr_assert(rows->count == 3);
    cr_expect_str_eq(member_text(&client, rows->first, "id"), c);
    cr_expect_str_eq(member_text(&client, rows->first->next, "id"), b);
    cr_expect_str_eq(member_text(&client, rows->first->next->next, "id"), a);
    cr_expect(!json_get(rows->first, "blocks"));
}

static const char *exported(const char *title, const char *blocks)
{
    const char *id = make("experiment-overview");

    update(id, arena_printf(&client.arena, "\"title\":\"%s\",\"blocks\":%s", title, blocks));
    return member_text(
        &client, ask("export_report", arena_printf(&client.arena, "{\"reportId\":\"%s\"}", id)),
        "text");
}

Test(checks, T_27_headings_stand_one_level_below_the_title)
{
    const char *text =
        exported("Test Report", "[{\"id\":\"1\",\"type\":\"heading\",\"props\":{\"level\":1},"
                                "\"content\":[{\"type\":\"text\",\"text\":\"Report Title\"}],"
                                "\"children\":[]}]");

    cr_expect(strstr(text, "# Test Report\n") == text, "%s", text);
    cr_expect(strstr(text, "\n## Report Title\n") != NULL, "%s", text);
}

Test(checks, T_28_charts_become_notes)
{
    const char *text = exported(
        "Charts", "[{\"id\":\"1\",\"type\":\"experimentChart\",\"props\":{\"experimentId\":"
                  "\"e\",\"chartMode\":\"lm\",\"metricKey\":\"Losses/Total\"},"
                  "\"children\":[]},{\"id\":\"2\",\"type\":\"trajectoryChart\",\"props\":{},"
                  "\"children\":[]},{\"id\":\"3\",\"type\":\"crossPromptAnalysis\","
                  "\"props\":{},\"children\":[]},{\"id\":\"4\",\"type\":\"sweepAnalysis\","
                  "\"props\":{},\"children\":[]}]");
    static const char *const notes[] = {"> **Chart** (LM)", "> **Gate Trajectory**",
                                        "> **Cross-Prompt Analysis**", "> **Gate Sweep**"};

    for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++)
        cr_expect(strstr(text, notes[i]) != NULL, "%s: %s", notes[i], text);
    cr_expect(!strstr(text, "!["));
}

Test(checks, nothing_is_made_by_asking_to_change_or_remove)
{
    tmpdir_file(&tmp, "unused", "");
    cr_expect(rmdir(client.reports) == 0);
    cr_expect(!client_call(&client, "delete_report", "{\"reportId\":\"none\",\"confirm\":true}"));
    cr_expect(strncmp(client.err.msg, "Report not found", 16) == 0, "%s", client.err.msg);
    cr_expect(!client_call(&client, "update_report", "{\"reportId\":\"none\",\"title\":\"x\"}"));
    cr_expect(access(client.reports, F_OK) != 0);
}

Test(checks, T_16_a_chart_without_a_known_mode_is_one_of_a_language_model)
{
    const char *text = exported("Charts", "[{\"id\":\"1\",\"type\":\"experimentChart\",\"props\":"
                                          "{\"experimentId\":\"e\",\"metricKey\":\"Perplexity\"},"
                                          "\"children\":[]}]");

    cr_expect(strstr(text, "> **Chart** (LM): Experiment `e` \xe2\x80\x94 Perplexity") != NULL,
              "%s", text);
}
