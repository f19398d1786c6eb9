/* Runs side by side: what differs in configuration, and what may be claimed about the metric. */
#include "analysis/comparison.h"

#include <math.h>

#include "analysis/base/limits.h"
#include "tools/answer.h"

enum {
    VALUE_CHARS_MAX = 120,
    KEYS_SHOWN = 60, /* of those that differ; labels and seeds last */
};

struct args {
    struct strs expIds;
    const char *metric, *groupBy;
};

struct result {
    const char *metric, *direction, *groupedBy;
    struct str runs, groups, config, claims, parameters;
    const char *nextRun;
    struct str coverage;
};

static void put_text(struct buf *out, const char *name, const char *text)
{
    json_put_key(out, name);
    if (text)
        json_put_string(out, str_of(text));
    else
        buf_puts(out, "null");
}

static struct str put_runs(const struct call *call, const struct comparison *c)
{
    struct buf out = {0};

    buf_byte(&out, '[');
    for (size_t i = 0; i < c->runs_n; i++) {
        const struct compared_run *r = &c->run[i];
        struct assessed state;

        experiment_assess(r->experiment, call->now_ms, call->arena, &state);
        json_put_comma(&out);
        buf_byte(&out, '{');
        put_text(&out, "expId", r->experiment->id);
        put_text(&out, "commit", r->commit);
        put_text(&out, "state", state.state);
        put_integer(&out, "group", (int64_t)r->group);
        put_integer(&out, "n", (int64_t)r->n);
        if (r->logged) {
            if (!str_is(r->metric, c->metric)) {
                json_put_key(&out, "as");
                json_put_string(&out, r->metric);
            }
            put_number(&out, "first", r->first);
            put_number(&out, "final", r->final);
            put_number(&out, "last", r->last);
            put_integer(&out, "lastStep", r->last_step);
            if (c->direction != DIRECTION_UNKNOWN) {
                put_number(&out, "best", r->best);
                put_integer(&out, "bestStep", r->best_step);
            }
        }
        buf_byte(&out, '}');
    }
    buf_byte(&out, ']');
    return finish(&out, call->arena);
}

static void put_outliers(struct buf *out, const struct comparison *c, const struct run_group *g)
{
    json_put_key(out, "outliers");
    buf_byte(out, '[');
    for (size_t i = 0; i < g->outliers_n; i++) {
        json_put_comma(out);
        json_put_string(out, str_of(c->run[g->outlier[i]].experiment->id));
    }
    buf_byte(out, ']');
}

static struct str put_groups(const struct comparison *c, struct arena *arena)
{
    struct buf out = {0};

    buf_byte(&out, '[');
    for (size_t i = 0; i < c->groups_n; i++) {
        json_put_comma(&out);
        buf_byte(&out, '{');
        put_text(&out, "label", clean_text(arena, str_of(c->group[i].label), 200));
        put_integer(&out, "runs", (int64_t)c->group[i].n);
        put_number(&out, "mean", c->group[i].mean);
        put_number(&out, "sd", c->group[i].sd);
        put_number(&out, "iqm", c->group[i].iqm);
        if (c->group[i].outliers_n)
            put_outliers(&out, c, &c->group[i]);
        buf_byte(&out, '}');
    }
    buf_byte(&out, ']');
    return finish(&out, arena);
}

static void put_difference(struct buf *out, const struct comparison *c,
                           const struct differing_key *d, struct arena *arena)
{
    json_put_comma(out);
    buf_byte(out, '{');
    put_text(out, "key", d->key);
    if (d->seed || d->label)
        put_text(out, "kind", d->seed ? "seed" : "label");
    json_put_key(out, "values");
    buf_byte(out, '[');
    for (size_t i = 0; i < c->runs_n; i++) {
        json_put_comma(out);
        if (d->value[i].n == 0)
            buf_puts(out, "null");
        else if (d->value[i].n > VALUE_CHARS_MAX)
            json_put_string(out, str_of(clean_text(arena, d->value[i], VALUE_CHARS_MAX)));
        else
            buf_add(out, d->value[i]);
    }
    buf_puts(out, "]}");
}

static struct str put_config(const struct comparison *c, struct coverage *coverage)
{
    struct buf out = {0};
    size_t shown = 0;

    buf_puts(&out, "{\"same\":");
    json_put_integer(&out, (int64_t)c->same_n);
    put_integer(&out, "different", (int64_t)c->differs_n);
    json_put_key(&out, "differs");
    buf_byte(&out, '[');
    for (int pass = 0; pass < 2; pass++) { /* what makes a method first */
        for (size_t i = 0; i < c->differs_n && shown < KEYS_SHOWN; i++) {
            const struct differing_key *d = &c->differs[i];
            if ((d->seed || d->label) == (pass == 1) && out.n < ANSWER_CHARS / 3) {
                put_difference(&out, c, d, coverage->arena);
                shown++;
            }
        }
    }
    buf_puts(&out, "]}");
    if (shown < c->differs_n)
        coverage_note(coverage, "%zu of %zu differing keys are shown; compare fewer runs for all",
                      shown, c->differs_n);
    return finish(&out, coverage->arena);
}

static void put_claim(struct buf *out, const struct claim *claim)
{
    json_put_comma(out);
    buf_byte(out, '{');
    put_integer(out, "a", (int64_t)claim->a);
    put_integer(out, "b", (int64_t)claim->b);
    put_text(out, "claim", claim_kind_name(claim->kind));
    put_text(out, "says", claim->says);
    put_integer(out, "atStep", claim->at_step);
    put_number(out, "valueA", claim->value_a);
    put_number(out, "valueB", claim->value_b);
    put_number(out, "difference", claim->difference);
    put_number(out, "ciLow", claim->ci_low);
    put_number(out, "ciHigh", claim->ci_high);
    put_number(out, "p", claim->p);
    put_number(out, "q", claim->q);
    put_number(out, "d", claim->d);
    put_number(out, "probabilityOfImprovement", claim->probability);
    put_number(out, "seedSd", claim->seed_sd);
    put_number(out, "anchorMultiple", claim->anchor_multiple);
    if (claim->more_seeds != NOT_GIVEN)
        put_integer(out, "moreSeeds", claim->more_seeds);
    put_number(out, "stepsRatio", claim->steps_ratio);
    put_number(out, "areaLn", claim->area);
    buf_byte(out, '}');
}

static struct str put_claims(const struct comparison *c, struct coverage *coverage)
{
    struct buf out = {0};
    size_t shown = 0;

    buf_byte(&out, '[');
    for (; shown < c->claims_n && out.n < ANSWER_CHARS / 3; shown++)
        put_claim(&out, &c->claim[shown]);
    buf_byte(&out, ']');
    if (shown < c->pairs_n)
        coverage_note(coverage,
                      "%zu of %zu pairs are shown, those of the first groups first; compare fewer "
                      "runs, or group them with groupBy",
                      shown, c->pairs_n);
    return finish(&out, coverage->arena);
}

static void put_sweep(struct buf *out, const struct rate_sweep *s)
{
    json_put_comma(out);
    buf_byte(out, '{');
    put_text(out, "key", s->key);
    put_text(out, "test", "parabola in log10");
    put_integer(out, "n", (int64_t)s->n);
    put_integer(out, "rates", (int64_t)s->rates);
    put_integer(out, "atStep", s->at_step);
    put_number(out, "best", s->best);
    put_number(out, "curvature", s->curvature);
    put_number(out, "ciLow", s->low);
    put_number(out, "ciHigh", s->high);
    if (s->kind == SWEEP_INSIDE) {
        put_number(out, "optimum", s->optimum);
        put_number(out, "predicted", s->at_optimum);
        put_number(out, "rangeLow", s->range_low);
        put_number(out, "rangeHigh", s->range_high);
        put_number(out, "scatter", s->scatter);
    }
    put_text(out, "says", s->says);
    buf_byte(out, '}');
}

static struct str put_parameters(const struct comparison *c, struct coverage *coverage)
{
    struct buf out = {0};

    buf_byte(&out, '[');
    if (c->sweep)
        put_sweep(&out, c->sweep);
    for (size_t i = 0; i < c->parameters_n; i++) {
        const struct parameter *p = &c->parameter[i];
        json_put_comma(&out);
        buf_byte(&out, '{');
        put_text(&out, "key", p->key);
        put_text(&out, "test", p->numeric ? "Spearman" : "Kruskal-Wallis");
        put_number(&out, "rho", p->rho);
        put_number(&out, "p", p->p);
        put_number(&out, "q", p->q);
        json_put_key(&out, "exact");
        buf_puts(&out, p->exact ? "true" : "false");
        put_integer(&out, "n", (int64_t)p->n);
        if (p->confounded_with)
            put_text(&out, "confoundedWith", p->confounded_with);
        buf_byte(&out, '}');
    }
    buf_byte(&out, ']');
    if (c->parameters_note)
        coverage_note(coverage, "%s", c->parameters_note);
    return finish(&out, coverage->arena);
}

static bool open_all(struct call *call, const struct strs *ids, const struct experiment **out,
                     struct err *err)
{
    for (size_t i = 0; i < ids->n; i++) {
        if (!open_experiment(call, ids->v[i], &out[i], err))
            return false;
        for (size_t k = 0; k < i; k++) {
            if (strcmp(out[k]->id, out[i]->id) == 0)
                return err_set(err, ERR_ARGUMENT, "expIds names '%s' twice", out[i]->id);
        }
    }
    return true;
}

static bool run(struct call *call, const void *in, void *out, struct err *err)
{
    const struct args *args = in;
    struct result *result = out;
    const struct experiment *experiments[RUNS_MAX];
    struct comparison c;
    struct coverage coverage;

    coverage_init(&coverage, call->arena);
    if (args->expIds.n < 2 || args->expIds.n > RUNS_MAX)
        return err_set(err, ERR_ARGUMENT, "expIds must name 2 to %d experiments, not %zu", RUNS_MAX,
                       args->expIds.n);
    if (!open_all(call, &args->expIds, experiments, err))
        return false;
    struct comparison_request request = {experiments, args->expIds.n, args->metric, args->groupBy};
    if (!compare_runs(&request, call->arena, &coverage, &c, err))
        return false;
    *result = (struct result){.metric = c.metric,
                              .direction = c.direction == DIRECTION_LOWER_IS_BETTER    ? "lower"
                                           : c.direction == DIRECTION_HIGHER_IS_BETTER ? "higher"
                                                                                       : "unknown",
                              .groupedBy = c.grouped_by,
                              .nextRun = c.next_run};
    result->runs = put_runs(call, &c);
    result->groups = put_groups(&c, call->arena);
    result->config = put_config(&c, &coverage);
    result->claims = put_claims(&c, &coverage);
    result->parameters = put_parameters(&c, &coverage);
    result->coverage = coverage_json(&coverage, call->arena);
    return true;
}

static const struct field in[] = {
    F_STRS(struct args, expIds, .doc = "2 to 50 experiments; the first is the reference.",
           .required = true),
    F_STR(struct args, metric, .doc = "By its name in the log; else what the runs are judged by."),
    F_STR(struct args, groupBy,
          .doc = "A configuration key, or none; else runs alike but in seed."),
};

static const struct field out[] = {
    F_STR(struct result, metric, .doc = "", .required = true),
    F_STR(struct result, direction, .doc = "Which way is better", .required = true),
    F_STR(struct result, groupedBy, .doc = "", .required = true),
    F_RAW(struct result, runs, .doc = "", .type = "array", .required = true),
    F_RAW(struct result, groups, .doc = "", .type = "array", .required = true),
    F_RAW(struct result, config, .doc = "Keys that differ", .type = "object", .required = true),
    F_RAW(struct result, claims, .doc = "By pairs of groups", .type = "array", .required = true),
    F_RAW(struct result, parameters, .doc = "Settings against the metric", .type = "array",
          .required = true),
    F_STR(struct result, nextRun, .doc = "What would tell most", .nullable = true),
    F_RAW(struct result, coverage, .doc = "", .type = "object", .required = true),
};

const struct tool tool_compare_experiments = {
    .name = "compare_experiments",
    .title = "Runs side by side, and what may be claimed",
    .doc = "What differs in configuration, and what may be claimed about the metric: effect, "
           "interval, better, worse, within noise, or cannot tell and how many seeds are missing. "
           "Call it before saying that one run beats another.",
    .flags = TOOL_READ_ONLY,
    .in = SHAPE(struct args, in),
    .out = SHAPE(struct result, out),
    .run = run,
    .example = "{\"expIds\":[\"$LM\",\"$RL\"],\"metric\":\"Losses/Total\"}",
};
