#include "analysis/trajectories/silent.h"

#include "analysis/trajectories/watch.h"

static bool is_one_tool(struct str name)
{
    return name.n > 0 && name.p[0] != '(';
}

struct silent silent_tools(const struct selection *s, struct arena *arena)
{
    const struct trajectories *t = s->t;
    size_t *empty = ARENA_ARRAY(arena, t->words.n + 1, size_t);
    size_t *other = ARENA_ARRAY(arena, t->words.n + 1, size_t);
    uint32_t *v = ARENA_ARRAY(arena, t->words.n + 1, uint32_t);
    bool *is = ARENA_ARRAY(arena, t->words.n + 1, bool);
    struct silent silent = {.v = v, .is = is};

    for (size_t i = 0; i < s->n; i++) {
        const struct tool_calls *calls = t->tool_calls + t->tools[s->rows[i]];
        for (size_t c = 0; c < t->tools_n[s->rows[i]]; c++) {
            for (size_t r = 0; r < RETURNS_N; r++)
                (r == RETURN_EMPTY ? empty : other)[calls[c].tool] += calls[c].count[r];
        }
    }
    for (uint32_t w = 0; w < t->words.n; w++) {
        if (!empty[w] || other[w] || !is_one_tool(dict_text(&t->words, w)))
            continue;
        is[w] = true;
        v[silent.n++] = w;
        silent.calls += empty[w];
    }
    return silent;
}

bool silent_has(const struct silent *silent, const struct trajectories *t, struct str tool)
{
    struct str name = str_cut(tool, TOOL_NAME_MAX);

    for (size_t i = 0; i < silent->n; i++) {
        if (str_eq(dict_text(&t->words, silent->v[i]), name))
            return true;
    }
    return false;
}
