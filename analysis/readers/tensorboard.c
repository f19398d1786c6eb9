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
enum {
    POINTS_FIRST = 1024,
    POINTS_HELD = 1 << 20, /* 32 MB: beyond it points leave in the file's order */
};

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
    struct summary_form form;
};

struct reading {
    struct feed *feed;
    struct arena arena;
    struct tfrecords records;
    VEC(struct tag) tags;
    uint16_t tag_of_key[KEYS_MAX + 1]; /* + 1; 0: none yet; the last is of all keys beyond */
    uint32_t tag;                      /* of the last point */
    struct point *points;
    size_t points_n, room;
    bool in_order;
    bool session; /* one started again: what is held is flushed before its first point */
    /* Points that left already while later ones were still to come: of a file that grows. */
    size_t left_n;     /* since all were flushed */
    int64_t left_step; /* the last of their steps */
    bool late;         /* a point came that belongs among them: the file must be read again */
    bool any_fed;
    int64_t fed_step; /* of the last point that left: of the feed's open row */
    bool in_row;      /* more points of that row may come: from here it cannot be read on */
    bool begun, started, cut, lost;
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

static void put_in_order(struct reading *r)
{
    if (!r->in_order)
        qsort(r->points, r->points_n, sizeof(*r->points), by_step);
    r->in_order = true;
}

static void feed_points(struct reading *r, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct point *p = &r->points[i];
        feed_point(r->feed, p->step, r->tags.v[p->tag].key, p->value, p->time);
    }
}

/* For good, not only for now. */
static void leave(struct reading *r, size_t n)
{
    feed_points(r, n);
    r->any_fed |= n > 0;
    r->fed_step = n > 0 ? r->points[n - 1].step : r->fed_step;
}

/* Gives the held points to the feed. */
static void flush(struct reading *r)
{
    put_in_order(r);
    leave(r, r->points_n);
    r->points_n = r->left_n = 0;
    r->session = false;
}

/* Gives those before the last step to the feed: of that one more may come. */
static void let_go(struct reading *r)
{
    size_t n = r->points_n;

    put_in_order(r);
    while (n > 0 && r->points[n - 1].step == r->points[r->points_n - 1].step)
        n--;
    r->in_row = r->points_n > 0 && r->any_fed && r->points[0].step == r->fed_step;
    if (r->in_row)
        flush(r);
    if (n == 0 || r->in_row)
        return;
    leave(r, n);
    r->left_step = r->points[n - 1].step;
    r->left_n += n;
    r->points_n -= n;
    memmove(r->points, r->points + n, r->points_n * sizeof(*r->points));
    for (size_t i = 0; i < r->points_n; i++)
        r->points[i].order = (uint32_t)i;
}

static uint32_t tag_of(struct reading *r, struct str name)
{
    uint32_t found;

    int key = feed_key(r->feed, name);
    uint16_t *known = &r->tag_of_key[key == FEED_NO_KEY ? KEYS_MAX : key];
    if (*known == 0) {
        struct tag tag = {.name = arena_str(&r->arena, name), .key = key};
        VEC_PUSH(&r->arena, &r->tags, tag);
        *known = (uint16_t)r->tags.n;
    }
    found = *known - 1u;
    r->tags.v[r->tag].next = found;
    return found;
}

static void take_point(struct reading *r, uint32_t index, int64_t step, double value, double time)
{
    struct tag *tag = &r->tags.v[index];

    r->tag = index;
    if (r->scalars++ == 0 && !isnan(time))
        feed_timed(r->feed); /* whenever points leave, keys are in the file's order */
    if (r->session || (tag->points > 0 && step < tag->last) ||
        r->points_n + r->left_n == POINTS_HELD)
        flush(r);
    r->late |= r->left_n > 0 && step <= r->left_step;
    if (r->points_n == r->room) {
        r->room = r->room ? r->room * 2 : POINTS_FIRST;
        r->points = heap_grow(r->points, r->room * sizeof(*r->points));
    }
    r->in_order &= r->points_n == 0 || step >= r->points[r->points_n - 1].step;
    r->points[r->points_n] = (struct point){step, time, value, index, (uint32_t)r->points_n};
    r->points_n++;
    tag->last = step;
    tag->points++;
}

/* ---- events ---- */

static void take_value(struct reading *r, struct str message, int64_t step, double time)
{
    struct summary_value value;
    uint32_t tag;

    summary_value_read(message, &value);
    switch (value.kind) {
    case SUMMARY_SCALAR:
        tag = tag_of(r, value.tag);
        summary_form_keep(&r->tags.v[tag].form, message, &value, &r->arena);
        take_point(r, tag, step, value.value, time);
        break;
    case SUMMARY_HPARAMS:
        summary_hparams(value.text, r->feed);
        break;
    case SUMMARY_TEXT: /* configuration is among the first */
        r->texts +=
            ++r->looked_at > TEXTS_MAX || !summary_text(value.tag, value.text, r->feed, &r->arena);
        break;
    case SUMMARY_OTHER:
        r->others++;
        break;
    case SUMMARY_FAULT:
        r->faults++;
    }
}

/* Tags mostly come in the same turn, so the one that came behind the last is tried first. */
static void take_summary(struct reading *r, struct str message, int64_t step, double time)
{
    struct wire wire = wire_of(message);
    struct wire_field field;
    double value;

    while (wire_next(&wire, &field)) {
        if (!wire_is(&field, 1, WIRE_BYTES))
            continue;
        uint32_t guess = r->tags.n ? r->tags.v[r->tag].next : 0;
        if (r->tags.n && summary_form_fits(&r->tags.v[guess].form, field.bytes, &value))
            take_point(r, guess, step, value, time);
        else
            take_value(r, field.bytes, step, time);
    }
    r->faults += wire.fault;
}

static void take_session(struct reading *r, struct str message, int64_t step)
{
    struct wire_field status;

    if (!wire_find(message, 1, WIRE_VARINT, &status) || status.value != 1)
        return;
    r->session = true;
    if (r->scalars > 0)
        feed_note(r->feed,
                  "a session started again at step %" PRId64
                  ": what was logged at or behind this step before it is superseded",
                  step);
}

struct event {
    double time;
    int64_t step; /* absent: 0 */
    struct str summary, session;
};

/* The fields in any order, as protocol buffers may have them; false if it is no event. */
static bool event_read(struct str message, struct event *out)
{
    struct wire wire = wire_of(message);
    struct wire_field field;

    *out = (struct event){.time = (double)NAN};
    while (wire_next(&wire, &field)) {
        if (wire_is(&field, 1, WIRE_FIXED64))
            out->time = wire_double(field.value);
        else if (wire_is(&field, 2, WIRE_VARINT))
            out->step = (int64_t)field.value;
        else if (wire_is(&field, 5, WIRE_BYTES))
            out->summary = field.bytes;
        else if (wire_is(&field, 7, WIRE_BYTES))
            out->session = field.bytes;
    }
    return !wire.fault;
}

/* As writers write it: time, step, and a summary that ends the event. False if it is another. */
static bool event_read_usual(struct str message, struct event *out)
{
    enum { TIME_TAG = 1 << 3 | WIRE_FIXED64, STEP_TAG = 2 << 3 | WIRE_VARINT };
    enum { SUMMARY_TAG = 5 << 3 | WIRE_BYTES, TIME_END = 9 };
    uint64_t step = 0, n;

    if (message.n < TIME_END || *message.p != TIME_TAG)
        return false;
    const char *p = message.p + TIME_END, *end = message.p + message.n;
    if (p < end && *p == STEP_TAG)
        p = wire_varint(p + 1, end, &step);
    if (!p || p == end || *p != SUMMARY_TAG)
        return false;
    p = wire_varint(p + 1, end, &n);
    if (!p || n != (uint64_t)(end - p))
        return false;
    memcpy(&out->time, message.p + 1, sizeof(out->time));
    out->step = (int64_t)step;
    out->summary = (struct str){p, (size_t)n};
    out->session = (struct str){0};
    return true;
}

static void take_event(struct reading *r, struct str message)
{
    struct event event;

    if (!(event_read_usual(message, &event) || event_read(message, &event)) ||
        event.step > STEP_MAX || event.step < -STEP_MAX) {
        r->faults++;
        return;
    }
    if (!r->started && event.time > 0 && event.time < 1e11) {
        r->started = true;
        feed_fact_number(r->feed, FACT_STARTED, (int64_t)(event.time * 1e3));
    }
    if (event.session.p)
        take_session(r, event.session, event.step);
    take_summary(r, event.summary, event.step, event.time);
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

static bool take_records(struct reading *r, struct err *err)
{
    struct str data;

    for (;;) {
        enum record record = tfrecords_next(&r->records, &data, err);
        if (record == RECORD_GOOD)
            take_event(r, data);
        r->bad += record == RECORD_BAD;
        r->large += record == RECORD_LARGE;
        r->cut = record == RECORD_CUT;
        r->lost = record == RECORD_LOST;
        if (record == RECORD_FAILED)
            return false;
        if (r->lost && r->records.number == 1)
            return err_set(err, ERR_FORMAT, "the CRC of the first record does not fit");
        if (r->late)
            return err_set(err, ERR_CONFLICT, "a point belongs among those read before");
        if (record == RECORD_END || r->cut || r->lost)
            return true;
    }
}

static void tell_end(const struct reading *r)
{
    if (r->cut)
        feed_damage(r->feed, "the last record is cut off at byte %" PRId64,
                    tfrecords_offset(&r->records));
    if (r->lost)
        feed_damage(r->feed,
                    "the length of record %" PRId64 " at byte %" PRId64
                    " is damaged: nothing behind it can be read",
                    r->records.number, tfrecords_offset(&r->records));
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

static void *open_reading(struct feed *feed)
{
    struct reading *r = heap_alloc(sizeof(*r));

    r->feed = feed;
    r->in_order = true;
    arena_init(&r->arena);
    return r;
}

static void close_reading(void *thing)
{
    struct reading *r = thing;

    tfrecords_close(&r->records);
    free(r->points);
    arena_fini(&r->arena);
    free(r);
}

static bool more(void *thing, const struct source *source, struct err *err)
{
    struct reading *r = thing;

    if (!(r->begun ? tfrecords_go_on(&r->records, source, err)
                   : tfrecords_open(&r->records, source, err)))
        return false;
    if (!r->begun)
        feed_axis(r->feed, "step", "each event has one (none written means 0)");
    r->begun = true;
    bool ok = take_records(r, err);
    let_go(r);
    return ok;
}

/* Between two looks only the last step's points are held. */
static void shrink(struct reading *r)
{
    if (r->points_n <= POINTS_FIRST && r->room > POINTS_FIRST) {
        r->room = POINTS_FIRST;
        r->points = heap_grow(r->points, r->room * sizeof(*r->points));
    }
}

static bool rest(void *thing, const struct source *source, struct err *err)
{
    struct reading *r = thing;

    (void)err;
    feed_points(r, r->points_n);
    tell_end(r);
    tell_host(r->feed, source->path);
    tell_rest(r);
    tfrecords_pause(&r->records);
    shrink(r);
    return true;
}

static int64_t taken(const void *thing)
{
    const struct reading *r = thing;

    return r->lost || r->in_row ? 0 : tfrecords_offset(&r->records);
}

static const struct live_reading live = {open_reading, more, rest, taken, close_reading};

const struct reader reader_tensorboard = {
    .name = "tensorboard",
    .what =
        "TensorBoard event files: scalars of TF1, TF2, JAX and PyTorch writers, hyper-parameters.",
    .unit = UNIT_FOLDER,
    .streams = true,
    .float32 = true,
    .bid = bid,
    .live = &live,
};
