#include "tools/metrics_answer.h"
#include "analysis/base/limits.h"
#include "analysis/base/nearest.h"
#include "analysis/reduce.h"

#include <math.h>

#define LOSS "Losses/Total"
#define PERPLEXITY "Perplexity"

enum {
    SAMPLED = 16, /* rows measured to guess how long all are */
    TRIES = 6,    /* to make an answer fit */
    STEPS_AT_ONCE = 4096,
};

/* ---- which keys ---- */

struct strs metrics_wanted(const struct strs *keys, struct arena *arena)
{
    const char **v = ARENA_ARRAY(arena, keys->n * 2, const char *);
    size_t n = 0;

    for (size_t i = 0; i < keys->n; i++) {
        v[n++] = keys->v[i];
        if (strcmp(keys->v[i], PERPLEXITY) == 0)
            v[n++] = LOSS;
    }
    return (struct strs){v, n};
}

static bool none_is_logged(const struct metrics_answer *m, const struct strs *keys, struct err *err)
{
    struct str near = {0};
    size_t best = SIZE_MAX;
    struct buf names = {0};

    for (size_t i = 0; i < rows_keys(m->view); i++) {
        struct str name = rows_key(m->view, i);
        size_t d = name_distance(str_of(keys->v[0]), name);
        if (d < best) {
            best = d;
            near = name;
        }
        if (names.n < 300)
            buf_printf(&names, "%s%.*s", i ? ", " : "", STR_FMT(name));
    }
    if (near.n && name_is_near(str_of(keys->v[0]), near, best))
        err_set(err, ERR_ARGUMENT, "'%s' is not logged; did you mean '%.*s'? Logged: %s.",
                keys->v[0], STR_FMT(near), buf_text(&names));
    else
        err_set(err, ERR_ARGUMENT, "'%s' is not logged. Logged: %s.", keys->v[0], buf_text(&names));
    buf_fini(&names);
    return false;
}

static size_t primary_of(const struct metrics_answer *m)
{
    size_t loss = rows_find(m->view, STR(LOSS));

    for (size_t i = 0; i < m->keys_n; i++) {
        if (m->keys[i] == loss)
            return loss;
    }
    for (size_t i = 0; i < m->keys_n; i++) {
        if (!str_is(rows_key(m->view, m->keys[i]), "timestamp"))
            return m->keys[i];
    }
    return m->keys_n ? m->keys[0] : SIZE_MAX;
}

bool metrics_choose_keys(struct metrics_answer *m, const struct strs *keys, struct err *err)
{
    size_t n = 0, all = rows_keys(m->view);
    size_t *chosen = ARENA_ARRAY(m->arena, (keys->n ? keys->n + 1 : all) + 1, size_t);

    m->all_keys = keys->n == 0;
    for (size_t i = 0; m->all_keys && i < all; i++)
        chosen[n++] = i;
    for (size_t i = 0; i < keys->n; i++) {
        size_t key = rows_find(m->view, str_of(keys->v[i]));
        if (key != SIZE_MAX) {
            chosen[n++] = key;
        } else if (strcmp(keys->v[i], PERPLEXITY) == 0 &&
                   rows_find(m->view, STR(LOSS)) != SIZE_MAX) {
            m->perplexity = true;
        } else {
            coverage_not_logged(m->coverage, keys->v[i]);
        }
    }
    m->keys = chosen;
    m->keys_n = n;
    if (keys->n && n == 0 && !m->perplexity)
        return none_is_logged(m, keys, err);
    m->primary = m->perplexity && n == 0 ? rows_find(m->view, STR(LOSS)) : primary_of(m);
    return true;
}

/* ---- which rows ---- */

void metrics_scope(struct metrics_answer *m, int64_t from_step, int64_t to_step, size_t window)
{
    int64_t steps[STEPS_AT_ONCE];
    size_t n = rows_count(m->view);

    m->from = 0;
    m->to = n;
    if (from_step != NOT_GIVEN || to_step != NOT_GIVEN) {
        size_t first = n, last = 0;
        for (size_t at = 0; at < n; at += STEPS_AT_ONCE) {
            size_t part = n - at < STEPS_AT_ONCE ? n - at : STEPS_AT_ONCE;
            rows_steps(m->view, at, part, steps);
            for (size_t i = 0; i < part; i++) {
                if ((from_step != NOT_GIVEN && steps[i] < from_step) ||
                    (to_step != NOT_GIVEN && steps[i] > to_step))
                    continue;
                if (first == n)
                    first = at + i;
                last = at + i + 1;
            }
        }
        m->from = first < last ? first : last;
        m->to = last;
    }
    if (window && m->to - m->from > window)
        m->from = m->to - window;
}

/* ---- points ---- */

/* Characters of one row, from a few spread over the scope. */
static bool row_length(struct metrics_answer *m, double *length, struct err *err)
{
    size_t scope = m->to - m->from, rows[SAMPLED];
    size_t n = scope < SAMPLED ? scope : SAMPLED;
    struct buf text = {0};

    for (size_t i = 0; i < n; i++)
        rows[i] = m->from + i * scope / n;
    bool ok = rows_put(m->view, rows, n, m->all_keys ? NULL : m->keys, m->keys_n, &text, err);
    *length = n ? (double)(text.n + 1) / (double)n : 1;
    buf_fini(&text);
    return ok;
}

static void choose_rows(struct metrics_answer *m, size_t budget, size_t **rows, size_t *n)
{
    size_t scope = m->to - m->from;

    if (scope > budget && !m->newest_only && m->primary != SIZE_MAX) {
        reduce_rows(m->view, m->from, m->to, m->keys, m->keys_n, m->primary, budget, m->arena, rows,
                    n);
        return;
    }
    *n = scope < budget ? scope : budget;
    *rows = ARENA_ARRAY(m->arena, *n, size_t);
    for (size_t i = 0; i < *n; i++)
        (*rows)[i] = m->to - *n + i;
}

static bool too_long(const struct metrics_answer *m, size_t length, struct err *err)
{
    /* the line holds it twice, the second time with its quotes escaped */
    const size_t room = ANSWER_MAX - MIB / 8;
    double share = (double)room / ((double)length * 2.25);

    if (share >= 1)
        return false;
    err_set(err, ERR_TOO_LARGE,
            "%zu points would make an answer of more than %zu MiB. The largest maxPoints that "
            "fits is %zu.",
            m->returned, ANSWER_MAX / MIB, (size_t)((double)m->returned * share));
    return true;
}

bool metrics_put_points(struct metrics_answer *m, struct err *err)
{
    size_t overhead = metrics_summary(m).n + 900; /* ids, coverage, member names */
    size_t room = m->max_chars > overhead + 500 ? m->max_chars - overhead : 500;
    size_t budget = m->max_points, *rows;
    double length;

    if (m->perplexity)
        coverage_note(m->coverage, "Perplexity is not logged; layout \"columns\" gives it as exp "
                                   "of " LOSS);
    if (budget == 0) {
        if (!row_length(m, &length, err))
            return false;
        budget = (size_t)((double)room / length);
    }
    for (int tries = 0;; tries++) {
        struct buf text = {0};
        budget = budget ? budget : 1;
        choose_rows(m, budget, &rows, &m->returned);
        buf_byte(&text, '[');
        bool ok = rows_put(m->view, rows, m->returned, m->all_keys ? NULL : m->keys, m->keys_n,
                           &text, err);
        buf_byte(&text, ']');
        size_t n = text.n;
        m->text = finish(&text, m->arena);
        if (!ok || too_long(m, n, err))
            return false;
        if (m->max_points || n <= room || tries == TRIES || budget == 1)
            return true;
        budget = (size_t)((double)budget * (double)room / (double)n * .97);
    }
}

/* ---- columns ---- */

/* exp of the loss, point by point; never of a value that is not there. */
static void put_perplexities(struct metrics_answer *m, size_t loss, const size_t *rows, size_t n,
                             struct buf *values)
{
    for (size_t i = 0; i < n; i++) {
        double x;
        rows_values(m->view, loss, rows[i], 1, (double)NAN, &x);
        if (i)
            buf_byte(values, ',');
        json_put_number(values, exp(x));
    }
}

static bool put_column(struct metrics_answer *m, size_t key, bool perplexity, size_t budget,
                       struct buf *out, struct err *err)
{
    struct buf steps = {0}, values = {0};
    size_t *rows, n;

    reduce_column(m->view, m->from, m->to, key, budget, m->arena, &rows, &n);
    bool ok = rows_put_column(m->view, key, rows, n, &steps, &values, err);
    if (ok && perplexity) {
        values.n = 0;
        put_perplexities(m, key, rows, n, &values);
    }
    json_put_comma(out);
    json_put_string(out, perplexity ? STR(PERPLEXITY) : rows_key(m->view, key));
    buf_puts(out, ":{\"step\":[");
    buf_add(out, buf_str(&steps));
    buf_puts(out, "],\"value\":[");
    buf_add(out, buf_str(&values));
    buf_puts(out, "]}");
    buf_fini(&steps);
    buf_fini(&values);
    if (n > m->returned)
        m->returned = n;
    return ok;
}

static bool put_all_columns(struct metrics_answer *m, size_t budget, struct buf *out,
                            struct err *err)
{
    buf_byte(out, '{');
    m->returned = 0;
    for (size_t i = 0; i < m->keys_n; i++) {
        /* clock times are evidence, not a curve: only when asked for by name */
        if (m->all_keys && str_is(rows_key(m->view, m->keys[i]), "timestamp"))
            continue;
        if (!put_column(m, m->keys[i], false, budget, out, err))
            return false;
    }
    if (m->perplexity && !put_column(m, rows_find(m->view, STR(LOSS)), true, budget, out, err))
        return false;
    buf_byte(out, '}');
    return true;
}

bool metrics_put_columns(struct metrics_answer *m, struct err *err)
{
    size_t overhead = metrics_summary(m).n + 900;
    size_t room = m->max_chars > overhead + 500 ? m->max_chars - overhead : 500;
    size_t columns = m->keys_n + m->perplexity;
    size_t budget = m->max_points ? m->max_points : room / (30 * (columns ? columns : 1));

    for (int tries = 0;; tries++) {
        struct buf text = {0};
        budget = budget ? budget : 1;
        bool ok = put_all_columns(m, budget, &text, err);
        size_t n = text.n;
        m->text = finish(&text, m->arena);
        if (!ok || too_long(m, n, err))
            return false;
        if (m->max_points || n <= room || tries == TRIES || budget == 1)
            return true;
        budget = (size_t)((double)budget * (double)room / (double)n * .97);
    }
}

/* ---- summary ---- */

static void summary_of(const struct metrics_answer *m, size_t key, struct summary *out)
{
    if (m->from == 0 && m->to == rows_count(m->view)) {
        rows_summary(m->view, key, out); /* kept up to date, so it costs nothing */
    } else {
        struct series series;
        rows_series(m->view, key, m->from, m->to, m->arena, &series);
        series_summary(&series, out);
    }
}

struct str metrics_summary(const struct metrics_answer *m)
{
    struct buf out = {0};
    struct summary summary;

    buf_byte(&out, '{');
    for (size_t i = 0; i < m->keys_n; i++) {
        if (m->all_keys && str_is(rows_key(m->view, m->keys[i]), "timestamp"))
            continue;
        summary_of(m, m->keys[i], &summary);
        put_summary(&out, rows_key(m->view, m->keys[i]), &summary);
    }
    buf_byte(&out, '}');
    return finish(&out, m->arena);
}
