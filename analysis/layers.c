#include "analysis/layers.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>

#include "analysis/base/vec.h"

/* ---- names ---- */

/* Sums over all parameters, which some write beside the rest. */
static bool is_of_all(struct str name)
{
    static const char *const words[] = {"total", "all", "global", "mean", "max", "min", "std"};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (str_is(name, words[i]))
            return true;
    }
    return name.n == 0;
}

static bool is_between(char c)
{
    return c == '.' || c == '/' || c == '_';
}

/* Words that a layer's number may stand behind without anything between. */
static bool is_layer_word(struct str word)
{
    return word.n == 0 || str_is(word, "layer") || str_is(word, "block") || str_is(word, "h");
}

/* The end of the first number that is a part of the name by itself; 0: there is none. */
static size_t number_end(struct str name, size_t *begin)
{
    size_t part = 0;

    for (size_t i = 0; i <= name.n; i++) {
        if (i < name.n && !is_between(name.p[i]))
            continue;
        size_t digits = i;
        while (digits > part && isdigit((unsigned char)name.p[digits - 1]))
            digits--;
        if (digits < i && i - digits <= 6 &&
            is_layer_word((struct str){name.p + part, digits - part})) {
            *begin = digits;
            return i;
        }
        part = i + 1;
    }
    return 0;
}

bool layer_of(struct str logged, struct layer_name *out)
{
    static const struct {
        const char *before, *behind;
        enum norm_together together;
    } rows[] = {
#define X(before, behind, together) {before, behind, together},
#include "analysis/layers.def"
#undef X
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t head = strlen(rows[i].before), tail = strlen(rows[i].behind), begin = 0;

        if (logged.n <= head + tail || !str_starts(logged, str_of(rows[i].before)) ||
            !str_ends(logged, str_of(rows[i].behind)))
            continue;
        struct str name = {logged.p + head, logged.n - head - tail};
        if (is_of_all(name))
            return false;
        *out = (struct layer_name){name, name, NOT_GIVEN, rows[i].together, i};
        size_t end = number_end(name, &begin);
        if (end > 0) {
            out->number = 0;
            for (size_t k = begin; k < end; k++)
                out->number = 10 * out->number + (name.p[k] - '0');
            out->stack = str_cut(name, begin);
            out->name = str_cut(name, end);
        }
        return true;
    }
    return false;
}

/* ---- loading ---- */

struct gathering {
    struct arena *arena;
    VEC(struct str) stacks; /* in the order in which they appear */
    VEC(struct layer) list;
    size_t left_out;
};

static size_t stack_at(struct gathering *g, struct str stack)
{
    size_t at = 0;

    while (at < g->stacks.n && !str_eq(g->stacks.v[at], stack))
        at++;
    if (at == g->stacks.n)
        VEC_PUSH(g->arena, &g->stacks, stack);
    return at;
}

static struct layer *layer_named(struct gathering *g, struct str name)
{
    for (size_t i = 0; i < g->list.n; i++) {
        if (str_eq(g->list.v[i].id.name, name))
            return &g->list.v[i];
    }
    return NULL;
}

static bool same_steps(const struct series *a, const struct series *b)
{
    return a->n == b->n && (a->n == 0 || memcmp(a->step, b->step, a->n * sizeof(*a->step)) == 0);
}

/* What is kept of a norm until all of its layer have come: its square, or itself. */
static double part_of(double norm, enum norm_together together)
{
    return together == LARGEST ? norm : norm * norm;
}

static void add_series(struct gathering *g, struct str logged, const struct series *series)
{
    struct layer_name id;
    struct hygiene clean;

    if (!layer_of(logged, &id))
        return;
    struct layer *layer = layer_named(g, id.name);
    if (layer && layer->id.naming != id.naming)
        return; /* the same norms again */
    hygiene_clean(series, g->arena, &clean);
    if (layer && !same_steps(&layer->norm, &clean.active)) {
        g->left_out++;
        return;
    }
    double *part = ARENA_ARRAY(g->arena, clean.active.n, double);
    for (size_t i = 0; i < clean.active.n; i++) {
        double own = part_of(clean.active.value[i], id.together);
        double others = layer ? layer->norm.value[i] : 0;
        part[i] = id.together == LARGEST ? fmax(own, others) : own + others;
    }
    clean.active.value = part;
    if (layer) {
        layer->norm.value = part;
        layer->members++;
        return;
    }
    stack_at(g, id.stack);
    VEC_PUSH(
        g->arena, &g->list,
        (struct layer){.id = id, .members = 1, .norm = clean.active, .smoothed = clean.smoothed});
}

static void take_roots(struct gathering *g)
{
    for (size_t k = 0; k < g->list.n; k++) {
        struct layer *layer = &g->list.v[k];
        struct series *s = &layer->norm;
        double *root = ARENA_ARRAY(g->arena, s->n, double);

        for (size_t i = 0; i < s->n; i++)
            root[i] = layer->id.together == LARGEST ? s->value[i] : sqrt(s->value[i]);
        s->value = root;
        s->name = layer->id.name;
    }
}

/* Insertion, as it keeps the order of layers alike and there are few. */
static void put_in_order(struct gathering *g)
{
    for (size_t i = 1; i < g->list.n; i++) {
        struct layer layer = g->list.v[i];
        size_t stack = stack_at(g, layer.id.stack), k = i;

        for (; k > 0; k--) {
            size_t before = stack_at(g, g->list.v[k - 1].id.stack);
            if (before < stack ||
                (before == stack && g->list.v[k - 1].id.number <= layer.id.number))
                break;
            g->list.v[k] = g->list.v[k - 1];
        }
        g->list.v[k] = layer;
    }
}

bool layers_load(const struct experiment *experiment, const struct rows_view *rows,
                 struct arena *arena, struct layers *out, struct err *err)
{
    struct gathering g = {.arena = arena};
    const char **names = ARENA_ARRAY(arena, LAYER_SERIES_MAX, const char *);
    const struct rows_view *all = NULL;
    struct layer_name id;
    size_t n = 0;

    *out = (struct layers){0};
    for (size_t i = 0; rows && i < rows_keys(rows); i++) {
        struct str key = rows_key(rows, i);
        if (rows_points(rows, i) == 0 || !layer_of(key, &id))
            continue;
        out->series_n++;
        if (n < LAYER_SERIES_MAX)
            names[n++] = arena_text(arena, key);
    }
    if (n == 0) /* all of them in one pass, which is none where there are none */
        return true;
    if (!experiment_rows(experiment, &(struct strs){names, n}, arena, &all, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        struct series series;
        if (!experiment_series(experiment, str_of(names[i]), arena, &series, err))
            return false;
        add_series(&g, str_of(names[i]), &series);
    }
    take_roots(&g);
    put_in_order(&g);
    out->v = g.list.v;
    out->n = g.list.n;
    out->left_out = g.left_out + (out->series_n - n);
    return true;
}
