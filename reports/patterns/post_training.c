#include "reports/figures.h"
#include "reports/patterns/pattern.h"
#include "reports/verdict_text.h"
#include "reports/words.h"

#include <math.h>

enum { OTHER_SERIES_MAX = 20, NOTES_MAX = 8 };

/* ---- what the run is and what was read ---- */

/* By what stands in the files, never by the clock: the same input gives the same bytes. */
static void put_state(struct buf *out, const struct account *a)
{
    struct document status = {0};
    const struct checkpoint *checkpoints = NULL;
    const struct assessed *state = a->analysis->subject->assessed;
    size_t n = 0, final = 0;
    int64_t steps = 0;

    experiment_document(a->experiment, FILE_STATUS, a->arena, &status);
    experiment_checkpoints(a->experiment, a->arena, &checkpoints, &n);
    for (size_t i = 0; i < n; i++)
        final += strcmp(checkpoints[i].phase, "final") == 0 ||
                 strcmp(checkpoints[i].filename, "rl_checkpoint_final.pth") == 0;
    const struct json *word = json_get(status.json, "status");
    bool completed = word && str_is(json_text(a->arena, word), "completed");
    if (word)
        buf_printf(out, "State as written in %s: '%s'", status.path,
                   word_quote(a->arena, json_text(a->arena, word), 40));
    else
        buf_printf(out, "State: no status is written%s%s", status.exists ? ", " : "",
                   status.exists && status.why ? status.why : "");
    if (json_integer(json_get(status.json, "total_steps"), &steps) ||
        json_integer(json_get(status.json, "current_step"), &steps))
        buf_printf(out, " at step %lld", (long long)steps);
    buf_printf(out, "; %s",
               n ? word_count(a->arena, (int64_t)n, "checkpoint")
                 : "no checkpoint lies in the folder");
    if (final > 0)
        buf_puts(out, ", a final one among them. ");
    else if (completed)
        buf_puts(out, ". ");
    else if (state && state->ended)
        buf_printf(out, "; the run ended as planned (%s). ",
                   word_quote(a->arena, str_of(state->ended), 200));
    else if (subject_is_running(a->analysis->subject))
        buf_puts(out, "; the run is still running: what follows is of its log so far. ");
    else
        buf_puts(out, "; nothing in the files says that the run ended as planned. ");
}

static int64_t points_read(const struct account *a)
{
    if (a->coverage->points_read != NOT_GIVEN)
        return a->coverage->points_read;
    return a->rows ? (int64_t)rows_count(a->rows) : 0;
}

static void put_sources(struct buf *out, const struct account *a)
{
    const struct coverage *c = a->coverage;

    if (c->sources.n == 0) {
        buf_puts(out, "No metrics were found: there is nothing to read. ");
        return;
    }
    buf_printf(out, "Read %s from", word_count(a->arena, points_read(a), "point"));
    for (size_t i = 0; i < c->sources.n; i++)
        buf_printf(out, "%s %s (%s)", i ? "," : "", c->sources.v[i].path, c->sources.v[i].format);
    buf_puts(out, ". ");
}

static void put_non_finite(struct buf *out, const struct account *a, struct str name,
                           const struct summary *s)
{
    if (s->n > s->finite)
        buf_printf(out, "'%s' has %s, the first at %lld. ", word_quote(a->arena, name, 80),
                   word_count(a->arena, s->n - s->finite, "non-finite value"),
                   (long long)s->first_non_finite_step);
}

static void put_unused(struct buf *out, const struct account *a)
{
    const struct coverage *c = a->coverage;
    size_t before = out->n;

    if (c->malformed.count > 0)
        buf_printf(out, "%s could not be read (first: %s line %lld, %s). ",
                   word_count(a->arena, c->malformed.count, "line"), c->malformed.path,
                   (long long)c->malformed.line, c->malformed.reason);
    for (size_t i = 0; a->rows && i < rows_keys(a->rows); i++) {
        struct summary s;

        rows_summary(a->rows, i, &s);
        put_non_finite(out, a, rows_key(a->rows, i), &s);
    }
    for (size_t i = 0; a->history && i < a->history->keys_n; i++)
        put_non_finite(out, a, a->history->keys[i].name, &a->history->keys[i].summary);
    if (c->restarts_total > 0)
        buf_printf(out, "The steps go back %s. ", word_count(a->arena, c->restarts_total, "time"));
    if (c->duplicates > 0)
        buf_printf(out, "%s the step of the row before. ",
                   c->duplicates == 1
                       ? "1 row repeats"
                       : arena_printf(a->arena, "%lld rows repeat", (long long)c->duplicates));
    for (size_t i = 0; i < c->notes.n && i < NOTES_MAX; i++)
        buf_printf(out, "Note: %.*s. ", STR_FMT(word_clause(c->notes.v[i])));
    if (out->n == before && c->sources.n > 0)
        buf_puts(out, "Nothing had to be left out. ");
}

/* Of other programs' runs a loss alone does not say that a language is modelled. */
static const char *kind_of(const struct account *a)
{
    if (a->rl)
        return "A reinforcement-learning run";
    if (a->experiment->type != EXPERIMENT_LM)
        return "A run";
    return a->experiment->sources_n > 0 ? "A run that trains on a loss" : "A language-model run";
}

static void about_the_run(const struct account *a)
{
    const struct experiment *e = a->experiment;
    struct buf out = {0};

    buf_printf(&out, "%s (type %s: %s), %s. ", kind_of(a), experiment_type_name(e->type),
               e->type_why ? e->type_why : "no reason known",
               e->format ? e->format : "unknown layout");
    put_state(&out, a);
    put_sources(&out, a);
    put_unused(&out, a);
    blocks_paragraph(a->out, "%s", arena_text(a->arena, str_trim(buf_str(&out))));
    buf_fini(&out);
}

/* ---- the table ---- */

/* A critic's loss follows the returns: the lowest is that of a policy that earns nothing. */
static enum direction best_way(enum role role)
{
    if (role == ROLES || role == ROLE_VALUE_LOSS || role == ROLE_COST_VALUE_LOSS)
        return DIRECTION_UNKNOWN;
    return role_direction(role);
}

static const char *best_cell(const struct account *a, enum direction direction,
                             const struct summary *s)
{
    bool higher = direction == DIRECTION_HIGHER_IS_BETTER;

    if (direction == DIRECTION_UNKNOWN)
        return "-"; /* neither way is better */
    return arena_printf(a->arena, "%s (%lld)", word_number(a->arena, higher ? s->max : s->min),
                        (long long)(higher ? s->max_step : s->min_step));
}

static void put_row(const struct account *a, const char *name, enum direction direction,
                    const struct summary *s)
{
    const char *cells[] = {name,          word_step(a->arena, s->n),
                           "none finite", "none finite",
                           "none finite", "none finite"};

    if (s->n == 0)
        cells[2] = cells[3] = cells[4] = cells[5] = "not logged";
    else if (s->finite > 0) {
        cells[2] = word_number(a->arena, s->first);
        cells[3] = word_number(a->arena, s->last);
        cells[4] = best_cell(a, direction, s);
        cells[5] = word_number(a->arena, s->mean_last_tenth);
    }
    blocks_table_row(a->out, cells, sizeof(cells) / sizeof(cells[0]));
}

static bool has_figure(const struct account *a, struct str name)
{
    for (size_t i = 0; i < a->figures_n; i++) {
        if (str_is(name, a->figures[i].key))
            return true;
    }
    return false;
}

/* Series that have no figure: what else the run logged. False leaves err. */
static bool other_row(const struct account *a, struct str name, size_t *n, struct err *err)
{
    struct series series = {0};
    struct summary summary;

    if (str_is(name, "timestamp") || has_figure(a, name) || (*n)++ >= OTHER_SERIES_MAX)
        return true;
    if (!experiment_series(a->experiment, name, a->arena, &series, err))
        return err_wrap(err, "%.*s", STR_FMT(name));
    series_summary(&series, &summary);
    enum role role = role_like(name, NULL);
    put_row(a, word_quote(a->arena, name, 80), best_way(role), &summary);
    return true;
}

static bool table(const struct account *a, struct err *err)
{
    static const char *const head[] = {"Metric", "Points",      "First",
                                       "Last",   "Best (step)", "Mean of last 10 %"};
    const struct rows_view *rows = a->rows;
    const struct history *history = a->history;
    size_t others = 0;
    bool ok = true;

    blocks_table_begin(a->out);
    blocks_table_row(a->out, head, sizeof(head) / sizeof(head[0]));
    for (size_t i = 0; i < a->figures_n; i++) {
        const struct figure *f = &a->figures[i];

        if (f->role != ROLES)
            put_row(a, f->derived ? arena_printf(a->arena, "%s (derived)", f->key) : f->key,
                    best_way(f->role), &f->summary);
    }
    for (size_t i = 0; ok && rows && i < rows_keys(rows); i++) {
        if (rows_points(rows, i) > 0)
            ok = other_row(a, rows_key(rows, i), &others, err);
    }
    for (size_t i = 0; ok && history && i < history->keys_n; i++) {
        if (history->keys[i].n > 0)
            ok = other_row(a, history->keys[i].name, &others, err);
    }
    blocks_table_end(a->out);
    if (ok && others > OTHER_SERIES_MAX)
        blocks_paragraph(a->out, "%zu more series are logged and not listed here.",
                         others - OTHER_SERIES_MAX);
    return ok;
}

/* ---- the summary for the caller ---- */

static void summarise(const struct account *a, struct pattern_summary *s)
{
    const struct analysis *x = a->analysis;
    const char **flags = ARENA_ARRAY(a->arena, x->findings.list.n, const char *);
    size_t n = 0;

    for (size_t i = 0; i < x->findings.list.n; i++) {
        const struct finding *f = &x->findings.list.v[i];

        if (f->status == FINDING_FOUND && f->severity >= SEVERITY_MEDIUM)
            flags[n++] = f->sentence;
    }
    *s = (struct pattern_summary){
        .verdict = x->verdict,
        .verdict_rule = x->verdict_rule,
        .risk = isnan(x->risk) ? "not known: the run cannot be judged"
                               : arena_printf(a->arena, "%s (%.2f)", x->risk_level, x->risk),
        .red_flags = {flags, n},
        .figures = (int64_t)a->figures_n,
        .experiment_type = experiment_type_name(a->experiment->type),
    };
}

static bool write_all(struct account *a, const char *experiment_id, struct err *err)
{
    blocks_heading(a->out, 1, "%s Post-Training Analysis", experiment_id);
    about_the_run(a);
    if (!table(a, err))
        return false;
    blocks_heading(a->out, 2, "Figures and Data");
    figures_write(a);
    analysis_write(a);
    outcome_write(a);
    return true;
}

static bool build(const struct pattern_input *in, struct blocks *out, struct err *err)
{
    struct coverage coverage;
    struct account *a = ARENA_NEW(in->arena, struct account);

    if (!in->experiment)
        return err_set(err, ERR_NOT_FOUND,
                       "no experiment '%.100s' to report on; list_experiments names all of them",
                       in->experiment_id);
    coverage_init(&coverage, in->arena);
    *a = (struct account){.experiment = in->experiment,
                          .coverage = in->coverage ? in->coverage : &coverage,
                          .arena = in->arena,
                          .out = out};
    /*
     * All columns before anything looks at them: what the coverage knows of the
     * values must not depend on which columns an earlier call had asked for.
     */
    if (!experiment_rows(in->experiment, NULL, in->arena, &a->rows, err) ||
        !experiment_history(in->experiment, in->arena, &a->history, err))
        return false;
    if (!analyze(in->experiment, in->arena, a->coverage, &a->analysis, err))
        return false;
    a->rl = in->experiment->type == EXPERIMENT_RL ||
            (in->experiment->type == EXPERIMENT_UNKNOWN && in->experiment->has_rl_metrics);
    if (!figures_choose(a, err) || !write_all(a, in->experiment_id, err))
        return false;
    if (in->summary)
        summarise(a, in->summary);
    return true;
}

const struct pattern pattern_post_training = {
    .name = "post-training",
    .description = "The complete report of a run: figures, findings with evidence, verdict, next "
                   "experiment.",
    .title = "Post-Training Analysis",
    .build = build,
};
