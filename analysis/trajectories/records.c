#include "analysis/trajectories/records.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "analysis/base/arena.h"
#include "analysis/base/limits.h"

enum mode { UNDECIDED, LINES, VALUES, ARRAY };
enum { NONE = -1 };
enum { BEHIND = 32 * 1024 }; /* read behind the end of a part at once: most lines end there */

struct records {
    int fd;
    const char *within;
    bool alone;
    const atomic_bool *cancelled;
    char *p; /* heap: bytes [base, base + n) of the file */
    size_t n, room, at;
    uint64_t base;
    bool ended;
    enum mode mode;
    int64_t line;  /* of `at` */
    int64_t start; /* of the record that is being framed, in p; NONE */
    int64_t start_line;
    int depth, level;                     /* open brackets; how many are open around a record */
    bool in_string, after_escape, inside; /* inside: the array under `within` */
    int64_t string, string_end;           /* the last string at depth 1 */
    bool key;                             /* it was followed by a colon */
    bool skipping;                        /* the record is too large: only its end matters */
    uint64_t end;                         /* no line that begins there or behind it */
    bool part, begun;                     /* records_part; `at` is inside a line of no interest */
    bool too_long;                        /* the line at `at`, for a part */
};

struct records *records_new(int fd, const char *within, bool alone, const atomic_bool *cancelled)
{
    struct records *r = heap_alloc(sizeof(*r));

    *r = (struct records){.fd = fd,
                          .within = within,
                          .alone = alone,
                          .cancelled = cancelled,
                          .line = 1,
                          .start = NONE,
                          .string = NONE,
                          .end = UINT64_MAX};
    return r;
}

struct records *records_resume(int fd, uint64_t offset, int64_t line, const atomic_bool *cancelled)
{
    struct records *r = records_new(fd, NULL, false, cancelled);

    r->mode = LINES;
    r->base = offset;
    r->line = line;
    return r;
}

void records_until(struct records *r, uint64_t to)
{
    r->end = to;
}

void records_part(struct records *r, uint64_t from, uint64_t to)
{
    r->mode = LINES;
    r->base = from - 1; /* a newline there ends the line before */
    r->n = r->at = 0;
    r->line = 0;
    r->end = to;
    r->part = r->begun = true;
    r->ended = r->too_long = false;
}

int64_t records_stopped(const struct records *r, uint64_t *offset)
{
    *offset = r->too_long ? r->base + r->at : 0;
    return r->line;
}

void records_free(struct records *r)
{
    if (!r)
        return;
    free(r->p);
    free(r);
}

/* Forgets what lies before the record or the place that is looked at, keeps the rest. */
static void drop_front(struct records *r)
{
    size_t from = r->start != NONE && !r->skipping ? (size_t)r->start : r->at;

    if (from == 0)
        return;
    memmove(r->p, r->p + from, r->n - from);
    r->n -= from;
    r->at -= from;
    r->base += from;
    if (r->start != NONE)
        r->start -= (int64_t)from;
    if (r->string != NONE) {
        r->string -= (int64_t)from;
        r->string_end -= (int64_t)from;
        if (r->string < 0)
            r->string = NONE; /* it was no key that matters */
    }
}

/* A block, or what is left of a part and a bit. */
static size_t wanted(const struct records *r)
{
    uint64_t at = r->base + r->n, left = r->end > at ? r->end - at : 0;

    return left < READ_BLOCK - BEHIND ? (size_t)left + BEHIND : READ_BLOCK;
}

/* One more block; false with err on a failure. */
static bool read_more(struct records *r, struct err *err)
{
    ssize_t got;

    if (r->cancelled && atomic_load(r->cancelled))
        return err_set(err, ERR_CANCELLED, "cancelled while reading");
    drop_front(r);
    if (r->room < r->n + READ_BLOCK) {
        r->room = (r->n + READ_BLOCK) * 2;
        r->p = heap_grow(r->p, r->room);
    }
    do
        got = pread(r->fd, r->p + r->n, wanted(r), (off_t)(r->base + r->n));
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return err_errno(err, "cannot read");
    r->ended = got == 0;
    r->n += (size_t)got;
    return true;
}

/* ---- which kind of file ---- */

/* The first line opens and closes all its brackets: a file of lines. */
static bool line_is_whole(const struct records *r, size_t from, size_t to)
{
    int depth = 0;
    bool in_string = false;

    for (size_t i = from; i < to; i++) {
        char c = r->p[i];
        if (in_string) {
            i += c == '\\';
            in_string = c != '"';
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            depth++;
        } else if (c == '}' || c == ']') {
            depth--;
        }
    }
    return depth <= 0 && !in_string;
}

/* Nothing follows that line. */
static bool line_is_all(const struct records *r, const char *newline)
{
    struct str rest = {newline, r->n - (size_t)(newline - r->p)};

    return r->n < READ_BLOCK && str_trim(rest).n == 0;
}

static bool decide(struct records *r, struct err *err)
{
    size_t i = 0;

    if (!read_more(r, err))
        return false;
    if (r->n >= 3 && memcmp(r->p, "\xef\xbb\xbf", 3) == 0)
        i = 3;
    while (i < r->n && (unsigned char)r->p[i] <= ' ')
        r->line += r->p[i++] == '\n';
    r->at = i;
    if (i < r->n && r->p[i] == '[') {
        r->mode = ARRAY;
        r->level = 1;
        return true;
    }
    const char *newline = i < r->n ? memchr(r->p + i, '\n', r->n - i) : NULL;
    bool lines = newline && line_is_whole(r, i, (size_t)(newline - r->p)) &&
                 !(r->alone && line_is_all(r, newline));
    r->mode = lines ? LINES : VALUES;
    return true;
}

/* ---- lines ---- */

static bool give(struct records *r, struct record *out, size_t from, size_t to, const char *fault)
{
    *out = (struct record){.offset = r->base + from, .line = r->start_line, .fault = fault};
    if (r->mode == LINES && r->at > to)
        out->next = r->base + r->at;
    if (!fault)
        out->text = (struct str){r->p + from, to - from};
    r->start = NONE;
    r->skipping = false;
    return true;
}

/* Over the rest of a line; false if no line begins behind it that is wanted. */
static bool pass_begun(struct records *r, struct err *err)
{
    while (!r->ended && r->base + r->at < r->end) {
        const char *newline = r->n > r->at ? memchr(r->p + r->at, '\n', r->n - r->at) : NULL;
        r->at = newline ? (size_t)(newline - r->p) + 1 : r->n;
        r->begun = !newline;
        if (newline)
            return true;
        if (!read_more(r, err))
            return false;
    }
    return false;
}

static bool next_line(struct records *r, struct record *out, struct err *err)
{
    if (r->begun && !pass_begun(r, err))
        return false;
    size_t looked = r->at;

    for (;;) {
        if (looked == r->at && !r->skipping && r->base + r->at >= r->end)
            return false;
        const char *newline = r->n > looked ? memchr(r->p + looked, '\n', r->n - looked) : NULL;
        size_t from = r->at, to = newline ? (size_t)(newline - r->p) : r->n;
        if (!newline && !r->ended) {
            r->too_long = r->part && r->n - r->at > PART_LINE_MAX;
            if (r->too_long)
                return false;
            r->skipping |= r->n - r->at > TRAJECTORY_MAX;
            if (r->skipping)
                r->at = r->n;
            looked = r->n - r->at; /* read_more moves `at` to the front */
            if (!read_more(r, err))
                return false;
            continue;
        }
        if (!newline && from == to && !r->skipping)
            return false;
        r->at = newline ? to + 1 : to;
        looked = r->at;
        r->start_line = r->line++;
        if (r->skipping)
            return give(r, out, from, to, "is larger than the 256 MiB that are read");
        while (from < to && (unsigned char)r->p[from] <= ' ')
            from++;
        while (to > from && (unsigned char)r->p[to - 1] <= ' ')
            to--;
        if (from < to)
            return give(r, out, from, to, r->p[from] == '{' ? NULL : "is not a JSON object");
    }
}

/* ---- values ---- */

/* Over the inside of a string; leaves in_string when its end was found. */
static void over_string(struct records *r)
{
    const char *p = r->p + r->at, *end = r->p + r->n;

    if (r->after_escape && p < end) {
        r->after_escape = false;
        p++;
    }
    while (p < end) {
        const char *quote = memchr(p, '"', (size_t)(end - p));
        const char *stop = quote ? quote : end;
        const char *slash = memchr(p, '\\', (size_t)(stop - p));
        if (slash) {
            r->after_escape = slash + 1 == end;
            p = slash + 1 < end ? slash + 2 : end;
            continue;
        }
        p = stop;
        if (quote) {
            r->in_string = false;
            r->string_end = quote - r->p;
            p++;
        }
        break;
    }
    r->at = (size_t)(p - r->p);
}

/* The value that begins here is the list of records. */
static bool is_within(const struct records *r)
{
    if (!r->within || r->mode != VALUES || r->depth != 1 || !r->key || r->string == NONE)
        return false;
    struct str key = {r->p + r->string, (size_t)(r->string_end - r->string)};
    return str_is(key, r->within);
}

static void open_bracket(struct records *r, char c)
{
    if (c == '[' && is_within(r)) {
        r->inside = true;
        r->level = 2;
        r->start = NONE;
    } else if (r->start == NONE && r->depth == r->level && !(r->depth == 0 && c == '[')) {
        r->start = (int64_t)r->at;
        r->start_line = r->line;
    }
    r->depth++;
    r->key = false;
}

/* True if that closed a record. */
static bool close_bracket(struct records *r)
{
    if (r->depth > 0)
        r->depth--;
    if (r->inside && r->depth == 1) {
        r->inside = false;
        r->level = 0;
    }
    return r->start != NONE && r->depth == r->level;
}

/* Newlines are counted here, not where strings are gone over: JSON has none there. */
static bool frame(struct records *r)
{
    while (r->at < r->n) {
        if (r->in_string) {
            over_string(r);
            continue;
        }
        char c = r->p[r->at];
        if (c == '"') {
            r->in_string = true;
            if (r->depth == 1) {
                r->string = (int64_t)r->at + 1;
                r->key = false;
            }
        } else if (c == ':' && r->depth == 1) {
            r->key = true;
        } else if (c == ',' && r->depth == 1) {
            r->key = false;
        } else if (c == '{' || c == '[') {
            open_bracket(r, c);
        } else if ((c == '}' || c == ']') && close_bracket(r)) {
            r->at++;
            return true;
        } else if (c == '\n') {
            r->line++;
        }
        r->at++;
    }
    return false;
}

/*
 * What was framed is a line of its own: its file is one of lines, whose first
 * was too long to be seen whole when that was decided. In such a file a broken
 * line costs only itself.
 */
static bool is_line(const struct records *r)
{
    return r->mode == VALUES && r->level == 0 && r->start_line == r->line && r->at < r->n &&
           r->p[r->at] == '\n';
}

static bool next_value(struct records *r, struct record *out, struct err *err)
{
    static const char cut[] = "ends inside a value";

    for (;;) {
        if (frame(r)) {
            bool line = is_line(r);
            const char *fault = r->skipping ? "is larger than the 256 MiB that are read" : NULL;
            give(r, out, (size_t)r->start, r->at, fault);
            if (line)
                r->mode = LINES;
            return true;
        }
        if (r->ended) {
            bool open = r->start != NONE || r->depth > 0;
            r->depth = 0;
            if (r->start == NONE)
                r->start_line = r->line;
            return open && give(r, out, r->start == NONE ? r->n : (size_t)r->start, r->n, cut);
        }
        if (r->start != NONE && r->n - (size_t)r->start > TRAJECTORY_MAX)
            r->skipping = true;
        if (r->skipping)
            r->start = (int64_t)r->at; /* what is skipped need not be kept */
        if (!read_more(r, err))
            return false;
    }
}

bool records_next(struct records *r, struct record *out, struct err *err)
{
    err->code = ERR_NONE;
    if (r->mode == UNDECIDED && !decide(r, err))
        return false;
    return r->mode == LINES ? next_line(r, out, err) : next_value(r, out, err);
}
