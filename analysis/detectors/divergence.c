/*
 * A loss that turned and rises without coming back, or that ends in NaN or
 * infinity. A validation loss that rises while the training loss falls is not
 * divergence: val_rising speaks of it.
 */
#include "analysis/stats/divergence.h"

#include "analysis/derived.h"
#include "analysis/detectors/detector.h"
#include "analysis/ending.h"
#include "analysis/say.h"
#include "analysis/stats/moments.h"
#include "analysis/stats/shifts.h"

static const char class[] = "divergence";

static const char method[] =
    "block medians of ln loss: the last exceeds the lowest by max(.05, 5 noise), the last third "
    "since the lowest by .04, and no more than .6 of the rise came back; borne out by a ramp "
    "fitted "
    "to the curve (t above 2.7, or a rise of 10 noise), or a ramp alone with t above 4.5";

/* Detection benchmark 1, development set: a logistic of ln(rise / noise), at a twentieth of the
 * runs. */
static const double steepness = 3.55, even_at = 1.79;

static const double ramp_clear = 2.7;

enum { FINE_BLOCKS = 200 };

/*
 * Where the rise begins that is there at the end: the lowest block is only where
 * the loss was best, and it may have been level for long after that. The first
 * point from which the curve (200 block medians, running median of three) stays
 * a tenth of the rise, at least .05, above the lowest block.
 */
static size_t rise_begins(const struct series *s, const struct divergence *d, struct arena *scratch)
{
    size_t fine = s->n < FINE_BLOCKS ? s->n : FINE_BLOCKS, from = fine;
    double *y = ARENA_ARRAY(scratch, s->n, double), *m = ARENA_ARRAY(scratch, d->blocks, double);
    double *b = ARENA_ARRAY(scratch, fine, double), *curve = ARENA_ARRAY(scratch, fine, double);

    relative_of(s->value, s->n, y, scratch);
    block_medians(y, s->n, d->blocks, m, scratch);
    block_medians(y, s->n, fine, b, scratch);
    running_median(b, fine, 3, curve, scratch);
    double bar = m[d->onset_block] + fmax(0.05, 0.1 * d->rise);
    while (from > 0 && curve[from - 1] > bar && block_edge(from - 1, fine, s->n) > d->onset)
        from--;
    return from < fine ? block_edge(from, fine, s->n) : d->onset;
}

static const double exploded = 1.386; /* ln 4: see ending.h */

/* Above this a step that no change point confirms is a rise for good, not a change of level. */
static const double far = 0.18; /* ln units: a fifth */

/*
 * The share of the rise that one change of level makes: by its change points, or as two lines.
 * A rise that takes a stretch of the run looks like a step to two lines, and level_shift then
 * has nothing to say, or less than half of it: where it is large it counts as no step. In the
 * last tenth a step is too close to the end for its change point.
 */
static double biggest_jump(const struct subject *subject, enum role role,
                           const struct divergence *d)
{
    const struct shifts *shifts = derived_shifts(subject, role);
    bool is_ln;
    const double *y = derived_relative(subject, role, &is_ln);
    double jump = 0, up = 0;

    for (size_t i = 0; i < shifts->n; i++) {
        if (shifts->v[i].at <= d->onset)
            continue;
        jump = fmax(jump, shifts->v[i].jump);
        up += fmax(0, shifts->v[i].jump);
    }
    const struct series *s = &subject->role[role].clean.active;
    if (role == ROLE_TRAIN_LOSS && d->rise > far && up < 0.5 * d->rise &&
        rise_begins(s, d, subject->arena) < s->n - s->n / 10)
        return 0;
    double margin = d->ramp.t > ramp_clear ? 1.15 : 1; /* of a clear ramp a step must be clearer */
    double steps =
        step_share(y, subject->role[role].clean.active.n, d->onset, margin, subject->arena);
    return d->rise > 0 && steps > 0 ? fmax(jump / d->rise, steps) : 0;
}

/* Where to go on from: a checkpoint of before the damage, or the start where none was kept. */
static const char *resumed_from(struct said said, const struct subject *subject, int64_t sound)
{
    const struct checkpoint *checkpoints = NULL;
    size_t n = 0;

    experiment_checkpoints(subject->experiment, subject->arena, &checkpoints, &n);
    if (n == 0)
        return "from the start (no checkpoint lies in the run's folder)";
    return say_text(said, "resumed from the last checkpoint before step %lld", (long long)sound);
}

/* sound: the last step at which the loss was at its best. */
static void advise(struct said said, const struct subject *subject, int64_t sound, int64_t onset)
{
    const char *key;
    double base = subject_base_rate(subject, &key);
    const struct role_series *lr = &subject->role[ROLE_LEARNING_RATE];
    double at = (double)NAN, peak = 0;

    for (size_t i = 0; lr->logged && i < lr->clean.active.n; i++) {
        peak = fmax(peak, lr->clean.active.value[i]);
        if (lr->clean.active.step[i] <= onset)
            at = lr->clean.active.value[i];
    }
    bool warming = isfinite(at) && at < peak; /* the rate it broke at, and went on to exceed */
    double from = isfinite(base) ? base : warming ? peak : at;
    bool known = isfinite(from);
    if (onset <= sound && subject->role[ROLE_TRAIN_LOSS].clean.active.n == 0) {
        say_advice(said,
                   (struct advice){
                       .key = "data, initialisation or precision",
                       .to = "whatever makes the first loss finite",
                       .expected = "a finite loss at the first step: no rate was applied yet",
                       .check = "the loss of the first batch, before any update, is a number"});
        return;
    }
    say_advice(said, (struct advice){
                         .key = isfinite(base) ? key
                                : warming      ? "peak learning rate"
                                : known        ? "learning rate"
                                               : "the learning rate is not logged",
                         .from = known ? say_text(said, "%.4g", from) : NULL,
                         .to = known ? say_text(said, "%.4g", from / 2)
                                     : "log it, and halve whatever it was",
                         .expected = say_text(said, "%s, the loss goes on falling",
                                              resumed_from(said, subject, sound)),
                         .check = say_text(said,
                                           "block medians of the loss after step %lld stay below "
                                           "the lowest so far",
                                           (long long)onset)});
}

/* What is high because it stepped up once, and then goes on as before, does not diverge. */
static void say_jump(const struct role_series *s, const struct divergence *d, double jump,
                     struct findings *out)
{
    const struct series *x = &s->clean.active;
    struct said said =
        say_about(out, class, FINDING_INCONCLUSIVE, s, x->step[d->onset], x->step[x->n - 1]);

    say_of_series(said, s);
    say(said,
        "'%.*s' ends %.1f%% above its lowest stretch, but one jump makes %.0f%% of that: a change "
        "of level (new data, changed batch, a restart; see level_shift) rather than divergence.",
        STR_FMT(s->name), 100 * expm1(d->rise), 100 * fmin(jump, 1));
    say_value(said, "rise", d->rise, "ln units");
    say_value(said, "noise", d->noise, "ln units");
    say_value(said, "ramp_t", d->ramp.t, "");
    say_value(said, "ramp_rise", d->ramp.rise, "ln units");
    say_value(said, "share_of_one_jump", jump, "");
    say_method(
        said, "%s; change points (PELT) of the same series, and two lines with a step between them",
        method);
    say_what_would_change(said, "A loss that goes on rising after the jump.");
}

static size_t lowest_of(const struct series *s)
{
    size_t low = 0;

    for (size_t i = 1; i < s->n; i++)
        low = s->value[i] < s->value[low] ? i : low;
    return low;
}

static void say_rise(const struct subject *subject, const struct role_series *s,
                     const struct divergence *d, struct findings *out)
{
    const struct series *x = &s->clean.active;
    int64_t best = x->step[block_edge(d->onset_block + 1, d->blocks, x->n) - 1];
    int64_t end = x->step[x->n - 1];
    int64_t onset = x->step[rise_begins(x, d, subject->arena)];
    struct said said = say_about(out, class, FINDING_FOUND, s, onset, end);
    size_t low = lowest_of(x);
    double worse = expm1(d->rise);
    double clear = fmax(steepness * (log(d->rise / fmax(d->noise, 1e-9)) - even_at),
                        3 * log(fmax(d->ramp.t, 1e-9) / 3));
    double confidence = capped(1 / (1 + exp(-clear)), x->n, DIVERGENCE_POINTS_MIN);
    double spent = end > x->step[0] ? (double)(end - best) / (double)(end - x->step[0]) : 0;

    say_of_series(said, s);
    say(said,
        "'%.*s' rises from step %lld on and does not come back: it ends at %.4g (step %lld), "
        "%+.1f%% from its lowest value, %.4g (step %lld); %+.1f%% between medians of its best "
        "stretch (to step %lld) and its last, with %.0f%% of the run after that stretch.",
        STR_FMT(s->name), (long long)onset, x->value[x->n - 1], (long long)end,
        100 * (x->value[x->n - 1] / x->value[low] - 1), x->value[low], (long long)x->step[low],
        100 * worse, (long long)best, 100 * spent);
    say_value(said, "rise", d->rise, "ln units");
    say_value(said, "noise", d->noise, "ln units");
    say_value(said, "ramp_t", d->ramp.t, "");
    say_value(said, "ramp_rise", d->ramp.rise, "ln units");
    say_value(said, "tail_rise", d->tail_rise, "ln units");
    say_value(said, "last", x->value[x->n - 1], "");
    say_value(said, "best_stretch_to", (double)best, "steps");
    say_value(said, "share_of_run_after_best", spent, "");
    say_parameter(said, "blocks", (double)d->blocks, "");
    say_effect(said, 100 * worse, "%", (double)NAN, (double)NAN, (double)NAN);
    say_method(said, "%s", method);
    say_what_would_change(said, "A loss back within %.1f%% of its lowest stretch.",
                          40 * fmin(worse, 1));
    say_harm(said, worse > 0.10 ? SEVERITY_CRITICAL : SEVERITY_HIGH, confidence);
    advise(said, subject, best, onset);
}

/* Of a series that ends non-finite: the rise before that, if it had turned for good. An explosion
 * within its last points has its own onset. */
struct before_end {
    bool rose;
    int64_t onset, sound; /* steps; sound: the last of its best stretch */
    double rise;          /* ln units */
};

static struct before_end before_end_of(const struct subject *subject, const struct role_series *s,
                                       const struct ending *ending)
{
    const struct series *x = &s->clean.active;
    struct before_end b = {.onset = ending->onset, .sound = ending->onset};
    struct divergence d = divergence_over(
        x->value, x->n, subject_threshold(subject, THRESHOLD_DIVERGENCE), subject->arena);

    if (ending->rise > exploded || !d.enough || !d.diverged ||
        x->n < subject_needs(s, DIVERGENCE_POINTS_MIN))
        return b;
    int64_t onset = x->step[rise_begins(x, &d, subject->arena)];
    if (onset >= ending->onset)
        return b;
    b.rose = true;
    b.onset = onset;
    b.sound = x->step[block_edge(d.onset_block + 1, d.blocks, x->n) - 1];
    b.rise = d.rise;
    return b;
}

static void say_end(const struct subject *subject, const struct role_series *s,
                    const struct ending *ending, struct findings *out)
{
    struct before_end before = before_end_of(subject, s, ending);
    struct said said = say_about(out, class, FINDING_FOUND, s, before.onset, NOT_GIVEN);

    say_of_series(said, s);
    if (before.rose) {
        say(said,
            "'%.*s' rises from step %lld on (%+.1f%% between medians of its best stretch, to step "
            "%lld, and its last finite one), and is not finite from step %lld to its end (%lld "
            "point%s).",
            STR_FMT(s->name), (long long)before.onset, 100 * expm1(before.rise),
            (long long)before.sound, (long long)s->clean.trailing_step,
            (long long)s->clean.trailing_non_finite, s->clean.trailing_non_finite == 1 ? "" : "s");
        say_value(said, "best_stretch_to", (double)before.sound, "steps");
        say_value(said, "rise_before", before.rise, "ln units");
    } else if (ending->rise > exploded)
        say(said,
            "'%.*s' explodes from step %lld: from a level of %.4g to %.4g, then it is not finite "
            "(%lld point%s to its end).",
            STR_FMT(s->name), (long long)ending->onset, ending->level, ending->last,
            (long long)s->clean.trailing_non_finite, s->clean.trailing_non_finite == 1 ? "" : "s");
    else
        say(said, "'%.*s' is not finite from step %lld to its end (%lld points).", STR_FMT(s->name),
            (long long)ending->onset, (long long)s->clean.trailing_non_finite);
    say_value(said, "level", ending->level, "");
    say_value(said, "last_finite", ending->last, "");
    say_value(said, "rise", ending->rise, "ln units");
    say_value(said, "trailing_non_finite", (double)s->clean.trailing_non_finite, "points");
    say_method(said, "three non-finite points at the end, or fewer after a rise of more than ln 4 "
                     "over the median of the last ten finite ones");
    say_what_would_change(said, "Finite points of '%.*s' after step %lld.", STR_FMT(s->name),
                          (long long)ending->onset);
    say_harm(said, SEVERITY_CRITICAL, ending->confidence);
    advise(said, subject, before.sound, before.onset);
}

/* Did the training loss rise at least half as much as the validation loss since step `from`? */
static bool training_rises_too(const struct subject *subject, int64_t from, double rise)
{
    const struct role_series *train = &subject->role[ROLE_TRAIN_LOSS];
    const struct series *s = &train->clean.active;
    size_t tenth = s->n / 10 + 1, at = 0;

    if (!train->logged || s->n < 3)
        return true; /* nothing speaks against it */
    if (ending_of(&train->clean, subject->arena).kind >= ENDING_EXPLODED)
        return true;
    while (at + 1 < s->n && s->step[at] < from)
        at++;
    size_t lo = at > tenth / 2 ? at - tenth / 2 : 0;
    size_t hi = lo + tenth < s->n ? lo + tenth : s->n;
    double then = median_of(s->value + lo, hi - lo, subject->arena);
    double now = median_of(s->value + s->n - tenth, tenth, subject->arena);
    return then > 0 && now > 0 && log(now / then) >= 0.5 * rise;
}

static void say_none(const struct role_series *s, const struct divergence *d, double least,
                     bool training_falls, struct findings *out)
{
    const struct series *x = &s->clean.active;
    struct said said = say_about(out, class, FINDING_NOT_FOUND, s, x->step[0], x->step[x->n - 1]);

    say_of_series(said, s);
    if (training_falls)
        say(said,
            "No divergence: '%.*s' rises by %.1f%% after its lowest stretch while the "
            "training loss does not.",
            STR_FMT(s->name), 100 * expm1(d->rise));
    else
        say(said, "No divergence: '%.*s' ends %.1f%% above its lowest stretch (noise %.1f%%).",
            STR_FMT(s->name), 100 * expm1(d->rise), 100 * d->noise);
    say_value(said, "rise", d->rise, "ln units");
    say_value(said, "noise", d->noise, "ln units");
    say_value(said, "ramp_t", d->ramp.t, "");
    say_value(said, "ramp_rise", d->ramp.rise, "ln units");
    say_parameter(said, "blocks", (double)d->blocks, "");
    say_parameter(said, "least_rise", least, "ln units");
    say_method(said, "%s", method);
    say_what_would_change(said, "A rise of more than %.1f%% that stays.",
                          100 * expm1(fmax(least, 5 * d->noise)));
}

static void judge(const struct subject *subject, enum role role, struct findings *out)
{
    const struct role_series *s = &subject->role[role];
    size_t needs = subject_needs(s, DIVERGENCE_POINTS_MIN);

    if (!s->logged)
        return;
    struct ending ending = ending_of(&s->clean, subject->arena);
    if (ending.kind >= ENDING_EXPLODED) {
        say_end(subject, s, &ending, out);
        return;
    }
    double least = subject_threshold(subject, THRESHOLD_DIVERGENCE);
    struct divergence d =
        divergence_over(s->clean.active.value, s->clean.active.n, least, subject->arena);
    /* Smoothing hides noise, it does not raise a curve: a rise by half needs no more points. */
    if (!d.enough || (s->clean.active.n < needs && !(d.diverged && d.rise > log(1.5)))) {
        say_of_series(say_too_short(out, class, s, needs), s);
        return;
    }
    bool alone = role == ROLE_VALIDATION_LOSS &&
                 !training_rises_too(subject, s->clean.active.step[d.onset], d.rise);
    double jump = d.diverged && !alone ? biggest_jump(subject, role, &d) : 0;
    if (jump > 0.8)
        say_jump(s, &d, jump, out);
    else if (d.diverged && !alone)
        say_rise(subject, s, &d, out);
    else
        say_none(s, &d, least, d.diverged && alone, out);
}

static void run(const struct subject *subject, struct findings *out)
{
    judge(subject, ROLE_TRAIN_LOSS, out);
    judge(subject, ROLE_VALIDATION_LOSS, out);
    if (!subject->role[ROLE_TRAIN_LOSS].logged && !subject->role[ROLE_VALIDATION_LOSS].logged)
        say_not_logged(out, class, subject, ROLE_TRAIN_LOSS);
}

const struct detector detector_divergence = {
    .name = "divergence",
    .what = "a training or validation loss that rises for good, or ends in NaN or infinity",
    .applies = FOR_LM,
    .run = run,
};
