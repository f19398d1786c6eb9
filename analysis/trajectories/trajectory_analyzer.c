/*
 * TrajectoryAnalyzer's import formats: {"trajectories": […]}, {"trajectory": {…}},
 * a bare array, lines of any of these; items flat or nested ({trajectory, metrics,
 * trajectory_reward, chat_completions}); numbers may be texts. Its sentences about
 * what is wrong are kept, because people look for them.
 */
#include "analysis/trajectories/reader.h"

#define NAMES(X)                                                                                   \
    X(trajectory_id)                                                                               \
    X(data_id)                                                                                     \
    X(training_id)                                                                                 \
    X(agent_name)                                                                                  \
    X(termination_reason)                                                                          \
    X(tree_id)                                                                                     \
    X(question)                                                                                    \
    X(problem)                                                                                     \
    X(reward)                                                                                      \
    X(final_reward)                                                                                \
    X(trajectory_reward)                                                                           \
    X(res_reward)                                                                                  \
    X(epoch_id)                                                                                    \
    X(iteration_id)                                                                                \
    X(sample_id)                                                                                   \
    X(step_count)                                                                                  \
    X(created_at)                                                                                  \
    X(iteration)                                                                                   \
    X(trajectories)                                                                                \
    X(trajectory)                                                                                  \
    X(metrics)                                                                                     \
    X(task)                                                                                        \
    X(steps)                                                                                       \
    X(chat_completions)                                                                            \
    X(step_id)                                                                                     \
    X(thought)                                                                                     \
    X(model_response)                                                                              \
    X(action)                                                                                      \
    X(observation)                                                                                 \
    X(done)

enum {
#define X(name) NAME_##name,
    NAMES(X)
#undef X
};

static const char *const names[] = {
#define X(name) #name,
    NAMES(X)
#undef X
        NULL};

struct item {
    struct trajectory t;
    struct sink *sink;
    const char *fault;     /* the first */
    double written, final; /* reward; final_reward, else trajectory_reward */
    double result;         /* res_reward */
    struct str tree, chat;
    struct str list; /* of trajectories: the record is a shell around them */
    int64_t iteration;
    bool is_item, has_steps;
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
static void take_task(struct item *item, struct scan *scan)
{
    struct usual *usual = &item->sink->usual[USUAL_TASK];
    struct usual_place place = {.tape = &item->sink->tape};
    struct scan_member member;

    while (usual_next(usual, &place, names, scan, &member)) {
        if (place.name == NAME_task && *member.value.p == '{') {
            struct scan in = scan_enter(scan);
            take_task(item, &in);
            scan_leave(scan, &in);
            continue;
        }
        if (!scan_pass(scan, &member))
            return;
        if (place.name == NAME_question || place.name == NAME_problem)
            item->t.text = sink_text(item->sink, &member);
        else if (place.name == NAME_agent_name && item->t.agent.n == 0)
            item->t.agent = sink_text(item->sink, &member);
    }
}

static void take_time(struct item *item, const struct scan_member *member)
{
    double seconds = (double)NAN;

    if (take_number(member, &seconds) && fabs(seconds) < 1e15)
        item->t.created_ms = (int64_t)(seconds < 1e10 ? seconds * 1000 : seconds);
}

static bool take_name(struct item *item, int name, const struct scan_member *m)
{
    struct trajectory *t = &item->t;
    struct str *to = name == NAME_trajectory_id        ? &t->id
                     : name == NAME_data_id            ? &t->question
                     : name == NAME_training_id        ? &t->training
                     : name == NAME_agent_name         ? &t->agent
                     : name == NAME_termination_reason ? &t->reason
                     : name == NAME_tree_id            ? &item->tree
                     : name == NAME_question           ? &t->text
                                                       : NULL;

    if (!to)
        return false;
    *to = sink_text(item->sink, m);
    return true;
}

/* What is no number is not given. */
static bool take_place(struct item *item, int name, const struct scan_member *m)
{
    struct trajectory *t = &item->t;
    int64_t *to = name == NAME_epoch_id       ? &t->epoch
                  : name == NAME_iteration_id ? &t->iteration
                  : name == NAME_sample_id    ? &t->sample
                  : name == NAME_step_count   ? &t->steps
                  : name == NAME_iteration    ? &item->iteration
                                              : NULL;

    if (to)
        whole(m, to);
    return to;
}

static void take_chat(struct item *item, const struct scan_member *m)
{
    if (m->kind == SCAN_NESTED && m->value.p[0] == '[')
        item->chat = m->value;
    else if (m->kind != SCAN_NULL && !item->fault)
        item->fault = "chat_completions must be a list";
}

static void take(struct item *item, int name, const struct scan_member *m)
{
    if (name == USUAL_OTHER || take_name(item, name, m) || take_place(item, name, m))
        return;
    if (name == NAME_reward)
        number(item, m, &item->written, "reward must be a number");
    else if (name == NAME_final_reward)
        number(item, m, &item->final, "final_reward must be a number");
    else if (name == NAME_trajectory_reward && isnan(item->final))
        number(item, m, &item->final, "trajectory_reward must be a number");
    else if (name == NAME_res_reward)
        (void)take_number(m, &item->result);
    else if (name == NAME_created_at)
        take_time(item, m);
    else if (name == NAME_trajectories && m->kind == SCAN_NESTED)
        item->list = m->value;
    else if (name == NAME_chat_completions)
        take_chat(item, m);
    else if (name == NAME_steps && !take_whole(m, &item->t.steps) && !item->fault)
        item->fault = "steps must be a list"; /* metrics give their number */
}

/* What a call calls, and itself. */
static void take_action(struct item *item, struct step *step, const struct scan_member *m)
{
    static const char *const kinds[] = {"name", "tool", "tool_name", "type", "action"};
    struct scan_member member;

    step->action = m->value;
    if (m->kind != SCAN_NESTED || m->value.p[0] != '{') {
        step->tool = sink_action_name(item->sink, m);
        return;
    }
    step->tool = STR("(object)");
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (member_of(m->value, kinds[i], &member) && member.kind == SCAN_STRING) {
            step->tool = sink_action_name(item->sink, &member);
            return;
        }
    }
}

static void hand_over_step(struct item *item, struct scan *scan)
{
    struct usual *usual = &item->sink->usual[USUAL_STEP];
    struct usual_place place = {.tape = &item->sink->tape};
    struct step step = step_none();
    struct scan_member m;
    struct str response = {0};
    bool said = false;

    while (usual_next(usual, &place, names, scan, &m)) {
        if (m.kind == SCAN_NESTED && !scan_pass(scan, &m))
            break;
        switch (place.name) {
        case NAME_step_id:
            whole(&m, &step.id);
            break;
        case NAME_thought:
            step.thought = m.value;
            break;
        case NAME_model_response:
            response = m.value;
            break;
        case NAME_action:
            if (m.kind != SCAN_NULL)
                take_action(item, &step, &m);
            break;
        case NAME_observation:
            step.observation = m.value;
            said = m.kind != SCAN_NULL;
            break;
        case NAME_reward:
            (void)take_number(&m, &step.reward);
            break;
        case NAME_done:
            step.done = member_true(&m);
            break;
        default:
            break;
        }
    }
    if (step.thought.n <= 2)
        step.thought = response;
    step.returned = step.tool.n > 0 || said;
    sink_step(item->sink, &step);
}

static void hand_over_steps(struct item *item, struct scan *scan)
{
    struct scan_member element;

    while (scan_element_open(scan, &element)) {
        if (*element.value.p == '{') {
            struct scan in = scan_enter(scan);
            hand_over_step(item, &in);
            scan_leave(scan, &in);
            continue;
        }
        (void)scan_pass(scan, &element);
        if (!item->fault)
            item->fault = "a step is not an object";
    }
}

/* What is read where it stands, so that a record is gone over once. False: something else. */
static bool enter(struct item *item, struct scan *scan, const struct scan_member *m, int name);

static void take_members(struct item *item, struct scan *scan, size_t kind)
{
    struct usual *usual = &item->sink->usual[kind];
    struct usual_place place = {.tape = &item->sink->tape};
    struct scan_member member;

    while (usual_next(usual, &place, names, scan, &member)) {
        if (member.kind == SCAN_NESTED && enter(item, scan, &member, place.name))
            continue;
        if (scan_pass(scan, &member))
            take(item, place.name, &member);
    }
    if (scan->fault && !item->fault)
        item->fault = scan->fault;
}

static bool enter(struct item *item, struct scan *scan, const struct scan_member *m, int name)
{
    bool object = *m->value.p == '{', steps = !object && name == NAME_steps;
    bool task = object && name == NAME_task, shell = object && name == NAME_trajectory;

    if (!steps && !task && !shell && !(object && name == NAME_metrics))
        return false;
    struct scan in = scan_enter(scan);
    if (steps && item->has_steps)
        sink_remark(item->sink, item->t.id, "has steps twice: the first count");
    else if (steps)
        hand_over_steps(item, &in);
    else if (task)
        take_task(item, &in);
    else
        take_members(item, &in, shell ? USUAL_SHELL : USUAL_METRICS);
    item->has_steps |= steps;
    item->is_item |= shell;
    scan_leave(scan, &in);
    return true;
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

static void read_item(struct scan *scan, struct sink *sink);

static void read_list(const struct item *shell)
{
    struct sink *sink = shell->sink;
    struct scan scan = scan_array(shell->list);
    struct scan_member any;

    sink->iteration = shell->iteration;
    if (shell->fault || scan.fault)
        sink_refuse(sink, (struct str){0},
                    shell->fault ? shell->fault : "trajectories must be a list");
    while (!shell->fault && scan_element_open(&scan, &any)) {
        if (*any.value.p == '{') {
            struct scan in = scan_enter(&scan);
            read_item(&in, sink);
            scan_leave(&scan, &in);
        } else if (scan_pass(&scan, &any)) {
            sink_refuse(sink, (struct str){0}, "a trajectory is not an object");
        }
    }
}

static const char *fault_of(const struct item *item)
{
    if (item->fault)
        return item->fault;
    bool has_id = item->t.id.n > 0, has_question = item->t.question.n > 0;
    if (!has_id && !has_question && !item->is_item && !item->has_steps)
        return "Invalid JSON format. Expected 'trajectories' or 'trajectory' key";
    return !has_id         ? "Missing required field: trajectory_id"
           : !has_question ? "Missing required field: data_id"
                           : NULL;
}

static void read_item(struct scan *scan, struct sink *sink)
{
    struct item item = {.t = trajectory_none(),
                        .sink = sink,
                        .written = (double)NAN,
                        .final = (double)NAN,
                        .result = (double)NAN,
                        .iteration = NO_NUMBER};

    take_members(&item, scan, USUAL_RECORD);
    if (item.list.n) {
        read_list(&item);
        return;
    }
    add_tree(&item);
    struct chat chat = {0};
    if (item.chat.n)
        chat = sink_chat(sink, item.chat, !item.has_steps);
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
    struct scan scan = scan_object(record);

    sink->iteration = NO_NUMBER;
    tape_begin(&sink->tape);
    read_item(&scan, sink);
}

const struct trajectory_reader trajectory_reader_trajectory_analyzer = {
    .name = "trajectory_analyzer",
    .what = "TrajectoryAnalyzer's JSON and JSONL: trajectories with steps, chats and rewards.",
    .extensions = json_names,
    .within = "trajectories",
    .bid = bid,
    .read = read,
};
