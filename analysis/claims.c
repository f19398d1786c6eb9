#include "analysis/claims.h"

#include <math.h>
#include <string.h>

#include "analysis/stats/across.h"
#include "analysis/stats/compare.h"
#include "analysis/stats/moments.h"
#include "analysis/stats/proportion.h"
#include "analysis/stats/special.h"

enum { SEEDS_MIN = 3, AREA_BINS = 32, TARGET_WINDOW = 5, POOLED_MIN = 2 };

static const double level = 0.95, power = 0.8;

/*
 * Scatter of the final validation loss over seeds of small language-model runs,
 * relative: 89 groups of repeats in the public GPT-2 speed-run logs (IQR .0010
 * to .0015 nats at 3.28). A lower bound where nothing else is known.
 */
static const double anchor_share = 0.0004;

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

/* The runs of one configuration with that one, over all groups, and their scatter. */
struct scatter {
    size_t first, n;
    double sd;
};

static struct scatter scatter_of(const struct comparison *c, size_t first)
{
    struct scatter s = {.first = first};
    double finals[RUNS_MAX];

    for (size_t i = 0; i < c->runs_n; i++) {
        if (run_counts(&c->run[i]) && seeds_of_one(c, first, i))
            finals[s.n++] = c->run[i].final;
    }
    s.sd = s.n > 1 ? sd_of(finals, s.n) : 0;
    return s;
}

/* The best-known scatter of seeds on the task of that run; n is 0 if none is. */
static struct scatter reference_of(const struct comparison *c, size_t run)
{
    struct scatter best = {0};

    for (size_t i = 0; i < c->runs_n; i++) {
        struct scatter s = scatter_of(c, i);
        if (s.n >= SEEDS_MIN && s.sd > 0 && s.n > best.n && !other_task(c, i, run))
            best = s;
    }
    return best;
}

/*
 * The scatter within configurations of that run's task, pooled; n is its degrees of freedom. For a
 * number of seeds, not for a claim: two runs a side are no test.
 */
static struct scatter pooled_of(const struct comparison *c, size_t run)
{
    struct scatter pooled = {0};
    double squares = 0;

    for (size_t i = 0; i < c->runs_n; i++) {
        bool seen = !run_counts(&c->run[i]) || c->run[i].blew_up;
        for (size_t k = 0; k < i && !seen; k++)
            seen = run_counts(&c->run[k]) && seeds_of_one(c, k, i);
        if (seen || other_task(c, i, run))
            continue;
        struct scatter s = scatter_of(c, i);
        if (s.n > 1) {
            squares += s.sd * s.sd * (double)(s.n - 1);
            pooled.n += s.n - 1;
        }
    }
    pooled.sd = pooled.n ? sqrt(squares / (double)pooled.n) : 0;
    return pooled;
}

static enum claim_kind kind_of(enum direction direction, double difference)
{
    if (direction == DIRECTION_UNKNOWN)
        return CLAIM_DIFFERS;
    return (difference < 0) == (direction == DIRECTION_LOWER_IS_BETTER) ? CLAIM_BETTER
                                                                        : CLAIM_WORSE;
}

static bool groups_are_seeds(const struct comparison *c, const struct claim *claim)
{
    const struct run_group *side[2] = {&c->group[claim->a], &c->group[claim->b]};
    bool same = true;

    for (int s = 0; s < 2; s++) {
        for (size_t i = 0; i < side[s]->n; i++)
            same &= seeds_of_one(c, side[0]->run[0], side[s]->run[i]);
    }
    return same;
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
                         const struct scatter *reference, double na, double nb, struct arena *arena)
{
    double df = (double)reference->n - 1, se = reference->sd * sqrt(1 / na + 1 / nb);
    double half = student_t_quantile((1 + level) / 2, df) * se;

    claim->seed_sd = reference->sd;
    claim->seed_sd_from = arena_printf(arena, "the %zu runs of %s", reference->n,
                                       condition_text(c, reference->first, arena));
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

static void count_seeds(const struct comparison *c, struct claim *claim, size_t na, size_t nb)
{
    int64_t have = (int64_t)(na < nb ? na : nb);
    int64_t needed = seeds_needed(claim->difference, claim->seed_sd);

    claim->more_seeds = NOT_GIVEN;
    if (groups_are_seeds(c, claim))
        return; /* there is no change whose effect seeds could show */
    if (claim->kind != CLAIM_CANNOT_TELL && claim->kind != CLAIM_WITHIN_NOISE)
        return;
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
    if (claim->kind == CLAIM_CANNOT_TELL && isnan(claim->seed_sd))
        return "; how many seeds it takes is not known: the scatter of seeds is not known; three a "
               "side are the least";
    if (claim->more_seeds == NOT_GIVEN || claim->more_seeds == 0)
        return "";
    return arena_printf(arena, "; needs %lld more seed%s a side to show a difference of this size",
                        (long long)claim->more_seeds, claim->more_seeds == 1 ? "" : "s");
}

static const char *pooled_text(const struct claim *claim, struct arena *arena)
{
    return claim->seed_df == 0
               ? ""
               : arena_printf(arena,
                              "; it is %.1f times the scatter of seeds seen here (sd %.3g, pooled, "
                              "%lld degrees of freedom)",
                              fabs(claim->difference) / claim->seed_sd, claim->seed_sd,
                              (long long)claim->seed_df);
}

/* Which of one run against one blew up; NULL where none or both did, or there are more. */
static const char *blow_up_text(const struct comparison *c, const struct claim *claim,
                                struct arena *arena)
{
    const struct run_group *a = &c->group[claim->a], *b = &c->group[claim->b];
    const struct compared_run *x = &c->run[a->run[0]], *y = &c->run[b->run[0]];

    if (a->n != 1 || b->n != 1 || x->blew_up == y->blew_up)
        return "";
    const char *who = x->blew_up ? "a" : "b", *other = x->blew_up ? "b" : "a";
    const struct compared_run *run = x->blew_up ? x : y;
    if (run->clean.trailing_non_finite > 0)
        return arena_printf(arena, "; %s blew up: it ended non-finite, and %s did not", who, other);
    return arena_printf(arena,
                        "; %s blew up: it rose from %.4g at step %lld to %.4g, and %s did not", who,
                        run->best, (long long)run->best_step, run->final, other);
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

/* What is not at its end at the common step may have its decay still before it. */
static const char *ended_text(const struct comparison *c, const struct claim *claim,
                              struct arena *arena)
{
    static const double same_part = 0.8;
    int64_t a = reached(c, &c->group[claim->a], INT64_MAX);
    int64_t b = reached(c, &c->group[claim->b], INT64_MAX);
    bool a_ended = a < b;

    if (claim->kind == CLAIM_NOT_COMPARABLE ||
        (double)(a_ended ? a : b) >= same_part * (double)(a_ended ? b : a))
        return "";
    return arena_printf(arena,
                        "; %s ended there, %s went on to step %lld: if its rate decays later, this "
                        "is not its final level",
                        a_ended ? "a" : "b", a_ended ? "b" : "a", (long long)(a_ended ? b : a));
}

static const char *scatter_text(const struct claim *claim, struct arena *arena)
{
    return isnan(claim->seed_sd) ? "" : arena_printf(arena, ", sd %.3g", claim->seed_sd);
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
        if (groups_are_seeds(c, claim))
            return arena_printf(arena,
                                "a difference of %s was observed at step %lld; these differ by "
                                "seed only: their difference is the scatter of seeds%s",
                                size, (long long)claim->at_step, scatter_text(claim, arena));
        return arena_printf(arena,
                            "a difference of %s was observed at step %lld with %zu run%s against "
                            "%zu%s; it cannot be attributed to the change%s%s%s",
                            size, (long long)claim->at_step, nb, nb == 1 ? "" : "s", na,
                            blow_up_text(c, claim, arena), seeds_text(claim, arena),
                            pooled_text(claim, arena), anchor_text(claim, arena));
    }
}

/* The letters and digits after the last '/', small. */
static const char *bare_name(struct str name, struct arena *arena)
{
    char *out = ARENA_ARRAY(arena, name.n + 1, char);
    size_t n = 0;

    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        bool capital = c >= 'A' && c <= 'Z';
        if (c == '/')
            n = 0;
        else if (capital || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            out[n++] = (char)(capital ? c - 'A' + 'a' : c);
    }
    out[n] = 0;
    return out;
}

/* "rollout/ep_rew_mean" and "EpRewMean" are one, "eprewmean" and "train/reward" are two. */
static bool other_reward(struct str a, struct str b, struct arena *arena)
{
    return role_like(a, NULL) == ROLE_REWARD && role_like(b, NULL) == ROLE_REWARD &&
           strcmp(bare_name(a, arena), bare_name(b, arena)) != 0;
}

/* Why values of the two groups are of different tasks or metrics; NULL: nothing says so. */
static const char *task_text(const struct comparison *c, const struct run_group *a,
                             const struct run_group *b, struct arena *arena)
{
    enum { VALUE_SHOWN = 40 };
    const struct differing_key *key = NULL;

    for (int side = 0; side < 2; side++) {
        const struct run_group *g = side ? b : a;
        size_t tasks = tasks_among(c, g->run, g->n, &key);
        if (key)
            return arena_printf(arena,
                                "another task: group %s pools runs of %zu tasks (%s), so the "
                                "values are not comparable",
                                g->label, tasks, key->key);
    }
    for (size_t i = 0; i < a->n; i++) {
        for (size_t k = 0; k < b->n; k++) {
            struct str x = c->run[a->run[i]].metric, y = c->run[b->run[k]].metric;
            if (other_reward(x, y, arena))
                return arena_printf(arena,
                                    "another metric: %.*s here and %.*s there; rewards of two "
                                    "names need not be of one scale (a step, an episode) or task, "
                                    "so the values are not comparable",
                                    STR_FMT(x), STR_FMT(y));
            key = other_task(c, a->run[i], b->run[k]);
            if (key)
                return arena_printf(arena,
                                    "another task: %s is %.*s here and %.*s there, so the values "
                                    "are not comparable",
                                    key->key, STR_FMT(str_cut(key->value[a->run[i]], VALUE_SHOWN)),
                                    STR_FMT(str_cut(key->value[b->run[k]], VALUE_SHOWN)));
        }
    }
    return NULL;
}

static bool is_loss(const struct comparison *c)
{
    enum role role = role_like(str_of(c->metric), NULL);

    return role == ROLE_TRAIN_LOSS || role == ROLE_VALIDATION_LOSS;
}

static void make_claim(struct comparison *c, size_t a, size_t b, struct arena *arena)
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
                            .probability = NAN,
                            .seed_sd = NAN,
                            .anchor_multiple = NAN,
                            .steps_ratio = NAN,
                            .area = NAN};
    claim->at_step = reached(c, gb, reached(c, ga, INT64_MAX));
    claim->value_a = group_value(c, ga, claim->at_step, va);
    claim->value_b = group_value(c, gb, claim->at_step, vb);
    claim->difference = claim->value_b - claim->value_a;
    claim->says = task_text(c, ga, gb, arena);
    if (claim->says || isnan(claim->difference)) {
        claim->difference = NAN;
        claim->kind = CLAIM_NOT_COMPARABLE;
        claim->more_seeds = NOT_GIVEN;
        return;
    }
    struct scatter reference = reference_of(c, ga->run[0]), pooled = pooled_of(c, ga->run[0]);
    struct sample sa = {claim->value_a, sd_of(va, ga->n), (double)ga->n};
    struct sample sb = {claim->value_b, sd_of(vb, gb->n), (double)gb->n};
    bool lower = c->direction == DIRECTION_LOWER_IS_BETTER;
    if (ga->n >= SEEDS_MIN && gb->n >= SEEDS_MIN && c->direction != DIRECTION_UNKNOWN)
        claim->probability = lower ? probability_above(va, ga->n, vb, gb->n)
                                   : probability_above(vb, gb->n, va, ga->n);
    if (ga->n >= SEEDS_MIN && gb->n >= SEEDS_MIN)
        by_seeds(c, claim, &sa, &sb);
    else if (claim->difference != 0 && groups_are_seeds(c, claim))
        claim->seed_sd = reference.n && seeds_of_one(c, reference.first, ga->run[0]) ? reference.sd
                                                                                     : (double)NAN;
    else if (reference.n)
        by_reference(c, claim, &reference, sa.n, sb.n, arena);
    else if (claim->difference == 0)
        claim->kind = CLAIM_EQUAL;
    else if (pooled.n >= POOLED_MIN && pooled.sd > 0) {
        claim->seed_sd = pooled.sd;
        claim->seed_sd_from = "the seeds of all configurations, pooled";
        claim->seed_df = (int64_t)pooled.n;
    }
    if (is_loss(c) && claim->seed_df == 0 && claim->kind == CLAIM_CANNOT_TELL && claim->value_a > 0)
        claim->anchor_multiple = fabs(claim->difference) / (anchor_share * claim->value_a);
    count_seeds(c, claim, ga->n, gb->n);
    compare_curves(c, claim, arena);
}

void make_claims(struct comparison *c, struct arena *arena)
{
    double p[CLAIMS_MAX], q[CLAIMS_MAX];

    c->claim = ARENA_ARRAY(arena, CLAIMS_MAX, struct claim);
    for (size_t a = 0; a < c->groups_n; a++) {
        for (size_t b = a + 1; b < c->groups_n; b++) {
            if (c->group[a].n == 0 || c->group[b].n == 0)
                continue;
            c->pairs_n++;
            if (c->claims_n < CLAIMS_MAX)
                make_claim(c, a, b, arena);
        }
    }
    for (size_t i = 0; i < c->claims_n; i++)
        p[i] = c->claim[i].p;
    bh_adjust(p, c->claims_n, q, arena);
    for (size_t i = 0; i < c->claims_n; i++) {
        c->claim[i].q = q[i];
        if (!c->claim[i].says)
            c->claim[i].says = arena_printf(arena, "%s%s", words(c, &c->claim[i], arena),
                                            ended_text(c, &c->claim[i], arena));
    }
}
