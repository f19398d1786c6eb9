/*
 * The checks of the training-dynamics system (D-01 …), as far as tools show them:
 * tables and settings as its runs have them, through to what is said. Checks of
 * plain formulas are in tests/analysis/anchors.
 */
#include "tests/support/client.h"
#include "tests/support/curves.h"
#include "tests/support/tmpdir.h"

#include <criterion/criterion.h>
#include <math.h>

static struct client client;
static struct tmpdir tmp;

static void set_up(void)
{
    tmpdir_make(&tmp);
    client_open(&client, tmp.path);
}

static void tear_down(void)
{
    client_close(&client);
    tmpdir_remove(&tmp);
}

TestSuite(dynamics, .init = set_up, .fini = tear_down, .timeout = 60);

/* ---- runs ---- */

static void put_table(const char *id, struct buf *table)
{
    tmpdir_file(&tmp, arena_printf(&client.arena, "%s/metrics.csv", id), buf_text(table));
    buf_fini(table);
}

static void put_params(const char *id, const char *text)
{
    tmpdir_file(&tmp, arena_printf(&client.arena, "%s/params.yaml", id), text);
}

static void put_losses(const char *id, const double *train, const double *val, size_t n)
{
    struct buf out = {0};

    buf_puts(&out, val ? "epoch,step,train_loss,val_loss\n" : "epoch,step,train_loss\n");
    for (size_t i = 0; i < n; i++) {
        buf_printf(&out, "%zu,%zu,%.9g", i, 100 * i, train[i]);
        buf_printf(&out, val ? ",%.9g\n" : "\n", val ? val[i] : 0);
    }
    put_table(id, &out);
}

/* 2 exp(-.05 t), t = 0..39. */
static void healthy(double *loss)
{
    for (size_t t = 0; t < 40; t++)
        loss[t] = 2 * exp(-0.05 * (double)t);
}

/* ---- what is said ---- */

static const struct json *ask(const char *tool, const char *arguments)
{
    return client_ask(&client, tool, arguments);
}

static const struct json *analysis_of(const char *id)
{
    return ask("analyze_experiment",
               arena_printf(&client.arena, "{\"expId\":\"%s\",\"detail\":\"full\"}", id));
}

static const struct json *named(const struct json *list, const char *member, const char *name)
{
    json_each (f, list) {
        if (strcmp(member_text(&client, f, member), name) == 0)
            return f;
    }
    return NULL;
}

static const struct json *finding(const struct json *a, const char *id)
{
    const struct json *f = named(json_get(a, "findings"), "id", id);

    cr_assert(f, "no finding %s", id);
    return f;
}

static void expect_status(const struct json *a, const char *id, const char *status)
{
    const struct json *f = finding(a, id);

    cr_expect_str_eq(member_text(&client, f, "status"), status, "%s",
                     member_text(&client, f, "sentence"));
}

static void expect_fired(const struct json *a, const char *name, bool fired)
{
    const struct json *anchor = named(json_get(a, "anchors"), "name", name);

    cr_expect(anchor && (json_get(anchor, "fired")->kind == JSON_TRUE) == fired, "%s", name);
}

static bool says(const struct json *a, const char *list, const char *part)
{
    json_each (text, json_get(a, list)) {
        if (str_has(text->raw, str_of(part)))
            return true;
    }
    return false;
}

/* ---- the checks ---- */

Test(dynamics, D_02_a_run_that_overfits_is_high_by_the_rule_and_found)
{
    static const double train[] = {1, .8, .6, .5, .4, .35}, val[] = {1, .85, .7, .7, .75, .85};

    put_losses("e", train, val, 6);
    const struct json *a = analysis_of("e"),
                      *gap = named(json_get(a, "anchors"), "name", "deepfix_gap");
    cr_assert(gap && fabs(member_number(gap, "value") - 1.429) < 5e-4);
    expect_fired(a, "deepfix_gap", true);
    expect_status(a, "overfitting", "found");
    cr_expect(member_number(finding(a, "overfitting"), "confidence") <= .85, "6 evaluations");
}

Test(dynamics, D_03_a_validation_loss_below_the_training_loss_is_no_overfitting)
{
    static const double train[] = {1, .9, .8, .7, .6, .5}, val[] = {.8, .7, .6, .5, .4, .3};

    put_losses("e", train, val, 6);
    const struct json *a = analysis_of("e");
    expect_status(a, "overfitting", "not_found");
    expect_fired(a, "deepfix_gap", true);
}

Test(dynamics, D_09_a_healthy_fall_is_not_volatile)
{
    double loss[40];

    healthy(loss);
    put_losses("e", loss, NULL, 40);
    const struct json *a = analysis_of("e");
    expect_status(a, "volatility", "insufficient_data"); /* 40 of 400 points */
    expect_fired(a, "deepfix_loss_variance", true);
    json_each (f, json_get(a, "findings"))
        cr_expect(strcmp(member_text(&client, f, "status"), "found") != 0 ||
                      strcmp(member_text(&client, f, "severity"), "info") == 0,
                  "%s", member_text(&client, f, "sentence"));
}

/* Without noise the only sigma is that of the values themselves. */
Test(dynamics, D_10_one_spike_of_five_sigma_is_one_spike_at_its_step)
{
    double loss[40], mean = 0, squares = 0;

    healthy(loss);
    for (size_t i = 0; i < 40; i++)
        mean += loss[i] / 40;
    for (size_t i = 0; i < 40; i++)
        squares += (loss[i] - mean) * (loss[i] - mean) / 39;
    loss[20] += 5 * sqrt(squares);
    put_losses("e", loss, NULL, 40);
    const struct json *a = analysis_of("e"), *f = finding(a, "spikes");
    const char *sentence = member_text(&client, f, "sentence");
    cr_expect_str_eq(member_text(&client, f, "status"), "found", "%s", sentence);
    cr_expect(strstr(sentence, "1 time (2000 (") && strstr(sentence, "no trace"), "%s", sentence);
    cr_expect_str_eq(member_text(&client, f, "severity"), "info");
    expect_status(a, "divergence:train_loss", "not_found");
    expect_status(a, "level_shift", "not_found");
}

/* Never better while training falls: the plain rules call it overfitting; it does not rise. */
Test(dynamics, D_11_a_flat_validation_loss_over_a_falling_training_loss)
{
    struct noise noise = NOISE_START;
    double train[24], val[24];

    for (size_t i = 0; i < 24; i++) {
        train[i] = 2 * exp(-0.08 * (double)i);
        val[i] = (i < 8 ? 2 - .1 * (double)i : 1.3) * exp(.004 * noise_next(&noise));
    }
    put_losses("e", train, val, 24);
    const struct json *a = analysis_of("e");
    expect_fired(a, "deepfix_gap", true);
    expect_fired(a, "deepfix_early_stopping", true);
    expect_status(a, "overfitting", "not_found");
    const struct json *f = finding(a, "val_plateau");
    cr_expect(strstr(member_text(&client, f, "sentence"), "to the end") != NULL, "%s",
              member_text(&client, f, "sentence"));
}

static const char long_header[] =
    "key,value,timestamp,step,model_id,dataset_name,dataset_digest,run_id\n";

Test(dynamics, D_14_a_table_of_five_keys_is_five_series)
{
    static const char *const keys[] = {"val_loss", "train_loss", "val_f1score", "precision",
                                       "recall"};
    struct buf out = {0};

    buf_puts(&out, long_header);
    for (int step = 1; step <= 7; step++) {
        for (int k = 0; k < 5; k++)
            buf_printf(&out, "%s,%d.5,%lld,%d,,,,r\n", keys[k], 10 * k + step,
                       1700000000000LL + step, step);
    }
    put_table("e", &out);
    const struct json *series = json_get(ask("describe_experiment", "{\"expId\":\"e\"}"), "series");
    for (int k = 0; k < 5; k++) {
        const struct json *s = named(series, "key", keys[k]);
        cr_assert(s && member_number(s, "n") == 7, "%s", keys[k]);
        const struct json *q =
            ask("query_metric", arena_printf(&client.arena,
                                             "{\"expId\":\"e\",\"key\":\"%s\",\"ask\":"
                                             "\"maximum\"}",
                                             keys[k]));
        cr_expect(member_number(q, "answer") == 10 * k + 7.5 && member_number(q, "atStep") == 7,
                  "%s", keys[k]);
    }
}

/* Training every 10 steps, validation every 100, in rows of their own. */
Test(dynamics, D_15_a_sparse_table_keeps_the_steps_of_each_series)
{
    struct buf out = {0};

    buf_puts(&out, "epoch,step,train_loss,val_loss\n");
    for (int step = 9; step < 1000; step += 10) {
        buf_printf(&out, "%d,%d,%.6f,\n", step / 200, step, 2 / (1 + step / 100.0));
        if (step % 100 == 99)
            buf_printf(&out, "%d,%d,,%.6f\n", step / 200, step, 2.2 / (1 + step / 100.0));
    }
    put_table("e", &out);
    const struct json *q =
        ask("query_metric", "{\"expId\":\"e\",\"key\":\"val_loss\",\"ask\":\"minimum\"}");
    cr_expect(member_number(q, "n") == 10 && member_number(q, "atStep") == 999, "no zero filling");
    cr_expect(fabs(member_number(q, "answer") - 2.2 / 10.99) < 1e-6);
    const struct json *a = analysis_of("e"),
                      *gap = named(json_get(a, "anchors"), "name", "deepfix_gap");
    cr_expect(gap && fabs(member_number(gap, "value") - .1) < 1e-3, "of the same steps");
    cr_expect(!says(a, "limitations", "restart"), "an epoch said twice is no restart");
}

Test(dynamics, D_16_one_step_is_insufficient_and_a_loss_of_0_beside_a_low_score_is_found)
{
    struct buf out = {0};

    buf_printf(&out,
               "%sval_loss,0.0,1700000000000,2,,,,r\ntrain_loss,3463.17,1700000000000,2,,,,r\n"
               "val_f1score,0.0074,1700000000000,2,,,,r\n",
               long_header);
    put_table("e", &out);
    const struct json *a = analysis_of("e"), *f = finding(a, "zero_loss");
    expect_status(a, "overfitting", "insufficient_data");
    cr_expect(strstr(member_text(&client, finding(a, "overfitting"), "sentence"),
                     "had 1 finite point, needs 6") != NULL);
    cr_expect_str_eq(member_text(&client, f, "status"), "found");
    cr_expect_str_eq(member_text(&client, f, "severity"), "medium");
    cr_expect(strstr(member_text(&client, f, "sentence"), "'val_f1score' is 0.0074") != NULL, "%s",
              member_text(&client, f, "sentence"));
    cr_expect_str_eq(member_text(&client, a, "verdict"), "Undetermined");
}

Test(dynamics, D_17_without_a_gradient_norm_the_analysis_is_partial_and_says_so)
{
    double loss[60];

    curve_loss(loss, 60, 60);
    for (size_t i = 40; i < 43; i++)
        loss[i] *= 1.5;
    put_losses("e", loss, NULL, 60);
    const struct json *a = analysis_of("e");
    cr_expect(says(a, "limitations", "grad_norm"));
    expect_status(a, "grad_explosion", "not_applicable");
    expect_status(a, "grad_inferred", "found");
    cr_expect(
        strncmp(member_text(&client, finding(a, "grad_inferred"), "sentence"), "Inferred", 8) == 0);
}

Test(dynamics, D_18_a_text_a_nan_and_a_cut_row_are_told_and_the_rest_is_judged)
{
    struct buf out = {0};

    buf_puts(&out, "step,train_loss\n");
    for (int i = 0; i < 60; i++)
        buf_printf(&out,
                   i == 5   ? "%d,abc\n"
                   : i == 6 ? "%d,NaN\n"
                   : i == 7 ? "%d,inf\n"
                            : "%d,%.6f\n",
                   i, 1 + 2 / sqrt(i + 1));
    buf_puts(&out, "60,1.");
    put_table("e", &out);
    const struct json *a = analysis_of("e"), *coverage = json_get(a, "coverage");
    cr_expect(says(coverage, "notes", "no numbers were left out: 1 of 'train_loss'"));
    cr_expect(says(coverage, "notes", "line 62, the last one, is cut off"));
    const struct json *odd = json_get(coverage, "nonFinite")->first;
    cr_expect(member_number(odd, "count") == 2 && member_number(odd, "firstStep") == 6);
    expect_status(a, "nonfinite:train_loss", "found");
    expect_status(a, "no_progress", "not_found");
}

Test(dynamics, D_20_steps_that_go_back_are_told_and_the_latest_attempt_is_judged)
{
    struct buf out = {0};

    buf_puts(&out, "step,train_loss\n");
    for (int i = 0; i < 60; i++)
        buf_printf(&out, "%d,%d.5\n", i, 1000 - i);
    for (int i = 40; i < 100; i++)
        buf_printf(&out, "%d,%d.25\n", i, 500 - i);
    put_table("e", &out);
    const struct json *a = analysis_of("e"), *restart;
    cr_expect(says(a, "limitations", "20 points were superseded by 1 restart"));
    restart = json_get(json_get(a, "coverage"), "restarts")->first;
    cr_expect(member_number(restart, "step") == 40 && member_number(restart, "previousStep") == 59);
    expect_status(a, "restart", "found");
}

Test(dynamics, D_21_a_rate_given_as_a_text_is_parsed)
{
    static const struct {
        const char *params, *status, *from;
    } rows[] = {{"lr: '0.2'\nepochs: '5'\n", "found", "0.2"},
                {"learning_rate: ' 0.2 '\n", "found", "0.2"},
                {"lr: '0.001'\n", "not_found", NULL},
                {"lr: fast\nepochs: [5]\n", "not_found", NULL},
                {"lr: '0.2x'\n", "not_found", NULL}};
    struct noise noise = NOISE_START;
    double loss[40];

    for (size_t i = 0; i < 40; i++)
        loss[i] = 2 + .01 * noise_next(&noise);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *id = arena_printf(&client.arena, "e%zu", i);

        put_losses(id, loss, NULL, 40);
        put_params(id, rows[i].params);
    }
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct json *a = analysis_of(arena_printf(&client.arena, "e%zu", i));
        const struct json *f = finding(a, "lr_too_high");

        expect_status(a, "no_progress", "found");
        cr_expect_str_eq(member_text(&client, f, "status"), rows[i].status, "%s", rows[i].params);
        if (!rows[i].from)
            continue;
        cr_expect(strstr(member_text(&client, f, "sentence"), "may be too high") != NULL);
        const struct json *advice = json_get(a, "recommendations")->first;
        cr_expect_str_eq(member_text(&client, advice, "from"), rows[i].from);
        cr_expect_str_eq(member_text(&client, advice, "to"), "0.02", "%s", rows[i].params);
    }
}

Test(dynamics, D_23_constants_have_no_correlation_and_are_graded_by_the_rest)
{
    struct buf out = {0};

    buf_puts(&out, "step,train_loss,val_loss,train_accuracy,val_accuracy\n");
    for (int i = 0; i < 20; i++)
        buf_printf(&out, "%d,2.0,2.0,0.5,0.5\n", i);
    put_table("e", &out);
    const struct json *a = analysis_of("e");
    const struct json *rule = named(json_get(a, "anchors"), "name", "deepfix_trend_divergence");
    cr_assert(rule);
    cr_expect(json_get(rule, "value")->kind == JSON_NULL);
    cr_expect(json_get(rule, "fired")->kind == JSON_NULL);
    cr_expect(strstr(member_text(&client, rule, "note"), "undefined") != NULL);
    cr_expect_str_eq(member_text(&client, finding(a, "no_progress"), "severity"), "high");
}

Test(dynamics, D_24_without_a_configuration_advice_starts_from_nothing)
{
    double loss[60];

    curve_loss(loss, 60, 1);
    put_losses("bare", loss, NULL, 60);
    put_losses("told", loss, NULL, 60);
    put_params("told", "lr: '0.001'\n");
    const struct json *bare = analysis_of("bare"), *told = analysis_of("told");
    cr_expect(says(bare, "limitations", "no configuration lies with the run"));
    cr_expect(!says(told, "limitations", "no configuration lies with the run"));
    const struct json *advice = json_get(bare, "recommendations")->first;
    cr_expect(!json_get(advice, "from") || json_get(advice, "from")->kind == JSON_NULL);
    cr_expect_str_eq(member_text(&client, advice, "to"), "three times what it was");
    advice = json_get(told, "recommendations")->first;
    cr_expect_str_eq(member_text(&client, advice, "from"), "0.001");
    cr_expect_str_eq(member_text(&client, advice, "to"), "0.003");
}

Test(dynamics, D_25_there_is_no_time_limit_to_be_out_of_bounds)
{
    double loss[40];

    healthy(loss);
    put_losses("e", loss, NULL, 40);
    cr_expect(
        !client_call(&client, "analyze_experiment", "{\"expId\":\"e\",\"max_analysis_time\":600}"));
    cr_expect(client.err.code == ERR_ARGUMENT && strstr(client.err.msg, "max_analysis_time"), "%s",
              client.err.msg);
}

Test(dynamics, D_27_intervals_and_times_are_no_validation)
{
    struct buf out = {0};

    buf_puts(&out, "step,train_loss,interval_loss,eval_time\n");
    for (int i = 0; i < 60; i++)
        buf_printf(&out, "%d,%.6f,%d,%d.5\n", i, 1 + 2 / sqrt(i + 1), i, 5 + i);
    put_table("e", &out);
    const struct json *a = analysis_of("e");
    cr_expect(says(json_get(a, "coverage"), "notLogged", "eval_loss"));
    expect_status(a, "overfitting", "not_applicable");
    expect_fired(a, "deepfix_gap", false);
}

/* Nothing but losses, no step in any row: their number stands in, and that is said. */
Test(dynamics, steps_that_are_missing_are_told)
{
    struct buf out = {0};

    for (int i = 0; i < 60; i++)
        buf_printf(&out, "{\"train_loss\":%.6f}\n", 1 + 2 / sqrt(i + 1));
    tmpdir_file(&tmp, "e/dashboard_metrics/metrics.jsonl", buf_text(&out));
    tmpdir_file(&tmp, "e/metadata.json", "{\"type\":\"lm\"}");
    buf_fini(&out);
    const struct json *a = analysis_of("e");
    cr_expect(says(json_get(a, "coverage"), "notes", "no row has a step"));
    expect_status(a, "no_progress", "not_found");
    expect_status(a, "overfitting", "not_applicable");
}

Test(dynamics, D_28_a_hundred_thousand_rows_take_far_less_than_30_seconds)
{
    struct noise noise = NOISE_START;
    struct timespec start, end;
    struct buf out = {0};

    buf_puts(&out, "step,train_loss,val_loss,grad_norm\n");
    for (int i = 1; i <= 100000; i++) {
        double curve = 1.8 + 3 * pow(i, -.4), u = noise_next(&noise);
        buf_printf(&out, "%d,%.6f,%.6f,%.6f\n", i, curve * exp(.02 * u), 1.05 * curve, 1.5 + u);
    }
    put_table("e", &out);
    clock_gettime(CLOCK_MONOTONIC, &start);
    const struct json *a = analysis_of("e");
    clock_gettime(CLOCK_MONOTONIC, &end);
    cr_expect(end.tv_sec - start.tv_sec < 15, "%ld s", (long)(end.tv_sec - start.tv_sec));
    expect_status(a, "plateau:val_loss", "not_found");
    expect_status(a, "spikes", "not_found");
}
