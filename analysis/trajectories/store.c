#include "analysis/trajectories/store.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analysis/files.h"
#include "analysis/trajectories/carry.h"
#include "analysis/trajectories/path.h"
#include "analysis/trajectories/source.h"

enum { NAME_BYTES_MAX = 512, QUESTION_BYTES_MAX = 2000, ENDINGS_KEPT = 8 };

/* ---- the store ---- */

static struct trajectories *store_new(void)
{
    struct trajectories *t = heap_alloc(sizeof(*t));

    atomic_init(&t->refs, 1);
    dict_init(&t->ids);
    dict_init(&t->words);
    return t;
}

struct trajectories *trajectories_ref(struct trajectories *t)
{
    atomic_fetch_add(&t->refs, 1);
    return t;
}

void trajectories_unref(void *thing)
{
    struct trajectories *t = thing;

    if (!t || atomic_fetch_sub(&t->refs, 1) != 1)
        return;
#define X(type, column) free(t->column);
    TRAJECTORY_COLUMNS(X)
#undef X
    free(t->tool_calls);
    free(t->files);
    dict_fini(&t->ids);
    dict_fini(&t->words);
    arena_fini(&t->arena);
    free(t);
}

size_t trajectories_held(const struct trajectories *t)
{
    size_t bytes = sizeof(*t) + dict_held(&t->ids) + dict_held(&t->words) +
                   t->tool_calls_room * sizeof(*t->tool_calls);

#define X(type, column) bytes += t->room * sizeof(type);
    TRAJECTORY_COLUMNS(X)
#undef X
    return bytes;
}

void trajectories_reserve(struct trajectories *t, size_t rows)
{
    if (rows <= t->room)
        return;
    t->room = rows > t->room * 2 ? rows + 256 : t->room * 2;
#define X(type, column) t->column = heap_grow(t->column, t->room * sizeof(type));
    TRAJECTORY_COLUMNS(X)
#undef X
}

/* ---- building ---- */

struct build {
    struct sink sink; /* first: a sink's functions get at the rest by it */
    struct trajectories *t;
    struct trajectory_file *file;
    const struct split *how;
    const struct record *record; /* NULL: none yet; else: */
    struct record last;          /* its text may be gone */
    uint64_t taken;              /* of the file: the end of its last whole line */
    struct arena scratch;        /* of a record */
    struct arena front;          /* what the file says in front of its records */
    uint32_t ordinal;            /* in the record */
    uint32_t first;              /* trajectories of earlier records that began on the same line */
    int64_t line;
    uint32_t *newest;  /* heap; of each id, the last row that has it + 1 */
    uint32_t *earlier; /* heap; of each row, the one before it with the same id + 1 */
    size_t newest_room, earlier_room;
    struct {
        uint32_t word; /* a reason + 1; 0: none yet */
        uint8_t class;
    } ending[ENDINGS_KEPT]; /* of this file's format, by word modulo their number */
};

static void happen(struct build *b, struct mishap *mishap, struct str id, const char *what)
{
    if (mishap->n++ > 0)
        return;
    mishap->path = b->file->shown;
    mishap->line = b->record ? b->record->line : NO_NUMBER;
    mishap->what = id.n
                       ? arena_printf(&b->t->arena, "%.*s: %.300s", STR_FMT(str_cut(id, 200)), what)
                       : arena_printf(&b->t->arena, "%.300s", what);
}

static void refuse(struct sink *sink, struct str id, const char *why)
{
    struct build *b = (struct build *)sink;

    b->ordinal++;
    happen(b, &b->file->tally.refused, id, why);
}

static void remark(struct sink *sink, struct str id, const char *what)
{
    struct build *b = (struct build *)sink;

    happen(b, tally_remark(&b->file->tally, &b->t->arena, what), id, what);
}

/* Whether a row of this id and training is there already; if not, `at` is noted as one. */
static bool is_repeated(struct build *b, uint32_t id, uint32_t training, size_t at)
{
    struct trajectories *t = b->t;

    if (id >= b->newest_room) {
        size_t room = (size_t)id * 2 + 256;
        b->newest = heap_grow(b->newest, room * sizeof(*b->newest));
        memset(b->newest + b->newest_room, 0, (room - b->newest_room) * sizeof(*b->newest));
        b->newest_room = room;
    }
    for (uint32_t row = b->newest[id]; row; row = b->earlier[row - 1]) {
        if (t->training[row - 1] == training)
            return true;
    }
    if (at >= b->earlier_room) {
        b->earlier_room = at * 2 + 256;
        b->earlier = heap_grow(b->earlier, b->earlier_room * sizeof(*b->earlier));
    }
    b->earlier[at] = b->newest[id];
    b->newest[id] = (uint32_t)at + 1;
    return false;
}

static int32_t small(int64_t value)
{
    return value == NO_NUMBER || value > INT32_MAX || value <= INT32_MIN ? NO_SMALL
                                                                         : (int32_t)value;
}

static void put_tools(struct trajectories *t, size_t row, const struct watch *w)
{
    t->tools[row] = (uint32_t)t->tool_calls_n;
    t->tools_n[row] = (uint8_t)w->tools_n;
    if (t->tool_calls_n + w->tools_n > t->tool_calls_room) {
        t->tool_calls_room = (t->tool_calls_n + w->tools_n) * 2;
        t->tool_calls = heap_grow(t->tool_calls, t->tool_calls_room * sizeof(*t->tool_calls));
    }
    for (size_t i = 0; i < w->tools_n; i++) {
        struct tool_calls *calls = &t->tool_calls[t->tool_calls_n++];
        calls->tool = dict_add(&t->words, (struct str){w->tool[i].name, w->tool[i].n});
        memcpy(calls->count, w->tool[i].count, sizeof(calls->count));
    }
}

/* Few reasons, many rows: each is looked up once. */
static uint8_t ending_of(struct build *b, uint32_t word, struct str reason)
{
    size_t i = word % ENDINGS_KEPT;

    if (b->ending[i].word != word + 1) {
        b->ending[i].class = (uint8_t)end_class_of(b->file->reader->name, reason);
        b->ending[i].word = word + 1;
    }
    return b->ending[i].class;
}

/* A text of a row is often that of the row before. */
static uint32_t word_of(struct trajectories *t, const uint32_t *column, size_t row, struct str text)
{
    return dict_add_like(&t->words, text, row ? column[row - 1] : 0);
}

static void put_row(struct build *b, uint32_t id, uint32_t training, const struct trajectory *in)
{
    struct trajectories *t = b->t;
    const struct watch *w = &b->sink.watch;

    trajectories_reserve(t, t->n + 1);
    size_t row = t->n++;
    t->id[row] = id;
    t->training[row] = training;
    t->agent[row] = word_of(t, t->agent, row, str_cut(in->agent, NAME_BYTES_MAX));
    t->question[row] = word_of(t, t->question, row, str_cut(in->question, NAME_BYTES_MAX));
    t->text[row] = word_of(t, t->text, row, str_cut(in->text, QUESTION_BYTES_MAX));
    t->reason[row] = dict_add(&t->words, str_cut(str_trim(in->reason), NAME_BYTES_MAX));
    t->epoch[row] = small(in->epoch);
    t->iteration[row] = small(in->iteration);
    t->sample[row] = small(in->sample);
    t->reward[row] = isfinite(in->reward) ? in->reward : (double)NAN;
    t->step_reward[row] = w->rewards ? w->reward_sum / w->rewards : (double)NAN;
    t->created_ms[row] =
        in->created_ms != NO_NUMBER ? in->created_ms : b->file->changed_ns / 1000000;
    bool written = in->steps >= 0 && in->steps <= UINT32_MAX && w->steps == 0;
    t->steps[row] = written ? (uint32_t)in->steps : w->steps;
    t->seen_steps[row] = w->steps > 0;
    t->ending[row] = ending_of(b, t->reason[row], in->reason);
    t->kind[row] = (uint8_t)in->kind;
    t->rules[row] = (uint16_t)watch_rules(w, t->ending[row]);
    t->file[row] = (uint32_t)(b->file - t->files);
    t->offset[row] = b->record->offset;
    t->length[row] = (uint32_t)b->record->text.n;
    t->ordinal[row] = b->ordinal;
    put_tools(t, row, w);
}

static void end(struct sink *sink, const struct trajectory *in)
{
    struct build *b = (struct build *)sink;
    struct trajectory named = *in;

    if (named.id.n == 0)
        named.id = str_of(arena_printf(sink->scratch, "%s:%lld.%u", path_name(b->file->path),
                                       (long long)b->record->line, b->first + b->ordinal));
    uint32_t id = dict_add(&b->t->ids, str_cut(named.id, NAME_BYTES_MAX));
    uint32_t training =
        word_of(b->t, b->t->training, b->t->n, str_cut(named.training, NAME_BYTES_MAX));
    bool there = is_repeated(b, id, training, b->t->n);
    if (there && b->record->again) {
        /* given in full before */
    } else if (there) {
        happen(b, &b->file->tally.repeated, named.id, "this id was there already, skipped");
    } else {
        if (!isnan(named.reward) && !isfinite(named.reward))
            remark(sink, named.id, "an infinite reward is not used");
        put_row(b, id, training, &named);
        b->file->tally.used++;
    }
    b->ordinal++;
}

/* Open and still the file that was looked at; -1 with *why. */
static int open_same(const struct trajectory_file *file, const char **why)
{
    struct stat now;
    int dir = open(file->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int fd = dir < 0 ? -1 : file_open(dir, file->path, O_RDONLY);

    if (dir >= 0)
        close(dir);
    *why = "the file cannot be opened";
    if (fd < 0)
        return -1;
    if (fstat(fd, &now) == 0 && S_ISREG(now.st_mode) && now.st_dev == file->dev &&
        now.st_ino == file->ino && now.st_size >= file->size)
        return fd;
    *why = "the file is another one by now";
    close(fd);
    return -1;
}

/* What the front of the file says of all of it lives until the next file. */
static void begin_file(struct build *b, struct source *source)
{
    const struct trajectory_reader *reader = b->file->reader;
    struct arena *records = b->sink.scratch;

    b->sink.file = trajectory_none();
    b->sink.place = -1;
    b->sink.complete = false;
    memset(b->sink.usual, 0, sizeof(b->sink.usual));
    memset(b->ending, 0, sizeof(b->ending));
    b->line = NO_NUMBER;
    if (!reader->begin)
        return;
    arena_reset(&b->front);
    b->sink.scratch = &b->front;
    reader->begin(source_head(source, &b->front), &b->sink);
    b->sink.scratch = records;
}

/* The ordinal goes on over the records of a line: it makes the names of those without one. */
static void begin_record(struct sink *sink, const struct record *record)
{
    struct build *b = (struct build *)sink;

    arena_reset(sink->scratch);
    watch_reset(&sink->watch);
    sink->place++;
    sink->iteration = NO_NUMBER;
    b->last = *record;
    b->record = &b->last;
    b->first = record->line == b->line ? b->first + b->ordinal : 0;
    b->line = record->line;
    b->ordinal = 0;
}

static void end_record(struct sink *sink, const struct record *record)
{
    struct build *b = (struct build *)sink;

    if (!record->next)
        return;
    b->taken = record->next;
    b->file->next_line = record->line + 1;
    b->file->next_place = sink->place + 1;
    b->file->at_mark = b->file->tally;
}

/* Where to go on when the file has grown, unless what stands behind made a remark. */
static void set_mark(struct trajectory_file *file, int fd, uint64_t taken)
{
    struct stat now;

    file->mark = (struct file_mark){0};
    if (taken && file->at_mark.remarks_n == file->tally.remarks_n && fstat(fd, &now) == 0)
        mark_set(&file->mark, fd, &now, taken);
}

/*
 * One record after another; from the first line on whose like follow in blocks, if
 * the file is large. False: its end, or err says why not.
 */
static bool read_record(struct build *b, struct source *source, struct split_lines *lines,
                        struct err *err)
{
    struct sink *sink = &b->sink;
    struct record record;

    if (!source_next(source, &record, err))
        return false;
    begin_record(sink, &record);
    if (record.fault)
        refuse(sink, (struct str){0}, record.fault);
    else
        lines->reader->read(record.text, sink);
    end_record(sink, &record);
    lines->offset = record.next;
    lines->line = record.line + 1;
    if (!split_fits(lines, b->how))
        return true;
    split_read(lines, b->how, err);
    return false;
}

static bool read_records(struct build *b, struct source *source, int fd,
                         const atomic_bool *cancelled, struct err *err)
{
    struct split_lines lines = {.fd = fd,
                                .reader = b->file->reader,
                                .size = (uint64_t)b->file->size,
                                .to = {&b->sink, begin_record, end_record},
                                .cancelled = cancelled};

    while (read_record(b, source, &lines, err))
        ;
    if (err->code != ERR_NONE && err->code != ERR_CANCELLED) {
        refuse(&b->sink, (struct str){0}, err->msg);
        err->code = ERR_NONE;
    }
    b->record = NULL;
    return err->code == ERR_NONE;
}

static bool read_file(struct build *b, const atomic_bool *cancelled, struct err *err)
{
    struct trajectory_file *file = b->file;
    const char *why;
    int fd = open_same(file, &why);

    b->record = NULL;
    if (fd < 0) {
        refuse(&b->sink, (struct str){0}, why);
        return true;
    }
    posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    b->taken = file->mark.taken;
    struct source *source =
        b->taken ? source_resume(fd, file->reader, b->taken, file->next_line, cancelled)
                 : source_new(fd, file->reader, cancelled);
    begin_file(b, source);
    if (b->taken)
        b->sink.place = file->next_place - 1;
    bool ok = read_records(b, source, fd, cancelled, err);
    if (ok && file->reader->finish)
        file->reader->finish(&b->sink);
    if (ok && source_remark(source))
        remark(&b->sink, (struct str){0}, source_remark(source));
    if (ok && file->tally.used + file->tally.refused.n + file->tally.repeated.n == 0)
        remark(&b->sink, (struct str){0}, "holds no trajectories");
    set_mark(file, fd, b->taken);
    source_free(source);
    close(fd);
    return ok;
}

/* Gives back what growing took too much of. */
static void trim(struct trajectories *t)
{
    t->room = t->n;
#define X(type, column) t->column = heap_grow(t->column, (t->n + 1) * sizeof(type));
    TRAJECTORY_COLUMNS(X)
#undef X
    t->tool_calls_room = t->tool_calls_n;
    t->tool_calls = heap_grow(t->tool_calls, (t->tool_calls_n + 1) * sizeof(*t->tool_calls));
}

static void add_up(struct trajectories *t)
{
    for (size_t i = 0; i < t->files_n; i++)
        tally_add(&t->tally, &t->files[i].tally, &t->arena);
}

/* False if a file that came in front has one of these ids: then the older index says nothing. */
static bool take_carried(struct build *b, const struct trajectories *old,
                         const struct carried *carried)
{
    struct trajectories *t = b->t;
    size_t row = t->n;

    carry_take(t, old, carried, b->file);
    for (; row < t->n; row++) {
        if (is_repeated(b, t->id[row], t->training[row], row))
            return false;
    }
    return true;
}

/* *conflict: nothing of the old index can be used. */
static bool fill(struct build *b, struct trajectories *old, const struct carried *carried,
                 const atomic_bool *cancelled, bool *conflict, struct err *err)
{
    struct trajectories *t = b->t;
    bool ok = true;

    *conflict = false;
    for (size_t i = 0; i < t->files_n && ok && !*conflict; i++) {
        b->file = &t->files[i];
        b->file->first = t->n;
        b->sink.origin = path_origin(&t->arena, b->file);
        if (carried && carried[i].how != CARRY_NOTHING)
            *conflict = !take_carried(b, old, &carried[i]);
        if (!*conflict && (!carried || carried[i].how != CARRY_ALL))
            ok = read_file(b, cancelled, err);
    }
    return ok;
}

static struct build *build_new(struct trajectories *t, const struct split *how)
{
    struct build *b = heap_alloc(sizeof(*b));

    arena_init(&b->scratch);
    arena_init(&b->front);
    b->t = t;
    b->how = how;
    b->sink.scratch = &b->scratch;
    b->sink.end = end;
    b->sink.refuse = refuse;
    b->sink.remark = remark;
    watch_reset(&b->sink.watch);
    return b;
}

static void build_free(struct build *b)
{
    arena_fini(&b->scratch);
    arena_fini(&b->front);
    free(b->newest);
    free(b->earlier);
    free(b);
}

bool trajectories_build(struct trajectory_file *files, size_t n, struct arena names,
                        struct trajectories *old, const struct split *how,
                        const atomic_bool *cancelled, struct trajectories **out, struct err *err)
{
    struct trajectories *t = store_new();
    bool conflict = false;

    t->arena = names;
    t->files = files;
    t->files_n = n;
    struct carried *carried = old ? carry_plan(old, files, n) : NULL;
    if (carried) {
        carry_names(t, old);
    } else {
        trajectories_unref(old); /* not both in memory, unless a call uses the old one */
        old = NULL;
    }
    struct build *b = build_new(t, how);
    bool ok = fill(b, old, carried, cancelled, &conflict, err);
    build_free(b);
    if (conflict) {
        carry_forget(t);
        b = build_new(t, how);
        ok = fill(b, NULL, NULL, cancelled, &conflict, err);
        build_free(b);
    }
    trajectories_unref(old);
    free(carried);
    add_up(t);
    trim(t);
    if (!ok)
        trajectories_unref(t);
    *out = ok ? t : NULL;
    return ok;
}

int trajectory_file_open(const struct trajectory_file *file, struct err *err)
{
    const char *why;
    int fd = open_same(file, &why);

    if (fd < 0)
        err_set(err, ERR_CONFLICT, "%s: %s", file->shown, why);
    return fd;
}
