/*
 * Logs of Inspect (UK AISI) as one JSON object: {version, status, eval, plan,
 * results, stats, samples[…], reductions}. A sample with its epoch is a
 * trajectory: Inspect's epochs are trials of a question. The reward is the first
 * score that is one number, or stands for one by Inspect's own rule: C 1, P 0.5,
 * I and N 0.
 */
#include "analysis/trajectories/inspect.h"

#include "analysis/when.h"

static int bid(const struct candidate *file, const char **why)
{
    if (head_first(file) != '{' || !head_has(file, "version") || !head_has(file, "status") ||
        !head_has(file, "eval") || !head_has(file, "task") || !head_has(file, "dataset"))
        return 0;
    *why = "version, status and eval with a task and a dataset as Inspect writes them";
    return 90;
}

/* ---- the log ---- */

static void take_eval(struct str object, struct sink *sink)
{
    struct scan scan = scan_object(object);
    struct scan_member m;

    while (scan_next(&scan, &m)) {
        if (member_is(&m, "task"))
            sink->file.question = sink_text(sink, &m);
        else if (member_is(&m, "model"))
            sink->file.agent = sink_text(sink, &m);
        else if (member_is(&m, "created") &&
                 !when_read(sink_text(sink, &m), &sink->file.created_ms, NULL))
            sink->file.created_ms = NO_NUMBER;
    }
}

void inspect_begin(struct str head, struct sink *sink)
{
    struct scan scan = scan_object(head);
    struct scan_member m;

    while (scan_next(&scan, &m) && !member_is(&m, "samples")) {
        if (member_is(&m, "status"))
            sink->file.reason = sink_text(sink, &m);
        else if (member_is(&m, "eval") && m.kind == SCAN_NESTED)
            take_eval(m.value, sink);
    }
    if (sink->file.reason.n && !str_is(sink->file.reason, "success"))
        sink_remark(sink, (struct str){0},
                    arena_printf(sink->scratch, "the log's status is %.*s, not success",
                                 STR_FMT(str_cut(sink->file.reason, 40))));
}

/* ---- a sample ---- */

static bool score_number(struct sink *sink, const struct scan_member *value, double *out)
{
    static const struct {
        const char *word;
        double value;
    } words[] = {{"C", 1},    {"P", 0.5}, {"I", 0},     {"N", 0},
                 {"true", 1}, {"yes", 1}, {"false", 0}, {"no", 0}};
    struct str text = sink_text(sink, value);

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (str_is(text, words[i].word)) {
            *out = words[i].value;
            return true;
        }
    }
    return value->kind != SCAN_NULL && take_number(value, out);
}

/* scores: {name: {value, answer, …}}, in summaries of old logs {name: value}. */
static void take_scores(struct sink *sink, struct str id, struct str object, double *reward)
{
    struct scan scan = scan_object(object);
    struct scan_member score, value;
    struct str chosen = {0};
    size_t n = 0;

    while (scan_next(&scan, &score)) {
        struct scan_member name = score;
        n++;
        value = score;
        if (score.kind == SCAN_NESTED && !member_of(score.value, "value", &value))
            continue;
        if (!chosen.p && score_number(sink, &value, reward))
            chosen = name.key;
    }
    if (n > 0 && !chosen.p)
        sink_remark(sink, id, "no score is one number or C, P, I, N: no reward");
    else if (n > 1)
        sink_remark(sink, id,
                    arena_printf(sink->scratch, "of %zu scores %.*s is the reward", n,
                                 STR_FMT(str_cut(chosen, 80))));
}

/* The last word of the model: output.choices[0].stop_reason. */
static struct str stop_reason(struct sink *sink, struct str output)
{
    struct scan_member choices, first, reason;

    if (!member_of(output, "choices", &choices) || choices.kind != SCAN_NESTED)
        return (struct str){0};
    struct scan scan = scan_array(choices.value);
    if (!scan_element(&scan, &first) || first.kind != SCAN_NESTED ||
        !member_of(first.value, "stop_reason", &reason))
        return (struct str){0};
    return sink_text(sink, &reason);
}

struct sample {
    struct scan_member id, input, messages, scores, error, limit, output, attachments;
    int64_t epoch;
    bool is_log;
    const char *fault;
};

static struct sample sample_of(struct str record)
{
    struct sample s = {.epoch = NO_NUMBER};
    struct scan scan = scan_object(record);
    struct scan_member m;

    while (scan_next(&scan, &m)) {
        if (member_is(&m, "id"))
            s.id = m;
        else if (member_is(&m, "epoch"))
            (void)take_whole(&m, &s.epoch);
        else if (member_is(&m, "input"))
            s.input = m;
        else if (member_is(&m, "messages"))
            s.messages = m;
        else if (member_is(&m, "scores"))
            s.scores = m;
        else if (member_is(&m, "error") && m.kind != SCAN_NULL)
            s.error = m;
        else if (member_is(&m, "limit") && m.kind != SCAN_NULL)
            s.limit = m;
        else if (member_is(&m, "output"))
            s.output = m;
        else if (member_is(&m, "attachments") && member_is_object(&m))
            s.attachments = m;
        s.is_log |= member_is(&m, "eval");
    }
    s.fault = scan.fault;
    return s;
}

/* "error", "message limit", the model's own stop, else what became of the whole log. */
static struct str reason_of(const struct sample *s, bool scored, struct sink *sink)
{
    struct scan_member type = s->limit;
    struct str reason = {0};

    if (s->error.value.p)
        return STR("error");
    if (s->limit.kind == SCAN_NESTED && !member_of(s->limit.value, "type", &type))
        type.value = (struct str){0};
    if (s->limit.value.p && type.value.p)
        return str_of(arena_printf(sink->scratch, "%.*s limit",
                                   STR_FMT(str_cut(sink_value(sink, type.value), 40))));
    if (!scored && sink->file.reason.n && !str_is(sink->file.reason, "success"))
        return sink->file.reason;
    if (s->output.kind == SCAN_NESTED)
        reason = stop_reason(sink, s->output.value);
    return reason;
}

void inspect_read(struct str record, struct sink *sink)
{
    struct sample s = sample_of(record);
    struct trajectory t = trajectory_none();

    if (s.is_log && !s.fault)
        return; /* a log that holds no samples */
    struct str id = s.id.value.p ? sink_text(sink, &s.id) : (struct str){0};
    if (s.fault || id.n == 0) {
        sink_refuse(sink, id, s.fault ? s.fault : "Missing required field: id");
        return;
    }
    t.sample = s.epoch;
    t.id = id;
    if (s.epoch != NO_NUMBER)
        t.id = str_of(arena_printf(sink->scratch, "%.*s_epoch_%lld", STR_FMT(str_cut(id, 400)),
                                   (long long)s.epoch));
    t.question = id;
    if (sink->file.question.n)
        t.question = str_of(arena_printf(sink->scratch, "%.*s/%.*s",
                                         STR_FMT(str_cut(sink->file.question, 200)),
                                         STR_FMT(str_cut(id, 300))));
    sink->attachments = attachments_of(s.attachments.value);
    t.text = sink_words(sink, &s.input);
    if (member_is_list(&s.messages))
        (void)sink_chat(sink, s.messages.value, true);
    sink->attachments = attachments_of((struct str){0});
    if (s.scores.kind == SCAN_NESTED)
        take_scores(sink, t.id, s.scores.value, &t.reward);
    t.reason = reason_of(&s, !isnan(t.reward), sink);
    sink_end(sink, &t);
}

const struct trajectory_reader trajectory_reader_inspect = {
    .name = "inspect",
    .what = "Inspect logs as JSON: samples with messages and scores, epochs as trials.",
    .extensions = json_names,
    .within = "samples",
    .alone = true,
    .head = TRAJECTORY_HEAD_MAX,
    .bid = bid,
    .begin = inspect_begin,
    .read = inspect_read,
};
