/*
 * A log that is looked at while it grows gives at each look what it would give if it were
 * read for the first time: every input of tests/analysis/readers/cases cut off at many places,
 * longer logs, and what ends the reading on.
 */
#include "analysis/follow.h"

#include <criterion/criterion.h>
#include <dirent.h>

#include "analysis/base/buf.h"
#include "analysis/files.h"
#include "tests/support/fed_told.h"
#include "tests/support/read_file.h"
#include "tests/support/tmpdir.h"

static struct tmpdir t;
static struct arena arena;
static int dir;

static void set_up(void)
{
    tmpdir_make(&t);
    arena_init(&arena);
    dir = open(t.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void tear_down(void)
{
    close(dir);
    arena_fini(&arena);
    tmpdir_remove(&t);
}

TestSuite(follow, .init = set_up, .fini = tear_down);

/* ---- a log that grows ---- */

struct growing {
    const char *name;
    struct walk_source source;
    struct follow *follow;
    const struct fed *fed; /* of the last look */
    int fd;
    size_t n;
};

static struct growing grow_begin(const char *name, const struct reader *reader)
{
    struct growing g = {.name = name, .source = {.path = name, .reader = reader}};

    tmpdir_file(&t, name, "");
    g.fd = open(tmpdir_path(&t, name), O_RDWR | O_TRUNC | O_CLOEXEC);
    cr_assert(g.fd >= 0);
    g.follow = follow_new();
    return g;
}

static void grow_end(struct growing *g)
{
    follow_free(g->follow);
    close(g->fd);
}

/* The file gets as long as `to`, and is looked at. */
static void grow_to(struct growing *g, struct str bytes, size_t to)
{
    struct arena scratch;
    struct err err = {0}, fresh_err = {0};
    const struct fed *fed;
    bool fresh_ok;

    arena_init(&scratch);
    cr_assert(pwrite(g->fd, bytes.p + g->n, to - g->n, (off_t)g->n) == (ssize_t)(to - g->n));
    g->n = to;
    const struct fed *fresh =
        read_file(g->source.reader, dir, g->name, NULL, &scratch, &fresh_ok, &fresh_err);
    bool ok = follow_read(g->follow, dir, &g->source, 0, NULL, &fed, &err);
    follow_looked(g->follow);
    g->fed = fed;
    cr_expect(ok == fresh_ok, "%s up to %zu: %s / %s", g->name, to, err.msg, fresh_err.msg);
    if (ok && fresh_ok) {
        struct str a = fed_told(fed, &scratch), b = fed_told(fresh, &scratch);
        size_t at = 0;
        while (at < a.n && at < b.n && a.p[at] == b.p[at])
            at++;
        cr_assert(str_eq(a, b), "%s up to %zu differs:\n%.*s\n--- anew:\n%.*s", g->name, to,
                  STR_FMT(str_cut(str_from(a, at > 40 ? at - 40 : 0), 200)),
                  STR_FMT(str_cut(str_from(b, at > 40 ? at - 40 : 0), 200)));
    } else {
        cr_expect_str_eq(err.msg, fresh_err.msg);
    }
    arena_fini(&scratch);
}

/* By some bytes at a time, more or less; how often it was read from its beginning. */
static size_t grow(const char *name, const struct reader *reader, struct str bytes, size_t from,
                   size_t stride)
{
    struct growing g = grow_begin(name, reader);
    uint32_t random = 12345;

    for (size_t to = from; to < bytes.n;) {
        grow_to(&g, bytes, to);
        random = random * 1664525u + 1013904223u;
        to += 1 + (random >> 8) % (2 * stride);
    }
    grow_to(&g, bytes, bytes.n);
    grow_to(&g, bytes, bytes.n);
    size_t begun = follow_begun(g.follow);
    grow_end(&g);
    return begun;
}

/* ---- the cases ---- */

static struct str slurp(int at, const char *path)
{
    struct str text;
    struct err err;
    bool found;

    cr_assert(file_read(at, path, 64u << 20, &arena, &text, NULL, &found, &err) && found, "%s",
              path);
    return text;
}

static const char *name_of(struct str about)
{
    struct str line;

    while (str_next(&about, '\n', &line)) {
        if (str_starts(line, STR("name ")))
            return arena_text(&arena, str_from(line, 5));
    }
    return NULL;
}

/* False: none whose reader reads on. */
static bool grow_case(int at)
{
    DIR *all = fdopendir(at);
    const struct dirent *entry;
    const char *input = NULL, *name = name_of(slurp(at, "about"));
    struct bid bid;

    while ((entry = readdir(all))) {
        if (strncmp(entry->d_name, "input", 5) == 0)
            input = arena_text(&arena, str_of(entry->d_name));
    }
    struct str bytes = slurp(at, input);
    closedir(all);
    FILE *file;
    tmpdir_file(&t, name, "");
    cr_assert((file = fopen(tmpdir_path(&t, name), "we")));
    cr_assert(fwrite(bytes.p, 1, bytes.n, file) == bytes.n && fclose(file) == 0);
    const struct reader *reader = reader_of_file(dir, name, &arena, &bid);
    if (!reader || !reader->live)
        return false;
    (void)grow(name, reader, bytes, 0, bytes.n / 60 + 1);
    return true;
}

Test(follow, each_case_grows_as_if_it_were_read_anew)
{
    const char *root = getenv("POSTRUN_SOURCE");
    int cases = open(arena_printf(&arena, "%s/tests/analysis/readers/cases", root ? root : "."),
                     O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const struct dirent *entry, *one;
    size_t n = 0;

    cr_assert(cases >= 0);
    DIR *all = fdopendir(cases);
    while ((entry = readdir(all))) {
        int format = *entry->d_name == '.'
                         ? -1
                         : openat(cases, entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *folder = format < 0 ? NULL : fdopendir(format);
        while (folder && (one = readdir(folder))) {
            if (*one->d_name != '.')
                n += grow_case(openat(format, one->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        }
        if (folder)
            closedir(folder);
    }
    closedir(all);
    cr_expect(n >= 35, "%zu", n);
}

/* ---- longer logs ---- */

extern const struct reader reader_jsonl, reader_csv, reader_console, reader_monitor, reader_wandb;

enum { LONG = 9000 }; /* rows: over two chunks */

static struct str long_jsonl(void)
{
    struct buf out = {0};

    for (int i = 0; i < LONG; i++) {
        buf_printf(&out, "{\"step\": %d, \"loss\": %.6g, \"lr\": 0.001", i / 2, 8.0 / (i + 1));
        if (i % 7 == 0)
            buf_printf(&out, ", \"eval/acc\": %s, \"note\": \"a\"", i % 21 ? "0.5" : "NaN");
        if (i > 4000 && i % 1000 == 1)
            buf_printf(&out, ", \"new_%d\": null, \"total_steps\": 9000", i);
        buf_puts(&out, i % 1501 == 1500 ? "\n" : i % 2 ? "}\r\n" : "}\n");
    }
    buf_puts(&out, "{\"step\": 9000, \"train_runtime\": 5.5}\n");
    struct str text = arena_str(&arena, buf_str(&out));
    buf_fini(&out);
    return text;
}

static struct str long_csv(void)
{
    struct buf out = {0};

    buf_puts(&out, "epoch,step,train_loss,val_loss,time\n");
    for (int i = 0; i < LONG; i++) {
        buf_printf(&out, "%d,%d,%.7g,", i / 100, i, 3.0 / (i + 2));
        buf_printf(&out, i % 50 ? ",%d.5\n" : "0.25,%d.5\n", 1700000000 + i);
        if (i == 5000)
            buf_puts(&out, "epoch,step,train_loss,val_loss,grad_norm\n");
        if (i % 3000 == 2000)
            buf_puts(&out, "1,2\n\n\"2,5\",3\n");
    }
    struct str text = arena_str(&arena, buf_str(&out));
    buf_fini(&out);
    return text;
}

static struct str long_console(void)
{
    struct buf out = {0};

    buf_puts(&out, "loading the data\n");
    for (int i = 0; i < LONG; i++) {
        buf_printf(&out, "step %d/9000 | loss: %.4f | dt: %d.25ms", i, 9.0 / (i + 1), i % 90);
        buf_puts(&out, i == 4500 ? " | mfu: 40%\n" : "\n");
        if (i % 250 == 249)
            buf_printf(&out, "step %d: val_loss 2.5\n\033[1mwarning\033[0m: noise\n", i);
    }
    struct str text = arena_str(&arena, buf_str(&out));
    buf_fini(&out);
    return text;
}

static struct str long_monitor(void)
{
    struct buf out = {0};

    buf_puts(&out, "#{\"t_start\": 1700000000.5, \"env_id\": \"CartPole-v1\"}\nr,l,t\n");
    for (int i = 0; i < LONG; i++)
        buf_printf(&out, "%d.0,%d,%d.125\n", i % 500, 1 + i % 9, i);
    struct str text = arena_str(&arena, buf_str(&out));
    buf_fini(&out);
    return text;
}

Test(follow, a_long_log_is_read_from_its_beginning_only_once)
{
    const struct {
        const char *name;
        const struct reader *reader;
        struct str text;
        size_t again; /* where half a line brings a header or a unit, at the most */
    } rows[] = {
        {"metrics.jsonl", &reader_jsonl, long_jsonl(), 0},
        {"metrics.csv", &reader_csv, long_csv(), 2},
        {"train.log", &reader_console, long_console(), 2},
        {"0.monitor.csv", &reader_monitor, long_monitor(), 0},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t begun = grow(rows[i].name, rows[i].reader, rows[i].text, 150000, 1500);
        cr_expect(begun >= 1 && begun <= 1 + rows[i].again, "%s: %zu times", rows[i].name, begun);
    }
}

Test(follow, real_logs_where_they_are)
{
    static const struct {
        const char *path;
        size_t
            begun; /* more often: a late point, a header, less than the rows that settle the step */
    } rows[] = {
        {"rl/conceptppo-mxaehod4/run-mxaehod4.wandb", 1},
        {"rl/sb3-finrl/ppo/events.out.tfevents.1691479936.orgware.18276.0", 1},
        {"rl/sb3-zoo/sac/BipedalWalkerHardcore-v3_1/0.monitor.csv", 1},
        {"rl/procgen/hard-500-run0/progress-leaper-train.csv", 1},
        {"lm/modded-nanogpt/2024-10-10_Muon__eb5659d0-fb6a-49e5-a311-f1f89412f726.txt", 1},
    };
    const char *shared = getenv("POSTRUN_SHARED");
    int files = open(arena_printf(&arena, "%s/data/files", shared ? shared : "../shared"),
                     O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    for (size_t i = 0; files >= 0 && i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *path = rows[i].path, *name = strrchr(path, '/') + 1;
        struct bid bid;
        struct str bytes = slurp(files, path);
        FILE *file = fopen(tmpdir_path(&t, name), "we");
        cr_assert(file && fwrite(bytes.p, 1, bytes.n, file) == bytes.n && fclose(file) == 0);
        const struct reader *reader = reader_of_file(dir, name, &arena, &bid);
        cr_assert(reader && reader->live, "%s", path);
        size_t begun = grow(name, reader, bytes, bytes.n / 2, bytes.n / 60);
        cr_expect(begun <= rows[i].begun, "%s: %zu times", path, begun);
    }
    if (files >= 0)
        close(files);
}

static void grow_by_bytes(const char *name, const struct reader *reader, struct str bytes,
                          size_t from)
{
    struct growing g = grow_begin(name, reader);

    for (size_t to = from; to <= bytes.n; to++)
        grow_to(&g, bytes, to);
    cr_expect(follow_begun(g.follow) < bytes.n - from, "%s was never read on", name);
    grow_end(&g);
}

/* A new header may be the last line for now: the rows behind it are its own. */
Test(follow, a_log_may_end_behind_a_header)
{
    struct buf csv = {0};

    for (int i = 0; i < 1100; i++)
        buf_printf(&csv, "%s%d,0.%d\n", i ? "" : "step,loss\n", i, i);
    size_t from = csv.n - 4;
    buf_puts(&csv, "step,lr,loss\n1100,0.001,0.5\n1101,0.002,0.25\n");
    grow_by_bytes("log.csv", &reader_csv, buf_str(&csv), from);
    buf_fini(&csv);
    grow_by_bytes("0.monitor.csv", &reader_monitor,
                  STR("#{\"t_start\": 100.5}\nr,l,t\n1,9,1\nr,x,y,l,t\n2,3,4,9,2\n3,4,5,9,3\n"),
                  22);
}

Test(follow, a_log_that_is_rewritten_is_read_anew)
{
    struct growing g = grow_begin("metrics.jsonl", &reader_jsonl);
    struct str text = long_jsonl();

    grow_to(&g, text, text.n);
    cr_expect(follow_begun(g.follow) == 1);
    char *other = arena_text(&arena, text);
    memcpy(strstr(other, "0.001"), "0.002", 5); /* in the first line */
    cr_assert(pwrite(g.fd, other, text.n, 0) == (ssize_t)text.n);
    grow_to(&g, text, text.n);
    cr_expect(follow_begun(g.follow) == 2);
    cr_assert(ftruncate(g.fd, (off_t)(text.n / 2)) == 0);
    g.n = text.n / 2;
    grow_to(&g, text, g.n);
    cr_expect(follow_begun(g.follow) == 3);
    grow_end(&g);
}

static void set_old(const struct growing *g, time_t ago)
{
    struct timespec now, times[2];

    clock_gettime(CLOCK_REALTIME, &now);
    times[0] = times[1] = (struct timespec){now.tv_sec - ago, 0};
    cr_assert(futimens(g->fd, times) == 0);
}

/* As who writes a whole table anew each time: other bytes in the middle. */
Test(follow, a_log_that_is_rewritten_in_its_middle_is_read_anew)
{
    struct growing g = grow_begin("metrics.jsonl", &reader_jsonl);
    struct str text = long_jsonl();
    size_t most = text.n - 1000;
    char *other = arena_text(&arena, text);

    most = (size_t)((char *)memrchr(text.p, '\n', most) + 1 - text.p);
    grow_to(&g, text, most);
    set_old(&g, 100);
    grow_to(&g, text, most);
    size_t begun = follow_begun(g.follow);
    memcpy(strstr(other + most / 2, "0.001"), "0.002", 5); /* one number, the size is the same */
    cr_assert(pwrite(g.fd, other, most, 0) == (ssize_t)most);
    set_old(&g, 50);
    grow_to(&g, text, most);
    cr_expect(follow_begun(g.follow) == begun + 1);
    for (char *p = other + most / 2; (p = strstr(p, "0.001")); p += 5)
        memcpy(p, "0.002", 5);
    cr_assert(pwrite(g.fd, other, most, 0) == (ssize_t)most);
    grow_to(&g, text, text.n);
    cr_expect(follow_begun(g.follow) == begun + 2);
    grow_end(&g);
}

/* W&B writes a run's configuration beside its log. */
Test(follow, what_is_read_beside_a_log_is_looked_at_as_well)
{
    const char *root = getenv("POSTRUN_SOURCE");
    int at = open(arena_printf(&arena, "%s/tests/analysis/readers/cases/wandb/nested_keys",
                               root ? root : "."),
                  O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct growing g = grow_begin("run-x.wandb", &reader_wandb);

    cr_assert(at >= 0);
    struct str bytes = slurp(at, "input.wandb");
    grow_to(&g, bytes, bytes.n);
    set_old(&g, 100);
    grow_to(&g, bytes, bytes.n);
    size_t begun = follow_begun(g.follow);
    tmpdir_file(&t, "files/wandb-metadata.json", "{\"program\":\"train.py\"}");
    grow_to(&g, bytes, bytes.n);
    cr_expect_str_eq(g.fed->fact[FACT_PROGRAM], "train.py");
    cr_expect(follow_begun(g.follow) == begun);
    close(at);
    grow_end(&g);
}

Test(follow, sources_that_nobody_asks_for_are_let_go)
{
    struct growing g = grow_begin("metrics.jsonl", &reader_jsonl);
    struct str text = long_jsonl();

    grow_to(&g, text, text.n);
    follow_looked(g.follow);
    cr_expect(follow_bytes(g.follow) == 0);
    grow_to(&g, text, text.n);
    cr_expect(follow_begun(g.follow) == 2);
    grow_end(&g);
}
