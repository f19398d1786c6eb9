#include "analysis/trajectories/split.h"

#include <stdlib.h>

#include "analysis/base/parallel.h"

enum { SLOTS_PER_THREAD = 2 }; /* a thread need not wait for the one that listens */

/* A block that is being read, or waits to be heard. */
struct slot {
    struct records *records;
    struct replay replay;
    struct err err;
    int64_t lines; /* that begin in the block, or before `rest` */
    uint64_t rest; /* the line from where on it was too much; 0: none */
};

struct reading {
    const struct split_lines *lines;
    size_t bytes, n;
    struct slot *slot;
    int64_t line; /* of the block that is heard next */
    struct err *err;
};

struct split split_usual(void)
{
    return (struct split){parallel_processors(), 1 << 20};
}

static uint64_t start_of(const struct reading *b, size_t block)
{
    return block < b->n ? b->lines->offset + (uint64_t)block * b->bytes : UINT64_MAX;
}

static void read_block(void *with, size_t block, size_t at)
{
    struct reading *b = with;
    struct slot *s = &b->slot[at];
    struct record record;

    replay_clear(&s->replay);
    records_part(s->records, start_of(b, block), start_of(b, block + 1));
    while (records_next(s->records, &record, &s->err)) {
        if (!replay_read(&s->replay, b->lines->reader, &record)) {
            s->lines = record.line;
            s->rest = record.offset;
            return;
        }
    }
    s->lines = records_stopped(s->records, &s->rest);
}

static void read_rest(struct reading *b, uint64_t from, uint64_t to)
{
    const struct split_lines *l = b->lines;
    struct records *records = records_resume(l->fd, from, b->line, l->cancelled);
    struct sink *sink = l->to.sink;
    struct record record;
    uint64_t none;

    records_until(records, to);
    while (records_next(records, &record, b->err)) {
        l->to.begin(sink, &record);
        if (record.fault)
            sink->refuse(sink, (struct str){0}, record.fault);
        else
            l->reader->read(record.text, sink);
        l->to.end(sink, &record);
    }
    b->line = records_stopped(records, &none);
    records_free(records);
}

static bool hear_block(void *with, size_t block, size_t at)
{
    struct reading *b = with;
    struct slot *s = &b->slot[at];

    replay_say(&s->replay, b->line, &b->lines->to);
    b->line += s->lines;
    *b->err = s->err;
    if (s->rest)
        read_rest(b, s->rest, start_of(b, block + 1));
    return b->err->code == ERR_NONE;
}

bool split_fits(const struct split_lines *l, const struct split *how)
{
    return how->threads > 1 && !l->reader->begin && !l->reader->finish && l->offset > 0 &&
           l->size > l->offset && l->size - l->offset >= (uint64_t)how->bytes * SPLIT_LEAST;
}

void split_read(const struct split_lines *l, const struct split *how, struct err *err)
{
    size_t slots = how->threads * SLOTS_PER_THREAD;
    struct reading b = {.lines = l, .bytes = how->bytes, .line = l->line, .err = err};

    b.n = (size_t)((l->size - l->offset + how->bytes - 1) / how->bytes);
    b.slot = heap_alloc(slots * sizeof(*b.slot));
    for (size_t i = 0; i < slots; i++) {
        b.slot[i].records = records_resume(l->fd, l->offset, 0, l->cancelled);
        replay_init(&b.slot[i].replay, l->to.sink);
    }
    err->code = ERR_NONE;
    (void)parallel_run(
        &(struct parallel){
            .parts = b.n, .slots = slots, .with = &b, .work = read_block, .take = hear_block},
        how->threads);
    for (size_t i = 0; i < slots; i++) {
        records_free(b.slot[i].records);
        replay_fini(&b.slot[i].replay);
    }
    free(b.slot);
}
