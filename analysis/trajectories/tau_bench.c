/*
 * tau-bench (Yao et al. 2024): an array of {task_id, reward, info, traj, trial},
 * traj a list of OpenAI messages. It writes no reason for the end; the runner
 * stops when the user says ###STOP### or the agent hands over to a human, and
 * otherwise at its limit of steps.
 */
#include "analysis/trajectories/reader.h"

static int bid(const struct candidate *file, const char **why)
{
    if ((head_first(file) != '[' && head_first(file) != '{') || !head_has(file, "task_id") ||
        !(head_has(file, "traj") || head_has(file, "reward_info") || head_has(file, "trial") ||
          head_has(file, "user_cost")) ||
        !head_has(file, "info") || head_has(file, "trajectory_id"))
        return 0;
    *why = "task_id, reward, info and traj as tau-bench writes them";
    return 90;
}

static const char *reason_of(const struct chat *chat, struct sink *sink)
{
    struct str last;

    for (size_t i = 0; i < sink->watch.tools_n; i++) {
        if (strcmp(sink->watch.tool[i].name, "transfer_to_human_agents") == 0)
            return "transfer_to_human_agents called";
    }
    last = sink_value(sink, chat->last_content);
    if (chat->n == 0)
        return "";
    if (chat->last_role == SPEAKER_USER && str_has(last, STR("###STOP###")))
        return "user ###STOP###";
    return chat->last_role == SPEAKER_TOOL   ? "other (last role tool)"
           : chat->last_role == SPEAKER_USER ? "other (last role user)"
                                             : "other (last role assistant)";
}

/* The instruction in info.task is what the simulated user wants. */
static struct str instruction(struct sink *sink, struct str info)
{
    struct scan_member task, text;

    if (member_of(info, "task", &task) && member_of(task.value, "instruction", &text))
        return sink_text(sink, &text);
    return (struct str){0};
}

static void read(struct str record, struct sink *sink)
{
    struct trajectory t = trajectory_none();
    struct scan scan = scan_object(record);
    struct scan_member member;
    struct str trial = {0}, info = {0};
    struct chat chat = {0};
    bool rewarded = true, had_chat = false;

    while (scan_next(&scan, &member)) {
        if (member_is(&member, "task_id")) {
            t.question = sink_text(sink, &member);
        } else if (member_is(&member, "trial")) {
            trial = sink_text(sink, &member);
            take_whole(&member, &t.sample);
        } else if (member_is(&member, "reward")) {
            rewarded = take_number(&member, &t.reward);
        } else if (member_is(&member, "info")) {
            info = member.value;
        } else if (member_is(&member, "traj")) {
            chat = sink_chat(sink, member.value, true);
            had_chat = true;
        }
    }
    t.id = str_of(arena_printf(sink->scratch, "%.*s-%.*s", STR_FMT(t.question), STR_FMT(trial)));
    if (scan.fault)
        sink_refuse(sink, t.id, scan.fault);
    else if (t.question.n == 0)
        sink_refuse(sink, t.id, "Missing required field: task_id");
    else if (!rewarded)
        sink_refuse(sink, t.id, "reward must be a number");
    else if (had_chat && !chat.ok)
        sink_refuse(sink, t.id, "traj must be a list of messages");
    else {
        t.text = instruction(sink, info);
        t.reason = str_of(reason_of(&chat, sink));
        sink_end(sink, &t);
    }
}

const struct trajectory_reader trajectory_reader_tau_bench = {
    .name = "tau_bench",
    .what = "tau-bench results: an array of tasks with trials, OpenAI messages and a reward.",
    .extensions = json_names,
    .bid = bid,
    .read = read,
};
