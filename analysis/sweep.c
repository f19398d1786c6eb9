/* The learning rate over runs that are alike but for it: where the optimum lies. */
#include "analysis/claims.h"

#include <math.h>

#include "analysis/stats/moments.h"
#include "analysis/stats/parabola.h"

enum { RATES_MIN = 3 };

static const double beyond = 3; /* times the last rate tried */

struct tried {
    const struct differing_key *key;
    size_t run[RUNS_MAX], n;  /* alike but for the rate, with the metric */
    size_t rates;             /* different ones */
    double x[RUNS_MAX];       /* log10 of the rate */
    double y[RUNS_MAX];       /* the metric, where all of them were */
    size_t left_out;          /* runs that blew up */
    double broke;             /* the lowest rate of those */
    double worse;             /* 1 where larger values are worse, else -1 */
    double level_x[RUNS_MAX]; /* the different rates, rising */
    double level_y[RUNS_MAX]; /* their means */
    size_t level_n[RUNS_MAX]; /* their runs */
};

/* ---- which runs ---- */

static double rate_of(const struct differing_key *key, size_t run)
{
    return setting_number(key->value[run]);
}

/* A least or last rate that is a fixed part of the peak is no other change. */
static bool follows(const struct differing_key *d, const struct differing_key *key, size_t a,
                    size_t b)
{
    double ra = rate_of(d, a) / rate_of(key, a), rb = rate_of(d, b) / rate_of(key, b);

    return setting_is_of_rates(d->key) && fabs(ra - rb) <= 1e-9 * fabs(ra);
}

static bool alike_but(const struct comparison *c, const struct differing_key *key, size_t a,
                      size_t b)
{
    for (size_t k = 0; k < c->differs_n; k++) {
        const struct differing_key *d = &c->differs[k];

        if (d == key || d->seed || d->label || str_eq(d->value[a], d->value[b]))
            continue;
        if (!follows(d, key, a, b))
            return false;
    }
    return true;
}

static bool takes_part(const struct comparison *c, const struct differing_key *key, size_t run)
{
    return run_counts(&c->run[run]) && rate_of(key, run) > 0 && isfinite(rate_of(key, run));
}

/* The runs like `as` that did not blow up; the others are counted. */
static struct tried gather(const struct comparison *c, const struct differing_key *key, size_t as)
{
    struct tried t = {.key = key, .broke = INFINITY};

    for (size_t i = 0; i < c->runs_n; i++) {
        if (!takes_part(c, key, i) || !alike_but(c, key, as, i))
            continue;
        if (c->run[i].blew_up) {
            t.left_out++;
            t.broke = fmin(t.broke, rate_of(key, i));
            continue;
        }
        size_t same = 0;
        while (same < t.n && rate_of(key, t.run[same]) != rate_of(key, i))
            same++;
        t.rates += same == t.n;
        t.run[t.n++] = i;
    }
    return t;
}

/* The largest set: most rates, then most runs. */
static struct tried largest(const struct comparison *c)
{
    struct tried best = {0};

    for (size_t k = 0; k < c->differs_n; k++) {
        const struct differing_key *key = &c->differs[k];

        for (size_t i = 0; i < c->runs_n && setting_is_rate(key->key); i++) {
            if (!takes_part(c, key, i))
                continue;
            struct tried t = gather(c, key, i);
            if (t.rates > best.rates || (t.rates == best.rates && t.n > best.n))
                best = t;
        }
    }
    return best;
}

/* ---- what they show ---- */

static int64_t common_step(const struct comparison *c, const struct tried *t)
{
    int64_t step = INT64_MAX;

    for (size_t i = 0; i < t->n; i++) {
        int64_t last = c->run[t->run[i]].last_step;
        step = last < step ? last : step;
    }
    return step;
}

static void add_to_level(struct tried *t, size_t i)
{
    size_t at = 0, levels = 0;

    while (t->level_n[levels] > 0)
        levels++;
    while (at < levels && t->level_x[at] < t->x[i])
        at++;
    if (at == levels || t->level_x[at] != t->x[i]) {
        for (size_t k = levels; k > at; k--) {
            t->level_x[k] = t->level_x[k - 1];
            t->level_y[k] = t->level_y[k - 1];
            t->level_n[k] = t->level_n[k - 1];
        }
        t->level_x[at] = t->x[i];
        t->level_y[at] = 0;
        t->level_n[at] = 0;
    }
    double n = (double)++t->level_n[at];
    t->level_y[at] += (t->y[i] - t->level_y[at]) / n;
}

/* Over the runs of one rate, all rates together; NAN with fewer than two runs to spare. */
static double scatter_of_seeds(const struct tried *t)
{
    double sum = 0;
    size_t spare = t->n - t->rates;

    for (size_t i = 0; i < t->n; i++) {
        for (size_t k = 0; k < t->rates; k++) {
            double e = t->y[i] - t->level_y[k];
            sum += t->x[i] == t->level_x[k] ? e * e : 0;
        }
    }
    return spare >= 2 ? sqrt(sum / (double)spare) : (double)NAN;
}

static size_t best_level(const struct tried *t)
{
    size_t best = 0;

    for (size_t k = 1; k < t->rates; k++) {
        if (t->worse * (t->level_y[k] - t->level_y[best]) < 0)
            best = k;
    }
    return best;
}

/* A turn beside the best rate tried: farther off, the runs lie on no parabola. */
static bool is_inside(const struct tried *t, const struct parabola *p, size_t best)
{
    double from = t->level_x[best > 0 ? best - 1 : best];
    double to = t->level_x[best + 1 < t->rates ? best + 1 : best];
    double surely = t->worse > 0 ? p->low : -p->high; /* bent this way at least */

    return surely > 0 && p->turn > from && p->turn < to;
}

/*
 * The rate that the parabola misses by more than the scatter; `rates` if none. Where seeds are
 * known, any rate, by two of theirs; else the best and those beside it, by what the best is better
 * than the nearer in value of these: a fit that misses by more knows no order of them.
 */
static size_t missed(const struct tried *t, const struct parabola *p, size_t best, double seeds)
{
    size_t from = best > 0 ? best - 1 : 0, to = best + 1 < t->rates ? best + 1 : best;
    double bar = INFINITY;

    for (size_t k = from; k <= to; k++) {
        if (k != best)
            bar = fmin(bar, fabs(t->level_y[k] - t->level_y[best]));
    }
    if (!isnan(seeds))
        bar = 2 * seeds;
    for (size_t k = 0; k < t->rates; k++) {
        bool counts = !isnan(seeds) || (k >= from && k <= to);
        double miss = fabs(t->level_y[k] - parabola_at(p, t->level_x[k]));
        if (counts && miss > bar * (1 + 1e-9) + 1e-9 * fabs(t->level_y[k]))
            return k;
    }
    return t->rates;
}

/* ---- words ---- */

static const char *of_runs(const struct rate_sweep *s, struct arena *arena)
{
    const char *out =
        !s->left_out ? ""
        : s->broke > s->best
            ? arena_printf(arena, " (%zu more blew up, from %.3g on: an upper bound)", s->left_out,
                           s->broke)
            : arena_printf(arena, " (%zu more blew up, the lowest at %.3g)", s->left_out, s->broke);

    return arena_printf(arena, "%s over %zu runs at %zu rates (%.3g to %.3g)%s at step %lld",
                        s->key, s->n, s->rates, s->least, s->most, out, (long long)s->at_step);
}

static void word_inside(struct rate_sweep *s, struct arena *arena)
{
    s->says = arena_printf(
        arena,
        "%s: the optimum lies inside, at about %.3g (parabola in log10 of the rate, curvature "
        "%.3g, "
        "95%% interval %.3g to %.3g); rates from %.3g to %.3g are predicted within %.3g of it, %s",
        of_runs(s, arena), s->optimum, s->curvature, s->low, s->high, s->range_low, s->range_high,
        s->scatter, s->scatter_of);
    if (!(s->best >= s->range_low && s->best <= s->range_high))
        s->next = arena_printf(arena, "%s=%.2g: the predicted optimum; no rate near it was tried",
                               s->key, s->optimum);
}

static void word_edge(struct rate_sweep *s, struct arena *arena)
{
    bool high = s->best == s->most, broke = high && isfinite(s->broke) && s->broke > s->best;
    const char *which = !high ? "lowest" : broke ? "highest that did not blow up" : "highest";
    double next = broke ? sqrt(s->best * s->broke) : high ? s->best * beyond : s->best / beyond;

    s->says = broke
                  ? arena_printf(arena,
                                 "%s: the best is the highest rate that did not blow up, %.3g; "
                                 "%.3g did, so the optimum lies below that",
                                 of_runs(s, arena), s->best, s->broke)
                  : arena_printf(arena,
                                 "%s: the best is the %s rate tried, %.3g, so the optimum may lie "
                                 "beyond it; extend the sweep to %.2g",
                                 of_runs(s, arena), which, s->best, next);
    s->next = arena_printf(arena, "%s=%.2g: the best rate so far is the %s", s->key, next, which);
}

static const char *miss_text(const struct tried *t, const struct parabola *p, size_t k,
                             struct arena *arena)
{
    return arena_printf(arena,
                        "but a parabola misses %.3g (%.4g there, %.4g predicted) by more than %s: "
                        "its form does not fit these runs",
                        pow(10, t->level_x[k]), t->level_y[k], parabola_at(p, t->level_x[k]),
                        isnan(scatter_of_seeds(t)) ? "the best rate is better than its neighbour"
                                                   : "twice the scatter of seeds");
}

static void word_unknown(struct rate_sweep *s, const struct parabola *p, const char *miss,
                         struct arena *arena)
{
    bool counted = isfinite(s->low), bent = counted && (s->low > 0 || s->high < 0);

    s->says = arena_printf(
        arena, "%s: cannot tell where the optimum lies; the best rate tried is %.3g, %s",
        of_runs(s, arena), s->best,
        !counted ? "and three runs leave nothing to judge a parabola by"
        : !bent
            ? arena_printf(arena,
                           "but the interval of the curvature (%.3g to %.3g) holds 0: more seeds "
                           "or more rates are needed",
                           s->low, s->high)
        : miss ? miss
               : arena_printf(arena,
                              "but a parabola turns at %.3g: its form does not fit these runs, "
                              "leave out the rates far from the best",
                              pow(10, p->turn)));
    s->next = arena_printf(arena, "%s=%.3g again with other seeds, and the rates beside it", s->key,
                           s->best);
}

/* ---- all of it ---- */

static void judge(struct rate_sweep *s, const struct tried *t, struct arena *arena)
{
    struct parabola p = parabola_of(t->x, t->y, t->n);
    size_t best = best_level(t);
    double seeds = scatter_of_seeds(t);

    s->best = rate_of(t->key, t->run[0]);
    for (size_t i = 0; i < t->n; i++) {
        if (t->x[i] == t->level_x[best])
            s->best = rate_of(t->key, t->run[i]);
    }
    s->curvature = p.curvature;
    s->low = p.low;
    s->high = p.high;
    bool by_seeds = seeds * (1 + 1e-9) >= p.scatter; /* else the misfit is what bounds it */
    s->scatter = by_seeds ? seeds : p.scatter;
    s->scatter_of = by_seeds       ? "the scatter of seeds at one rate"
                    : isnan(seeds) ? "the scatter about the parabola (seeds are not known)"
                                   : "the scatter about the parabola, more than that of seeds";
    size_t miss = missed(t, &p, best, seeds);
    if (p.enough && is_inside(t, &p, best) && miss == t->rates) {
        double half = sqrt(s->scatter / fabs(p.curvature));

        s->kind = SWEEP_INSIDE;
        s->optimum = pow(10, p.turn);
        s->at_optimum = parabola_at(&p, p.turn);
        s->range_low = pow(10, fmax(p.turn - half, t->level_x[0]));
        s->range_high = pow(10, fmin(p.turn + half, t->level_x[t->rates - 1]));
        word_inside(s, arena);
    } else if (best == 0 || best + 1 == t->rates) {
        s->kind = SWEEP_AT_EDGE;
        word_edge(s, arena);
    } else {
        s->kind = SWEEP_CANNOT_TELL;
        word_unknown(s, &p, p.enough && miss < t->rates ? miss_text(t, &p, miss, arena) : NULL,
                     arena);
    }
}

void sweep_rates(struct comparison *c, struct arena *arena)
{
    if (c->direction == DIRECTION_UNKNOWN)
        return;
    struct tried t = largest(c);
    if (t.rates < RATES_MIN)
        return;
    struct rate_sweep *s = ARENA_NEW(arena, struct rate_sweep);
    *s = (struct rate_sweep){.key = t.key->key,
                             .n = t.n,
                             .rates = t.rates,
                             .left_out = t.left_out,
                             .broke = t.broke,
                             .least = INFINITY,
                             .at_step = common_step(c, &t),
                             .optimum = NAN,
                             .at_optimum = NAN,
                             .range_low = NAN,
                             .range_high = NAN};
    t.worse = c->direction == DIRECTION_LOWER_IS_BETTER ? 1 : -1;
    for (size_t i = 0; i < t.n; i++) {
        double rate = rate_of(t.key, t.run[i]);

        s->least = fmin(s->least, rate);
        s->most = fmax(s->most, rate);
        t.x[i] = log10(rate);
        t.y[i] = run_value_at(&c->run[t.run[i]], s->at_step);
        add_to_level(&t, i);
    }
    judge(s, &t, arena);
    c->sweep = s;
    c->next_run = s->next;
}
