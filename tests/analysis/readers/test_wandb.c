#include "tests/support/place.h"

#include <math.h>

#define CASES "tests/analysis/readers/cases/wandb/"
#define NAME "wandb/run-x/run-x.wandb"

static struct place place;

static void set_up(void)
{
    place_init(&place);
}

static void tear_down(void)
{
    place_fini(&place);
}

TestSuite(wandb, .init = set_up, .fini = tear_down);

enum { FRAGMENTS_MAX = 600 };

/* Where each fragment of a file of one block begins, and the end. */
static size_t fragments_of(struct str file, size_t *starts)
{
    const unsigned char *p = (const unsigned char *)file.p;
    size_t n = 0, at = 7;

    while (at + 7 <= file.n && n < FRAGMENTS_MAX) {
        starts[n++] = at;
        at += 7 + (p[at + 4] | (size_t)p[at + 5] << 8);
    }
    starts[n] = at;
    return n;
}

static size_t rows_of(struct str file)
{
    const struct fed *fed = place_read(&place, NAME, file);

    cr_assert(fed && place.ok);
    return fed->table->tally.rows;
}

/* The real block ends inside a record; without it the last one is whole. */
static struct str whole_records(size_t *starts, size_t *n)
{
    struct str file = place_slurp(&place.arena, CASES "killed/input.wandb");

    *n = fragments_of(file, starts);
    if (starts[*n] >= file.n)
        --*n;
    return str_cut(file, starts[*n]);
}

Test(wandb, cut_at_every_byte_of_the_last_record_keeps_the_others)
{
    size_t starts[FRAGMENTS_MAX + 1], n;
    struct str file = whole_records(starts, &n);
    size_t before = rows_of(str_cut(file, starts[n - 1]));

    for (size_t cut = starts[n - 1] + 1; cut < file.n; cut++) {
        const struct fed *fed = place_read(&place, NAME, str_cut(file, cut));
        cr_assert(fed && place.ok);
        cr_expect(fed->table->tally.rows == before, "cut at %zu", cut);
        cr_expect(fed->damage_n == 1 && strstr(fed->damage[0], "cut off"), "cut at %zu", cut);
    }
}

Test(wandb, a_flipped_bit_keeps_the_records_before_it_and_is_told)
{
    size_t starts[FRAGMENTS_MAX + 1], n, rows = 0;
    struct str file = whole_records(starts, &n);

    for (size_t i = 0; i < n; i++) {
        char *bytes = arena_text(&place.arena, file);
        bool data = i % 2;
        size_t at = data ? starts[i] + 7 : starts[i]; /* the data, or the checksum */
        if (at >= starts[i + 1])
            continue;
        bytes[at] ^= (char)(1 << i % 8);
        const struct fed *fed = place_read(&place, NAME, (struct str){bytes, file.n});
        cr_assert(fed && place.ok, "fragment %zu", i);
        cr_expect(fed->damage_n == 1 && strstr(fed->damage[0], "checksum"), "fragment %zu", i);
        cr_expect(fed->table->tally.rows >= rows, "fragment %zu", i);
        rows = fed->table->tally.rows; /* more stands before a later flip */
    }
    cr_expect(rows > 0);
}

Test(wandb, a_damaged_block_does_not_cost_the_next_one)
{
    struct str file = place_slurp(&place.arena, CASES "nested_keys/input.wandb");
    char *bytes = arena_text(&place.arena, file);

    cr_assert(file.n > 32768);
    bytes[7] ^= 1; /* the first block is lost, and the record that goes on in the second */
    const struct fed *fed = place_read(&place, NAME, (struct str){bytes, file.n});
    cr_expect(fed->table->tally.rows == 1 && fed->damage_n == 1);
    cr_expect(fed_points(fed, "gone", &place.arena).n == 0);
    cr_expect_str_eq(fed->fact[FACT_EXIT_CODE], "-1");
}

Test(wandb, what_stands_beside_the_log_is_read_where_records_lack_it)
{
    struct str file = place_slurp(&place.arena, CASES "summary_only/input.wandb");

    place_put(&place, "wandb/run-x/files/config.yaml",
              STR("wandb_version: 1\n_wandb:\n  value: {}\nlr:\n  desc: null\n  value: 0.001\n"
                  "name:\n  value: base\n"));
    place_put(&place, "wandb/run-x/files/diff.patch", STR("+x\n"));
    place_put(&place, "wandb/run-x/files/wandb-metadata.json",
              STR("{\"host\": \"h\", \"username\": \"u\", \"program\": \"train.py\", \"args\": "
                  "[\"--lr\", \"0.001\"], \"startedAt\": \"2024-06-01T10:47:10\", \"git\": "
                  "{\"remote\": \"git@x:y.git\", \"commit\": \"abc\"}}"));
    const struct fed *fed = place_read(&place, NAME, file);
    cr_assert(fed && fed->configs.n == 1);
    cr_expect_str_eq(fed->configs.v[0].from, "config.yaml");
    cr_expect(str_is(fed->configs.v[0].json, "{\"lr\":0.001,\"name\":\"base\"}"), "%.*s",
              STR_FMT(fed->configs.v[0].json));
    cr_expect_str_eq(fed->fact[FACT_HOST], "h");
    cr_expect_str_eq(fed->fact[FACT_USER], "u");
    cr_expect_str_eq(fed->fact[FACT_COMMAND], "train.py --lr 0.001");
    cr_expect_str_eq(fed->fact[FACT_GIT_COMMIT], "abc");
    cr_expect_str_eq(fed->fact[FACT_GIT_REMOTE], "git@x:y.git");
    cr_expect_str_eq(fed->fact[FACT_GIT_DIFF], "present");
    cr_expect_str_eq(fed->fact[FACT_STARTED], "1717238830000");
    cr_assert(fed->evaluations.n == 1);
    cr_expect(str_is(fed->evaluations.v[0].json, "{\"loss\":0.25}"));
}

Test(wandb, another_beginning_is_none)
{
    cr_expect(!place_read(&place, NAME, STR(":W&B\xe1\xbe\1rest")));
    cr_expect_str_eq(place.bid.why, "it does not begin with :W&B");
    cr_expect(!place_read(&place, NAME, STR("")));
    cr_expect_str_eq(place.bid.why, "it is empty");
}
