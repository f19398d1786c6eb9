/*
 * samples_TASK_TIME.jsonl of lm-evaluation-harness: {doc_id, doc, target, resps,
 * filtered_resps, doc_hash, …, metrics: [names], NAME: value}. The reward is the
 * first of its metrics that is a number and better when larger. A document that
 * was scored through several filters stands there once for each: each filter is a
 * training of its own, or one answer would count as several trials.
 */
#include "analysis/trajectories/reader.h"

/* Better when larger, in the order in which they are preferred. */
static const char *const metrics[] = {"exact_match", "acc", "acc_norm", "pass@1", "em",
                                      "f1",          "mcc", "bleu",     "rouge1", "rougeL"};

enum { METRICS = sizeof(metrics) / sizeof(metrics[0]), HASH = 8 };

static int bid(const struct candidate *file, const char **why)
{
    if (!head_has(file, "doc_id") ||
        !(head_has(file, "filtered_resps") || head_has(file, "resps")) || !head_has(file, "target"))
        return 0;
    *why = "doc_id, target and resps as lm-evaluation-harness writes its samples";
    return 85;
}

struct sample {
    struct str id, hash, filter;
    struct scan_member doc, answer;
    double value[METRICS];
};

static void take(struct sample *s, const struct scan_member *m, struct sink *sink)
{
    if (member_is(m, "doc_id"))
        s->id = sink_text(sink, m);
    else if (member_is(m, "doc_hash"))
        s->hash = sink_text(sink, m);
    else if (member_is(m, "filter"))
        s->filter = sink_text(sink, m);
    else if (member_is(m, "doc"))
        s->doc = *m;
    else if (member_is(m, "filtered_resps") || (member_is(m, "resps") && !s->answer.value.p))
        s->answer = *m;
    for (size_t i = 0; i < METRICS; i++) {
        if (!member_is(m, metrics[i]))
            continue;
        if (m->kind == SCAN_BOOL)
            s->value[i] = member_true(m);
        else if (m->kind != SCAN_NESTED)
            (void)take_number(m, &s->value[i]);
    }
}

static struct str words_of(struct str doc, struct sink *sink)
{
    static const char *const names[] = {"question", "query", "problem", "prompt", "input", "text"};
    struct scan_member m;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (member_of(doc, names[i], &m) && m.kind == SCAN_STRING)
            return sink_text(sink, &m);
    }
    return (struct str){0};
}

/* doc_id and the beginning of its hash: the same number is the same document, or it differs. */
static void name_it(const struct sample *s, struct trajectory *t, struct sink *sink)
{
    struct arena *scratch = sink->scratch;

    t->question = s->id;
    if (s->hash.n)
        t->question = str_of(arena_printf(scratch, "%.*s-%.*s", STR_FMT(str_cut(s->id, 300)),
                                          STR_FMT(str_cut(s->hash, HASH))));
    t->id = t->question;
    if (s->filter.n && !str_is(s->filter, "none"))
        t->training =
            str_of(arena_printf(scratch, "%.*s:%.*s", STR_FMT(str_cut(sink->origin.training, 300)),
                                STR_FMT(str_cut(s->filter, 80))));
}

static void read(struct str record, struct sink *sink)
{
    struct trajectory t = trajectory_none();
    struct step step = step_none();
    struct sample s = {.id = {0}};
    struct scan scan = scan_object(record);
    struct scan_member m;
    size_t i = 0;

    for (size_t k = 0; k < METRICS; k++)
        s.value[k] = (double)NAN;
    while (scan_next(&scan, &m))
        take(&s, &m, sink);
    if (scan.fault || s.id.n == 0) {
        sink_refuse(sink, s.id, scan.fault ? scan.fault : "Missing required field: doc_id");
        return;
    }
    name_it(&s, &t, sink);
    if (s.doc.kind == SCAN_NESTED)
        t.text = words_of(s.doc.value, sink);
    while (i < METRICS && isnan(s.value[i]))
        i++;
    if (i < METRICS)
        t.reward = s.value[i];
    else
        sink_remark(sink, t.id, "no metric that is known to be better when larger: no reward");
    step.thought = s.answer.value;
    if (step.thought.n)
        sink_step(sink, &step);
    sink_end(sink, &t);
}

const struct trajectory_reader trajectory_reader_lm_eval = {
    .name = "lm_eval",
    .what = "lm-evaluation-harness samples: a document with its answers and metrics a line.",
    .extensions = json_names,
    .bid = bid,
    .read = read,
};
