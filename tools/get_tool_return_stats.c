/* What tools returned, in all and tool by tool. */
#include <stdlib.h>

#include "tools/grouped_answer.h"

enum { TOOLS_SHOWN = 30 };

struct result {
    int64_t total_tool_calls, trajectories_with_calls;
    struct str categories, unexpected, always_empty, tools, groups;
    struct trajectory_common common;
};

/* One tool over all trajectories. */
struct tool_sum {
    uint32_t tool;
    uint64_t calls, count[RETURNS_N];
    size_t trajectories;
};

static int most_used(const void *a, const void *b)
{
    const struct tool_sum *x = a, *y = b;

    if (x->calls != y->calls)
        return (x->calls < y->calls) - (x->calls > y->calls);
    return (x->tool > y->tool) - (x->tool < y->tool);
}

static struct tool_sum *sum_tools(const struct selection *s, struct arena *arena, size_t *n)
{
    const struct trajectories *t = s->t;
    struct tool_sum *sum = ARENA_ARRAY(arena, t->words.n + 1, struct tool_sum);

    for (size_t i = 0; i < s->n; i++) {
        uint32_t row = s->rows[i];
        for (size_t c = 0; c < t->tools_n[row]; c++) {
            const struct tool_calls *calls = &t->tool_calls[t->tools[row] + c];
            struct tool_sum *one = &sum[calls->tool];
            one->tool = calls->tool;
            one->trajectories++;
            for (size_t r = 0; r < RETURNS_N; r++) {
                one->count[r] += calls->count[r];
                one->calls += calls->count[r];
            }
        }
    }
    *n = 0;
    for (size_t i = 0; i < t->words.n; i++) {
        if (sum[i].trajectories)
            sum[(*n)++] = sum[i];
    }
    qsort(sum, *n, sizeof(*sum), most_used);
    return sum;
}

static void put_tools(struct buf *out, const struct selection *s)
{
    struct arena scratch;
    size_t n;

    arena_init(&scratch);
    const struct tool_sum *sum = sum_tools(s, &scratch, &n);
    json_put_key(out, "tools");
    buf_byte(out, '[');
    for (size_t i = 0; i < n && i < TOOLS_SHOWN; i++) {
        json_put_comma(out);
        buf_byte(out, '{');
        put_word(out, "tool", dict_text(&s->t->words, sum[i].tool));
        put_count(out, "calls", sum[i].calls);
        put_count(out, "trajectories", sum[i].trajectories);
        for (size_t r = 0; r < RETURNS_N; r++) {
            if (sum[i].count[r])
                put_count(out, return_names[r], sum[i].count[r]);
        }
        buf_byte(out, '}');
    }
    if (n > TOOLS_SHOWN)
        buf_printf(out, ",{\"not_shown\":%zu}", n - TOOLS_SHOWN);
    buf_byte(out, ']');
    arena_fini(&scratch);
}

static void put_returns(struct buf *out, const struct selection *s, const uint32_t *rows, size_t n)
{
    struct return_figures f = return_figures(s->t, rows, n);
    size_t silent = 0;

    for (size_t i = 0; i < n && s->silent && s->silent->n; i++) {
        const struct tool_calls *calls = s->t->tool_calls + s->t->tools[rows[i]];
        for (size_t c = 0; c < s->t->tools_n[rows[i]]; c++)
            silent += s->silent->is[calls[c].tool] ? calls[c].count[RETURN_EMPTY] : 0;
    }
    put_count(out, "total_tool_calls", f.total);
    json_put_key(out, "categories");
    buf_byte(out, '{');
    for (size_t i = 0; i < RETURNS_N; i++)
        put_rate(out, return_names[i], f.count[i], f.total);
    buf_byte(out, '}');
    put_rate(out, "unexpected", f.total - f.count[RETURN_NORMAL] - silent, f.total);
    put_count(out, "trajectories_with_calls", f.trajectories);
}

static void put_all(struct buf *out, const struct selection *s, const uint32_t *rows, size_t n)
{
    put_returns(out, s, rows, n);
    json_put_key(out, "always_empty");
    put_silent(out, s);
    put_tools(out, s);
}

static void find_silent(struct call *call, struct selection *s)
{
    struct silent *silent = ARENA_NEW(call->arena, struct silent);

    *silent = silent_tools(s, call->arena);
    s->silent = silent;
}

static const struct field out[] = {
    F_INT(struct result, total_tool_calls, .doc = "", .required = true),
    F_RAW(struct result, categories, .doc = "", .type = "object", .required = true),
    F_RAW(struct result, unexpected, .doc = "All but normal", .type = "object", .required = true),
    F_RAW(struct result, always_empty, .doc = "", .type = "object"),
    F_INT(struct result, trajectories_with_calls, .doc = "", .required = true),
    F_RAW(struct result, tools, .doc = "Most used first", .type = "array", .required = true),
    F_RAW(struct result, groups, .doc = "The same for each", .type = "object"),
    TRAJECTORY_COMMON(struct result),
};
static const struct shape shape = SHAPE(struct result, out);

static const struct figures figures = {
    .all = put_all,
    .each = put_returns,
    .prepare = find_silent,
    .shape = &shape,
    .groups = offsetof(struct result, groups),
    .common = offsetof(struct result, common),
};

static bool run(struct call *call, const void *given, void *answer, struct err *err)
{
    return figures_run(call, given, &figures, answer, err);
}

const struct tool tool_get_tool_return_stats = {
    .name = "get_tool_return_stats",
    .title = "What tools returned",
    .doc =
        "What tool calls returned (normal, empty, timeout, connection_error, error), in all, per "
        "tool, and with group_by per training or epoch. Call it when tools are suspected; "
        "list_unexpected_tool_contexts shows the calls.",
    .flags = TOOL_READ_ONLY,
    .in = SHAPE(struct grouped_args, grouped_in),
    .out = SHAPE(struct result, out),
    .run = run,
    .fingerprint = trajectories_fingerprint,
    .example = "{}",
};
