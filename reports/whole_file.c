#include "reports/whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

static bool write_all(int fd, struct str text)
{
    while (text.n > 0) {
        ssize_t k = write(fd, text.p, text.n);
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0) {
            errno = k == 0 ? EIO : errno;
            return false;
        }
        text = str_from(text, (size_t)k);
    }
    return true;
}

void undo_create(int dir, const char *name)
{
    int reason = errno;

    unlinkat(dir, name, 0);
    errno = reason;
}

void temp_name(char out[TEMP_NAME])
{
    uint64_t number = 0;

    if (getrandom(&number, sizeof(number), 0) != (ssize_t)sizeof(number))
        number = (uint64_t)getpid(); /* O_EXCL still tells two saves apart */
    snprintf(out, TEMP_NAME, "%016llx", (unsigned long long)number);
}

bool synced_create(int dir, const char *name, struct str text, mode_t mode)
{
    int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);

    if (fd < 0)
        return false;
    bool ok = write_all(fd, text) && fsync(fd) == 0;
    if (!ok)
        undo_create(dir, name);
    int reason = errno;
    close(fd);
    errno = reason;
    return ok;
}

/* ---- a file of ours among those of others ---- */

enum whose { NOBODYS, OURS, ANOTHERS };

/* O_NONBLOCK: a FIFO somebody put there must not make us wait. */
static enum whose whose(int dir, const char *name, struct str mark, struct err *err)
{
    char head[256];
    struct stat st;
    int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0 && errno == ENOENT)
        return NOBODYS;
    if (fd < 0 && errno == ELOOP)
        err_set(err, ERR_REFUSED, "%s is a symlink and is left alone; remove it first", name);
    else if (fd < 0)
        err_errno(err, "cannot look at %s", name);
    if (fd < 0)
        return ANOTHERS;
    bool regular = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
    ssize_t n = regular && mark.n <= sizeof(head) ? pread(fd, head, mark.n, 0) : -1;
    close(fd);
    if (n > 0 && str_eq((struct str){head, (size_t)n}, mark))
        return OURS;
    err_set(err, ERR_REFUSED,
            regular ? "%s was not written by this program and is left alone; move it away first"
                    : "%s is no regular file and is left alone; remove it first",
            name);
    return ANOTHERS;
}

/* Without an older file nobody's is overwritten, also not one that came just now. */
static bool move_into_place(int dir, const char *temp, const char *name, bool replaced)
{
    if (replaced)
        return renameat(dir, temp, dir, name) == 0;
    if (renameat2(dir, temp, dir, name, RENAME_NOREPLACE) == 0)
        return true;
    if (errno != EINVAL && errno != ENOSYS && errno != ENOTSUP)
        return false;
    if (linkat(dir, temp, dir, name, 0) != 0)
        return false;
    unlinkat(dir, temp, 0);
    return true;
}

bool marked_file_write(int dir, const char *name, struct str mark, struct str text, bool *replaced,
                       struct err *err)
{
    char number[TEMP_NAME], temp[TEMP_NAME + 16];
    enum whose is = whose(dir, name, mark, err);

    if (is == ANOTHERS)
        return false;
    *replaced = is == OURS;
    temp_name(number);
    snprintf(temp, sizeof(temp), ".postrun-%s", number);
    if (!synced_create(dir, temp, text, 0644))
        return err_errno(err, "cannot write %s", name);
    if (!move_into_place(dir, temp, name, *replaced)) {
        undo_create(dir, temp);
        return err_errno(err, "cannot write %s", name);
    }
    return fsync(dir) == 0 || err_errno(err, "cannot make %s last", name);
}
