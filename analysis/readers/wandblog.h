#ifndef WANDBLOG_H
#define WANDBLOG_H
/*
 * The framing of .wandb files: LevelDB's log format in blocks of 32,768 bytes,
 * with a file header of 7 bytes in the first block and zlib's CRC-32 of type
 * and data in place of the masked CRC-32C. A record may be in several
 * fragments. Behind a damaged fragment the next block is tried.
 */

#include "analysis/base/buf.h"
#include "analysis/readers/reader.h"

enum { WANDB_BLOCK = 32768, WANDB_HEAD = 7, WANDB_RECORD_MAX = 64 * 1024 * 1024 };

enum wandb_record { WANDB_GOOD, WANDB_END, WANDB_FAILED };

struct wandblog {
    int fd;
    const atomic_bool *cancelled;
    char *block;
    size_t n; /* of the block */
    bool cut; /* the file ends inside a record */
    struct buf record;
    struct wandblog_place {
        int64_t offset;  /* of block[0] in the file */
        size_t at;       /* in the block */
        bool inside;     /* a record has begun */
        int64_t damaged; /* fragments with a wrong checksum */
        int64_t endless; /* records that another one follows before their end */
        int64_t large;   /* records beyond WANDB_RECORD_MAX, which are passed over */
    } now, whole;        /* whole: behind the last fragment that was good */
};

/* ":W&B", the magic number 0xBEE1 and version 0 at the start? */
bool wandblog_starts(struct str head);

NODISCARD bool wandblog_open(struct wandblog *log, const struct source *source, struct err *err);
void wandblog_close(struct wandblog *log);
/* For a file that may grow: lets go of it, and opens it again behind the last good fragment. */
void wandblog_pause(struct wandblog *log);
NODISCARD bool wandblog_go_on(struct wandblog *log, const struct source *source, struct err *err);
/* The next record; good until the next call. */
enum wandb_record wandblog_next(struct wandblog *log, struct str *record, struct err *err);

#endif
