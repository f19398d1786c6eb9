#include "analysis/readers/gather.h"

#include <math.h>
#include <stdlib.h>

struct gather *gather_new(struct arena *arena)
{
    struct gather *gather = ARENA_NEW(arena, struct gather);

    gather->arena = arena;
    return gather;
}

void gather_point(struct gather *g, int64_t step, int key, double value, double time)
{
    if (g->points.n == GATHER_MAX) {
        g->dropped++;
        return;
    }
    struct gathered point = {step, time, value, key, 0, g->points.n};
    if (key >= 0 && key < KEYS_MAX) {
        bool back = g->begun[key] && step < g->last[key];
        g->segment[key] += back;
        g->goes_back |= back;
        g->begun[key] = true;
        g->last[key] = step;
        point.segment = g->segment[key];
    }
    g->timeless |= isnan(time);
    VEC_PUSH(g->arena, &g->points, point);
}

static int by_step(const void *a, const void *b)
{
    const struct gathered *x = a, *y = b;

    if (x->segment != y->segment)
        return x->segment < y->segment ? -1 : 1;
    if (x->step != y->step)
        return x->step < y->step ? -1 : 1;
    if (x->time < y->time || x->time > y->time)
        return x->time < y->time ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

static int by_time(const void *a, const void *b)
{
    const struct gathered *x = a, *y = b;

    if (x->time < y->time || x->time > y->time)
        return x->time < y->time ? -1 : 1;
    if (x->step != y->step)
        return x->step < y->step ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

void gather_feed(struct gather *g, struct feed *feed)
{
    if (g->points.n > 0)
        qsort(g->points.v, g->points.n, sizeof(*g->points.v),
              g->goes_back && !g->timeless ? by_time : by_step);
    for (size_t i = 0; i < g->points.n; i++) {
        const struct gathered *p = &g->points.v[i];
        feed_point(feed, p->step, p->key, p->value, p->time);
    }
    if (g->dropped > 0)
        feed_damage(feed, "%zu points behind the first %d were not read", g->dropped, GATHER_MAX);
}
