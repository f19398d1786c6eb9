#include "analysis/workload.h"

#include "analysis/catalog.h"
#include "tests/support/tmpdir.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>

static struct tmpdir t;
static struct arena arena;
static struct catalog *catalog;

static void set_up(void)
{
    tmpdir_make(&t);
    arena_init(&arena);
    tmpdir_folder(&t, "run/dashboard_metrics");
    tmpdir_file(&t, "run/metadata.json", "{\"type\": \"lm\"}");
}

static void tear_down(void)
{
    arena_fini(&arena);
    catalog_close(catalog);
    tmpdir_remove(&t);
}

TestSuite(workload, .init = set_up, .fini = tear_down);

/* Of the run of set_up, its log as given, whose loss has steps 1 to 40 and stamps 2 s apart. */
static struct workload load(const char *metrics)
{
    static const struct workload_span span = {
        .first_step = 1, .last_step = 40, .first_time = 1000, .last_time = 1078};
    const char *roots[] = {t.path};
    const struct experiment *run;
    struct workload w;
    struct err err = {0};

    tmpdir_file(&t, "run/dashboard_metrics/metrics.jsonl", metrics);
    catalog = catalog_open(&(struct strs){roots, 1});
    cr_assert(catalog_find(catalog, "run", &arena, &run, &err), "%s", err.msg);
    cr_assert(workload_load(run, &span, &arena, &w, &err), "%s", err.msg);
    return w;
}

/*
 * 12 layers, width 768, context 1024: 12 * 12 * 768^2 = 84,934,656 parameters of blocks;
 * 12 * 1024 * 40 = 491,520 tokens a step, 19,660,800 in 40; 6 * 84,934,656 + 12 * 12 * 768 * 1024
 * = 622,854,144 FLOPs a token. 39 steps took 78 s, 40 take 80.
 */
Test(workload, shapes_batches_stamps_and_a_known_card_give_a_share_of_the_peak)
{
    tmpdir_file(&t, "run/config.yaml",
                "n_layer: 12\nn_embd: 768\nblock_size: 1024\nbatch_size: 12\n"
                "gradient_accumulation_steps: 40\n");
    tmpdir_file(&t, "run/gpu_instance.json", "{\"gpuName\":\"A100 SXM4\",\"numGpus\":8}");
    struct workload w = load("{\"step\":1,\"Losses/Total\":2}\n");

    cr_expect(w.parameters == 84934656, "%.17g", w.parameters);
    cr_expect(w.tokens == 19660800, "%.17g", w.tokens);
    double flops = 622854144.0 * 19660800;
    cr_expect(workload_flops(&w) == flops, "%.17g", workload_flops(&w));
    cr_expect(fabs(w.seconds - 80) < 1e-9 && w.peak == 8 * 312e12, "%g %g", w.seconds, w.peak);
    cr_expect(fabs(workload_utilisation(&w) - flops / 80 / 2.496e15) < 1e-12);
}

Test(workload, what_is_logged_comes_before_what_is_reckoned)
{
    tmpdir_file(&t, "run/config.yaml",
                "model:\n  num_params: 124M\npeak_flops: 1e14\nnum_gpus: 2\n");
    struct workload w = load("{\"step\":1,\"num_tokens\":100,\"mfu\":-100,\"total_flos\":5}\n"
                             "{\"step\":2,\"num_tokens\":300,\"mfu\":30}\n"
                             "{\"step\":3,\"num_tokens\":500,\"mfu\":40,\"train_runtime\":7}\n");

    cr_expect(w.parameters == 124e6, "%g", w.parameters);
    cr_expect_str_eq(w.parameters_from, "model.num_params");
    cr_expect(w.tokens == 500, "it never falls: a total, not %g", w.tokens);
    cr_expect(workload_flops(&w) == 5 && w.seconds == 7 && w.peak == 2e14);
    cr_expect(fabs(workload_utilisation(&w) - 0.35) < 1e-12 && w.utilisation_n == 2,
              "the median of 30%% and 40%%: %g", workload_utilisation(&w));
}

Test(workload, tokens_of_each_step_are_summed)
{
    struct workload w = load("{\"step\":1,\"num_tokens\":100}\n{\"step\":2,\"num_tokens\":90}\n"
                             "{\"step\":3,\"num_tokens\":110}\n");

    cr_expect(w.tokens == 300, "%g", w.tokens);
}

Test(workload, a_total_that_begins_with_no_number_is_a_total)
{
    struct workload w = load("{\"step\":1,\"num_tokens\":NaN}\n{\"step\":2,\"num_tokens\":100}\n"
                             "{\"step\":3,\"num_tokens\":200}\n{\"step\":4,\"num_tokens\":300}\n");

    cr_expect(w.tokens == 300, "%g", w.tokens);
}

Test(workload, what_nobody_says_is_not_known)
{
    /* two sections with different numbers; a batch without its context; a name that says nothing */
    tmpdir_file(&t, "run/config.yaml",
                "actor:\n  num_params: 5\ncritic:\n  num_params: 6\nbatch_size: 12\nparams: 3\n");
    tmpdir_file(&t, "run/gpu_instance.json", "{\"gpuName\":\"GTX 1080\",\"numGpus\":1}");
    struct workload w = load("{\"step\":1,\"Losses/Total\":2}\n");

    cr_expect(isnan(w.parameters) && isnan(w.tokens) && isnan(w.peak));
    cr_expect(!w.parameters_from && !w.tokens_from && !w.peak_from && !w.flops_from);
    cr_expect(isnan(workload_flops(&w)) && isnan(workload_utilisation(&w)));
}

Test(workload, cards_are_known_by_whole_words)
{
    static const struct {
        const char *name;
        double tera;
    } rows[] = {{"NVIDIA A100-SXM4-80GB", 312},
                {"H100 PCIE", 756.5},
                {"H100 SXM", 989.4},
                {"RTX 4090", 165.2},
                {"NVIDIA L40S", 362},
                {"RTX A6000", 154.8}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        cr_expect(accelerator_peak(rows[i].name) == 1e12 * rows[i].tera, "%s", rows[i].name);
    cr_expect(isnan(accelerator_peak("A1000")) && isnan(accelerator_peak("")));
}

Test(workload, a_card_with_the_name_of_another_has_not_its_peak)
{
    static const char *const names[] = {"NVIDIA GeForce RTX 4090 Laptop GPU",
                                        "NVIDIA GeForce RTX 4090 D", "RTX 3090 Max-Q",
                                        "rtx 4090 mobile"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        cr_expect(isnan(accelerator_peak(names[i])), "%s", names[i]);
    cr_expect(accelerator_peak("NVIDIA GeForce RTX 4090") > 1e14);
}
