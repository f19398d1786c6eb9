/*
 * tau2-bench: {timestamp, info, tasks, simulations: [{id, task_id, trial,
 * termination_reason, reward_info: {reward}, messages}]}, or a simulation a file
 * in the folder `simulations`. A simulation that an infrastructure error ended has
 * no reward and is none.
 */
#include "analysis/trajectories/reader.h"

#include "analysis/when.h"

static int bid(const struct candidate *file, const char **why)
{
    if (head_first(file) != '{')
        return 0;
    if (head_has(file, "agent_info") && head_has(file, "user_info") &&
        head_has(file, "environment_info")) {
        *why = "info of agent, user and environment as tau2-bench writes it";
        return 93;
    }
    if (!head_has(file, "task_id") || !head_has(file, "termination_reason") ||
        !(head_has(file, "reward_info") || head_has(file, "agent_cost")))
        return 0;
    *why = "task_id, termination_reason and reward_info as tau2-bench writes them";
    return 93;
}

static void begin(struct str head, struct sink *sink)
{
    struct scan scan = scan_object(head);
    struct scan_member m, agent, model;

    if (member_of(head, "task_id", &m)) /* a simulation of its own */
        sink->file.training = sink->origin.above;
    while (scan_next(&scan, &m) && !member_is(&m, "tasks")) {
        if (member_is(&m, "info") && member_is_object(&m) &&
            member_of(m.value, "agent_info", &agent) && member_is_object(&agent) &&
            member_of(agent.value, "llm", &model))
            sink->file.agent = sink_text(sink, &model);
    }
}

static void read(struct str record, struct sink *sink)
{
    struct trajectory t = trajectory_none();
    struct scan scan = scan_object(record);
    struct scan_member m, reward;
    bool number = true, list = true, shell = false;

    while (scan_next(&scan, &m)) {
        if (member_is(&m, "id"))
            t.id = sink_text(sink, &m);
        else if (member_is(&m, "task_id"))
            t.question = sink_text(sink, &m);
        else if (member_is(&m, "trial"))
            (void)take_whole(&m, &t.sample);
        else if (member_is(&m, "termination_reason"))
            t.reason = sink_text(sink, &m);
        else if (member_is(&m, "start_time") &&
                 !when_read(sink_text(sink, &m), &t.created_ms, NULL))
            t.created_ms = NO_NUMBER;
        else if (member_is(&m, "reward_info") && member_is_object(&m))
            number = !member_of(m.value, "reward", &reward) || take_number(&reward, &t.reward);
        else if (member_is(&m, "messages") && m.kind != SCAN_NULL)
            list = member_is_list(&m) && sink_chat(sink, m.value, true).ok;
        shell |= member_is(&m, "tasks");
    }
    const char *fault = scan.fault          ? scan.fault
                        : shell             ? NULL
                        : t.question.n == 0 ? "Missing required field: task_id"
                        : !number           ? "reward must be a number"
                        : !list             ? "messages must be a list of messages"
                                            : NULL;
    if (fault)
        sink_refuse(sink, t.id, fault);
    else if (!shell) /* a log without simulations */
        sink_end(sink, &t);
}

const struct trajectory_reader trajectory_reader_tau2_bench = {
    .name = "tau2_bench",
    .what = "tau2-bench results: simulations of tasks with trials, messages and a reward.",
    .extensions = json_names,
    .within = "simulations",
    .alone = true,
    .head = TRAJECTORY_HEAD_MAX,
    .bid = bid,
    .begin = begin,
    .read = read,
};
