#include "analysis/claims.h"

#include <math.h>

#include "analysis/stats/compare.h"
#include "analysis/stats/moments.h"
#include "analysis/stats/proportion.h"
#include "analysis/stats/special.h"

enum { SEEDS_MIN = 3, SEEDS_REFERENCE = 5, AREA_BINS = 32, TARGET_WINDOW = 5 };

static const double level = 0.95, power = 0.8;

/*
 * Scatter of the final validation loss over seeds of small language-model runs,
 * relative: 89 groups of repeats in the public GPT-2 speed-run logs (IQR .0010
 * to .0015 nats at 3.28). A lower bound where nothing else is known.
 */
static const double anchor_share = 0.0004;

/* ---- groups ---- */

static bool makes_condition(const struct differing_key *d)
{
    return !d->seed && !d->label;
}

static bool same_condition(const struct comparison *c, size_t a, size_t b)
{
    if (c->run[a].settings.n == 0 || c->run[b].settings.n == 0)
        return false; /* unknown is not equal */
    for (size_t k = 0; k < c->differs_n; k++) {
        const struct differing_key *d = &c->differs[k];
        if (makes_condition(d) && !str_eq(d->value[a], d->value[b]))
            return false;
    }
    return true;
}

static const char *condition_text(const struct comparison *c, size_t run, struct arena *arena)
{
    enum { KEYS_SHOWN = 3, VALUE_SHOWN = 40 };
    const char *text = NULL;
    size_t shown = 0;

    for (size_t k = 0; k < c->differs_n && c->run[run].settings.n; k++) {
        const struct differing_key *d = &c->differs[k];
        struct str value = d->value[run].n ? d->value[run] : STR("(not set)");
        if (!makes_condition(d) || shown++ >= KEYS_SHOWN)
            continue;
        text = arena_printf(arena, "%s%s%s=%.*s", text ? text : "", text ? ", " : "", d->key,
                            STR_FMT(str_cut(value, VALUE_SHOWN)));
    }
    if (shown > KEYS_SHOWN)
        text = arena_printf(arena, "%s and %zu more", text, shown - KEYS_SHOWN);
    return text ? text : c->run[run].experiment->id;
}

static void put_in(struct comparison *c, size_t run, size_t group)
{
    struct run_group *g = &c->group[group];

    c->run[run].group = group;
    if (c->run[run].logged)
        g->run[g->n++] = run;
}

static void summarise(struct comparison *c, struct arena *arena)
{
    for (size_t i = 0; i < c->groups_n; i++) {
        struct run_group *g = &c->group[i];
        double *finals = ARENA_ARRAY(arena, g->n + 1, double);

        for (size_t k = 0; k < g->n; k++)
            finals[k] = c->run[g->run[k]].final;
        g->mean = g->n ? mean_of(finals, g->n) : (double)NAN;
        g->sd = g->n > 1 ? sd_of(finals, g->n) : (double)NAN;
    }
}

/* Runs with one value of the key are a group. */
static bool group_by_key(struct comparison *c, const char *key, struct arena *arena,
                         struct err *err)
{
    bool known = false;

    for (size_t i = 0; i < c->runs_n; i++) {
        struct str value = settings_get(&c->run[i].settings, key);
        size_t g = 0;

        known |= value.n > 0;
        while (g < c->groups_n &&
               !str_eq(settings_get(&c->run[c->group[g].first].settings, key), value))
            g++;
        if (g == c->groups_n) {
            c->group[c->groups_n++] = (struct run_group){
                .first = i,
                .label = arena_printf(arena, "%s=%.*s", key,
                                      STR_FMT(str_cut(value.n ? value : STR("(not set)"), 80)))};
        }
        put_in(c, i, g);
    }
    return known || err_set(err, ERR_ARGUMENT,
                            "groupBy: no run's configuration has '%s'; differs lists the keys "
                            "that tell the runs apart",
                            key);
}

bool group_runs(struct comparison *c, const char *group_by, struct arena *arena, struct err *err)
{
    bool alone = group_by && strcmp(group_by, "none") == 0;

    c->group = ARENA_ARRAY(arena, c->runs_n, struct run_group);
    if (group_by && !alone) {
        c->grouped_by = group_by;
        if (!group_by_key(c, group_by, arena, err))
            return false;
        summarise(c, arena);
        return true;
    }
    c->grouped_by = alone ? "none" : "configuration (seeds and labels aside)";
    for (size_t i = 0; i < c->runs_n; i++) {
        size_t g = 0;
        while (g < c->groups_n && (alone || !same_condition(c, c->group[g].first, i)))
            g++;
        if (g == c->groups_n) {
            c->group[c->groups_n++] = (struct run_group){
                .first = i,
                .label = alone ? c->run[i].experiment->id : condition_text(c, i, arena)};
        }
        put_in(c, i, g);
    }
    summarise(c, arena);
    return true;
}

/* ---- claims ---- */

static double group_value(const struct comparison *c, const struct run_group *g, int64_t step,
                          double *values)
{
    for (size_t i = 0; i < g->n; i++)
        values[i] = run_value_at(&c->run[g->run[i]], step);
    return mean_of(values, g->n);
}

static int64_t reached(const struct comparison *c, const struct run_group *g, int64_t step)
{
    for (size_t i = 0; i < g->n; i++) {
        int64_t last = c->run[g->run[i]].last_step;
        step = last < step ? last : step;
    }
    return step;
}

/* The best-known scatter of seeds: a group of five or more runs that is neither side. */
static const struct run_group *reference_of(const struct comparison *c)
{
    const struct run_group *best = NULL;

    for (size_t i = 0; i < c->groups_n; i++) {
        const struct run_group *g = &c->group[i];
        if (g->n >= SEEDS_REFERENCE && g->sd > 0 && (!best || g->n > best->n))
            best = g;
    }
    return best;
}

static enum claim_kind kind_of(enum direction direction, double difference)
{
    if (direction == DIRECTION_UNKNOWN)
        return CLAIM_DIFFERS;
    return (difference < 0) == (direction == DIRECTION_LOWER_IS_BETTER) ? CLAIM_BETTER
                                                                        : CLAIM_WORSE;
}

static void by_seeds(const struct comparison *c, struct claim *claim, const struct sample *a,
                     const struct sample *b)
{
    struct welch w = welch_of(b, a);

    claim->p = w.p;
    claim->d = w.d;
    if (isnan(w.p)) { /* no scatter at all on either side */
        claim->kind = claim->difference == 0 ? CLAIM_EQUAL : CLAIM_CANNOT_TELL;
        return;
    }
    double half = student_t_quantile((1 + level) / 2, w.df) *
                  sqrt(a->sd * a->sd / a->n + b->sd * b->sd / b->n);
    claim->ci_low = claim->difference - half;
    claim->ci_high = claim->difference + half;
    claim->seed_sd = sqrt((a->sd * a->sd + b->sd * b->sd) / 2);
    claim->seed_sd_from = "the seeds of both sides";
    claim->kind = w.p < 1 - level ? kind_of(c->direction, claim->difference) : CLAIM_WITHIN_NOISE;
}

static void by_reference(const struct comparison *c, struct claim *claim,
                         const struct run_group *reference, double na, double nb,
                         struct arena *arena)
{
    double df = (double)reference->n - 1, se = reference->sd * sqrt(1 / na + 1 / nb);
    double half = student_t_quantile((1 + level) / 2, df) * se;

    claim->seed_sd = reference->sd;
    claim->seed_sd_from = arena_printf(arena, "the %zu runs of %s", reference->n, reference->label);
    claim->p = 2 * student_t_sf(fabs(claim->difference) / se, df);
    claim->ci_low = claim->difference - half;
    claim->ci_high = claim->difference + half;
    claim->kind =
        claim->p < 1 - level ? kind_of(c->direction, claim->difference) : CLAIM_WITHIN_NOISE;
}

/* Runs a side that show such a difference four times of five; at least three. */
static int64_t seeds_needed(double difference, double sd)
{
    if (!(sd > 0) || difference == 0)
        return NOT_GIVEN;
    /* two arms: the variance of a difference of means is twice that of one */
    int64_t n = pairs_to_tell(fabs(difference), sd * sqrt(2), power, 1 - level);
    return n == INT64_MIN ? NOT_GIVEN : n < SEEDS_MIN ? SEEDS_MIN : n;
}

static void count_seeds(struct claim *claim, size_t na, size_t nb)
{
    int64_t have = (int64_t)(na < nb ? na : nb);
    int64_t needed = seeds_needed(claim->difference, claim->seed_sd);

    claim->more_seeds = NOT_GIVEN;
    if (claim->kind != CLAIM_CANNOT_TELL && claim->kind != CLAIM_WITHIN_NOISE)
        return;
    if (claim->kind == CLAIM_CANNOT_TELL && needed == NOT_GIVEN)
        needed = SEEDS_MIN;
    if (needed != NOT_GIVEN)
        claim->more_seeds = needed > have ? needed - have : 0;
}

/* ---- curves ---- */

/* The first step at which the median of the last five values is as good as the target. */
static double steps_to(const struct compared_run *run, double target, enum direction direction,
                       struct arena *arena)
{
    const struct series *s = &run->clean.active;

    for (size_t i = 0; i < s->n; i++) {
        size_t from = i + 1 >= TARGET_WINDOW ? i + 1 - TARGET_WINDOW : 0;
        double level_now = median_of(s->value + from, i + 1 - from, arena);
        if (direction == DIRECTION_HIGHER_IS_BETTER ? level_now >= target : level_now <= target)
            return (double)s->step[i];
    }
    return (double)NAN;
}

struct bins {
    double sum[AREA_BINS], n[AREA_BINS];
};

static void fill_bins(const struct series *s, int64_t from, int64_t to, struct bins *bins)
{
    *bins = (struct bins){0};
    for (size_t i = 0; i < s->n; i++) {
        if (s->step[i] < from || s->step[i] > to || !(s->value[i] > 0))
            continue;
        double at = ((double)s->step[i] - (double)from) / ((double)to - (double)from + 1);
        size_t bin = (size_t)(at * AREA_BINS);
        bins->sum[bin] += log(s->value[i]);
        bins->n[bin]++;
    }
}

static double area_between(const struct compared_run *a, const struct compared_run *b, int64_t to)
{
    const struct series *x = &a->clean.active, *y = &b->clean.active;
    int64_t from = x->step[0] > y->step[0] ? x->step[0] : y->step[0];
    struct bins p, q;
    double sum = 0, n = 0;

    if (to <= from)
        return (double)NAN;
    fill_bins(x, from, to, &p);
    fill_bins(y, from, to, &q);
    for (size_t i = 0; i < AREA_BINS; i++) {
        if (p.n[i] > 0 && q.n[i] > 0) {
            sum += q.sum[i] / q.n[i] - p.sum[i] / p.n[i];
            n++;
        }
    }
    return 4 * n >= AREA_BINS ? sum / n : (double)NAN;
}

static void compare_curves(const struct comparison *c, struct claim *claim, struct arena *arena)
{
    const struct compared_run *a = &c->run[c->group[claim->a].run[0]];
    const struct compared_run *b = &c->run[c->group[claim->b].run[0]];

    if (c->direction == DIRECTION_UNKNOWN)
        return;
    double steps_a = steps_to(a, claim->value_a, c->direction, arena);
    double steps_b = steps_to(b, claim->value_a, c->direction, arena);
    claim->steps_ratio = steps_a > 0 ? steps_b / steps_a : (double)NAN;
    claim->area = area_between(a, b, claim->at_step);
}

/* ---- words ---- */

static const char *size_text(const struct claim *claim, struct arena *arena)
{
    double share =
        claim->value_a != 0 ? 100 * claim->difference / fabs(claim->value_a) : (double)NAN;

    return isfinite(share) ? arena_printf(arena, "%+.4g (%+.2f%%)", claim->difference, share)
                           : arena_printf(arena, "%+.4g", claim->difference);
}

static const char *interval_text(const struct claim *claim, struct arena *arena)
{
    return isnan(claim->ci_low)
               ? ""
               : arena_printf(arena, ", 95%% interval %.4g to %.4g", claim->ci_low, claim->ci_high);
}

static const char *seeds_text(const struct claim *claim, struct arena *arena)
{
    if (claim->more_seeds == NOT_GIVEN || claim->more_seeds == 0)
        return "";
    return arena_printf(arena, "; needs %lld more seed%s a side to show a difference of this size",
                        (long long)claim->more_seeds, claim->more_seeds == 1 ? "" : "s");
}

static const char *anchor_text(const struct claim *claim, struct arena *arena)
{
    return isnan(claim->anchor_multiple)
               ? ""
               : arena_printf(
                     arena,
                     "; it is %.1f times the scatter of seeds in small language-model runs "
                     "(0.04%%), a lower bound for this one",
                     claim->anchor_multiple);
}

static const char *words(const struct comparison *c, const struct claim *claim, struct arena *arena)
{
    size_t na = c->group[claim->a].n, nb = c->group[claim->b].n;
    const char *size = size_text(claim, arena), *ci = interval_text(claim, arena);
    const char *word = claim->kind == CLAIM_BETTER  ? "better"
                       : claim->kind == CLAIM_WORSE ? "worse"
                                                    : "different";

    switch (claim->kind) {
    case CLAIM_BETTER:
    case CLAIM_WORSE:
    case CLAIM_DIFFERS:
        return arena_printf(arena, "b is %s than a at step %lld: %s%s, p = %.2g, scatter from %s",
                            claim->kind == CLAIM_DIFFERS ? "other" : word,
                            (long long)claim->at_step, size, ci, claim->p, claim->seed_sd_from);
    case CLAIM_WITHIN_NOISE:
        return arena_printf(arena, "within noise at step %lld: %s%s, p = %.2g%s",
                            (long long)claim->at_step, size, ci, claim->p,
                            seeds_text(claim, arena));
    case CLAIM_NOT_COMPARABLE:
        return arena_printf(arena,
                            "not comparable: up to step %lld, which both reached, one of "
                            "them has no point",
                            (long long)claim->at_step);
    case CLAIM_EQUAL:
        return "the same values to the last digit: the same run twice?";
    default:
        return arena_printf(arena,
                            "a difference of %s was observed at step %lld with %zu run%s against "
                            "%zu; it cannot be attributed to the change%s%s",
                            size, (long long)claim->at_step, nb, nb == 1 ? "" : "s", na,
                            seeds_text(claim, arena), anchor_text(claim, arena));
    }
}

static bool is_loss(const struct comparison *c)
{
    enum role role = role_of(str_of(c->metric));

    return role == ROLE_TRAIN_LOSS || role == ROLE_VALIDATION_LOSS;
}

static void make_claim(struct comparison *c, size_t a, size_t b, const struct run_group *reference,
                       struct arena *arena)
{
    struct claim *claim = &c->claim[c->claims_n++];
    const struct run_group *ga = &c->group[a], *gb = &c->group[b];
    double va[RUNS_MAX], vb[RUNS_MAX];

    *claim = (struct claim){.a = a,
                            .b = b,
                            .kind = CLAIM_CANNOT_TELL,
                            .ci_low = NAN,
                            .ci_high = NAN,
                            .p = NAN,
                            .q = NAN,
                            .d = NAN,
                            .seed_sd = NAN,
                            .anchor_multiple = NAN,
                            .steps_ratio = NAN,
                            .area = NAN};
    claim->at_step = reached(c, gb, reached(c, ga, INT64_MAX));
    claim->value_a = group_value(c, ga, claim->at_step, va);
    claim->value_b = group_value(c, gb, claim->at_step, vb);
    claim->difference = claim->value_b - claim->value_a;
    if (isnan(claim->difference)) {
        claim->kind = CLAIM_NOT_COMPARABLE;
        claim->more_seeds = NOT_GIVEN;
        return;
    }
    struct sample sa = {claim->value_a, sd_of(va, ga->n), (double)ga->n};
    struct sample sb = {claim->value_b, sd_of(vb, gb->n), (double)gb->n};
    if (ga->n >= SEEDS_MIN && gb->n >= SEEDS_MIN)
        by_seeds(c, claim, &sa, &sb);
    else if (reference)
        by_reference(c, claim, reference, sa.n, sb.n, arena);
    else if (claim->difference == 0)
        claim->kind = CLAIM_EQUAL;
    if (is_loss(c) && claim->kind == CLAIM_CANNOT_TELL && claim->value_a > 0)
        claim->anchor_multiple = fabs(claim->difference) / (anchor_share * claim->value_a);
    count_seeds(claim, ga->n, gb->n);
    compare_curves(c, claim, arena);
}

void make_claims(struct comparison *c, struct arena *arena)
{
    const struct run_group *reference = reference_of(c);
    double p[CLAIMS_MAX], q[CLAIMS_MAX];

    c->claim = ARENA_ARRAY(arena, CLAIMS_MAX, struct claim);
    for (size_t a = 0; a < c->groups_n; a++) {
        for (size_t b = a + 1; b < c->groups_n; b++) {
            if (c->group[a].n == 0 || c->group[b].n == 0)
                continue;
            c->pairs_n++;
            if (c->claims_n < CLAIMS_MAX)
                make_claim(c, a, b, reference, arena);
        }
    }
    for (size_t i = 0; i < c->claims_n; i++)
        p[i] = c->claim[i].p;
    bh_adjust(p, c->claims_n, q, arena);
    for (size_t i = 0; i < c->claims_n; i++) {
        c->claim[i].q = q[i];
        c->claim[i].says = words(c, &c->claim[i], arena);
    }
}
