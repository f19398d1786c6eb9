/* A file that is read in blocks by several threads gives the index that one thread gives, to the
 * byte. */
#include "analysis/stats/rng.h"
#include "analysis/trajectories/split.h"
#include "tests/analysis/trajectories/index.h"

#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct tmpdir dir;

static void set_up(void)
{
    tmpdir_make(&dir);
}

static void tear_down(void)
{
    tmpdir_remove(&dir);
}

TestSuite(split, .init = set_up, .fini = tear_down, .timeout = 120);

static const struct trajectory_reader *reader_named(const char *name)
{
    for (size_t i = 0; trajectory_readers[i]; i++) {
        if (strcmp(trajectory_readers[i]->name, name) == 0)
            return trajectory_readers[i];
    }
    cr_assert_fail("no reader %s", name);
    return NULL;
}

static struct trajectory_file file_of(struct arena *names, const char *reader)
{
    struct stat about;
    char *path = arena_printf(names, "%s/a.jsonl", dir.path);

    cr_assert(stat(path, &about) == 0);
    return (struct trajectory_file){.root = arena_text(names, str_of(dir.path)),
                                    .path = "a.jsonl",
                                    .shown = "a.jsonl",
                                    .reader = reader_named(reader),
                                    .why = "",
                                    .dev = about.st_dev,
                                    .ino = about.st_ino,
                                    .size = about.st_size,
                                    .changed_ns = 1600000000000000000};
}

static bool build(const char *reader, size_t threads, size_t bytes, struct trajectories *old,
                  const atomic_bool *cancelled, struct trajectories **out)
{
    struct trajectory_file *file = heap_alloc(sizeof(*file));
    struct arena names;
    struct err err;

    arena_init(&names);
    *file = file_of(&names, reader);
    bool ok = trajectories_build(file, 1, names, old, &(struct split){threads, bytes}, cancelled,
                                 out, &err);
    cr_expect(ok || err.code == ERR_CANCELLED, "%s", err.msg);
    return ok;
}

static void expect_same_dict(const struct dict *a, const struct dict *b, const char *what)
{
    cr_assert(a->n == b->n && a->bytes_n == b->bytes_n, "%s: %u texts, %u", what, a->n, b->n);
    cr_expect(memcmp(a->bytes, b->bytes, a->bytes_n) == 0, "%s", what);
    cr_expect(memcmp(a->at, b->at, (a->n + 1) * sizeof(*a->at)) == 0, "%s", what);
}

static void expect_same_mishap(const struct mishap *a, const struct mishap *b, const char *what)
{
    cr_assert(a->n == b->n, "%s: %zu, %zu", what, a->n, b->n);
    cr_expect(a->n == 0 || (a->line == b->line && strcmp(a->what, b->what) == 0),
              "%s: %lld: %s, %lld: %s", what, (long long)a->line, a->what, (long long)b->line,
              b->what);
}

static void expect_same_file(const struct trajectory_file *a, const struct trajectory_file *b)
{
    expect_same_mishap(&a->tally.refused, &b->tally.refused, "refused");
    expect_same_mishap(&a->tally.repeated, &b->tally.repeated, "repeated");
    cr_assert(a->tally.used == b->tally.used && a->tally.remarks_n == b->tally.remarks_n);
    for (size_t i = 0; a->tally.remarks && i < REMARKS_MAX; i++)
        expect_same_mishap(&a->tally.remarks[i], &b->tally.remarks[i], "remarks");
    cr_expect(a->mark.taken == b->mark.taken && a->next_line == b->next_line, "line %lld, %lld",
              (long long)a->next_line, (long long)b->next_line);
    cr_expect(a->next_place == b->next_place && a->at_mark.used == b->at_mark.used);
    cr_expect(a->at_mark.refused.n == b->at_mark.refused.n);
}

static void expect_same(const struct trajectories *a, const struct trajectories *b)
{
    cr_assert(a->n == b->n, "%zu rows, %zu", a->n, b->n);
    expect_same_dict(&a->ids, &b->ids, "ids");
    expect_same_dict(&a->words, &b->words, "words");
#define X(type, column)                                                                            \
    cr_expect(a->n == 0 || memcmp(a->column, b->column, a->n * sizeof(type)) == 0, #column);
    TRAJECTORY_COLUMNS(X)
#undef X
    cr_assert(a->tool_calls_n == b->tool_calls_n);
    cr_expect(a->tool_calls_n == 0 ||
              memcmp(a->tool_calls, b->tool_calls, a->tool_calls_n * sizeof(*a->tool_calls)) == 0);
    expect_same_file(&a->files[0], &b->files[0]);
}

/* What one thread finds; the same must be found however the file is cut. */
static size_t expect_same_however(struct buf *text, const char *reader)
{
    static const size_t bytes[] = {64, 97, 1000, 4096, 300000};
    struct trajectories *one, *many;

    tmpdir_file(&dir, "a.jsonl", buf_text(text));
    cr_assert(build(reader, 1, 64, NULL, NULL, &one));
    for (size_t threads = 2; threads <= 4; threads += 2) {
        for (size_t i = 0; i < sizeof(bytes) / sizeof(bytes[0]); i++) {
            cr_assert(build(reader, threads, bytes[i], NULL, NULL, &many));
            expect_same(one, many);
            trajectories_unref(many);
        }
    }
    size_t rows = one->n;
    trajectories_unref(one);
    return rows;
}

static void put_item(struct buf *out, struct rng *rng)
{
    size_t steps = rng_below(rng, 6);

    buf_printf(out, "{\"trajectory_id\":\"t%d\",\"data_id\":\"q%d\",\"training_id\":\"r%d\",",
               (int)rng_below(rng, 200), (int)rng_below(rng, 9), (int)rng_below(rng, 3));
    buf_printf(out,
               "\"question\":\"what \\\"is\\\" %d\",\"reward\":%s,\"termination_reason\":\"%s\"",
               (int)rng_below(rng, 30), rng_below(rng, 20) ? "0.5" : "1e999",
               rng_below(rng, 3) ? "env_done" : "max_steps");
    if (rng_below(rng, 9) == 0)
        buf_puts(out, ",\"final_reward\":0.25");
    buf_puts(out, ",\"steps\":[");
    for (size_t i = 0; i < steps; i++)
        buf_printf(out, "%s{\"step_id\":%zu,\"action\":\"tool%d[x]\",\"observation\":\"%s\"}",
                   i ? "," : "", i, (int)rng_below(rng, 70),
                   rng_below(rng, 4) ? "fine" : "Error: timeout");
    buf_puts(out, "]}");
}

static void put_line(struct buf *out, struct rng *rng)
{
    static const char *const odd[] = {
        "\n",
        "  \t \n",
        "{\"trajectory_id\":\"broken\n",
        "[1,2]\n",
        "{}\n",
        "\r\n",
        "{\"steps\":[{\"action\":\"left[over]\"}],\"trajectories\":[]}\n",
        "{\"trajectory_id\":\"x\",\"data_id\":\"q\",\"steps\":[3]}\n",
        "{\"data_id\":\"q\"}  \n",
    };
    size_t kind = rng_below(rng, 24), n = rng_below(rng, 5);

    if (kind < sizeof(odd) / sizeof(odd[0])) {
        buf_puts(out, odd[kind]);
        return;
    }
    if (kind == 10) { /* larger than most blocks */
        buf_puts(out, "{\"trajectory_id\":\"large\",\"data_id\":\"q\",\"question\":\"");
        for (size_t i = rng_below(rng, 9000); i > 0; i--)
            buf_byte(out, 'x');
        buf_puts(out, "\"}\n");
    } else if (kind == 11) {
        buf_puts(out, "{\"iteration\":7,\"trajectories\":[");
        for (size_t i = 0; i < n; i++) {
            put_item(out, rng);
            buf_puts(out, i + 1 < n ? "," : "");
        }
        buf_puts(out, "]}\n");
    } else {
        put_item(out, rng);
        buf_puts(out, kind == 12 ? " \r\n" : "\n");
    }
}

Test(split, any_lines_give_the_same_index_with_any_number_of_threads)
{
    static const char *const ends[] = {"", "\n\n\n", "{\"trajectory_id\":\"cut", "  ",
                                       "{\"trajectory_id\":\"last\",\"data_id\":\"q\"}"};
    struct rng rng = rng_of(11);
    size_t rows = 0;

    for (size_t round = 0; round < 25; round++) {
        struct buf text = {0};
        put_item(&text, &rng);
        buf_puts(&text, "\n");
        for (size_t lines = rng_below(&rng, 400); lines > 0; lines--)
            put_line(&text, &rng);
        buf_puts(&text, ends[round % 5]);
        rows += expect_same_however(&text, "trajectory_analyzer");
        buf_fini(&text);
    }
    cr_expect(rows > 1000, "%zu", rows);
}

Test(split, lines_without_ids_are_called_by_their_number)
{
    struct trajectories *t;
    struct buf text = {0};

    for (int i = 0; i < 40; i++)
        buf_printf(&text, "%s{\"input\":\"q%d\",\"output\":\"a\",\"score\":1.0,\"step\":3}\n",
                   i % 3 ? "" : "\n", i / 2);
    (void)expect_same_however(&text, "rewards");
    cr_assert(build("rewards", 2, 64, NULL, NULL, &t));
    cr_assert(t->n == 40, "%zu", t->n);
    cr_expect(str_is(dict_text(&t->ids, t->id[39]), "a.jsonl:54.0"), "%.*s",
              STR_FMT(dict_text(&t->ids, t->id[39])));
    trajectories_unref(t);
    buf_fini(&text);
}

/* Ten megabytes, blocks of one: the line in the middle is no block's. */
Test(split, a_line_that_no_block_has_room_for_is_read_in_its_turn)
{
    struct trajectories *one, *two;
    struct rng rng = rng_of(5);
    struct buf text = {0};

    for (int part = 0; part < 2; part++) {
        put_item(&text, &rng);
        buf_printf(&text, "\n{\"trajectory_id\":\"long%d\",\"data_id\":\"q\",\"question\":\"",
                   part);
        for (size_t i = 0; i < PART_LINE_MAX + 400000; i++)
            buf_byte(&text, (char)('a' + i % 26));
        buf_puts(&text, "\"}\nbroken\n");
        for (int i = 0; i < 2000; i++) {
            put_item(&text, &rng);
            buf_puts(&text, "\n");
        }
    }
    buf_puts(&text, "{\"trajectories\":["); /* little to read, much to say */
    for (int i = 0; i < 60000; i++)
        buf_printf(&text, "%s{\"trajectory_id\":\"m%d\",\"data_id\":\"q\"}", i ? "," : "", i);
    buf_puts(&text, "]}\n");
    put_item(&text, &rng);
    tmpdir_file(&dir, "a.jsonl", buf_text(&text));
    cr_assert(build("trajectory_analyzer", 1, 1 << 20, NULL, NULL, &one));
    cr_assert(build("trajectory_analyzer", 2, 1 << 20, NULL, NULL, &two));
    cr_expect(one->n > 60000, "%zu", one->n);
    expect_same(one, two);
    trajectories_unref(one);
    trajectories_unref(two);
    buf_fini(&text);
}

Test(split, a_file_that_has_grown_is_gone_on_with_in_blocks)
{
    struct trajectories *old, *grown, *anew;
    struct rng rng = rng_of(3);
    struct buf text = {0};

    for (int i = 0; i < 300; i++) {
        put_item(&text, &rng);
        buf_puts(&text, "\n");
    }
    tmpdir_file(&dir, "a.jsonl", buf_text(&text));
    cr_assert(build("trajectory_analyzer", 2, 500, NULL, NULL, &old));
    int fd = open(arena_printf(&old->arena, "%s/a.jsonl", dir.path), O_WRONLY | O_APPEND);
    size_t before = text.n;
    for (int i = 0; i < 200; i++)
        put_line(&text, &rng);
    cr_assert(write(fd, text.p + before, text.n - before) == (ssize_t)(text.n - before));
    close(fd);
    cr_assert(build("trajectory_analyzer", 2, 500, old, NULL, &grown));
    cr_assert(build("trajectory_analyzer", 1, 500, NULL, NULL, &anew));
    expect_same(anew, grown);
    trajectories_unref(grown);
    trajectories_unref(anew);
    buf_fini(&text);
}

Test(split, a_cancelled_build_ends)
{
    struct trajectories *t;
    struct rng rng = rng_of(3);
    struct buf text = {0};
    atomic_bool cancelled = true;

    for (int i = 0; i < 300; i++) {
        put_item(&text, &rng);
        buf_puts(&text, "\n");
    }
    tmpdir_file(&dir, "a.jsonl", buf_text(&text));
    cr_expect(!build("trajectory_analyzer", 2, 500, NULL, &cancelled, &t));
    buf_fini(&text);
}
