/*
 * traces.jsonl of verifiers v1 and prime-rl: a trace a line, or an episode with
 * its `traces`. A trace keeps each message once, as a node that names its parent;
 * the conversation is the path to the last node. The reward is the sum of
 * score x weight.
 */
#include "analysis/base/buf.h"
#include "analysis/base/vec.h"
#include "analysis/trajectories/reader.h"

static int bid(const struct candidate *file, const char **why)
{
    if (head_first(file) != '{' || !head_has(file, "task") || !head_has(file, "agent") ||
        !(head_has(file, "nodes") || head_has(file, "verifiers")) ||
        !(head_has(file, "rewards") || head_has(file, "verifiers")))
        return 0;
    *why = "a task, an agent, nodes and rewards as verifiers writes its traces";
    return 88;
}

/* ---- the message graph ---- */

struct node {
    struct str message;
    int64_t parent;
    bool has_child;
};

struct graph {
    VEC(struct node) nodes;
};

static void take_node(struct str object, struct graph *graph, struct sink *sink)
{
    struct node node = {.parent = NO_NUMBER};
    struct scan scan = scan_object(object);
    struct scan_member m;

    while (scan_next(&scan, &m)) {
        if (member_is(&m, "message") && member_is_object(&m))
            node.message = m.value;
        else if (member_is(&m, "parent"))
            (void)take_whole(&m, &node.parent);
    }
    if (node.parent < 0 || (uint64_t)node.parent >= graph->nodes.n)
        node.parent = NO_NUMBER; /* parents stand before their children: no path is a ring */
    else
        graph->nodes.v[node.parent].has_child = true;
    VEC_PUSH(sink->scratch, &graph->nodes, node);
}

/* The path to the last node as a list of messages. *branches: how many leaves there are. */
static struct str conversation(struct str list, struct sink *sink, size_t *branches)
{
    struct graph graph = {0};
    struct scan scan = scan_array(list);
    struct scan_member element;
    size_t bytes = 2;

    while (scan_element(&scan, &element)) {
        if (member_is_object(&element))
            take_node(element.value, &graph, sink);
    }
    *branches = 0;
    for (size_t i = 0; i < graph.nodes.n; i++)
        *branches += !graph.nodes.v[i].has_child;
    int64_t at = (int64_t)graph.nodes.n - 1;
    for (int64_t i = at; i >= 0; i = graph.nodes.v[i].parent)
        bytes += graph.nodes.v[i].message.n + 1;
    char *text = arena_alloc(sink->scratch, bytes), *p = text + bytes;
    *--p = ']';
    for (; at >= 0; at = graph.nodes.v[at].parent) {
        struct str message = graph.nodes.v[at].message;
        if (message.n == 0)
            continue;
        p -= message.n;
        memcpy(p, message.p, message.n);
        *--p = ',';
    }
    if (*p == ']')
        *--p = '[';
    else
        *p = '['; /* instead of the first comma */
    return (struct str){p, (size_t)(text + bytes - p)};
}

/* ---- a trace ---- */

static void take_rewards(struct str object, double *sum)
{
    struct scan scan = scan_object(object);
    struct scan_member reward, m;

    while (scan_next(&scan, &reward)) {
        double score = (double)NAN, weight = 1;
        if (!member_is_object(&reward)) {
            (void)take_number(&reward, &score);
        } else {
            struct scan inside = scan_object(reward.value);
            while (scan_next(&inside, &m)) {
                if (member_is(&m, "score"))
                    (void)take_number(&m, &score);
                else if (member_is(&m, "weight"))
                    (void)take_number(&m, &weight);
            }
        }
        if (!isnan(score))
            *sum = (isnan(*sum) ? 0 : *sum) + score * weight;
    }
}

/* {type, data: {idx, prompt, …}, key, hash}; the data stand here themselves in early versions. */
static void take_task(struct str object, struct trajectory *t, struct sink *sink)
{
    static const char *const names[] = {"key", "name", "idx", "example_id", "hash"};
    struct scan_member m, data = {.value = object};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && t->question.n == 0; i++) {
        if (member_of(object, names[i], &m) && m.kind != SCAN_NESTED)
            t->question = sink_text(sink, &m);
    }
    if (member_of(object, "data", &m) && member_is_object(&m))
        data = m;
    for (size_t i = 1; i < sizeof(names) / sizeof(names[0]) && t->question.n == 0; i++) {
        if (member_of(data.value, names[i], &m) && m.kind != SCAN_NESTED)
            t->question = sink_text(sink, &m);
    }
    if (member_of(data.value, "prompt", &m))
        t->text = sink_words(sink, &m);
}

static struct str model_of(struct str calls, struct sink *sink)
{
    struct scan scan = scan_array(calls);
    struct scan_member call, model;

    if (scan_element(&scan, &call) && member_is_object(&call) &&
        member_of(call.value, "model", &model))
        return sink_text(sink, &model);
    return (struct str){0};
}

static void take(struct scan_member *m, struct trajectory *t, struct str *nodes, struct sink *sink)
{
    struct scan_member inner;
    double seconds = (double)NAN;

    if (member_is(m, "id")) {
        t->id = sink_text(sink, m);
    } else if (member_is(m, "task") && member_is_object(m)) {
        take_task(m->value, t, sink);
    } else if (member_is(m, "agent") && t->agent.n == 0 && member_is_object(m)) {
        if (member_of(m->value, "name", &inner))
            t->agent = sink_text(sink, &inner);
    } else if (member_is(m, "calls") && member_is_list(m)) {
        struct str model = model_of(m->value, sink);
        t->agent = model.n ? model : t->agent;
    } else if (member_is(m, "nodes") && member_is_list(m)) {
        *nodes = m->value;
    } else if (member_is(m, "rewards") && member_is_object(m)) {
        take_rewards(m->value, &t->reward);
    } else if (member_is(m, "stop_condition")) {
        t->reason = sink_text(sink, m);
    } else if (member_is(m, "timing") && member_is_object(m)) {
        if (member_of(m->value, "start", &inner) && take_number(&inner, &seconds) &&
            fabs(seconds) < 1e11)
            t->created_ms = (int64_t)(seconds * 1000);
    }
}

static void read_trace(struct str object, struct sink *sink)
{
    struct trajectory t = trajectory_none();
    struct scan scan = scan_object(object);
    struct scan_member m;
    struct str nodes = {0};
    size_t branches = 0;

    while (scan_next(&scan, &m))
        take(&m, &t, &nodes, sink);
    if (scan.fault || (nodes.n == 0 && t.question.n == 0)) {
        sink_refuse(sink, t.id, scan.fault ? scan.fault : "Missing required field: nodes");
        return;
    }
    if (nodes.n)
        (void)sink_chat(sink, conversation(nodes, sink, &branches), true);
    if (branches > 1)
        sink_remark(sink, t.id,
                    arena_printf(sink->scratch, "of %zu branches the last is shown", branches));
    sink_end(sink, &t);
}

static void read(struct str record, struct sink *sink)
{
    struct scan_member traces, trace;

    if (!member_of(record, "traces", &traces) || !member_is_list(&traces)) {
        read_trace(record, sink);
        return;
    }
    struct scan scan = scan_array(traces.value);
    while (scan_element(&scan, &trace)) {
        if (member_is_object(&trace))
            read_trace(trace.value, sink);
        else
            sink_refuse(sink, (struct str){0}, "a trace is not an object");
    }
    if (scan.fault)
        sink_refuse(sink, (struct str){0}, scan.fault);
}

const struct trajectory_reader trajectory_reader_verifiers_trace = {
    .name = "verifiers_trace",
    .what = "verifiers and prime-rl traces.jsonl: message graphs with weighted rewards.",
    .extensions = json_names,
    .bid = bid,
    .read = read,
};
