/*
 * Steps in the level of the training loss that stay: where, how much, and what
 * is known to have happened there. A step up that the run does not make up for
 * is damage; one that a restart or a change of the learning rate explains, and
 * every step down, is description.
 */
#include "analysis/base/buf.h"
#include "analysis/context.h"
#include "analysis/derived.h"
#include "analysis/detectors/detector.h"
#include "analysis/say.h"
#include "analysis/stats/moments.h"
#include "analysis/stats/shifts.h"

static const char class[] = "level_shift";

static const char method[] =
    "change points of block means of ln loss (PELT, long-run variance of AR(1) noise), kept where "
    "lines on both sides leave a jump of 4 standard errors and 1% at the change";

enum { LISTED = 8, NAMED = 3 };

static const double near_share = 0.02; /* of the run: a cause this near explains */
/*
 * What |jump| / se was worth: isotonic, detection benchmark 2, development sets, at a tenth
 * of the runs. Between knots linear in the logarithm.
 */
static const struct {
    double ratio, right;
} knots[] = {{4, .08}, {4.7, .42}, {8.2, .66}, {10, .82}, {18, .94}, {33, .985}};

struct told {
    const struct shift *shift;
    int64_t step;
    const char *because; /* NULL: unexplained */
    bool made_up;        /* the run ends below the level before */
    bool undone;         /* less than a tenth of what it had gained before is left */
};

static const char *cause_of(const struct subject *subject, const struct role_series *loss,
                            int64_t step)
{
    const struct series *s = &loss->clean.active;
    double near = near_share * (double)(s->step[s->n - 1] - s->step[0]);
    int64_t from = step - (int64_t)near, to = step + (int64_t)near;
    const struct restart *restart = restart_in(loss, from, to);
    int64_t rate = rate_jump_in(subject, from, to);

    if (restart)
        return arena_printf(subject->arena, "restart at step %lld", (long long)restart->step);
    if (rate != NOT_GIVEN)
        return arena_printf(subject->arena, "learning rate %.3g to %.3g at step %lld",
                            rate_at(subject, rate - 1), rate_at(subject, rate), (long long)rate);
    return NULL;
}

static struct told *tell(const struct subject *subject, const struct role_series *loss,
                         const double *y, const struct shifts *shifts)
{
    const struct series *s = &loss->clean.active;
    struct told *told = ARENA_ARRAY(subject->arena, shifts->n, struct told);
    size_t tenth = s->n / 10 + 1;
    double end = median_of(y + s->n - tenth, tenth, subject->arena);
    double start = median_of(y, tenth, subject->arena);

    for (size_t i = 0; i < shifts->n; i++) {
        const struct shift *shift = &shifts->v[i];

        told[i] = (struct told){.shift = shift, .step = s->step[shift->at]};
        told[i].because = cause_of(subject, loss, told[i].step);
        told[i].made_up = end < shift->before - shift->se;
        told[i].undone = end - shift->before >= 0.9 * (start - shift->before);
    }
    return told;
}

static enum severity severity_of_shift(const struct told *t)
{
    double worse = expm1(t->shift->jump);

    if (t->shift->jump <= 0 || t->because)
        return SEVERITY_INFO;
    if (t->made_up || worse < 0.01)
        return SEVERITY_LOW;
    if (worse > 0.10 && t->undone)
        return SEVERITY_CRITICAL;
    return worse < 0.05 ? SEVERITY_MEDIUM : SEVERITY_HIGH;
}

static double right_of(double ratio)
{
    enum { KNOTS = sizeof(knots) / sizeof(knots[0]) };

    for (size_t k = 1; k < KNOTS; k++) {
        double share = log(fmax(ratio, knots[0].ratio) / knots[k - 1].ratio) /
                       log(knots[k].ratio / knots[k - 1].ratio);

        if (ratio < knots[k].ratio)
            return knots[k - 1].right + share * (knots[k].right - knots[k - 1].right);
    }
    return knots[KNOTS - 1].right;
}

static const char *list(struct said said, const struct told *told, size_t n)
{
    struct buf out = {0};

    for (size_t i = 0; i < n && i < NAMED; i++)
        buf_printf(&out, "%s%+.1f%% at step %lld (%s)", i ? ", " : "",
                   100 * expm1(told[i].shift->jump), (long long)told[i].step,
                   told[i].because ? told[i].because : "unexplained");
    if (n > NAMED)
        buf_printf(&out, " and %zu more", n - NAMED);
    const char *text = say_text(said, "%s", buf_text(&out));
    buf_fini(&out);
    return text;
}

static void advise(struct said said, const struct told *worst)
{
    say_advice(said, (struct advice){
                         .key = "look at what changed at step",
                         .to = say_text(said, "%lld", (long long)worst->step),
                         .expected = say_text(said, "a loss %.1f%% lower, if it can be undone",
                                              -100 * expm1(-worst->shift->jump)),
                         .check = "data order and mix, batch size, settings; resume from before it "
                                  "and see whether the level returns"});
}

static void say_found(const struct subject *subject, const struct role_series *loss,
                      const struct told *told, const struct shifts *shifts, struct findings *out)
{
    size_t worst = 0;

    for (size_t i = 1; i < shifts->n; i++) {
        int more = (int)severity_of_shift(&told[i]) - (int)severity_of_shift(&told[worst]);

        if (more > 0 || (more == 0 && fabs(told[i].shift->jump) > fabs(told[worst].shift->jump)))
            worst = i;
    }
    const struct told *t = &told[worst];
    enum severity severity = severity_of_shift(t);
    struct said said =
        say_about(out, class, FINDING_FOUND, loss, told[0].step, told[shifts->n - 1].step);

    say(said, "The level of '%.*s' changes at once and stays %zu time%s: %s.%s%s",
        STR_FMT(loss->name), shifts->n, shifts->n == 1 ? "" : "s", list(said, told, shifts->n),
        t->shift->jump > 0 && t->made_up ? " The run ends below the level before." : "",
        severity == SEVERITY_CRITICAL
            ? " At its end less than a tenth of what it had gained before is left."
            : "");
    say_value(said, "shifts", (double)shifts->n, "shifts");
    for (size_t i = 0; i < shifts->n && i < LISTED; i++)
        say_value(said, say_text(said, "jump_at_step_%lld", (long long)told[i].step),
                  100 * expm1(told[i].shift->jump), "%");
    say_value(said, "se", t->shift->se, "ln units");
    say_parameter(said, "blocks", (double)shifts->blocks, "");
    say_parameter(said, "noise_of_a_block", shifts->noise, "ln units");
    say_effect(said, 100 * expm1(t->shift->jump), "%",
               100 * expm1(t->shift->jump - 1.96 * t->shift->se),
               100 * expm1(t->shift->jump + 1.96 * t->shift->se), 0.95);
    say_method(said, "%s", method);
    if (!subject->role[ROLE_LEARNING_RATE].logged && !t->because)
        say_caveat(said, "no learning rate is logged: whether it changed there is unknown");
    say_caveat(said, "batch size and data mix are not part of this rule");
    say_what_would_change(said, "A loss back at the level before that step, or a known reason.");
    double right = right_of(fabs(t->shift->jump) / t->shift->se);
    say_harm(said, severity, capped(right, loss->clean.active.n, SHIFT_POINTS_MIN));
    if (severity >= SEVERITY_MEDIUM)
        advise(said, t);
}

static void run(const struct subject *subject, struct findings *out)
{
    const struct role_series *loss = &subject->role[ROLE_TRAIN_LOSS];
    const struct series *s = &loss->clean.active;
    size_t needs = subject_needs(loss, SHIFT_POINTS_MIN);
    const double *y;

    if (!say_enough(out, class, subject, ROLE_TRAIN_LOSS, needs))
        return;
    if (!ln_of_series(subject, ROLE_TRAIN_LOSS, &y)) {
        say_not_positive(out, class, loss);
        return;
    }
    struct shifts shifts = *derived_shifts(subject, ROLE_TRAIN_LOSS);
    if (shifts.n > 0) {
        say_found(subject, loss, tell(subject, loss, y, &shifts), &shifts, out);
        return;
    }
    struct said said =
        say_about(out, class, FINDING_NOT_FOUND, loss, s->step[0], s->step[s->n - 1]);
    say(said, "The level of '%.*s' never changes at once for good.", STR_FMT(loss->name));
    say_parameter(said, "blocks", (double)shifts.blocks, "");
    say_parameter(said, "noise_of_a_block", shifts.noise, "ln units");
    say_method(said, "%s", method);
    say_what_would_change(said, "A jump of 1%% and 4 standard errors that stays.");
}

const struct detector detector_level_shift = {
    .name = "level_shift",
    .what = "steps in the level of the training loss, and what explains them",
    .applies = FOR_LM,
    .run = run,
};
