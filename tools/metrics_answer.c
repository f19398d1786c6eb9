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

bool none_is_logged(const char *key, const struct str *names, size_t n, struct err *err)
{
    struct str near = {0};
    size_t best = SIZE_MAX;
    struct buf list = {0};

    for (size_t i = 0; i < n; i++) {
        size_t d = name_distance(str_of(key), names[i]);
        if (d < best) {
            best = d;
            near = names[i];
        }
        if (list.n < 300)
            buf_printf(&list, "%s%.*s", i ? ", " : "", STR_FMT(str_cut(names[i], 300)));
    }
    if (near.n && name_is_near(str_of(key), near, best))
        err_set(err, ERR_ARGUMENT, "'%.300s' is not logged; did you mean '%.*s'? Logged: %s.", key,
                STR_FMT(str_cut(near, 300)), buf_text(&list));
    else
        err_set(err, ERR_ARGUMENT, "'%.300s' is not logged. Logged: %s.", key, buf_text(&list));
    buf_fini(&list);
    return false;
}

static bool none_of_view(const struct metrics_answer *m, const char *key, struct err *err)
{
    size_t n = rows_keys(m->view);
    struct str *names = ARENA_ARRAY(m->arena, n, struct str);

    for (size_t i = 0; i < n; i++)
        names[i] = rows_key(m->view, i);
    return none_is_logged(key, names, n, err);
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

static bool named_before(const struct strs *keys, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (strcmp(keys->v[k], keys->v[i]) == 0)
            return true;
    }
    return false;
}

bool metrics_choose_keys(struct metrics_answer *m, const struct strs *keys, struct err *err)
{
    size_t n = 0, all = rows_keys(m->view);
    size_t *chosen = ARENA_ARRAY(m->arena, (keys->n ? keys->n + 1 : all) + 1, size_t);

    m->all_keys = keys->n == 0;
    for (size_t i = 0; m->all_keys && i < all; i++)
        chosen[n++] = i;
    for (size_t i = 0; i < keys->n; i++) {
        if (named_before(keys, i))
            continue;
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
        return none_of_view(m, keys->v[0], err);
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

/* What the summary and the coverage leave of the answer. */
static size_t room_left(const struct metrics_answer *m)
{
    const size_t least = 200, around = 700; /* ids, member names, notes to come */
    size_t used = m->summary.n + coverage_json(m->coverage, m->arena).n + around;

    return m->max_chars > used + least ? m->max_chars - used : least;
}

/* Not even one row of all keys fits: only those of the summary are left. */
static void keep_shown_keys(struct metrics_answer *m)
{
    m->keys = m->shown;
    m->keys_n = m->shown_n;
    m->all_keys = false;
}

/* Characters of one row, from a few spread over the scope. */
static bool row_length(struct metrics_answer *m, double *length, struct err *err)
{
    size_t scope = m->to - m->from, rows[SAMPLED] = {0};
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
    size_t budget = m->max_points, *rows;
    double length;

    if (m->perplexity)
        coverage_note(m->coverage, "Perplexity is not logged; layout \"columns\" gives it as exp "
                                   "of " LOSS);
    size_t room = room_left(m);
    if (budget == 0) {
        if (!row_length(m, &length, err))
            return false;
        if (length > (double)room && m->shown_n < m->keys_n) {
            keep_shown_keys(m);
            if (!row_length(m, &length, err))
                return false;
        }
        budget = (size_t)((double)room / length);
    }
    for (int tries = 0;; tries++) {
        struct buf text = {0};
        budget = budget ? budget : 1;
        choose_rows(m, budget, &rows, &m->returned);
        m->thinned = m->returned < m->to - m->from;
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

/* The last `budget` points of one key. */
static void newest_of(struct metrics_answer *m, size_t key, size_t budget, size_t **rows, size_t *n)
{
    double zero[STEPS_AT_ONCE], one[STEPS_AT_ONCE];
    size_t left = m->points[key] < budget ? m->points[key] : budget;

    *n = left;
    *rows = ARENA_ARRAY(m->arena, left, size_t);
    for (size_t end = m->to; left && end > m->from;) {
        size_t part = end - m->from < STEPS_AT_ONCE ? end - m->from : STEPS_AT_ONCE;
        end -= part;
        /* no point: both times what stands for a missing one */
        rows_values(m->view, key, end, part, 0, zero);
        rows_values(m->view, key, end, part, 1, one);
        for (size_t i = part; left && i-- > 0;) {
            if (!(zero[i] == 0 && one[i] == 1))
                (*rows)[--left] = end + i;
        }
    }
}

static bool put_column(struct metrics_answer *m, size_t key, bool perplexity, size_t budget,
                       struct buf *out, struct err *err)
{
    struct buf steps = {0}, values = {0};
    size_t *rows, n;

    if (m->newest_only)
        newest_of(m, key, budget, &rows, &n);
    else
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
    if (n < m->points[key])
        m->thinned = true;
    return ok;
}

static bool put_all_columns(struct metrics_answer *m, size_t budget, struct buf *out,
                            struct err *err)
{
    buf_byte(out, '{');
    m->returned = 0;
    m->thinned = false;
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
    size_t room = room_left(m);
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
        if (budget == 1 && n > room && !m->max_points && m->shown_n < m->keys_n) {
            keep_shown_keys(m);
            tries = 0;
            continue;
        }
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

struct str members_that_fit(const struct str *member, size_t n, size_t first, size_t most,
                            bool *shown, struct arena *arena)
{
    struct buf out = {0};
    size_t used = 2;

    if (first < n && member[first].n + used <= most) {
        used += member[first].n;
        shown[first] = member[first].n > 0;
    }
    for (size_t i = 0; i < n; i++) {
        if (shown[i] || member[i].n == 0 || used + member[i].n + 1 > most)
            continue;
        used += member[i].n + 1;
        shown[i] = true;
    }
    buf_byte(&out, '{');
    for (size_t i = 0; i < n; i++) {
        if (!shown[i])
            continue;
        json_put_comma(&out);
        buf_add(&out, member[i]);
    }
    buf_byte(&out, '}');
    return finish(&out, arena);
}

void coverage_fit(struct coverage *c, size_t most)
{
    size_t keys = c->not_logged.n, non_finite = c->non_finite.n;

    while (coverage_json(c, c->arena).n > most && c->not_logged.n + c->non_finite.n > 0) {
        if (c->not_logged.n > c->non_finite.n)
            c->not_logged.n /= 2;
        else
            c->non_finite.n /= 2;
    }
    if (c->not_logged.n < keys)
        coverage_note(c, "%zu more of the keys are not logged", keys - c->not_logged.n);
    if (c->non_finite.n < non_finite)
        coverage_note(c, "%zu more metrics hold non-finite values", non_finite - c->non_finite.n);
}

void metrics_summarize(struct metrics_answer *m)
{
    size_t n = m->keys_n, first = SIZE_MAX, members = 0;
    struct str *member = ARENA_ARRAY(m->arena, n + 1, struct str);
    bool *in = ARENA_ARRAY(m->arena, n + 1, bool);
    size_t *shown = ARENA_ARRAY(m->arena, n + 1, size_t);
    size_t *points = ARENA_ARRAY(m->arena, rows_keys(m->view) + 1, size_t);
    struct summary summary;

    for (size_t i = 0; i < n; i++) {
        struct buf out = {0};
        summary_of(m, m->keys[i], &summary);
        points[m->keys[i]] = (size_t)summary.n;
        if (m->all_keys && str_is(rows_key(m->view, m->keys[i]), "timestamp"))
            continue;
        members++;
        buf_byte(&out, '{'); /* so that no comma comes in front */
        put_summary(&out, rows_key(m->view, m->keys[i]), &summary);
        member[i] = str_from(finish(&out, m->arena), 1);
        if (m->keys[i] == m->primary)
            first = i;
    }
    if (m->perplexity) {
        size_t loss = rows_find(m->view, STR(LOSS));
        summary_of(m, loss, &summary); /* asked for or not */
        points[loss] = (size_t)summary.n;
    }
    m->summary = members_that_fit(member, n, first, m->max_chars / 2, in, m->arena);
    for (size_t i = 0; i < n; i++) {
        if (in[i])
            shown[m->shown_n++] = m->keys[i];
    }
    m->shown = shown;
    m->points = points;
    coverage_fit(m->coverage, m->max_chars / 4);
    if (m->shown_n < members)
        coverage_note(m->coverage, "summary of %zu of %zu metrics; ask for others by keys",
                      m->shown_n, members);
}
