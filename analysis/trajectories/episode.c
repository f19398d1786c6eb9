/* Steps read back from where the index found them: one half of store.h. */
#include <stdlib.h>
#include <unistd.h>

#include "analysis/base/json.h"
#include "analysis/base/vec.h"
#include "analysis/trajectories/path.h"
#include "analysis/trajectories/source.h"

struct back {
    struct sink sink; /* first */
    struct arena *arena;
    struct episode *out;
    size_t from, count, seen;
    uint32_t wanted, ordinal;
    VEC(struct episode_step) steps;
};

/* As plain text, with what the record keeps elsewhere. */
static struct str shown(struct back *b, struct str value)
{
    return sink_value(&b->sink, attachments_filled(&b->sink.attachments, value, b->arena));
}

/* The call as one text: its name, and its arguments if they stand apart. */
static struct str action_of(struct back *b, const struct step *step)
{
    struct str action = shown(b, step->action);

    if (action.n == 0 || step->arguments.n == 0)
        return action;
    struct str arguments = shown(b, step->arguments);
    char *text = arena_alloc(b->arena, action.n + arguments.n + 2);
    memcpy(text, action.p, action.n);
    text[action.n] = '(';
    memcpy(text + action.n + 1, arguments.p, arguments.n);
    text[action.n + 1 + arguments.n] = ')';
    return (struct str){text, action.n + arguments.n + 2};
}

static void step(struct sink *sink, const struct step *s)
{
    struct back *b = (struct back *)sink;
    bool malformed;

    if (b->ordinal != b->wanted)
        return;
    size_t at = b->seen++;
    if (at < b->from || at - b->from >= b->count)
        return;
    VEC_PUSH(
        b->arena, &b->steps,
        (struct episode_step){
            .id = s->id == NO_NUMBER ? (int64_t)at + 1 : s->id,
            .thought = shown(b, s->thought),
            .action = action_of(b, s),
            .observation = shown(b, s->observation),
            .tool = s->tool,
            .returned = s->returned ? return_names[return_of(s->observation, &malformed)] : NULL,
            .reward = s->reward});
}

static void end(struct sink *sink, const struct trajectory *trajectory)
{
    struct back *b = (struct back *)sink;

    (void)trajectory;
    if (b->ordinal++ == b->wanted) {
        b->out->watch = sink->watch;
        b->out->messages = sink->watch.messages;
    }
}

static void refuse(struct sink *sink, struct str id, const char *why)
{
    (void)id;
    (void)why;
    ((struct back *)sink)->ordinal++;
}

static void remark(struct sink *sink, struct str id, const char *what)
{
    (void)sink;
    (void)id;
    (void)what;
}

static bool fetch(const struct trajectories *t, size_t row, struct arena *arena, struct str *out,
                  struct err *err)
{
    const struct trajectory_file *file = &t->files[t->file[row]];
    int fd = trajectory_file_open(file, err);

    if (fd < 0)
        return false;
    bool ok = source_fetch(fd, file->reader, t->offset[row], t->length[row], arena, out);
    close(fd);
    return ok || err_set(err, ERR_CONFLICT, "%s has changed since it was read", file->shown);
}

bool episode_read(const struct trajectories *t, size_t row, size_t from, size_t count,
                  struct arena *arena, struct episode *out, struct err *err)
{
    struct back *b = ARENA_NEW(arena, struct back);
    struct str record = {0};

    *out = (struct episode){0};
    if (!fetch(t, row, arena, &record, err))
        return false;
    *b = (struct back){
        .arena = arena, .out = out, .from = from, .count = count, .wanted = t->ordinal[row]};
    b->sink = (struct sink){.origin = {.epoch = NO_NUMBER, .iteration = NO_NUMBER},
                            .file = trajectory_none(),
                            .place = NO_NUMBER,
                            .scratch = arena,
                            .iteration = NO_NUMBER,
                            .step = step,
                            .end = end,
                            .refuse = refuse,
                            .remark = remark};
    watch_reset(&b->sink.watch);
    t->files[t->file[row]].reader->read(record, &b->sink);
    out->steps = b->steps.v;
    out->n = b->steps.n;
    out->total = b->seen;
    return true;
}

bool record_holds(const struct trajectories *t, size_t row, struct str text, struct arena *scratch)
{
    struct str record = {0};
    struct err err;
    struct buf escaped = {0};

    if (!fetch(t, row, scratch, &record, &err))
        return false;
    json_put_escaped(&escaped, text); /* as a writer that keeps UTF-8 has it */
    bool holds = str_has(record, buf_str(&escaped));
    buf_fini(&escaped);
    return holds;
}
