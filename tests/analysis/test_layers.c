#include "analysis/layers.h"

#include "analysis/catalog.h"
#include "analysis/subject.h"
#include "tests/support/tmpdir.h"

#include <criterion/criterion.h>
#include <math.h>

Test(layers, names_of_trainers_are_known_and_sums_over_all_are_no_layer)
{
    static const struct {
        const char *logged, *name, *stack; /* name NULL: none */
        int64_t number;
    } rows[] = {
        {"grad_2.0_norm/model.layers.3.mlp.weight", "model.layers.3", "model.layers.", 3},
        {"l2_norm/grad/transformer.h.11.attn", "transformer.h.11", "transformer.h.", 11},
        {"optim/grad/transformer.blocks.0.att_proj.weight.norm", "transformer.blocks.0",
         "transformer.blocks.", 0},
        {"grad_norm/layer_12", "layer_12", "layer_", 12},
        {"grad_norm/layer7/kernel", "layer7", "layer", 7},
        {"grad_norm/embed.weight", "embed.weight", "embed.weight", NOT_GIVEN},
        {"grad_norm/conv2d.weight", "conv2d.weight", "conv2d.weight", NOT_GIVEN},
        {"grad_norm/total", NULL, NULL, 0},
        {"grad_norm", NULL, NULL, 0},
        {"grad/loss", NULL, NULL, 0},
        {"weights/layer_1", NULL, NULL, 0},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct layer_name id;
        bool is = layer_of(str_of(rows[i].logged), &id);

        cr_assert(is == (rows[i].name != NULL), "%s", rows[i].logged);
        if (is)
            cr_expect(str_is(id.name, rows[i].name) && str_is(id.stack, rows[i].stack) &&
                          id.number == rows[i].number,
                      "%s: %.*s of %.*s, %lld", rows[i].logged, STR_FMT(id.name), STR_FMT(id.stack),
                      (long long)id.number);
    }
}

static struct tmpdir dir;
static struct arena arena;
static struct catalog *catalog;

static void set_up(void)
{
    tmpdir_make(&dir);
    arena_init(&arena);
}

static void tear_down(void)
{
    arena_fini(&arena);
    catalog_close(catalog);
    tmpdir_remove(&dir);
}

TestSuite(loaded_layers, .init = set_up, .fini = tear_down);

static const struct layers *load(const char *rows)
{
    const char *roots[] = {dir.path};
    const struct experiment *run;
    struct subject *subject = ARENA_NEW(&arena, struct subject);
    struct coverage coverage;
    struct err err = {0};

    coverage_init(&coverage, &arena);
    tmpdir_folder(&dir, "run/dashboard_metrics");
    tmpdir_file(&dir, "run/metadata.json", "{\"type\": \"lm\"}");
    tmpdir_file(&dir, "run/dashboard_metrics/metrics.jsonl", rows);
    catalog = catalog_open(&(struct strs){roots, 1});
    cr_assert(catalog_find(catalog, "run", &arena, &run, &err), "%s", err.msg);
    cr_assert(subject_load(run, &arena, &coverage, subject, &err), "%s", err.msg);
    return subject->layers;
}

Test(loaded_layers, parameters_of_a_layer_are_one_norm_and_layers_stand_by_number)
{
    const struct layers *layers =
        load("{\"step\":1,\"Losses/Total\":2,\"grad_norm/h.10.a\":1,\"grad_norm/h.2.a\":3,"
             "\"grad_norm/h.2.b\":4,\"grad_norm/h.2.c\":1,\"grad_norm/head\":7,"
             "\"grad_inf_norm/x.0.a\":3,\"grad_inf_norm/x.0.b\":4}\n"
             "{\"step\":2,\"Losses/Total\":1,\"grad_norm/h.10.a\":1,\"grad_norm/h.2.a\":6,"
             "\"grad_norm/h.2.b\":8,\"grad_norm/head\":7,"
             "\"grad_inf_norm/x.0.a\":2,\"grad_inf_norm/x.0.b\":1}\n");

    cr_assert(layers->n == 4 && layers->series_n == 7, "%zu %zu", layers->n, layers->series_n);
    cr_expect(str_is(layers->v[0].id.name, "h.2") && str_is(layers->v[1].id.name, "h.10") &&
              str_is(layers->v[2].id.name, "head"));
    cr_expect(layers->v[0].members == 2 && layers->left_out == 1, "c has one point of two");
    cr_expect(layers->v[0].norm.value[0] == 5 && layers->v[0].norm.value[1] == 10,
              "3, 4 and 6, 8: %g %g", layers->v[0].norm.value[0], layers->v[0].norm.value[1]);
    cr_expect(layers->v[3].norm.value[0] == 4 && layers->v[3].norm.value[1] == 2,
              "the largest of infinity norms: %g %g", layers->v[3].norm.value[0],
              layers->v[3].norm.value[1]);
}

/* h.0: 3 and 4 make 5 however often they are told; h.1 is told by the second name alone. */
Test(loaded_layers, under_two_names_count_once)
{
    const struct layers *layers =
        load("{\"step\":1,\"Losses/Total\":2,\"grad_norm/h.0.a\":3,\"train/grad_norm/h.0.a\":3,"
             "\"grad_norm/h.0.b\":4,\"train/grad_norm/h.0.b\":4,\"train/grad_norm/h.1.a\":7,"
             "\"grad_inf_norm/h.0.a\":1}\n");

    cr_assert(layers->n == 2, "%zu", layers->n);
    cr_expect(layers->v[0].members == 2 && layers->v[0].norm.value[0] == 5, "%zu: %g",
              layers->v[0].members, layers->v[0].norm.value[0]);
    cr_expect(str_is(layers->v[1].id.name, "h.1") && layers->v[1].norm.value[0] == 7);
    cr_expect(layers->left_out == 0 && layers->series_n == 6);
}
