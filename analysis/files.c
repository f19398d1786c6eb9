#include "analysis/files.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

/* O_PATH with O_NOFOLLOW opens a symlink itself. */
static int no_link(int fd)
{
    struct stat about;

    if (fstat(fd, &about) == 0 && !S_ISLNK(about.st_mode))
        return fd;
    close(fd);
    errno = ELOOP;
    return -1;
}

/* Without openat2 (before Linux 5.6, or refused by a sandbox): one name at a time, no links. */
static int open_by_hand(int dir, const char *path, int flags)
{
    int at = dir;

    for (;;) {
        char name[256];
        size_t n = strcspn(path, "/");
        bool last = path[n] == '\0';

        if (n == 0 || n >= sizeof(name) || (n == 2 && memcmp(path, "..", 2) == 0)) {
            errno = n == 0 ? EINVAL : n == 2 ? EXDEV : ENAMETOOLONG;
            break;
        }
        memcpy(name, path, n);
        name[n] = '\0';
        int next = openat(at, name, (last ? flags : O_PATH | O_DIRECTORY) | O_NOFOLLOW | O_CLOEXEC);
        if (at != dir)
            close(at);
        if (last)
            return next < 0 ? -1 : no_link(next);
        if (next < 0)
            return -1;
        at = next;
        path += n + 1;
    }
    if (at != dir) {
        int why = errno;
        close(at);
        errno = why;
    }
    return -1;
}

int file_open(int dir, const char *path, int flags)
{
    struct open_how how = {.flags = (uint64_t)(flags | O_CLOEXEC),
                           .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};

    if (!(flags & O_PATH))
        how.flags |= O_NONBLOCK | O_NOCTTY;
    for (int tries = 0;; tries++) {
        long fd = syscall(SYS_openat2, dir, path, &how, sizeof(how));
        if (fd >= 0)
            return (int)fd;
        if (errno == ENOSYS || errno == EPERM)
            return open_by_hand(dir, path, (int)how.flags);
        if (errno != EAGAIN || tries == 8) /* EAGAIN: something was renamed meanwhile */
            return -1;
    }
}

bool file_is_there(int dir, const char *path)
{
    struct stat about;
    int fd = file_open(dir, path, O_PATH);

    if (fd < 0)
        return false;
    bool there = fstat(fd, &about) == 0 && S_ISREG(about.st_mode);
    close(fd);
    return there;
}

int64_t file_fill(int fd, char *into, size_t n, int64_t at)
{
    size_t have = 0;

    while (have < n) {
        ssize_t k = pread(fd, into + have, n - have, at + (int64_t)have);
        if (k < 0 && errno == EINTR)
            continue;
        if (k < 0)
            return -1;
        if (k == 0)
            break;
        have += (size_t)k;
    }
    return (int64_t)have;
}

static bool read_open(int fd, const char *path, size_t max, struct arena *arena, struct str *text,
                      struct stat *about, struct err *err)
{
    if (fstat(fd, about) != 0)
        return err_errno(err, "cannot read %s", path);
    if (!S_ISREG(about->st_mode))
        return err_set(err, ERR_FORMAT, "%s is not a file", path);
    if ((uint64_t)about->st_size > max)
        return err_set(err, ERR_TOO_LARGE, "%s has %lld bytes, more than the %zu that are read",
                       path, (long long)about->st_size, max);
    char *bytes = arena_alloc(arena, (size_t)about->st_size + 1);
    int64_t n = file_fill(fd, bytes, (size_t)about->st_size, 0);
    if (n < 0)
        return err_errno(err, "cannot read %s", path);
    bytes[n] = '\0';
    *text = (struct str){bytes, (size_t)n};
    return true;
}

bool file_read(int dir, const char *path, size_t max, struct arena *arena, struct str *text,
               struct stat *about, bool *found, struct err *err)
{
    struct stat own;
    int fd = file_open(dir, path, O_RDONLY);

    *found = true;
    if (fd < 0) {
        if (errno == ENOENT || errno == ENOTDIR) {
            *found = false;
            return true;
        }
        if (errno == EXDEV || errno == ELOOP)
            return err_set(err, ERR_IO, "%s is a link that leads out of the experiment", path);
        return err_errno(err, "cannot read %s", path);
    }
    bool ok = read_open(fd, path, max, arena, text, about ? about : &own, err);
    close(fd);
    return ok;
}

static void close_owned(void *thing)
{
    close((int)((uintptr_t)thing - 1));
}

void file_own(struct arena *arena, int fd)
{
    arena_own(arena, (void *)((uintptr_t)fd + 1), close_owned);
}
