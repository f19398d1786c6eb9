/*
 * Logs of tree-of-thought (Yao et al. 2023). An array of {idx, ys, infos, usage_so_far}:
 * answers to a task with what each earned. Without `steps` they are samples; with
 * it they are the beams of one search. An array of arrays of {total_step, actions,
 * info} is a depth-first search, task after task: its reward is that of the best
 * state it passed, which only somebody who knows the truth can choose.
 */
#include "analysis/trajectories/reader.h"

static const char beams[] = "beams of one search are not independent samples";
static const char best[] = "the best state of a search, chosen by the truth, is no sample";

static int bid(const struct candidate *file, const char **why)
{
    if (head_first(file) != '[')
        return 0;
    if (head_has(file, "total_step") && head_has(file, "env_step") && head_has(file, "actions")) {
        *why = "states of a depth-first search as tree-of-thought writes them";
        return 85;
    }
    if ((head_has(file, "idx") && head_has(file, "ys")) ||
        (head_has(file, "new_ys") && head_has(file, "select_new_ys"))) {
        *why = "idx, ys and infos as tree-of-thought writes them";
        return 85;
    }
    return 0;
}

/* ---- answers ---- */

struct answers {
    struct str idx, text;
    struct scan_member ys, infos;
    bool search;
    const char *fault;
};

/* The task stands in the first step of a search as `x`. */
static struct str task_of(struct sink *sink, struct str steps)
{
    struct scan scan = scan_array(steps);
    struct scan_member first, x;

    if (scan_element(&scan, &first) && first.kind == SCAN_NESTED &&
        member_of(first.value, "x", &x) && x.kind == SCAN_STRING)
        return sink_text(sink, &x);
    return (struct str){0};
}

static struct answers answers_of(struct str record, struct sink *sink)
{
    struct answers a = {.search = false};
    struct scan scan = scan_object(record);
    struct scan_member m;

    while (scan_next(&scan, &m)) {
        if (member_is(&m, "idx")) {
            a.idx = sink_text(sink, &m);
        } else if (member_is(&m, "ys")) {
            a.ys = m;
        } else if (member_is(&m, "infos")) {
            a.infos = m;
        } else if (member_is(&m, "steps") && member_is_list(&m)) {
            a.text = task_of(sink, m.value);
            a.search = true;
        }
    }
    a.fault = scan.fault                  ? scan.fault
              : a.idx.n == 0              ? "Missing required field: idx"
              : !member_is_list(&a.ys)    ? "ys must be a list"
              : !member_is_list(&a.infos) ? "infos must be a list"
                                          : NULL;
    return a;
}

/* r is what counts; r_letter is partial credit, kept as the reward of the only step. */
static void read_answer(const struct answers *a, int64_t i, const struct scan_member *y,
                        const struct scan_member *info, struct sink *sink)
{
    struct trajectory t = trajectory_none();
    struct step step = step_none();
    struct scan scan = scan_object(info->value);
    struct scan_member m;
    bool number = true;

    while (scan_next(&scan, &m)) {
        if (member_is(&m, "r"))
            number = m.kind == SCAN_BOOL || take_number(&m, &t.reward);
        if (member_is(&m, "r") && m.kind == SCAN_BOOL)
            t.reward = member_true(&m);
        if (member_is(&m, "r_letter"))
            (void)take_number(&m, &step.reward);
    }
    t.id = str_of(
        arena_printf(sink->scratch, "%.*s-%lld", STR_FMT(str_cut(a->idx, 200)), (long long)i));
    if (!number) {
        sink_refuse(sink, t.id, "r must be a number");
        return;
    }
    t.question = a->idx;
    t.text = a->text;
    t.sample = i;
    t.kind = a->search ? TRIAL_SEARCH : TRIAL_SAMPLE;
    step.thought = y->value;
    sink_step(sink, &step);
    if (a->search)
        sink_remark(sink, t.id, beams);
    sink_end(sink, &t);
}

static void read_answers(struct str record, struct sink *sink)
{
    struct answers a = answers_of(record, sink);
    struct scan_member y, info;
    int64_t i = 0;

    if (a.fault) {
        sink_refuse(sink, a.idx, a.fault);
        return;
    }
    struct scan ys = scan_array(a.ys.value), infos = scan_array(a.infos.value);
    for (;; i++) {
        bool answer = scan_element(&ys, &y), told = scan_element(&infos, &info);
        if (answer && told && info.kind == SCAN_NESTED && info.value.p[0] == '{')
            read_answer(&a, i, &y, &info, sink);
        else if (answer || told)
            sink_refuse(sink, a.idx, "an answer without its info, or an info without its answer");
        else
            return;
    }
}

/* ---- a depth-first search ---- */

static void last_of(struct str list, struct str *out)
{
    struct scan scan = scan_array(list);
    struct scan_member element;

    while (scan_element(&scan, &element))
        *out = element.value;
}

static void read_state(struct str object, double *reward, struct sink *sink)
{
    struct step step = step_none();
    struct scan scan = scan_object(object);
    struct scan_member m, word;

    while (scan_next(&scan, &m)) {
        if (member_is(&m, "total_step")) {
            (void)take_whole(&m, &step.id);
        } else if (member_is(&m, "actions") && member_is_list(&m)) {
            last_of(m.value, &step.action);
        } else if (member_is(&m, "info") && m.kind == SCAN_NESTED) {
            step.observation = m.value;
            if (member_of(m.value, "r_word", &word) || member_of(m.value, "r", &word))
                (void)take_number(&word, &step.reward);
        }
    }
    if (!isnan(step.reward))
        *reward = isnan(*reward) ? step.reward : fmax(*reward, step.reward);
    sink_step(sink, &step);
}

static void read_search(struct str record, struct sink *sink)
{
    struct trajectory t = trajectory_none();
    struct scan scan = scan_array(record);
    struct scan_member state;
    bool objects = true;

    while (scan_element(&scan, &state)) {
        bool object = state.kind == SCAN_NESTED && state.value.p[0] == '{';
        objects &= object;
        if (object)
            read_state(state.value, &t.reward, sink);
    }
    if (sink->place >= 0)
        t.question = str_of(arena_printf(sink->scratch, "%lld", (long long)sink->place));
    t.id = t.question;
    if (scan.fault || !objects) {
        sink_refuse(sink, t.id, scan.fault ? scan.fault : "a state is not an object");
        return;
    }
    t.kind = TRIAL_SEARCH;
    sink_remark(sink, t.id, best);
    sink_end(sink, &t);
}

static void read(struct str record, struct sink *sink)
{
    if (record.n && record.p[0] == '[')
        read_search(record, sink);
    else
        read_answers(record, sink);
}

const struct trajectory_reader trajectory_reader_tree_of_thought = {
    .name = "tree_of_thought",
    .what = "tree-of-thought logs: answers, beams and searches with partial rewards.",
    .extensions = json_names,
    .bid = bid,
    .read = read,
};
