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
    uint64_t taken;      /* bytes that were taken in: up to the last whole row */
    uint64_t head, last; /* hashes of the first and the last block of these */
};

/* False if the bytes that were taken in are no longer there. */
bool mark_holds(const struct file_mark *mark, int fd, const struct stat *now);
bool mark_same(const struct file_mark *mark, const struct stat *now); /* nothing happened at all */
void mark_set(struct file_mark *mark, int fd, const struct stat *now, uint64_t taken);
/*
 * Of blocks spread over the first `taken` bytes, one in sixteen kilobytes at most: for logs that
 * some writers write anew as a whole. 0: they could not be read.
 */
uint64_t mark_spread(int fd, uint64_t taken);
/* What changed within the clock's grain may change again and look the same. */
bool mark_is_young(const struct stat *about);

#endif
