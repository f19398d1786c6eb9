/* The detectors of fine-tuning runs, on subjects made by hand. */
#include "analysis/detectors/detector.h"
#include "analysis/sft.h"
#include "tests/support/curves.h"
#include "tests/support/made.h"

#include <criterion/criterion.h>

extern const struct detector detector_improvement, detector_lora_capacity,
    detector_lora_learning_rate, detector_win_rate, detector_sample_quality, detector_failure_table,
    detector_spikes;

static struct made made;
static struct sft sft;

/* Llama-3.1-8B, rank 64, all linear layers. */
static void set_up(void)
{
    const struct lora_model *model = lora_model_find(STR("Llama-3.1-8B"));

    made_init(&made, EXPERIMENT_LM);
    sft = (struct sft){.why = "a test says so",
                       .tokens = 1e6,
                       .tokens_from = "num_loss_tokens",
                       .loss_tokens = true,
                       .adapter = {.source = "adapter_config.json",
                                   .rank = 64,
                                   .alpha = 32,
                                   .model = "meta-llama/Llama-3.1-8B",
                                   .matrices = LORA_ATTENTION | LORA_MLP,
                                   .modules_from = "adapter_config.json",
                                   .shape = model->shape,
                                   .shape_from = "the published shapes of Llama-3.1-8B",
                                   .learning_rate = 3e-4,
                                   .epochs = 1,
                                   .batch = NOT_GIVEN}};
    made.subject.sft = &sft;
}

static void tear_down(void)
{
    made_fini(&made);
}

TestSuite(fine_tuning, .init = set_up, .fini = tear_down);

static const struct finding *run(const struct detector *detector, const char *class)
{
    detector->run(&made.subject, &made.found);
    return made_find(&made.found, class);
}

static void put_loss(size_t n, double first, double last)
{
    double loss[200];

    for (size_t i = 0; i < n; i++)
        loss[i] = i < 10 ? first : i + 10 >= n ? last : (first + last) / 2;
    made_series(&made, ROLE_TRAIN_LOSS, NULL, loss, n);
}

/* ---- improvement ---- */

Test(fine_tuning, S_09_the_improvement_is_75_percent)
{
    put_loss(101, 4, 1);
    const struct finding *f = run(&detector_improvement, "improvement");

    cr_expect(f->status == FINDING_FOUND && f->evidence.effect == 75);
    cr_expect(strstr(f->sentence, "Loss improvement: 75.0%") != NULL, "%s", f->sentence);
}

Test(fine_tuning, S_10_100_losses_are_too_few_and_it_is_said)
{
    put_loss(100, 4, 1);
    const struct finding *f = run(&detector_improvement, "improvement");

    cr_expect(f->status == FINDING_INSUFFICIENT_DATA);
    cr_expect(strstr(f->sentence, "not enough points (100, need more than 100)") != NULL, "%s",
              f->sentence);
}

Test(fine_tuning, S_11_ten_zeros_first_leave_the_improvement_undefined)
{
    put_loss(120, 0, 1);
    const struct finding *f = run(&detector_improvement, "improvement");

    cr_expect(f->status == FINDING_INCONCLUSIVE && isnan(f->evidence.effect));
    cr_expect(strstr(f->sentence, "improvement undefined") != NULL, "%s", f->sentence);
}

Test(fine_tuning, a_loss_that_rose_has_not_improved)
{
    put_loss(120, 1, 4);
    cr_expect(run(&detector_improvement, "improvement")->status == FINDING_NOT_FOUND);
}

Test(fine_tuning, S_18_without_losses_a_judges_metrics_json_is_named_as_such)
{
    sft.judge = (struct judge){.source = "metrics.json", .wins = 110, .losses = 90};
    const struct finding *f = run(&detector_improvement, "improvement");

    cr_expect(f->status == FINDING_NOT_APPLICABLE);
    cr_expect(strstr(f->sentence, "is a judge result") && !strstr(f->sentence, "not logged"), "%s",
              f->sentence);
    f = run(&detector_win_rate, "win_rate");
    cr_expect(f->status == FINDING_INCONCLUSIVE && strstr(f->sentence, "is a judge result"));
    cr_expect(strstr(f->sentence, "not distinguishable from even") != NULL, "%s", f->sentence);
}

/* ---- capacity ---- */

Test(fine_tuning, capacity_is_ample_tight_or_under_by_the_ratio)
{
    static const struct {
        const char *what;
        double tokens;
        int64_t epochs;
        enum finding_status status;
        enum severity severity;
        const char *to;
    } rows[] = {
        {"1e6 tokens", 1e6, 1, FINDING_NOT_FOUND, SEVERITY_INFO, NULL},
        {"1e9 tokens, tight", 1e9, 1, FINDING_FOUND, SEVERITY_LOW, "256"},
        {"four passes over a quarter of it", 1e9, 4, FINDING_NOT_FOUND, SEVERITY_INFO, NULL},
        {"4e9 tokens, under", 4e9, 1, FINDING_FOUND, SEVERITY_MEDIUM, "1024"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        sft.tokens = rows[i].tokens;
        sft.adapter.epochs = rows[i].epochs;
        made.found.list.n = 0;
        const struct finding *f = run(&detector_lora_capacity, "lora_capacity");

        cr_expect(f->status == rows[i].status && f->severity == rows[i].severity, "%s: %s",
                  rows[i].what, f->sentence);
        cr_expect(made_value(f, "parameters") == 167772160);
        cr_expect(!rows[i].to || (f->advice && strcmp(f->advice->to, rows[i].to) == 0), "%s: %s",
                  rows[i].what, f->advice ? f->advice->to : "no advice");
        cr_expect(f->confidence <= 0.6);
    }
}

Test(fine_tuning, a_logged_loss_prices_the_tokens)
{
    double loss[20];

    for (size_t i = 0; i < 20; i++)
        loss[i] = i < 10 ? 2 * M_LN2 : 0.1; /* two passes: the second has seen it all */
    made_series(&made, ROLE_TRAIN_LOSS, NULL, loss, 20);
    sft.tokens = 2e6;
    sft.adapter.epochs = 2;
    const struct finding *f = run(&detector_lora_capacity, "lora_capacity");

    cr_expect(near_to(made_value(f, "needed"), 2e6, 1e-12), "1e6 tokens of 2 bits: %g",
              made_value(f, "needed"));
    cr_expect(near_to(f->evidence.effect, 335.54432 / 2, 1e-9));
}

Test(fine_tuning, S_19_what_is_missing_for_the_capacity_is_named)
{
    sft.tokens = (double)NAN;
    const struct finding *f = run(&detector_lora_capacity, "lora_capacity");

    cr_expect(f->status == FINDING_INSUFFICIENT_DATA &&
                  strstr(f->sentence, "tokens are not logged"),
              "%s", f->sentence);
    made.found.list.n = 0;
    sft.adapter.shape_from = NULL;
    f = run(&detector_lora_capacity, "lora_capacity");
    cr_expect(f->status == FINDING_INSUFFICIENT_DATA && strstr(f->sentence, "shapes"));
    made.found.list.n = 0;
    sft.adapter = (struct adapter){0};
    f = run(&detector_lora_capacity, "lora_capacity");
    cr_expect(f->status == FINDING_NOT_APPLICABLE);
    made.found.list.n = 0;
    made.subject.sft = NULL;
    cr_expect(run(&detector_lora_capacity, "lora_capacity")->status == FINDING_NOT_APPLICABLE);
}

Test(fine_tuning, attention_alone_is_advised_to_take_the_mlp_before_a_higher_rank)
{
    sft.adapter.matrices = LORA_QUERY | LORA_VALUE;
    sft.tokens = 1e9;
    const struct finding *f = run(&detector_lora_capacity, "lora_modules");

    cr_expect(f->status == FINDING_FOUND && strcmp(f->advice->key, "target_modules") == 0);
    f = made_find(&made.found, "lora_capacity");
    cr_expect(f->status == FINDING_FOUND && strcmp(f->advice->key, "target_modules") == 0);
}

Test(fine_tuning, a_reinforcement_run_is_never_judged_by_capacity)
{
    double reward[3] = {1, 2, 3};

    made.experiment.type = EXPERIMENT_RL;
    made_series(&made, ROLE_REWARD, NULL, reward, 3);
    sft.tokens = 1e12;
    sft.adapter.rank = 1;
    cr_expect(run(&detector_lora_capacity, "lora_capacity")->status == FINDING_NOT_APPLICABLE);
    cr_expect(run(&detector_lora_learning_rate, "lora_learning_rate")->status ==
              FINDING_NOT_APPLICABLE);
    detector_failure_table.run(&made.subject, &made.found);
    cr_expect(!made_has(&made.found, "failure_table"));
}

/* ---- learning rate ---- */

Test(fine_tuning, S_07_S_08_the_rate_against_its_anchor)
{
    static const struct {
        const char *what, *model;
        double rate;
        enum finding_status status;
        const char *part;
    } rows[] = {
        {"S-08", "meta-llama/Llama-3.1-8B", 2.9e-5, FINDING_FOUND, "about 10x too low"},
        {"near the anchor", "meta-llama/Llama-3.1-8B", 3e-4, FINDING_NOT_FOUND, "factor of 5"},
        {"just inside", "meta-llama/Llama-3.1-8B", 5.8e-5, FINDING_NOT_FOUND, "factor of 5"},
        {"too high", "meta-llama/Llama-3.1-8B", 3e-3, FINDING_FOUND, "about 11x too high"},
        {"S-07", "mistralai/Mistral-7B-v0.1", 3e-4, FINDING_NOT_APPLICABLE, "none is guessed"},
        {"no model", NULL, 3e-4, FINDING_INSUFFICIENT_DATA, "not named"},
        {"no rate", "meta-llama/Llama-3.1-8B", (double)NAN, FINDING_INSUFFICIENT_DATA,
         "no learning rate"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        sft.adapter.model = rows[i].model;
        sft.adapter.learning_rate = rows[i].rate;
        made.found.list.n = 0;
        const struct finding *f = run(&detector_lora_learning_rate, "lora_learning_rate");

        cr_expect(f->status == rows[i].status && strstr(f->sentence, rows[i].part), "%s: %s",
                  rows[i].what, f->sentence);
        cr_expect(f->status != FINDING_FOUND || strcmp(f->advice->to, "0.00029") == 0);
    }
}

Test(fine_tuning, the_peak_of_a_logged_rate_goes_before_the_configured_one)
{
    static const double lr[] = {1e-6, 3e-4, 1e-6};

    made_series(&made, ROLE_LEARNING_RATE, NULL, lr, 3);
    sft.adapter.learning_rate = 1e-6;
    const struct finding *f = run(&detector_lora_learning_rate, "lora_learning_rate");
    cr_expect(f->status == FINDING_NOT_FOUND && made_value(f, "learning_rate") == 3e-4);
}

/* ---- win rate ---- */

Test(fine_tuning, a_win_rate_is_found_only_where_the_model_is_worse)
{
    static const struct {
        int64_t wins, losses;
        enum finding_status status;
    } rows[] = {{124, 76, FINDING_NOT_FOUND},
                {110, 90, FINDING_INCONCLUSIVE},
                {45, 45, FINDING_INCONCLUSIVE},
                {60, 140, FINDING_FOUND},
                {0, 0, FINDING_INCONCLUSIVE}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        sft.judge = (struct judge){.source = "eval_results/metrics.json",
                                   .wins = rows[i].wins,
                                   .losses = rows[i].losses,
                                   .ties = 3};
        made.found.list.n = 0;
        const struct finding *f = run(&detector_win_rate, "win_rate");
        cr_expect(f->status == rows[i].status, "row %zu: %s", i, f->sentence);
    }
}

/* ---- samples ---- */

static void put_samples(size_t poor, size_t good)
{
    struct sample *v = ARENA_ARRAY(&made.arena, poor + good, struct sample);

    for (size_t i = 0; i < poor + good; i++) {
        v[i].prompt = str_of(arena_printf(&made.arena, "prompt %zu", i));
        v[i].text = i < poor ? STR("no no no no no no no no no no no no no no no no\x1b[2J no")
                             : str_of(arena_printf(&made.arena, "A fine answer, number %zu.", i));
    }
    sft.samples =
        (struct samples){.source = "samples.jsonl", .total = poor + good, .cap = NOT_GIVEN};
    samples_count(v, poor + good, &made.arena, &sft.samples);
}

Test(fine_tuning, poor_samples_are_found_by_their_share_and_quoted_clean)
{
    static const struct {
        size_t poor, good;
        enum finding_status status;
        enum severity severity;
    } rows[] = {{0, 5, FINDING_NOT_FOUND, SEVERITY_INFO},
                {1, 9, FINDING_NOT_FOUND, SEVERITY_INFO},
                {2, 8, FINDING_FOUND, SEVERITY_LOW},
                {5, 5, FINDING_FOUND, SEVERITY_MEDIUM},
                {2, 0, FINDING_INCONCLUSIVE, SEVERITY_INFO}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        put_samples(rows[i].poor, rows[i].good);
        made.found.list.n = 0;
        const struct finding *f = run(&detector_sample_quality, "sample_quality");

        cr_expect(f->status == rows[i].status && f->severity == rows[i].severity, "row %zu: %s", i,
                  f->sentence);
        for (size_t k = 0; k < f->caveats.n; k++)
            cr_expect(!strchr(f->caveats.v[k], 0x1b) && strlen(f->caveats.v[k]) < 400);
    }
}

Test(fine_tuning, good_metrics_with_poor_samples_ask_for_a_judge)
{
    put_samples(5, 5);
    const struct finding *f = run(&detector_sample_quality, "sample_quality");
    cr_expect(strstr(f->advice->key, "formatting") != NULL);
    made.found.list.n = 0;
    finding_add(&made.found, "no_progress", FINDING_NOT_FOUND);
    f = run(&detector_sample_quality, "sample_quality");
    cr_expect_str_eq(f->advice->key, "LLM-as-judge evaluation");
}

/* ---- the failure table ---- */

static struct finding *found(const char *class, enum finding_status status)
{
    struct finding *f = finding_add(&made.found, class, status);

    f->evidence.from = 500;
    f->evidence.to = 900;
    return f;
}

static const struct finding *row_of(const char *id)
{
    for (size_t i = 0; i < made.found.list.n; i++) {
        if (strcmp(made.found.list.v[i].id, id) == 0)
            return &made.found.list.v[i];
    }
    return made_find(&made.found, "no such row");
}

Test(fine_tuning, S_20_spikes_are_explained_by_a_rate_too_high)
{
    found("spikes", FINDING_FOUND);
    detector_failure_table.run(&made.subject, &made.found);
    const struct finding *f = row_of("failure_table:loss_spikes");

    cr_expect(strstr(f->sentence, "LR too high") && strstr(f->advice->to, "lower LR"), "%s",
              f->sentence);
    cr_expect(f->evidence.from == 500 && f->severity == SEVERITY_INFO);
}

/* Level at 2 with a little noise, three values of 6 in the middle. */
Test(fine_tuning, S_20_three_values_three_times_the_median_are_such_a_spike)
{
    struct noise noise = NOISE_START;
    double loss[400];

    for (size_t i = 0; i < 400; i++)
        loss[i] = (i >= 200 && i < 203 ? 6 : 2) * exp(0.02 * noise_next(&noise));
    made_series(&made, ROLE_TRAIN_LOSS, NULL, loss, 400);
    detector_spikes.run(&made.subject, &made.found);
    cr_assert(made_find(&made.found, "spikes")->status == FINDING_FOUND);
    detector_failure_table.run(&made.subject, &made.found);
    const struct finding *f = row_of("failure_table:loss_spikes");
    cr_expect(strstr(f->sentence, "LR too high") != NULL, "%s", f->sentence);
    cr_assert(f->advice && f->advice->to);
    cr_expect(strstr(f->advice->to, "lower LR") != NULL, "%s", f->advice->to);
}

Test(fine_tuning, F_131_an_early_plateau_asks_for_the_capacity_first)
{
    found("plateau", FINDING_FOUND);
    detector_failure_table.run(&made.subject, &made.found);
    cr_expect(strstr(row_of("failure_table:early_plateau")->sentence, "could not be checked"));
    made.found.list.n = 0;
    found("lora_capacity", FINDING_NOT_FOUND)->evidence.effect = 335;
    found("plateau", FINDING_FOUND);
    detector_failure_table.run(&made.subject, &made.found);
    cr_expect(strstr(row_of("failure_table:early_plateau")->sentence, "not for want of capacity"));
    made.found.list.n = 0;
    sft.tokens = 4e9;
    detector_lora_capacity.run(&made.subject, &made.found);
    found("plateau", FINDING_FOUND);
    detector_failure_table.run(&made.subject, &made.found);
    cr_expect(strstr(row_of("failure_table:early_plateau")->sentence, "undercapacity"));
    cr_expect_str_eq(row_of("failure_table:early_plateau")->advice->to, "1024");
}

Test(fine_tuning, F_133_F_145_a_rising_validation_loss_names_the_step_to_stop_at)
{
    struct finding *f = found("val_rising", FINDING_FOUND);

    finding_value(&made.found, f, "best_step", 800, "steps");
    detector_failure_table.run(&made.subject, &made.found);
    const struct finding *row = row_of("failure_table:val_increases");
    cr_expect(strstr(row->sentence, "step 800") && strstr(row->sentence, "overfitting"), "%s",
              row->sentence);
    cr_expect(strstr(row->advice->to, "800") != NULL);
}

Test(fine_tuning, F_134_no_improvement_looks_at_the_modules_then_the_rate)
{
    static const struct {
        const char *cause;
        enum finding_status status;
        const char *part;
    } rows[] = {{"lora_modules", FINDING_FOUND, "wrong layers, the MLP"},
                {"lora_learning_rate", FINDING_FOUND, "the learning rate may be"},
                {"lora_modules", FINDING_NOT_FOUND, "frozen"},
                {"gate", FINDING_NOT_FOUND, "could not be checked"}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        made.found.list.n = 0;
        found(rows[i].cause, rows[i].status);
        found("no_progress", FINDING_FOUND);
        detector_failure_table.run(&made.subject, &made.found);
        const char *sentence = row_of("failure_table:no_improvement")->sentence;
        cr_expect(strstr(sentence, rows[i].part) != NULL, "row %zu: %s", i, sentence);
    }
}

Test(fine_tuning, F_135_a_loss_that_still_falls_under_a_low_rate_is_slow)
{
    sft.adapter.learning_rate = 2.9e-5;
    detector_lora_learning_rate.run(&made.subject, &made.found);
    found("plateau", FINDING_NOT_FOUND);
    detector_failure_table.run(&made.subject, &made.found);
    const struct finding *f = row_of("failure_table:slow_convergence");
    cr_expect(strstr(f->sentence, "LR too low") && strcmp(f->advice->key, "learning rate") == 0,
              "%s", f->sentence);
    made.found.list.n = 0;
    sft.adapter.learning_rate = 3e-3;
    detector_lora_learning_rate.run(&made.subject, &made.found);
    found("plateau", FINDING_NOT_FOUND);
    detector_failure_table.run(&made.subject, &made.found);
    cr_expect(row_of("failure_table:slow_convergence")->id[0] == '\0', "a high rate is not slow");
}

Test(fine_tuning, the_table_is_silent_for_other_runs_and_says_where_it_found_nothing)
{
    detector_failure_table.run(&made.subject, &made.found);
    cr_expect(made_find(&made.found, "failure_table")->status == FINDING_NOT_FOUND);
    made.found.list.n = 0;
    found("divergence", FINDING_FOUND);
    found("plateau", FINDING_FOUND);
    detector_failure_table.run(&made.subject, &made.found);
    cr_expect(!made_has(&made.found, "failure_table"), "divergence explains the plateau");
    made.found.list.n = 0;
    sft.why = NULL;
    found("plateau", FINDING_FOUND);
    detector_failure_table.run(&made.subject, &made.found);
    cr_expect(!made_has(&made.found, "failure_table"), "no fine-tuning run");
}
