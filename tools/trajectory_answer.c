#include "tools/trajectory_answer.h"

#include "analysis/base/limits.h"

enum { NAME_CHARS = 200, SILENT_SHOWN = 30 };

/* ---- arguments ---- */

static bool add_text(struct str text, struct arena *arena, const char **v, size_t *n)
{
    text = str_trim(text);
    if (text.n == 0)
        return false;
    v[(*n)++] = arena_text(arena, text);
    return true;
}

bool texts_of(struct str raw, const char *what, struct arena *arena, struct strs *out,
              struct err *err)
{
    const struct json *value;
    size_t n = 0;

    *out = (struct strs){0};
    if (!raw.p)
        return true;
    value = json_parse(arena, raw, JSON_STRICT, 4, err);
    if (!value)
        return false;
    const char **v = ARENA_ARRAY(arena, raw.n + 1, const char *);
    if (value->kind == JSON_STRING) {
        struct str rest = json_text(arena, value), piece;
        while (str_next(&rest, ',', &piece))
            add_text(piece, arena, v, &n);
    } else if (value->kind == JSON_ARRAY) {
        json_each (item, value) {
            if (item->kind != JSON_STRING && item->kind != JSON_NUMBER)
                return err_set(err, ERR_ARGUMENT, "'%s' must hold texts; entry %zu is %s.", what,
                               n + 1, json_kind_name(item));
            add_text(item->kind == JSON_STRING ? json_text(arena, item) : item->raw, arena, v, &n);
        }
    } else if (value->kind == JSON_NUMBER) {
        add_text(value->raw, arena, v, &n);
    } else {
        return err_set(err, ERR_ARGUMENT, "'%s' must be a text or a list of texts, not %s.", what,
                       json_kind_name(value));
    }
    *out = (struct strs){v, n};
    return true;
}

/* ---- what was asked and what was left out ---- */

static void put_texts(struct buf *out, const char *name, const struct strs *texts)
{
    json_put_key(out, name);
    buf_byte(out, '[');
    for (size_t i = 0; i < texts->n; i++) {
        json_put_comma(out);
        json_put_string(out, str_of(texts->v[i]));
    }
    buf_byte(out, ']');
}

static struct str filters_json(const struct trajectory_filter *f, struct arena *arena)
{
    struct buf out = {0};

    buf_byte(&out, '{');
#define TEXT(member)                                                                               \
    if (f->member) {                                                                               \
        json_put_key(&out, #member);                                                               \
        json_put_string(&out, str_of(f->member));                                                  \
    }
#define WHOLE(member)                                                                              \
    if (f->member != NOT_GIVEN) {                                                                  \
        json_put_key(&out, #member);                                                               \
        json_put_integer(&out, f->member);                                                         \
    }
#define REAL(member)                                                                               \
    if (!isnan(f->member)) {                                                                       \
        json_put_key(&out, #member);                                                               \
        json_put_number(&out, f->member);                                                          \
    }
#define WORDS(member)                                                                              \
    if (f->member.n)                                                                               \
        put_texts(&out, #member, &f->member);
#define X(kind, member) kind(member)
    TRAJECTORY_FILTER(X)
    REAL(reward_threshold)
#undef X
#undef TEXT
#undef WHOLE
#undef REAL
#undef WORDS
    buf_byte(&out, '}');
    return finish(&out, arena);
}

static struct str excluded_json(const struct selection *s, struct arena *arena)
{
    struct buf out = {0};

    buf_byte(&out, '{');
    for (size_t i = 0; i < FILTERS_N; i++) {
        if (s->excluded[i])
            put_count(&out, trajectory_filter_names[i], s->excluded[i]);
    }
    buf_byte(&out, '}');
    return finish(&out, arena);
}

/* What `where` may hold: members of the filter that have no argument of their own. */
static const struct field rest_fields[] = {
    F_INT(struct trajectory_filter, iteration_id, .doc = ""),
    F_STR(struct trajectory_filter, agent_name, .doc = ""),
    F_STR(struct trajectory_filter, trajectory_id, .doc = ""),
    F_NUM(struct trajectory_filter, reward_min, .doc = ""),
    F_STRS(struct trajectory_filter, tool_used, .doc = ""),
    F_STRS(struct trajectory_filter, tool_not_used, .doc = ""),
    F_STRS(struct trajectory_filter, tool_failed, .doc = ""),
    F_INT(struct trajectory_filter, min_tool_calls, .doc = ""),
    F_INT(struct trajectory_filter, min_steps, .doc = ""),
    F_INT(struct trajectory_filter, max_steps, .doc = ""),
    F_STR(struct trajectory_filter, text, .doc = ""),
};
static const struct shape rest_shape = SHAPE(struct trajectory_filter, rest_fields);

static bool add_where(struct str where, struct arena *arena, struct trajectory_filter *f,
                      struct err *err)
{
    const struct json *object =
        where.p ? json_parse(arena, where, JSON_STRICT, DATA_DEPTH_MAX, err) : NULL;

    if (where.p && !object)
        return false;
    if (object && object->kind != JSON_OBJECT)
        return err_set(err, ERR_ARGUMENT, "where must be an object of filters");
    struct trajectory_filter rest = *f; /* decoding empties what it does not name */
    if (!shape_decode(&rest_shape, object, arena, &rest, err))
        return err_wrap(err, "where");
    f->iteration_id = rest.iteration_id;
    f->agent_name = rest.agent_name;
    f->trajectory_id = rest.trajectory_id;
    f->reward_min = rest.reward_min;
    f->tool_used = rest.tool_used;
    f->tool_not_used = rest.tool_not_used;
    f->tool_failed = rest.tool_failed;
    f->min_tool_calls = rest.min_tool_calls;
    f->min_steps = rest.min_steps;
    f->max_steps = rest.max_steps;
    f->text = rest.text;
    return true;
}

bool trajectories_open(struct call *call, const struct trajectory_args *args, struct selection *out,
                       struct trajectory_common *common, struct err *err)
{
    struct trajectory_filter f = args->f;
    const struct trajectories *t;
    struct coverage coverage;
    uint32_t training;

    coverage_init(&coverage, call->arena);
    if (!add_where(args->where, call->arena, &f, err) ||
        !texts_of(args->reasons, "termination_reason", call->arena, &f.termination_reason, err) ||
        !library_look(call->desk->library, call->cancelled, call->arena, &t, &coverage, err) ||
        (f.training_id && !training_find(t, f.training_id, &training, err)) ||
        !trajectories_select(t, &f, call->cancelled, call->arena, out, err))
        return false;
    selection_cover(out, &coverage);
    if (t->n == 0)
        coverage_note(&coverage, "no trajectories were found");
    struct reward_figures figures = reward_figures(out->t, out->rows, out->n, out->threshold);
    const char *fractional = fractional_says(&figures, out->threshold, call->arena);
    if (fractional)
        coverage_note(&coverage, "%s", fractional);
    *common =
        (struct trajectory_common){.filters_applied = filters_json(&f, call->arena),
                                   .excluded = excluded_json(out, call->arena),
                                   .success_rule = success_rule(f.reward_threshold, call->arena),
                                   .seen = (int64_t)out->seen,
                                   .used = (int64_t)out->n,
                                   .coverage = coverage_json(&coverage, call->arena)};
    return true;
}

bool trajectories_fingerprint(struct call *call, const void *args, struct buf *key)
{
    (void)args;
    return library_state(call->desk->library, key);
}

/* ---- writing ---- */

void put_figure(struct buf *out, const char *name, double value)
{
    json_put_key(out, name);
    if (isfinite(value))
        json_put_number(out,
                        fabs(value) < 1e9 ? round(value * 1e6) / 1e6 + 0.0 : value); /* no -0 */
    else
        buf_puts(out, "null");
}

void put_count(struct buf *out, const char *name, size_t value)
{
    json_put_key(out, name);
    json_put_integer(out, (int64_t)value);
}

void put_word(struct buf *out, const char *name, struct str text)
{
    struct arena scratch;

    json_put_key(out, name);
    if (text.n == 0) {
        buf_puts(out, "null");
        return;
    }
    arena_init(&scratch);
    json_put_string(out, str_of(clean_text(&scratch, text, NAME_CHARS)));
    arena_fini(&scratch);
}

void put_bounds(struct buf *out, const char *name, bool known, struct interval interval)
{
    json_put_key(out, name);
    if (!known) {
        buf_puts(out, "null");
        return;
    }
    buf_byte(out, '[');
    json_put_number(out, round(interval.low * 1e6) / 1e6);
    buf_byte(out, ',');
    json_put_number(out, round(interval.high * 1e6) / 1e6);
    buf_byte(out, ']');
}

void put_share(struct buf *out, size_t count, size_t total)
{
    put_count(out, "count", count);
    put_figure(out, "ratio", total ? (double)count / (double)total : 0);
}

void put_rate(struct buf *out, const char *name, size_t count, size_t total)
{
    json_put_key(out, name);
    buf_byte(out, '{');
    put_share(out, count, total);
    buf_byte(out, '}');
}

void put_ending_classes(struct buf *out, const char *name, const struct ending_figures *f)
{
    json_put_key(out, name);
    buf_byte(out, '{');
    for (size_t i = 0; i < ENDINGS_N; i++)
        put_rate(out, ending_names[i], f->count[i], f->total);
    buf_byte(out, '}');
}

void put_reward_classes(struct buf *out, const char *name, const struct reward_figures *f)
{
    json_put_key(out, name);
    buf_byte(out, '{');
    put_rate(out, "perfect_score", f->perfect, f->n);
    put_rate(out, "partial_success", f->partial, f->n);
    put_rate(out, "complete_failure", f->failure, f->n);
    buf_byte(out, '}');
}

void put_silent(struct buf *out, const struct selection *s)
{
    struct buf says = {0};
    struct arena scratch;

    arena_init(&scratch);
    buf_puts(out, "{\"tools\":[");
    buf_puts(&says, "always empty: ");
    for (size_t i = 0; i < s->silent->n && i < SILENT_SHOWN; i++) {
        const char *name =
            clean_text(&scratch, dict_text(&s->t->words, s->silent->v[i]), NAME_CHARS);
        json_put_comma(out);
        json_put_string(out, str_of(name));
        buf_printf(&says, "%s%s", i ? ", " : "", name);
    }
    buf_byte(out, ']');
    put_count(out, "count", s->silent->calls);
    put_word(out, "says", s->silent->n ? buf_str(&says) : STR("no tool was always empty"));
    buf_byte(out, '}');
    buf_fini(&says);
    arena_fini(&scratch);
}

const char *training_name(const struct trajectories *t, size_t row, struct arena *arena)
{
    return clean_text(arena, dict_text(&t->words, t->training[row]), NAME_CHARS);
}
