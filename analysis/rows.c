#include "analysis/rows.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "analysis/rowscan.h"
#include "analysis/rowview.h"

struct rows {
    pthread_mutex_t lock;
    struct table *table;     /* NULL: nothing read yet */
    struct version *version; /* the newest; NULL: none */
    struct file_mark mark;   /* of what the table took in */
};

/* ---- the file ---- */

/* Below `dir` even if there are symlinks; where the kernel cannot promise that, without them. */
static int open_below(int dir, const char *path)
{
    static const struct open_how how = {.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK,
                                        .resolve = RESOLVE_BENEATH};
    int fd = (int)syscall(SYS_openat2, dir, path, &how, sizeof(how));

    if (fd < 0 && (errno == ENOSYS || errno == EPERM))
        fd = openat(dir, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    return fd;
}

/* fd -1 and true: there is no such file. */
static bool open_log(int dir, const char *path, int *fd, struct stat *now, struct err *err)
{
    *fd = open_below(dir, path);
    if (*fd < 0)
        return errno == ENOENT || errno == ENOTDIR || err_errno(err, "cannot open '%s'", path);
    if (fstat(*fd, now) == 0 && S_ISREG(now->st_mode))
        return true;
    close(*fd);
    *fd = -1;
    return err_set(err, ERR_FORMAT, "'%s' is not a regular file", path);
}

/* ---- reading ---- */

/* What was read of the file and not yet taken in: the start of a line. */
struct reading {
    char *p;
    size_t n, room;
    uint64_t offset; /* of p[0] in the file */
    bool skipping;   /* within a line that is too long: only its end matters */
};

static void skip_long(struct reading *reading, struct rowscan *scan)
{
    const char *newline = reading->n ? memchr(reading->p, '\n', reading->n) : NULL;
    size_t n = newline ? (size_t)(newline - reading->p) + 1 : reading->n;

    reading->skipping = !newline;
    if (newline) {
        scan->table->tally.lines++;
        rowscan_malformed(scan, "is too long");
    }
    reading->n -= n;
    reading->offset += n;
    memmove(reading->p, reading->p + n, reading->n);
}

static void take_in(struct reading *reading, struct rowscan *scan, uint64_t *taken)
{
    if (reading->skipping)
        skip_long(reading, scan);
    if (reading->skipping)
        return;
    size_t n = rowscan_lines(scan, reading->p, reading->n, reading->offset);

    reading->n -= n;
    reading->offset += n;
    memmove(reading->p, reading->p + n, reading->n);
    *taken = reading->offset;
    reading->skipping = reading->n > DATA_LINE_MAX;
}

/* Room for the start of a line and one more block behind it. */
static void make_room(struct reading *reading)
{
    size_t wanted = reading->n + READ_BLOCK + ROWSCAN_PAD;

    if (reading->room >= wanted)
        return;
    reading->room = wanted + reading->n;
    reading->p = heap_grow(reading->p, reading->room);
}

/* From *taken to the end; *taken is moved behind the last newline, whatever happens. */
static bool read_on(struct reading *reading, struct rowscan *scan, int fd, uint64_t *taken,
                    const atomic_bool *cancelled, struct err *err)
{
    ssize_t got;

    *reading = (struct reading){.offset = *taken};
    do {
        if (cancelled && atomic_load(cancelled))
            return err_set(err, ERR_CANCELLED, "cancelled while reading");
        make_room(reading);
        got = pread(fd, reading->p + reading->n, READ_BLOCK, (off_t)(reading->offset + reading->n));
        if (got < 0 && errno != EINTR)
            return err_errno(err, "cannot read");
        if (got <= 0)
            continue;
        reading->n += (size_t)got;
        memset(reading->p + reading->n, 0, ROWSCAN_PAD);
        take_in(reading, scan, taken);
    } while (got != 0);
    return true;
}

/* ---- snapshots ---- */

/* The table and the line without an end behind it, as a version. */
static struct version *snapshot(struct rowscan *scan, const struct reading *reading,
                                const struct strs *keys)
{
    struct table *table = scan->table;
    struct row_undo undo;
    const char *reason = "cut last line";
    bool added =
        !reading->skipping && reading->n <= DATA_LINE_MAX &&
        rowscan_last(scan, (struct str){reading->p, reading->n}, reading->offset, &undo, &reason);
    struct version *version = version_new(table, keys);

    if (added) {
        rowscan_undo(scan, &undo);
    } else if (reason) {
        if (version->tally.malformed++ == 0) {
            version->tally.bad_line = version->tally.lines + 1;
            version->tally.bad_reason = "cut last line";
        }
    }
    return version;
}

/* ---- looking ---- */

static void forget(struct rows *rows)
{
    version_unref(rows->version);
    table_unref(rows->table);
    rows->version = NULL;
    rows->table = NULL;
}

static bool want(struct table *table, const struct strs *keys)
{
    static const char *const none[1];

    if (!keys)
        return table_want(table, NULL, 0);
    return table_want(table, keys->n ? keys->v : none, keys->n);
}

/* A table to read on with: the old one if it serves, else an empty one that wants as much. */
static void prepare(struct rows *rows, int fd, const struct stat *now, const struct strs *keys)
{
    bool same = rows->table && mark_holds(&rows->mark, fd, now);

    if (rows->table && want(rows->table, keys) && same)
        return;
    struct table *fresh = table_new();
    if (rows->table)
        table_want_as(fresh, rows->table);
    want(fresh, keys);
    forget(rows); /* before the pass: not both in memory, unless somebody reads the old one */
    rows->table = fresh;
    rows->mark = (struct file_mark){0};
}

static bool refresh(struct rows *rows, int fd, const struct stat *now, const struct strs *keys,
                    const atomic_bool *cancelled, struct err *err)
{
    struct reading reading;
    struct rowscan scan;

    prepare(rows, fd, now, keys);
    uint64_t taken = rows->mark.taken;
    rowscan_init(&scan, rows->table);
    bool ok = read_on(&reading, &scan, fd, &taken, cancelled, err);
    mark_set(&rows->mark, fd, now, taken);
    if (ok) {
        version_unref(rows->version);
        rows->version = snapshot(&scan, &reading, keys);
    } else {
        rows->mark.size = -1; /* not at its end: never the same */
    }
    rowscan_fini(&scan);
    free(reading.p);
    return ok;
}

bool rows_look(struct rows *rows, int dir, const char *path, const struct strs *keys,
               const atomic_bool *cancelled, struct rows_view **out, struct err *err)
{
    struct stat now;
    int fd;

    *out = NULL;
    if (!open_log(dir, path, &fd, &now, err))
        return false;
    pthread_mutex_lock(&rows->lock);
    if (fd < 0) {
        forget(rows);
        pthread_mutex_unlock(&rows->lock);
        return true;
    }
    bool kept = rows->version && mark_same(&rows->mark, &now) && version_has(rows->version, keys);
    bool ok = kept || refresh(rows, fd, &now, keys, cancelled, err);
    if (ok) {
        rows->version->refs++;
        *out = view_new(rows->version, fd, &rows->mark, path);
    }
    pthread_mutex_unlock(&rows->lock);
    if (!ok) {
        close(fd);
        return err_wrap(err, "%s", path);
    }
    return true;
}

struct rows *rows_new(void)
{
    struct rows *rows = heap_alloc(sizeof(*rows));

    pthread_mutex_init(&rows->lock, NULL);
    return rows;
}

void rows_free(struct rows *rows)
{
    if (!rows)
        return;
    forget(rows);
    pthread_mutex_destroy(&rows->lock);
    free(rows);
}

size_t rows_held(struct rows *rows)
{
    size_t bytes = sizeof(*rows);

    pthread_mutex_lock(&rows->lock);
    bytes += rows->table ? table_bytes(rows->table) : 0;
    bytes += rows->version ? rows->version->bytes : 0;
    pthread_mutex_unlock(&rows->lock);
    return bytes;
}

void rows_drop(struct rows *rows)
{
    pthread_mutex_lock(&rows->lock);
    forget(rows);
    rows->mark = (struct file_mark){0};
    pthread_mutex_unlock(&rows->lock);
}

/* ---- the end of a file ---- */

/* Where the first line begins of which the beginning was read. */
static size_t first_line(const struct reading *reading)
{
    const char *newline;

    if (reading->offset == 0)
        return 0;
    newline = reading->n ? memchr(reading->p, '\n', reading->n) : NULL;
    return newline ? (size_t)(newline - reading->p) + 1 : reading->n;
}

static bool read_back(struct reading *reading, int fd, uint64_t size, uint64_t bytes,
                      struct err *err)
{
    size_t n = (size_t)(size < bytes ? size : bytes);

    reading->offset = size - n;
    reading->room = n + ROWSCAN_PAD;
    reading->n = 0;
    reading->p = heap_grow(reading->p, reading->room);
    while (reading->n < n) {
        ssize_t got = pread(fd, reading->p + reading->n, n - reading->n,
                            (off_t)(reading->offset + reading->n));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_errno(err, "cannot read");
        if (got == 0)
            break; /* cut in the meantime: what is there counts */
        reading->n += (size_t)got;
    }
    memset(reading->p + reading->n, 0, ROWSCAN_PAD);
    return true;
}

/* The rows of reading from byte `at`. */
static struct version *tail_version(const struct reading *reading, size_t at)
{
    struct reading rest = *reading;
    struct rowscan scan;
    struct table *table = table_new();

    table->all = true;
    rowscan_init(&scan, table);
    at += rowscan_lines(&scan, rest.p + at, rest.n - at, rest.offset + at);
    rest.p += at;
    rest.n -= at;
    rest.offset += at;
    struct version *version = snapshot(&scan, &rest, NULL);
    version->tail = true;
    rowscan_fini(&scan);
    table_unref(table);
    return version;
}

/* Where the last `window` rows of a version begin in the file; it has as many. */
static uint64_t last_rows(const struct version *version, size_t window)
{
    size_t row = version->tally.rows - window, chunk = row / CHUNK_ROWS;
    uint64_t length;
    const struct places *places =
        chunk < version->chunks_n ? spine_get(&version->table->places, chunk) : version->open;

    return places_offset(places, (uint32_t)(row % CHUNK_ROWS), &length);
}

enum { LINE_GUESS = 256, TAIL_SLACK = 4096 };

/*
 * Lines that are no rows, and long ones, leave fewer rows than were guessed:
 * then twice the bytes are read, so that all rounds together cost no more than
 * two of the last. What is too much is left off by a second pass over the rest.
 */
static struct version *tail_of(struct reading *reading, int fd, uint64_t size, size_t window,
                               struct err *err)
{
    uint64_t guess = window < size / LINE_GUESS ? window * LINE_GUESS + TAIL_SLACK : size;
    uint64_t most = guess > TAIL_BYTES_MAX ? guess : TAIL_BYTES_MAX;

    for (uint64_t bytes = guess;; bytes = bytes < most / 2 ? bytes * 2 : most) {
        if (!read_back(reading, fd, size, bytes, err))
            return NULL;
        size_t at = window ? first_line(reading) : reading->n;
        struct version *version = tail_version(reading, at);
        if (version->tally.rows < window) {
            if (reading->offset == 0 || bytes >= most)
                return version;
            version_unref(version);
            continue;
        }
        size_t start = window ? (size_t)(last_rows(version, window) - reading->offset) : at;
        if (start == at)
            return version;
        version_unref(version);
        return tail_version(reading, start);
    }
}

bool rows_tail(int dir, const char *path, size_t window, struct rows_view **out, struct err *err)
{
    struct reading reading = {0};
    struct file_mark mark;
    struct stat now;
    int fd;

    *out = NULL;
    if (!open_log(dir, path, &fd, &now, err))
        return false;
    if (fd < 0)
        return true;
    struct version *version = tail_of(&reading, fd, (uint64_t)now.st_size, window, err);
    if (version) {
        mark_set(&mark, fd, &now, reading.offset + reading.n);
        *out = view_new(version, fd, &mark, path);
    } else {
        close(fd);
    }
    free(reading.p);
    return version ? true : err_wrap(err, "%s", path);
}
