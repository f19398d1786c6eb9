/*
 * One file of lm-evaluation-harness: an evaluation of the run beside it, of the
 * step that its name or its model's revision says.
 */
#include "analysis/base/limits.h"
#include "analysis/readers/lines.h"
#include "analysis/readers/lmresults.h"

static struct bid bid(const struct probe *probe, struct arena *arena)
{
    (void)arena;
    if (!str_ends(str_of(probe->name), STR(".json")) || !lmresults_fit(probe->head))
        return (struct bid){0, NULL};
    return (struct bid){80, "it has the results of tasks with their standard errors"};
}

static bool read_source(const struct source *source, struct feed *feed, struct err *err)
{
    struct arena arena;
    struct str text;
    struct buf json = {0};
    int64_t step = NOT_GIVEN;

    arena_init(&arena);
    bool ok = source_text(source, SMALL_FILE_MAX, &arena, &text, err);
    const struct json *all = ok ? lmresults_parse(text, source->path, &arena, err) : NULL;
    if (all) {
        if (!lmresults_step(lmresults_leaf(source->path), all, &arena, &step))
            step = NOT_GIVEN;
        json_put_compact(&json, json_get(all, "results")->raw);
        feed_evaluation(feed, lmresults_leaf(source->path), step, buf_str(&json));
    }
    buf_fini(&json);
    arena_fini(&arena);
    return all != NULL;
}

const struct reader reader_lm_eval = {
    .name = "lm_eval",
    .what = "Results of lm-evaluation-harness: an evaluation of the run beside them.",
    .unit = UNIT_PART,
    .bid = bid,
    .read = read_source,
};
