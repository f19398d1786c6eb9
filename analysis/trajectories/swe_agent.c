/*
 * SWE-agent's .traj: {environment, trajectory: [{action, observation, response,
 * thought, …}], history, info: {exit_status, model_stats}}. It holds no verdict:
 * whether the patch resolves the issue is found out elsewhere, so there is no
 * reward. Demonstrations may hold only a history.
 */
#include "analysis/trajectories/reader.h"

static int bid(const struct candidate *file, const char **why)
{
    bool named = str_ends(str_of(file->path), STR(".traj"));

    if (head_first(file) != '{' || !(head_has(file, "trajectory") || head_has(file, "history")) ||
        !(head_has(file, "environment") || named) ||
        !(head_has(file, "action") || head_has(file, "role")))
        return 0;
    *why = "a trajectory of actions and observations as SWE-agent writes it";
    return named ? 85 : 65;
}

static void hand_over_steps(struct str list, struct sink *sink)
{
    struct scan scan = scan_array(list);
    struct scan_member element, m;

    while (scan_element(&scan, &element)) {
        struct step step = step_none();
        struct scan inside = scan_object(element.value);
        while (scan_next(&inside, &m)) {
            if (member_is(&m, "action") && m.kind == SCAN_STRING) {
                step.action = m.value;
                step.tool = action_name(sink_text(sink, &m));
            } else if (member_is(&m, "observation")) {
                step.observation = m.value;
            } else if (member_is(&m, "thought") ||
                       (member_is(&m, "response") && step.thought.n <= 2)) {
                step.thought = m.value;
            }
        }
        step.returned = step.tool.n > 0;
        sink_step(sink, &step);
    }
}

static void read(struct str record, struct sink *sink)
{
    struct trajectory t = trajectory_none();
    struct scan scan = scan_object(record);
    struct scan_member m, status, history = {0};
    bool steps = false;

    while (scan_next(&scan, &m)) {
        if (member_is(&m, "trajectory") && member_is_list(&m)) {
            hand_over_steps(m.value, sink);
            steps = true;
        } else if (member_is(&m, "history") && member_is_list(&m)) {
            history = m;
        } else if (member_is(&m, "info") && member_is_object(&m) &&
                   member_of(m.value, "exit_status", &status)) {
            t.reason = sink_text(sink, &status);
        }
    }
    t.id = sink->origin.question;
    if (scan.fault || !(steps || history.value.p)) {
        sink_refuse(sink, t.id, scan.fault ? scan.fault : "Missing required field: trajectory");
        return;
    }
    if (history.value.p) {
        (void)sink_chat(sink, history.value, !steps);
        t.text = sink_words(sink, &history);
    }
    sink_end(sink, &t);
}

static const char *const names[] = {".traj", ".json", NULL};

const struct trajectory_reader trajectory_reader_swe_agent = {
    .name = "swe_agent",
    .what = "SWE-agent .traj: actions and observations; no reward in the file.",
    .extensions = names,
    .question_files = true,
    .bid = bid,
    .read = read,
};
