/*
 * TensorBoard event files: TFRecord records (tfrecord.h) that each hold an
 * Event of tensorflow/core/util/event.proto. A tag's points are in the order of
 * the file; tags are written each at its own pace (training by batch,
 * validation by epoch, or one tag after the other), so their order among each
 * other says nothing: between two places where a tag itself goes back, points
 * are put in the order of their steps.
 */
#include "analysis/readers/reader.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "analysis/base/limits.h"
#include "analysis/base/vec.h"
#include "analysis/readers/sniff.h"
#include "analysis/readers/tbsummary.h"
#include "analysis/readers/tfrecord.h"
#include "analysis/readers/wire.h"

#define STEP_MAX ((INT64_C(1) << 53) - 1)
enum { TEXTS_MAX = 64, SHOWN_BY_TENSORBOARD = 1000 };
enum { POINTS_HELD = 1 << 20 }; /* 32 MB: beyond it points leave in the file's order */

struct point {
    int64_t step;
    double time, value;
    uint32_t tag, order;
};

struct tag {
    struct str name;
    int key;
    uint32_t next; /* the tag that came behind it the last time */
    int64_t last;  /* step */
    int64_t points;
};

struct reading {
    struct feed *feed;
    struct arena *arena;
    VEC(struct tag) tags;
    uint16_t tag_of_key[KEYS_MAX + 1]; /* + 1; 0: none yet; the last is of all keys beyond */
    uint32_t tag;                      /* of the last point */
    struct point *points;
    size_t points_n, room;
    bool in_order;
    bool started, has_version;
    int64_t scalars, looked_at, texts, others, faults, bad, large;
};

/* ---- the bid ---- */

static struct bid bid(const struct probe *probe, struct arena *arena)
{
    bool named = strstr(probe->name, "tfevents") != NULL;
    struct str data;
    uint64_t length;

    (void)arena;
    if (sniff_pointer(probe->head))
        return (struct bid){0, named ? POINTER_WHY : NULL};
    if (probe->size < RECORD_HEAD)
        return (struct bid){0, named ? "it ends before its first record" : NULL};
    if (!tfrecord_starts(probe->head, &length, &data))
        return (struct bid){0, named ? "the CRC of the first record does not fit" : NULL};
    if (str_starts(wire_bytes(data, 3), STR("brain.Event")))
        return (struct bid){100, "the CRC of the first record fits, and it is an event"};
    if (named)
        return (struct bid){80, "its name and the CRC of the first record fit"};
    return (struct bid){0, "it holds records, but they are no events"};
}

/* ---- points ---- */

static int by_step(const void *a, const void *b)
{
    const struct point *x = a, *y = b;

    if (x->step != y->step)
        return x->step < y->step ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

/* Gives the held points to the feed. */
static void flush(struct reading *r)
{
    if (!r->in_order)
        qsort(r->points, r->points_n, sizeof(*r->points), by_step);
    for (size_t i = 0; i < r->points_n; i++) {
        const struct point *p = &r->points[i];
        feed_point(r->feed, p->step, r->tags.v[p->tag].key, p->value, p->time);
    }
    r->points_n = 0;
    r->in_order = true;
}

/* The tag's index; tags mostly come in the same turn, so the one behind the last is tried first. */
static uint32_t tag_of(struct reading *r, struct str name)
{
    uint32_t guess = r->tags.n ? r->tags.v[r->tag].next : 0, found = 0;

    if (r->tags.n && str_eq(r->tags.v[guess].name, name))
        return guess;
    int key = feed_key(r->feed, name);
    uint16_t *known = &r->tag_of_key[key == FEED_NO_KEY ? KEYS_MAX : key];
    if (*known == 0) {
        struct tag tag = {.name = arena_str(r->arena, name), .key = key};
        VEC_PUSH(r->arena, &r->tags, tag);
        *known = (uint16_t)r->tags.n;
    }
    found = *known - 1u;
    r->tags.v[r->tag].next = found;
    return found;
}

static void take_point(struct reading *r, struct str name, int64_t step, double value, double time)
{
    uint32_t tag = tag_of(r, name);

    r->tag = tag;
    r->scalars++;
    if ((r->tags.v[tag].points > 0 && step < r->tags.v[tag].last) || r->points_n == POINTS_HELD)
        flush(r);
    if (r->points_n == r->room) {
        r->room = r->room ? r->room * 2 : 1024;
        r->points = heap_grow(r->points, r->room * sizeof(*r->points));
    }
    r->in_order &= r->points_n == 0 || step >= r->points[r->points_n - 1].step;
    r->points[r->points_n] = (struct point){step, time, value, tag, (uint32_t)r->points_n};
    r->points_n++;
    r->tags.v[tag].last = step;
    r->tags.v[tag].points++;
}

/* ---- events ---- */

static void take_summary(struct reading *r, struct str message, int64_t step, double time)
{
    struct wire wire = wire_of(message);
    struct wire_field field;
    struct summary_value value;

    while (wire_next(&wire, &field)) {
        if (!wire_is(&field, 1, WIRE_BYTES))
            continue;
        summary_value_read(field.bytes, &value);
        if (value.kind == SUMMARY_SCALAR)
            take_point(r, value.tag, step, value.value, time);
        else if (value.kind == SUMMARY_HPARAMS)
            summary_hparams(value.text, r->feed);
        else if (value.kind == SUMMARY_TEXT) /* configuration is among the first */
            r->texts += ++r->looked_at > TEXTS_MAX ||
                        !summary_text(value.tag, value.text, r->feed, r->arena);
        else if (value.kind == SUMMARY_OTHER)
            r->others++;
        r->faults += value.kind == SUMMARY_FAULT;
    }
    r->faults += wire.fault;
}

static void take_session(struct reading *r, struct str message, int64_t step)
{
    struct wire_field status;

    if (!wire_find(message, 1, WIRE_VARINT, &status) || status.value != 1)
        return;
    flush(r);
    if (r->scalars > 0)
        feed_note(r->feed,
                  "a session started again at step %" PRId64
                  ": what was logged at or behind this step before it is superseded",
                  step);
}

static void take_event(struct reading *r, struct str message)
{
    struct wire wire = wire_of(message);
    struct wire_field field;
    struct str summary = {0}, session = {0};
    double time = (double)NAN;
    int64_t step = 0; /* absent: 0 */

    while (wire_next(&wire, &field)) {
        if (wire_is(&field, 1, WIRE_FIXED64))
            time = wire_double(field.value);
        else if (wire_is(&field, 2, WIRE_VARINT))
            step = (int64_t)field.value;
        else if (wire_is(&field, 3, WIRE_BYTES))
            r->has_version = true;
        else if (wire_is(&field, 5, WIRE_BYTES))
            summary = field.bytes;
        else if (wire_is(&field, 7, WIRE_BYTES))
            session = field.bytes;
    }
    if (wire.fault || step > STEP_MAX || step < -STEP_MAX) {
        r->faults++;
        return;
    }
    if (!r->started && time > 0 && time < 1e11) {
        r->started = true;
        feed_fact_number(r->feed, FACT_STARTED, (int64_t)(time * 1e3));
    }
    if (session.p)
        take_session(r, session, step);
    take_summary(r, summary, step, time);
}

/* ---- the file ---- */

/* The machine's name in events.out.tfevents.SECONDS.HOST.PID.N */
static void tell_host(struct feed *feed, const char *path)
{
    const char *p = strstr(path, "tfevents.");
    struct str rest = str_of(p ? p + 9 : ""), host;
    size_t dots = 0;

    if (!memchr(rest.p, '.', rest.n) || rest.n < 12)
        return;
    host = str_from(rest, strcspn(rest.p, ".") + 1);
    for (size_t i = host.n; i-- > 0;) { /* a version may stand behind PID and N */
        bool digits = i + 1 < host.n && (unsigned char)(host.p[i + 1] - '0') <= 9;
        if (host.p[i] == '.' && (digits || dots == 0)) {
            host.n = i;
            if (digits && ++dots == 2)
                break;
        } else if (host.p[i] == '.') {
            break;
        }
    }
    if (host.n > 0 && dots == 2)
        feed_fact(feed, FACT_HOST, host);
}

static bool read_records(struct reading *r, struct tfrecords *records, struct err *err)
{
    struct str data;

    for (;;) {
        enum record record = tfrecords_next(records, &data, err);
        if (record == RECORD_GOOD)
            take_event(r, data);
        r->bad += record == RECORD_BAD;
        r->large += record == RECORD_LARGE;
        if (record == RECORD_FAILED)
            return false;
        if (record == RECORD_CUT)
            feed_damage(r->feed, "the last record is cut off at byte %" PRId64,
                        tfrecords_offset(records));
        if (record == RECORD_LOST) {
            if (records->number == 1)
                return err_set(err, ERR_FORMAT, "the CRC of the first record does not fit");
            feed_damage(r->feed,
                        "the length of record %" PRId64 " at byte %" PRId64
                        " is damaged: nothing behind it can be read",
                        records->number, tfrecords_offset(records));
        }
        if (record == RECORD_END || record == RECORD_CUT || record == RECORD_LOST)
            return true;
    }
}

static void tell_rest(const struct reading *r)
{
    int64_t most = 0;

    for (size_t i = 0; i < r->tags.n; i++)
        most = r->tags.v[i].points > most ? r->tags.v[i].points : most;
    if (r->scalars == 0)
        feed_note(r->feed, "it holds no scalar: a writer was opened and wrote none");
    if (most > SHOWN_BY_TENSORBOARD)
        feed_note(r->feed,
                  "TensorBoard's own page draws a sample of %d points a tag; here all are read, "
                  "up to %" PRId64 " of one",
                  SHOWN_BY_TENSORBOARD, most);
    if (r->bad > 0)
        feed_damage(r->feed, "%" PRId64 " records with a wrong checksum are left out", r->bad);
    if (r->large > 0)
        feed_note(r->feed, "%" PRId64 " records of more than 64 MiB are not read", r->large);
    if (r->faults > 0)
        feed_damage(r->feed, "%" PRId64 " records or values are no events", r->faults);
    if (r->others + r->texts > 0)
        feed_note(r->feed,
                  "%" PRId64 " images, histograms and other summaries and %" PRId64
                  " texts are not read",
                  r->others, r->texts);
}

static bool read_source(const struct source *source, struct feed *feed, struct err *err)
{
    struct arena arena;
    struct reading r = {.feed = feed, .arena = &arena, .in_order = true};
    struct tfrecords records;

    if (!tfrecords_open(&records, source, err))
        return false;
    arena_init(&arena);
    feed_axis(feed, "step", "each event has one (none written means 0)");
    bool ok = read_records(&r, &records, err);
    flush(&r);
    if (ok) {
        tell_host(feed, source->path);
        tell_rest(&r);
    }
    tfrecords_close(&records);
    free(r.points);
    arena_fini(&arena);
    return ok;
}

const struct reader reader_tensorboard = {
    .name = "tensorboard",
    .what =
        "TensorBoard event files: scalars of TF1, TF2, JAX and PyTorch writers, hyper-parameters.",
    .unit = UNIT_FOLDER,
    .streams = true,
    .float32 = true,
    .bid = bid,
    .read = read_source,
};
