/*
 * Rollouts of many trainers, one JSON object each, that have a reward: verifiers
 * results, prime-rl, tinker-cookbook rollout summaries, verl rollouts, and what
 * people write themselves. Names are looked up in a table.
 */
#include "analysis/base/fnv.h"
#include "analysis/trajectories/reader.h"

enum part {
    ID,
    QUESTION,
    TEXT,
    TRAINING,
    AGENT,
    REASON,
    SAMPLE,
    EPOCH,
    ITERATION,
    REWARD,
    TRUNCATED,
    CHAT,
    STEPS,
    PARTS_N
};

/* Of several names of a part the one that stands first here is taken. */
static const struct {
    enum part part;
    const char *name;
} names[] = {
    {ID, "trajectory_id"},
    {ID, "rollout_id"},
    {ID, "id"},
    {ID, "uid"},
    {QUESTION, "data_id"},
    {QUESTION, "question_id"},
    {QUESTION, "example_id"},
    {QUESTION, "task_id"},
    {QUESTION, "problem_id"},
    {QUESTION, "prompt_id"},
    {QUESTION, "group_idx"},
    {TEXT, "question"},
    {TEXT, "problem"},
    {TEXT, "prompt"},
    {TEXT, "input"},
    {TRAINING, "training_id"},
    {TRAINING, "run_id"},
    {AGENT, "agent_name"},
    {AGENT, "agent"},
    {AGENT, "model"},
    {REASON, "termination_reason"},
    {REASON, "stop_condition"},
    {REASON, "finish_reason"},
    {REASON, "stop_reason"},
    {SAMPLE, "sample_id"},
    {SAMPLE, "traj_idx"},
    {SAMPLE, "trial"},
    {SAMPLE, "attempt"},
    {EPOCH, "epoch_id"},
    {EPOCH, "epoch"},
    {ITERATION, "iteration_id"},
    {ITERATION, "iteration"},
    {ITERATION, "step"},
    {REWARD, "reward"},
    {REWARD, "total_reward"},
    {REWARD, "score"},
    {TRUNCATED, "is_truncated"},
    {TRUNCATED, "truncated"},
    {CHAT, "messages"},
    {CHAT, "completion"},
    {STEPS, "steps"},
};

/* Lines, or an array: one large object that happens to have such members is something else. */
static bool is_list(const struct candidate *file)
{
    struct str rest = str_trim(file->head), line;

    if (head_first(file) == '[')
        return true;
    if (!str_next(&rest, '\n', &line) || (rest.n == 0 && !file->whole))
        return false;
    line = str_trim(line);
    return line.n > 2 && line.p[line.n - 1] == '}';
}

static int bid(const struct candidate *file, const char **why)
{
    bool episode = head_has(file, "completion") || head_has(file, "messages") ||
                   head_has(file, "traj_idx") || head_has(file, "question_id") ||
                   head_has(file, "example_id") || head_has(file, "data_id") ||
                   head_has(file, "rollout_id") ||
                   (head_has(file, "input") && head_has(file, "output"));
    bool reward =
        head_has(file, "reward") || head_has(file, "total_reward") || head_has(file, "score");

    if (!is_list(file) || !episode || !reward)
        return 0;
    *why = "objects with a reward and what it was given for";
    return 40;
}

static void take(struct scan_member found[PARTS_N], size_t place[PARTS_N],
                 const struct scan_member *member)
{
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        enum part part = names[i].part;
        if (!member_is(member, names[i].name))
            continue;
        if (member->kind != SCAN_NULL && i < place[part]) {
            found[part] = *member;
            place[part] = i;
        }
        return;
    }
}

static struct str text_of(struct sink *sink, const struct scan_member *member)
{
    if (member->kind == SCAN_NESTED || !member->value.p)
        return (struct str){0};
    return sink_text(sink, member);
}

/* A name for a question that has only its words. */
static struct str named_by_words(struct sink *sink, struct str words)
{
    if (words.n == 0)
        return (struct str){0};
    return str_of(arena_printf(sink->scratch, "prompt-%016llx", (unsigned long long)fnv_of(words)));
}

static void hand_over_steps(struct sink *sink, struct str list)
{
    struct scan scan = scan_array(list);
    struct scan_member element, m;

    while (scan_element(&scan, &element)) {
        struct step step = step_none();
        struct scan inside = scan_object(element.value);
        while (scan_next(&inside, &m)) {
            if (member_is(&m, "step_idx") || member_is(&m, "step_id"))
                (void)take_whole(&m, &step.id);
            else if (member_is(&m, "reward"))
                (void)take_number(&m, &step.reward);
            else if (member_is(&m, "episode_done") || member_is(&m, "done"))
                step.done = member_true(&m);
            else if (member_is(&m, "thought"))
                step.thought = m.value;
            else if (member_is(&m, "observation"))
                step.observation = m.value;
            else if (member_is(&m, "action") && m.kind == SCAN_STRING) {
                step.action = m.value;
                step.tool = action_name(sink_text(sink, &m));
            }
        }
        step.returned = step.tool.n > 0;
        sink_step(sink, &step);
    }
}

static void read(struct str record, struct sink *sink)
{
    struct scan_member found[PARTS_N] = {0}, member;
    size_t place[PARTS_N];
    struct trajectory t = trajectory_none();
    struct chat chat = {0};
    struct scan scan = scan_object(record);

    memset(place, 0xff, sizeof(place));
    while (scan_next(&scan, &member))
        take(found, place, &member);
    t.id = text_of(sink, &found[ID]);
    if (scan.fault) {
        sink_refuse(sink, t.id, scan.fault);
        return;
    }
    if (!found[REWARD].value.p || !take_number(&found[REWARD], &t.reward)) {
        sink_refuse(sink, t.id,
                    found[REWARD].value.p ? "reward must be a number"
                                          : "Missing required field: reward");
        return;
    }
    t.text = sink_words(sink, &found[TEXT]);
    t.question = text_of(sink, &found[QUESTION]);
    if (t.question.n == 0)
        t.question = named_by_words(sink, t.text);
    t.training = text_of(sink, &found[TRAINING]);
    t.agent = text_of(sink, &found[AGENT]);
    t.reason = text_of(sink, &found[REASON]);
    if (t.reason.n == 0 && member_true(&found[TRUNCATED]))
        t.reason = STR("truncated");
    (void)(found[SAMPLE].value.p && take_whole(&found[SAMPLE], &t.sample));
    (void)(found[EPOCH].value.p && take_whole(&found[EPOCH], &t.epoch));
    (void)(found[ITERATION].value.p && take_whole(&found[ITERATION], &t.iteration));
    bool steps = found[STEPS].kind == SCAN_NESTED && found[STEPS].value.p[0] == '[';
    if (steps)
        hand_over_steps(sink, found[STEPS].value);
    if (found[CHAT].kind == SCAN_NESTED && found[CHAT].value.p[0] == '[')
        chat = sink_chat(sink, found[CHAT].value, !steps);
    if (t.text.n == 0) /* what the user said first is what was asked */
        t.text = sink_value(sink, chat.first_user);
    sink_end(sink, &t);
}

const struct trajectory_reader trajectory_reader_rewards = {
    .name = "rewards",
    .what = "Rollouts with a reward, an object each: verifiers, prime-rl, tinker, verl, own logs.",
    .extensions = json_names,
    .bid = bid,
    .read = read,
};
