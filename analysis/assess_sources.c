#include <ctype.h>
#include <math.h>
#include <stdlib.h>

#include "analysis/evidence.h"
#include "analysis/held.h"
#include "analysis/open.h"
#include "analysis/planned.h"
#include "analysis/readers/reader.h"
#include "analysis/readers/weave.h"
#include "analysis/when.h"

static const int64_t growth_ms = 10 * 60000;

static bool is_word(const char *word, const char *const *words)
{
    for (; *words; words++) {
        if (strcasecmp(word, *words) == 0)
            return true;
    }
    return false;
}

static bool number_of(const struct woven *w, enum fact fact, int64_t *value)
{
    char *end;

    if (!w->fact[fact])
        return false;
    *value = strtoll(w->fact[fact], &end, 10);
    return end > w->fact[fact] && *end == '\0';
}

/* Words of W&B, MLflow and others. RUNNING alone proves nothing. */
static void ask_status(const struct woven *w, struct arena *arena, struct evidence *ev)
{
    static const char *const over[] = {"finished", "completed", "complete",
                                       "done",     "success",   NULL};
    static const char *const failed[] = {"failed", "crashed", "error", NULL};
    static const char *const broken[] = {"killed", "preempted", "interrupted", "cancelled", NULL};
    const char *word = w->fact[FACT_STATUS];

    if (!word)
        return;
    ev->status = word;
    ev->status_from = arena_printf(arena, "%s says", w->fact_from[FACT_STATUS]);
    const char *says = arena_printf(arena, "%s %s", ev->status_from, word);
    if (is_word(word, over))
        ev->end_marker = says;
    else if (is_word(word, failed))
        ev->failed = says;
    else if (is_word(word, broken))
        ev->broken_off = says;
}

static void ask_exit(const struct woven *w, struct arena *arena, struct evidence *ev)
{
    int64_t code;

    if (!number_of(w, FACT_EXIT_CODE, &code))
        return;
    const char *says = arena_printf(arena, "the exit record of %s says %lld",
                                    w->fact_from[FACT_EXIT_CODE], (long long)code);
    if (code == 0)
        ev->end_marker = says;
    else
        ev->failed = says;
}

/*
 * Did another source of the run get further than the one that tells the fact, or was it
 * resumed? Of logs of one format the one that was written last stands first.
 */
static bool went_on(const struct woven *w, enum fact fact)
{
    const struct woven_source *from = w->sources;

    while (strcmp(from->path, w->fact_from[fact]) != 0)
        from++;
    for (size_t i = 0; i < w->sources_n; i++) {
        const struct woven_source *s = &w->sources[i];
        if (s < from && strcmp(s->format, from->format) == 0)
            return true;
        if (s->tally.any_step &&
            (!from->tally.any_step || s->tally.last_step > from->tally.last_step))
            return true;
    }
    return false;
}

/* What a printed log says behind its last row. */
static void ask_last_words(const struct woven *w, struct arena *arena, struct evidence *ev)
{
    if (w->fact[FACT_FAILED] && !ev->failed && !went_on(w, FACT_FAILED))
        ev->failed = arena_printf(arena, "%s ends so, behind its last row: %s",
                                  w->fact_from[FACT_FAILED], w->fact[FACT_FAILED]);
    if (w->fact[FACT_BROKEN_OFF] && !ev->broken_off && !went_on(w, FACT_BROKEN_OFF))
        ev->broken_off = arena_printf(arena, "%s ends so, behind its last row: %s",
                                      w->fact_from[FACT_BROKEN_OFF], w->fact[FACT_BROKEN_OFF]);
}

static int64_t last_step(const struct rows_view *view)
{
    int64_t step = NOT_GIVEN;

    if (rows_count(view) > 0)
        rows_steps(view, rows_count(view) - 1, 1, &step);
    return step;
}

static void ask_steps(const struct experiment *e, const struct rows_view *view, struct arena *arena,
                      struct evidence *ev)
{
    int64_t last = last_step(view);

    if (last == NOT_GIVEN || last < 0)
        return;
    struct planned plan = experiment_planned(e, (double)last, arena);
    if (!(plan.steps > 0))
        return;
    double share = (double)last / plan.steps;
    ev->mute = NULL; /* a log that ends before its plan does say something */
    ev->progress = share <= 1 ? share : 1;
    if ((double)last >= plan.steps && !ev->end_marker)
        ev->end_marker = arena_printf(arena, "step %lld of %.0f is logged%s%s%s", (long long)last,
                                      plan.steps, plan.configured ? " (" : "",
                                      plan.configured ? plan.from : "", plan.configured ? ")" : "");
}

static void ask_times(const struct woven *w, const struct rows_view *view, struct evidence *ev)
{
    double value;
    int64_t step, ms;

    if (view && evidence_last(view, "timestamp", &value, &step) && when_number(value, &ms)) {
        ev->last_ms = ms;
        ev->last_from = "the last point";
    }
    if (number_of(w, FACT_ENDED, &ms) && (ev->last_ms == NOT_GIVEN || ms > ev->last_ms)) {
        ev->last_ms = ms;
        ev->last_from = "the written end";
    }
}

/* Monitors, event files and most tables look the same whether the run ended or was cut off. */
static const char *mute(const struct experiment *e, const struct woven *w, struct arena *arena)
{
    if (w->fact[FACT_STATUS] || w->fact[FACT_EXIT_CODE] || w->fact[FACT_TOTAL_STEPS])
        return NULL;
    for (size_t i = 0; i < e->sources_n; i++) {
        if (e->sources[i].reader->tells_end)
            return NULL;
    }
    return arena_printf(arena, "a log of the format %s does not say whether its run came to an end",
                        e->sources[0].reader->name);
}

void evidence_of_sources(const struct experiment *e, int64_t now_ms, struct arena *arena,
                         struct evidence *ev)
{
    const struct woven *w;
    const struct rows_view *view = NULL;
    struct sources_state state = sources_look(e->dir, e->sources, e->sources_n);
    struct err err;

    ev->log = e->sources_n == 1 ? e->sources[0].path : "a file of the run";
    ev->newest_file_ms = state.newest_ms == NOT_GIVEN ? 0 : state.newest_ms;
    ev->grows = e->held && held_grows(e->held, state.bytes, now_ms, growth_ms);
    if (!experiment_woven(e, arena, &w, &err) || !w)
        return;
    ev->mute = mute(e, w, arena);
    ask_status(w, arena, ev);
    ask_exit(w, arena, ev);
    ask_last_words(w, arena, ev);
    if (w->fact[FACT_FINAL_ROW] && !ev->end_marker)
        ev->end_marker = arena_printf(arena, "%s has the row that ends a run: %s",
                                      w->fact_from[FACT_FINAL_ROW], w->fact[FACT_FINAL_ROW]);
    if (experiment_tail(e, 64, arena, &view, &err) && view) {
        ask_steps(e, view, arena, ev);
        evidence_losses(view, arena, ev);
    }
    ask_times(w, view, ev);
}
