/*
 * The transaction log of a W&B run (run-ID.wandb): records in LevelDB's framing
 * (wandblog.h), each a Record of wandb_internal.proto. History rows are the
 * log; samples of the machine, which have no step, go into the next of them.
 * `_step` counts calls of log() and need not be the training step.
 */
#include "analysis/readers/reader.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "analysis/base/limits.h"
#include "analysis/base/number.h"
#include "analysis/base/scan.h"
#include "analysis/readers/sniff.h"
#include "analysis/readers/wandblog.h"
#include "analysis/readers/wandbrun.h"
#include "analysis/readers/wire.h"

enum record_field {
    RECORD_HISTORY = 2,
    RECORD_SUMMARY = 3,
    RECORD_CONFIG = 5,
    RECORD_STATS = 7,
    RECORD_RUN = 17,
    RECORD_EXIT = 18,
};

/* Of the machine: what came since the last row, of each key the latest. */
struct sample {
    int key;
    double value;
};

struct reading {
    struct feed *feed;
    struct arena arena;   /* of one record */
    struct arena lasting; /* of the run */
    struct wandblog log;
    bool begun;
    struct wandb_run run;
    VEC(struct sample) samples;
    int64_t record, rows;
    int64_t globals; /* rows that have a global_step */
    double first_global, last_global;
    const char *global; /* its name */
};

static struct bid bid(const struct probe *probe, struct arena *arena)
{
    bool named = str_ends(str_of(probe->name), STR(".wandb"));

    (void)arena;
    if (wandblog_starts(probe->head))
        return (struct bid){100, "it begins with :W&B and its magic number"};
    if (named && probe->size == 0)
        return (struct bid){0, "it is empty"};
    if (named && sniff_pointer(probe->head))
        return (struct bid){0, POINTER_WHY};
    return (struct bid){0, named ? "it does not begin with :W&B" : NULL};
}

/* ---- values ---- */

static void take_value(struct reading *r, struct str name, struct str json, size_t depth);

/* A nested value: media have a `_type`, other objects are keys joined by ".". */
static void take_nested(struct reading *r, struct str name, struct str json, size_t depth)
{
    struct scan scan = scan_object(json), look = scan;
    struct scan_member member;
    bool media = *json.p == '[' || depth == DATA_DEPTH_MAX;

    while (!media && scan_next(&look, &member))
        media = str_is(member.key, "_type");
    if (media || look.fault) {
        feed_other(r->feed, feed_key(r->feed, name));
        return;
    }
    while (scan_next(&scan, &member)) {
        const char *inner =
            arena_printf(&r->arena, "%.*s.%.*s", STR_FMT(name), STR_FMT(member.key));
        take_value(r, str_of(inner), member.value, depth + 1);
    }
}

static void take_value(struct reading *r, struct str name, struct str json, size_t depth)
{
    double value;
    struct str inside =
        json.n > 2 && *json.p == '"' ? str_cut(str_from(json, 1), json.n - 2) : json;

    if (json.n == 0)
        return;
    if (*json.p == '{' || *json.p == '[') {
        take_nested(r, name, json, depth);
        return;
    }
    int key = feed_key(r->feed, str_is(name, "_timestamp") ? STR("timestamp") : name);
    if (number_is(json, &value) || scan_non_finite(inside, &value) == inside.n)
        feed_value(r->feed, key, value);
    else if (str_is(json, "null"))
        feed_missing(r->feed, key);
    else
        feed_other(r->feed, key);
}

/* ---- records ---- */

static bool step_of_history(struct reading *r, struct str record, int64_t *step)
{
    struct wire wire = wire_of(record);
    struct wire_field field;
    double value;
    bool has = false;

    while (wire_next(&wire, &field)) {
        if (wire_is(&field, 2, WIRE_BYTES) && !has) {
            struct wire_field num;
            has = true;
            *step = 0; /* absent: 0 */
            if (wire_find(field.bytes, 1, WIRE_VARINT, &num))
                has = feed_step((double)num.value, step);
        } else if (wire_is(&field, 1, WIRE_BYTES)) {
            struct wandb_item item = wandb_item_read(field.bytes, &r->arena);
            if (str_is(item.name, "_step") && number_is(item.json, &value))
                has = feed_step(value, step);
        }
    }
    return has;
}

static void note_global(struct reading *r, const struct wandb_item *item)
{
    static const char *const names[] = {"global_step", "trainer/global_step", "train/global_step"};
    double value;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (!str_is(item->name, names[i]) || !number_is(item->json, &value))
            continue;
        if (r->globals++ == 0)
            r->first_global = value;
        r->last_global = value;
        r->global = names[i];
    }
}

/* "cpu.17.cpu_percent": a machine has hundreds of these. */
static bool is_one_core(struct str name)
{
    return str_starts(name, STR("cpu.")) && name.n > 4 && (unsigned char)(name.p[4] - '0') <= 9;
}

static void hold_sample(struct reading *r, int key, double value)
{
    struct sample sample = {key, value};

    for (size_t i = 0; i < r->samples.n; i++) {
        if (r->samples.v[i].key == key) {
            r->samples.v[i].value = value;
            return;
        }
    }
    VEC_PUSH(r->run.arena, &r->samples, sample);
}

static void take_history(struct reading *r, struct str record)
{
    struct wire wire = wire_of(record);
    struct wire_field field;
    int64_t step = 0;

    r->rows++;
    if (step_of_history(r, record, &step))
        feed_row(r->feed, step);
    else
        feed_row_stepless(r->feed);
    while (wire_next(&wire, &field)) {
        if (!wire_is(&field, 1, WIRE_BYTES))
            continue;
        struct wandb_item item = wandb_item_read(field.bytes, &r->arena);
        if (item.name.n == 0 || str_is(item.name, "_step"))
            continue;
        note_global(r, &item);
        take_value(r, item.name, item.json, 0);
    }
    for (size_t i = 0; i < r->samples.n; i++)
        feed_value(r->feed, r->samples.v[i].key, r->samples.v[i].value);
    r->samples.n = 0;
    if (wire.fault)
        feed_malformed(r->feed, r->record, "a history record does not end");
}

/* Samples of the machine wait for the next history row: they have no step of their own. */
static void take_stats(struct reading *r, struct str record)
{
    struct wire wire = wire_of(record);
    struct wire_field field;
    double value;

    while (wire_next(&wire, &field)) {
        if (!wire_is(&field, 3, WIRE_BYTES))
            continue;
        struct wandb_item item = wandb_item_read(field.bytes, &r->arena);
        if (is_one_core(item.name) || !number_is(item.json, &value))
            continue;
        const char *name = arena_printf(&r->arena, "system/%.*s", STR_FMT(item.name));
        hold_sample(r, feed_key(r->feed, str_of(name)), value);
    }
}

static void take_record(struct reading *r, struct str record)
{
    struct wire wire = wire_of(record);
    struct wire_field field;

    r->record++;
    while (wire_next(&wire, &field)) {
        if (!wire_has_bytes(&field))
            continue;
        switch (wire_number(&field)) {
        case RECORD_HISTORY:
            take_history(r, field.bytes);
            break;
        case RECORD_SUMMARY:
            wandb_take_summary(&r->run, field.bytes);
            break;
        case RECORD_CONFIG:
            wandb_take_config(&r->run, field.bytes);
            break;
        case RECORD_STATS:
            take_stats(r, field.bytes);
            break;
        case RECORD_RUN:
            wandb_take_run(&r->run, field.bytes);
            break;
        case RECORD_EXIT:
            wandb_take_exit(&r->run, field.bytes);
            break;
        default: /* output, files, artifacts, requests to the server */
            break;
        }
    }
    if (wire.fault)
        feed_malformed(r->feed, r->record, "a record is not one");
}

/* ---- the file ---- */

static void tell_state(const struct reading *r)
{
    const struct wandblog *log = &r->log;
    int64_t size = log->now.offset + (int64_t)log->n;

    if (log->now.damaged > 0)
        feed_damage(r->feed,
                    "%" PRId64 " blocks have a wrong checksum: the rest of each is left out",
                    log->now.damaged);
    if (log->now.endless > 0)
        feed_damage(r->feed, "%" PRId64 " records have no end: they are left out",
                    log->now.endless);
    if (log->now.large > 0)
        feed_note(r->feed, "%" PRId64 " records of more than 64 MiB are not read", log->now.large);
    if (r->run.has_exit)
        return;
    if (size % WANDB_BLOCK == 0)
        feed_note(r->feed,
                  "there is no exit record, and the size is a multiple of %d bytes: the run was "
                  "killed or is still running",
                  WANDB_BLOCK);
    else if (log->cut)
        feed_damage(r->feed, "the last record is cut off, and there is no exit record");
    else
        feed_note(r->feed, "there is no exit record: the run is still running, or was killed");
}

static void tell_axis(const struct reading *r)
{
    feed_axis(r->feed, "_step", "_step: W&B numbers each call of log() with it");
    if (r->globals > 0)
        feed_note(r->feed,
                  "_step counts log calls; %" PRId64 " of %" PRId64
                  " rows also have %s, from %.15g to %.15g",
                  r->globals, r->rows, r->global, r->first_global, r->last_global);
}

/* A run without history still has its last values. */
static void tell_summary(const struct reading *r)
{
    struct buf json = {0};

    if (r->rows > 0 || r->run.summary.list.n == 0)
        return;
    buf_byte(&json, '{');
    for (size_t i = 0; i < r->run.summary.list.n; i++) {
        json_put_comma(&json);
        json_put_string(&json, r->run.summary.list.v[i].item.name);
        buf_byte(&json, ':');
        json_put_compact(&json, r->run.summary.list.v[i].item.json);
    }
    buf_byte(&json, '}');
    feed_evaluation(r->feed, "summary", NOT_GIVEN, buf_str(&json));
    feed_note(r->feed, "the log holds no history, only the summary");
    buf_fini(&json);
}

static void *open_reading(struct feed *feed)
{
    struct reading *r = heap_alloc(sizeof(*r));

    r->feed = feed;
    arena_init(&r->arena);
    arena_init(&r->lasting);
    r->run = (struct wandb_run){.feed = feed, .arena = &r->lasting, .scratch = &r->arena};
    return r;
}

static void close_reading(void *thing)
{
    struct reading *r = thing;

    wandblog_close(&r->log);
    arena_fini(&r->arena);
    arena_fini(&r->lasting);
    free(r);
}

static bool more(void *thing, const struct source *source, struct err *err)
{
    struct reading *r = thing;
    struct str record;
    enum wandb_record got;

    if (!(r->begun ? wandblog_go_on(&r->log, source, err) : wandblog_open(&r->log, source, err)))
        return false;
    r->begun = true;
    while ((got = wandblog_next(&r->log, &record, err)) == WANDB_GOOD) {
        take_record(r, record);
        arena_reset(&r->arena);
    }
    return got == WANDB_END;
}

static bool rest(void *thing, const struct source *source, struct err *err)
{
    struct reading *r = thing;

    (void)err;
    tell_axis(r);
    tell_state(r);
    tell_summary(r);
    wandb_tell(&r->run, source);
    arena_reset(&r->arena);
    wandblog_pause(&r->log);
    return true;
}

static int64_t taken(const void *thing)
{
    const struct reading *r = thing;

    return r->log.whole.offset + (int64_t)r->log.whole.at;
}

static const struct live_reading live = {open_reading, more, rest, taken, close_reading};

/* Of the run's folder, or beside a log that was copied with them. */
static const char *const beside[] = {"files/config.yaml",
                                     "files/wandb-metadata.json",
                                     "files/diff.patch",
                                     "config.yaml",
                                     "wandb-metadata.json",
                                     "diff.patch",
                                     NULL};

const struct reader reader_wandb = {
    .name = "wandb",
    .what = "The log of a W&B run (.wandb): history, machine, configuration, exit; runs that were "
            "killed, too.",
    .unit = UNIT_FILE,
    .streams = true,
    .tells_end = true,
    .beside = beside,
    .bid = bid,
    .live = &live,
};
