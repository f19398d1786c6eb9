#include "analysis/held.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "analysis/base/fnv.h"
#include "analysis/files.h"
#include "analysis/follow.h"
#include "analysis/readers/weave.h"

enum { SHELF_BUCKETS = 4096, OWN_BYTES = 512, TEXT_KEPT_MAX = 256 * 1024 };

/* Which version of the two history files was read. */
struct seen {
    struct {
        dev_t dev;
        ino_t ino;
        int64_t size, changed_ns;
    } file[2];
    bool young; /* changed within the clock's grain: not to be trusted */
};

struct kept_woven {
    struct woven *run; /* NULL: none */
    struct sources_state of;
};

enum { LIVE_MS = 3600 * 1000 }; /* a log that was written to within an hour may go on */

struct held {
    struct shelf *shelf;
    struct held *next;          /* in its bucket */
    struct held *newer, *older; /* in order of use */
    size_t refs, bytes;         /* of the shelf's lock, as are the two parts of bytes: */
    size_t data, texts;         /* columns and history; texts */
    char *key;
    struct rows *rows;
    pthread_mutex_t reading; /* one reads the history; taken before `lock` */
    pthread_mutex_t lock;    /* of all below; never held while a file is read */
    struct history *history;
    struct seen seen;
    struct kept_woven whole, head;
    struct follow *follow; /* of `reading`; NULL: nothing was written to for long */
    size_t follow_bytes;
    struct buf text[HELD_TEXTS];
    int64_t log_size, grown_ms; /* at the last look; when it was seen to have grown */
    bool log_seen, log_grew;
};

struct shelf {
    pthread_mutex_t lock;
    struct held **bucket; /* SHELF_BUCKETS; NULL until something is held: a start needs none */
    struct held *newest, *oldest;
    size_t bytes, bytes_max;
};

AT_START struct shelf *shelf_new(size_t bytes_max)
{
    struct shelf *shelf = heap_alloc(sizeof(*shelf));

    pthread_mutex_init(&shelf->lock, NULL);
    shelf->bytes_max = bytes_max;
    return shelf;
}

static size_t bucket_of(const char *key)
{
    return fnv_of(str_of(key)) % SHELF_BUCKETS;
}

static void unlink_use(struct held *held)
{
    struct shelf *shelf = held->shelf;

    *(held->newer ? &held->newer->older : &shelf->newest) = held->older;
    *(held->older ? &held->older->newer : &shelf->oldest) = held->newer;
    held->newer = held->older = NULL;
}

static void put_first(struct held *held)
{
    struct shelf *shelf = held->shelf;

    held->older = shelf->newest;
    *(shelf->newest ? &shelf->newest->newer : &shelf->oldest) = held;
    shelf->newest = held;
}

static void held_free(struct held *held)
{
    rows_free(held->rows);
    history_unref(held->history);
    woven_unref(held->whole.run);
    woven_unref(held->head.run);
    follow_free(held->follow);
    for (size_t i = 0; i < HELD_TEXTS; i++)
        buf_fini(&held->text[i]);
    pthread_mutex_destroy(&held->lock);
    pthread_mutex_destroy(&held->reading);
    free(held->key);
    free(held);
}

/* Under the shelf's lock. */
static void forget(struct held *held)
{
    struct shelf *shelf = held->shelf;
    struct held **at = &shelf->bucket[bucket_of(held->key)];

    while (*at != held)
        at = &(*at)->next;
    *at = held->next;
    unlink_use(held);
    shelf->bytes -= held->bytes;
    held_free(held);
}

static void make_room(struct shelf *shelf)
{
    struct held *held = shelf->oldest;

    while (held && held != shelf->newest && shelf->bytes > shelf->bytes_max) {
        struct held *newer = held->newer;
        if (held->refs == 0)
            forget(held);
        held = newer;
    }
}

void shelf_free(struct shelf *shelf)
{
    if (!shelf)
        return;
    while (shelf->oldest)
        forget(shelf->oldest);
    pthread_mutex_destroy(&shelf->lock);
    free(shelf->bucket);
    free(shelf);
}

struct held *shelf_get(struct shelf *shelf, const char *key)
{
    pthread_mutex_lock(&shelf->lock);
    if (!shelf->bucket)
        shelf->bucket = heap_alloc(SHELF_BUCKETS * sizeof(struct held *));
    struct held **at = &shelf->bucket[bucket_of(key)], *held = *at;

    while (held && strcmp(held->key, key) != 0)
        held = held->next;
    if (held) {
        unlink_use(held);
    } else {
        size_t n = strlen(key) + 1;
        held = heap_alloc(sizeof(*held));
        held->key = memcpy(heap_alloc(n), key, n);
        held->shelf = shelf;
        held->rows = rows_new();
        pthread_mutex_init(&held->lock, NULL);
        pthread_mutex_init(&held->reading, NULL);
        held->next = *at;
        *at = held;
        shelf->bytes += held->bytes = OWN_BYTES + n;
    }
    held->refs++;
    put_first(held);
    make_room(shelf);
    pthread_mutex_unlock(&shelf->lock);
    return held;
}

void held_unref(void *thing)
{
    struct held *held = thing;
    struct shelf *shelf = held->shelf;

    pthread_mutex_lock(&shelf->lock);
    held->refs--;
    make_room(shelf);
    pthread_mutex_unlock(&shelf->lock);
}

struct rows *held_rows(struct held *held)
{
    return held->rows;
}

/* One part of what it holds has so many bytes now. Under held->lock, so that the last one stands.
 */
static void count(struct held *held, size_t *part, size_t bytes)
{
    struct shelf *shelf = held->shelf;

    pthread_mutex_lock(&shelf->lock);
    held->bytes += bytes - *part; /* wraps both ways to the right sum */
    shelf->bytes += bytes - *part;
    *part = bytes;
    make_room(shelf);
    pthread_mutex_unlock(&shelf->lock);
}

void held_measure(struct held *held)
{
    size_t bytes = rows_held(held->rows); /* may wait for a log to be read: not under the lock */

    pthread_mutex_lock(&held->lock);
    if (held->history)
        bytes += history_held(held->history);
    if (held->whole.run)
        bytes += held->whole.run->bytes;
    if (held->head.run)
        bytes += held->head.run->bytes;
    bytes += held->follow_bytes;
    count(held, &held->data, bytes);
    pthread_mutex_unlock(&held->lock);
}

/* ---- the history ---- */

static struct seen look_at_files(int dir)
{
    static const char *const path[] = {"rl_metrics/rl_training_metrics.json",
                                       "dashboard_metrics/rl_metrics.jsonl"};
    struct seen seen = {0};

    for (size_t i = 0; i < 2; i++) {
        struct stat about;
        if (fstatat(dir, path[i], &about, 0) != 0)
            continue;
        seen.file[i].dev = about.st_dev;
        seen.file[i].ino = about.st_ino;
        seen.file[i].size = about.st_size;
        seen.file[i].changed_ns =
            (int64_t)about.st_mtim.tv_sec * 1000000000 + about.st_mtim.tv_nsec;
        seen.young |= mark_is_young(&about);
    }
    return seen;
}

static bool same(const struct seen *a, const struct seen *b)
{
    for (size_t i = 0; i < 2; i++) {
        if (a->file[i].dev != b->file[i].dev || a->file[i].ino != b->file[i].ino ||
            a->file[i].size != b->file[i].size || a->file[i].changed_ns != b->file[i].changed_ns)
            return false;
    }
    return !a->young;
}

/* With a reference; NULL if it is of other files than those seen now. */
static struct history *kept_history(struct held *held, const struct seen *seen)
{
    struct history *kept = NULL;

    pthread_mutex_lock(&held->lock);
    if (held->history && same(&held->seen, seen))
        kept = history_ref(held->history);
    pthread_mutex_unlock(&held->lock);
    return kept;
}

/* Puts another in its place, NULL too; takes over the reference. */
static void swap_history(struct held *held, struct history *history, const struct seen *seen)
{
    pthread_mutex_lock(&held->lock);
    struct history *old = held->history;

    held->history = history;
    held->seen = *seen;
    pthread_mutex_unlock(&held->lock);
    history_unref(old);
}

bool held_history(struct held *held, int dir, const atomic_bool *cancelled, struct history **out,
                  struct err *err)
{
    struct seen seen = look_at_files(dir); /* before reading: a change meanwhile shows next time */
    bool ok = true;

    /* Two calls for one history: the second waits and finds it read. */
    pthread_mutex_lock(&held->reading);
    *out = kept_history(held, &seen);
    if (!*out) {
        swap_history(held, NULL, &seen); /* not both in memory, unless somebody uses the old one */
        ok = history_load(dir, cancelled, out, err);
        if (!ok)
            *out = NULL;
        swap_history(held, *out ? history_ref(*out) : NULL, &seen);
    }
    pthread_mutex_unlock(&held->reading);
    held_measure(held);
    return ok;
}

/* ---- other programs' files ---- */

static struct woven *kept_if_same(struct held *held, const struct kept_woven *kept,
                                  const struct sources_state *now)
{
    struct woven *run = NULL;

    pthread_mutex_lock(&held->lock);
    if (kept->run && kept->of.print == now->print && !kept->of.young)
        run = woven_ref(kept->run);
    pthread_mutex_unlock(&held->lock);
    return run;
}

static void keep_woven(struct held *held, struct kept_woven *kept, struct woven *run,
                       const struct sources_state *of)
{
    pthread_mutex_lock(&held->lock);
    struct woven *old = kept->run;

    *kept = (struct kept_woven){run, *of};
    pthread_mutex_unlock(&held->lock);
    woven_unref(old);
}

static bool goes_on(const struct sources_state *now)
{
    struct timespec time;

    clock_gettime(CLOCK_REALTIME, &time);
    return now->newest_ms != NOT_GIVEN && (int64_t)time.tv_sec * 1000 - now->newest_ms < LIVE_MS;
}

/* Only a log that may go on is worth the memory of what reading on needs. */
static void keep_following(struct held *held, struct follow *follow, bool worth_it)
{
    size_t bytes = worth_it ? follow_bytes(follow) : 0;

    held->follow = worth_it ? follow : NULL;
    if (!worth_it)
        follow_free(follow);
    pthread_mutex_lock(&held->lock);
    held->follow_bytes = bytes;
    pthread_mutex_unlock(&held->lock);
}

static bool read_whole(struct held *held, int dir, const struct walk_source *sources, size_t n,
                       const struct sources_state *now, const atomic_bool *cancelled,
                       struct woven **out, struct err *err)
{
    struct follow *follow = held->follow ? held->follow : follow_new();
    bool ok = sources_read(dir, sources, n, 0, follow, cancelled, out, err);

    keep_following(held, follow, ok && goes_on(now));
    return ok;
}

static bool read_head(int dir, const struct walk_source *sources, size_t n, size_t rows,
                      struct woven **out, struct err *err)
{
    struct follow *follow = follow_new();
    bool ok = sources_read(dir, sources, n, rows, follow, NULL, out, err);

    follow_free(follow);
    return ok;
}

/* What is kept, or so many rows (0: all) read into `kept`. */
static bool read_woven(struct held *held, struct kept_woven *kept, int dir,
                       const struct walk_source *sources, size_t n, size_t rows,
                       const atomic_bool *cancelled, struct woven **out, struct err *err)
{
    struct sources_state now = sources_look(dir, sources, n); /* before reading, as above */
    bool ok = true;

    pthread_mutex_lock(&held->reading);
    *out = kept_if_same(held, &held->whole, &now);
    if (!*out)
        *out = kept_if_same(held, kept, &now);
    if (!*out) {
        keep_woven(held, kept, NULL, &now);
        ok = rows ? read_head(dir, sources, n, rows, out, err)
                  : read_whole(held, dir, sources, n, &now, cancelled, out, err);
        if (!ok)
            *out = NULL;
        keep_woven(held, kept, *out ? woven_ref(*out) : NULL, &now);
    }
    pthread_mutex_unlock(&held->reading);
    held_measure(held);
    return ok;
}

bool held_woven(struct held *held, int dir, const struct walk_source *sources, size_t n,
                const atomic_bool *cancelled, struct woven **out, struct err *err)
{
    return read_woven(held, &held->whole, dir, sources, n, 0, cancelled, out, err);
}

bool held_head(struct held *held, int dir, const struct walk_source *sources, size_t n, size_t rows,
               struct woven **out, struct err *err)
{
    return read_woven(held, &held->head, dir, sources, n, rows, NULL, out, err);
}

/* ---- texts ---- */

void held_keep(struct held *held, enum held_text which, struct str text)
{
    struct buf *kept = &held->text[which];

    if (text.n > TEXT_KEPT_MAX)
        return;
    pthread_mutex_lock(&held->lock);
    if (!str_eq(buf_str(kept), text)) {
        kept->n = 0;
        buf_add(kept, text);
        size_t bytes = 0;
        for (size_t i = 0; i < HELD_TEXTS; i++)
            bytes += held->text[i].room;
        count(held, &held->texts, bytes);
    }
    pthread_mutex_unlock(&held->lock);
}

struct str held_kept(struct held *held, enum held_text which, struct arena *arena)
{
    pthread_mutex_lock(&held->lock);
    struct str text = arena_str(arena, buf_str(&held->text[which]));

    pthread_mutex_unlock(&held->lock);
    return text;
}

bool held_grows(struct held *held, int64_t size, int64_t now_ms, int64_t within_ms)
{
    pthread_mutex_lock(&held->lock);
    if (held->log_seen && size > held->log_size) {
        held->log_grew = true;
        held->grown_ms = now_ms;
    }
    held->log_seen = true;
    held->log_size = size;
    bool grows = held->log_grew && now_ms - held->grown_ms < within_ms;

    pthread_mutex_unlock(&held->lock);
    return grows;
}
