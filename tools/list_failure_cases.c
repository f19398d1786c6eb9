/* Episodes that failed, a page of them, with a look at their steps. */
#include <stdlib.h>

#include "analysis/base/limits.h"
#include "analysis/trajectories/failures.h"
#include "tools/trajectory_answer.h"

enum { LIMIT = 100, PREVIEW_STEPS = 3, PREVIEW_CHARS = 200, DATA_CHARS = 19000 };
static const double seed_reward_max = 0.5;

struct args {
    struct trajectory_args filter;
    const char *failure_class, *sort_by, *sort_order;
    int64_t limit, offset;
};

struct result {
    int64_t total, returned, offset, next_offset, without_reward;
    bool truncated;
    struct str data, failure_classes, reward_ranges, enrichment;
    struct trajectory_common common;
};

/* ---- which ---- */

static const char *class_name(const struct trajectories *t, size_t row)
{
    return failure_class_name(failure_class_of(t, row));
}

/* By the threshold if there is one and no reward_max; the class, if one is asked for. */
static void keep_failures(const struct args *args, struct selection *s, struct result *result)
{
    size_t n = 0, missing;

    failures_keep(s, !isnan(args->filter.f.reward_max), &missing);
    for (size_t i = 0; i < s->n; i++) {
        uint32_t row = s->rows[i];
        if (!args->failure_class || strcmp(args->failure_class, class_name(s->t, row)) == 0)
            s->rows[n++] = row;
    }
    s->n = n;
    result->without_reward = missing ? (int64_t)missing : NOT_GIVEN;
}

struct ordered {
    double key;
    uint32_t row;
};

static int by_value(const void *a, const void *b)
{
    const struct ordered *x = a, *y = b;

    if (x->key != y->key)
        return (x->key > y->key) - (x->key < y->key);
    return (x->row > y->row) - (x->row < y->row);
}

/* All of them are sorted before a page is cut. */
static void sort(const struct args *args, struct selection *s, struct arena *arena)
{
    struct ordered *v = ARENA_ARRAY(arena, s->n + 1, struct ordered);
    double sign = strcmp(args->sort_order, "desc") == 0 ? -1 : 1;

    for (size_t i = 0; i < s->n; i++) {
        uint32_t row = s->rows[i];
        double key = strcmp(args->sort_by, "reward") == 0       ? s->t->reward[row]
                     : strcmp(args->sort_by, "step_count") == 0 ? (double)s->t->steps[row]
                                                                : (double)row;
        v[i] = (struct ordered){sign * key, row};
    }
    qsort(v, s->n, sizeof(*v), by_value);
    for (size_t i = 0; i < s->n; i++)
        s->rows[i] = v[i].row;
}

/* ---- what is shown ---- */

/* How much of a case is written: the most that fits. */
static const struct detail {
    size_t steps, chars, question;
} details[] = {{PREVIEW_STEPS, PREVIEW_CHARS, 200}, {2, 80, 100}, {1, 40, 60}, {0, 0, 30}};
enum { DETAILS_N = sizeof(details) / sizeof(details[0]) };

static void put_cut(struct buf *out, const char *name, struct str text, size_t most,
                    struct arena *scratch)
{
    json_put_key(out, name);
    if (text.p && text.n)
        json_put_string(out, str_of(clean_text(scratch, text, most)));
    else
        buf_puts(out, "null");
}

/* The rules that hold, with the step that shows it where there is one. */
static void put_evidence(struct buf *out, const struct trajectories *t, size_t row,
                         const struct episode *episode)
{
    json_put_key(out, "failure_class");
    json_put_string(out, str_of(class_name(t, row)));
    if (t->rules[row] == 0 || !episode)
        return;
    json_put_key(out, "evidence");
    buf_byte(out, '[');
    for (size_t i = 0; i < failure_rules_n; i++) {
        int64_t step = NOT_GIVEN;
        if (!(t->rules[row] >> i & 1))
            continue;
        json_put_comma(out);
        buf_puts(out, "{\"rule\":");
        json_put_string(out, str_of(failure_rules[i].name));
        if (failure_rules[i].holds(&episode->watch, t->ending[row], &step) && step != NOT_GIVEN) {
            json_put_key(out, "step_id");
            json_put_integer(out, step);
        }
        buf_byte(out, '}');
    }
    buf_byte(out, ']');
}

static void put_preview(struct buf *out, const struct episode *episode, const struct detail *detail,
                        struct arena *scratch)
{
    json_put_key(out, "steps_preview");
    buf_byte(out, '[');
    for (size_t i = 0; i < episode->n && i < detail->steps; i++) {
        const struct episode_step *step = &episode->steps[i];
        json_put_comma(out);
        buf_puts(out, "{\"step_id\":");
        json_put_integer(out, step->id);
        put_cut(out, "action", step->action.n ? step->action : step->thought, detail->chars,
                scratch);
        put_cut(out, "observation", step->observation, detail->chars, scratch);
        buf_byte(out, '}');
    }
    buf_byte(out, ']');
}

/* With the least detail only what is there is written. */
static void put_name(struct buf *out, const char *name, struct str text, bool least)
{
    if (text.n || !least)
        put_word(out, name, text);
}

static void put_case(struct buf *out, const struct trajectories *t, size_t row,
                     const struct episode *episode, const struct detail *detail,
                     struct arena *scratch)
{
    bool least = detail->steps == 0;
    struct str question = dict_text(&t->words, t->text[row]);

    json_put_comma(out);
    buf_byte(out, '{');
    put_word(out, "trajectory_id", dict_text(&t->ids, t->id[row]));
    if (!least)
        put_word(out, "training_id", dict_text(&t->words, t->training[row]));
    if (t->epoch[row] != NO_SMALL && !least) {
        json_put_key(out, "epoch_id");
        json_put_integer(out, t->epoch[row]);
    }
    put_name(out, "data_id", dict_text(&t->words, t->question[row]), least);
    if (question.n || !least)
        put_cut(out, "question", question, detail->question, scratch);
    put_figure(out, "reward", t->reward[row]);
    put_name(out, "termination_reason", dict_text(&t->words, t->reason[row]), least);
    put_count(out, "step_count", t->steps[row]);
    put_name(out, "agent_name", dict_text(&t->words, t->agent[row]), least);
    put_evidence(out, t, row, least ? NULL : episode);
    if (!least)
        put_preview(out, episode, detail, scratch);
    buf_byte(out, '}');
}

/* The rows [from, from + n) in the most detail that fits; *n is cut if nothing does. */
static bool put_page(struct call *call, const struct selection *s, size_t from, size_t *n,
                     bool exact, struct str *out, struct err *err)
{
    struct episode *episodes = ARENA_ARRAY(call->arena, *n + 1, struct episode);

    for (size_t i = 0; i < *n; i++) {
        if (call_cancelled(call, err) || !episode_read(s->t, s->rows[from + i], 0, PREVIEW_STEPS,
                                                       call->arena, &episodes[i], err))
            return false;
    }
    for (size_t d = 0; d < DETAILS_N; d++) {
        struct buf text = {0};
        bool last = d == DETAILS_N - 1;
        size_t i = 0;
        buf_byte(&text, '[');
        for (; i < *n; i++) {
            size_t before = text.n;
            put_case(&text, s->t, s->rows[from + i], &episodes[i], &details[d], call->arena);
            if (text.n <= DATA_CHARS || (last && exact))
                continue;
            text.n = before;
            break;
        }
        buf_byte(&text, ']');
        if (i == *n || last) {
            *n = i;
            *out = finish(&text, call->arena);
            return true;
        }
        buf_fini(&text);
    }
    return true;
}

static struct str classes_json(struct call *call, const struct selection *s)
{
    struct buf out = {0};
    size_t *count = ARENA_ARRAY(call->arena, failure_rules_n + 1, size_t);

    failure_classes(s, count);
    buf_byte(&out, '{');
    for (size_t r = 0; r <= failure_rules_n; r++) {
        if (count[r] == 0)
            continue;
        put_rate(&out, failure_class_name(r), count[r], s->n);
        out.n--; /* the brace: the rule belongs to the members */
        put_word(&out, "rule", str_of(r < failure_rules_n ? failure_rules[r].what : "none holds"));
        buf_byte(&out, '}');
    }
    buf_byte(&out, '}');
    return finish(&out, call->arena);
}

static struct str ranges_json(struct call *call, const struct selection *s)
{
    struct buf out = {0};
    size_t count[REWARD_RANGES];

    reward_ranges(s->t, s->rows, s->n, count);
    buf_byte(&out, '{');
    for (size_t r = 0; r < REWARD_RANGES; r++) {
        if (count[r])
            put_rate(&out, reward_range_names[r], count[r], s->n);
    }
    buf_byte(&out, '}');
    return finish(&out, call->arena);
}

static bool run(struct call *call, const void *in, void *out, struct err *err)
{
    struct args args = *(const struct args *)in;
    struct result *result = out;
    struct selection s;

    if (isnan(args.filter.f.reward_max) && isnan(args.filter.f.reward_threshold))
        args.filter.f.reward_max = seed_reward_max;
    if (!trajectories_open(call, &args.filter, &s, &result->common, err))
        return false;
    keep_failures(&args, &s, result);
    sort(&args, &s, call->arena);
    size_t from = (size_t)args.offset < s.n ? (size_t)args.offset : s.n;
    size_t limit = args.limit == NOT_GIVEN ? LIMIT : (size_t)args.limit;
    size_t n = s.n - from < limit ? s.n - from : limit;
    if (!put_page(call, &s, from, &n, args.limit != NOT_GIVEN, &result->data, err))
        return false;
    result->total = (int64_t)s.n;
    result->returned = (int64_t)n;
    result->offset = args.offset;
    result->truncated = from + n < s.n;
    result->next_offset = result->truncated ? (int64_t)(from + n) : NOT_GIVEN;
    result->failure_classes = classes_json(call, &s);
    result->reward_ranges = ranges_json(call, &s);
    result->enrichment = enrichment_json(call, &args.filter, err);
    return result->enrichment.p != NULL;
}

static const char *const classes[] = {"format_error",
                                      "repeated_tool_error",
                                      "repeater",
                                      "loop",
                                      "turn_limit",
                                      "long_episode",
                                      "hanging",
                                      "other",
                                      NULL};
static const char *const orders[] = {"order", "reward", "step_count", NULL};
static const char *const ways[] = {"asc", "desc", NULL};

static const struct field in[] = {
    F_INT(struct args, limit, .doc = "At most so many; left out: 100, as far as they fit.",
          .has_min = true, .min = 1, .has_max = true, .max = 1000),
    F_INT(struct args, offset, .doc = "Skip so many.", .has_min = true, .min = 0, .has_max = true,
          .max = 1e9, .has_def = true, .def = 0),
    F_STR(struct args, failure_class, .doc = "Only these.", .one_of = classes),
    F_STR(struct args, sort_by, .doc = "Over all, before the page.", .one_of = orders,
          .def_text = "order"),
    F_STR(struct args, sort_order, .doc = "", .one_of = ways, .def_text = "asc"),
    TRAJECTORY_FILTERS(struct args),
};

static const struct field out[] = {
    F_INT(struct result, total, .doc = "Failures in all", .required = true),
    F_INT(struct result, returned, .doc = "", .required = true),
    F_INT(struct result, offset, .doc = "", .required = true),
    F_BOOL(struct result, truncated, .doc = "There are more", .required = true),
    F_INT(struct result, next_offset, .doc = "For the next page"),
    F_RAW(struct result, data, .doc = "", .type = "array", .required = true),
    F_RAW(struct result, failure_classes, .doc = "By the first rule that holds", .type = "object",
          .required = true),
    F_RAW(struct result, reward_ranges, .doc = "", .type = "object", .required = true),
    F_RAW(struct result, enrichment, .doc = "More frequent in failures, within questions",
          .type = "object", .required = true),
    F_INT(struct result, without_reward, .doc = "Not in total"),
    TRAJECTORY_COMMON(struct result),
};

const struct tool tool_list_failure_cases = {
    .name = "list_failure_cases",
    .title = "Episodes that failed",
    .doc = "Failed episodes, a page of them: question, reward, reason, failure class with the step "
           "that shows it, first steps; and what failures do more often than successes of the same "
           "question. Without a threshold: reward <= 0.5. Call it for why agents fail.",
    .flags = TOOL_READ_ONLY,
    .in = SHAPE(struct args, in),
    .out = SHAPE(struct result, out),
    .run = run,
    .fingerprint = trajectories_fingerprint,
    .example = "{\"limit\":3}",
};
