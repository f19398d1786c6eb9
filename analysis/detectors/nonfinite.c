/*
 * NaN and infinity in what was logged. Where a training or validation loss ends
 * in them after a rise, or for good, that is divergence, said there.
 */
#include "analysis/detectors/detector.h"
#include "analysis/ending.h"
#include "analysis/say.h"

static const char class[] = "nonfinite";

static bool divergence_says_it(enum role role, const struct ending *ending)
{
    return (role == ROLE_TRAIN_LOSS || role == ROLE_VALIDATION_LOSS) &&
           ending->kind >= ENDING_EXPLODED;
}

/* Without these nothing is learnt; others may be undefined by design (no episode ended). */
static bool training_needs(enum role role)
{
    return role == ROLE_POLICY_LOSS || role == ROLE_VALUE_LOSS || role == ROLE_COST_VALUE_LOSS ||
           role == ROLE_ENTROPY;
}

static struct said counted(struct findings *out, const struct role_series *s, int64_t from,
                           int64_t to)
{
    struct said said = say_about(out, class, FINDING_FOUND, s, from, to);

    say_of_series(said, s);
    say_value(said, "non_finite", (double)s->clean.non_finite_active, "points");
    say_value(said, "longest_run", (double)s->clean.longest_non_finite_run, "points");
    say_value(said, "trailing", (double)s->clean.trailing_non_finite, "points");
    say_value(said, "points", (double)s->clean.points, "points");
    say_method(said, "count of NaN and infinity in the latest attempt; a single one between finite "
                     "neighbours is one bad step or its logging");
    return said;
}

static void say_end(const struct role_series *s, enum role role, const struct ending *ending,
                    struct findings *out)
{
    struct said said = counted(out, s, ending->onset, NOT_GIVEN);
    bool lost = ending->kind >= ENDING_EXPLODED;

    say(said, "'%.*s' ends non-finite: its last %lld of %lld points, from step %lld on.",
        STR_FMT(s->name), (long long)s->clean.trailing_non_finite, (long long)s->clean.points,
        (long long)ending->onset);
    if (isfinite(ending->rise))
        say_value(said, "rise_before", ending->rise, "ln units");
    say_what_would_change(said, "Finite points of '%.*s' after step %lld.", STR_FMT(s->name),
                          (long long)ending->onset);
    if (lost && training_needs(role))
        say_harm(said, SEVERITY_CRITICAL, ending->confidence);
    else
        say_harm(said, SEVERITY_HIGH, 0.99);
    say_advice(said, (struct advice){.key = "resume from the last checkpoint before the step",
                                     .to = say_text(said, "%lld", (long long)ending->onset),
                                     .expected = "finite values again",
                                     .check = "the series stays finite past that step"});
}

static void say_inside(const struct role_series *s, struct findings *out)
{
    struct said said = counted(out, s, s->clean.first_non_finite_step, NOT_GIVEN);
    bool single = s->clean.longest_non_finite_run <= 1;

    say(said,
        "'%.*s' has %lld non-finite of %lld points, the first at step %lld, at most %lld in a "
        "row; it is finite again after each%s.",
        STR_FMT(s->name), (long long)s->clean.non_finite_active, (long long)s->clean.points,
        (long long)s->clean.first_non_finite_step, (long long)s->clean.longest_non_finite_run,
        single ? " (logging, or one bad step)" : "");
    say_what_would_change(said, "More than one non-finite point in a row, or a non-finite end.");
    say_harm(said, single ? SEVERITY_LOW : SEVERITY_MEDIUM, 0.99);
}

/* Where a number was in every row: null is what many loggers make of NaN. */
static void say_nulls(const struct role_series *s, enum role role, struct findings *out)
{
    struct said said = counted(out, s, s->null_from, NOT_GIVEN);
    bool needed = training_needs(role) || role == ROLE_TRAIN_LOSS || role == ROLE_VALIDATION_LOSS ||
                  role == ROLE_REWARD;

    say(said,
        "'%.*s' is null in the last %zu rows, from step %lld on, and was a number before: many "
        "loggers write NaN so.",
        STR_FMT(s->name), s->nulls_at_end, (long long)s->null_from);
    say_value(said, "nulls_at_end", (double)s->nulls_at_end, "rows");
    say_caveat(said, "unvalidated rule: null is also what is written where nothing was measured");
    say_what_would_change(said, "Numbers of '%.*s' after step %lld.", STR_FMT(s->name),
                          (long long)s->null_from);
    say_harm(said, needed ? SEVERITY_HIGH : SEVERITY_MEDIUM, 0.6);
    say_advice(said, (struct advice){.key = "see in the program's own output what was null at step",
                                     .to = say_text(said, "%lld", (long long)s->null_from),
                                     .expected = "a number, or NaN, for each of these rows",
                                     .check = "the series has no null past that step"});
}

static bool judge(const struct subject *subject, enum role role, struct findings *out)
{
    const struct role_series *s = &subject->role[role];
    struct ending ending = ending_of(&s->clean, subject->arena);
    int64_t inside = s->clean.non_finite_active - s->clean.trailing_non_finite;
    size_t before = out->list.n;

    if (ending.kind != ENDING_FINITE && !divergence_says_it(role, &ending))
        say_end(s, role, &ending, out);
    else if (inside > 0 && ending.kind == ENDING_FINITE)
        say_inside(s, out);
    if (s->nulls_at_end > 0 && ending.kind == ENDING_FINITE)
        say_nulls(s, role, out);
    return out->list.n > before || s->clean.non_finite_active > 0;
}

static void run(const struct subject *subject, struct findings *out)
{
    size_t series = 0, with = 0;
    int64_t superseded = 0;

    for (int role = 0; role < ROLES; role++) {
        if (!subject->role[role].logged)
            continue;
        series++;
        with += judge(subject, (enum role)role, out);
        superseded += subject->role[role].clean.non_finite_superseded;
    }
    if (with > 0 || series == 0)
        return;
    struct said said = {out, finding_add(out, class, FINDING_NOT_FOUND)};
    say(said, "No NaN or infinity in the %zu series that were read%s.", series,
        superseded > 0 ? ", in their latest attempt" : "");
    say_value(said, "series", (double)series, "series");
    say_value(said, "non_finite", 0, "points");
    say_method(said, "count of NaN and infinity in the latest attempt");
    say_harm(said, SEVERITY_INFO, 0);
    if (superseded > 0)
        say_caveat(said, "%lld non-finite points lie in attempts that a restart superseded",
                   (long long)superseded);
}

const struct detector detector_nonfinite = {
    .name = "nonfinite",
    .what = "NaN and infinity, or null where numbers were: at the end, in runs, or one by itself",
    .applies = FOR_ANY,
    .run = run,
};
