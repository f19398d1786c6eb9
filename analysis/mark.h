#ifndef MARK_H
#define MARK_H
/* Whether a log that is looked at again is the one that was read, and has only grown. */

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

/* Where a file was when it was read: it is the same file, grown, if all of this still holds. */
struct file_mark {
    dev_t device;
    ino_t inode;
    int64_t size, mtime_s, mtime_ns;
    uint64_t taken;      /* bytes up to the last newline */
    uint64_t head, last; /* hashes of the first and the last block of these */
};

/* False if the bytes that were taken in are no longer there. */
bool mark_holds(const struct file_mark *mark, int fd, const struct stat *now);
bool mark_same(const struct file_mark *mark, const struct stat *now); /* nothing happened at all */
void mark_set(struct file_mark *mark, int fd, const struct stat *now, uint64_t taken);

#endif
