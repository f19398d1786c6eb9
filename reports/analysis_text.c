#include "reports/verdict_text.h"

#include "analysis/base/shape.h"
#include "analysis/stats/moments.h"
#include "reports/words.h"

#include <math.h>

static void put_paragraph(const struct account *a, struct buf *text)
{
    blocks_paragraph(a->out, "%s", arena_text(a->arena, str_trim(buf_str(text))));
    buf_fini(text);
}

static const char *number(const struct account *a, double value)
{
    return word_number(a->arena, value);
}

static const char *percent(const struct account *a, double share)
{
    return arena_printf(a->arena, "%.3g %%", 100 * share);
}

/* Above ten times a percentage says less than the two numbers. */
static const double tellable = 10;

/* ---- trajectory ---- */

static void put_counts(struct buf *out, const struct account *a)
{
    const struct findings *all = &a->analysis->findings;
    size_t of_status[FINDING_NOT_APPLICABLE + 1] = {0}, flags = 0;

    for (size_t i = 0; i < all->list.n; i++) {
        const struct finding *f = &all->list.v[i];

        of_status[f->status]++;
        flags += f->status == FINDING_FOUND && f->severity >= SEVERITY_MEDIUM;
    }
    buf_printf(
        out,
        "Checks: %zu found something (%zu of medium severity or more), %zu found no problem, "
        "%zu cannot tell, %zu lacked data, %zu do not apply. ",
        of_status[FINDING_FOUND], flags, of_status[FINDING_NOT_FOUND],
        of_status[FINDING_INCONCLUSIVE], of_status[FINDING_INSUFFICIENT_DATA],
        of_status[FINDING_NOT_APPLICABLE]);
    if (flags > 0)
        buf_printf(out, "The gravest is %s (%s). ", all->list.v[0].id,
                   severity_name(all->list.v[0].severity));
}

static void put_change(struct buf *out, const struct account *a, const struct figure *f)
{
    const struct summary *s = &f->summary;
    bool higher = role_direction(f->role) == DIRECTION_HIGHER_IS_BETTER;
    double best = higher ? s->max : s->min, end = s->mean_last_tenth;

    buf_printf(out, "The run is judged by '%s'. It goes from %s to %s (mean of the last 10 %%)",
               f->key, number(a, s->first), number(a, end));
    if (!higher && s->first > 0 && fabs(end / s->first - 1) < tellable)
        buf_printf(out, ", a change of %s", percent(a, end / s->first - 1));
    buf_printf(out, "; its best single value is %s at %s %lld", number(a, best),
               a->history ? "iteration" : "step", (long long)(higher ? s->max_step : s->min_step));
    if (!higher && best > 0 && fabs(end / best - 1) < tellable)
        buf_printf(out, ", and that mean is %s above it", percent(a, end / best - 1));
    buf_puts(out, ". ");
}

static void trajectory(const struct account *a)
{
    enum role role = subject_primary(a->analysis->subject);
    const struct figure *f = figure_of(a, role);
    struct buf out = {0};

    if (!f)
        buf_printf(&out,
                   "The run has no series to be judged by ('%s' is not logged), so its trajectory "
                   "cannot be described. ",
                   subject_usual_name(a->analysis->subject, role));
    else if (f->summary.finite == 0)
        buf_printf(&out, "The run is judged by '%s', which has no finite point. ", f->key);
    else if (f->summary.finite == 1)
        buf_printf(&out, "The run is judged by '%s', which has one finite point: no trajectory. ",
                   f->key);
    else
        put_change(&out, a, f);
    put_counts(&out, a);
    put_paragraph(a, &out);
}

/* ---- interactions ---- */

static void put_validation(struct buf *out, const struct account *a)
{
    const struct figure *val = figure_of(a, ROLE_VALIDATION_LOSS);
    const struct figure *train = figure_of(a, ROLE_TRAIN_LOSS);

    if (!val) {
        buf_printf(out,
                   "Validation against training: '%s' is not logged, so nothing here speaks "
                   "for or against overfitting. ",
                   subject_usual_name(a->analysis->subject, ROLE_VALIDATION_LOSS));
        return;
    }
    const struct summary *v = &val->summary;
    if (v->finite < 2) {
        buf_puts(out, "Validation against training: fewer than two finite evaluations. ");
        return;
    }
    if (v->min_step == v->last_step)
        buf_printf(out, "Validation against training: '%s' is lowest at its end (%s at step %lld)",
                   val->key, number(a, v->min), (long long)v->min_step);
    else
        buf_printf(out,
                   "Validation against training: '%s' is lowest at step %lld (%s) and ends at %s, "
                   "with %s of its steps after the lowest",
                   val->key, (long long)v->min_step, number(a, v->min), number(a, v->last),
                   percent(a, (double)(v->last_step - v->min_step) /
                                  fmax((double)(v->last_step - v->first_step), 1)));
    if (train && train->summary.finite > 0)
        buf_printf(out,
                   "; the training loss averages %s over its last 10 %%, a gap of %s at the end "
                   "(a constant gap is no sign of overfitting, a widening one can be)",
                   number(a, train->summary.mean_last_tenth),
                   number(a, v->last - train->summary.mean_last_tenth));
    buf_puts(out, ". ");
}

static const char *flatness(const struct account *a)
{
    if (primary_finding(a, "plateau", FINDING_FOUND))
        return ", and the loss has stalled all the same: the stall is not the end of the "
               "schedule. ";
    if (primary_finding(a, "schedule_end", FINDING_FOUND))
        return ", so a flat end is by design. ";
    const struct finding *none = primary_finding(a, "plateau", FINDING_NOT_FOUND);
    if (none)
        return none->evidence.ci_low > 0 ? ", and the loss still improves. "
                                         : ", and the loss had levelled off by its end. ";
    if (primary_finding(a, "plateau", FINDING_INCONCLUSIVE))
        return "; whether the loss has stalled cannot be told. ";
    return "; whether the loss has stalled is not assessed. ";
}

static void put_rate(struct buf *out, const struct account *a)
{
    const struct figure *lr = figure_of(a, ROLE_LEARNING_RATE);

    if (!lr || lr->summary.finite == 0)
        buf_puts(out, "Learning rate against plateau: no learning rate is logged, so a flat end "
                      "cannot be told from a schedule that had ended. ");
    else if (lr->summary.max > 0)
        buf_printf(out, "Learning rate against plateau: the rate ends at %s of its highest value%s",
                   percent(a, lr->summary.last / lr->summary.max), flatness(a));
}

static void put_gradient(struct buf *out, const struct account *a)
{
    const struct figure *g = figure_of(a, ROLE_GRADIENT_NORM),
                        *loss = figure_of(a, ROLE_TRAIN_LOSS);

    if (!g || g->summary.finite < 2) {
        buf_puts(out, "Gradient against loss: no gradient norm is logged, so instability of the "
                      "gradients cannot be seen. ");
        return;
    }
    const struct series *clean = &a->analysis->subject->role[ROLE_GRADIENT_NORM].clean.active;
    double median = median_of(clean->value, clean->n, a->arena);
    buf_printf(out, "Gradient against loss: the highest norm is %s at step %lld",
               number(a, g->summary.max), (long long)g->summary.max_step);
    if (median > 0)
        buf_printf(out, ", %s times its median", number(a, g->summary.max / median));
    if (loss && loss->summary.finite > 0)
        buf_printf(out, "; the highest training loss is %s at step %lld",
                   number(a, loss->summary.max), (long long)loss->summary.max_step);
    buf_puts(out, ". ");
}

static void put_path(struct buf *out, const struct account *a, enum role role, const char *word)
{
    const struct figure *f = figure_of(a, role);

    if (!f)
        buf_printf(out, "%s is not logged; ", word);
    else if (f->summary.finite == 0)
        buf_printf(out, "%s has no finite value; ", word);
    else
        buf_printf(out, "%s goes from %s to %s; ", word, number(a, f->summary.first),
                   number(a, f->summary.mean_last_tenth));
}

static void interactions(const struct account *a)
{
    struct buf out = {0};

    if (!a->rl) {
        put_validation(&out, a);
        put_rate(&out, a);
        put_gradient(&out, a);
    } else {
        buf_puts(&out, "Side by side, from the first value to the mean of the last 10 %: ");
        put_path(&out, a, ROLE_REWARD, "the reward");
        put_path(&out, a, ROLE_ENTROPY, "the policy entropy");
        put_path(&out, a, ROLE_VALUE_LOSS, "the value loss");
        put_path(&out, a, ROLE_EXPLAINED_VARIANCE, "the explained variance");
        put_path(&out, a, ROLE_GATE, "the gate");
        buf_puts(&out, "one run shows what went together, not what caused what. ");
    }
    put_paragraph(a, &out);
}

/* ---- constraint mode ---- */

/* What the analysis says of a class, whatever came out; nothing where it says nothing. */
static void put_finding(struct buf *out, const struct account *a, const char *class)
{
    for (size_t i = 0; i < a->analysis->findings.list.n; i++) {
        const struct finding *f = &a->analysis->findings.list.v[i];

        if (strcmp(f->class, class) == 0)
            buf_printf(out, "%s ", f->sentence);
    }
}

static void constraint(const struct account *a)
{
    struct buf out = {0};

    if (a->analysis->subject->lagrangian) {
        buf_printf(&out, "Constraint mode: Lagrangian, because '%s' has values. ",
                   role_usual_name(ROLE_MULTIPLIER));
        put_path(&out, a, ROLE_MULTIPLIER, "The multiplier");
        put_path(&out, a, ROLE_COST, "the mean cost");
        put_path(&out, a, ROLE_COST_VALUE_LOSS, "the cost value loss");
        put_finding(&out, a, "constraint_not_met");
        put_finding(&out, a, "multiplier_unbounded");
        put_finding(&out, a, "combined_advantage");
    } else if (!figure_of(a, ROLE_REWARD_DIVERSITY) && !figure_of(a, ROLE_DIVERSITY_WEIGHT) &&
               !figure_of(a, ROLE_ENTROPY_COEFFICIENT)) {
        buf_printf(
            &out,
            "Constraint mode: weighted by rule, because '%s' has no values; but nothing in the "
            "log (no diversity, no diversity weight, no entropy coefficient) shows that the "
            "run had a constraint at all.",
            role_usual_name(ROLE_MULTIPLIER));
    } else {
        buf_printf(&out, "Constraint mode: weighted by rule, because '%s' has no values. ",
                   role_usual_name(ROLE_MULTIPLIER));
        put_path(&out, a, ROLE_REWARD_DIVERSITY, "The diversity component");
        put_path(&out, a, ROLE_DIVERSITY_WEIGHT, "the diversity weight");
        put_path(&out, a, ROLE_ENTROPY_COEFFICIENT, "the entropy coefficient");
        put_finding(&out, a, "diversity_collapse");
        put_finding(&out, a, "reward_components");
    }
    put_paragraph(a, &out);
}

/* ---- expectation ---- */

static void put_configuration(struct buf *out, const struct account *a)
{
    struct strs files = {0};

    experiment_configs(a->experiment, a->arena, &files);
    if (files.n == 0) {
        buf_puts(out, "The run keeps no copy of its configuration, so what was asked for cannot be "
                      "set beside what happened. ");
        return;
    }
    buf_printf(out, "The run's own configuration is '%s'. ", files.v[0]);
    const struct finding *off = analysis_find(a->analysis, "lr_config", FINDING_FOUND);
    const struct finding *same = analysis_find(a->analysis, "lr_config", FINDING_NOT_FOUND);
    if (off || same)
        buf_printf(out, "%s ", (off ? off : same)->sentence);
}

static void put_critic(struct buf *out, const struct account *a)
{
    const struct figure *ev = figure_of(a, ROLE_EXPLAINED_VARIANCE);
    double target = subject_setting(a->analysis->subject, "RL_POLICY_ENTROPY_TARGET");
    const struct figure *h = figure_of(a, ROLE_ENTROPY);

    if (ev && ev->summary.finite > 0)
        buf_printf(out,
                   "A critic that predicts the returns has an explained variance near 1, one that "
                   "is no better than their mean 0; here the last 10 %% average %s. ",
                   number(a, ev->summary.mean_last_tenth));
    else
        buf_puts(out, "The quality of the critic is unknown: no explained variance is logged. ");
    if (isfinite(target) && h && h->summary.finite > 0)
        buf_printf(out,
                   "The configured entropy target is %s; the entropy averages %s over the last "
                   "10 %%. ",
                   number(a, target), number(a, h->summary.mean_last_tenth));
}

static void expectation(const struct account *a)
{
    struct buf out = {0};

    buf_puts(&out, "Compared with what is expected: ");
    put_configuration(&out, a);
    if (a->rl)
        put_critic(&out, a);
    if (a->experiment->source_experiment)
        buf_printf(&out, "The run starts from '%s'; it is not compared with it here. ",
                   word_quote(a->arena, str_of(a->experiment->source_experiment), 120));
    buf_puts(&out, "No baseline run was given, so the verdict is about this run alone.");
    put_paragraph(a, &out);
}

void analysis_write(const struct account *a)
{
    blocks_heading(a->out, 2, "Analysis");
    trajectory(a);
    interactions(a);
    if (a->rl)
        constraint(a);
    expectation(a);
}
