/*
 * mini-swe-agent's .traj.json: {info: {exit_status, submission, …}, messages,
 * trajectory_format}, or the bare list of messages. No reward: the patch is judged
 * elsewhere.
 */
#include "analysis/trajectories/reader.h"

static int bid(const struct candidate *file, const char **why)
{
    bool named = str_ends(str_of(file->path), STR(".traj.json"));

    if (str_has(file->head, STR("\"mini-swe-agent-")) ||
        (named && head_first(file) == '{' && head_has(file, "exit_status"))) {
        *why = "info and messages as mini-swe-agent writes them";
        return 85;
    }
    if (!named || !head_has(file, "role") || !head_has(file, "content"))
        return 0;
    *why = "a list of messages under a name of mini-swe-agent's";
    return 75;
}

static void take_info(struct str info, struct trajectory *t, struct sink *sink)
{
    struct scan_member m, config, model, name;

    if (member_of(info, "exit_status", &m))
        t->reason = sink_text(sink, &m);
    if (member_of(info, "config", &config) && member_is_object(&config) &&
        member_of(config.value, "model", &model) && member_is_object(&model) &&
        member_of(model.value, "model_name", &name))
        t->agent = sink_text(sink, &name);
}

static void read(struct str record, struct sink *sink)
{
    struct trajectory t = trajectory_none();
    struct scan_member m, messages = {.kind = SCAN_NESTED, .value = record};
    struct scan scan = scan_object(record);
    bool list = record.n && record.p[0] == '[';

    while (!list && scan_next(&scan, &m)) {
        if (member_is(&m, "messages"))
            messages = m;
        else if (member_is(&m, "instance_id"))
            t.question = sink_text(sink, &m);
        else if (member_is(&m, "info") && member_is_object(&m))
            take_info(m.value, &t, sink);
    }
    t.id = t.question.n ? t.question : sink->origin.question;
    if (!list && scan.fault) {
        sink_refuse(sink, t.id, scan.fault);
        return;
    }
    if (!member_is_list(&messages) || !sink_chat(sink, messages.value, true).ok) {
        sink_refuse(sink, t.id, "messages must be a list of messages");
        return;
    }
    t.text = sink_words(sink, &messages);
    sink_end(sink, &t);
}

static const char *const names[] = {".json", NULL};

const struct trajectory_reader trajectory_reader_mini_swe_agent = {
    .name = "mini_swe_agent",
    .what = "mini-swe-agent .traj.json: messages and an exit status; no reward in the file.",
    .extensions = names,
    .whole = true,
    .question_files = true,
    .bid = bid,
    .read = read,
};
