#include "tests/support/fed_points.h"
#include "tests/support/read_file.h"
#include "tests/support/tmpdir.h"

#include <criterion/criterion.h>
#include <math.h>

static struct tmpdir tmp;
static struct arena arena;
static int dir;

static void set_up(void)
{
    tmpdir_make(&tmp);
    arena_init(&arena);
    dir = open(tmp.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void tear_down(void)
{
    close(dir);
    arena_fini(&arena);
    tmpdir_remove(&tmp);
}

TestSuite(trainer_state, .init = set_up, .fini = tear_down);

static const char state[] =
    "{\"best_metric\": null, \"epoch\": 1.0, \"global_step\": 20, \"log_history\": ["
    "{\"epoch\": 0.5, \"learning_rate\": 1e-05, \"loss\": 2.5, \"grad_norm\": NaN, \"step\": 10},\n"
    "{\"epoch\": 1.0, \"loss\": 1.5, \"grad_norm\": null, \"step\": 20},"
    "{\"epoch\": 1.0, \"eval_g0_loss\": 1.75, \"note\": \"a } in text\", \"step\": 20},"
    "{\"epoch\": 1.0, \"train_runtime\": 9.5, \"train_loss\": 2.0, \"step\": 20}],"
    " \"logging_steps\": 10, \"max_steps\": 20, \"num_train_epochs\": 1, \"trial_params\": null}\n";

static const struct fed *fed_of(const char *text)
{
    struct bid bid;
    struct err err;
    bool ok;

    tmpdir_file(&tmp, "trainer_state.json", text);
    const struct reader *reader = reader_of_file(dir, "trainer_state.json", &arena, &bid);
    cr_assert(reader && strcmp(reader->name, "trainer_state") == 0 && bid.score == 80);
    const struct fed *fed = read_file(reader, dir, "trainer_state.json", NULL, &arena, &ok, &err);
    cr_assert(ok, "%s", err.msg);
    return fed;
}

Test(trainer_state, rows_of_one_step_stay_apart_and_say_what_they_are)
{
    const struct fed *fed = fed_of(state);
    struct fed_points loss = fed_points(fed, "loss", &arena);
    struct fed_points norm = fed_points(fed, "grad_norm", &arena);

    cr_expect(fed->table->tally.rows == 4 && fed->table->tally.duplicates == 2);
    cr_assert(loss.n == 2 && norm.n == 1);
    cr_expect(loss.value[0] == 2.5 && loss.value[1] == 1.5 && loss.step[1] == 20);
    cr_expect(isnan(norm.value[0]));
    cr_expect(fed->table->column[table_find(fed->table, STR("grad_norm"))]->nulls == 1);
    cr_expect(fed->table->column[table_find(fed->table, STR("note"))]->others == 1);
    cr_expect_str_eq(fed->fact[FACT_TOTAL_STEPS], "20");
    cr_expect_str_eq(fed->fact[FACT_FINAL_ROW], "train_runtime at step 20");
    cr_assert(fed->configs.n == 1);
    cr_expect(str_is(fed->configs.v[0].json,
                     "{\"logging_steps\":10,\"max_steps\":20,\"num_train_epochs\":1}"));
    cr_expect(fed->damage_n == 0 && fed->notes_n == 0);
}

Test(trainer_state, a_file_cut_at_any_byte_keeps_the_rows_before_the_cut)
{
    const char *history = strchr(state, '[') + 1, *ends[4];
    const char *p = history;

    for (size_t i = 0; i < 4; i++) {
        p = strstr(p, "\"step\": ");
        ends[i] = p = strchr(p, '}') + 1;
    }
    for (size_t n = (size_t)(history - state); n < strlen(state) - 2; n++) {
        size_t want = 0;
        for (size_t i = 0; i < 4; i++)
            want += state + n >= ends[i];
        const struct fed *fed = fed_of(arena_printf(&arena, "%.*s", (int)n, state));
        cr_expect(fed->table->tally.rows == want, "cut at %zu: %zu rows, not %zu", n,
                  fed->table->tally.rows, want);
        cr_expect(fed->damage_n == 1, "cut at %zu", n);
    }
}

Test(trainer_state, a_name_alone_is_not_enough)
{
    static const struct {
        const char *what, *name, *text, *why;
    } rows[] = {
        {"another object", "trainer_state.json", "{\"a\": 1}", "it has no log_history"},
        {"a pointer", "trainer_state.json", "version https://git-lfs.github.com/spec/v1\n",
         "a pointer of git-lfs stands here, the content does not"},
        {"another name", "state.json", "[{\"log\": 1}]", ""},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bid bid;
        tmpdir_file(&tmp, rows[i].name, rows[i].text);
        cr_expect(!reader_of_file(dir, rows[i].name, &arena, &bid), "%s", rows[i].what);
        cr_expect_str_eq(bid.why, rows[i].why);
    }
}
