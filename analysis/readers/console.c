/*
 * What training programs print: nanoGPT, nanochat, llm.c, modded-nanogpt,
 * Megatron, torchtune, torchtitan, verl, the dictionaries of the Hugging Face
 * Trainer, and scripts that print in the same manner, with whatever else stands
 * in a log around such lines (logline.h). Some begin with the whole program; a
 * rule of '=' ends that.
 */
#include "analysis/readers/reader.h"

#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "analysis/base/limits.h"
#include "analysis/files.h"
#include "analysis/readers/lines.h"
#include "analysis/readers/logepoch.h"
#include "analysis/readers/logkind.h"
#include "analysis/readers/logline.h"
#include "analysis/readers/logruns.h"
#include "analysis/readers/logsaid.h"
#include "analysis/readers/sniff.h"

enum { RULE_MIN = 20, SAMPLE_BYTES = 32768, UNITS_SHOWN = 8 };

/* ---- what a log shows ---- */

static bool is_rule(struct str line)
{
    size_t n = 0;

    while (n < line.n && line.p[n] == '=')
        n++;
    return n >= RULE_MIN && n == str_trim(line).n;
}

/* The first line of a Python program. */
static bool is_program(struct str head)
{
    head = sniff_text(head);
    return str_starts(head, STR("import ")) || str_starts(head, STR("from ")) ||
           str_starts(head, STR("\"\"\"")) || str_starts(head, STR("#!")) ||
           str_starts(head, STR("# "));
}

struct sample {
    int64_t lines, metrics; /* that hold values; those with the name of a metric */
};

static void sample_piece(struct sample *sample, struct str piece)
{
    struct logline line;
    struct logfield field;
    bool metric = false, has_step, any = false;

    if (!logline_read(piece, &line))
        return;
    has_step = line.has_step || line.odd || line.head == LOGHEAD_BAR;
    while (logline_field(&line, (struct str){0}, &field)) {
        any = true;
        metric |= sniff_metric(field.key);
        has_step |= str_is(field.key, "epoch") || str_is(field.key, "step");
    }
    sample->lines += any && has_step && !line.fault;
    sample->metrics += any && has_step && metric && !line.fault;
}

static void sample_text(struct sample *sample, struct str text, struct arena *arena)
{
    char *plain = arena_alloc(arena, text.n + 1);
    struct str line, piece;

    text = (struct str){plain, logline_plain(text, plain)};
    while (str_next(&text, '\n', &line)) {
        while (str_next(&line, '\r', &piece))
            sample_piece(sample, piece);
    }
}

/* Logs begin with programs, settings and noise: the middle and the end tell more. */
static void sample_file(struct sample *sample, const struct probe *probe, struct arena *arena)
{
    const int64_t places[] = {probe->size / 2, probe->size - SAMPLE_BYTES};
    char *text = arena_alloc(arena, SAMPLE_BYTES);
    int fd = file_open(probe->dir, probe->name, O_RDONLY);

    for (size_t i = 0; fd >= 0 && i < 2; i++) {
        int64_t n = file_fill(fd, text, SAMPLE_BYTES, places[i] > 0 ? places[i] : 0);
        if (n > 0 && !memchr(text, '\0', (size_t)n))
            sample_text(sample, (struct str){text, (size_t)n}, arena);
    }
    if (fd >= 0)
        close(fd);
}

static struct bid bid(const struct probe *probe, struct arena *arena)
{
    static const char *const logs[] = {"*.log", "*.txt", "*.out", NULL};
    static const char *const known[] = {"*.log", "*.out", "log.txt", "*_log.txt", NULL};
    bool says_so = sniff_named(probe->name, known);
    struct sample sample = {0};

    if (!sniff_named(probe->name, logs) || memchr(probe->head.p, '\0', probe->head.n))
        return (struct bid){0, NULL};
    if (sniff_pointer(probe->head))
        return (struct bid){0, POINTER_WHY};
    sample_text(&sample, probe->head, arena);
    if (sample.metrics < 2 && probe->size > (int64_t)probe->head.n)
        sample_file(&sample, probe, arena);
    if (sample.metrics == 0)
        return (struct bid){0, says_so ? "no line has a step and values in a form that is "
                                         "known"
                                       : NULL};
    if (sample.metrics == 1)
        return (struct bid){30, "one line of it has a step and the value of a metric"};
    return (struct bid){60, "its lines have a step and values, as training programs print them"};
}

/* ---- reading ---- */

/* What stood at a place in the last line of that head. */
struct slot {
    struct str name; /* as the line writes it */
    int key;
};

struct reading {
    struct feed *feed;
    struct arena arena;
    struct lines lines;
    struct slot *slots[LOGHEADS_MAX];    /* of LOGFIELDS_MAX, made when needed */
    struct log_span span[LOGFIELDS_MAX]; /* the line's fields: values, and steps of a dictionary */
    size_t n, values_n;
    bool odd; /* a step of it is none: other lines like it may have one */
    struct log_kinds kinds;
    bool plain;             /* no kinds are kept: what they are tested against */
    uint8_t unit[KEYS_MAX]; /* by key: that of its first value */
    struct buf plain_text;
    struct buf units; /* "train_time in ms, …" */
    size_t units_n;
    size_t units_known; /* keys that have a unit */
    bool in_program;    /* before the rule that ends it */
    bool no_program;    /* no such rule came: it begins like a program and is none */
    bool begun, settled;
    struct so_far {
        struct log_runs runs;
        int metric, epoch;          /* the keys that tell runs apart; FEED_NO_KEY: not seen */
        int64_t left_out, run_line; /* rows of earlier runs; where the last one begins */
        int64_t rows, odds, dicts, last_step, total; /* odds: rows whose step is no whole number */
        bool any_step, by_epoch;                     /* the steps are epochs */
        struct log_epochs epochs;
        struct log_said said;
    } now;
};

static int name_key(struct reading *r, const struct logline *line, struct str name,
                    struct slot *slot)
{
    char *text = arena_printf(&r->arena, "%s%.*s", line->prefix, STR_FMT(name));

    for (char *p = text; line->bare && *p; p++)
        *p = *p == ' ' || *p == '\t' ? '_' : *p; /* "train loss 4.1" is train_loss */
    slot->name = arena_str(&r->arena, name);
    slot->key = feed_key(r->feed, str_of(text));
    if (r->now.metric < 0 && sniff_metric(str_of(text)))
        r->now.metric = slot->key;
    if (r->now.epoch < 0 && str_is(name, "epoch"))
        r->now.epoch = slot->key;
    return slot->key;
}

static void note_unit(struct reading *r, const struct log_span *span, struct str name)
{
    r->unit[span->key] = span->quantity.unit;
    r->units_known++;
    if (span->quantity.unit == 0 || r->units_n++ >= UNITS_SHOWN)
        return;
    buf_printf(&r->units, "%s%.*s in %s", r->units.n ? ", " : "", STR_FMT(str_cut(name, 60)),
               quantity_unit(span->quantity.unit));
}

enum { UNIT_UNKNOWN = 255 };

static struct log_span span_of(struct reading *r, int key, const struct logfield *field)
{
    struct log_span span = {field->at, key, field->quantity, 1};

    if (key < 0 || span.quantity.kind != QUANTITY_NUMBER)
        return span;
    if (r->unit[key] == UNIT_UNKNOWN)
        note_unit(r, &span, field->key);
    if (span.quantity.unit != r->unit[key])
        span.ratio = quantity_ratio(span.quantity.unit, r->unit[key]);
    return span;
}

/* fairseq counts updates, and what its lines name "update" is a share of the epochs. */
static bool is_dict_step(const struct logline *line, struct str key)
{
    if (str_is(key, "step") || str_is(key, "global_step"))
        return true;
    bool updates = str_is(key, "num_updates") || str_is(key, "train_num_updates") ||
                   str_is(key, "valid_num_updates");
    return updates && !line->has_step && !memmem(line->p, (size_t)(line->end - line->p), "step", 4);
}

/* The fields into spans; false if the line is no row. */
static bool take_fields(struct reading *r, struct logline *line)
{
    struct slot *slots = r->slots[line->head];
    struct logfield field;

    r->n = r->values_n = 0;
    r->odd = line->odd;
    while (r->n < LOGFIELDS_MAX && logline_field(line, slots[r->values_n].name, &field)) {
        struct slot *slot = &slots[r->values_n];
        bool is_step = line->head == LOGHEAD_DICT && is_dict_step(line, field.key);
        if (is_step && feed_step(field.quantity.value, &line->step)) {
            line->has_step = true;
            r->span[r->n++] = (struct log_span){field.at, LOG_STEP, field.quantity, 1};
            continue;
        }
        r->odd |= is_step;
        bool known = slot->name.p && str_eq(slot->name, field.key);
        int key = known ? slot->key : name_key(r, line, field.key, slot);
        r->span[r->n++] = span_of(r, key, &field);
        r->values_n++;
    }
    return r->values_n > 0 && !line->fault;
}

static bool has_epoch(const struct reading *r, const struct slot *slots)
{
    for (size_t i = 0; i < r->values_n; i++) {
        if (str_is(slots[i].name, "epoch"))
            return true;
    }
    return false;
}

/* The last dictionary of the Trainer, or the summary of a run that came to its end. */
static void tell_end(struct reading *r, const struct slot *slots)
{
    for (size_t i = 0; i < r->values_n; i++) {
        if (!str_is(slots[i].name, "train_runtime") && !str_is(slots[i].name, "val_bpb"))
            continue;
        feed_fact(r->feed, FACT_FINAL_ROW,
                  str_of(arena_printf(&r->arena, "%.*s in line %" PRId64, STR_FMT(slots[i].name),
                                      r->lines.number)));
        r->now.runs.told_end = true;
    }
}

static void mark_value(const struct reading *r, struct log_mark *mark, int key, double value)
{
    if (key >= 0 && key == r->now.metric)
        mark->metric = value;
    if (key >= 0 && key == r->now.epoch)
        mark->epoch = value;
}

static void forget_run(struct reading *r)
{
    r->now.left_out += (int64_t)feed_forget(r->feed);
    r->now.run_line = r->lines.number;
    r->now.total = r->now.rows = r->now.odds = r->now.dicts = 0;
    r->now.epochs = (struct log_epochs){0};
    r->now.said.end = LOG_GOES_ON;
}

/* The rows of a run that ended before this row are no part of the one that it begins. */
static void see_run(struct reading *r, const struct log_mark *mark)
{
    if (r->now.any_step && mark->line->has_step && mark->line->epoch != r->now.by_epoch)
        r->now.runs.epochs = true; /* steps and epochs are both counted */
    else if (logruns_row(&r->now.runs, mark))
        forget_run(r);
}

static void begin_row(struct reading *r, const struct logline *line, int64_t step)
{
    if (line->has_step && !r->now.any_step) {
        r->now.any_step = true;
        r->now.by_epoch = line->epoch;
    }
    if (line->has_step && line->epoch == r->now.by_epoch) {
        feed_row(r->feed, step);
        r->now.last_step = step;
    } else if (line->head == LOGHEAD_SUMMARY && r->now.any_step) {
        feed_row(r->feed, r->now.last_step);
    } else {
        feed_row_stepless(r->feed);
        if (r->odd && !line->has_step) {
            feed_step_odd(r->feed);
            r->now.odds++;
        }
    }
    if (line->total > 0 && line->total != r->now.total && line->epoch == r->now.by_epoch) {
        r->now.total = line->total;
        feed_fact_number(r->feed, FACT_TOTAL_STEPS, line->total);
    }
    r->now.rows++;
    r->now.dicts += line->head == LOGHEAD_DICT && !line->has_step;
}

/* The file ends in the middle of a line: what its last number would have become is not known. */
static bool leave_out_last(struct reading *r, const struct logline *line, struct str piece)
{
    if (line->head == LOGHEAD_DICT ? !str_ends(str_trim(piece), STR("}")) : r->n < 2)
        r->n = 0;
    else if (line->head != LOGHEAD_DICT)
        r->n--;
    if (line->head != LOGHEAD_DICT || r->n == 0)
        feed_note(r->feed, "line %" PRId64 ", the last one, has no end: %s left out",
                  r->lines.number, r->n ? "its last value is" : "it is");
    return r->n > 0;
}

static void put_span(struct reading *r, const struct log_span *span)
{
    if (span->key == LOG_STEP)
        return;
    if (span->quantity.kind == QUANTITY_MISSING)
        feed_missing(r->feed, span->key);
    else
        feed_value(r->feed, span->key, span->quantity.value * span->ratio);
}

/* Where epochs and the steps within them are counted, both make the step. */
static void place(struct reading *r, struct logline *line)
{
    if (!logepoch_place(&r->now.epochs, line, r->now.last_step))
        return;
    r->now.by_epoch = false;
    logkinds_fini(&r->kinds); /* those that have epochs for steps */
    logkinds_init(&r->kinds);
}

/* A line that is no row. */
static void take_other(struct reading *r, struct str piece, bool cut)
{
    logruns_other(&r->now.runs, piece);
    logepoch_see(&r->now.epochs, piece);
    logsaid_see(&r->now.said, piece, r->lines.number, r->now.rows, cut, r->feed);
}

/* cut: the file ends behind it, without a newline. whole: it is the line as the file has it. */
static void take_piece(struct reading *r, struct str piece, bool cut, bool whole)
{
    struct logline line;

    if (!logline_read(piece, &line)) {
        take_other(r, piece, cut);
        return;
    }
    if (!r->slots[line.head])
        r->slots[line.head] = ARENA_ARRAY(&r->arena, LOGFIELDS_MAX, struct slot);
    struct slot *slots = r->slots[line.head];
    if (!take_fields(r, &line)) {
        take_other(r, piece, cut);
        return;
    }
    bool dict = line.head == LOGHEAD_DICT;
    if (dict && !line.has_step && !has_epoch(r, slots))
        return; /* somebody's settings */
    if (cut && !leave_out_last(r, &line, piece))
        return;
    if (line.head == LOGHEAD_BAR && r->now.epochs.above_of == 0)
        return; /* of no epoch */
    bool simple =
        line.head != LOGHEAD_BAR && !line.has_inner && !(line.epoch && r->now.epochs.total > 0);
    place(r, &line);
    struct log_mark mark = {&line, line.step, (double)NAN, (double)NAN};
    for (size_t i = 0; i < r->n; i++)
        mark_value(r, &mark, r->span[i].key, r->span[i].quantity.value * r->span[i].ratio);
    see_run(r, &mark);
    begin_row(r, &line, line.step);
    for (size_t i = 0; i < r->n; i++)
        put_span(r, &r->span[i]);
    if (dict || line.head == LOGHEAD_SUMMARY)
        tell_end(r, slots);
    if (whole && !r->odd && simple)
        logkinds_learn(&r->kinds, piece, &line, r->span, r->n);
}

/* A line of a kind that was there before. */
static bool take_known(struct reading *r, struct str text)
{
    const struct log_kind *kind = logkinds_match(&r->kinds, text);

    if (!kind)
        return false;
    struct log_mark mark = {&kind->line, r->kinds.step, (double)NAN, (double)NAN};
    for (size_t i = 0; i < kind->values_n; i++)
        mark_value(r, &mark, kind->key[i], r->kinds.value[i]);
    see_run(r, &mark);
    r->odd = false;
    begin_row(r, &kind->line, r->kinds.step);
    feed_values(r->feed, kind->key, r->kinds.value, kind->values_n);
    return true;
}

static void take_line(struct reading *r, struct str line)
{
    struct str piece;
    bool whole = r->lines.ended;

    if (whole && !r->in_program && take_known(r, line))
        return;
    if (line.n > 0 && memchr(line.p, '\033', line.n)) {
        r->plain_text.n = 0;
        buf_reserve(&r->plain_text, line.n);
        line = (struct str){r->plain_text.p, logline_plain(line, r->plain_text.p)};
        whole = false;
    }
    if (r->in_program) {
        r->in_program = !is_rule(line);
        return;
    }
    if (!(line.n > 0 && memchr(line.p, '\r', line.n))) {
        take_piece(r, line, !r->lines.ended, whole);
        return;
    }
    while (str_next(&line, '\r', &piece)) /* a line that was written over */
        take_piece(r, piece, !r->lines.ended && line.n == 0, false);
}

static bool take_lines(struct reading *r, struct err *err)
{
    struct str line;

    while (lines_next(&r->lines, &line, err)) {
        if (r->lines.number == 1 && !r->no_program && is_program(line))
            r->in_program = true;
        take_line(r, line);
    }
    return !r->lines.failed;
}

static void tell(struct reading *r)
{
    if (r->now.odds > 0 && 2 * r->now.odds >= r->now.rows)
        feed_axis(r->feed, "row",
                  arena_printf(&r->arena,
                               "step: %" PRId64 " of %" PRId64
                               " rows have one that is no whole number",
                               r->now.odds, r->now.rows));
    else if (r->now.by_epoch)
        feed_axis(r->feed, "epoch", "the lines name it");
    else if (r->now.any_step)
        feed_axis(r->feed, "step", "the lines begin with it");
    else
        feed_axis(r->feed, "row",
                  r->now.epochs.untold > 0
                      ? "the lines count steps within an epoch alone: those with values are "
                        "numbered"
                      : "the lines name no step: those with values are numbered");
    logepoch_tell(&r->now.epochs, r->feed);
    logsaid_tell(&r->now.said, r->now.rows, r->now.any_step && !r->now.by_epoch, r->feed);
    if (r->units.n > 0)
        feed_note(r->feed, "units as printed: %.*s%s", STR_FMT(buf_str(&r->units)),
                  r->units_n > UNITS_SHOWN ? " …" : "");
    if (r->now.runs.before > 0)
        feed_note(r->feed,
                  "the log holds %" PRId64 " runs one after another: the last one, from line "
                  "%" PRId64 " on, is read; %" PRId64 " rows of the others are left out",
                  r->now.runs.before + 1, r->now.run_line, r->now.left_out);
    if (r->now.dicts > 0 && r->now.any_step)
        feed_note(r->feed, "%" PRId64 " lines are dictionaries without a step", r->now.dicts);
}

static void *open_reading(struct feed *feed)
{
    struct reading *r = heap_alloc(sizeof(*r));

    r->feed = feed;
    r->now.metric = r->now.epoch = FEED_NO_KEY;
    arena_init(&r->arena);
    memset(r->unit, UNIT_UNKNOWN, sizeof(r->unit));
    logkinds_init(&r->kinds);
    return r;
}

static void close_reading(void *thing)
{
    struct reading *r = thing;

    lines_close(&r->lines);
    buf_fini(&r->plain_text);
    logkinds_fini(&r->kinds);
    buf_fini(&r->units);
    arena_fini(&r->arena);
    free(r);
}

static bool more(void *thing, const struct source *source, struct err *err)
{
    struct reading *r = thing;

    if (!(r->begun ? lines_go_on(&r->lines, source, err)
                   : lines_open(&r->lines, source, r->feed, err)))
        return false;
    r->begun = r->lines.whole = true;
    return take_lines(r, err);
}

/* From the beginning, once it is known that what looked like a program is none. */
static bool take_all(struct reading *r, const struct source *source, struct err *err)
{
    r->in_program = false;
    r->no_program = true;
    lines_close(&r->lines);
    return lines_open(&r->lines, source, NULL, err) && take_lines(r, err);
}

static bool rest(void *thing, const struct source *source, struct err *err)
{
    struct reading *r = thing;
    struct so_far before = r->now;
    size_t units_known = r->units_known;
    bool in_program = r->in_program;

    r->lines.whole = false;
    bool ok = take_lines(r, err) && (!r->in_program || take_all(r, source, err));
    if (ok)
        tell(r);
    if (ok && r->now.rows == 0)
        ok = err_set(err, ERR_FORMAT, "no line of %s has a step and values", source->path);
    lines_pause(&r->lines);
    /* A unit that half a line told would be that of its column for good. */
    r->settled = r->units_known == units_known && !in_program;
    r->now = before;
    return ok;
}

static int64_t taken(const void *thing)
{
    const struct reading *r = thing;

    return r->settled && !r->lines.lost ? r->lines.place.offset : 0;
}

static const struct live_reading live = {open_reading, more, rest, taken, close_reading};

const struct reader reader_console = {
    .name = "console",
    .what = "What training programs print: nanoGPT, llm.c, Megatron, torchtitan, verl, HF "
            "dictionaries …",
    .unit = UNIT_FILE,
    .streams = true,
    .printed = true,
    .bid = bid,
    .live = &live,
};
