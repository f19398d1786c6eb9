/* Stored vectors 31 to 34, and the checks S-01 to S-07 as far as they are arithmetic. */
#include "analysis/stats/lora.h"
#include "tests/support/curves.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

/* Llama-3.1-8B without a vocabulary: that of the vectors. */
static const struct lora_shape llama_8b = {4096, 14336, 4096, 1024, 32, 128256, 0};

Test(lora, vector_31_parameter_counts)
{
    cr_expect(lora_parameters(&llama_8b, LORA_ATTENTION) == 851968);
    cr_expect(lora_parameters(&llama_8b, LORA_MLP) == 1769472);
    cr_expect(lora_parameters(&llama_8b, LORA_ATTENTION | LORA_MLP) == 2621440);
    cr_expect(64 * lora_parameters(&llama_8b, LORA_ATTENTION | LORA_MLP) == 167772160);
    cr_expect(lora_parameters(&llama_8b, LORA_UNEMBED) == 132352);
}

Test(lora, S_04_exact_parameters_of_llama_8b_with_all_modules)
{
    const struct lora_model *model = lora_model_find(STR("meta-llama/Llama-3.1-8B"));

    cr_assert(model);
    int64_t per_rank = lora_parameters(&model->shape, LORA_MLP | LORA_ATTENTION | LORA_UNEMBED);
    cr_expect(64 * per_rank == 176242688 && 32 * per_rank == 88121344);
}

Test(lora, each_projection_has_its_own_sum)
{
    /* 4B of Qwen3: queries (4096) are wider than the model (2560) */
    const struct lora_shape *s = &lora_model_find(STR("Qwen/Qwen3-4B-Instruct-2507"))->shape;

    cr_expect(lora_parameters(s, LORA_QUERY) == 36 * (2560 + 4096));
    cr_expect(lora_parameters(s, LORA_OUTPUT) == 36 * (4096 + 2560));
    cr_expect(lora_parameters(s, LORA_KEY) == 36 * (2560 + 1024));
    cr_expect(lora_parameters(s, LORA_DOWN) == 36 * (9728 + 2560));
    cr_expect(lora_parameters(s, 0) == 0);
    s = &lora_model_find(STR("Qwen3-30B-A3B"))->shape;
    cr_expect(lora_parameters(s, LORA_UP) == (int64_t)48 * 128 * (2048 + 768), "each expert");
}

Test(lora, vectors_32_and_33_capacity)
{
    static const struct {
        const char *what;
        unsigned matrices;
        int64_t rank;
        double tokens, nats, ratio;
        int64_t least;
        const char *band;
    } rows[] = {
        {"r 64, 1e6 tokens at ln 2", LORA_ATTENTION | LORA_MLP, 64, 1e6, M_LN2, 335.5443, 1,
         "ample"},
        {"the same at 1 bit", LORA_ATTENTION | LORA_MLP, 64, 1e6, (double)NAN, 335.5443, 1,
         "ample"},
        {"r 4, 1e9 tokens", LORA_ATTENTION | LORA_MLP, 4, 1e9, M_LN2, 0.02097152, 191,
         "undercapacity"},
        {"attention only", LORA_ATTENTION, 4, 1e9, (double)NAN, 0.006815744, 587, "undercapacity"},
        {"all linear, r 191", LORA_ATTENTION | LORA_MLP, 191, 1e9, (double)NAN, 1.00139008, 191,
         "adequate"},
        {"all linear, r 190", LORA_ATTENTION | LORA_MLP, 190, 1e9, (double)NAN, 0.9961472, 191,
         "tight"},
        {"r 763, above 4", LORA_ATTENTION | LORA_MLP, 763, 1e9, (double)NAN, 4.00031744, 191,
         "ample"},
        {"r 762, below 4", LORA_ATTENTION | LORA_MLP, 762, 1e9, (double)NAN, 3.99507456, 191,
         "adequate"},
        {"r 48, above 1/4", LORA_ATTENTION | LORA_MLP, 48, 1e9, (double)NAN, 0.25165824, 191,
         "tight"},
        {"r 47, below 1/4", LORA_ATTENTION | LORA_MLP, 47, 1e9, (double)NAN, 0.24641536, 191,
         "undercapacity"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct lora_capacity c =
            lora_capacity_of(&llama_8b, lora_parameters(&llama_8b, rows[i].matrices), rows[i].rank,
                             lora_bits_needed(rows[i].tokens, rows[i].nats));

        cr_expect(near_to(c.ratio, rows[i].ratio, 1e-6), "%s: %.9g", rows[i].what, c.ratio);
        cr_expect(c.least_rank == rows[i].least, "%s: %lld", rows[i].what, (long long)c.least_rank);
        cr_expect(strcmp(c.band, rows[i].band) == 0, "%s: %s", rows[i].what, c.band);
    }
}

Test(lora, the_advised_rank_is_a_power_of_two_up_to_a_quarter_of_the_width)
{
    int64_t per_rank = lora_parameters(&llama_8b, LORA_ATTENTION | LORA_MLP);

    cr_expect(lora_capacity_of(&llama_8b, per_rank, 4, 1e9).advised_rank == 256);
    cr_expect(lora_capacity_of(&llama_8b, per_rank, 4, 5e9).advised_rank == 1024);
    cr_expect(lora_capacity_of(&llama_8b, per_rank, 4, 6e9).advised_rank == 0, "full fine-tune");
    cr_expect(lora_capacity_of(&llama_8b, per_rank, 4, 1e300).advised_rank == 0);
}

Test(lora, S_01_S_02_S_03_the_plain_rule_to_the_digit)
{
    struct plain_capacity c = plain_capacity_of(64, 4096, 32, 1000000);

    cr_expect(c.parameters == 184156160 && c.capacity_bits == 368312320);
    cr_expect(c.ok && fabs(c.headroom_percent - 36731.232) < 1e-6);
    c = plain_capacity_of(64, 4096, 32, 368312320);
    cr_expect(c.ok && c.headroom_percent == 0);
    c = plain_capacity_of(64, 4096, 32, 368312321);
    cr_expect(!c.ok && c.suggested_rank == 65 && c.deficit_bits == 1);
    c = plain_capacity_of(64, 4096, 32, 1000000000);
    cr_expect(!c.ok && c.suggested_rank == 174 && c.deficit_bits == 631687680);
}

Test(lora, vector_34_S_06_learning_rate_anchors)
{
    static const struct {
        const char *model;
        double hidden, want, tolerance;
    } rows[] = {{"Llama-3.1-8B", 4096, 2.856415e-4, 1e-6},
                {"Llama-3.2-1B", 2048, 4.908239e-4, 1e-6},
                {"Llama-3.1-70B", 8192, 1.662e-4, 3e-4}, /* four digits */
                {"Qwen/Qwen3-8B", 4096, 4.729791e-4, 1e-6},
                {"Qwen/Qwen3-4B", 2560, 4.905e-4, 1e-4}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        double got = lora_rate_anchor(lora_family(str_of(rows[i].model)), rows[i].hidden);
        const struct lora_model *model = lora_model_find(str_of(rows[i].model));

        cr_expect(near_to(got, rows[i].want, rows[i].tolerance), "%s: %.7g", rows[i].model, got);
        cr_expect(model && (double)model->shape.hidden == rows[i].hidden, "%s", rows[i].model);
    }
}

Test(lora, S_07_an_unknown_family_has_no_anchor)
{
    static const char *const names[] = {"mistralai/Mistral-7B-v0.3", "gpt2", "", "my-Llama"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        cr_expect(!lora_family(str_of(names[i])), "'%s'", names[i]);
    cr_expect(isnan(lora_rate_anchor(NULL, 4096)));
}

Test(lora, models_are_found_by_name_and_variants_of_other_shape_are_not)
{
    static const struct {
        const char *name, *want;
    } rows[] = {{"meta-llama/Llama-3.1-8B-Instruct", "Llama-3.1-8B"},
                {"meta-llama/Meta-Llama-3-8B", "Llama-3-8B"},
                {"qwen/qwen2.5-7b-instruct", "Qwen2.5-7B"},
                {"meta-llama/Llama-2-7b-hf", "Llama-2-7B"},
                {"Qwen/Qwen3-30B-A3B-Base", "Qwen3-30B-A3B"},
                {"Qwen/Qwen3-VL-30B-A3B-Instruct", NULL},
                {"Qwen/Qwen2.5-VL-7B-Instruct", NULL},
                {"Llama-3.1-8", NULL},
                {"Llama-3.1-8Bx", NULL},
                {"", NULL}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct lora_model *model = lora_model_find(str_of(rows[i].name));

        cr_expect(rows[i].want ? model && strcmp(model->name, rows[i].want) == 0 : !model,
                  "'%s': %s", rows[i].name, model ? model->name : "none");
    }
    cr_expect_str_eq(lora_model_nearest(STR("Llama3.1-8B")), "Llama-3.1-8B");
    cr_expect(!lora_model_nearest(STR("bert-base-uncased")));
}

Test(lora, modules_go_by_the_names_of_configurations)
{
    cr_expect(lora_matrices(STR("all-linear")) == (LORA_ATTENTION | LORA_MLP));
    cr_expect(lora_matrices(STR("lm_head")) == LORA_UNEMBED);
    cr_expect((lora_matrices(STR("q_proj")) | lora_matrices(STR("k_proj")) |
               lora_matrices(STR("v_proj")) | lora_matrices(STR("o_proj"))) == LORA_ATTENTION);
    cr_expect((lora_matrices(STR("gate_up_proj")) | lora_matrices(STR("down_proj"))) == LORA_MLP);
    cr_expect(lora_matrices(STR("c_attn")) == 0);
}

/* ---- the band of rates, where the published sweep is at hand ---- */

struct run {
    double rate, nll;
    int rank;
};

struct counts {
    size_t models, outside, outside_worse, inside, inside_near;
};

/* Of one model: is a run outside of the band worse than the best of its rank? */
static void judge(const struct lora_model *model, const struct run *runs, size_t n,
                  struct counts *out)
{
    double anchor = lora_rate_anchor(lora_family(str_of(model->name)), (double)model->shape.hidden);

    out->models++;
    for (size_t i = 0; i < n; i++) {
        double best = INFINITY, ratio = runs[i].rate / anchor;
        for (size_t k = 0; k < n; k++)
            best = runs[k].rank == runs[i].rank ? fmin(best, runs[k].nll) : best;
        bool outside = ratio < 1 / LORA_RATE_FACTOR || ratio > LORA_RATE_FACTOR;
        out->outside += outside;
        out->outside_worse += outside && runs[i].nll > 1.01 * best;
        out->inside += !outside;
        out->inside_near += !outside && runs[i].nll <= 1.03 * best;
    }
}

static void read_sweep(FILE *file, struct counts *out)
{
    static struct run runs[256];
    const struct lora_model *model = NULL;
    char line[4096], name[256];
    size_t n = 0;

    while (fgets(line, sizeof(line), file)) {
        struct run r;
        if (sscanf(line, "## %255s", name) == 1) {
            if (model && n)
                judge(model, runs, n, out);
            model = lora_model_find(str_of(name));
            n = 0;
        } else if (n < 256 && sscanf(line, "| %lf | %d | %lf |", &r.rate, &r.rank, &r.nll) == 3) {
            runs[n++] = r;
        }
    }
    if (model && n)
        judge(model, runs, n, out);
}

Test(lora, rates_outside_the_band_did_worse_in_a_published_sweep)
{
    const char *shared = getenv("POSTRUN_SHARED");
    char path[4096];
    struct counts c = {0};

    snprintf(path, sizeof(path), "%s/data/files/sweeps/tinker-sft/sft_sweep.md",
             shared ? shared : "../shared");
    FILE *file = fopen(path, "re");
    if (!file)
        cr_skip_test("%s is not there", path);
    read_sweep(file, &c);
    fclose(file);
    cr_expect(c.models == 14, "%zu", c.models);
    cr_expect(c.outside == 91 && c.outside_worse == 89, "%zu of %zu", c.outside_worse, c.outside);
    cr_expect(c.inside == 163 && c.inside_near == 157, "%zu of %zu", c.inside_near, c.inside);
}
