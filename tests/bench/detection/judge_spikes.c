#include "analysis/stats/spikes.h"
#include "tests/bench/detection/judge.h"

void judge_blame(struct blames *blames, struct arena *arena, const char *family, size_t false_hits,
                 size_t missed)
{
    size_t i = 0;

    while (i < blames->list.n && strcmp(blames->list.v[i].family, family) != 0)
        i++;
    if (i == blames->list.n)
        VEC_PUSH(arena, &blames->list, (struct blame){family, 0, 0});
    blames->list.v[i].false_hits += false_hits;
    blames->list.v[i].missed += missed;
}

struct span {
    size_t first, last;
};

static bool touches(const struct span *p, const struct event *e, size_t slack)
{
    return p->first <= e->last + slack && e->first <= p->last + slack;
}

static void judge_events(struct event_tally *t, const struct run *run, const struct span *said,
                         size_t n, size_t slack, struct arena *kept)
{
    for (size_t e = 0; e < run->events_n; e++) {
        bool hit = false;

        for (size_t i = 0; i < n; i++)
            hit |= touches(&said[i], &run->events[e], slack);
        t->true_hits += hit && run->events[e].truth == TRUTH_YES;
        t->missed += !hit && run->events[e].truth == TRUTH_YES;
        if (!hit && run->events[e].truth == TRUTH_YES)
            judge_blame(&t->blames, kept, run->families[0], 0, 1);
    }
    for (size_t i = 0; i < n; i++) {
        bool known = false;

        for (size_t e = 0; e < run->events_n; e++)
            known |= touches(&said[i], &run->events[e], slack);
        t->false_hits += !known;
        if (!known)
            judge_blame(&t->blames, kept, run->families[0], 1, 0);
        t->clean_false += !known && !run->faulty && !run->decoy;
    }
    t->clean_runs += !run->faulty && !run->decoy;
}

/* Flags no more than `slack` apart are one event. */
static size_t spans_of(const struct anchor *a, const struct series *s, size_t slack,
                       struct span *out)
{
    size_t n = 0, i = 0;

    for (size_t k = 0; k < a->at_n; k++) {
        while (s->step[i] < a->at[k])
            i++;
        if (n > 0 && i <= out[n - 1].last + slack)
            out[n - 1].last = i;
        else
            out[n++] = (struct span){i, i};
    }
    return n;
}

void judge_spikes(struct bench *b, const struct run *run, const struct subject *subject,
                  const struct anchors *anchors)
{
    const struct series *s = &subject->role[ROLE_TRAIN_LOSS].clean.active;

    if (run->kind != FOR_LM || !run_series(run, ROLE_TRAIN_LOSS) || run->steps_reset ||
        run->label[CLASS_SPIKE].truth == TRUTH_SKIP || s->n < SPIKE_POINTS_MIN)
        return;
    size_t slack = s->n / 200 > 3 ? s->n / 200 : 3, n = 0;
    struct span *said = ARENA_ARRAY(run->arena, s->n, struct span);
    struct spikes spikes = spikes_of(s->value, s->n, run->arena);

    for (size_t i = 0; i < spikes.count; i++) {
        if (spikes.events[i].label != SPIKE_SHIFT)
            said[n++] = (struct span){spikes.events[i].first, spikes.events[i].last};
    }
    judge_events(&b->events, run, said, n, slack, b->arena);
    for (size_t k = 0; k < anchors->list.n; k++) {
        const struct anchor *a = &anchors->list.v[k];

        if (strcmp(a->class, "spike") == 0 && a->applicable)
            judge_events(&b->rule_events[k], run, said, spans_of(a, s, slack, said), slack,
                         b->arena);
    }
}
