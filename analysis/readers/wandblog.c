#include "analysis/readers/wandblog.h"

#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#include "analysis/files.h"
#include "analysis/readers/lines.h"

enum fragment { FRAGMENT_ZERO, FRAGMENT_FULL, FRAGMENT_FIRST, FRAGMENT_MIDDLE, FRAGMENT_LAST };

bool wandblog_starts(struct str head)
{
    return head.n >= WANDB_HEAD && memcmp(head.p, ":W&B\xe1\xbe\0", WANDB_HEAD) == 0;
}

/* The block at `offset`; false at the end of the file or with err. */
static bool load(struct wandblog *log, int64_t offset, struct err *err)
{
    struct source asked = {.cancelled = log->cancelled};

    log->now.offset = offset;
    log->now.at = log->n = 0;
    log->whole = log->now;
    err->code = ERR_NONE;
    if (!source_wanted(&asked, err))
        return false;
    int64_t got = file_fill(log->fd, log->block, WANDB_BLOCK, offset);
    if (got < 0)
        return err_errno(err, "cannot read on");
    log->n = (size_t)got;
    return got > 0;
}

static bool open_file(struct wandblog *log, const struct source *source, struct err *err)
{
    log->fd = source_open(source, err);
    if (log->fd < 0)
        return false;
    log->cancelled = source->cancelled;
    log->block = heap_alloc(WANDB_BLOCK);
    return true;
}

bool wandblog_open(struct wandblog *log, const struct source *source, struct err *err)
{
    *log = (struct wandblog){.fd = -1};
    if (!open_file(log, source, err))
        return false;
    if (load(log, 0, err) && wandblog_starts((struct str){log->block, log->n})) {
        log->now.at = WANDB_HEAD;
        log->whole = log->now;
        return true;
    }
    if (err->code == ERR_NONE)
        err_set(err, ERR_FORMAT, "%s does not begin as a .wandb file does", source->path);
    wandblog_close(log);
    return false;
}

bool wandblog_go_on(struct wandblog *log, const struct source *source, struct err *err)
{
    struct wandblog_place whole = log->whole;

    log->cut = false;
    log->now = whole;
    if (!open_file(log, source, err))
        return false;
    if (!load(log, whole.offset, err) && err->code != ERR_NONE)
        return false;
    log->now.at = whole.at < log->n ? whole.at : log->n;
    log->whole = log->now;
    return true;
}

void wandblog_pause(struct wandblog *log)
{
    if (log->block && log->fd >= 0)
        close(log->fd);
    free(log->block);
    log->block = NULL;
    log->fd = -1;
}

void wandblog_close(struct wandblog *log)
{
    wandblog_pause(log);
    buf_fini(&log->record);
    *log = (struct wandblog){.fd = -1};
}

/* A fragment that cannot be trusted, nor the lengths behind it: on to the next block. */
static void lose(struct wandblog *log)
{
    log->now.damaged++;
    log->now.inside = false;
    log->now.at = log->n;
}

static void add(struct wandblog *log, enum fragment type, struct str data)
{
    bool begins = type == FRAGMENT_FULL || type == FRAGMENT_FIRST;

    log->now.endless += begins && log->now.inside;
    if (begins) {
        log->record.n = 0;
        log->now.inside = true;
    }
    if (!log->now.inside)
        return;
    if (log->record.n + data.n > WANDB_RECORD_MAX) {
        log->now.large++;
        log->now.inside = false;
        return;
    }
    buf_add(&log->record, data);
}

/* The next fragment of this block; false if there is none. */
static bool fragment(struct wandblog *log, enum fragment *type, struct str *data)
{
    size_t left = log->n - log->now.at;
    const unsigned char *p = (const unsigned char *)log->block + log->now.at;

    if (left < WANDB_HEAD) {
        log->cut |= log->n < WANDB_BLOCK && left > 0;
        return false;
    }
    uint32_t crc = p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
    size_t length = p[4] | (size_t)p[5] << 8;
    if (p[6] == FRAGMENT_ZERO && length == 0 && crc == 0) { /* room made, nothing written */
        log->now.at = log->n;
        return false;
    }
    if (length > left - WANDB_HEAD) {
        if (log->n < WANDB_BLOCK)
            log->cut = true;
        else
            lose(log);
        log->now.at = log->n;
        return false;
    }
    if (p[6] > FRAGMENT_LAST || crc32(0, p + 6, (unsigned)length + 1) != crc) {
        lose(log);
        return false;
    }
    *type = (enum fragment)p[6];
    *data = (struct str){log->block + log->now.at + WANDB_HEAD, length};
    log->now.at += WANDB_HEAD + length;
    return true;
}

enum wandb_record wandblog_next(struct wandblog *log, struct str *record, struct err *err)
{
    enum fragment type;
    struct str data;

    for (;;) {
        if (!fragment(log, &type, &data)) {
            bool full = log->n == WANDB_BLOCK;
            if (full && load(log, log->now.offset + WANDB_BLOCK, err))
                continue;
            if (full && err->code != ERR_NONE)
                return WANDB_FAILED;
            log->cut |= log->now.inside;
            return WANDB_END;
        }
        add(log, type, data);
        bool ended = log->now.inside && (type == FRAGMENT_FULL || type == FRAGMENT_LAST);
        log->now.inside &= !ended;
        log->whole = log->now;
        if (ended) {
            *record = buf_str(&log->record);
            return WANDB_GOOD;
        }
    }
}
