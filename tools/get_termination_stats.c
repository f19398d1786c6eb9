/* How trajectories ended: classes by exact words, with the words beside them. */
#include "tools/grouped_answer.h"

enum { WORDS_SHOWN = 30 };

struct result {
    int64_t total, reasons_not_shown;
    struct str categories, unexpected, reasons, groups;
    struct trajectory_common common;
};

/* The words as written with their counts, in the order of their bytes. */
static void put_reasons(struct buf *out, const struct selection *s, const uint32_t *rows, size_t n)
{
    struct arena scratch;
    size_t groups;

    arena_init(&scratch);
    const struct row_group *group = rows_grouped(s->t, rows, n, BY_REASON, &scratch, &groups);
    json_put_key(out, "reasons");
    buf_byte(out, '[');
    for (size_t i = 0; i < groups && i < WORDS_SHOWN; i++) {
        uint32_t row = group[i].rows[0];
        json_put_comma(out);
        buf_byte(out, '{');
        put_word(out, "word", dict_text(&s->t->words, s->t->reason[row]));
        put_word(out, "class", str_of(ending_names[s->t->ending[row]]));
        put_count(out, "count", group[i].n);
        buf_byte(out, '}');
    }
    buf_byte(out, ']');
    if (groups > WORDS_SHOWN)
        put_count(out, "reasons_not_shown", groups - WORDS_SHOWN);
    arena_fini(&scratch);
}

static void put_endings(struct buf *out, const struct selection *s, const uint32_t *rows, size_t n)
{
    struct ending_figures f = ending_figures(s->t, rows, n);

    put_count(out, "total", f.total);
    put_ending_classes(out, "categories", &f);
    put_rate(out, "unexpected", f.total - f.count[ENDING_ENV_DONE] - f.count[ENDING_FINISH],
             f.total);
    put_reasons(out, s, rows, n);
}

static const struct field out[] = {
    F_INT(struct result, total, .doc = "", .required = true),
    F_RAW(struct result, categories, .doc = "", .type = "object", .required = true),
    F_RAW(struct result, unexpected, .doc = "All but env_done and finish", .type = "object",
          .required = true),
    F_RAW(struct result, reasons, .doc = "Words as written", .type = "array", .required = true),
    F_INT(struct result, reasons_not_shown, .doc = "Words beyond those"),
    F_RAW(struct result, groups, .doc = "The same for each", .type = "object"),
    TRAJECTORY_COMMON(struct result),
};
static const struct shape shape = SHAPE(struct result, out);

static const struct figures figures = {
    .all = put_endings,
    .each = put_endings,
    .shape = &shape,
    .groups = offsetof(struct result, groups),
    .common = offsetof(struct result, common),
};

static bool run(struct call *call, const void *given, void *answer, struct err *err)
{
    return figures_run(call, given, &figures, answer, err);
}

const struct tool tool_get_termination_stats = {
    .name = "get_termination_stats",
    .title = "How trajectories ended",
    .doc =
        "How episodes ended, by class (env_done, finish, truncation, timeout, error, unknown) "
        "with the words as written; ratios add up to 1. With group_by also per training or epoch. "
        "Call it when asked why episodes stop.",
    .flags = TOOL_READ_ONLY,
    .in = SHAPE(struct grouped_args, grouped_in),
    .out = SHAPE(struct result, out),
    .run = run,
    .fingerprint = trajectories_fingerprint,
    .example = "{}",
};
