/* One exact number of one metric, from all of its points. */
#include "analysis/elapsed.h"
#include "analysis/roles.h"
#include "tools/metrics_answer.h"

#include <math.h>

struct args {
    const char *expId, *key, *ask;
    double value;
    int64_t step, fromStep, toStep;
};

struct result {
    const char *expId, *key, *ask;
    struct str answer; /* a number, "NaN" … or null */
    int64_t atStep, n, nonFinite;
    const char *note;
    struct str coverage;
};

struct found {
    double value;
    int64_t at;
    bool any;
};

static void take(struct found *f, double value, int64_t at)
{
    *f = (struct found){value, at, true};
}

typedef bool better(double x, double than);

static bool below(double x, double than)
{
    return x < than;
}

static bool above(double x, double than)
{
    return x > than;
}

static void extreme(const struct series *s, better *is_better, struct found *f)
{
    for (size_t i = 0; i < s->n; i++) {
        if (isfinite(s->value[i]) && (!f->any || is_better(s->value[i], f->value)))
            take(f, s->value[i], s->step[i]);
    }
}

static void first_where(const struct series *s, better *is_better, double than, struct found *f)
{
    for (size_t i = 0; i < s->n && !f->any; i++) {
        if (isfinite(s->value[i]) && is_better(s->value[i], than))
            take(f, s->value[i], s->step[i]);
    }
}

static void mean_of(const struct series *s, struct found *f)
{
    double sum = 0;
    size_t n = 0;

    for (size_t i = 0; i < s->n; i++) {
        if (isfinite(s->value[i])) {
            sum += s->value[i];
            n++;
        }
    }
    if (n)
        take(f, sum / (double)n, NOT_GIVEN);
}

/* Trapezoids between neighbouring finite points, in value times steps. */
static void area_of(const struct series *s, struct found *f)
{
    double sum = 0;
    size_t before = SIZE_MAX;

    for (size_t i = 0; i < s->n; i++) {
        if (!isfinite(s->value[i]))
            continue;
        if (before != SIZE_MAX && s->step[i] > s->step[before])
            sum += (s->value[i] + s->value[before]) / 2 * (double)(s->step[i] - s->step[before]);
        before = i;
    }
    if (before != SIZE_MAX)
        take(f, sum, NOT_GIVEN);
}

/*
 * Seconds from the first point that has a time to the first one at or past the
 * value, in the direction that is better; NAN if that one has no time.
 */
static bool time_to(const struct series *s, double value, struct found *f, struct err *err)
{
    bool down = role_direction(role_like(s->name, NULL)) != DIRECTION_HIGHER_IS_BETTER;
    size_t zero = 0;

    while (s->time && zero < s->n && !isfinite(s->time[zero]))
        zero++;
    if (!s->time || zero == s->n)
        return err_set(err, ERR_ARGUMENT,
                       "This run logs no times, so time_to has no answer; first_below and "
                       "first_above give the step.");
    for (size_t i = 0; i < s->n && !f->any; i++) {
        if (isfinite(s->value[i]) && (down ? s->value[i] <= value : s->value[i] >= value))
            take(f, isfinite(s->time[i]) ? s->time[i] - s->time[zero] : (double)NAN, s->step[i]);
    }
    return true;
}

/* The last point at that step: after a restart the latest attempt counts. */
static bool value_at(const struct series *s, int64_t step, struct found *f, struct err *err)
{
    int64_t before = NOT_GIVEN, after = NOT_GIVEN;

    for (size_t i = 0; i < s->n; i++) {
        if (s->step[i] == step)
            take(f, s->value[i], step);
        else if (s->step[i] < step && (before == NOT_GIVEN || s->step[i] > before))
            before = s->step[i];
        else if (s->step[i] > step && (after == NOT_GIVEN || s->step[i] < after))
            after = s->step[i];
    }
    if (f->any)
        return true;
    if (before != NOT_GIVEN && after != NOT_GIVEN)
        return err_set(err, ERR_NOT_FOUND,
                       "No point at step %lld; the nearest are at %lld and %lld.", (long long)step,
                       (long long)before, (long long)after);
    return err_set(err, ERR_NOT_FOUND, "No point at step %lld; the nearest is at %lld.",
                   (long long)step, (long long)(before != NOT_GIVEN ? before : after));
}

static bool needs(const struct args *args, struct err *err)
{
    bool value = strncmp(args->ask, "first", 5) == 0 || strcmp(args->ask, "time_to") == 0;

    if (value && isnan(args->value))
        return err_set(err, ERR_ARGUMENT, "value is required for ask '%s'.", args->ask);
    if (strcmp(args->ask, "value_at") == 0 && args->step == NOT_GIVEN)
        return err_set(err, ERR_ARGUMENT, "step is required for ask 'value_at'.");
    return true;
}

static bool answer(const struct args *args, const struct series *s, struct found *f,
                   struct err *err)
{
    const char *ask = args->ask;

    if (strcmp(ask, "minimum") == 0)
        extreme(s, below, f);
    else if (strcmp(ask, "maximum") == 0)
        extreme(s, above, f);
    else if (strcmp(ask, "first_below") == 0)
        first_where(s, below, args->value, f);
    else if (strcmp(ask, "first_above") == 0)
        first_where(s, above, args->value, f);
    else if (strcmp(ask, "mean") == 0)
        mean_of(s, f);
    else if (strcmp(ask, "area") == 0)
        area_of(s, f);
    else if (strcmp(ask, "time_to") == 0)
        return time_to(s, args->value, f, err);
    else
        return value_at(s, args->step, f, err);
    return true;
}

/* The run's names: of its table, then of its history. */
static bool not_logged(struct call *call, const char *key, const struct rows_view *view,
                       const struct history *history, struct err *err)
{
    size_t rows = view ? rows_keys(view) : 0, n = rows + (history ? history->keys_n : 0);
    struct str *names = ARENA_ARRAY(call->arena, n + 1, struct str);

    for (size_t i = 0; i < n; i++) {
        names[i] = i < rows ? rows_key(view, i) : history->keys[i - rows].name;
        if (str_is(names[i], key))
            return err_set(err, ERR_NOT_FOUND, "'%.300s' holds no number.", key);
    }
    if (n == 0)
        return err_set(err, ERR_NOT_FOUND, "This run logs no metrics.");
    return none_is_logged(key, names, n, err);
}

/* The file that the series is from, and what of it could not be used. */
static void cover(const struct series *s, const struct rows_view *view,
                  const struct history *history, struct coverage *coverage)
{
    int64_t non_finite = 0, first = 0;

    if (view && (rows_find(view, s->name) != SIZE_MAX || !history))
        rows_cover(view, coverage);
    else if (history)
        history_cover(history, coverage);
    for (size_t i = 0; i < s->n; i++) {
        if (!isfinite(s->value[i]) && non_finite++ == 0)
            first = s->step[i];
    }
    coverage->points_read = (int64_t)s->n;
    coverage->non_finite.n = 0; /* of this key, not of all that were read before */
    coverage_non_finite(coverage, s->name, non_finite, first);
}

static bool load(struct call *call, const struct args *args, const struct experiment *experiment,
                 struct coverage *coverage, struct series *part, struct err *err)
{
    struct series whole = {0};
    const struct rows_view *view;
    const struct history *history = NULL;
    struct strs key = {&args->key, 1}, wanted = metrics_wanted(&key, call->arena);

    if (!experiment_series(experiment, str_of(args->key), call->arena, &whole, err) ||
        !experiment_rows(experiment, &wanted, call->arena, &view, err))
        return false;
    bool in_table = view && rows_find(view, str_of(args->key)) != SIZE_MAX;
    if (!in_table && !experiment_history(experiment, call->arena, &history, err))
        return false;
    if (whole.n == 0)
        return not_logged(call, args->key, view, history, err);
    if (history && !history_find(history, args->key))
        history = NULL; /* Perplexity, made of the table's loss */
    whole.name = str_of(args->key);
    cover(&whole, view, history, coverage);
    int64_t to = args->toStep == NOT_GIVEN ? INT64_MAX : args->toStep;
    series_slice(&whole, args->fromStep, to, call->arena, part); /* NOT_GIVEN is the lowest step */
    if (part->n == 0)
        return err_set(err, ERR_NOT_FOUND, "No point of '%s' lies in that range of steps.",
                       args->key);
    return true;
}

static bool run(struct call *call, const void *in, void *out, struct err *err)
{
    const struct args *args = in;
    struct result *result = out;
    const struct experiment *experiment;
    struct series series = {0};
    struct found found = {.at = NOT_GIVEN};
    struct coverage coverage;
    struct buf text = {0};
    const char *elapsed = NULL;
    bool timed = strcmp(args->ask, "time_to") == 0;

    coverage_init(&coverage, call->arena);
    if (!needs(args, err) || !open_experiment(call, args->expId, &experiment, err) ||
        !load(call, args, experiment, &coverage, &series, err) ||
        (timed && !elapsed_fill(experiment, call->arena, &series, &elapsed, err)) ||
        !answer(args, &series, &found, err))
        return false;
    bool timeless = timed && found.any && !isfinite(found.value);
    *result = (struct result){.expId = experiment->id,
                              .key = args->key,
                              .ask = args->ask,
                              .atStep = found.any ? found.at : NOT_GIVEN,
                              .n = (int64_t)series.n,
                              .coverage = coverage_json(&coverage, call->arena)};
    if (found.any && !timeless) {
        json_put_number(&text, found.value);
        result->answer = finish(&text, call->arena);
    }
    for (size_t i = 0; i < series.n; i++)
        result->nonFinite += !isfinite(series.value[i]);
    if (timeless)
        result->note = "crossed at that step, which has no time";
    else if (timed && elapsed)
        result->note = arena_printf(call->arena, "seconds from the first point, by '%s'", elapsed);
    else if (timed)
        result->note = "seconds from the first point that has a time";
    else if (strcmp(args->ask, "area") == 0)
        result->note = "value times steps, by trapezoids";
    else if (strcmp(args->ask, "mean") == 0 && result->nonFinite > 0)
        result->note = arena_printf(call->arena, "mean of the %lld finite points",
                                    (long long)(result->n - result->nonFinite));
    return true;
}

static const char *const questions[] = {"value_at", "first_below", "first_above",
                                        "minimum",  "maximum",     "mean",
                                        "area",     "time_to",     NULL};

static const struct field in[] = {
    F_EXP_ID(struct args),
    F_STR(struct args, key, .doc = "The metric; Perplexity is exp(Losses/Total) if not logged.",
          .required = true),
    F_STR(struct args, ask, .doc = "What to find.", .required = true, .one_of = questions),
    F_NUM(struct args, value, .doc = "For first_below, first_above, time_to."),
    F_INT(struct args, step, .doc = "For value_at."),
    F_INT(struct args, fromStep, .doc = "From this step on."),
    F_INT(struct args, toStep, .doc = "Up to and with this step."),
};

static const struct field out[] = {
    F_STR(struct result, expId, .doc = "", .required = true),
    F_STR(struct result, key, .doc = "", .required = true),
    F_STR(struct result, ask, .doc = "", .required = true),
    F_RAW(struct result, answer, .doc = "The number; null if it never happened", .nullable = true),
    F_INT(struct result, atStep, .doc = "Where", .nullable = true),
    F_INT(struct result, n, .doc = "Points looked at", .required = true),
    F_INT(struct result, nonFinite, .doc = "Of these NaN or infinite", .required = true),
    F_STR(struct result, note, .doc = "What the answer is of"),
    F_RAW(struct result, coverage, .doc = "What was read", .type = "object", .required = true),
};

const struct tool tool_query_metric = {
    .name = "query_metric",
    .title = "One exact number of a metric",
    .doc = "The exact answer from all points: value at a step, first time below or above a value, "
           "minimum, maximum, mean, area, time to a value. Call it for every number you quote, "
           "instead of reading it off a reduced curve.",
    .flags = TOOL_READ_ONLY,
    .in = SHAPE(struct args, in),
    .out = SHAPE(struct result, out),
    .run = run,
    .example = "{\"expId\":\"$LM\",\"key\":\"Losses/Total\",\"ask\":\"minimum\"}",
};
