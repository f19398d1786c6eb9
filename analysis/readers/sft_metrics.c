/*
 * metrics.json of a fine-tuning trainer: {train_losses, val_losses, steps}. The
 * steps are those of one of the lists, told by its length; the other one's are
 * not written, and an answer must say so. A judge writes a file of the same
 * name, which is none.
 */
#include "analysis/readers/reader.h"

#include <inttypes.h>
#include <math.h>

#include "analysis/base/limits.h"
#include "analysis/readers/gather.h"
#include "analysis/readers/lines.h"
#include "analysis/readers/sniff.h"

static struct bid bid(const struct probe *probe, struct arena *arena)
{
    struct str head = sniff_text(probe->head);

    (void)arena;
    if (strcmp(probe->name, "metrics.json") != 0 || !str_starts(head, STR("{")))
        return (struct bid){0, NULL};
    if (str_has(head, STR("\"total_comparisons\"")) || str_has(head, STR("\"finetuned_win_rate\"")))
        return (struct bid){0, "it is a judge's result: win rates, not a log"};
    if (!str_has(head, STR("\"train_losses\"")))
        return (struct bid){0, NULL};
    return (struct bid){90, "its name fits, and it has train_losses"};
}

struct losses {
    size_t n;
    double *v;
    bool *there; /* null is no value */
};

static struct losses losses_of(const struct json *all, const char *name, struct arena *arena)
{
    const struct json *array = json_get(all, name);
    struct losses out = {0};

    if (!array || array->kind != JSON_ARRAY)
        return out;
    out.v = ARENA_ARRAY(arena, array->count + 1, double);
    out.there = ARENA_ARRAY(arena, array->count + 1, bool);
    json_each (item, array) {
        out.there[out.n] = json_number(item, &out.v[out.n]);
        out.n++;
    }
    return out;
}

struct reading {
    struct feed *feed;
    struct losses steps;
    int64_t last; /* the run's last step, as far as it is known */
    struct gather *gather;
};

static void put(struct reading *r, const struct losses *values, const char *name, bool evaluations)
{
    int key = feed_key(r->feed, str_of(name));
    bool own = values->n == r->steps.n;

    for (size_t i = 0; i < values->n; i++) {
        int64_t step = (int64_t)i + 1;
        if (own && !(r->steps.there[i] && feed_step(r->steps.v[i], &step)))
            continue;
        if (!own && evaluations && values->n > 1)
            step = (int64_t)llround((double)r->last * (double)i / (double)(values->n - 1));
        else if (!own && evaluations)
            step = r->last;
        if (values->there[i])
            gather_point(r->gather, step, key, values->v[i], (double)NAN);
    }
    if (own || values->n == 0)
        return;
    feed_note(r->feed,
              evaluations ? "the steps of its %zu %s are not written: they are taken to be evenly "
                            "spaced from 0 to the last step"
                          : "the steps of its %zu %s are not written: they are counted",
              values->n, evaluations ? "validation losses" : "training losses");
}

static bool read_all(struct reading *r, const struct json *all, struct arena *arena,
                     const char *path, struct err *err)
{
    struct losses train = losses_of(all, "train_losses", arena);
    struct losses val = losses_of(all, "val_losses", arena);

    r->steps = losses_of(all, "steps", arena);
    r->gather = gather_new(arena);
    if (train.n + val.n == 0)
        return err_set(err, ERR_FORMAT, "%s has no losses", path);
    r->last = (int64_t)train.n;
    for (size_t i = 0; i < r->steps.n; i++) {
        int64_t step;
        if (r->steps.there[i] && feed_step(r->steps.v[i], &step) && step > r->last)
            r->last = step;
    }
    if (r->steps.n > 0 && r->steps.n == train.n)
        (void)feed_step(r->steps.v[r->steps.n - 1], &r->last);
    feed_axis(r->feed, "steps", "the file has a list of that name");
    put(r, &train, "train_loss", false);
    put(r, &val, "val_loss", true);
    gather_feed(r->gather, r->feed);
    return true;
}

static bool read_source(const struct source *source, struct feed *feed, struct err *err)
{
    struct arena arena;
    struct reading r = {.feed = feed};
    struct str text;

    arena_init(&arena);
    bool ok = source_text(source, HISTORY_FILE_MAX, &arena, &text, err);
    if (ok) {
        const struct json *all = json_parse(&arena, text, JSON_DATA, DATA_DEPTH_MAX, err);
        ok = all ? read_all(&r, all, &arena, source->path, err) : err_wrap(err, "%s", source->path);
    }
    arena_fini(&arena);
    return ok;
}

const struct reader reader_sft_metrics = {
    .name = "sft_metrics",
    .what = "metrics.json of a fine-tuning trainer: train_losses, val_losses, steps.",
    .unit = UNIT_FILE,
    .bid = bid,
    .read = read_source,
};
