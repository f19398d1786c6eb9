#include "analysis/trajectories/filter.h"

#include <stdlib.h>

const char *const trajectory_filter_names[FILTERS_N] = {
#define X(kind, member) [FILTER_##member] = #member,
    TRAJECTORY_FILTER(X)
#undef X
};

struct trajectory_filter trajectory_filter_none(void)
{
    return (struct trajectory_filter){.epoch_id = NOT_GIVEN,
                                      .iteration_id = NOT_GIVEN,
                                      .min_tool_calls = NOT_GIVEN,
                                      .min_steps = NOT_GIVEN,
                                      .max_steps = NOT_GIVEN,
                                      .reward_min = (double)NAN,
                                      .reward_max = (double)NAN,
                                      .reward_threshold = (double)NAN};
}

bool is_success(double reward, double threshold)
{
    if (isnan(threshold) || threshold == 0)
        return reward > 0;
    return reward >= threshold - 1e-9 * fmax(1, fabs(threshold));
}

const char *success_rule(double threshold, struct arena *arena)
{
    if (isnan(threshold) || threshold == 0)
        return "reward > 0";
    return arena_printf(arena, "reward >= %.15g", threshold);
}

/* ---- matching ---- */

/* Names looked up once; UINT32_MAX is a name that no trajectory has. */
struct numbers {
    const uint32_t *v;
    size_t n;
};

struct matcher {
    const struct trajectories *t;
    const struct trajectory_filter *f;
    uint32_t training, agent, question, id;
    struct numbers reasons, used, not_used, failed;
    bool ending[ENDINGS_N];
    struct arena scratch; /* of text searches */
};

static uint32_t number_of(const struct dict *dict, const char *name)
{
    return name ? dict_find(dict, str_of(name)) : 0;
}

static struct numbers numbers_of(const struct dict *dict, const struct strs *names,
                                 struct arena *arena)
{
    uint32_t *v = ARENA_ARRAY(arena, names->n + 1, uint32_t);

    for (size_t i = 0; i < names->n; i++)
        v[i] = dict_find(dict, str_of(names->v[i]));
    return (struct numbers){v, names->n};
}

static bool has(const struct numbers *numbers, uint32_t number)
{
    for (size_t i = 0; i < numbers->n; i++) {
        if (numbers->v[i] == number)
            return true;
    }
    return false;
}

static const struct tool_calls *calls_of(const struct trajectories *t, size_t row, uint32_t tool)
{
    for (size_t i = 0; i < t->tools_n[row]; i++) {
        const struct tool_calls *calls = &t->tool_calls[t->tools[row] + i];
        if (calls->tool == tool)
            return calls;
    }
    return NULL;
}

static uint64_t sum_of(const struct tool_calls *calls)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < RETURNS_N; i++)
        sum += calls->count[i];
    return sum;
}

static bool uses_all(const struct matcher *m, size_t row)
{
    for (size_t i = 0; i < m->used.n; i++) {
        if (!calls_of(m->t, row, m->used.v[i]))
            return false;
    }
    return true;
}

static bool uses_none(const struct matcher *m, size_t row)
{
    for (size_t i = 0; i < m->not_used.n; i++) {
        if (calls_of(m->t, row, m->not_used.v[i]))
            return false;
    }
    return true;
}

static bool any_failed(const struct matcher *m, size_t row)
{
    for (size_t i = 0; i < m->failed.n; i++) {
        const struct tool_calls *calls = calls_of(m->t, row, m->failed.v[i]);
        if (calls && sum_of(calls) > calls->count[RETURN_NORMAL])
            return true;
    }
    return false;
}

static bool calls_enough(const struct matcher *m, size_t row)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < m->t->tools_n[row]; i++)
        sum += sum_of(&m->t->tool_calls[m->t->tools[row] + i]);
    return sum >= (uint64_t)m->f->min_tool_calls;
}

static bool holds_text(struct matcher *m, size_t row)
{
    const struct trajectories *t = m->t;
    const uint32_t words[] = {t->text[row], t->question[row], t->reason[row], t->agent[row]};
    struct str text = str_of(m->f->text);

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (str_has(dict_text(&t->words, words[i]), text))
            return true;
    }
    if (str_has(dict_text(&t->ids, t->id[row]), text))
        return true;
    arena_reset(&m->scratch);
    return record_holds(t, row, text, &m->scratch);
}

/* The first filter that leaves the row out; FILTERS_N if none does. */
static size_t left_out(struct matcher *m, size_t row)
{
    const struct trajectories *t = m->t;
    const struct trajectory_filter *f = m->f;

#define LEAVE_OUT(given, fits, name)                                                               \
    if ((given) && !(fits))                                                                        \
        return FILTER_##name;
    LEAVE_OUT(f->training_id, t->training[row] == m->training, training_id)
    LEAVE_OUT(f->epoch_id != NOT_GIVEN, t->epoch[row] == f->epoch_id, epoch_id)
    LEAVE_OUT(f->iteration_id != NOT_GIVEN, t->iteration[row] == f->iteration_id, iteration_id)
    LEAVE_OUT(f->agent_name, t->agent[row] == m->agent, agent_name)
    LEAVE_OUT(f->data_id, t->question[row] == m->question, data_id)
    LEAVE_OUT(f->trajectory_id, t->id[row] == m->id, trajectory_id)
    LEAVE_OUT(f->termination_reason.n,
              m->ending[t->ending[row]] || has(&m->reasons, t->reason[row]), termination_reason)
    LEAVE_OUT(!isnan(f->reward_min), t->reward[row] >= f->reward_min, reward_min)
    LEAVE_OUT(!isnan(f->reward_max), t->reward[row] <= f->reward_max, reward_max)
    LEAVE_OUT(f->tool_used.n, uses_all(m, row), tool_used)
    LEAVE_OUT(f->tool_not_used.n, uses_none(m, row), tool_not_used)
    LEAVE_OUT(f->tool_failed.n, any_failed(m, row), tool_failed)
    LEAVE_OUT(f->min_tool_calls != NOT_GIVEN, calls_enough(m, row), min_tool_calls)
    LEAVE_OUT(f->min_steps != NOT_GIVEN, t->steps[row] >= f->min_steps, min_steps)
    LEAVE_OUT(f->max_steps != NOT_GIVEN, t->steps[row] <= f->max_steps, max_steps)
    LEAVE_OUT(f->text, holds_text(m, row), text)
#undef LEAVE_OUT
    return FILTERS_N;
}

/* No filter is given. */
static bool is_none(const struct trajectory_filter *f)
{
#define TEXT(member) f->member == NULL
#define WHOLE(member) f->member == NOT_GIVEN
#define REAL(member) isnan(f->member)
#define WORDS(member) f->member.n == 0
#define X(kind, member) kind(member) &&
    return TRAJECTORY_FILTER(X) true;
#undef X
#undef TEXT
#undef WHOLE
#undef REAL
#undef WORDS
}

static void look_up(struct matcher *m, struct arena *arena)
{
    const struct trajectory_filter *f = m->f;
    const struct dict *words = &m->t->words;

    m->training = number_of(words, f->training_id);
    m->agent = number_of(words, f->agent_name);
    m->question = number_of(words, f->data_id);
    m->id = number_of(&m->t->ids, f->trajectory_id);
    m->reasons = numbers_of(words, &f->termination_reason, arena);
    m->used = numbers_of(words, &f->tool_used, arena);
    m->not_used = numbers_of(words, &f->tool_not_used, arena);
    m->failed = numbers_of(words, &f->tool_failed, arena);
    for (size_t i = 0; i < f->termination_reason.n; i++) {
        for (size_t e = 0; e < ENDINGS_N; e++)
            m->ending[e] |= strcmp(f->termination_reason.v[i], ending_names[e]) == 0 &&
                            m->reasons.v[i] == UINT32_MAX; /* a written word means itself only */
    }
}

bool trajectories_select(const struct trajectories *t, const struct trajectory_filter *filter,
                         const atomic_bool *cancelled, struct arena *arena, struct selection *out,
                         struct err *err)
{
    struct matcher m = {.t = t, .f = filter};
    bool ok = true;

    *out = (struct selection){.t = t, .seen = t->n, .threshold = filter->reward_threshold};
    out->rows = ARENA_ARRAY(arena, t->n + 1, uint32_t);
    if (is_none(filter)) {
        for (size_t row = 0; row < t->n; row++)
            out->rows[row] = (uint32_t)row;
        out->n = t->n;
        return true;
    }
    arena_init(&m.scratch);
    look_up(&m, arena);
    for (size_t row = 0; row < t->n && ok; row++) {
        size_t by = left_out(&m, row);
        if (by == FILTERS_N)
            out->rows[out->n++] = (uint32_t)row;
        else
            out->excluded[by]++;
        if (row % 64 == 0 && cancelled && atomic_load(cancelled))
            ok = err_set(err, ERR_CANCELLED, "The call was cancelled.");
    }
    arena_fini(&m.scratch);
    return ok;
}

/* ---- groups ---- */

struct keyed {
    uint64_t key; /* in the order of the groups */
    uint32_t row;
};

/* By bytes from the lowest, each pass leaving equal ones as they stand; bytes that all share cost
 * nothing. */
static struct keyed *by_key(struct keyed *v, size_t n, struct arena *arena)
{
    struct keyed *other = ARENA_ARRAY(arena, n + 1, struct keyed);
    uint64_t differ = 0;
    bool ordered = true;

    for (size_t i = 1; i < n; i++) {
        differ |= v[i].key ^ v[0].key;
        ordered &= v[i - 1].key <= v[i].key;
    }
    for (unsigned shift = 0; shift < 64 && !ordered; shift += 8) {
        size_t at[257] = {0};
        if (!(differ >> shift & 0xff))
            continue;
        for (size_t i = 0; i < n; i++)
            at[(v[i].key >> shift & 0xff) + 1]++;
        for (size_t k = 0; k < 256; k++)
            at[k + 1] += at[k];
        for (size_t i = 0; i < n; i++)
            other[at[v[i].key >> shift & 0xff]++] = v[i];
        struct keyed *swap = v;
        v = other;
        other = swap;
    }
    return v;
}

struct named {
    struct str text;
    uint32_t word;
};

static int by_text(const void *a, const void *b)
{
    return str_order(((const struct named *)a)->text, ((const struct named *)b)->text);
}

/* rank[word]: its place by bytes, 1 …, for the words that the column holds; 0 (none) comes last. */
static uint32_t *ranks(const struct trajectories *t, const uint32_t *column, const uint32_t *rows,
                       size_t n, struct arena *arena)
{
    uint32_t *rank = ARENA_ARRAY(arena, t->words.n, uint32_t);
    size_t distinct = 0;

    for (size_t i = 0; i < n; i++) {
        uint32_t *mark = &rank[column[rows[i]]];
        distinct += *mark == 0;
        *mark = 1;
    }
    struct named *v = ARENA_ARRAY(arena, distinct + 1, struct named);
    size_t m = 0;
    for (uint32_t w = 0; w < t->words.n; w++) {
        if (rank[w])
            v[m++] = (struct named){dict_text(&t->words, w), w};
    }
    qsort(v, m, sizeof(*v), by_text);
    for (size_t i = 0; i < m; i++)
        rank[v[i].word] = (uint32_t)i + 1;
    rank[0] = UINT32_MAX;
    return rank;
}

static uint64_t number_key(int32_t number)
{
    return number == NO_SMALL ? UINT32_MAX : (uint64_t)((int64_t)number - INT32_MIN);
}

struct row_group *rows_grouped(const struct trajectories *t, const uint32_t *rows, size_t n,
                               enum row_key key, struct arena *arena, size_t *groups)
{
    struct keyed *v = ARENA_ARRAY(arena, n + 1, struct keyed);
    uint32_t *sorted = ARENA_ARRAY(arena, n + 1, uint32_t);
    const uint32_t *column = key == BY_QUESTION ? t->question
                             : key == BY_REASON ? t->reason
                                                : t->training;
    bool named = key != BY_EPOCH && key != BY_ITERATION;
    const uint32_t *rank = named ? ranks(t, column, rows, n, arena) : NULL;

    for (size_t i = 0; i < n; i++) {
        uint64_t place = rank ? rank[column[rows[i]]] : 0;
        if (key == BY_EPOCH)
            place = number_key(t->epoch[rows[i]]);
        else if (key == BY_ITERATION)
            place = number_key(t->epoch[rows[i]]) << 32 | number_key(t->iteration[rows[i]]);
        else if (key == BY_TRAINING_EPOCH)
            place = place << 32 | number_key(t->epoch[rows[i]]);
        v[i] = (struct keyed){place, rows[i]};
    }
    v = by_key(v, n, arena);
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += i == 0 || v[i].key != v[i - 1].key;
    struct row_group *out = ARENA_ARRAY(arena, count + 1, struct row_group);
    *groups = 0;
    for (size_t i = 0; i < n; i++) {
        sorted[i] = v[i].row;
        if (i == 0 || v[i].key != v[i - 1].key)
            out[(*groups)++] = (struct row_group){&sorted[i], 0};
        out[*groups - 1].n++;
    }
    return out;
}
