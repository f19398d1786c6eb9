#include "analysis/held.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "analysis/files.h"

enum { BUCKETS = 4096, OWN_BYTES = 512, TEXT_KEPT_MAX = 256 * 1024 };

/* Which version of the two history files was read. */
struct seen {
    struct {
        dev_t dev;
        ino_t ino;
        int64_t size, changed_ns;
    } file[2];
    bool young; /* changed within the clock's grain: not to be trusted */
};

struct held {
    struct shelf *shelf;
    struct held *next;          /* in its bucket */
    struct held *newer, *older; /* in order of use */
    size_t refs, bytes;         /* of the shelf's lock */
    char *key;
    struct rows *rows;
    pthread_mutex_t lock; /* of all below */
    struct history *history;
    struct seen seen;
    struct buf text[HELD_TEXTS];
    int64_t log_size, grown_ms; /* at the last look; when it was seen to have grown */
    bool log_seen, log_grew;
};

struct shelf {
    pthread_mutex_t lock;
    struct held *bucket[BUCKETS];
    struct held *newest, *oldest;
    size_t bytes, bytes_max;
};

struct shelf *shelf_new(size_t bytes_max)
{
    struct shelf *shelf = heap_alloc(sizeof(*shelf));

    pthread_mutex_init(&shelf->lock, NULL);
    shelf->bytes_max = bytes_max;
    return shelf;
}

/* FNV-1a (Fowler, Noll, Vo) */
static size_t bucket_of(const char *key)
{
    uint32_t hash = 2166136261u;

    for (; *key; key++)
        hash = (hash ^ (unsigned char)*key) * 16777619u;
    return hash % BUCKETS;
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
    for (size_t i = 0; i < HELD_TEXTS; i++)
        buf_fini(&held->text[i]);
    pthread_mutex_destroy(&held->lock);
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
    free(shelf);
}

struct held *shelf_get(struct shelf *shelf, const char *key)
{
    pthread_mutex_lock(&shelf->lock);
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

void held_measure(struct held *held)
{
    size_t bytes = OWN_BYTES + rows_held(held->rows);

    pthread_mutex_lock(&held->lock);
    if (held->history)
        bytes += history_held(held->history);
    for (size_t i = 0; i < HELD_TEXTS; i++)
        bytes += held->text[i].room;
    pthread_mutex_unlock(&held->lock);

    pthread_mutex_lock(&held->shelf->lock);
    held->shelf->bytes += bytes - held->bytes; /* wraps both ways to the right sum */
    held->bytes = bytes;
    make_room(held->shelf);
    pthread_mutex_unlock(&held->shelf->lock);
}

/* ---- the history ---- */

static struct seen look_at_files(int dir)
{
    static const char *const path[] = {"rl_metrics/rl_training_metrics.json",
                                       "dashboard_metrics/rl_metrics.jsonl"};
    struct seen seen = {0};
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    for (size_t i = 0; i < 2; i++) {
        struct stat about;
        if (fstatat(dir, path[i], &about, 0) != 0)
            continue;
        seen.file[i].dev = about.st_dev;
        seen.file[i].ino = about.st_ino;
        seen.file[i].size = about.st_size;
        seen.file[i].changed_ns =
            (int64_t)about.st_mtim.tv_sec * 1000000000 + about.st_mtim.tv_nsec;
        seen.young |= now.tv_sec - about.st_mtim.tv_sec < 2;
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

bool held_history(struct held *held, int dir, const atomic_bool *cancelled, struct history **out,
                  struct err *err)
{
    struct seen seen = look_at_files(dir); /* before reading: a change meanwhile shows next time */
    bool ok = true;

    /* Two calls for one history: the second waits and finds it read. */
    pthread_mutex_lock(&held->lock);
    if (!held->history || !same(&held->seen, &seen)) {
        history_unref(held->history);
        held->history = NULL;
        ok = history_load(dir, cancelled, &held->history, err);
        held->seen = seen;
    }
    *out = ok && held->history ? history_ref(held->history) : NULL;
    pthread_mutex_unlock(&held->lock);
    if (ok)
        held_measure(held);
    return ok;
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
