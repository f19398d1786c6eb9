#include "analysis/follow.h"

#include <stdlib.h>
#include <unistd.h>

#include "analysis/mark.h"
#include "analysis/readers/lines.h"
#include "analysis/sources.h"

enum { READING_BYTES = 64 * 1024 }; /* about what a reading keeps for itself */

struct followed {
    struct followed *next;
    const struct reader *reader;
    char *path, *run; /* run NULL: the file holds one */
    struct feed *feed;
    const struct fed *fed;
    void *reading;              /* of a live reader */
    struct file_mark mark;      /* of one */
    uint64_t spread;            /* mark_spread of it */
    bool young;                 /* the log was, when it was read */
    struct sources_state state; /* of what is read whole, be it beside a log that is not */
    bool asked;                 /* in this look */
};

struct follow {
    struct followed *list;
    size_t begun;
};

struct follow *follow_new(void)
{
    return heap_alloc(sizeof(struct follow));
}

static char *copy(const char *text)
{
    size_t n = text ? strlen(text) + 1 : 0;

    return text ? memcpy(heap_alloc(n), text, n) : NULL;
}

static struct followed *followed_new(const struct walk_source *source)
{
    struct followed *f = heap_alloc(sizeof(*f));

    f->reader = source->reader;
    f->path = copy(source->path);
    f->run = copy(source->run);
    f->feed = feed_new();
    if (f->reader->live)
        f->reading = f->reader->live->open(f->feed);
    return f;
}

static void followed_free(struct followed *f)
{
    if (f->reading)
        f->reader->live->close(f->reading);
    feed_free(f->feed);
    free(f->path);
    free(f->run);
    free(f);
}

void follow_free(struct follow *follow)
{
    if (!follow)
        return;
    for (struct followed *f = follow->list, *next; f; f = next) {
        next = f->next;
        followed_free(f);
    }
    free(follow);
}

void follow_looked(struct follow *follow)
{
    for (struct followed **at = &follow->list, *f; (f = *at);) {
        if (f->asked) {
            f->asked = false;
            at = &f->next;
        } else {
            *at = f->next;
            followed_free(f);
        }
    }
}

size_t follow_bytes(const struct follow *follow)
{
    size_t bytes = 0;

    for (const struct followed *f = follow->list; f; f = f->next) {
        bool alone = !f->next && f == follow->list;
        bytes += sizeof(*f) + (f->reading ? (size_t)READING_BYTES : 0);
        bytes += alone ? 0 : table_bytes(f->fed->table); /* the run of one log is its table */
    }
    return bytes;
}

size_t follow_begun(const struct follow *follow)
{
    return follow->begun;
}

/* ---- one source ---- */

static bool is_of(const struct followed *f, const struct walk_source *source)
{
    bool same_run =
        f->run && source->run ? strcmp(f->run, source->run) == 0 : f->run == source->run;

    return f->reader == source->reader && strcmp(f->path, source->path) == 0 && same_run;
}

/* Takes it out of the list: it comes back once it was read. */
static struct followed *take_out(struct follow *follow, const struct walk_source *source)
{
    for (struct followed **at = &follow->list, *f; (f = *at); at = &f->next) {
        if (is_of(f, source)) {
            *at = f->next;
            return f;
        }
    }
    return NULL;
}

/* All that is whole behind what was taken, then what holds for now. */
static bool look(struct followed *f, const struct source *source, int fd, const struct stat *about,
                 struct err *err)
{
    const struct live_reading *live = f->reader->live;

    f->young = mark_is_young(about);
    if (!live->more(f->reading, source, err))
        return false;
    feed_mark(f->feed);
    if (!live->rest(f->reading, source, err))
        return false;
    mark_set(&f->mark, fd, about, (uint64_t)live->taken(f->reading));
    f->spread = mark_spread(fd, f->mark.taken);
    return true;
}

/* Is what was taken in still there? A log of the same size that was written to is another one. */
static bool still_holds(const struct followed *f, int fd, const struct stat *about)
{
    bool grown = about->st_size != f->mark.size || mark_same(&f->mark, about);

    return grown && f->mark.taken > 0 && mark_holds(&f->mark, fd, about) &&
           mark_spread(fd, f->mark.taken) == f->spread;
}

/* The files beside a log that its reader reads as well. */
static bool same_beside(const struct followed *f, const struct sources_state *now)
{
    return f->state.print == now->print && !f->state.young;
}

/* What is kept of a log, brought up to date if that can be done; else it is let go of: NULL. */
static struct followed *go_on(struct followed *f, const struct source *source, int fd,
                              const struct stat *about, const struct sources_state *beside,
                              struct err *err)
{
    if (mark_same(&f->mark, about) && !f->young && same_beside(f, beside))
        return f;
    if (still_holds(f, fd, about) && feed_back(f->feed) && look(f, source, fd, about, err)) {
        f->fed = feed_end(f->feed);
        return f;
    }
    followed_free(f);
    return NULL;
}

/* What is kept of files that are read whole, if nothing happened to them; else NULL. */
static struct followed *stay(struct followed *f, const struct sources_state *now)
{
    if (same_beside(f, now))
        return f;
    followed_free(f);
    return NULL;
}

/* From the beginning; of `rows` rows, if they are not 0, the rest may be missing. NULL with err. */
static struct followed *begin(struct follow *follow, const struct walk_source *asked, size_t rows,
                              struct source source, int fd, const struct stat *about,
                              struct err *err)
{
    atomic_bool enough = false;

    if (!source_wanted(&source, err))
        return NULL;
    struct followed *f = followed_new(asked);
    follow->begun++;
    if (rows > 0) {
        source.cancelled = &enough; /* it is short: nobody need cancel it */
        feed_stop(f->feed, rows, &enough);
    }
    bool ok = f->reader->live ? look(f, &source, fd, about, err)
                              : reader_read(f->reader, &source, f->feed, err);
    feed_stop(f->feed, 0, NULL); /* the feed outlives the flag */
    if (!ok && !atomic_load(&enough)) {
        followed_free(f);
        return NULL;
    }
    f->fed = feed_end(f->feed);
    return f;
}

/* kept: from the look before, or NULL; it is taken over, as in the next one. NULL with err. */
static struct followed *read_log(struct follow *follow, struct followed *kept,
                                 const struct walk_source *asked, size_t rows,
                                 const struct source *source, struct err *err)
{
    struct sources_state beside = {0};
    struct stat about;

    if (asked->reader->beside)
        beside = sources_look(source->dir, asked, 1);
    int fd = source_open(source, err);
    if (fd < 0 || fstat(fd, &about) != 0) {
        if (fd >= 0)
            err_errno(err, "cannot read %s", asked->path);
        if (kept)
            followed_free(kept);
        kept = NULL;
    } else {
        kept = kept ? go_on(kept, source, fd, &about, &beside, err) : NULL;
        kept = kept ? kept : begin(follow, asked, rows, *source, fd, &about, err);
    }
    if (kept)
        kept->state = beside;
    if (fd >= 0)
        close(fd);
    return kept;
}

static struct followed *read_files(struct follow *follow, struct followed *kept,
                                   const struct walk_source *asked, size_t rows,
                                   const struct source *source, struct err *err)
{
    struct sources_state now = sources_look(source->dir, asked, 1);

    kept = kept ? stay(kept, &now) : NULL;
    kept = kept ? kept : begin(follow, asked, rows, *source, -1, NULL, err);
    if (kept)
        kept->state = now;
    return kept;
}

bool follow_read(struct follow *follow, int dir, const struct walk_source *asked, size_t rows,
                 const atomic_bool *cancelled, const struct fed **out, struct err *err)
{
    const struct source source = {dir, asked->path, asked->run, cancelled};
    struct followed *f = take_out(follow, asked);

    f = asked->reader->live ? read_log(follow, f, asked, rows, &source, err)
                            : read_files(follow, f, asked, rows, &source, err);
    if (!f)
        return false;
    f->asked = true;
    f->next = follow->list;
    follow->list = f;
    *out = f->fed;
    return true;
}
