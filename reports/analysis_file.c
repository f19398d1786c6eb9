#include "reports/analysis_file.h"

#include <math.h>

#include "analysis/base/limits.h"
#include "analysis/sft.h"
#include "analysis/stats/plain_loss.h"
#include "analysis/stats/win_rate.h"
#include "reports/build.h"
#include "reports/render.h"
#include "reports/words.h"

enum { QUIET_MAX = 40, NOTES_MAX = 20 };

struct writing {
    const struct analysis *analysis;
    const struct coverage *coverage;
    struct arena *arena;
    struct blocks *out;
};

static const struct finding *finding_at(const struct writing *w, size_t i)
{
    return &w->analysis->findings.list.v[i];
}

/* ---- verdict, evidence ---- */

static void put_verdict(const struct writing *w)
{
    const struct analysis *a = w->analysis;

    blocks_heading(w->out, 1, "Verdict");
    blocks_bold(w->out, a->verdict, " \xe2\x80\x94 %s.", a->verdict_rule);
    if (isnan(a->risk))
        blocks_paragraph(w->out, "Risk: not known, the run cannot be judged.");
    else
        blocks_paragraph(w->out, "Risk: %s (%.2f of 1).", a->risk_level, a->risk);
}

static void put_series(const struct writing *w, const struct role_series *r)
{
    struct summary s;

    series_summary(&r->clean.active, &s);
    const char *cells[] = {
        word_quote(w->arena, r->name, 80),
        word_step(w->arena, r->clean.points),
        s.finite ? word_number(w->arena, s.first) : "none",
        s.finite ? arena_printf(w->arena, "%s (step %lld)", word_number(w->arena, s.min),
                                (long long)s.min_step)
                 : "none",
        s.finite ? arena_printf(w->arena, "%s (step %lld)", word_number(w->arena, s.max),
                                (long long)s.max_step)
                 : "none",
        s.finite ? word_number(w->arena, s.last) : "none",
        s.finite ? word_number(w->arena, s.mean_last_tenth) : "none",
        word_step(w->arena, r->clean.non_finite_active + r->clean.non_finite_superseded)};
    blocks_table_row(w->out, cells, sizeof(cells) / sizeof(cells[0]));
}

static void put_plain_rules(const struct writing *w)
{
    const struct series *val = &w->analysis->subject->role[ROLE_VALIDATION_LOSS].clean.active;
    struct plain_overfit p = plain_overfit_of(val->value, val->n);

    if (!p.enough)
        return;
    blocks_bullet(w->out,
                  "Plain rule, last validation loss against the middle one: %s against %s, "
                  "%s. It flips on noise; the findings judge by all points.",
                  word_number(w->arena, p.last), word_number(w->arena, p.middle),
                  p.warns ? "Possible overfitting detected" : "no warning");
}

static void put_evidence(const struct writing *w)
{
    static const char *const head[] = {
        "Series",    "Points", "First", "Lowest", "Highest", "Last", "Mean of the last 10 %",
        "Not finite"};
    size_t logged = 0;

    blocks_heading(w->out, 1, "Evidence");
    for (int role = 0; role < ROLES; role++)
        logged += w->analysis->subject->role[role].logged;
    if (logged == 0) {
        blocks_paragraph(w->out, "No series with a known role is logged.");
        return;
    }
    blocks_table_begin(w->out);
    blocks_table_row(w->out, head, sizeof(head) / sizeof(head[0]));
    for (int role = 0; role < ROLES; role++) {
        if (w->analysis->subject->role[role].logged)
            put_series(w, &w->analysis->subject->role[role]);
    }
    blocks_table_end(w->out);
    put_plain_rules(w);
}

/* ---- findings, recommendations ---- */

static void put_found(const struct writing *w, const struct finding *f)
{
    struct buf out = {0};

    buf_printf(&out, ": %s %s.", f->sentence, word_weight(w->arena, f));
    if (*f->evidence.method)
        buf_printf(&out, " Method: %.*s.", STR_FMT(word_clause(f->evidence.method)));
    if (*f->what_would_change_it)
        buf_printf(&out, " What would change it: %.*s.",
                   STR_FMT(word_clause(f->what_would_change_it)));
    for (size_t i = 0; i < f->caveats.n; i++)
        buf_printf(&out, "%s%.*s%s", i ? "; " : " But: ", STR_FMT(word_clause(f->caveats.v[i])),
                   i + 1 == f->caveats.n ? "." : "");
    blocks_bold(w->out, f->id, "%s", buf_text(&out));
    buf_fini(&out);
}

static void put_quiet(const struct writing *w, enum finding_status status, const char *title)
{
    size_t n = 0;

    for (size_t i = 0; i < w->analysis->findings.list.n; i++) {
        const struct finding *f = finding_at(w, i);
        if (f->status != status || n++ >= QUIET_MAX)
            continue;
        if (n == 1)
            blocks_heading(w->out, 2, "%s", title);
        blocks_bullet(w->out, "%s: %s", f->id, f->sentence);
    }
    if (n > QUIET_MAX)
        blocks_paragraph(w->out, "%zu more of this kind are left out.", n - (size_t)QUIET_MAX);
}

static void put_findings(const struct writing *w)
{
    size_t found = 0;

    blocks_heading(w->out, 1, "Findings");
    for (size_t i = 0; i < w->analysis->findings.list.n; i++) {
        if (finding_at(w, i)->status != FINDING_FOUND)
            continue;
        put_found(w, finding_at(w, i));
        found++;
    }
    if (found == 0)
        blocks_paragraph(w->out, "Nothing was found. That holds for what was judged, below.");
    put_quiet(w, FINDING_INCONCLUSIVE, "Cannot tell");
    put_quiet(w, FINDING_NOT_FOUND, "No problem found");
    put_quiet(w, FINDING_INSUFFICIENT_DATA, "Too little data");
    put_quiet(w, FINDING_NOT_APPLICABLE, "Not judged");
}

static void put_recommendation(const struct writing *w, const struct recommendation *r)
{
    const struct advice *a = r->advice;
    struct buf out = {0};

    if (a->from && a->to)
        buf_printf(&out, ": from %s to %s", a->from, a->to);
    else if (a->to)
        buf_printf(&out, ": %s", a->to);
    buf_printf(&out, ". Because of %s; cost: %s.", r->because, r->cost);
    if (a->expected)
        buf_printf(&out, " Expected: %.*s.", STR_FMT(word_clause(a->expected)));
    if (a->check)
        buf_printf(&out, " Check: %.*s.", STR_FMT(word_clause(a->check)));
    blocks_bold(
        w->out,
        arena_printf(w->arena, "%zu. %s", (size_t)(r - w->analysis->recommendations) + 1, a->key),
        "%s", buf_text(&out));
    buf_fini(&out);
}

static void put_recommendations(const struct writing *w)
{
    const struct sft *sft = w->analysis->subject->sft;
    size_t n = w->analysis->recommendations_n;

    blocks_heading(w->out, 1, "Recommendations");
    for (size_t i = 0; i < n; i++)
        put_recommendation(w, &w->analysis->recommendations[i]);
    if (n == 0)
        blocks_paragraph(w->out, "No change follows from what was found.");
    if (n > 1)
        blocks_paragraph(w->out, "In this order, one at a time: with several changes at once the "
                                 "next run does not tell which one helped.");
    if (sft && sft->why && !sft->judge.source)
        blocks_paragraph(w->out, "Next: a judged comparison with the baseline, of at least 100 "
                                 "comparisons; above 55 %% with an interval above 50 %% is a "
                                 "success, below 50 %% with one below 50 %% asks for another look "
                                 "at the findings.");
}

/* ---- limitations, capacity, win rate ---- */

static void put_list(const struct writing *w, const char *title, const struct strs *names)
{
    struct buf out = {0};

    for (size_t i = 0; i < names->n; i++)
        buf_printf(&out, "%s%s", i ? "; " : " ", names->v[i]);
    blocks_bold(w->out, title, "%s.", names->n ? buf_text(&out) : " nothing");
    buf_fini(&out);
}

static void put_limitations(const struct writing *w)
{
    const struct coverage *c = w->coverage;

    blocks_heading(w->out, 1, "Limitations");
    put_list(w, "Not logged:", &w->analysis->not_logged);
    put_list(w, "Not assessed, whatever the data:", &w->analysis->not_assessed);
    for (size_t i = 0; i < w->analysis->limitations.n; i++)
        blocks_bullet(w->out, "%s", w->analysis->limitations.v[i]);
    for (size_t i = 0; i < c->sources.n; i++)
        blocks_bullet(w->out, "Read: %s (%s).", c->sources.v[i].path, c->sources.v[i].format);
    if (c->malformed.count)
        blocks_bullet(w->out, "Malformed: %lld, the first in %s (%s).",
                      (long long)c->malformed.count, c->malformed.path, c->malformed.reason);
    if (c->restarts_total)
        blocks_bullet(w->out, "Restarts: %lld; the latest attempt counts.",
                      (long long)c->restarts_total);
    for (size_t i = 0; i < c->notes.n && i < NOTES_MAX; i++)
        blocks_bullet(w->out, "Note: %s.", c->notes.v[i]);
}

static const struct finding *any_of_class(const struct writing *w, const char *class)
{
    for (size_t i = 0; i < w->analysis->findings.list.n; i++) {
        if (strcmp(finding_at(w, i)->class, class) == 0)
            return finding_at(w, i);
    }
    return NULL;
}

static void put_sentences(const struct writing *w, const char *const *classes, const char *none)
{
    size_t n = 0;

    for (; *classes; classes++) {
        const struct finding *f = any_of_class(w, *classes);
        if (f) {
            blocks_paragraph(w->out, "%s", f->sentence);
            n++;
        }
    }
    if (n == 0)
        blocks_paragraph(w->out, "%s", none);
}

static void put_capacity(const struct writing *w)
{
    static const char *const classes[] = {"lora_capacity", "lora_modules", "lora_learning_rate",
                                          NULL};

    blocks_heading(w->out, 1, "Capacity");
    put_sentences(w, classes, "Not judged.");
}

static void put_win_rate(const struct writing *w)
{
    static const char *const classes[] = {"win_rate", NULL};
    const struct sft *sft = w->analysis->subject->sft;

    if (!sft || !sft->judge.source)
        return;
    blocks_heading(w->out, 1, "Win rate");
    put_sentences(w, classes, "Not judged.");
}

/* ---- how to check ---- */

/* A word for the shell: single quotes around it, those in it outside of them. */
static void put_shell_word(struct buf *out, struct str text)
{
    buf_byte(out, '\'');
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '\'')
            buf_puts(out, "'\\''");
        else
            buf_byte(out, text.p[i]);
    }
    buf_byte(out, '\'');
}

static void put_query(struct buf *out, const char *id, struct str key, const char *ask)
{
    struct buf json = {0};

    buf_puts(&json, "{\"expId\":");
    json_put_string(&json, str_of(id));
    buf_puts(&json, ",\"key\":");
    json_put_string(&json, key);
    buf_printf(&json, ",\"ask\":\"%s\"}", ask);
    buf_puts(out, "postrun call query_metric ");
    put_shell_word(out, buf_str(&json));
    buf_byte(out, '\n');
    buf_fini(&json);
}

static double value_of(const struct finding *f, const char *name)
{
    for (size_t i = 0; i < f->evidence.values.n; i++) {
        if (strcmp(f->evidence.values.v[i].name, name) == 0)
            return f->evidence.values.v[i].value;
    }
    return (double)NAN;
}

/* The same check by hand, where its arguments can say what the run's own files say. */
static void put_capacity_check(struct buf *out, const struct writing *w)
{
    const struct sft *sft = w->analysis->subject->sft;
    const struct finding *f = any_of_class(w, "lora_capacity");
    const struct adapter *a = sft ? &sft->adapter : NULL;
    double tokens = f ? value_of(f, "tokens") : (double)NAN;
    struct buf json = {0};

    if (!a || !a->model || !lora_model_find(str_of(a->model)) || !(tokens > 0))
        return;
    buf_printf(&json, "{\"rank\":%lld,\"model\":", (long long)a->rank);
    json_put_string(&json, str_of(a->model));
    buf_printf(&json, ",\"dataset_tokens\":%.0f,\"modules\":[", tokens);
    for (unsigned i = 0; i < 3; i++) {
        static const struct {
            const char *name;
            unsigned matrices;
        } modules[] = {{"attention", LORA_ATTENTION}, {"mlp", LORA_MLP}, {"unembed", LORA_UNEMBED}};
        if ((a->matrices & modules[i].matrices) != modules[i].matrices)
            continue;
        json_put_comma(&json);
        json_put_string(&json, str_of(modules[i].name));
    }
    buf_printf(&json, "],\"nats_per_token\":%.6g}", value_of(f, "needed") / tokens * log(2));
    buf_puts(out, "postrun call check_capacity ");
    put_shell_word(out, buf_str(&json));
    buf_byte(out, '\n');
    buf_fini(&json);
}

static void put_check(const struct writing *w)
{
    const struct subject *subject = w->analysis->subject;
    const struct sft *sft = subject->sft;
    struct buf out = {0};

    blocks_heading(w->out, 1, "How to check");
    blocks_paragraph(w->out, "Each number above comes from the files named under Limitations. With "
                             "--experiments set to the directory this run was found in:");
    for (int role = 0; role < ROLES; role++) {
        if (subject->role[role].logged)
            put_query(&out, subject->experiment->id, subject->role[role].name,
                      role_direction((enum role)role) == DIRECTION_HIGHER_IS_BETTER ? "maximum"
                                                                                    : "minimum");
    }
    if (sft && sft->judge.source)
        buf_printf(&out,
                   "postrun call check_win_rate '{\"wins\":%lld,\"losses\":%lld,"
                   "\"ties\":%lld}'\n",
                   (long long)sft->judge.wins, (long long)sft->judge.losses,
                   (long long)sft->judge.ties);
    put_capacity_check(&out, w);
    blocks_code(w->out, "sh", out.n ? buf_str(&out) : STR("postrun check\n"));
    buf_fini(&out);
}

void analysis_file_text(const struct analysis *analysis, const struct coverage *coverage,
                        struct arena *arena, struct buf *out)
{
    struct blocks blocks = {0};
    const struct writing w = {analysis, coverage, arena, &blocks};
    const char *id = analysis->subject->experiment->id;
    struct report report = {.title = arena_printf(arena, "Analysis of %s", id)};
    struct err err;

    blocks_begin(&blocks, id, "analysis");
    put_verdict(&w);
    put_evidence(&w);
    put_findings(&w);
    put_recommendations(&w);
    put_limitations(&w);
    put_capacity(&w);
    put_win_rate(&w);
    put_check(&w);
    report.blocks = arena_str(arena, blocks_end(&blocks));
    blocks_fini(&blocks);
    const struct json *tree = json_parse(arena, report.blocks, JSON_STRICT, DATA_DEPTH_MAX, &err);
    buf_puts(out, ANALYSIS_MARK);
    if (tree)
        render_markdown(&report, tree, arena, out);
}
