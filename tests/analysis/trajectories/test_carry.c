/* An index that is carried on equals one that is read from the start. */
#include "analysis/stats/rng.h"
#include "tests/analysis/trajectories/index.h"

#include <math.h>

static struct index in;

static void tear_down(void)
{
    index_close(&in);
}

TestSuite(carry, .fini = tear_down, .timeout = 120);

enum { NAMES = 5 };
static const char *const names[NAMES] = {"a.jsonl", "b.jsonl", "c/d.jsonl", "e.json", "f.jsonl"};
static int64_t clock_s = 1600000000; /* of each change: files that are young are read again */

static bool same_number(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

static void expect_same_mishap(const struct mishap *a, const struct mishap *b, const char *what)
{
    cr_assert(a->n == b->n, "%s: %zu, %zu", what, a->n, b->n);
    if (a->n == 0)
        return;
    cr_expect(strcmp(a->path, b->path) == 0 && strcmp(a->what, b->what) == 0, "%s: %s: %s, %s: %s",
              what, a->path, a->what, b->path, b->what);
    cr_expect(a->line == b->line, "%s: line %lld, %lld", what, (long long)a->line,
              (long long)b->line);
}

static void expect_same_calls(const struct trajectories *a, const struct trajectories *b,
                              size_t row)
{
    cr_assert(a->tools_n[row] == b->tools_n[row]);
    for (size_t i = 0; i < a->tools_n[row]; i++) {
        const struct tool_calls *x = &a->tool_calls[a->tools[row] + i];
        const struct tool_calls *y = &b->tool_calls[b->tools[row] + i];
        cr_expect(str_eq(dict_text(&a->words, x->tool), dict_text(&b->words, y->tool)));
        cr_expect(memcmp(x->count, y->count, sizeof(x->count)) == 0);
    }
}

static void expect_same(const struct trajectories *a, const struct trajectories *b)
{
    cr_assert(a->n == b->n, "%zu, %zu", a->n, b->n);
    expect_same_mishap(&a->tally.refused, &b->tally.refused, "refused");
    expect_same_mishap(&a->tally.repeated, &b->tally.repeated, "repeated");
    cr_assert(a->tally.remarks_n == b->tally.remarks_n);
    for (size_t i = 0; a->tally.remarks && i < REMARKS_MAX; i++)
        expect_same_mishap(&a->tally.remarks[i], &b->tally.remarks[i], "remarks");
    for (size_t row = 0; row < a->n; row++) {
#define TEXT(column)                                                                               \
    cr_expect(str_eq(dict_text(&a->words, a->column[row]), dict_text(&b->words, b->column[row])))
        TEXT(training);
        TEXT(question);
        TEXT(text);
        TEXT(reason);
        cr_expect(str_eq(dict_text(&a->ids, a->id[row]), dict_text(&b->ids, b->id[row])));
        cr_expect(same_number(a->reward[row], b->reward[row]));
        cr_expect(same_number(a->step_reward[row], b->step_reward[row]));
        cr_expect(a->epoch[row] == b->epoch[row] && a->steps[row] == b->steps[row]);
        cr_expect(a->offset[row] == b->offset[row] && a->length[row] == b->length[row]);
        cr_expect(strcmp(a->files[a->file[row]].path, b->files[b->file[row]].path) == 0);
        expect_same_calls(a, b, row);
    }
}

static void put_line(struct buf *out, struct rng *rng)
{
    unsigned kind = (unsigned)rng_below(rng, 12);

    if (kind == 0)
        buf_puts(out, "{\"trajectory_id\":\"broken\n");
    else if (kind == 1)
        buf_puts(out, "\n");
    else
        buf_printf(out,
                   "{\"trajectory_id\":\"t%u\",\"data_id\":\"q%u\",\"epoch_id\":%u,\"reward\":%u,"
                   "\"final_reward\":1,\"training_id\":\"r\",\"steps\":[{\"action\":\"s%u[x]\","
                   "\"observation\":\"ok\",\"reward\":0.5}]}%s",
                   (unsigned)rng_below(rng, kind == 2 ? 20 : 4000), kind, kind % 3, kind % 2,
                   (unsigned)rng_below(rng, 80), kind == 3 ? "" : "\n");
}

/* A file comes, grows (by lines, by half a line), changes, or goes. */
static void change(struct rng *rng, struct buf text[NAMES])
{
    size_t f = rng_below(rng, NAMES);
    unsigned kind = (unsigned)rng_below(rng, 10);

    if (kind == 0)
        text[f].n = 0;
    else if (kind == 1 && text[f].n > 60)
        text[f].n -= 30;
    if (kind > 0) {
        for (unsigned i = 0; i < 1 + kind * 2; i++)
            put_line(&text[f], rng);
    }
    const char *path = tmpdir_path(&in.dir, names[f]);
    if (text[f].n == 0) {
        (void)unlink(path);
    } else if (kind > 1 && access(path, F_OK) == 0) {
        FILE *file = fopen(path, "r+"); /* the same file */
        cr_assert(file && fwrite(text[f].p, 1, text[f].n, file) == text[f].n);
        cr_assert(fclose(file) == 0 && truncate(path, (off_t)text[f].n) == 0);
    } else {
        tmpdir_file(&in.dir, names[f], buf_text(&text[f]));
    }
    clock_s++;
    if (text[f].n)
        tmpdir_age(&in.dir, names[f], clock_s);
    tmpdir_age(&in.dir, "c", clock_s);
    tmpdir_age(&in.dir, "", clock_s);
}

Test(carry, any_row_of_changes_ends_where_reading_anew_does)
{
    struct rng rng = rng_of(11);
    struct buf text[NAMES] = {{0}};
    const char *roots[1];

    index_open(&in);
    tmpdir_file(&in.dir, "c/empty", "");
    roots[0] = in.dir.path;
    for (int round = 0; round < 150; round++) {
        struct arena arena;
        struct coverage coverage;
        const struct trajectories *anew;
        struct err err;
        change(&rng, text);
        if (round % 3 == 0) { /* nobody holds the old one: it is moved, not copied */
            arena_fini(&in.arena);
            arena_init(&in.arena);
        }
        index_look(&in);
        arena_init(&arena);
        coverage_init(&coverage, &arena);
        struct library *fresh = library_new(&(struct strs){roots, 1});
        cr_assert(library_look(fresh, NULL, &arena, &anew, &coverage, &err));
        expect_same(in.t, anew);
        arena_fini(&arena);
        library_free(fresh);
    }
    for (size_t f = 0; f < NAMES; f++)
        buf_fini(&text[f]);
}

#define ITEM(id) "{\"trajectory_id\":\"" id "\",\"data_id\":\"q\",\"steps\":[]}\n"

static void put_file(const char *name, const char *text)
{
    tmpdir_file(&in.dir, name, text);
    tmpdir_age(&in.dir, name, ++clock_s);
    tmpdir_age(&in.dir, "", clock_s);
}

static void append(const char *name, const char *text)
{
    FILE *file = fopen(tmpdir_path(&in.dir, name), "a");

    cr_assert(file && fputs(text, file) >= 0 && fclose(file) == 0);
    tmpdir_age(&in.dir, name, ++clock_s);
}

/* A line in the middle is spoilt behind its back: only a second reading would notice. */
Test(carry, of_a_grown_file_only_the_new_lines_are_read)
{
    struct buf text = {0};

    for (int i = 0; i < 400; i++)
        buf_printf(&text, "{\"trajectory_id\":\"%d\",\"data_id\":\"q\",\"steps\":[]}\n", i);
    index_open(&in);
    put_file("one.jsonl", buf_text(&text));
    index_look(&in);
    cr_assert(in.t->n == 400);
    FILE *file = fopen(tmpdir_path(&in.dir, "one.jsonl"), "r+");
    cr_assert(file && fseek(file, (long)text.n / 2, SEEK_SET) == 0 && fputs("#####", file) >= 0);
    cr_assert(fclose(file) == 0);
    append("one.jsonl", ITEM("new"));
    index_look(&in);
    cr_expect(in.t->n == 401 && in.t->tally.refused.n == 0, "%zu, %zu", in.t->n,
              in.t->tally.refused.n);
    buf_fini(&text);
}

Test(carry, half_a_line_is_taken_when_it_is_whole)
{
    index_open(&in);
    put_file("one.jsonl", ITEM("a") ITEM("b") "{\"trajectory_id\":\"c\",");
    index_look(&in);
    cr_expect(in.t->n == 2 && in.t->tally.refused.n == 1);
    append("one.jsonl", "\"data_id\":\"q\"}\n" ITEM("d"));
    index_look(&in);
    cr_expect(in.t->n == 4 && in.t->tally.refused.n == 0);
}

Test(carry, an_earlier_file_brings_the_same_id)
{
    index_open(&in);
    put_file("two.jsonl", ITEM("a") ITEM("b"));
    index_look(&in);
    put_file("one.jsonl", "{\"trajectory_id\":\"b\",\"data_id\":\"q\",\"training_id\":\"two\"}\n");
    index_look(&in);
    cr_assert(in.t->n == 2 && in.t->tally.repeated.n == 1);
    cr_expect(strcmp(in.t->tally.repeated.path, "two.jsonl") == 0, "the later one is skipped");
}

Test(carry, a_first_line_longer_than_a_block_is_a_line)
{
    struct buf text = {0};

    buf_puts(&text, "{\"trajectory_id\":\"a\",\"data_id\":\"q\",\"steps\":[{\"observation\":\"");
    for (int i = 0; i < 400000; i++)
        buf_byte(&text, 'x');
    buf_puts(&text, "\"}]}\n{\"trajectory_id\":\"broken\n" ITEM("b") ITEM("a"));
    index_open(&in);
    put_file("one.jsonl", buf_text(&text));
    index_look(&in);
    cr_expect(in.t->n == 2 && in.t->steps[0] == 1, "%zu", in.t->n);
    cr_expect(in.t->tally.refused.n == 1 && in.t->tally.refused.line == 2, "%lld",
              (long long)in.t->tally.refused.line);
    cr_expect(in.t->tally.repeated.n == 1 && in.t->tally.repeated.line == 4, "%lld",
              (long long)in.t->tally.repeated.line);
    buf_fini(&text);
}
