/* What happened in a run, how sure that is, and what to try next: findings with their evidence. */
#include "analysis/anchors/anchor.h"
#include "analysis/base/limits.h"
#include "analysis/comparison.h"
#include "analysis/verdict.h"
#include "tools/answer.h"
#include "tools/finding_json.h"

#include <math.h>

struct args {
    const char *expId;
    struct str checks;
    const char *baseline, *detail;
};

struct result {
    const char *expId, *verdict, *verdictRule;
    struct str risk, baseline, recommendations, findings, anchors;
    struct strs notAssessed, limitations;
    struct str coverage;
};

/* How findings of each status are written, from the most to the least that may be left. */
static const struct plan {
    enum finding_detail found, open, none; /* found; inconclusive; not_found and too short */
    bool others;                           /* those that do not apply, too */
} plans[] = {
    {FINDING_IN_FULL, FINDING_IN_FULL, FINDING_IN_FULL, true},  /* full */
    {FINDING_IN_FULL, FINDING_IN_FULL, FINDING_IN_BRIEF, true}, /* normal */
    {FINDING_IN_FULL, FINDING_IN_BRIEF, FINDING_IN_BRIEF, false},
    {FINDING_IN_FULL, FINDING_IN_BRIEF, FINDING_BY_NAME, false},
    {FINDING_IN_BRIEF, FINDING_IN_BRIEF, FINDING_BY_NAME, false}, /* brief */
    {FINDING_IN_BRIEF, FINDING_BY_NAME, FINDING_BY_NAME, false},
};

enum { PLANS = sizeof(plans) / sizeof(plans[0]), FULL = 0, NORMAL = 1, BRIEF = 4 };

static void put_planned(struct buf *out, const struct finding *f, const struct plan *plan)
{
    switch (f->status) {
    case FINDING_FOUND:
        put_finding(out, f, plan->found);
        break;
    case FINDING_INCONCLUSIVE:
        put_finding(out, f, plan->open);
        break;
    case FINDING_NOT_APPLICABLE:
        if (plan->others)
            put_finding(out, f, FINDING_IN_BRIEF);
        break;
    default:
        put_finding(out, f, plan->none);
    }
}

/* The fullest plan from `first` on that leaves room for the rest of the answer. */
static struct str put_findings(const struct analysis *a, size_t first, struct coverage *coverage)
{
    enum { AROUND = 8000 }; /* verdict, recommendations, anchors, limitations, coverage */
    struct buf out = {0};
    size_t at = first, hidden = 0;

    for (;; at++) {
        out.n = 0;
        hidden = 0;
        buf_byte(&out, '[');
        for (size_t i = 0; i < a->findings.list.n; i++) {
            const struct finding *f = &a->findings.list.v[i];
            put_planned(&out, f, &plans[at]);
            hidden += f->status == FINDING_NOT_APPLICABLE && !plans[at].others;
        }
        buf_byte(&out, ']');
        if (first == FULL || out.n + AROUND <= ANSWER_CHARS || at + 1 == PLANS)
            break;
    }
    if (at > first)
        coverage_note(coverage, "the evidence of some findings is left out to fit the answer; "
                                "detail full has all of it");
    if (hidden)
        coverage_note(coverage, "%zu checks that do not apply to this run are not listed", hidden);
    return finish(&out, coverage->arena);
}

/* The plain rules: those that could be applied; with detail full also why the others could not. */
static struct str put_anchors(const struct analysis *a, bool full, struct arena *arena)
{
    struct anchors anchors;
    struct buf out = {0};

    anchors_of(a->subject, arena, &anchors);
    buf_byte(&out, '[');
    for (size_t i = 0; i < anchors.list.n; i++) {
        const struct anchor *anchor = &anchors.list.v[i];
        if (!anchor->applicable && !full)
            continue;
        json_put_comma(&out);
        buf_puts(&out, "{\"name\":");
        json_put_string(&out, str_of(anchor->name));
        json_put_key(&out, "value");
        if (isnan(anchor->value))
            buf_puts(&out, "null");
        else
            json_put_number(&out, anchor->value);
        json_put_key(&out, "fired");
        buf_puts(&out, anchor->applicable ? anchor->fired ? "true" : "false" : "null");
        if (full) {
            json_put_key(&out, "source");
            json_put_string(&out, str_of(anchor->source));
            if (!isnan(anchor->threshold)) {
                json_put_key(&out, "threshold");
                json_put_number(&out, anchor->threshold);
            }
            if (*anchor->note) {
                json_put_key(&out, "note");
                json_put_string(&out, str_of(anchor->note));
            }
        }
        buf_byte(&out, '}');
    }
    buf_byte(&out, ']');
    return finish(&out, arena);
}

/* The claim about the run against its baseline, and what it does to the verdict. */
static bool set_against(struct call *call, const char *id, const struct experiment *experiment,
                        const struct analysis *a, struct coverage *coverage, struct result *result,
                        struct err *err)
{
    const struct experiment *both[2] = {NULL, experiment};
    struct comparison c;
    struct buf out = {0};

    if (!open_experiment(call, id, &both[0], err))
        return false;
    struct comparison_request request = {both, 2, NULL, "none"};
    if (!compare_runs(&request, call->arena, coverage, &c, err))
        return err_wrap(err, "baseline");
    result->verdict = verdict_against(a, &c, call->arena, &result->verdictRule);
    buf_puts(&out, "{\"expId\":");
    json_put_string(&out, str_of(both[0]->id));
    json_put_key(&out, "metric");
    json_put_string(&out, str_of(c.metric));
    json_put_key(&out, "claim");
    json_put_string(&out, str_of(c.claims_n ? claim_kind_name(c.claim[0].kind) : "not_comparable"));
    json_put_key(&out, "says");
    json_put_string(&out, str_of(c.claims_n ? c.claim[0].says
                                            : "one of the two has no metric to "
                                              "be judged by"));
    buf_byte(&out, '}');
    result->baseline = finish(&out, call->arena);
    return true;
}

static bool read_checks(struct str text, struct arena *arena, struct checks *out, struct err *err)
{
    const struct json *object = NULL;

    if (text.n) {
        object = json_parse(arena, text, JSON_STRICT, DATA_DEPTH_MAX, err);
        if (!object)
            return false;
    }
    return checks_read(object, arena, out, err);
}

static bool run(struct call *call, const void *in, void *out, struct err *err)
{
    const struct args *args = in;
    struct result *result = out;
    struct checks *checks = ARENA_NEW(call->arena, struct checks);
    const struct experiment *experiment;
    const struct analysis *a;
    struct coverage coverage;
    struct buf text = {0};

    coverage_init(&coverage, call->arena);
    if (!read_checks(args->checks, call->arena, checks, err) ||
        !open_experiment(call, args->expId, &experiment, err) ||
        !analyze_as(experiment, checks, call->arena, &coverage, &a, err))
        return false;
    size_t first = strcmp(args->detail, "full") == 0    ? FULL
                   : strcmp(args->detail, "brief") == 0 ? BRIEF
                                                        : NORMAL;
    *result = (struct result){.expId = experiment->id,
                              .verdict = a->verdict,
                              .verdictRule = a->verdict_rule,
                              .notAssessed = a->not_assessed,
                              .limitations = a->limitations};
    if (args->baseline && !set_against(call, args->baseline, experiment, a, &coverage, result, err))
        return false;
    result->findings = put_findings(a, first, &coverage);
    if (first != BRIEF)
        result->anchors = put_anchors(a, first == FULL, call->arena);
    put_risk(&text, a);
    result->risk = finish(&text, call->arena);
    text = (struct buf){0};
    put_recommendations(&text, a->recommendations, a->recommendations_n);
    result->recommendations = finish(&text, call->arena);
    result->coverage = coverage_json(&coverage, call->arena);
    return true;
}

static const char *const details[] = {"brief", "normal", "full", NULL};

static const struct field in[] = {
    F_EXP_ID(struct args),
    F_RAW(struct args, checks, .doc = "{roles:{role: series}, thresholds:{name: value}}",
          .type = "object"),
    F_STR(struct args, baseline, .doc = "Another expId that this run has to beat."),
    F_STR(struct args, detail, .doc = "How much evidence is written.", .one_of = details,
          .def_text = "normal"),
};

static const struct field out[] = {
    F_STR(struct result, expId, .doc = "", .required = true),
    F_STR(struct result, verdict, .doc = "", .required = true),
    F_STR(struct result, verdictRule, .doc = "Why", .required = true),
    F_RAW(struct result, risk, .doc = "score, level, largest terms", .type = "object",
          .required = true),
    F_RAW(struct result, baseline, .doc = "Against it", .type = "object"),
    F_RAW(struct result, recommendations, .doc = "One change a key, first things first",
          .type = "array", .required = true),
    F_RAW(struct result, findings, .doc = "Found ones first, by severity", .type = "array",
          .required = true),
    F_RAW(struct result, anchors, .doc = "Plain rules of other tools; never findings",
          .type = "array"),
    F_STRS(struct result, notAssessed, .doc = "What no check covers", .required = true),
    F_STRS(struct result, limitations, .doc = "What bounds all of this", .required = true),
    F_RAW(struct result, coverage, .doc = "", .type = "object", .required = true),
};

const struct tool tool_analyze_experiment = {
    .name = "analyze_experiment",
    .title = "What happened in a run, and what to try next",
    .doc = "Findings with severity, confidence and evidence, the verdict and its rule, risk, and "
           "what to change next. Call it when asked how a run went, why it failed or what to try; "
           "quote its numbers instead of judging curves by eye.",
    .flags = TOOL_READ_ONLY,
    .in = SHAPE(struct args, in),
    .out = SHAPE(struct result, out),
    .run = run,
    .example = "{\"expId\":\"$LM\"}",
};
