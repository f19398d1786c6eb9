#include "analysis/trajectories/source.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "analysis/files.h"
#include "analysis/zip.h"

enum { INSIDE_BITS = 28 };

_Static_assert(TRAJECTORY_MAX == (size_t)1 << INSIDE_BITS, "an offset inside a member fits");

struct source {
    int fd;
    const struct trajectory_reader *reader;
    const atomic_bool *cancelled;
    struct records *records; /* NULL: a zip, or the whole file */

    struct arena arena;
    struct zip zip;
    const struct zip_member *member; /* the one that `text` is of */
    size_t at;                       /* the next one */
    bool opened, summaries;          /* the second time over the members */
    struct buf text;
    struct scan scan; /* over an array of summaries */
    bool scanning;
    char fault[256];
};

struct source *source_new(int fd, const struct trajectory_reader *reader,
                          const atomic_bool *cancelled)
{
    struct source *s = heap_alloc(sizeof(*s));

    s->fd = fd;
    s->reader = reader;
    s->cancelled = cancelled;
    arena_init(&s->arena);
    if (!reader->member && !reader->whole)
        s->records = records_new(fd, reader->within, reader->alone, cancelled);
    return s;
}

struct source *source_resume(int fd, const struct trajectory_reader *reader, uint64_t offset,
                             int64_t line, const atomic_bool *cancelled)
{
    struct source *s = source_new(fd, reader, cancelled);

    records_free(s->records);
    s->records = records_resume(fd, offset, line, cancelled);
    return s;
}

void source_free(struct source *s)
{
    if (!s)
        return;
    records_free(s->records);
    buf_fini(&s->text);
    arena_fini(&s->arena);
    free(s);
}

const char *source_remark(const struct source *s)
{
    return s->zip.fault;
}

static bool open_zip(struct source *s, struct err *err)
{
    if (s->opened)
        return true;
    s->opened = true;
    return zip_open(s->fd, &s->arena, &s->zip, err);
}

/* ---- the head ---- */

static struct str head_of_zip(struct source *s, struct arena *arena)
{
    static const enum member_use uses[] = {MEMBER_HEADER, MEMBER_START};
    struct err err;

    if (!open_zip(s, &err)) {
        s->opened = false; /* source_next will say so */
        return (struct str){0};
    }
    for (size_t u = 0; u < sizeof(uses) / sizeof(uses[0]); u++) {
        for (size_t i = s->zip.n; i-- > 0;) {
            s->text.n = 0;
            if (s->reader->member(s->zip.v[i].name) == uses[u] && !s->zip.v[i].replaced &&
                zip_read(s->fd, &s->zip.v[i], SMALL_FILE_MAX, s->cancelled, &s->text, &err))
                return arena_str(arena, buf_str(&s->text));
        }
    }
    return (struct str){0};
}

struct str source_head(struct source *s, struct arena *arena)
{
    size_t most = s->reader->head;

    if (s->reader->member)
        return head_of_zip(s, arena);
    char *bytes = arena_alloc(arena, most + 1);
    int64_t n = file_fill(s->fd, bytes, most, 0);
    return (struct str){bytes, n > 0 ? (size_t)n : 0};
}

/* ---- members ---- */

static bool give_fault(struct source *s, struct record *out, const char *what)
{
    snprintf(s->fault, sizeof(s->fault), "%.*s %s", STR_FMT(str_cut(s->member->name, 120)), what);
    *out = (struct record){.line = NO_NUMBER, .fault = s->fault, .again = s->summaries};
    return true;
}

/* The next summary of an array; false at its end. */
static bool next_summary(struct source *s, struct record *out)
{
    struct scan_member element;

    s->scanning = scan_element(&s->scan, &element);
    if (!s->scanning && s->scan.fault)
        return give_fault(s, out, s->scan.fault);
    if (!s->scanning)
        return false;
    if (element.kind != SCAN_NESTED || element.value.p[0] != '{')
        return give_fault(s, out, "holds a summary that is not an object");
    uint64_t inside = (uint64_t)(element.value.p - s->text.p);
    *out = (struct record){.text = element.value,
                           .offset = s->member->header << INSIDE_BITS | inside,
                           .line = NO_NUMBER,
                           .again = true};
    return true;
}

/* The next member of the kind that is looked for, unpacked; false when there is none. */
static bool next_member(struct source *s, struct record *out, struct err *err)
{
    enum member_use wanted = s->summaries ? MEMBER_SUMMARIES : MEMBER_RECORD;

    while (s->at < s->zip.n &&
           (s->reader->member(s->zip.v[s->at].name) != wanted || s->zip.v[s->at].replaced))
        s->at++;
    if (s->at == s->zip.n)
        return false;
    s->member = &s->zip.v[s->at++];
    s->text.n = 0;
    *out = (struct record){.line = NO_NUMBER};
    if (s->member->header >> (64 - INSIDE_BITS))
        return give_fault(s, out, "stands beyond the 64 GiB that are read");
    if (!zip_read(s->fd, s->member, TRAJECTORY_MAX - 1, s->cancelled, &s->text, err)) {
        if (err->code == ERR_CANCELLED)
            return false;
        give_fault(s, out, err->msg);
        err->code = ERR_NONE;
        return true;
    }
    *out = (struct record){.text = str_trim(buf_str(&s->text)),
                           .offset = s->member->header << INSIDE_BITS,
                           .line = NO_NUMBER};
    if (out->text.n)
        out->offset |= (uint64_t)(out->text.p - s->text.p);
    return true;
}

static bool next_whole(struct source *s, struct record *out, struct err *err)
{
    struct stat about;

    if (s->opened)
        return false;
    s->opened = true;
    if (fstat(s->fd, &about) != 0)
        return err_errno(err, "cannot read");
    *out = (struct record){.line = 1};
    if (about.st_size > (off_t)TRAJECTORY_MAX) {
        out->fault = "is larger than the 256 MiB that are read";
        return true;
    }
    buf_reserve(&s->text, (size_t)about.st_size + 1);
    int64_t n = file_fill(s->fd, s->text.p, (size_t)about.st_size, 0);
    if (n < 0)
        return err_errno(err, "cannot read");
    out->text = str_trim((struct str){s->text.p, (size_t)n});
    out->offset = out->text.n ? (uint64_t)(out->text.p - s->text.p) : 0;
    return out->text.n > 0;
}

bool source_next(struct source *s, struct record *out, struct err *err)
{
    if (s->records)
        return records_next(s->records, out, err);
    err->code = ERR_NONE;
    if (s->reader->whole)
        return next_whole(s, out, err);
    if (!open_zip(s, err))
        return false;
    for (;;) {
        if (s->scanning && next_summary(s, out))
            return true;
        if (next_member(s, out, err)) {
            if (!s->summaries || out->fault)
                return true;
            s->scan = scan_array(out->text);
            s->scanning = true;
        } else if (err->code != ERR_NONE || s->summaries) {
            return false;
        } else {
            s->summaries = true;
            s->at = 0;
        }
    }
}

/* ---- again ---- */

bool source_fetch(int fd, const struct trajectory_reader *reader, uint64_t offset, uint32_t length,
                  struct arena *arena, struct str *out)
{
    size_t inside = (size_t)(offset & (((uint64_t)1 << INSIDE_BITS) - 1));
    struct zip_member member;
    struct buf text = {0};
    struct err err;

    if (!reader->member) {
        char *bytes = arena_alloc(arena, (size_t)length + 1);
        *out = (struct str){bytes, length};
        return file_fill(fd, bytes, length, (int64_t)offset) == length;
    }
    bool ok = zip_member_at(fd, offset >> INSIDE_BITS, arena, &member, &err) &&
              zip_read(fd, &member, TRAJECTORY_MAX - 1, NULL, &text, &err) &&
              inside + length <= text.n;
    if (ok)
        *out = arena_str(arena, (struct str){text.p + inside, length});
    buf_fini(&text);
    return ok;
}
