/* What a fine-tuning run left, from files of a test's own. */
#include "analysis/sft.h"
#include "analysis/catalog.h"
#include "tests/support/tmpdir.h"

#include <criterion/criterion.h>
#include <math.h>

static struct tmpdir tmp;
static struct arena arena;
static struct catalog *catalog;

static void set_up(void)
{
    tmpdir_make(&tmp);
    tmpdir_file(&tmp, "e/metadata.json", "{\"type\":\"lm\"}");
    arena_init(&arena);
}

static void tear_down(void)
{
    arena_fini(&arena);
    catalog_close(catalog);
    tmpdir_remove(&tmp);
}

TestSuite(sft_files, .init = set_up, .fini = tear_down);

static struct sft load(struct coverage *coverage)
{
    const char *roots[] = {tmp.path};
    const struct strs list = {roots, 1};
    const struct experiment *experiment;
    struct sft sft = {0};
    struct err err;

    arena_reset(&arena); /* what was asked for ends before what it was asked of */
    catalog_close(catalog);
    catalog = catalog_open(&list);
    cr_assert(catalog_find(catalog, "e", &arena, &experiment, &err), "%s", err.msg);
    coverage_init(coverage, &arena);
    cr_assert(sft_load(experiment, &arena, coverage, &sft, &err), "%s", err.msg);
    return sft;
}

Test(sft_files, a_run_without_any_of_it_has_nothing)
{
    struct coverage coverage;
    struct sft sft = load(&coverage);

    cr_expect(!sft.why && !sft.adapter.source && !sft.judge.source && !sft.samples.source);
    cr_expect(isnan(sft.tokens) && coverage.sources.n == 0);
}

Test(sft_files, a_peft_adapter_is_read_by_its_keys)
{
    struct coverage coverage;

    tmpdir_file(&tmp, "e/adapter_config.json",
                "{\"peft_type\":\"LORA\",\"r\":16,\"lora_alpha\":32,\"rank_pattern\":{},"
                "\"layers_to_transform\":null,\"target_modules\":[\"q_proj\",\"v_proj\"],"
                "\"base_model_name_or_path\":\"meta-llama/Llama-3.2-1B\"}");
    struct sft sft = load(&coverage);
    const struct adapter *a = &sft.adapter;

    cr_expect_str_eq(a->source, "adapter_config.json");
    cr_expect(a->rank == 16 && a->alpha == 32 && a->matrices == (LORA_QUERY | LORA_VALUE));
    cr_expect(a->shape_from && a->shape.hidden == 2048 && !a->odd);
    cr_expect(coverage.sources.n == 1 && sft.why);
}

Test(sft_files, a_tinker_run_has_its_model_rank_rate_and_tokens)
{
    struct coverage coverage;

    tmpdir_file(&tmp, "e/config.json",
                "{\"model_name\":\"Qwen/Qwen3-8B\",\"lora_rank\":32,\"learning_rate\":0.0003,"
                "\"num_epochs\":2,\"dataset_builder\":{\"batch_size\":128}}");
    tmpdir_file(&tmp, "e/dashboard_metrics/metrics.jsonl",
                "{\"step\":0,\"train_mean_nll\":2.0,\"num_loss_tokens\":1000}\n"
                "{\"step\":1,\"train_mean_nll\":1.0,\"num_loss_tokens\":1500}\n");
    struct sft sft = load(&coverage);
    const struct adapter *a = &sft.adapter;

    cr_expect(a->rank == 32 && a->learning_rate == 0.0003 && a->epochs == 2 && a->batch == 128);
    cr_expect(a->matrices == (LORA_ATTENTION | LORA_MLP | LORA_UNEMBED));
    cr_expect(sft.tokens == 2500 && sft.loss_tokens);
}

Test(sft_files, adapters_that_cannot_be_counted_say_why)
{
    static const struct {
        const char *members, *part;
    } rows[] = {
        {"\"target_modules\":[\"c_attn\"]", "'c_attn'"},
        {"\"target_modules\":\"all-linear\",\"rank_pattern\":{\"q_proj\":4}", "rank_pattern"},
        {"\"target_modules\":\"all-linear\",\"layers_to_transform\":[1,2]", "layers_to_transform"},
        {"\"target_modules\":\".*(q|v)_proj$\"", "whose size is not known"},
        {"\"target_modules\":[\"self_attn.q_proj\",\"mlp.up_proj\"]", NULL},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct coverage coverage;
        tmpdir_file(&tmp, "e/adapter_config.json",
                    arena_printf(&arena, "{\"r\":8,%s}", rows[i].members));
        struct sft sft = load(&coverage);

        cr_expect(rows[i].part ? sft.adapter.odd && strstr(sft.adapter.odd, rows[i].part)
                               : !sft.adapter.odd,
                  "row %zu: %s", i, sft.adapter.odd ? sft.adapter.odd : "none");
    }
}

Test(sft_files, the_models_own_config_goes_before_the_table)
{
    struct coverage coverage;

    tmpdir_file(&tmp, "e/adapter_config.json",
                "{\"r\":8,\"base_model_name_or_path\":\"meta-llama/Llama-3.1-8B\"}");
    tmpdir_file(&tmp, "e/config.json",
                "{\"hidden_size\":64,\"intermediate_size\":256,\"num_attention_heads\":4,"
                "\"num_key_value_heads\":2,\"num_hidden_layers\":3,\"vocab_size\":1000}");
    struct sft sft = load(&coverage);

    cr_expect(sft.adapter.shape.hidden == 64 && sft.adapter.shape.kv == 32 &&
              sft.adapter.shape.query == 64 && sft.adapter.shape.vocabulary == 1000);
    cr_expect_str_eq(sft.adapter.shape_from, "the model's own config.json");
}

Test(sft_files, S_18_a_judges_metrics_json_is_told_from_a_log_of_losses)
{
    struct coverage coverage;

    tmpdir_file(
        &tmp, "e/metrics.json",
        "{\"total_comparisons\":200,\"baseline_wins\":80,\"finetuned_wins\":110,\"ties\":10,"
        "\"finetuned_win_rate\":0.55}");
    struct sft sft = load(&coverage);
    cr_expect_str_eq(sft.judge.source, "metrics.json");
    cr_expect(sft.judge.wins == 110 && sft.judge.losses == 80 && sft.judge.ties == 10);

    tmpdir_file(&tmp, "e/metrics.json", "{\"train_losses\":[1,2],\"val_losses\":[],\"steps\":[1]}");
    sft = load(&coverage);
    cr_expect(!sft.judge.source && sft.why, "a log of losses is no judge");
    tmpdir_file(&tmp, "e/metrics.json", "{\"accuracy\":0.5}");
    cr_expect(!load(&coverage).why, "many programs write a metrics.json");
    tmpdir_file(&tmp, "e/metrics.json", "{\"finetuned_wins\":-3,\"baseline_wins\":1}");
    cr_expect(!load(&coverage).judge.source);
    tmpdir_file(&tmp, "e/metrics.json", "{\"finetuned_wins\":");
    cr_expect(!load(&coverage).judge.source);
}

Test(sft_files, samples_come_from_the_evaluation_else_from_their_own_file)
{
    struct coverage coverage;

    tmpdir_file(
        &tmp, "e/samples.jsonl",
        "{\"prompt\":\"a\",\"response\":\"An answer.\"}\n{\"prompt\":\"b\",\n"
        "{\"prompt\":\"c\",\"completion\":\"\"}\n{\"prompt\":\"no text\"}\n\"text alone\"\n");
    struct sft sft = load(&coverage);
    cr_expect(sft.samples.n == 3 && sft.samples.empty == 1 && coverage.malformed.count == 1);
    cr_expect_str_eq(sft.samples.source, "samples.jsonl");

    tmpdir_file(&tmp, "e/evaluation_results.json",
                "{\"perplexity\":9,\"max_new_tokens\":50,"
                "\"samples\":[{\"prompt\":\"a\",\"generated\":\"a b\"}]}");
    sft = load(&coverage);
    cr_expect(sft.samples.n == 1 && sft.samples.cap == 50);
    cr_expect_str_eq(sft.samples.source, "evaluation_results.json");
}

Test(sft_files, a_link_out_of_the_run_is_not_read)
{
    struct coverage coverage;

    tmpdir_file(&tmp, "secret.json", "{\"r\":8}");
    tmpdir_link(&tmp, "../secret.json", "e/adapter_config.json");
    cr_expect(!load(&coverage).adapter.source);
}
