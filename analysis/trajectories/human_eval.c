/*
 * HumanEval samples after they were run: {task_id, completion, result, passed}.
 * result is "passed", "timed out" or "failed: " with an exception. Samples that
 * were not run yet have no `passed`, and nothing can be said about them.
 */
#include "analysis/trajectories/reader.h"

static int bid(const struct candidate *file, const char **why)
{
    if (!head_has(file, "task_id") || !head_has(file, "completion") || !head_has(file, "passed"))
        return 0;
    *why = "task_id, completion and passed as HumanEval writes them";
    return 80;
}

static void read(struct str record, struct sink *sink)
{
    struct trajectory t = trajectory_none();
    struct step step = step_none();
    struct scan scan = scan_object(record);
    struct scan_member m;

    while (scan_next(&scan, &m)) {
        if (member_is(&m, "task_id"))
            t.question = sink_text(sink, &m);
        else if (member_is(&m, "completion"))
            step.thought = m.value;
        else if (member_is(&m, "passed") && m.kind == SCAN_BOOL)
            t.reward = member_true(&m);
        else if (member_is(&m, "completion_id"))
            (void)take_whole(&m, &t.sample);
        else if (member_is(&m, "result") && m.kind == SCAN_STRING)
            t.reason = sink_text(sink, &m);
    }
    if (scan.fault || t.question.n == 0 || isnan(t.reward)) {
        sink_refuse(sink, t.question,
                    scan.fault          ? scan.fault
                    : t.question.n == 0 ? "Missing required field: task_id"
                                        : "passed must be true or false");
        return;
    }
    const char *colon = t.reason.n ? memchr(t.reason.p, ':', t.reason.n) : NULL;
    if (colon)
        t.reason.n = (size_t)(colon - t.reason.p);
    sink_step(sink, &step);
    sink_end(sink, &t);
}

const struct trajectory_reader trajectory_reader_human_eval = {
    .name = "human_eval",
    .what = "HumanEval samples with `passed`.",
    .extensions = json_names,
    .bid = bid,
    .read = read,
};
