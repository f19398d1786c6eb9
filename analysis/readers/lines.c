#include "analysis/readers/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "analysis/base/limits.h"
#include "analysis/files.h"

bool source_text(const struct source *source, size_t max, struct arena *arena, struct str *text,
                 struct err *err)
{
    bool found;

    if (!source_wanted(source, err) ||
        !file_read(source->dir, source->path, max, arena, text, NULL, &found, err))
        return false;
    if (!found)
        return err_set(err, ERR_IO, "%s is not there", source->path);
    if (str_starts(*text, STR("\xef\xbb\xbf")))
        *text = str_from(*text, 3);
    return true;
}

int source_open(const struct source *source, struct err *err)
{
    int fd = file_open(source->dir, source->path, O_RDONLY);
    struct stat about;

    if (fd < 0) {
        err_errno(err, "cannot read %s", source->path);
        return -1;
    }
    if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode)) {
        err_set(err, ERR_FORMAT, "%s is not a file", source->path);
        close(fd);
        return -1;
    }
    return fd;
}

static bool wanted(const atomic_bool *cancelled, struct err *err)
{
    if (!cancelled || !atomic_load_explicit(cancelled, memory_order_relaxed))
        return true;
    return err_set(err, ERR_CANCELLED, "the call was cancelled");
}

bool source_wanted(const struct source *source, struct err *err)
{
    return wanted(source->cancelled, err);
}

bool source_there(const struct source *source, struct err *err)
{
    int fd = source_wanted(source, err) ? source_open(source, err) : -1;

    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

bool lines_go_on(struct lines *lines, const struct source *source, struct err *err)
{
    lines->fd = source_open(source, err);
    if (lines->fd < 0)
        return false;
    lines->cancelled = source->cancelled;
    lines->offset = lines->place.offset;
    lines->number = lines->place.number;
    lines->room = READ_BLOCK;
    lines->block = heap_alloc(lines->room + LINES_PAD);
    return true;
}

bool lines_open(struct lines *lines, const struct source *source, struct feed *feed,
                struct err *err)
{
    *lines = (struct lines){.fd = -1, .feed = feed};
    return lines_go_on(lines, source, err);
}

void lines_pause(struct lines *lines)
{
    if (lines->block && lines->fd >= 0)
        close(lines->fd);
    free(lines->block);
    *lines =
        (struct lines){.fd = -1, .feed = lines->feed, .place = lines->place, .lost = lines->lost};
}

void lines_close(struct lines *lines)
{
    lines_pause(lines);
    *lines = (struct lines){.fd = -1};
}

/* Keeps what stands from `at` on and reads on behind it. */
static bool fill(struct lines *lines, struct err *err)
{
    if (!wanted(lines->cancelled, err))
        return false;
    if (lines->at > 0) {
        lines->n -= lines->at;
        memmove(lines->block, lines->block + lines->at, lines->n);
        lines->offset += (int64_t)lines->at;
        lines->at = 0;
    }
    if (lines->n == lines->room) {
        lines->room *= 2;
        lines->block = heap_grow(lines->block, lines->room + LINES_PAD);
    }
    int64_t got = file_fill(lines->fd, lines->block + lines->n, lines->room - lines->n,
                            lines->offset + (int64_t)lines->n);
    if (got < 0)
        return err_errno(err, "cannot read on");
    lines->at_end = (size_t)got < lines->room - lines->n;
    lines->n += (size_t)got;
    memset(lines->block + lines->n, 0, LINES_PAD);
    if (lines->offset == 0 && str_starts((struct str){lines->block, lines->n}, STR("\xef\xbb\xbf")))
        lines->at = lines->number == 0 ? 3 : 0;
    return true;
}

static void tell_long(struct lines *lines)
{
    lines->number++;
    if (lines->feed)
        feed_malformed(lines->feed, lines->number, "is too long");
}

/* Goes over the rest of a line that is too long; its beginning was in the block. */
static bool pass_long(struct lines *lines, struct err *err)
{
    tell_long(lines);
    for (;;) {
        const char *end = memchr(lines->block + lines->at, '\n', lines->n - lines->at);
        if (end) {
            lines->at = (size_t)(end - lines->block) + 1;
            return true;
        }
        lines->at = lines->n;
        lines->lost = lines->at_end;
        if (lines->at_end)
            return true;
        if (!fill(lines, err))
            return false;
    }
}

/* Gives the line that ends at `end`, NULL: at the end of the file. */
static bool take(struct lines *lines, const char *end, struct str *line)
{
    const char *first = lines->block + lines->at;

    lines->ended = end != NULL;
    *line = (struct str){first, (size_t)((end ? end : lines->block + lines->n) - first)};
    lines->at += line->n + lines->ended;
    if (line->n > DATA_LINE_MAX) {
        tell_long(lines);
        return false;
    }
    lines->number++;
    if (line->n > 0 && line->p[line->n - 1] == '\r')
        line->n--;
    return true;
}

bool lines_next(struct lines *lines, struct str *line, struct err *err)
{
    size_t searched = 0; /* bytes behind `at` that hold no newline */

    for (;;) {
        const char *first = lines->block + lines->at;
        const char *end = memchr(first + searched, '\n', lines->n - lines->at - searched);

        if (end || (lines->at_end && lines->at < lines->n && !lines->whole)) {
            if (take(lines, end, line))
                return true;
            searched = 0;
            continue;
        }
        if (lines->at_end) {
            if (lines->whole)
                lines->place =
                    (struct lines_place){lines->offset + (int64_t)lines->at, lines->number};
            return false;
        }
        searched = lines->n - lines->at;
        bool too_long = searched > DATA_LINE_MAX;
        lines->failed = !(too_long ? pass_long(lines, err) : fill(lines, err));
        if (lines->failed)
            return false;
        searched = too_long ? 0 : searched;
    }
}
