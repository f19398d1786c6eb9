/* Containers: cut at every byte, one bit wrong, bombs; what is given is right or refused. */
#include "analysis/trajectories/source.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "analysis/files.h"
#include "analysis/unpack.h"
#include "analysis/zip.h"

extern const struct trajectory_reader trajectory_reader_inspect_eval;

/* What one reading gave: of each sample whether it is there, in full or as a summary. */
struct got {
    struct sink sink; /* first */
    bool again, full[3], summary[3];
    size_t wrong, faults;
    bool remark;
};

/* The log's samples are 1, 2, 3 with C, C, I. */
static void end(struct sink *sink, const struct trajectory *t)
{
    static const double rewards[3] = {1, 1, 0};
    struct got *got = (struct got *)sink;
    size_t i = t->id.n ? (size_t)(t->id.p[0] - '1') : 3;

    if (i > 2 || !str_starts(str_from(t->id, 1), STR("_epoch_1")) || t->reward != rewards[i]) {
        got->wrong++;
        return;
    }
    (got->again ? got->summary : got->full)[i] = true;
}

static void refuse(struct sink *sink, struct str id, const char *why)
{
    (void)id;
    (void)why;
    ((struct got *)sink)->faults++;
}

static void remark(struct sink *sink, struct str id, const char *what)
{
    (void)sink;
    (void)id;
    (void)what;
}

static struct got read_bytes(const char *bytes, size_t n)
{
    struct arena scratch, front;
    struct record record;
    struct err err = {ERR_NONE, ""};
    int fd = memfd_create("eval", MFD_CLOEXEC);
    struct got got = {.sink = {.origin = {.epoch = NO_NUMBER, .iteration = NO_NUMBER},
                               .file = trajectory_none(),
                               .end = end,
                               .refuse = refuse,
                               .remark = remark}};

    cr_assert(fd >= 0 && write(fd, bytes, n) == (ssize_t)n);
    arena_init(&scratch);
    arena_init(&front);
    struct source *source = source_new(fd, &trajectory_reader_inspect_eval, NULL);
    got.sink.scratch = &front;
    watch_reset(&got.sink.watch);
    trajectory_reader_inspect_eval.begin(source_head(source, &front), &got.sink);
    got.sink.scratch = &scratch;
    while (source_next(source, &record, &err)) {
        arena_reset(&scratch);
        got.again = record.again;
        got.faults += record.fault != NULL;
        if (!record.fault)
            trajectory_reader_inspect_eval.read(record.text, &got.sink);
    }
    got.faults += err.code != ERR_NONE;
    got.remark = source_remark(source) != NULL;
    source_free(source);
    arena_fini(&scratch);
    arena_fini(&front);
    close(fd);
    return got;
}

static struct str fixture(struct arena *arena, const char *name)
{
    const char *root = getenv("POSTRUN_SOURCE");
    const char *folder = arena_printf(arena, "%s/tests/analysis/trajectories/cases/inspect/%s",
                                      root ? root : ".", name);
    int dir = open(folder, O_RDONLY | O_DIRECTORY);
    struct str text;
    struct err err;
    bool found;

    cr_assert(dir >= 0 && file_read(dir, "input", MIB, arena, &text, NULL, &found, &err) && found,
              "%s", folder);
    close(dir);
    return text;
}

static const char *const files[] = {"eval_deflate", "eval_zstd", "eval_stream", "eval_zip64"};
enum { FILES = sizeof(files) / sizeof(files[0]) };

static size_t place_of(struct str file, const char *text)
{
    const char *at = memmem(file.p, file.n, text, strlen(text));

    cr_assert(at);
    return (size_t)(at - file.p);
}

static size_t count(const bool full[3], const bool summary[3])
{
    size_t n = 0;

    for (size_t i = 0; i < 3; i++)
        n += full[i] || (summary && summary[i]);
    return n;
}

/* At every byte of the last sample, and at every seventh of what stands behind it. */
Test(source, a_log_cut_at_any_byte_keeps_what_stands_before_the_cut, .timeout = 120)
{
    struct arena arena;

    arena_init(&arena);
    for (size_t f = 0; f < FILES; f++) {
        struct str file = fixture(&arena, files[f]);
        size_t third = place_of(file, "samples/3_epoch_1.json") - 30;
        size_t after = place_of(file, "_journal/summaries/1.json") - 30;
        for (size_t n = third; n < file.n; n += n < after && f < 2 ? 1 : 7) {
            struct got got = read_bytes(file.p, n);
            size_t whole = count(got.full, NULL);
            cr_assert(got.wrong == 0, "%s at %zu", files[f], n);
            cr_assert(whole >= 2 && (n < after || whole == 3), "%s at %zu: %zu", files[f], n,
                      whole);
            cr_assert(got.remark, "%s at %zu: nothing is said", files[f], n);
        }
        struct got got = read_bytes(file.p, file.n);
        cr_expect(count(got.full, NULL) == 3 && got.faults == 0 && !got.remark, "%s", files[f]);
    }
    arena_fini(&arena);
}

/* One of each five bytes, in each file others. */
Test(source, one_wrong_bit_is_noticed_or_does_no_harm, .timeout = 300)
{
    struct arena arena;

    arena_init(&arena);
    for (size_t f = 0; f < FILES; f++) {
        struct str file = fixture(&arena, files[f]);
        char *bytes = arena_alloc(&arena, file.n);
        memcpy(bytes, file.p, file.n);
        for (size_t at = f; at < file.n; at += 5) {
            char was = bytes[at];
            bytes[at] = (char)(was ^ (1 << at % 8));
            struct got got = read_bytes(bytes, file.n);
            bytes[at] = was;
            cr_assert(got.wrong == 0, "%s at %zu", files[f], at);
            cr_assert(count(got.full, got.summary) == 3 || got.faults || got.remark,
                      "%s at %zu: something is missing in silence", files[f], at);
        }
    }
    arena_fini(&arena);
}

Test(source, a_broken_sample_is_refused_and_its_summary_given)
{
    struct arena arena;

    arena_init(&arena);
    struct str file = fixture(&arena, "eval_broken");
    struct got got = read_bytes(file.p, file.n);
    cr_expect(got.full[0] && !got.full[1] && got.full[2] && got.summary[1]);
    cr_expect(got.faults == 1 && got.wrong == 0);
    arena_fini(&arena);
}

Test(source, what_is_no_zip_is_refused)
{
    static const char *const texts[] = {"", "P", "PK\3\4", "{}", "PK\5\6"};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct got got = read_bytes(texts[i], strlen(texts[i]));
        cr_expect(got.faults == 1 && count(got.full, got.summary) == 0, "%s", texts[i]);
    }
}

/* ---- zip.h and unpack.h ---- */

static int file_of(struct str bytes)
{
    int fd = memfd_create("zip", MFD_CLOEXEC);

    cr_assert(fd >= 0 && write(fd, bytes.p, bytes.n) == (ssize_t)bytes.n);
    return fd;
}

Test(source, a_member_is_unpacked_only_up_to_a_limit)
{
    struct arena arena;
    struct zip zip;
    struct buf out = {0};
    struct err err;

    arena_init(&arena);
    int fd = file_of(fixture(&arena, "eval_deflate"));
    cr_assert(zip_open(fd, &arena, &zip, &err), "%s", err.msg);
    cr_expect(zip.n == 7 && !zip.fault && str_is(zip.v[0].name, "_journal/start.json"));
    cr_expect(!zip_read(fd, &zip.v[0], 100, NULL, &out, &err));
    cr_expect(err.code == ERR_TOO_LARGE && out.n == 0, "%s", err.msg);
    cr_expect(zip_read(fd, &zip.v[0], MIB, NULL, &out, &err), "%s", err.msg);
    cr_expect(out.n == zip.v[0].size && out.p[0] == '{' && out.p[out.n - 1] == '}');
    atomic_bool cancelled = true;
    cr_expect(!zip_read(fd, &zip.v[0], MIB, &cancelled, &out, &err) && err.code == ERR_CANCELLED);
    buf_fini(&out);
    close(fd);
    arena_fini(&arena);
}

/* The second entry of a directory points into the first member: one of them is not believed. */
Test(source, members_that_share_bytes_are_not_read_twice)
{
    struct arena arena;
    struct zip zip;
    struct err err;

    arena_init(&arena);
    struct str file = fixture(&arena, "eval_deflate");
    char *bytes = arena_alloc(&arena, file.n);
    memcpy(bytes, file.p, file.n);
    char *entry = memmem(bytes, file.n, "PK\1\2", 4);
    char *second = memmem(entry + 4, file.n - (size_t)(entry + 4 - bytes), "PK\1\2", 4);
    memset(second + 42, 0, 4); /* where its local header stands */
    int fd = file_of((struct str){bytes, file.n});
    cr_assert(zip_open(fd, &arena, &zip, &err), "%s", err.msg);
    cr_expect(zip.n == 6 && zip.fault, "%zu", zip.n);
    close(fd);
    arena_fini(&arena);
}

Test(source, a_method_that_is_not_known_is_named_so)
{
    const char *why = NULL;

    cr_expect(!unpack_new(14, &why) && strstr(why, "neither deflate nor zstd"));
}

Test(source, stored_bytes_are_copied)
{
    const char *why;
    char out[8];
    size_t put;
    struct str in = STR("abcdef");
    struct unpack *u = unpack_new(UNPACK_STORED, &why);

    cr_assert(u);
    cr_expect(unpack_some(u, &in, false, out, 4, &put) == UNPACK_MORE && put == 4);
    cr_expect(unpack_some(u, &in, true, out, 4, &put) == UNPACK_ENDED && put == 2);
    cr_expect(memcmp(out, "ef", 2) == 0);
    unpack_free(u);
}
