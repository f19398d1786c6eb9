#include "analysis/readers/sqlitedb.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "analysis/base/limits.h"
#include "analysis/files.h"
#include "analysis/readers/lines.h"

enum { COPY_TRIES = 3, PROGRESS_STEPS = 10000, NAME_BYTES = 64 };
#define COPY_MAX ((int64_t)4096 * 1024 * 1024) /* of a store that is being written */

/* What is used of the library: its own declarations are the types. */
#define FUNCTIONS(X)                                                                               \
    X(open_v2)                                                                                     \
    X(close_v2)                                                                                    \
    X(db_config)                                                                                   \
    X(limit)                                                                                       \
    X(progress_handler)                                                                            \
    X(errmsg)                                                                                      \
    X(prepare_v2)                                                                                  \
    X(bind_text)                                                                                   \
    X(step)                                                                                        \
    X(finalize)                                                                                    \
    X(column_type)                                                                                 \
    X(column_text)                                                                                 \
    X(column_bytes)                                                                                \
    X(column_int64)                                                                                \
    X(column_double)

struct library {
    void *handle;
#define X(name) __typeof__(&sqlite3_##name) name;
    FUNCTIONS(X)
#undef X
};

struct sqlitedb {
    struct library library;
    sqlite3 *db;
    const struct source *source;
    char folder[NAME_BYTES]; /* of the copy; "" if there is none */
};

struct sqliterows {
    struct sqlitedb *db;
    sqlite3_stmt *statement;
};

bool sqlitedb_magic(struct str head)
{
    return head.n >= 100 && memcmp(head.p, "SQLite format 3", 16) == 0;
}

/* ---- the library ---- */

static bool load(struct library *library, struct err *err)
{
    void *symbol;

    library->handle = dlopen("libsqlite3.so.0", RTLD_NOW | RTLD_LOCAL);
    if (!library->handle)
        return err_set(err, ERR_IO,
                       "it is an SQLite database, and libsqlite3 is not installed "
                       "(Debian's package libsqlite3-0)");
#define X(name)                                                                                    \
    symbol = dlsym(library->handle, "sqlite3_" #name);                                             \
    if (!symbol)                                                                                   \
        return err_set(err, ERR_IO, "libsqlite3 has no sqlite3_" #name);                           \
    memcpy(&library->name, &symbol, sizeof(symbol));
    FUNCTIONS(X)
#undef X
    return true;
}

/* ---- a copy of a store that is being written ---- */

static const char *const parts[] = {"", "-wal", "-journal"};
enum { PARTS = sizeof(parts) / sizeof(parts[0]) };

struct trio {
    struct stat about[PARTS];
    bool there[PARTS];
};

static const char *leaf_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static bool part_name(char out[4096], const char *path, const char *tail)
{
    int n = snprintf(out, 4096, "%s%s", path, tail);

    return n > 0 && n < 4096;
}

static void look(const struct source *source, struct trio *out)
{
    char name[4096];

    *out = (struct trio){0};
    for (size_t i = 0; i < PARTS; i++)
        out->there[i] = part_name(name, source->path, parts[i]) &&
                        fstatat(source->dir, name, &out->about[i], 0) == 0 &&
                        (i == 0 || out->about[i].st_size > 0);
}

static bool same(const struct trio *a, const struct trio *b)
{
    for (size_t i = 0; i < PARTS; i++) {
        const struct stat *x = &a->about[i], *y = &b->about[i];
        if (a->there[i] != b->there[i] ||
            (a->there[i] &&
             (x->st_size != y->st_size || x->st_ino != y->st_ino ||
              x->st_mtim.tv_sec != y->st_mtim.tv_sec || x->st_mtim.tv_nsec != y->st_mtim.tv_nsec)))
            return false;
    }
    return true;
}

/* The bytes 18 and 19 of the head say whether a write-ahead log is used (fileformat2.html 1.3.3).
 */
static bool uses_wal(const struct source *source)
{
    char head[20];
    int fd = file_open(source->dir, source->path, O_RDONLY);
    bool wal = fd >= 0 && file_fill(fd, head, sizeof(head), 0) == sizeof(head) &&
               (head[18] == 2 || head[19] == 2);

    if (fd >= 0)
        close(fd);
    return wal;
}

static bool copy_bytes(int in, int out, const struct source *source, struct err *err)
{
    char *block = heap_alloc(READ_BLOCK);
    int64_t at = 0, n;
    bool ok = true;

    while (ok && (n = file_fill(in, block, READ_BLOCK, at)) != 0) {
        ok = n > 0 && source_wanted(source, err);
        for (int64_t done = 0; ok && done < n;) {
            ssize_t wrote = write(out, block + done, (size_t)(n - done));
            ok = wrote > 0 || (wrote < 0 && errno == EINTR);
            done += wrote > 0 ? wrote : 0;
        }
        if (!ok && err->code != ERR_CANCELLED)
            err_errno(err, "cannot copy %s", source->path);
        at += n > 0 ? n : 0;
        ok = ok && at <= COPY_MAX;
    }
    free(block);
    return ok;
}

/* One file of the store into our folder; a missing one is no fault. */
static bool copy_part(struct sqlitedb *db, const char *tail, struct err *err)
{
    char from[4096], to[NAME_BYTES + 16];

    if (!part_name(from, db->source->path, tail))
        return err_set(err, ERR_TOO_LARGE, "its path is too long");
    int in = file_open(db->source->dir, from, O_RDONLY);
    snprintf(to, sizeof(to), "%s/db%s", db->folder, tail);
    if (in < 0) {
        (void)unlink(to);
        return *tail != '\0' || err_errno(err, "cannot read %s", from);
    }
    int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool ok = out >= 0 ? copy_bytes(in, out, db->source, err)
                       : err_errno(err, "cannot copy %s to %s", from, to);
    close(in);
    if (out >= 0)
        close(out);
    return ok;
}

static void drop_copy(struct sqlitedb *db)
{
    static const char *const made[] = {"", "-wal", "-journal", "-shm"};
    char name[NAME_BYTES + 16];

    if (!*db->folder)
        return;
    for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
        snprintf(name, sizeof(name), "%s/db%s", db->folder, made[i]);
        (void)unlink(name);
    }
    (void)rmdir(db->folder);
    *db->folder = '\0';
}

static bool copy(struct sqlitedb *db, struct feed *feed, struct err *err)
{
    struct trio before, after;

    look(db->source, &before);
    for (size_t i = 0; i < PARTS; i++) {
        if (before.there[i] && before.about[i].st_size > COPY_MAX)
            return err_set(err, ERR_TOO_LARGE, "%s is being written and too large to be copied",
                           db->source->path);
    }
    snprintf(db->folder, sizeof(db->folder), "/tmp/postrun-db-XXXXXX");
    if (!mkdtemp(db->folder)) {
        *db->folder = '\0';
        return err_errno(err, "cannot make a folder for a copy of %s", db->source->path);
    }
    for (int i = 0; i < COPY_TRIES; i++) {
        look(db->source, &before);
        for (size_t k = 0; k < PARTS; k++) {
            if (!copy_part(db, parts[k], err))
                return false;
        }
        look(db->source, &after);
        if (same(&before, &after))
            return true;
    }
    if (feed)
        feed_note(feed, "%s was written to while it was read: the last rows may be missing",
                  db->source->path);
    return true;
}

/* ---- life ---- */

static int asked(void *data)
{
    const struct sqlitedb *db = data;
    struct err err;

    return !source_wanted(db->source, &err);
}

static bool fail(struct sqlitedb *db, struct err *err)
{
    struct err cancelled;

    if (!source_wanted(db->source, &cancelled)) {
        *err = cancelled;
        return false;
    }
    return err_set(err, ERR_FORMAT, "SQLite cannot read %s: %s", db->source->path,
                   db->db ? db->library.errmsg(db->db) : "out of memory");
}

/* The original by a name that keeps its neighbours: its folder is held open by descriptor. */
static bool open_original(struct sqlitedb *db, int folder, struct err *err)
{
    char path[4096];

    snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", folder, leaf_of(db->source->path));
    if (db->library.open_v2(path, &db->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) ==
        SQLITE_OK)
        return true;
    return fail(db, err);
}

static bool open_copy(struct sqlitedb *db, struct feed *feed, struct err *err)
{
    char path[NAME_BYTES + 16];

    if (!copy(db, feed, err))
        return false;
    snprintf(path, sizeof(path), "%s/db", db->folder);
    if (db->library.open_v2(path, &db->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) ==
        SQLITE_OK)
        return true;
    return fail(db, err);
}

static bool open_either(struct sqlitedb *db, struct feed *feed, struct err *err)
{
    const char *path = db->source->path, *leaf = leaf_of(path);
    char above[4096];
    struct trio now;

    if (!file_is_there(db->source->dir, path))
        return err_set(err, ERR_IO, "%s is not there", path);
    look(db->source, &now);
    if (now.there[1] || now.there[2] || uses_wal(db->source))
        return open_copy(db, feed, err);
    snprintf(above, sizeof(above), "%.*s", leaf == path ? 1 : (int)(leaf - path),
             leaf == path ? "." : path);
    int folder = file_open(db->source->dir, above, O_RDONLY | O_DIRECTORY);
    if (folder < 0)
        return err_errno(err, "cannot open the folder of %s", path);
    bool ok = open_original(db, folder, err);
    close(folder);
    return ok;
}

struct sqlitedb *sqlitedb_open(const struct source *source, struct feed *feed, struct err *err)
{
    struct sqlitedb *db = heap_alloc(sizeof(*db));

    db->source = source;
    *err = (struct err){.code = ERR_NONE};
    if (!load(&db->library, err) || !open_either(db, feed, err)) {
        sqlitedb_close(db);
        return NULL;
    }
    (void)db->library.db_config(db->db, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL);
    (void)db->library.db_config(db->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, (int *)NULL);
    (void)db->library.db_config(db->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, (int *)NULL);
    (void)db->library.db_config(db->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, (int *)NULL);
    (void)db->library.limit(db->db, SQLITE_LIMIT_LENGTH, (int)DATA_LINE_MAX);
    db->library.progress_handler(db->db, PROGRESS_STEPS, asked, db);
    return db;
}

void sqlitedb_close(struct sqlitedb *db)
{
    if (!db)
        return;
    if (db->db)
        db->library.close_v2(db->db);
    drop_copy(db);
    if (db->library.handle)
        dlclose(db->library.handle);
    free(db);
}

/* ---- queries ---- */

struct sqliterows *sqlitedb_query(struct sqlitedb *db, const char *sql, const char *one,
                                  const char *two, struct err *err)
{
    sqlite3_stmt *statement = NULL;
    const char *const texts[] = {one, two};

    if (db->library.prepare_v2(db->db, sql, -1, &statement, NULL) != SQLITE_OK) {
        fail(db, err);
        return NULL;
    }
    for (int i = 0; i < 2 && texts[i]; i++)
        db->library.bind_text(statement, i + 1, texts[i], -1, SQLITE_STATIC);
    struct sqliterows *rows = heap_alloc(sizeof(*rows));
    *rows = (struct sqliterows){db, statement};
    return rows;
}

bool sqliterows_next(struct sqliterows *rows, struct err *err)
{
    int got = rows->db->library.step(rows->statement);

    err->code = ERR_NONE;
    if (got == SQLITE_ROW)
        return true;
    return got == SQLITE_DONE ? false : fail(rows->db, err);
}

void sqliterows_free(struct sqliterows *rows)
{
    if (!rows)
        return;
    rows->db->library.finalize(rows->statement);
    free(rows);
}

struct str sqliterows_text(struct sqliterows *rows, int column)
{
    const struct library *l = &rows->db->library;

    if (l->column_type(rows->statement, column) != SQLITE_TEXT)
        return (struct str){0};
    const unsigned char *text = l->column_text(rows->statement, column);
    return (struct str){(const char *)text,
                        text ? (size_t)l->column_bytes(rows->statement, column) : 0};
}

bool sqliterows_integer(struct sqliterows *rows, int column, int64_t *out)
{
    const struct library *l = &rows->db->library;

    if (l->column_type(rows->statement, column) != SQLITE_INTEGER)
        return false;
    *out = l->column_int64(rows->statement, column);
    return true;
}

bool sqliterows_number(struct sqliterows *rows, int column, double *out)
{
    const struct library *l = &rows->db->library;
    int type = l->column_type(rows->statement, column);

    if (type != SQLITE_INTEGER && type != SQLITE_FLOAT)
        return false;
    *out = l->column_double(rows->statement, column);
    return true;
}

bool sqlitedb_has(struct sqlitedb *db, const char *table, const char *column)
{
    struct err err;
    struct sqliterows *rows = sqlitedb_query(
        db, "SELECT 1 FROM pragma_table_info(?) WHERE name = ?", table, column, &err);
    bool found = rows && sqliterows_next(rows, &err);

    sqliterows_free(rows);
    return found;
}
