#include "reports/shelf.h"
#include "reports/whole_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    TEMP_AGE_S = 3600,       /* older: its program died; a save takes milliseconds */
    LOCK_WAIT_US = 10000000, /* somebody else's save takes milliseconds, too */
    LOCK_PAUSE_MAX_US = 5000
};

AT_START void shelf_init(struct shelf *shelf, const char *path)
{
    *shelf = (struct shelf){.path = path};
    pthread_mutex_init(&shelf->mutex, NULL);
}

void shelf_fini(struct shelf *shelf)
{
    pthread_mutex_destroy(&shelf->mutex);
}

/* ---- reading ---- */

static int open_folder(int dir, const char *name)
{
    return openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int no_directory(const struct shelf *shelf, struct err *err)
{
    err_errno(err, "cannot use the reports directory '%.300s'", shelf->path);
    return -1;
}

int shelf_look(const struct shelf *shelf, struct err *err)
{
    err->code = ERR_NONE;
    if (!shelf->path)
        return -1;
    int dir = open_folder(AT_FDCWD, shelf->path);

    return dir < 0 && errno != ENOENT ? no_directory(shelf, err) : dir;
}

static bool read_all(int fd, char *p, size_t n, size_t *got)
{
    *got = 0;
    while (*got < n) {
        ssize_t k = pread(fd, p + *got, n - *got, (off_t)*got);
        if (k < 0 && errno == EINTR)
            continue;
        if (k < 0)
            return false;
        if (k == 0)
            break;
        *got += (size_t)k;
    }
    return true;
}

bool shelf_read(int dir, const char *name, size_t limit, struct arena *arena,
                struct shelf_file *out, struct err *err)
{
    struct stat st;
    bool ok = false;
    /* O_NONBLOCK: opening a FIFO somebody put there must not wait for a writer */
    int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0 && errno == ENOENT)
        return err_set(err, ERR_NOT_FOUND, "there is no file '%s'", name);
    if (fd < 0 && errno == ELOOP)
        return err_set(err, ERR_FORMAT, "it is a symlink, not a file");
    if (fd < 0)
        return err_errno(err, "cannot open it");
    if (fstat(fd, &st) != 0) {
        err_errno(err, "cannot read it");
    } else if (!S_ISREG(st.st_mode)) {
        err_set(err, ERR_FORMAT, "it is no regular file");
    } else {
        size_t size = (uint64_t)st.st_size < limit ? (size_t)st.st_size : limit;
        char *p = arena_alloc(arena, size + 1);

        out->size = st.st_size;
        out->modified_ms = (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000;
        out->text.p = p;
        ok = read_all(fd, p, size, &out->text.n) || err_errno(err, "cannot read it");
    }
    close(fd);
    return ok;
}

/* ---- the directory and its lock ---- */

/* The entry of a new folder is on disk when its parent is. */
static bool sync_parent(const char *path, size_t n)
{
    char parent[4096];

    while (n > 0 && path[n - 1] == '/')
        n--;
    while (n > 0 && path[n - 1] != '/')
        n--;
    snprintf(parent, sizeof(parent), "%.*s", n ? (int)n : 1, n ? path : ".");
    int dir = open_folder(AT_FDCWD, parent);
    if (dir < 0)
        return errno == EACCES; /* may be entered, not read: nothing more can be done */
    bool ok = fsync(dir) == 0;
    close(dir);
    return ok;
}

static bool make_path(const char *path)
{
    char part[4096];
    size_t n = strlen(path);

    if (n >= sizeof(part)) {
        errno = ENAMETOOLONG;
        return false;
    }
    for (size_t i = 1; i <= n; i++) {
        if (path[i] != '/' && i < n)
            continue;
        memcpy(part, path, i);
        part[i] = '\0';
        if (mkdirat(AT_FDCWD, part, 0700) == 0) {
            if (!sync_parent(path, i))
                return false;
        } else if (errno != EEXIST && (i == n || faccessat(AT_FDCWD, part, F_OK, 0) != 0)) {
            return false; /* a read-only parent that exists is no reason to stop */
        }
    }
    return true;
}

static bool take_lock(int fd)
{
    int64_t waited = 0;

    for (int64_t pause = 50; flock(fd, LOCK_EX | LOCK_NB) != 0;) {
        if (errno == EINTR)
            continue;
        if (errno != EWOULDBLOCK)
            return false;
        if (waited > LOCK_WAIT_US) {
            errno = ETIMEDOUT;
            return false;
        }
        struct timespec t = {.tv_nsec = (long)pause * 1000};
        nanosleep(&t, NULL);
        waited += pause;
        pause = pause * 2 < LOCK_PAUSE_MAX_US ? pause * 2 : LOCK_PAUSE_MAX_US;
    }
    return true;
}

static int64_t clock_s(clockid_t clock)
{
    struct timespec t = {0};

    clock_gettime(clock, &t);
    return (int64_t)t.tv_sec;
}

/* Removes what programs that died in a save left in .tmp; not needed for correctness. */
static void sweep(int temps)
{
    int64_t now = clock_s(CLOCK_REALTIME);
    int fd = open_folder(temps, ".");
    DIR *list = fd < 0 ? NULL : fdopendir(fd);

    if (!list) {
        if (fd >= 0)
            close(fd);
        return;
    }
    for (struct dirent *e; (e = readdir(list)) != NULL;) {
        struct stat st;
        if (fstatat(temps, e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
            now - (int64_t)st.st_mtim.tv_sec > TEMP_AGE_S)
            unlinkat(temps, e->d_name, 0);
    }
    closedir(list);
}

static void sweep_if_due(struct shelf_turn *turn)
{
    int64_t now = clock_s(CLOCK_MONOTONIC) + 1; /* never 0 */
    struct shelf *shelf = turn->shelf;

    pthread_mutex_lock(&shelf->mutex);
    bool due = shelf->swept_s == 0 || now - shelf->swept_s > TEMP_AGE_S;
    if (due)
        shelf->swept_s = now;
    pthread_mutex_unlock(&shelf->mutex);
    if (due)
        sweep(turn->temps);
}

static bool open_turn(struct shelf_turn *turn)
{
    const char *path = turn->shelf->path;

    turn->dir = open_folder(AT_FDCWD, path);
    if (turn->dir < 0 && errno == ENOENT && make_path(path))
        turn->dir = open_folder(AT_FDCWD, path);
    if (turn->dir < 0)
        return false;
    turn->temps = openat(turn->dir, ".tmp", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (turn->temps < 0 && errno == ENOENT) {
        if (mkdirat(turn->dir, ".tmp", 0700) != 0 && errno != EEXIST)
            return false;
        turn->temps = openat(turn->dir, ".tmp", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    }
    if (turn->temps < 0)
        return false;
    turn->lock = openat(turn->dir, ".lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    return turn->lock >= 0 && take_lock(turn->lock);
}

bool shelf_begin(struct shelf *shelf, struct shelf_turn *turn, struct err *err)
{
    *turn = (struct shelf_turn){shelf, -1, -1, -1};
    if (!shelf->path)
        return err_set(err, ERR_CONFIG, "no reports directory: start with --reports DIR");
    if (!open_turn(turn)) {
        no_directory(shelf, err);
        shelf_end(turn);
        return false;
    }
    sweep_if_due(turn);
    return true;
}

void shelf_end(struct shelf_turn *turn)
{
    if (turn->lock >= 0)
        close(turn->lock); /* and with it the lock */
    if (turn->temps >= 0)
        close(turn->temps);
    if (turn->dir >= 0)
        close(turn->dir);
}

/* ---- writing ---- */

/* The text in .tmp, on disk. */
static bool write_temp(const struct shelf_turn *turn, struct str text, char name[SHELF_TEMP_NAME])
{
    temp_name(name);
    return synced_create(turn->temps, name, text, 0600);
}

static bool not_supported(void)
{
    return errno == EINVAL || errno == ENOSYS || errno == ENOTSUP;
}

/* Remembers what to free later; a caller that never tidies pays here, now and then. */
static void junk(const struct shelf_turn *turn, const char *temp)
{
    struct shelf *shelf = turn->shelf;

    pthread_mutex_lock(&shelf->mutex);
    bool room = shelf->junk_n < SHELF_JUNK_MAX;
    if (room)
        memcpy(shelf->junk[shelf->junk_n++], temp, SHELF_TEMP_NAME);
    pthread_mutex_unlock(&shelf->mutex);
    if (!room)
        unlinkat(turn->temps, temp, 0);
}

static bool save_failed(struct err *err)
{
    return err_errno(err, "cannot be written");
}

bool shelf_add(struct shelf_turn *turn, const char *name, struct str text, struct err *err)
{
    char temp[SHELF_TEMP_NAME];

    if (!write_temp(turn, text, temp))
        return save_failed(err);
    bool moved = renameat2(turn->temps, temp, turn->dir, name, RENAME_NOREPLACE) == 0;
    if (!moved && not_supported() && linkat(turn->temps, temp, turn->dir, name, 0) == 0) {
        unlinkat(turn->temps, temp, 0);
        moved = true;
    }
    if (!moved) {
        undo_create(turn->temps, temp);
        return save_failed(err);
    }
    if (fsync(turn->dir) != 0) {
        undo_create(turn->dir, name);
        return save_failed(err);
    }
    return true;
}

/*
 * The two change places. Renaming over the old file would free its blocks
 * inside the call: 1 ms instead of 0.08.
 */
static bool exchange(const struct shelf_turn *turn, const char *temp, const char *name)
{
    return renameat2(turn->temps, temp, turn->dir, name, RENAME_EXCHANGE) == 0;
}

bool shelf_replace(struct shelf_turn *turn, const char *name, struct str text, struct err *err)
{
    char temp[SHELF_TEMP_NAME];

    if (!write_temp(turn, text, temp))
        return save_failed(err);
    if (!exchange(turn, temp, name)) {
        if (not_supported() && renameat(turn->temps, temp, turn->dir, name) == 0)
            return fsync(turn->dir) == 0 || save_failed(err);
        undo_create(turn->temps, temp);
        return save_failed(err);
    }
    if (fsync(turn->dir) != 0) {
        int reason = errno;
        if (exchange(turn, temp, name)) /* back */
            unlinkat(turn->temps, temp, 0);
        errno = reason;
        return save_failed(err);
    }
    junk(turn, temp);
    return true;
}

bool shelf_remove(struct shelf_turn *turn, const char *name, struct err *err)
{
    char temp[SHELF_TEMP_NAME];

    temp_name(temp);
    if (renameat(turn->dir, name, turn->temps, temp) != 0)
        return err_errno(err, "cannot be removed");
    if (fsync(turn->dir) != 0) {
        int reason = errno;
        renameat(turn->temps, temp, turn->dir, name);
        errno = reason;
        return err_errno(err, "cannot be removed");
    }
    junk(turn, temp);
    return true;
}

void shelf_tidy(struct shelf *shelf)
{
    char names[SHELF_JUNK_MAX][SHELF_TEMP_NAME];

    pthread_mutex_lock(&shelf->mutex);
    size_t n = shelf->junk_n;
    memcpy(names, shelf->junk, n * sizeof(names[0]));
    shelf->junk_n = 0;
    pthread_mutex_unlock(&shelf->mutex);
    if (n == 0)
        return;

    int dir = open_folder(AT_FDCWD, shelf->path);
    if (dir < 0)
        return; /* the whole directory is gone */
    int temps = openat(dir, ".tmp", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    for (size_t i = 0; i < n && temps >= 0; i++)
        unlinkat(temps, names[i], 0);
    if (temps >= 0)
        close(temps);
    close(dir);
}
