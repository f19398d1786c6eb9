/*
 * OpenHands: output.jsonl, a line an instance {instance_id, attempt, test_result,
 * instruction, metadata, history, metrics, error}. Events of V0 are {action, args}
 * and {observation, content}, early ones in pairs; those of V1 have a kind and a
 * tool_name. The reward is test_result.report.resolved, where the evaluation has
 * put it. Several attempts at an instance are retries.
 */
#include "analysis/trajectories/reader.h"

static int bid(const struct candidate *file, const char **why)
{
    if (!head_has(file, "instance_id") ||
        !(head_has(file, "history") || head_has(file, "test_result")) ||
        !(head_has(file, "instruction") || head_has(file, "test_result")))
        return 0;
    *why = "instance_id, test_result and history as OpenHands writes them";
    return 88;
}

/* A call that waits for its observation. */
struct wait {
    struct step step;
    bool open, finished;
};

static void flush(struct wait *w, struct sink *sink)
{
    if (w->open)
        sink_step(sink, &w->step);
    w->open = false;
}

struct event {
    struct str kind, source, action, observation, content, tool, thought, arguments, message;
};

static void take_inside(struct str object, const char *const names[], struct str *out)
{
    struct scan_member m;

    for (; *names && out->n == 0; names++) {
        if (member_of(object, *names, &m) && m.kind != SCAN_NULL)
            *out = m.value;
    }
}

static struct event event_of(struct str object, struct sink *sink)
{
    static const char *const thoughts[] = {"thought", NULL};
    static const char *const texts[] = {"content", "output", "text", NULL};
    struct event e = {.kind = {0}};
    struct scan scan = scan_object(object);
    struct scan_member m;

    while (scan_next(&scan, &m)) {
        if (member_is(&m, "kind"))
            e.kind = sink_text(sink, &m);
        else if (member_is(&m, "source"))
            e.source = sink_text(sink, &m);
        else if (member_is(&m, "tool_name"))
            e.tool = m.value;
        else if (member_is(&m, "thought"))
            e.thought = m.value;
        else if (member_is(&m, "message") || member_is(&m, "llm_message"))
            e.message = m.value;
        else if (member_is(&m, "content") || member_is(&m, "error"))
            e.content = m.value;
        else if (member_is(&m, "action") && m.kind == SCAN_STRING)
            e.action = m.value;
        else if (member_is(&m, "action") && member_is_object(&m))
            e.arguments = m.value;
        else if (member_is(&m, "observation") && m.kind == SCAN_STRING)
            e.observation = m.value;
        else if (member_is(&m, "observation") && member_is_object(&m))
            take_inside(m.value, texts, &e.content);
        else if (member_is(&m, "args") && member_is_object(&m)) {
            e.arguments = m.value;
            take_inside(m.value, thoughts, &e.thought);
            take_inside(m.value, texts, &e.message);
        }
    }
    return e;
}

static void open_step(struct wait *w, const struct event *e, struct str name, struct sink *sink)
{
    flush(w, sink);
    w->step = step_none();
    w->step.action = name;
    w->step.tool = action_name(sink_value(sink, name));
    w->step.arguments = e->arguments;
    w->step.thought = e->thought;
    w->step.returned = true;
    w->open = true;
    if (str_is(w->step.tool, "finish")) {
        w->finished = true;
        w->step.returned = false;
    }
}

static void take_event(struct wait *w, struct str object, struct sink *sink)
{
    struct event e = event_of(object, sink);
    bool v1_call = str_is(e.kind, "ActionEvent");
    bool v1_answer = str_is(e.kind, "ObservationEvent") || str_is(e.kind, "AgentErrorEvent");
    bool speech = str_is(e.kind, "MessageEvent") || str_is(e.action, "\"message\"");

    if (speech) {
        flush(w, sink);
        sink_message(sink,
                     &(struct message){str_is(e.source, "agent") ? SPEAKER_ASSISTANT : SPEAKER_USER,
                                       e.message, false});
    } else if (v1_call ||
               (e.action.n && !str_is(e.action, "\"system\"") && str_is(e.source, "agent"))) {
        sink_message(sink, &(struct message){SPEAKER_ASSISTANT, e.thought, true});
        open_step(w, &e, v1_call ? e.tool : e.action, sink);
    } else if (w->open && (v1_answer || e.observation.n)) {
        w->step.observation = e.content;
        sink_message(sink, &(struct message){SPEAKER_TOOL, e.content, false});
        flush(w, sink);
    }
}

/* Also the lists in it: pairs of an action and its observation. */
static bool take_history(struct wait *w, struct str list, struct sink *sink, bool inner)
{
    struct scan scan = scan_array(list);
    struct scan_member element;
    bool ok = true;

    while (scan_element(&scan, &element)) {
        if (member_is_object(&element))
            take_event(w, element.value, sink);
        else if (member_is_list(&element) && !inner)
            ok &= take_history(w, element.value, sink, true);
        else
            ok = false;
    }
    return ok && !scan.fault;
}

/* The first sentence of an error: what stands behind it differs from run to run. */
static struct str first_sentence(struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '\n' || (text.p[i] == '.' && (i + 1 == text.n || text.p[i + 1] == ' ')))
            return str_cut(text, i);
    }
    return text;
}

static bool resolved(struct str object, double *reward)
{
    struct scan_member report, m;

    if (!member_of(object, "report", &report) || !member_is_object(&report) ||
        !member_of(report.value, "resolved", &m) || m.kind != SCAN_BOOL)
        return false;
    *reward = member_true(&m);
    return true;
}

static void take_model(struct str metadata, struct trajectory *t, struct sink *sink)
{
    static const char *const configs[] = {"llm_config", "llm", NULL};
    static const char *const models[] = {"model", NULL};
    struct str config = {0}, model = {0};

    take_inside(metadata, configs, &config);
    if (config.n && config.p[0] == '{')
        take_inside(config, models, &model);
    t->agent = sink_value(sink, model);
}

static void read(struct str record, struct sink *sink)
{
    struct trajectory t = trajectory_none();
    struct wait wait = {.open = false};
    struct scan scan = scan_object(record);
    struct scan_member m, error = {0};
    bool list = true;

    while (scan_next(&scan, &m)) {
        if (member_is(&m, "instance_id"))
            t.question = sink_text(sink, &m);
        else if (member_is(&m, "attempt"))
            (void)take_whole(&m, &t.sample);
        else if (member_is(&m, "instruction"))
            t.text = sink_text(sink, &m);
        else if (member_is(&m, "metadata") && member_is_object(&m))
            take_model(m.value, &t, sink);
        else if (member_is(&m, "test_result") && member_is_object(&m))
            (void)resolved(m.value, &t.reward);
        else if (member_is(&m, "error") && m.kind == SCAN_STRING)
            error = m;
        else if (member_is(&m, "history") && m.kind != SCAN_NULL)
            list = member_is_list(&m) && take_history(&wait, m.value, sink, false);
    }
    flush(&wait, sink);
    if (isnan(t.reward))
        (void)resolved(record, &t.reward);
    t.id = t.question;
    if (t.sample != NO_NUMBER) {
        t.kind = TRIAL_RETRY;
        t.id = str_of(arena_printf(sink->scratch, "%.*s-%lld", STR_FMT(str_cut(t.id, 400)),
                                   (long long)t.sample));
    }
    t.reason = error.value.p   ? first_sentence(sink_text(sink, &error))
               : wait.finished ? STR("finish")
                               : (struct str){0};
    const char *fault = scan.fault          ? scan.fault
                        : t.question.n == 0 ? "Missing required field: instance_id"
                        : !list             ? "history must be a list of events"
                                            : NULL;
    if (fault)
        sink_refuse(sink, t.id, fault);
    else
        sink_end(sink, &t);
}

const struct trajectory_reader trajectory_reader_openhands = {
    .name = "openhands",
    .what = "OpenHands output.jsonl: an instance a line with its events, V0 and V1.",
    .extensions = json_names,
    .bid = bid,
    .read = read,
};
