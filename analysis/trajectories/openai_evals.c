/*
 * OpenAI evals: {"spec": …}, then events {run_id, event_id, sample_id, type, data},
 * and {"final_report": …} if the run was not stopped. An event of type match, or of
 * type metrics with a score, is a trajectory; sampling and the rest are not.
 */
#include "analysis/trajectories/reader.h"

#include "analysis/when.h"

static int bid(const struct candidate *file, const char **why)
{
    bool spec = head_has(file, "spec") && head_has(file, "completion_fns");

    if (head_first(file) != '{' ||
        !(spec ||
          (head_has(file, "run_id") && head_has(file, "event_id") && head_has(file, "sample_id"))))
        return 0;
    *why = spec ? "a spec with completion_fns as OpenAI evals writes it"
                : "events with run_id, event_id and sample_id as OpenAI evals writes them";
    return 85;
}

static void begin(struct str head, struct sink *sink)
{
    struct scan_member spec, fns, first;
    struct str line;

    if (!str_next(&head, '\n', &line) || !member_of(line, "spec", &spec) ||
        !member_is_object(&spec) || !member_of(spec.value, "completion_fns", &fns) ||
        !member_is_list(&fns))
        return;
    struct scan scan = scan_array(fns.value);
    if (scan_element(&scan, &first) && first.kind == SCAN_STRING)
        sink->file.agent = sink_text(sink, &first);
}

static bool take_score(const struct scan_member *m, double *out)
{
    if (m->kind == SCAN_BOOL)
        *out = member_true(m);
    return m->kind == SCAN_BOOL || (m->kind != SCAN_NULL && take_number(m, out));
}

/* correct of a match; score, correct or accuracy of metrics. */
static void take_data(struct str object, bool match, double *reward, struct step *step)
{
    static const char *const names[] = {"correct", "score", "accuracy"};
    struct scan_member m;

    for (size_t i = 0; i < (match ? 1 : 3); i++) {
        if (member_of(object, names[i], &m) && take_score(&m, reward))
            break;
    }
    if (member_of(object, "sampled", &m) || member_of(object, "picked", &m))
        step->thought = m.value;
}

struct event {
    struct str run, sample, number, type, data;
    int64_t created_ms;
    bool end, spec;
};

static struct event event_of(struct str record, struct sink *sink, const char **fault)
{
    struct event e = {.created_ms = NO_NUMBER};
    struct scan scan = scan_object(record);
    struct scan_member m;

    while (scan_next(&scan, &m)) {
        if (member_is(&m, "run_id"))
            e.run = sink_text(sink, &m);
        else if (member_is(&m, "sample_id"))
            e.sample = sink_text(sink, &m);
        else if (member_is(&m, "event_id"))
            e.number = sink_text(sink, &m);
        else if (member_is(&m, "type"))
            e.type = sink_text(sink, &m);
        else if (member_is(&m, "data") && member_is_object(&m))
            e.data = m.value;
        else if (member_is(&m, "created_at") &&
                 !when_read(sink_text(sink, &m), &e.created_ms, NULL))
            e.created_ms = NO_NUMBER;
        e.end |= member_is(&m, "final_report");
        e.spec |= member_is(&m, "spec");
    }
    *fault = scan.fault;
    return e;
}

static void read(struct str record, struct sink *sink)
{
    struct trajectory t = trajectory_none();
    struct step step = step_none();
    const char *fault;
    struct event e = event_of(record, sink, &fault);
    bool match = str_is(e.type, "match");

    sink->complete |= e.end;
    if (fault) {
        sink_refuse(sink, e.sample, fault);
        return;
    }
    if (e.end || e.spec || !(match || str_is(e.type, "metrics")))
        return;
    take_data(e.data, match, &t.reward, &step);
    if (isnan(t.reward) && !match)
        return; /* metrics of another kind */
    t.id = str_of(arena_printf(sink->scratch, "%.*s#%.*s", STR_FMT(str_cut(e.sample, 300)),
                               STR_FMT(str_cut(e.number, 40))));
    if (e.sample.n == 0 || isnan(t.reward)) {
        sink_refuse(sink, t.id,
                    e.sample.n ? "correct must be true, false or a number"
                               : "Missing required field: sample_id");
        return;
    }
    t.question = e.sample;
    t.training = e.run;
    t.created_ms = e.created_ms;
    if (step.thought.n)
        sink_step(sink, &step);
    sink_end(sink, &t);
}

static void finish(struct sink *sink)
{
    if (!sink->complete)
        sink_remark(sink, (struct str){0}, "has no final_report: the run was stopped");
}

const struct trajectory_reader trajectory_reader_openai_evals = {
    .name = "openai_evals",
    .what = "OpenAI evals JSONL: match and metrics events of samples.",
    .extensions = json_names,
    .head = TRAJECTORY_HEAD_MAX,
    .bid = bid,
    .begin = begin,
    .read = read,
    .finish = finish,
};
