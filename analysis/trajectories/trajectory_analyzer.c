/*
 * TrajectoryAnalyzer's import formats: {"trajectories": […]}, {"trajectory": {…}},
 * a bare array, lines of any of these; items flat or nested ({trajectory, metrics,
 * trajectory_reward, chat_completions}); numbers may be texts. Its sentences about
 * what is wrong are kept, because people look for them.
 */
#include "analysis/trajectories/reader.h"

struct item {
    struct trajectory t;
    struct sink *sink;
    const char *fault;     /* the first */
    double written, final; /* reward; final_reward, else trajectory_reward */
    double result;         /* res_reward */
    struct str tree, steps, chat;
    struct str list; /* of trajectories: the record is a shell around them */
    int64_t iteration;
    bool has_id, has_question, is_item;
};

static int bid(const struct candidate *file, const char **why)
{
    bool step = head_has(file, "steps") || head_has(file, "chat_completions");

    if (head_first(file) != '[' && head_first(file) != '{')
        return 0;
    if (head_has(file, "trajectory_id") && (head_has(file, "data_id") || step)) {
        *why = "trajectory_id and data_id as TrajectoryAnalyzer imports them";
        return 85;
    }
    if ((head_has(file, "trajectories") || head_has(file, "trajectory")) &&
        (head_has(file, "trajectory_reward") || head_has(file, "chat_completions") ||
         head_has(file, "data_id"))) {
        *why = "trajectories with rewards as TrajectoryAnalyzer imports them";
        return 70;
    }
    return 0;
}

static void number(struct item *item, const struct scan_member *member, double *out,
                   const char *fault)
{
    if (!take_number(member, out) && !item->fault)
        item->fault = fault;
}

static void whole(const struct scan_member *member, int64_t *out)
{
    (void)take_whole(member, out); /* what is no number is not given */
}

/* A task is {question, ground_truth}, or a shell around another task that has `problem`. */
static void take_task(struct item *item, struct str value)
{
    struct scan scan = scan_object(value);
    struct scan_member member;

    while (scan_next(&scan, &member)) {
        if (member_is(&member, "question") || member_is(&member, "problem"))
            item->t.text = sink_text(item->sink, &member);
        else if (member_is(&member, "agent_name") && item->t.agent.n == 0)
            item->t.agent = sink_text(item->sink, &member);
        else if (member_is(&member, "task") && member.kind == SCAN_NESTED &&
                 member.value.p[0] == '{')
            take_task(item, member.value);
    }
}

static void take_time(struct item *item, const struct scan_member *member)
{
    double seconds = (double)NAN;

    if (take_number(member, &seconds) && fabs(seconds) < 1e15)
        item->t.created_ms = (int64_t)(seconds < 1e10 ? seconds * 1000 : seconds);
}

static bool take_name(struct item *item, const struct scan_member *m)
{
    struct trajectory *t = &item->t;

    if (member_is(m, "trajectory_id")) {
        t->id = sink_text(item->sink, m);
        item->has_id = t->id.n > 0;
    } else if (member_is(m, "data_id")) {
        t->question = sink_text(item->sink, m);
        item->has_question = t->question.n > 0;
    } else if (member_is(m, "training_id")) {
        t->training = sink_text(item->sink, m);
    } else if (member_is(m, "agent_name")) {
        t->agent = sink_text(item->sink, m);
    } else if (member_is(m, "termination_reason")) {
        t->reason = sink_text(item->sink, m);
    } else if (member_is(m, "tree_id")) {
        item->tree = sink_text(item->sink, m);
    } else if (member_is(m, "question")) {
        t->text = sink_text(item->sink, m);
    } else {
        return false;
    }
    return true;
}

static void take_members(struct item *item, struct str object);

static void take(struct item *item, const struct scan_member *m)
{
    static const char list_of_steps[] = "steps must be a list";
    static const char list_of_texts[] = "chat_completions must be a list";
    struct trajectory *t = &item->t;

    if (take_name(item, m))
        return;
    if (member_is(m, "reward")) {
        number(item, m, &item->written, "reward must be a number");
    } else if (member_is(m, "final_reward")) {
        number(item, m, &item->final, "final_reward must be a number");
    } else if (member_is(m, "trajectory_reward") && isnan(item->final)) {
        number(item, m, &item->final, "trajectory_reward must be a number");
    } else if (member_is(m, "res_reward")) {
        (void)take_number(m, &item->result);
    } else if (member_is(m, "epoch_id")) {
        whole(m, &t->epoch);
    } else if (member_is(m, "iteration_id")) {
        whole(m, &t->iteration);
    } else if (member_is(m, "sample_id")) {
        whole(m, &t->sample);
    } else if (member_is(m, "step_count")) {
        whole(m, &t->steps);
    } else if (member_is(m, "created_at")) {
        take_time(item, m);
    } else if (member_is(m, "task") && m->kind == SCAN_NESTED && m->value.p[0] == '{') {
        take_task(item, m->value);
    } else if ((member_is(m, "trajectory") || member_is(m, "metrics")) && m->kind == SCAN_NESTED &&
               m->value.p[0] == '{') {
        item->is_item |= member_is(m, "trajectory");
        take_members(item, m->value);
    } else if (member_is(m, "trajectories") && m->kind == SCAN_NESTED) {
        item->list = m->value;
    } else if (member_is(m, "iteration")) {
        whole(m, &item->iteration);
    } else if (member_is(m, "steps")) {
        if (m->kind == SCAN_NESTED && m->value.p[0] == '[')
            item->steps = m->value;
        else if (!take_whole(m, &t->steps) && !item->fault) /* metrics give their number */
            item->fault = list_of_steps;
    } else if (member_is(m, "chat_completions")) {
        if (m->kind == SCAN_NESTED && m->value.p[0] == '[')
            item->chat = m->value;
        else if (m->kind != SCAN_NULL && !item->fault)
            item->fault = list_of_texts;
    }
}

static void take_members(struct item *item, struct str object)
{
    struct scan scan = scan_object(object);
    struct scan_member member;

    while (scan_next(&scan, &member))
        take(item, &member);
    if (scan.fault && !item->fault)
        item->fault = scan.fault;
}

static struct str name_in(struct sink *sink, struct str object)
{
    static const char *const names[] = {"name", "tool", "tool_name", "type", "action"};
    struct scan_member member;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (member_of(object, names[i], &member) && member.kind == SCAN_STRING)
            return action_name(sink_text(sink, &member));
    }
    return STR("(object)");
}

static void hand_over_step(struct item *item, struct str object)
{
    struct step step = step_none();
    struct scan scan = scan_object(object);
    struct scan_member m;
    struct str response = {0};
    bool said = false;

    while (scan_next(&scan, &m)) {
        if (member_is(&m, "step_id")) {
            whole(&m, &step.id);
        } else if (member_is(&m, "thought")) {
            step.thought = m.value;
        } else if (member_is(&m, "model_response")) {
            response = m.value;
        } else if (member_is(&m, "action") && m.kind != SCAN_NULL) {
            step.action = m.value;
            step.tool = m.kind == SCAN_NESTED && m.value.p[0] == '{'
                            ? name_in(item->sink, m.value)
                            : action_name(sink_text(item->sink, &m));
        } else if (member_is(&m, "observation")) {
            step.observation = m.value;
            said = m.kind != SCAN_NULL;
        } else if (member_is(&m, "reward")) {
            (void)take_number(&m, &step.reward);
        } else if (member_is(&m, "done")) {
            step.done = member_true(&m);
        }
    }
    if (step.thought.n <= 2)
        step.thought = response;
    step.returned = step.tool.n > 0 || said;
    sink_step(item->sink, &step);
}

static void hand_over_steps(struct item *item)
{
    struct scan scan = scan_array(item->steps);
    struct scan_member element;

    while (scan_element(&scan, &element)) {
        if (element.kind == SCAN_NESTED && element.value.p[0] == '{')
            hand_over_step(item, element.value);
        else if (!item->fault)
            item->fault = "a step is not an object";
    }
}

/* data-training-epoch-iteration-sample, and -tree if it is not there yet. */
static void add_tree(struct item *item)
{
    struct str id = item->t.id, tree = item->tree;
    size_t dashes = 0;

    for (size_t i = 0; i < id.n; i++)
        dashes += id.p[i] == '-';
    if (tree.n == 0 || dashes < 5 ||
        (str_ends(id, tree) && id.n > tree.n && id.p[id.n - tree.n - 1] == '-'))
        return;
    item->t.id = str_of(arena_printf(item->sink->scratch, "%.*s-%.*s", STR_FMT(id), STR_FMT(tree)));
}

/*
 * Upstream lets a final reward win only if it is not 0, and puts res_reward in
 * place of a true 0. Here the final reward wins, what is written stays, and a
 * contradiction is told.
 */
static void settle_reward(struct item *item)
{
    struct trajectory *t = &item->t;

    t->reward = !isnan(item->final)     ? item->final
                : !isnan(item->written) ? item->written
                                        : item->result;
    if (!isnan(item->final) && !isnan(item->written) && item->final != item->written)
        sink_remark(item->sink, t->id,
                    arena_printf(item->sink->scratch,
                                 "reward %g but final reward %g: the final one counts",
                                 item->written, item->final));
}

static void read_item(struct str object, struct sink *sink);

static void read_list(const struct item *shell)
{
    struct sink *sink = shell->sink;
    struct scan scan = scan_array(shell->list);
    struct scan_member any;

    sink->iteration = shell->iteration;
    if (shell->fault || scan.fault)
        sink_refuse(sink, (struct str){0},
                    shell->fault ? shell->fault : "trajectories must be a list");
    while (!shell->fault && scan_element(&scan, &any)) {
        if (any.kind == SCAN_NESTED && any.value.p[0] == '{')
            read_item(any.value, sink);
        else
            sink_refuse(sink, (struct str){0}, "a trajectory is not an object");
    }
}

static const char *fault_of(const struct item *item)
{
    if (item->fault)
        return item->fault;
    if (!item->has_id && !item->has_question && !item->is_item && !item->steps.n)
        return "Invalid JSON format. Expected 'trajectories' or 'trajectory' key";
    return !item->has_id         ? "Missing required field: trajectory_id"
           : !item->has_question ? "Missing required field: data_id"
                                 : NULL;
}

static void read_item(struct str object, struct sink *sink)
{
    struct item item = {.t = trajectory_none(),
                        .sink = sink,
                        .written = (double)NAN,
                        .final = (double)NAN,
                        .result = (double)NAN,
                        .iteration = NO_NUMBER};

    take_members(&item, object);
    if (item.list.n) {
        read_list(&item);
        return;
    }
    add_tree(&item);
    if (item.steps.n)
        hand_over_steps(&item);
    struct chat chat = {0};
    if (item.chat.n)
        chat = sink_chat(sink, item.chat, item.steps.n == 0);
    if (item.t.text.n == 0 && chat.n > 0)
        item.t.text = sink_value(sink, chat.second.n ? chat.second : chat.first_user);
    const char *fault = fault_of(&item);
    if (fault) {
        sink_refuse(sink, item.t.id, fault);
        return;
    }
    settle_reward(&item);
    sink_end(sink, &item.t);
}

static void read(struct str record, struct sink *sink)
{
    sink->iteration = NO_NUMBER;
    read_item(record, sink);
}

const struct trajectory_reader trajectory_reader_trajectory_analyzer = {
    .name = "trajectory_analyzer",
    .what = "TrajectoryAnalyzer's JSON and JSONL: trajectories with steps, chats and rewards.",
    .extensions = json_names,
    .within = "trajectories",
    .bid = bid,
    .read = read,
};
