/*
 * ATIF, the trajectories of Harbor: {schema_version "ATIF-v1.x", session_id, agent,
 * steps: [{step_id, source, message, tool_calls, observation: {results}}], …}. The
 * verdict stands in a file beside it, so there is no reward.
 */
#include "analysis/trajectories/reader.h"

static int bid(const struct candidate *file, const char **why)
{
    if (head_first(file) != '{' || !head_has(file, "schema_version") ||
        !str_has(file->head, STR("\"ATIF-v")))
        return 0;
    *why = "schema_version ATIF";
    return 95;
}

struct parts {
    int64_t id;
    struct str message;
    struct scan_member source, calls, results;
};

static struct parts parts_of(struct str object)
{
    struct parts p = {.id = NO_NUMBER};
    struct scan scan = scan_object(object);
    struct scan_member m;

    while (scan_next(&scan, &m)) {
        if (member_is(&m, "step_id"))
            (void)take_whole(&m, &p.id);
        else if (member_is(&m, "source"))
            p.source = m;
        else if (member_is(&m, "message"))
            p.message = m.value;
        else if (member_is(&m, "tool_calls"))
            p.calls = m;
        else if (member_is(&m, "observation") && member_is_object(&m))
            (void)(member_of(m.value, "results", &p.results) || (p.results = m, true));
    }
    return p;
}

/* The content of the result of a call: by its id, else by its place. */
static struct str result_of(const struct scan_member *results, struct str call, size_t place)
{
    struct scan scan;
    struct scan_member result, id, content;
    struct str at_place = {0};
    size_t i = 0;

    if (!results->value.p || !member_is_list(results))
        return results->value.p ? results->value : (struct str){0};
    scan = scan_array(results->value);
    while (scan_element(&scan, &result)) {
        if (!member_is_object(&result) || !member_of(result.value, "content", &content))
            content.value = (struct str){0};
        bool named = member_is_object(&result) && member_of(result.value, "source_call_id", &id) &&
                     id.kind == SCAN_STRING;
        if (named && call.n && str_eq(id.value, call))
            return content.value;
        if (i++ == place && !(named && call.n))
            at_place = content.value;
    }
    return at_place;
}

static void hand_over_call(struct str call, const struct parts *p, size_t place, struct sink *sink)
{
    struct step step = step_none();
    struct scan scan = scan_object(call);
    struct scan_member m;
    struct str id = {0};

    while (scan_next(&scan, &m)) {
        if (member_is(&m, "function_name")) {
            step.action = m.value;
            step.tool = action_name(sink_text(sink, &m));
        } else if (member_is(&m, "arguments")) {
            step.arguments = m.value;
        } else if (member_is(&m, "tool_call_id")) {
            id = m.value;
        }
    }
    step.id = p->id;
    step.thought = place == 0 ? p->message : (struct str){0};
    step.observation = result_of(&p->results, id, place);
    step.returned = true;
    sink_step(sink, &step);
}

/* Calls of an agent are steps of its trajectory; words of its own are one, too. */
static void hand_over(struct str object, struct sink *sink)
{
    struct parts p = parts_of(object);
    struct scan_member call;
    size_t place = 0;
    bool agent = str_is(p.source.value, "\"agent\"");
    enum speaker role = agent                                  ? SPEAKER_ASSISTANT
                        : str_is(p.source.value, "\"system\"") ? SPEAKER_SYSTEM
                                                               : SPEAKER_USER;
    bool calls = p.calls.value.p && member_is_list(&p.calls) &&
                 memchr(p.calls.value.p, '{', p.calls.value.n);

    sink_message(sink, &(struct message){role, p.message, calls});
    if (!agent)
        return;
    if (calls) {
        struct scan scan = scan_array(p.calls.value);
        while (scan_element(&scan, &call)) {
            if (member_is_object(&call))
                hand_over_call(call.value, &p, place++, sink);
        }
        return;
    }
    struct step step = step_none();
    step.id = p.id;
    step.thought = p.message;
    step.observation = result_of(&p.results, (struct str){0}, 0);
    sink_step(sink, &step);
}

static struct str hand_over_all(struct str list, struct sink *sink, const char **fault)
{
    struct scan scan = scan_array(list);
    struct scan_member element, source, message;
    struct str text = {0};

    while (scan_element(&scan, &element)) {
        if (!member_is_object(&element)) {
            *fault = "a step is not an object";
            continue;
        }
        hand_over(element.value, sink);
        if (text.n == 0 && member_of(element.value, "source", &source) &&
            str_is(source.value, "\"user\"") && member_of(element.value, "message", &message))
            text = sink_text(sink, &message);
    }
    return text;
}

static void read(struct str record, struct sink *sink)
{
    struct trajectory t = trajectory_none();
    struct scan scan = scan_object(record);
    struct scan_member m, name;
    const char *fault = NULL;
    bool steps = false;

    while (scan_next(&scan, &m)) {
        if (member_is(&m, "session_id")) {
            t.id = sink_text(sink, &m);
        } else if (member_is(&m, "agent") && member_is_object(&m)) {
            if (member_of(m.value, "model_name", &name) || member_of(m.value, "name", &name))
                t.agent = sink_text(sink, &name);
        } else if (member_is(&m, "steps") && member_is_list(&m)) {
            t.text = hand_over_all(m.value, sink, &fault);
            steps = true;
        }
    }
    fault = scan.fault ? scan.fault : steps ? fault : "Missing required field: steps";
    if (fault)
        sink_refuse(sink, t.id, fault);
    else
        sink_end(sink, &t);
}

const struct trajectory_reader trajectory_reader_atif = {
    .name = "atif",
    .what = "ATIF (Harbor): steps with tool calls and results; no reward in the file.",
    .extensions = json_names,
    .question_files = true,
    .bid = bid,
    .read = read,
};
