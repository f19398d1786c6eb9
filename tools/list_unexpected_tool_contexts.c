/* Tool calls that returned something other than a normal answer, with what was asked. */
#include "tools/trajectory_answer.h"

enum { DATA_CHARS = 18000, QUESTION_CHARS = 100 };

struct args {
    struct trajectory_args filter;
    const char *category;
    int64_t limit, offset;
};

struct result {
    int64_t total, returned;
    bool truncated;
    struct str data, always_empty;
    struct trajectory_common common;
};

struct context {
    uint32_t row;
    struct episode_step step;
    size_t number;
};

static bool is_asked_for(const char *category, const char *returned)
{
    return returned && (category ? strcmp(returned, category) == 0
                                 : strcmp(returned, return_names[RETURN_NORMAL]) != 0);
}

/* How many of a row, by the index; of tools that are always empty only if that is asked for. */
static size_t count_of(const struct selection *s, size_t row, const char *category)
{
    const struct trajectories *t = s->t;
    size_t sum = 0;

    for (size_t c = 0; c < t->tools_n[row]; c++) {
        for (size_t r = 0; r < RETURNS_N; r++) {
            const struct tool_calls *calls = &t->tool_calls[t->tools[row] + c];
            if (is_asked_for(category, return_names[r]) &&
                (category || !s->silent->is[calls->tool]))
                sum += calls->count[r];
        }
    }
    return sum;
}

/* The first 100 characters of the question and "..." if there are more. */
static const char *short_question(struct call *call, const struct trajectories *t, size_t row)
{
    struct str text = dict_text(&t->words, t->text[row]), rest = text;
    size_t characters = 0;

    while (rest.n && characters < QUESTION_CHARS) {
        size_t n = utf8_length(rest);
        rest = str_from(rest, n ? n : 1);
        characters++;
    }
    const char *clean = clean_text(call->arena, str_cut(text, text.n - rest.n), text.n + 1);
    return rest.n ? arena_printf(call->arena, "%s...", clean) : clean;
}

static void put_context(struct buf *out, struct call *call, const struct trajectories *t,
                        const struct context *c, size_t most)
{
    json_put_comma(out);
    buf_byte(out, '{');
    put_word(out, "trajectory_id", dict_text(&t->ids, t->id[c->row]));
    json_put_key(out, "step_id");
    json_put_integer(out, c->step.id);
    json_put_key(out, "action");
    json_put_string(out, str_of(clean_text(call->arena, c->step.action, most)));
    json_put_key(out, "observation");
    json_put_string(out, str_of(clean_text(call->arena, c->step.observation, most)));
    put_word(out, "category", str_of(c->step.returned));
    buf_puts(out, ",\"context\":{\"question\":");
    json_put_string(out, str_of(short_question(call, t, c->row)));
    put_count(out, "step_number", c->number);
    buf_puts(out, "}}");
}

/* In the longest texts that fit; *n is cut if none do. */
static struct str contexts_json(struct call *call, const struct trajectories *t,
                                const struct context *v, size_t *n)
{
    static const size_t cuts[] = {1000, 400, 150, 60, 20};

    for (size_t d = 0;; d++) {
        bool last = d == sizeof(cuts) / sizeof(cuts[0]) - 1;
        struct buf out = {0};
        size_t i = 0;
        buf_byte(&out, '[');
        for (; i < *n && out.n <= DATA_CHARS; i++)
            put_context(&out, call, t, &v[i], cuts[d]);
        buf_byte(&out, ']');
        if ((i == *n && out.n <= DATA_CHARS) || last) {
            *n = i;
            return finish(&out, call->arena);
        }
        buf_fini(&out);
    }
}

static bool collect(struct call *call, const struct args *args, const struct selection *s,
                    struct context *v, size_t *n, struct err *err)
{
    size_t skip = (size_t)args->offset;

    for (size_t i = 0; i < s->n && *n < (size_t)args->limit; i++) {
        size_t have = count_of(s, s->rows[i], args->category);
        struct episode episode;
        if (have <= skip) { /* nothing of this row is on the page */
            skip -= have;
            continue;
        }
        if (call_cancelled(call, err) ||
            !episode_read(s->t, s->rows[i], 0, SIZE_MAX, call->arena, &episode, err))
            return false;
        for (size_t e = 0; e < episode.n && *n < (size_t)args->limit; e++) {
            const struct episode_step *step = &episode.steps[e];
            if (!is_asked_for(args->category, step->returned) ||
                (!args->category && silent_has(s->silent, s->t, step->tool)))
                continue;
            if (skip > 0)
                skip--;
            else
                v[(*n)++] = (struct context){s->rows[i], episode.steps[e], e + 1};
        }
    }
    return true;
}

static bool run(struct call *call, const void *in, void *out, struct err *err)
{
    const struct args *args = in;
    struct result *result = out;
    struct selection s;
    struct buf always_empty = {0};
    size_t n = 0, total = 0;

    if (!trajectories_open(call, &args->filter, &s, &result->common, err))
        return false;
    const struct silent silent = silent_tools(&s, call->arena);
    s.silent = &silent;
    put_silent(&always_empty, &s);
    result->always_empty = finish(&always_empty, call->arena);
    for (size_t i = 0; i < s.n; i++)
        total += count_of(&s, s.rows[i], args->category);
    struct context *v = ARENA_ARRAY(call->arena, (size_t)args->limit + 1, struct context);
    if (!collect(call, args, &s, v, &n, err))
        return false;
    result->data = contexts_json(call, s.t, v, &n);
    result->total = (int64_t)total;
    result->returned = (int64_t)n;
    result->truncated = (size_t)args->offset + n < total;
    return true;
}

static const char *const categories[] = {"empty", "timeout", "connection_error",
                                         "error", "normal",  NULL};

static const struct field in[] = {
    F_STR(struct args, category, .doc = "Left out: all but normal.", .one_of = categories),
    F_INT(struct args, limit, .doc = "At most so many.", .has_min = true, .min = 1, .has_max = true,
          .max = 500, .has_def = true, .def = 50),
    F_INT(struct args, offset, .doc = "Skip so many.", .has_min = true, .min = 0, .has_max = true,
          .max = 1e9, .has_def = true, .def = 0),
    TRAJECTORY_FILTERS(struct args),
};

static const struct field out[] = {
    F_INT(struct result, total, .doc = "", .required = true),
    F_INT(struct result, returned, .doc = "", .required = true),
    F_BOOL(struct result, truncated, .doc = "There are more", .required = true),
    F_RAW(struct result, data, .doc = "", .type = "array", .required = true),
    F_RAW(struct result, always_empty, .doc = "", .type = "object"),
    TRAJECTORY_COMMON(struct result),
};

const struct tool tool_list_unexpected_tool_contexts = {
    .name = "list_unexpected_tool_contexts",
    .title = "Tool calls that went wrong",
    .doc = "The tool calls that returned nothing, a timeout, a connection error or another error: "
           "the action, what came back, and the question it was for. Call it after "
           "get_tool_return_stats shows such returns.",
    .flags = TOOL_READ_ONLY,
    .in = SHAPE(struct args, in),
    .out = SHAPE(struct result, out),
    .run = run,
    .fingerprint = trajectories_fingerprint,
    .example = "{\"limit\":3}",
};
