#include "analysis/mark.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MARK_BLOCK = 4096, SPREAD_BLOCK = 1024, SPREAD_APART = 16 * SPREAD_BLOCK, SPREAD_MAX = 64 };

static uint64_t hash_block(int fd, uint64_t offset, size_t n)
{
    unsigned char block[MARK_BLOCK + 8] = {0};
    uint64_t h = n, word;
    ssize_t got = pread(fd, block, n, (off_t)offset);

    if (got < 0 || (size_t)got != n)
        return 0;
    for (size_t i = 0; i < n; i += 8) {
        memcpy(&word, block + i, 8);
        h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
        h ^= h >> 29;
    }
    return h | 1; /* 0 is a failure */
}

static void hash_ends(int fd, uint64_t taken, uint64_t *head, uint64_t *last)
{
    size_t n = taken < MARK_BLOCK ? (size_t)taken : MARK_BLOCK;

    *head = hash_block(fd, 0, n);
    *last = hash_block(fd, taken - n, n);
}

uint64_t mark_spread(int fd, uint64_t taken)
{
    uint64_t h = 1, n = taken / SPREAD_APART < SPREAD_MAX ? taken / SPREAD_APART : SPREAD_MAX;

    for (uint64_t i = 0; i < n && h != 0; i++) {
        uint64_t block = hash_block(fd, taken / n * i, SPREAD_BLOCK);
        h = block == 0 ? 0 : (h * UINT64_C(0x9e3779b97f4a7c15) ^ block) | 1;
    }
    return h;
}

bool mark_is_young(const struct stat *about)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec - about->st_mtim.tv_sec < 2;
}

void mark_set(struct file_mark *mark, int fd, const struct stat *now, uint64_t taken)
{
    *mark = (struct file_mark){.device = now->st_dev,
                               .inode = now->st_ino,
                               .size = now->st_size,
                               .mtime_s = now->st_mtim.tv_sec,
                               .mtime_ns = now->st_mtim.tv_nsec,
                               .taken = taken};
    hash_ends(fd, taken, &mark->head, &mark->last);
}

bool mark_same(const struct file_mark *mark, const struct stat *now)
{
    return mark->device == now->st_dev && mark->inode == now->st_ino &&
           mark->size == now->st_size && mark->mtime_s == now->st_mtim.tv_sec &&
           mark->mtime_ns == now->st_mtim.tv_nsec;
}

bool mark_holds(const struct file_mark *mark, int fd, const struct stat *now)
{
    uint64_t head, last;

    if (mark->device != now->st_dev || mark->inode != now->st_ino ||
        (uint64_t)now->st_size < mark->taken)
        return false;
    hash_ends(fd, mark->taken, &head, &last);
    return head != 0 && head == mark->head && last == mark->last;
}
