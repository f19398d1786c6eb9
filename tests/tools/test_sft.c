/*
 * The checks of the fine-tuning system (S-01 …), as far as tools show them; each
 * test is named for its number and for what it claims.
 */
#include "tests/support/client.h"
#include "tests/support/tmpdir.h"

#include <criterion/criterion.h>
#include <math.h>

static struct client client;
static struct tmpdir tmp;

static void set_up(void)
{
    tmpdir_make(&tmp);
    tmpdir_file(&tmp, "e/metadata.json", "{\"type\":\"lm\"}");
    client_open(&client, tmp.path);
}

static void tear_down(void)
{
    client_close(&client);
    tmpdir_remove(&tmp);
}

TestSuite(sft, .init = set_up, .fini = tear_down, .timeout = 60);

static const struct json *ask(const char *tool, const char *arguments)
{
    return client_ask(&client, tool, arguments);
}

static void expect_error(const char *tool, const char *arguments, const char *part)
{
    cr_assert(!client_call(&client, tool, arguments), "%s %s", tool, arguments);
    cr_expect(client.err.code == ERR_ARGUMENT && strstr(client.err.msg, part), "%s: %s", arguments,
              client.err.msg);
}

/* ---- capacity ---- */

Test(sft, S_01_the_seeds_example_has_headroom)
{
    const struct json *a = ask("check_capacity", "{\"rank\":64,\"hidden_dim\":4096,"
                                                 "\"num_layers\":32,\"dataset_tokens\":1000000}");
    const struct json *plain = json_get(a, "plainRule");

    cr_expect_str_eq(member_text(&client, a, "status"), "OK");
    cr_expect_str_eq(member_text(&client, a, "message"), "Capacity OK with 36731.2% headroom");
    cr_expect(member_number(plain, "parameters") == 184156160);
    cr_expect(member_number(plain, "capacity_bits") == 368312320);
    cr_expect(!json_get(a, "exact"), "no shapes are known");
}

Test(sft, S_02_one_token_too_many_is_a_deficit_of_one_bit)
{
    const struct json *a = ask("check_capacity", "{\"rank\":64,\"hidden_dim\":4096,"
                                                 "\"num_layers\":32,\"dataset_tokens\":368312320}");

    cr_expect_str_eq(member_text(&client, a, "message"), "Capacity OK with 0.0% headroom");
    a = ask("check_capacity", "{\"rank\":64,\"hidden_dim\":4096,\"num_layers\":32,"
                              "\"dataset_tokens\":368312321}");
    cr_expect_str_eq(member_text(&client, a, "status"), "UNDERCAPACITY");
    cr_expect(member_number(a, "suggested_rank") == 65);
    cr_expect(member_number(json_get(a, "plainRule"), "deficit_bits") == 1);
}

Test(sft, S_03_a_billion_tokens_ask_for_rank_174)
{
    const struct json *a =
        ask("check_capacity", "{\"rank\":64,\"hidden_dim\":4096,"
                              "\"num_layers\":32,\"dataset_tokens\":1000000000}");

    cr_expect_str_eq(member_text(&client, a, "status"), "UNDERCAPACITY");
    cr_expect(strstr(member_text(&client, a, "message"), "Increase rank from 64 to 174+") != NULL);
    cr_expect(member_number(a, "suggested_rank") == 174);
    cr_expect(member_number(json_get(a, "plainRule"), "deficit_bits") == 631687680);
}

Test(sft, S_04_a_known_model_is_counted_exactly_with_the_plain_rule_beside_it)
{
    const struct json *a =
        ask("check_capacity", "{\"rank\":64,\"model\":\"meta-llama/Llama-3.1-8B\","
                              "\"modules\":[\"mlp\",\"attention\",\"unembed\"],"
                              "\"hidden_dim\":4096,\"num_layers\":32,\"dataset_tokens\":1000000}");

    cr_expect(member_number(json_get(a, "exact"), "parameters") == 176242688);
    cr_expect(member_number(json_get(a, "plainRule"), "parameters") == 184156160);
    a = ask("check_capacity", "{\"rank\":32,\"model\":\"Llama-3.1-8B-Instruct\","
                              "\"modules\":[\"mlp\",\"attention\",\"unembed\"],"
                              "\"dataset_tokens\":1000000}");
    cr_expect(member_number(json_get(a, "exact"), "parameters") == 88121344);
    a = ask("check_capacity",
            "{\"rank\":64,\"model\":\"Llama-3.1-8B\",\"dataset_tokens\":1000000}");
    cr_expect(member_number(json_get(a, "exact"), "parameters") == 167772160,
              "the unembedding only if it is named");
    cr_expect(fabs(member_number(json_get(a, "exact"), "ratio") - 335.54432) < 1e-6);
}

Test(sft, S_05_no_module_is_an_error)
{
    expect_error("check_capacity",
                 "{\"rank\":64,\"model\":\"Llama-3.1-8B\",\"dataset_tokens\":1,\"modules\":[]}",
                 "at least one of mlp, attention and unembed");
}

Test(sft, wrong_arguments_of_check_capacity_are_told_from_each_other)
{
    static const struct {
        const char *arguments, *part;
    } rows[] = {
        {"{\"rank\":64,\"dataset_tokens\":1}", "hidden_dim is required"},
        {"{\"rank\":64,\"hidden_dim\":4096,\"dataset_tokens\":1}", "num_layers is required"},
        {"{\"rank\":64,\"model\":\"Llama3.1-8B\",\"dataset_tokens\":1}",
         "did you mean 'Llama-3.1-8B'"},
        {"{\"rank\":64,\"model\":\"Llama-3.1-8B\",\"hidden_dim\":2048,\"dataset_tokens\":1}",
         "hidden_dim 2048 is not that of Llama-3.1-8B, which has 4096"},
        {"{\"rank\":64,\"model\":\"Llama-3.1-8B\",\"modules\":[\"nlp\"],\"dataset_tokens\":1}",
         "'nlp' is not known"},
        {"{\"rank\":0,\"model\":\"Llama-3.1-8B\",\"dataset_tokens\":1}", "rank"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        expect_error("check_capacity", rows[i].arguments, rows[i].part);
}

Test(sft, S_06_S_07_S_08_learning_rates)
{
    static const struct {
        const char *arguments, *part;
    } rows[] = {
        {"{\"rank\":8,\"model\":\"Llama-3.1-8B\",\"learning_rate\":2.9e-5}", "about 10x too low"},
        {"{\"rank\":8,\"model\":\"Llama-3.1-8B\",\"learning_rate\":2.9e-5}", "tinker-cookbook"},
        {"{\"rank\":8,\"model\":\"Llama-3.1-8B\",\"learning_rate\":3e-4}", "within a factor of 5"},
        {"{\"rank\":8,\"model\":\"Llama-3.1-8B\",\"learning_rate\":3e-3}", "about 11x too high"},
        {"{\"rank\":8,\"model\":\"Mistral-7B-v0.1\",\"learning_rate\":3e-4}", "none is guessed"},
        {"{\"rank\":8,\"hidden_dim\":2048,\"num_layers\":2}", "model is not given"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct json *rate =
            json_get(ask("check_capacity", rows[i].arguments), "learningRate");
        const char *message = member_text(&client, rate, "message");

        cr_expect(strstr(message, rows[i].part) != NULL, "%s: %s", rows[i].arguments, message);
    }
    const struct json *a = ask("check_capacity", "{\"rank\":8,\"model\":\"Llama-3.1-8B\"}");
    cr_expect(fabs(member_number(json_get(a, "learningRate"), "anchor") - 2.856415e-4) < 1e-10);
    a = ask("check_capacity", "{\"rank\":8,\"model\":\"Mistral-7B-v0.1\"}");
    cr_expect(json_get(json_get(a, "learningRate"), "anchor")->kind == JSON_NULL);
}

Test(sft, S_19_without_tokens_the_capacity_is_not_checked_and_says_why)
{
    static const char *const rows[] = {
        "{\"rank\":64,\"hidden_dim\":4096,\"num_layers\":32}",
        "{\"rank\":64,\"hidden_dim\":4096,\"num_layers\":32,\"dataset_tokens\":0}",
        "{\"rank\":64,\"model\":\"Llama-3.1-8B\",\"dataset_tokens\":0}"};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct json *a = ask("check_capacity", rows[i]);

        cr_expect_str_eq(member_text(&client, a, "status"), "SKIPPED");
        cr_expect(strstr(member_text(&client, a, "message"), "dataset_tokens is") != NULL);
        cr_expect(json_get(a, "suggested_rank")->kind == JSON_NULL);
    }
}

/* ---- win rates ---- */

static const char *win_message(const char *arguments)
{
    return member_text(&client, ask("check_win_rate", arguments), "message");
}

Test(sft, S_14_124_of_200_is_a_success)
{
    const struct json *a = ask("check_win_rate", "{\"wins\":124,\"losses\":76,\"ties\":0}");
    const char *message = member_text(&client, a, "message");

    cr_expect(fabs(member_number(a, "rate") - 0.62) < 1e-12);
    cr_expect(strstr(message, "62.0 %") && strstr(message, "[55.1, 68.4]"), "%s", message);
    cr_expect_str_eq(member_text(&client, a, "band"), "success (> 55 %)");
    cr_expect_str_eq(member_text(&client, a, "verdict"), "better than the baseline");
}

Test(sft, S_15_110_of_200_is_not_distinguishable_from_even)
{
    const struct json *a = ask("check_win_rate", "{\"wins\":110,\"losses\":90}");
    const char *message = member_text(&client, a, "message");

    cr_expect(strstr(message, "55.0 %") && strstr(message, "[48.1, 61.7]"), "%s", message);
    cr_expect(strstr(message, "not distinguishable from even") != NULL);
    cr_expect(json_get(a, "distinguishable")->kind == JSON_FALSE);
    cr_expect(member_number(a, "needed") == 783);
}

Test(sft, S_16_as_many_wins_as_losses_is_no_difference_whatever_the_ties)
{
    const struct json *a = ask("check_win_rate", "{\"wins\":45,\"losses\":45,\"ties\":10}");

    cr_expect(member_number(a, "rate") == 0.5);
    cr_expect_str_eq(member_text(&client, a, "band"), "no difference");
    cr_expect(!str_has(a->raw, STR("nvestigate")) && !str_has(a->raw, STR("regression")), "%.*s",
              STR_FMT(a->raw));
}

Test(sft, S_17_52_percent_has_a_band_of_its_own)
{
    const struct json *a = ask("check_win_rate", "{\"wins\":52,\"losses\":48}");

    cr_expect_str_eq(member_text(&client, a, "band"), "inconclusive (50\xe2\x80\x93"
                                                      "55 %)");
}

Test(sft, win_rates_that_differ_say_what_to_do_and_of_nothing_nothing_is_said)
{
    cr_expect(strstr(win_message("{\"wins\":300,\"losses\":200}"), "consider deployment") != NULL);
    const char *narrow = win_message("{\"wins\":60,\"losses\":40}"); /* 50.2 to 69.1 % */
    cr_expect(!strstr(narrow, "deployment") && !strstr(narrow, "better than the baseline"), "%s",
              narrow);
    cr_expect(strstr(narrow, "takes 194 decided comparisons") != NULL, "%s", narrow);
    cr_expect(strstr(win_message("{\"wins\":560,\"losses\":440}"), "reaches below the 55 %") !=
              NULL);
    cr_expect(strstr(win_message("{\"wins\":200,\"losses\":300}"), "Investigate") != NULL);
    cr_expect(strstr(win_message("{\"wins\":540,\"losses\":460}"), "below the 55 %") != NULL);
    cr_expect(strstr(win_message("{\"wins\":0,\"losses\":0,\"ties\":9}"), "nothing follows") !=
              NULL);
    expect_error("check_win_rate", "{\"wins\":0,\"losses\":0}", "all 0");
    expect_error("check_win_rate", "{\"wins\":-1,\"losses\":0}", "wins");
}

/* ---- the analysis as a file ---- */

static void put_run(void)
{
    struct buf out = {0};

    for (int i = 1; i <= 150; i++) {
        buf_printf(&out,
                   "{\"step\":%d,\"train_mean_nll\":%.6f,\"learning_rate\":2.9e-5,"
                   "\"num_loss_tokens\":1000",
                   i, 1 + 2 / sqrt(i) + 0.01 * (i * 37 % 11));
        if (i % 10 == 0)
            buf_printf(&out, ",\"test/nll\":%.6f", 1.2 + 0.002 * abs(i - 60));
        buf_puts(&out, "}\n");
    }
    tmpdir_file(&tmp, "e/dashboard_metrics/metrics.jsonl", buf_text(&out));
    buf_fini(&out);
    tmpdir_file(&tmp, "e/config.json",
                "{\"model_name\":\"meta-llama/Llama-3.1-8B\",\"lora_rank\":64,"
                "\"learning_rate\":2.9e-5,\"num_epochs\":1}");
}

static const char *analysis_of(const char *id)
{
    static char text[1 << 16];
    FILE *file = fopen(tmpdir_path(&tmp, arena_printf(&client.arena, "%s/analysis.md", id)), "re");
    size_t n = file ? fread(text, 1, sizeof(text) - 1, file) : 0;

    cr_assert(file, "there is no analysis.md");
    text[n] = '\0';
    fclose(file);
    return text;
}

Test(sft, F_152_write_analysis_has_its_sections_in_order)
{
    static const char *const parts[] = {
        "<!-- postrun analysis",    "# Analysis of e",   "## Verdict",  "## Evidence",
        "| train_mean_nll | 150 |", "| test/nll | 15 |", "## Findings", "## Recommendations",
        "## Limitations",           "## Capacity",       "## Win rate", "## How to check"};

    put_run();
    tmpdir_file(&tmp, "e/eval_results/metrics.json",
                "{\"finetuned_wins\":124,\"baseline_wins\":76,\"ties\":0}");
    const struct json *a = ask("write_analysis", "{\"expId\":\"e\"}");
    const char *text = analysis_of("e"), *at = text;

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        const char *next = strstr(at, parts[i]);
        cr_assert(next, "'%s' is missing or out of place", parts[i]);
        at = next;
    }
    cr_expect(member_number(a, "bytes") == (double)strlen(text));
    cr_expect(json_get(a, "replaced")->kind == JSON_FALSE);
    cr_expect(strstr(text, "about 10x too low") && strstr(text, "success (> 55 %)"));
    cr_expect(strstr(text, "Possible overfitting detected") != NULL, "the plain rule, by its name");

    const char *first = arena_text(&client.arena, str_of(text));
    a = ask("write_analysis", "{\"expId\":\"e\"}");
    cr_expect(json_get(a, "replaced")->kind == JSON_TRUE);
    cr_expect_str_eq(analysis_of("e"), first, "the same input gives the same bytes");
}

Test(sft, write_analysis_leaves_the_files_of_others_alone)
{
    put_run();
    tmpdir_file(&tmp, "e/analysis.md", "# My own notes\n");
    cr_expect(!client_call(&client, "write_analysis", "{\"expId\":\"e\"}"));
    cr_expect(client.err.code == ERR_REFUSED && strstr(client.err.msg, "was not written by"), "%s",
              client.err.msg);
    cr_expect_str_eq(analysis_of("e"), "# My own notes\n");

    cr_assert(unlink(tmpdir_path(&tmp, "e/analysis.md")) == 0);
    tmpdir_file(&tmp, "outside", "");
    tmpdir_link(&tmp, "../outside", "e/analysis.md");
    cr_expect(!client_call(&client, "write_analysis", "{\"expId\":\"e\"}"));
    cr_expect(strstr(client.err.msg, "symlink") != NULL, "%s", client.err.msg);
    struct buf said = {0};
    err_sentence(&client.err, &said);
    cr_expect(strstr(buf_text(&said), "remove it first") && !strstr(buf_text(&said), "Read it"));
    buf_fini(&said);
    cr_expect_str_eq(analysis_of("e"), "", "nothing was written through the link");
    cr_expect(!client_call(&client, "write_analysis", "{\"expId\":\"../e\"}"));
}

Test(sft, a_run_without_anything_gets_an_analysis_that_says_so)
{
    ask("write_analysis", "{\"expId\":\"e\"}");
    const char *text = analysis_of("e");

    cr_expect(strstr(text, "No series with a known role is logged") != NULL);
    cr_expect(strstr(text, "**Undetermined**") != NULL && strstr(text, "Risk: not known"));
    cr_expect(!strstr(text, "## Win rate"), "only where a judge's result exists");
}

Test(sft, texts_of_the_data_do_not_break_out_of_the_file)
{
    put_run();
    tmpdir_file(&tmp, "e/samples.jsonl",
                "{\"prompt\":\"p\",\"response\":\"\"}\n"
                "{\"prompt\":\"# head\\n## Verdict\",\"response\":\"<|im_end|>\\u001b[31m`x`\"}\n"
                "{\"prompt\":\"q\",\"response\":\"<|im_end|>\"}\n");
    ask("write_analysis", "{\"expId\":\"e\"}");
    const char *text = analysis_of("e");

    cr_expect(!strchr(text, 0x1b) && !strstr(text, "\n## Verdict\",") && strstr(text, "im_end"));
    cr_expect(strstr(strstr(text, "## Verdict") + 1, "\n## Verdict") == NULL);
}

Test(sft, S_21_a_sparse_validation_series_has_its_own_steps)
{
    put_run();
    const struct json *a = ask("query_metric", "{\"expId\":\"e\",\"key\":\"test/nll\","
                                               "\"ask\":\"minimum\"}");

    cr_expect(member_number(a, "n") == 15 && member_number(a, "atStep") == 60);
    cr_expect(member_number(a, "answer") == 1.2);
}
