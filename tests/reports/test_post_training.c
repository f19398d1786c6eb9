/* The post-training report on made-up runs: what is there, and where its numbers come from. */
#include "analysis/analyze.h"
#include "analysis/base/limits.h"
#include "analysis/catalog.h"
#include "reports/blocks/block.h"
#include "reports/figures.h"
#include "reports/patterns/pattern.h"
#include "reports/words.h"
#include "tests/support/tmpdir.h"

#include <criterion/criterion.h>
#include <ctype.h>
#include <math.h>

static struct arena arena;
static struct err err;
static struct tmpdir dir;
static struct catalog *catalogs[16]; /* the last is in use; all must outlive what was got */
static size_t catalogs_n;

static void set_up(void)
{
    arena_init(&arena);
    tmpdir_make(&dir);
}

static void tear_down(void)
{
    arena_fini(&arena);
    while (catalogs_n > 0)
        catalog_close(catalogs[--catalogs_n]);
    tmpdir_remove(&dir);
}

TestSuite(post_training, .init = set_up, .fini = tear_down, .timeout = 120);

/* ---- runs ---- */

static void put_run(const char *type)
{
    tmpdir_file(&dir, "run/metadata.json", arena_printf(&arena, "{\"type\":\"%s\"}", type));
}

static void put_log(struct buf *log)
{
    tmpdir_file(&dir, "run/dashboard_metrics/metrics.jsonl", buf_text(log));
    buf_fini(log);
}

/* A healthy run: a power law with a little noise, a warm-up and a cosine, validation every tenth.
 */
static void put_lm(bool validation)
{
    struct buf log = {0};

    put_run("lm");
    for (int i = 1; i <= 400; i++) {
        double noise = 0.01 * sin(12.9898 * i * i);
        double lr = i <= 40 ? i / 40.0 : 0.5 * (1 + cos(M_PI * (i - 40) / 360.0));

        buf_printf(&log, "{\"step\":%d,\"Losses/Total\":%.6f,\"Learning Rate\":%.8g", 10 * i,
                   8 * pow(10.0 * i, -0.15) * (1 + noise), 1e-3 * lr);
        buf_printf(&log, ",\"Iterations/Second\":%.4f", 5 + noise);
        if (validation && i % 10 == 0)
            buf_printf(&log, ",\"Losses/Validation\":%.6f,\"Gradient Norm\":%.5f",
                       8.2 * pow(10.0 * i, -0.15), 0.7 + noise);
        buf_puts(&log, "}\n");
    }
    put_log(&log);
}

static void put_history(struct buf *out, const char *key, int n, double from, double to)
{
    buf_printf(out, "%s\"%s\":[", out->p[out->n - 1] == '{' ? "" : ",", key);
    for (int i = 0; i < n; i++)
        buf_printf(out, "%s%.6f", i ? "," : "",
                   from + (to - from) * i / (n - 1) + 0.01 * sin(12.9898 * i * i));
    buf_byte(out, ']');
}

static void put_rl(int multipliers, bool ablation)
{
    static const struct {
        const char *key;
        double from, to;
    } keys[] = {
        {"episode_rewards", -2, 5},
        {"policy_loss", 0.02, -0.01},
        {"value_loss", 2, 0.5},
        {"entropy", -0.1, -0.3},
        {"gate_modulation", 0.4, 0.6},
        {"explained_variance", 0.1, 0.8},
        {"reward_perplexity", -0.5, -0.3},
        {"reward_diversity", 0.5, 0.6},
        {"entropy_coef", 0.01, 0.01},
    };
    struct buf out = {0};

    put_run("rl");
    buf_puts(&out, "{\"global_step\":100,\"timestamp\":1,\"history\":{");
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        put_history(&out, keys[i].key, 120, keys[i].from, keys[i].to);
    put_history(&out, "lagrange_multiplier", multipliers, 1, 2);
    put_history(&out, "mean_cost", multipliers, 0.2, 0.05);
    buf_puts(&out, ",\"diversity_weight\":[]}}");
    tmpdir_file(&dir, "run/rl_metrics/rl_training_metrics.json", buf_text(&out));
    buf_fini(&out);
    if (ablation)
        tmpdir_file(
            &dir, "run/ablation_results.json",
            "{\"fixed\":{\"mean_reward\":0.197,\"std_reward\":0.01,\"mean_diversity\":0.734,"
            "\"mean_perplexity\":-0.4},\"neutral_gating\":{\"mean_reward\":0.19},"
            "\"learned\":{\"mean_reward\":0.21}}");
}

/* ---- reports of them ---- */

struct built {
    struct str text;
    const struct json *blocks;
    struct pattern_summary summary;
    const struct experiment *experiment;
};

/* What a test cannot go on without. */
static void must(bool ok)
{
    if (ok)
        return;
    fprintf(stderr, "%s\n", err.msg);
    abort();
}

/* afresh: with nothing cached of earlier reports. */
static struct built build_from(bool afresh)
{
    const char *const root[] = {dir.path};
    const struct strs roots = {root, 1};
    const struct pattern *pattern = pattern_find("post-training", &err);
    struct blocks blocks = {0};
    struct coverage coverage;
    struct built b = {0};

    if (catalogs_n == 0 || afresh)
        catalogs[catalogs_n++] = catalog_open(&roots);
    must(catalog_find(catalogs[catalogs_n - 1], "run", &arena, &b.experiment, &err));
    coverage_init(&coverage, &arena);
    const struct pattern_input in = {.experiment_id = "run",
                                     .experiment = b.experiment,
                                     .arena = &arena,
                                     .coverage = &coverage,
                                     .summary = &b.summary};
    must(pattern && pattern_build(pattern, &in, &blocks, &err));
    b.text = arena_str(&arena, blocks_end(&blocks));
    blocks_fini(&blocks);
    b.blocks = json_parse(&arena, b.text, JSON_STRICT, REQUEST_DEPTH_MAX, &err);
    must(b.blocks);
    must(blocks_check(b.blocks, &err));
    return b;
}

static struct built build(void)
{
    return build_from(false);
}

static const char *plain(const struct json *block)
{
    struct buf out = {0};

    inline_plain(json_get(block, "content"), &arena, &out);
    const char *text = arena_text(&arena, buf_str(&out));
    buf_fini(&out);
    return text;
}

static struct str type_of(const struct json *block)
{
    return json_text(&arena, json_get(block, "type"));
}

/* "lm:Losses/Total lm:Perplexity …" */
static const char *charts(const struct json *blocks)
{
    static const char *const key[] = {"metricKey", "rlMetricKey", "ablationMetricKey"};
    struct buf out = {0};

    json_each (block, blocks) {
        const struct json *props = json_get(block, "props");

        if (!str_is(type_of(block), "experimentChart"))
            continue;
        buf_printf(&out, "%s%.*s:", out.n ? " " : "",
                   STR_FMT(json_text(&arena, json_get(props, "chartMode"))));
        for (size_t i = 0; i < 3; i++)
            buf_add(&out, json_text(&arena, json_get(props, key[i])));
    }
    const char *text = arena_text(&arena, buf_str(&out));
    buf_fini(&out);
    return text;
}

static bool says(const struct built *b, const char *words)
{
    return memmem(b->text.p, b->text.n, words, strlen(words)) != NULL;
}

/* ---- structure ---- */

Test(post_training, every_figure_of_a_language_model_run_stands_in_order)
{
    put_lm(true);
    struct built b = build();

    cr_expect_str_eq(charts(b.blocks), "lm:Losses/Total lm:Perplexity lm:Learning Rate "
                                       "lm:Iterations/Second lm:Losses/Validation "
                                       "lm:Gradient Norm");
    cr_expect_eq(b.summary.figures, 6);
    cr_expect_str_eq(b.summary.experiment_type, "lm");
    cr_expect_str_eq(plain(b.blocks->first), "run Post-Training Analysis");
    cr_expect(says(&b, "Derived") || says(&b, "derived as exp of 'Losses/Total'"));
}

Test(post_training, each_chart_stands_between_its_bold_title_and_its_paragraph)
{
    put_lm(true);
    struct built b = build();
    const struct json *before = NULL;
    int n = 0;

    json_each (block, b.blocks) {
        if (str_is(type_of(block), "experimentChart")) {
            const char *title = arena_printf(&arena, "Figure %d: ", ++n);
            cr_expect(before && str_starts(str_of(plain(before)), str_of(title)), "%d", n);
            cr_expect(block->next && str_is(type_of(block->next), "paragraph"), "%d", n);
        }
        before = block;
    }
    cr_expect_eq(n, 6);
}

Test(post_training, headings_and_labels_of_the_recipe_are_there)
{
    static const char *const words[] = {
        "Figures and Data", "\"Analysis\"", "Outcome and Next Steps",      "Verdict: ",
        "Key Findings",     "Not logged:",  "Next Experiment Suggestion:", "Not assessed",
    };
    put_lm(false);
    struct built b = build();

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        cr_expect(says(&b, words[i]), "%s", words[i]);
    cr_expect(!says(&b, "Constraint Mode Assessment"));
}

Test(post_training, core_of_rl_always_components_if_there_weighted_without_multiplier)
{
    put_rl(0, false); /* the key is there, its list empty: T-52 */
    struct built b = build();

    cr_expect_str_eq(charts(b.blocks),
                     "rl:episode_rewards rl:policy_loss rl:value_loss rl:entropy "
                     "rl:gate_modulation rl:explained_variance rl:reward_perplexity "
                     "rl:reward_diversity rl:entropy_coef");
    cr_expect(says(&b, "Constraint mode: weighted"));
    cr_expect(says(&b, "Constraint Mode Assessment"));
}

Test(post_training, a_controller_that_was_not_needed_is_no_red_flag)
{
    put_rl(0, false); /* the entropy stays above its target of -.35: T-55 */
    struct built b = build();

    cr_expect(says(&b, "No problem found (entropy_control): Not activated because not needed"));
    cr_expect_eq(b.summary.red_flags.n, 0);
}

Test(post_training, perplexity_is_exp_of_each_loss_that_is_there)
{
    put_run("lm"); /* T-10, T-11: a row without a loss makes no point */
    tmpdir_file(&dir, "run/dashboard_metrics/metrics.jsonl",
                "{\"step\":1,\"Losses/Total\":2}\n{\"step\":2,\"Learning Rate\":1}\n"
                "{\"step\":3,\"Losses/Total\":1.5}\n{\"step\":4,\"Losses/Total\":1}\n");
    struct built b = build();

    cr_expect(
        says(&b, "3 points from step 1 to 4: first 7.389, last 2.718, lowest 2.718 (step 4)"));
}

Test(post_training, a_nan_reward_is_counted_and_the_rest_used)
{
    put_run("rl"); /* T-13 */
    tmpdir_file(
        &dir, "run/rl_metrics/rl_training_metrics.json",
        "{\"global_step\":3,\"timestamp\":1,\"history\":{\"episode_rewards\":[1.0,NaN,3.0]}}");
    struct built b = build();

    cr_expect(says(&b, "first 1, last 3, lowest 1 (iteration 0), highest 3 (iteration 2)"));
    cr_expect(
        says(&b, "1 point not finite (1 NaN, 0 Infinity, 0 -Infinity), the first at iteration 1"));
    cr_expect(says(&b, "'episode_rewards' has 1 non-finite value, the first at 1"));
}

Test(post_training, a_multiplier_with_values_makes_it_lagrangian)
{
    put_rl(120, true);
    struct built b = build();

    cr_expect_str_eq(charts(b.blocks),
                     "rl:episode_rewards rl:policy_loss rl:value_loss rl:entropy "
                     "rl:gate_modulation rl:explained_variance rl:reward_perplexity "
                     "rl:reward_diversity rl:lagrange_multiplier rl:mean_cost rl:cost_value_loss "
                     "rl:entropy_coef rl:diversity_weight ablation:mean_reward");
    cr_expect(says(&b, "Constraint mode: Lagrangian"));
    cr_expect(says(&b, "Learned minus fixed: 0.013."));
    cr_expect(says(&b, "one policy run twice: their difference of 0.007"));
}

Test(post_training, other_names_of_a_role_become_the_keys_of_charts)
{
    struct buf log = {0};

    put_run("lm");
    for (int i = 1; i <= 60; i++)
        buf_printf(&log, "{\"step\":%d,\"train_loss\":%.4f,\"eval_loss\":%.4f}\n", i, 3.0 / i,
                   3.1 / i);
    put_log(&log);
    struct built b = build();

    cr_expect_str_eq(charts(b.blocks), "lm:train_loss lm:Perplexity lm:Learning Rate "
                                       "lm:Iterations/Second lm:eval_loss");
    cr_expect(says(&b, "derived as exp of 'train_loss'"));
}

Test(post_training, the_same_input_gives_the_same_bytes)
{
    put_rl(120, true);
    struct built a = build(), b = build();

    cr_expect(str_eq(a.text, b.text));
    struct built c = build_from(true);
    cr_expect(str_eq(a.text, c.text), "with nothing cached");
}

/* ---- what is missing is said ---- */

Test(post_training, absences_are_said_and_do_not_crash)
{
    static const struct {
        const char *name, *log, *want;
    } rows[] = {
        {"empty", "", "'Losses/Total' has no point in this run"},
        {"one point", "{\"step\":5,\"Losses/Total\":2.5}\n",
         "has a single point: 2.5 at step 5. One point has no trend"},
        {"all NaN",
         "{\"step\":1,\"Losses/Total\":NaN}\n{\"step\":2,\"Losses/Total\":NaN}\n"
         "{\"step\":3,\"Losses/Total\":NaN}\n",
         "has 3 points (logged), and none is finite (3 NaN, 0 Infinity, 0 -Infinity)"},
        {"no validation", "{\"step\":1,\"Losses/Total\":3}\n{\"step\":2,\"Losses/Total\":2}\n",
         "'Losses/Validation' is not logged, so nothing here speaks for or against overfitting"},
        {"cut", "{\"step\":1,\"Losses/Total\":3}\n{\"step\":2,\"Losses",
         "1 line could not be read"},
        {"NaN inside",
         "{\"step\":1,\"Losses/Total\":3}\n{\"step\":2,\"Losses/Total\":NaN}\n"
         "{\"step\":3,\"Losses/Total\":2}\n",
         "1 point not finite (1 NaN, 0 Infinity, 0 -Infinity), the first at step 2"},
        {"restart",
         "{\"step\":1,\"Losses/Total\":3}\n{\"step\":2,\"Losses/Total\":2}\n"
         "{\"step\":1,\"Losses/Total\":3}\n",
         "The log goes back once"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        put_run("lm");
        tmpdir_file(&dir, "run/dashboard_metrics/metrics.jsonl", rows[i].log);
        struct built b = build_from(true);
        cr_expect(says(&b, rows[i].want), "%s", rows[i].name);
        cr_expect(says(&b, "Verdict: Undetermined") || i == 2, "%s", rows[i].name);
        cr_expect_geq(b.summary.figures, 4, "%s", rows[i].name);
    }
}

Test(post_training, a_run_without_any_metrics_is_reported_as_such)
{
    put_run("rl");
    struct built b = build();

    cr_expect(says(&b, "No metrics were found"));
    cr_expect_eq(b.summary.figures, 6);
    cr_expect_str_eq(b.summary.verdict, "Undetermined");
}

Test(post_training, red_flags_are_the_findings_of_medium_severity_and_more)
{
    struct buf log = {0};

    put_run("lm");
    for (int i = 1; i <= 60; i++)
        buf_printf(&log, "{\"step\":%d,\"Losses/Total\":%s}\n", i, i > 50 ? "NaN" : "2.0");
    put_log(&log);
    struct built b = build();

    cr_assert_geq(b.summary.red_flags.n, 1);
    cr_expect_str_eq(b.summary.verdict, "Ineffective");
    cr_expect(says(&b, b.summary.red_flags.v[0]));
}

Test(post_training, samples_are_quoted_without_their_control_characters)
{
    put_lm(false);
    tmpdir_file(&dir, "run/evaluation_results/evaluation_results.json",
                "{\"perplexity\":26.5,\"samples\":[{\"prompt\":\"a\\u001b[31mb\\u0007\","
                "\"generated\":\"c\\nd\"}]}");
    struct built b = build();

    cr_expect(says(&b, "final perplexity 26.5"));
    cr_expect(says(&b, "1 generated sample"));
    cr_expect(says(&b, "ab\\nc d"));
}

/* ---- where numbers come from ---- */

static void allow(struct buf *known, double value)
{
    buf_printf(known, " %s ", word_number(&arena, value));
}

/* What the paragraphs of one series may hold. */
static void allow_series(struct buf *known, const char *name, const struct experiment *experiment)
{
    struct series s;
    struct summary m;

    must(experiment_series(experiment, str_of(name), &arena, &s, &err));
    series_summary(&s, &m);
    const double values[] = {(double)m.n,
                             m.first,
                             m.last,
                             m.min,
                             m.max,
                             m.mean_last_tenth,
                             (double)m.min_step,
                             (double)m.max_step,
                             (double)m.last_step,
                             (double)m.first_step,
                             2 * (double)m.last_step};
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        allow(known, values[i]);
    buf_printf(known, " %.3g %.3g ", 100 * (m.mean_last_tenth / m.first - 1),
               100 * (m.mean_last_tenth / m.min - 1));
    buf_printf(known, " %.3g ", 100 * m.last / m.max);
}

static void allow_findings(struct buf *known, const struct analysis *a)
{
    size_t of_status[FINDING_NOT_APPLICABLE + 1] = {0};

    for (size_t i = 0; i < a->findings.list.n; i++)
        of_status[a->findings.list.v[i].status]++;
    for (size_t i = 0; i <= FINDING_NOT_APPLICABLE; i++)
        buf_printf(known, " %zu ", of_status[i]); /* "Checks: 4 found something …" */
    for (size_t i = 0; i < a->findings.list.n; i++) {
        const struct finding *f = &a->findings.list.v[i];

        buf_printf(known, " %s %.2f %lld ", f->sentence, f->confidence,
                   (long long)f->evidence.n_used);
        buf_printf(known, " %s %s ", f->evidence.method ? f->evidence.method : "",
                   f->what_would_change_it ? f->what_would_change_it : "");
        for (size_t c = 0; c < f->caveats.n; c++)
            buf_printf(known, " %s ", f->caveats.v[c]);
        allow(known, f->evidence.effect);
        allow(known, f->evidence.ci_low);
        allow(known, f->evidence.ci_high);
    }
    buf_printf(known, " %s %.2f ", a->verdict_rule, a->risk);
}

static bool digit_at(struct str s, size_t i)
{
    return i < s.n && isdigit((unsigned char)s.p[i]);
}

/* A number: digits with their point and exponent (".05", "1.5e+06"), but no part of a word. */
static struct str next_number(struct str *rest)
{
    struct str s = *rest;
    size_t i = 0;

    while (i < s.n && !((digit_at(s, i) || (s.p[i] == '.' && digit_at(s, i + 1))) &&
                        (i == 0 || !isalnum((unsigned char)s.p[i - 1]))))
        i++;
    size_t from = i;
    while (digit_at(s, i) || (i < s.n && s.p[i] == '.' && digit_at(s, i + 1)) ||
           (i > from && i + 1 < s.n && s.p[i] == 'e' && strchr("+-", s.p[i + 1])) ||
           (i > from && i < s.n && s.p[i - 1] == 'e' && strchr("+-", s.p[i])))
        i++;
    *rest = str_from(s, i);
    return (struct str){s.p + from, i - from};
}

static bool holds(const char *known, struct str number)
{
    for (const char *at = known; (at = memmem(at, strlen(at), number.p, number.n)); at++) {
        char before = at > known ? at[-1] : ' ', after = at[number.n];
        if (!isdigit((unsigned char)before) && before != '.' && !isdigit((unsigned char)after))
            return true;
    }
    return false;
}

/* "Checks: 4 found something, 7 found no problem …" */
static void allow_counts(struct buf *known, const struct analysis *analysis)
{
    size_t of_status[FINDING_NOT_APPLICABLE + 1] = {0};

    for (size_t i = 0; i < analysis->findings.list.n; i++)
        of_status[analysis->findings.list.v[i].status]++;
    for (size_t i = 0; i <= FINDING_NOT_APPLICABLE; i++)
        buf_printf(known, " %zu ", of_status[i]);
}

Test(post_training, every_number_of_a_paragraph_is_in_the_data_or_a_finding)
{
    static const char *const names[] = {"Losses/Total", "Perplexity", "Learning Rate",
                                        "Iterations/Second"};
    const struct analysis *analysis;
    struct coverage coverage;
    struct buf known = {0};
    size_t looked = 0;

    put_lm(false);
    struct built b = build();
    coverage_init(&coverage, &arena);
    cr_assert(analyze(b.experiment, &arena, &coverage, &analysis, &err), "%s", err.msg);
    for (size_t i = 0; i < 4; i++)
        allow_series(&known, names[i], b.experiment);
    allow_findings(&known, analysis);
    allow_counts(&known, analysis);
    struct account account = {.experiment = b.experiment, .analysis = analysis, .arena = &arena};
    cr_assert(figures_choose(&account, &err), "%s", err.msg);
    buf_puts(&known, figure_shape(&account, figure_of(&account, ROLE_THROUGHPUT)));
    buf_puts(&known, " 10 % 90 % 0 of 1. "); /* words of the text: last 10 %, 90 % interval */
    for (int status = FINDING_FOUND; status <= FINDING_NOT_APPLICABLE; status++) {
        size_t n = 0; /* "Checks: 4 found something …" */
        for (size_t i = 0; i < analysis->findings.list.n; i++)
            n += analysis->findings.list.v[i].status == (enum finding_status)status;
        buf_printf(&known, " %zu ", n);
    }
    const char *all = buf_text(&known);

    json_each (block, b.blocks) {
        struct str type = type_of(block), rest = str_of(plain(block)), number;
        bool title = str_starts(rest, STR("Figure"));

        if (title || !(str_is(type, "paragraph") || str_is(type, "bulletListItem")))
            continue;
        while ((number = next_number(&rest)).n > 0) {
            cr_expect(holds(all, number), "'%.*s' in: %s", STR_FMT(number), plain(block));
            looked++;
        }
    }
    cr_expect_gt(looked, 40);
    buf_fini(&known);
}

Test(post_training, whoever_asks_without_an_experiment_is_told)
{
    const struct pattern *pattern = pattern_find("post-training", &err);
    const struct pattern_input in = {.experiment_id = "x", .arena = &arena};
    struct blocks blocks = {0};

    cr_expect(!pattern_build(pattern, &in, &blocks, &err));
    cr_expect(strstr(err.msg, "'x'"));
    blocks_fini(&blocks);
}
