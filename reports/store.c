#include "reports/store.h"
#include "analysis/base/limits.h"
#include "analysis/base/vec.h"
#include "reports/record.h"
#include "reports/shelf.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_NAME = REPORT_ID_MAX + sizeof(".json") };

struct store {
    struct shelf shelf;
    int64_t stamp_ms; /* of the last save, under the shelf's mutex */
    char path[];
};

AT_START struct store *store_open(const char *path)
{
    size_t n = path ? strlen(path) + 1 : 0;
    struct store *store = heap_alloc(sizeof(*store) + n);

    if (path)
        memcpy(store->path, path, n);
    shelf_init(&store->shelf, path ? store->path : NULL);
    return store;
}

void store_close(struct store *store)
{
    if (!store)
        return;
    shelf_tidy(&store->shelf);
    shelf_fini(&store->shelf);
    free(store);
}

const char *store_path(const struct store *store)
{
    return store->shelf.path;
}

void store_tidy(struct store *store)
{
    shelf_tidy(&store->shelf);
}

/* No two saves of a program have one time, so that lists show them in order. */
static int64_t stamp(struct store *store, int64_t now_ms)
{
    pthread_mutex_lock(&store->shelf.mutex);
    if (now_ms <= store->stamp_ms)
        now_ms = store->stamp_ms + 1;
    store->stamp_ms = now_ms;
    pthread_mutex_unlock(&store->shelf.mutex);
    return now_ms;
}

static void file_name(char out[FILE_NAME], const char *id)
{
    snprintf(out, FILE_NAME, "%.*s.json", REPORT_ID_MAX, id);
}

/* The id that a directory entry stands for; false if it is no report's name. */
static bool id_of(const char *entry, struct str *id)
{
    *id = str_of(entry);
    if (!str_ends(*id, STR(".json")))
        return false;
    id->n -= STR(".json").n;
    return report_id_ok(*id);
}

static bool not_saved(const struct store *store, const char *id, struct err *err)
{
    if (err->code == ERR_CONFIG)
        return false;
    return err_wrap(err, "cannot save report '%s' in %.200s", id, store->shelf.path);
}

static bool not_found(const struct store *store, const char *id, struct err *err)
{
    size_t n = 0;
    struct err ignored;
    int fd = shelf_look(&store->shelf, &ignored);
    DIR *list = fd < 0 ? NULL : fdopendir(fd);
    struct str name;

    for (struct dirent *e; list && (e = readdir(list)) != NULL;)
        n += id_of(e->d_name, &name);
    if (list)
        closedir(list);
    else if (fd >= 0)
        close(fd);
    return err_set(err, ERR_NOT_FOUND,
                   "Report not found: no report '%.100s'; list_reports names all %zu", id, n);
}

/* ---- reading ---- */

static bool read_whole(int dir, const char *name, struct arena *arena, struct report *out,
                       const struct json **blocks, struct err *err)
{
    struct shelf_file file;
    const size_t limit = REPORT_MAX + 16 * RECORD_HEAD; /* the blocks and any head */

    if (!shelf_read(dir, name, limit, arena, &file, err))
        return false;
    if ((uint64_t)file.size > limit)
        return err_set(err, ERR_TOO_LARGE, "it has %lld bytes; a report has at most %zu",
                       (long long)file.size, REPORT_MAX);
    return record_read(file.text, file.modified_ms, arena, out, blocks, err);
}

/* All but the blocks: of our own files from their beginning alone. */
static bool read_head(int dir, const char *name, struct arena *arena, struct report *out,
                      struct err *err)
{
    struct arena scratch;
    struct shelf_file file;

    arena_init(&scratch);
    bool ok = shelf_read(dir, name, RECORD_HEAD, &scratch, &file, err);
    if (ok && !record_head(file.text, arena, out)) {
        ok = read_whole(dir, name, &scratch, out, NULL, err);
        if (ok) {
            out->title = arena_text(arena, str_of(out->title));
            if (out->pattern)
                out->pattern = arena_text(arena, str_of(out->pattern));
            if (out->experiment_id)
                out->experiment_id = arena_text(arena, str_of(out->experiment_id));
            out->blocks = (struct str){0};
        }
    }
    arena_fini(&scratch);
    return ok;
}

bool store_load(const struct store *store, const char *id, struct arena *arena, struct report *out,
                const struct json **blocks, struct err *err)
{
    char name[FILE_NAME];

    if (!report_id_ok(str_of(id)))
        return not_found(store, id, err);
    int dir = shelf_look(&store->shelf, err);
    if (dir < 0)
        return err->code == ERR_NONE ? not_found(store, id, err) : false;
    file_name(name, id);
    bool ok = read_whole(dir, name, arena, out, blocks, err);
    close(dir);
    if (!ok)
        return err->code == ERR_NOT_FOUND
                   ? not_found(store, id, err)
                   : err_wrap(err, "cannot read report '%s' in %.200s", id, store->shelf.path);
    out->id = arena_text(arena, str_of(id));
    return true;
}

/* ---- saving ---- */

static bool fits(const struct report *report, struct err *err)
{
    if (report->blocks.n <= REPORT_MAX)
        return true;
    return err_set(err, ERR_TOO_LARGE,
                   "A report has at most %zu bytes of blocks; these are %zu. Split it.", REPORT_MAX,
                   report->blocks.n);
}

bool store_create(struct store *store, struct report *report, int64_t now_ms, struct arena *arena,
                  struct err *err)
{
    char id[37], name[FILE_NAME];
    struct shelf_turn turn;
    struct buf text = {0};

    if (!fits(report, err))
        return false;
    report_new_id(id);
    file_name(name, id);
    report->id = arena_text(arena, str_of(id));
    if (!report->title)
        report->title = "Untitled Report";
    if (!shelf_begin(&store->shelf, &turn, err))
        return not_saved(store, id, err);
    report->created_ms = report->updated_ms = stamp(store, now_ms);
    record_write(report, &text);
    bool ok = shelf_add(&turn, name, buf_str(&text), err);
    shelf_end(&turn);
    buf_fini(&text);
    return ok || not_saved(store, id, err);
}

static bool expected(const struct report *old, const char *id, const struct report_change *change,
                     struct err *err)
{
    if (change->expected_updated_ms == NOT_GIVEN || change->expected_updated_ms == old->updated_ms)
        return true;
    return err_set(err, ERR_CONFLICT,
                   "Report '%s' has changed: updatedAt is %lld, not the expected %lld", id,
                   (long long)old->updated_ms, (long long)change->expected_updated_ms);
}

/* The directory is made by the first save: before it there is nothing to change or remove. */
static bool not_made(const struct store *store)
{
    return store->shelf.path && access(store->shelf.path, F_OK) != 0 && errno == ENOENT;
}

/* Read, check, write: between shelf_begin and shelf_end, so that nobody comes between. */
static bool change_file(struct store *store, struct shelf_turn *turn, const char *id,
                        const struct report_change *change, int64_t now_ms, struct arena *arena,
                        struct report *out, struct err *err)
{
    char name[FILE_NAME];
    struct buf text = {0};

    file_name(name, id);
    if (!(change->blocks.p ? read_head(turn->dir, name, arena, out, err)
                           : read_whole(turn->dir, name, arena, out, NULL, err))) {
        if (err->code == ERR_NOT_FOUND)
            return not_found(store, id, err);
        return err_wrap(err, "cannot read report '%s' in %.200s", id, store->shelf.path);
    }
    out->id = arena_text(arena, str_of(id));
    if (!expected(out, id, change, err))
        return false;
    if (change->title)
        out->title = change->title;
    if (change->blocks.p) {
        out->blocks = change->blocks;
        out->block_count = change->block_count;
    }
    now_ms = stamp(store, now_ms);
    out->updated_ms = now_ms > out->updated_ms ? now_ms : out->updated_ms + 1;
    record_write(out, &text);
    bool ok = shelf_replace(turn, name, buf_str(&text), err);
    buf_fini(&text);
    return ok || not_saved(store, id, err);
}

bool store_update(struct store *store, const char *id, const struct report_change *change,
                  int64_t now_ms, struct arena *arena, struct report *out, struct err *err)
{
    struct shelf_turn turn;

    *out = (struct report){.blocks = change->blocks};
    if (!fits(out, err))
        return false;
    if (!report_id_ok(str_of(id)))
        return not_found(store, id, err);
    if (not_made(store))
        return not_found(store, id, err);
    if (!shelf_begin(&store->shelf, &turn, err))
        return not_saved(store, id, err);
    bool ok = change_file(store, &turn, id, change, now_ms, arena, out, err);
    shelf_end(&turn);
    return ok;
}

bool store_remove(struct store *store, const char *id, struct err *err)
{
    char name[FILE_NAME];
    struct shelf_turn turn;

    if (!report_id_ok(str_of(id)))
        return not_found(store, id, err);
    if (not_made(store))
        return not_found(store, id, err);
    if (!shelf_begin(&store->shelf, &turn, err))
        return err->code == ERR_CONFIG ? false : err_wrap(err, "cannot remove report '%s'", id);
    file_name(name, id);
    bool there = faccessat(turn.dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
    bool ok = there && shelf_remove(&turn, name, err);
    shelf_end(&turn);
    if (!there)
        return not_found(store, id, err);
    return ok || err_wrap(err, "cannot remove report '%s' in %.200s", id, store->shelf.path);
}

/* ---- the list ---- */

struct reports {
    VEC(struct report) all;
};

static int newest_first(const void *a, const void *b)
{
    const struct report *x = a, *y = b;

    if (x->updated_ms != y->updated_ms)
        return x->updated_ms < y->updated_ms ? 1 : -1;
    return str_order(str_of(x->id), str_of(y->id));
}

static void list_file(int dir, const char *name, struct str id, struct arena *arena,
                      struct reports *found, struct report_list *out)
{
    struct report report;
    struct err err;

    if (read_head(dir, name, arena, &report, &err)) {
        report.id = arena_text(arena, id);
        VEC_PUSH(arena, &found->all, report);
    } else if (err.code != ERR_NOT_FOUND) { /* removed just now */
        if (out->skipped++ == 0)
            out->first_skipped = arena_printf(arena, "%s: %s", name, err.msg);
    }
}

bool store_list(const struct store *store, size_t limit, size_t offset, struct arena *arena,
                struct report_list *out, struct err *err)
{
    struct reports found = {0};
    struct str id;
    int dir = shelf_look(&store->shelf, err);

    *out = (struct report_list){0};
    if (dir < 0)
        return err->code == ERR_NONE;
    DIR *list = fdopendir(dir);
    if (!list) {
        close(dir);
        return err_errno(err, "cannot list the reports directory '%.300s'", store->shelf.path);
    }
    for (struct dirent *e; (e = readdir(list)) != NULL;) {
        if (id_of(e->d_name, &id))
            list_file(dir, e->d_name, id, arena, &found, out);
    }
    closedir(list);

    if (found.all.n > 1)
        qsort(found.all.v, found.all.n, sizeof(found.all.v[0]), newest_first);
    out->total = found.all.n;
    if (offset < found.all.n) {
        out->v = found.all.v + offset;
        out->n = found.all.n - offset < limit ? found.all.n - offset : limit;
    }
    return true;
}

bool store_export(struct store *store, const char *id, const char *extension, struct str text,
                  struct arena *arena, const char **path, struct err *err)
{
    char name[REPORT_ID_MAX + 16];
    struct shelf_turn turn;
    struct stat there;

    if (!report_id_ok(str_of(id)))
        return err_set(err, ERR_NOT_FOUND, "Report not found: '%.80s' is no report's id.", id);
    snprintf(name, sizeof(name), "%s.%s", id, extension);
    if (!shelf_begin(&store->shelf, &turn, err))
        return not_saved(store, id, err);
    bool exists = fstatat(turn.dir, name, &there, AT_SYMLINK_NOFOLLOW) == 0;
    bool ok = exists ? shelf_replace(&turn, name, text, err) : shelf_add(&turn, name, text, err);
    shelf_end(&turn);
    *path = arena_printf(arena, "%s/%s", store->path, name);
    return ok ? true : not_saved(store, id, err);
}
