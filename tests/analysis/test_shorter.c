/* How long a rerun should be: in which unit, under which key, and when not to say it. */
#include "analysis/shorter.h"

#include "analysis/catalog.h"
#include "analysis/planned.h"
#include "tests/support/made.h"
#include "tests/support/tmpdir.h"

#include <criterion/criterion.h>

static const double falls_and_rises[] = {1.5, 1.25, 1.5, 1.75};
static const double rises[] = {1.25, 1.5, 1.75, 2};
static const int64_t steps[] = {0, 10, 20, 30};

static const struct advice *advise(struct made *made, const double *v, size_t best)
{
    static const struct advice none = {.key = "(none)", .from = "", .to = "", .expected = ""};

    made_series(made, ROLE_VALIDATION_LOSS, steps, v, 4);
    struct said said = {&made->found, finding_add(&made->found, "class", FINDING_FOUND)};
    say_shorter(said, &made->subject, &made->subject.role[ROLE_VALIDATION_LOSS],
                &(struct shorter){best, "less", "check", NAN, NAN});
    return said.finding->advice ? said.finding->advice : &none;
}

Test(shorter, ends_at_the_best_step)
{
    struct made made;

    made_init(&made, EXPERIMENT_LM);
    const struct advice *a = advise(&made, falls_and_rises, 1);
    cr_expect_str_eq(a->key, "max_steps");
    cr_expect_str_eq(a->from, "30");
    cr_expect_str_eq(a->to, "10");
    made_fini(&made);
}

/* Zero steps are no training: a milder rate, or other data. */
Test(shorter, is_not_advised_where_the_first_evaluation_is_the_best)
{
    static const struct setting rate = {"learning_rate", 2e-5};
    struct made made;

    made_init(&made, EXPERIMENT_LM);
    made_settings(&made, &rate, 1);
    const struct advice *a = advise(&made, rises, 0);
    cr_expect_str_eq(a->key, "learning_rate");
    cr_expect(a->from && strcmp(a->from, "2e-05") == 0);
    cr_expect(strstr(a->to, "lower") && strstr(a->expected, "1.25"), "%s", a->expected);
    cr_assert(made.found.list.n == 1 && made.found.list.v[0].caveats.n == 1);
    cr_expect(strstr(made.found.list.v[0].caveats.v[0], "only made 'Losses/Validation' worse"));
    made_fini(&made);
}

/* Rows at epochs 0 to 3: four epochs, the best after the second. */
Test(shorter, is_told_in_epochs_under_the_key_of_the_configuration)
{
    static const struct {
        const char *log, *config, *key;
        bool epochs;
    } rows[] = {
        {"epoch,train/loss,val/loss\n0,3,1.5\n1,2,1.25\n2,1,1.5\n3,0.5,1.75\n", "epochs: 4\n",
         "epochs", true},
        {"epoch,train/loss,val/loss\n0,3,1.5\n1,2,1.25\n2,1,1.5\n3,0.5,1.75\n",
         "trainer:\n  max_epochs: 4\n", "trainer.max_epochs", true},
        {"epoch,train/loss,val/loss\n0,3,1.5\n1,2,1.25\n2,1,1.5\n3,0.5,1.75\n", "lr: 4\n",
         "num_epochs", true},
        {"step,train/loss,val/loss\n0,3,1.5\n10,2,1.25\n20,1,1.5\n30,0.5,1.75\n", "epochs: 4\n",
         "max_steps", false},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct tmpdir t;
        struct made made;
        struct err err = {0};
        const struct experiment *e = NULL;

        made_init(&made, EXPERIMENT_LM);
        tmpdir_make(&t);
        tmpdir_file(&t, "run/metrics.csv", rows[i].log);
        tmpdir_file(&t, "run/args.yaml", rows[i].config);
        const char *roots[] = {t.path};
        struct catalog *catalog = catalog_open(&(struct strs){roots, 1});
        cr_assert(catalog_find(catalog, "run", &made.arena, &e, &err), "%s", err.msg);
        cr_expect(experiment_counts_epochs(e, &made.arena) == rows[i].epochs, "row %zu", i);
        made.subject.experiment = e;
        static const int64_t epoch[] = {0, 1, 2, 3};
        made_series(&made, ROLE_VALIDATION_LOSS, rows[i].epochs ? epoch : steps, falls_and_rises,
                    4);
        struct said said = {&made.found, finding_add(&made.found, "class", FINDING_FOUND)};
        say_shorter(said, &made.subject, &made.subject.role[ROLE_VALIDATION_LOSS],
                    &(struct shorter){1, "less", "check", NAN, NAN});
        const struct advice *a = said.finding->advice;
        cr_assert(a);
        cr_expect_str_eq(a->key, rows[i].key, "row %zu: %s", i, a->key);
        cr_expect_str_eq(a->to, rows[i].epochs ? "2" : "10", "row %zu: %s", i, a->to);
        cr_expect_str_eq(a->from, rows[i].epochs ? "4" : "30", "row %zu: %s", i, a->from);
        made_fini(&made);
        catalog_close(catalog);
        tmpdir_remove(&t);
    }
}
