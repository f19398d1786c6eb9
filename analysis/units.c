#include "analysis/units.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "analysis/base/vec.h"
#include "analysis/files.h"
#include "analysis/readers/sniff.h"

struct claims {
    struct arena arena;  /* until the readers were asked */
    VEC(struct claim) v; /* then in `packed` */
    char *packed;
};

/* ---- names ---- */

static bool ends_like(struct str name, struct str tail)
{
    return name.n >= tail.n && strncasecmp(name.p + name.n - tail.n, tail.p, tail.n) == 0;
}

/* The name of what is inside a compressed file; of any other its own. */
static struct str unpacked(struct str name)
{
    static const char *const packed[] = {".gz", ".zst", ".xz", ".bz2"};

    for (size_t i = 0; i < sizeof(packed) / sizeof(packed[0]); i++) {
        if (ends_like(name, str_of(packed[i])))
            return str_cut(name, name.n - strlen(packed[i]));
    }
    return name;
}

bool name_could_be_log(struct str name)
{
    static const char *const tails[] = {".json", ".jsonl", ".ndjson", ".csv",     ".tsv",
                                        ".txt",  ".log",   ".out",    ".wandb",   ".db",
                                        ".npy",  ".npz",   ".sqlite", ".sqlite3", ".safetensors"};
    static const char *const whole[] = {"meta.yaml", "hparams.yaml", "args.yaml", "config.yaml",
                                        "config.yml"};
    struct str inside = unpacked(name);

    for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
        if (ends_like(inside, str_of(tails[i])))
            return true;
    }
    for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
        if (str_is(name, whole[i]))
            return true;
    }
    return str_has(name, STR("tfevents"));
}

/* ---- life ---- */

struct claims *claims_new(void)
{
    struct claims *claims = heap_alloc(sizeof(*claims));

    arena_init(&claims->arena);
    return claims;
}

void claims_free(struct claims *claims)
{
    if (!claims)
        return;
    arena_fini(&claims->arena);
    free(claims->packed);
    free(claims);
}

void claims_add(struct claims *claims, const char *name)
{
    VEC_PUSH(&claims->arena, &claims->v,
             (struct claim){.name = arena_text(&claims->arena, str_of(name)), .why = ""});
}

size_t claims_count(const struct claims *claims)
{
    return claims ? claims->v.n : 0;
}

const struct claim *claims_get(const struct claims *claims, size_t i)
{
    return &claims->v.v[i];
}

/* ---- asking ---- */

static int64_t modified_ns(const struct stat *about)
{
    return (int64_t)about->st_mtim.tv_sec * 1000000000 + about->st_mtim.tv_nsec;
}

/*
 * An answer holds while the file is the same. What a bid has seen of a longer
 * file does not change when the file grows; the runs in a file may.
 */
static bool still_holds(const struct claim *claim, const struct stat *now)
{
    if (claim->dev != now->st_dev || claim->ino != now->st_ino)
        return false;
    if (claim->size == now->st_size && claim->modified_ns == modified_ns(now))
        return true;
    bool grown = claim->size >= PROBE_BYTES && now->st_size >= claim->size;
    return grown && !(claim->reader && claim->reader->unit == UNIT_MANY);
}

static void refuse(struct claim *claim, const char *why)
{
    claim->reader = NULL;
    claim->score = 0;
    claim->why = why;
}

static void ask_runs(struct claims *claims, struct claim *claim, int dir)
{
    const struct source source = {.dir = dir, .path = claim->name};
    struct err err;

    claim->runs = (struct strs){0};
    if (!claim->reader->runs(&source, &claims->arena, &claim->runs, &err))
        refuse(claim, arena_text(&claims->arena, str_of(err.msg)));
}

static void ask_readers(struct claims *claims, struct claim *claim, int dir, const char *path,
                        struct str head)
{
    struct bid bid;
    struct probe probe = {.dir = dir,
                          .name = claim->name,
                          .head = head,
                          .size = claim->size,
                          .path = strcmp(path, ".") == 0
                                      ? claim->name
                                      : arena_printf(&claims->arena, "%s/%s", path, claim->name)};

    if (str_starts(head, STR("version https://git-lfs"))) {
        refuse(claim, "a Git LFS pointer: its content is not here");
        return;
    }
    if (unpacked(str_of(claim->name)).n < strlen(claim->name)) {
        const char *why = sniff_no_text(head);
        refuse(claim, why ? why : "its name is that of a compressed file, and it is none");
        return;
    }
    claim->reader = reader_for(&probe, &claims->arena, &bid);
    claim->score = bid.score;
    claim->why = bid.why ? arena_text(&claims->arena, str_of(bid.why)) : "";
    if (claim->reader && claim->reader->unit == UNIT_MANY)
        ask_runs(claims, claim, dir);
}

/* Why what bears a log's name could not be opened. */
static const char *closed_because(int error)
{
    return error == EACCES  ? "it may not be read"
           : error == EXDEV ? "it is a link that leads out of its folder"
           : error == ELOOP ? "it is a link that leads to itself"
           : error == ENXIO ? "it is a socket or a device"
                            : "";
}

static const char *no_file_because(mode_t mode)
{
    return S_ISDIR(mode)                    ? "it is a folder"
           : S_ISFIFO(mode)                 ? "it is a fifo"
           : S_ISCHR(mode) || S_ISBLK(mode) ? "it is a device"
                                            : "it is no file";
}

static void ask(struct claims *claims, struct claim *claim, int dir, const char *path)
{
    char head[PROBE_BYTES];
    struct stat about;
    int fd = file_open(dir, claim->name, O_RDONLY);

    if (fd < 0) {
        refuse(claim, closed_because(errno));
        return;
    }
    bool known = fstat(fd, &about) == 0;
    if (known && S_ISREG(about.st_mode)) {
        claim->dev = about.st_dev;
        claim->ino = about.st_ino;
        claim->size = about.st_size;
        claim->modified_ns = modified_ns(&about);
        size_t whole = (size_t)about.st_size;
        int64_t n = file_fill(fd, head, whole < sizeof(head) ? whole : sizeof(head), 0);
        if (n > 0)
            ask_readers(claims, claim, dir, path, (struct str){head, (size_t)n});
        else
            refuse(claim, n < 0 ? "it cannot be read" : "it is empty");
    } else {
        refuse(claim, known ? no_file_because(about.st_mode) : "");
    }
    close(fd);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct claim *)a)->name, ((const struct claim *)b)->name);
}

/* What was found out about the same file before, if it was; the texts are copied. */
static bool take_over(struct claims *claims, struct claim *claim, const struct claims *old, int dir)
{
    const struct claim *known =
        old && old->v.n ? bsearch(claim, old->v.v, old->v.n, sizeof(*claim), by_name) : NULL;
    struct stat now;

    if (!known || fstatat(dir, claim->name, &now, 0) != 0 || !still_holds(known, &now))
        return false;
    const char *name = claim->name;
    *claim = *known;
    claim->name = name;
    claim->why = arena_text(&claims->arena, str_of(known->why));
    const char **runs = ARENA_ARRAY(&claims->arena, known->runs.n, const char *);
    for (size_t i = 0; i < known->runs.n; i++)
        runs[i] = arena_text(&claims->arena, str_of(known->runs.v[i]));
    claim->runs = (struct strs){runs, known->runs.n};
    return true;
}

/* ---- packing ---- */

/* A tree of thousands of folders keeps its claims for long: each in one block of its size. */
struct packing {
    char *text;
    const char **runs;
};

static const char *pack_text(struct packing *p, const char *text)
{
    size_t n = strlen(text) + 1;
    const char *packed = memcpy(p->text, text, n);

    p->text += n;
    return packed;
}

static void pack(struct claims *claims)
{
    size_t n = claims->v.n, runs = 0, bytes = 0;
    struct packing p;

    for (size_t i = 0; i < n; i++) {
        const struct claim *claim = &claims->v.v[i];
        bytes += strlen(claim->name) + strlen(claim->why) + 2;
        runs += claim->runs.n;
        for (size_t r = 0; r < claim->runs.n; r++)
            bytes += strlen(claim->runs.v[r]) + 1;
    }
    claims->packed = heap_alloc(n * sizeof(struct claim) + runs * sizeof(char *) + bytes);
    struct claim *v = (void *)claims->packed;
    p.runs = (void *)(v + n);
    p.text = (char *)(p.runs + runs);
    for (size_t i = 0; i < n; i++) {
        v[i] = claims->v.v[i];
        v[i].name = pack_text(&p, v[i].name);
        v[i].why = pack_text(&p, v[i].why);
        for (size_t r = 0; r < v[i].runs.n; r++)
            p.runs[r] = pack_text(&p, v[i].runs.v[r]);
        v[i].runs.v = p.runs;
        p.runs += v[i].runs.n;
    }
    claims->v.v = v;
    claims->v.room = n;
    arena_fini(&claims->arena);
    arena_init(&claims->arena);
}

static bool same_answer(const struct claim *a, const struct claim *b)
{
    bool same = strcmp(a->name, b->name) == 0 && a->reader == b->reader &&
                strcmp(a->why, b->why) == 0 && a->runs.n == b->runs.n;

    for (size_t i = 0; same && i < a->runs.n; i++)
        same = strcmp(a->runs.v[i], b->runs.v[i]) == 0;
    return same;
}

bool claims_same(const struct claims *a, const struct claims *b)
{
    bool same = claims_count(a) == claims_count(b);

    for (size_t i = 0; same && i < claims_count(a); i++)
        same = same_answer(&a->v.v[i], &b->v.v[i]);
    return same;
}

struct claims *claims_again(const struct claims *claims)
{
    struct claims *again = claims_new();

    for (size_t i = 0; i < claims->v.n; i++)
        claims_add(again, claims->v.v[i].name);
    return again;
}

void claims_ask(struct claims *claims, const struct claims *old, int dir, const char *path)
{
    if (claims->v.n)
        qsort(claims->v.v, claims->v.n, sizeof(*claims->v.v), by_name);
    for (size_t i = 0; i < claims->v.n; i++) {
        struct claim *claim = &claims->v.v[i];
        if (!take_over(claims, claim, old, dir))
            ask(claims, claim, dir, path);
    }
    pack(claims);
}

bool claims_hold(const struct claims *claims, int dir)
{
    bool hold = true;

    for (size_t i = 0; hold && i < claims->v.n; i++) {
        struct stat now;
        hold =
            fstatat(dir, claims->v.v[i].name, &now, 0) != 0 || still_holds(&claims->v.v[i], &now);
    }
    return hold;
}
