#include "analysis/trajectories/replay.h"

/* One behind the other, each padded to 16 bytes; a record is followed by what it holds. */
struct entry {
    enum { SAID_RECORD, SAID_END, SAID_REFUSAL, SAID_REMARK } kind;
    size_t size; /* with what is behind it, and padding */
    union {
        struct record record;
        struct trajectory trajectory; /* then its watch and its texts in their order */
        size_t id_n;                  /* then the id and a sentence with its NUL */
    };
};

enum { TEXTS = 6, PADDED = 16 };

/* `behind` bytes behind the entry; NULL if there is no room. */
static struct entry *add(struct replay *r, int kind, size_t behind)
{
    size_t size = (sizeof(struct entry) + behind + PADDED - 1) / PADDED * PADDED;

    r->full |= r->bytes.n + size > REPLAY_MAX;
    if (r->full)
        return NULL;
    if (r->bytes.n + size > r->bytes.room)
        buf_reserve(&r->bytes, size);
    struct entry *e = (void *)(r->bytes.p + r->bytes.n);
    r->bytes.n += size;
    e->kind = kind;
    e->size = size;
    return e;
}

static void texts_of(struct trajectory *t, struct str *texts[TEXTS])
{
    texts[0] = &t->id;
    texts[1] = &t->question;
    texts[2] = &t->text;
    texts[3] = &t->training;
    texts[4] = &t->agent;
    texts[5] = &t->reason;
}

static char *put(char *to, const void *from, size_t n)
{
    if (n)
        memcpy(to, from, n);
    return to + n;
}

static void end(struct sink *sink, const struct trajectory *in)
{
    struct replay *r = (struct replay *)sink;
    struct trajectory t = *in;
    struct str *texts[TEXTS];
    size_t watch_n = watch_bytes(&sink->watch), n = watch_n;

    texts_of(&t, texts);
    for (size_t i = 0; i < TEXTS; i++)
        n += texts[i]->n;
    struct entry *e = add(r, SAID_END, n);
    if (!e)
        return;
    e->trajectory = t;
    char *to = put((char *)(e + 1), &sink->watch, watch_n);
    for (size_t i = 0; i < TEXTS; i++)
        to = put(to, texts[i]->p, texts[i]->n);
}

static void sentence(struct sink *sink, int kind, struct str id, const char *what)
{
    size_t n = strlen(what) + 1;
    struct entry *e = add((struct replay *)sink, kind, id.n + n);

    if (!e)
        return;
    e->id_n = id.n;
    put(put((char *)(e + 1), id.p, id.n), what, n);
}

static void refuse(struct sink *sink, struct str id, const char *why)
{
    sentence(sink, SAID_REFUSAL, id, why);
}

static void remark(struct sink *sink, struct str id, const char *what)
{
    sentence(sink, SAID_REMARK, id, what);
}

void replay_init(struct replay *r, const struct sink *like)
{
    *r = (struct replay){.sink = {.origin = like->origin, .file = like->file, .place = NO_NUMBER}};
    arena_init(&r->scratch);
    r->sink.scratch = &r->scratch;
    r->sink.end = end;
    r->sink.refuse = refuse;
    r->sink.remark = remark;
}

void replay_fini(struct replay *r)
{
    arena_fini(&r->scratch);
    buf_fini(&r->bytes);
}

void replay_clear(struct replay *r)
{
    r->bytes.n = 0;
    r->full = false;
}

bool replay_read(struct replay *r, const struct trajectory_reader *reader,
                 const struct record *record)
{
    size_t before = r->bytes.n;
    struct entry *e = add(r, SAID_RECORD, 0);

    if (e) {
        e->record = *record;
        e->record.text.p = e->record.fault = NULL;
        arena_reset(&r->scratch);
        watch_reset(&r->sink.watch);
        r->sink.iteration = NO_NUMBER;
        if (record->fault)
            refuse(&r->sink, (struct str){0}, record->fault);
        else
            reader->read(record->text, &r->sink);
    }
    if (r->full)
        r->bytes.n = before;
    return !r->full;
}

/* ---- again ---- */

static void say_end(const struct entry *e, struct sink *to)
{
    struct trajectory t = e->trajectory;
    struct str *texts[TEXTS];
    const char *from = (const char *)(e + 1);

    memcpy(&to->watch, from, offsetof(struct watch, tool));
    size_t watch_n = watch_bytes(&to->watch);
    memcpy(&to->watch, from, watch_n);
    from += watch_n;
    texts_of(&t, texts);
    for (size_t i = 0; i < TEXTS; i++) {
        texts[i]->p = from;
        from += texts[i]->n;
    }
    to->end(to, &t);
    watch_reset(&to->watch);
}

static void say(const struct entry *e, struct sink *to)
{
    struct str id = {(const char *)(e + 1), e->id_n};

    if (e->kind == SAID_END)
        say_end(e, to);
    else if (e->kind == SAID_REFUSAL)
        to->refuse(to, id, id.p + id.n);
    else
        to->remark(to, id, id.p + id.n);
}

void replay_say(const struct replay *r, int64_t line, const struct hearer *to)
{
    size_t at = 0;

    while (at < r->bytes.n) {
        const struct entry *e = (const void *)(r->bytes.p + at);
        struct record record = e->record;
        record.line += line;
        to->begin(to->sink, &record);
        for (at += e->size; at < r->bytes.n; at += e->size) {
            e = (const void *)(r->bytes.p + at);
            if (e->kind == SAID_RECORD)
                break;
            say(e, to->sink);
        }
        to->end(to->sink, &record);
    }
}
