#include "analysis/evaluations.h"

#include <math.h>

#include "analysis/causes.h"
#include "analysis/planned.h"
#include "analysis/stats/overfit.h"

/* The last step of either loss. */
static int64_t last_of(const struct subject *subject, const struct role_series *val)
{
    const struct series *v = &val->clean.active;
    const struct series *t = &subject->role[ROLE_TRAIN_LOSS].clean.active;
    int64_t last = v->n > 0 ? v->step[v->n - 1] : 0;

    return t->n > 0 && t->step[t->n - 1] > last ? t->step[t->n - 1] : last;
}

/* The steps from one to the next; 0: there are not two. */
static double apart_of(const struct series *v)
{
    return v->n > 1 ? (double)(v->step[v->n - 1] - v->step[0]) / (double)(v->n - 1) : 0;
}

/* How many there will be at the end, if they go on as they came. */
static double in_all(const struct series *v, double length)
{
    double apart = apart_of(v), more = 0;

    if (apart > 0)
        more = floor((length - (double)v->step[v->n - 1]) / apart);
    return (double)v->n + more;
}

static bool counts_steps(const struct subject *subject)
{
    const struct experiment *e = subject->experiment;

    return !e || e->sources_n == 0 || experiment_counts_steps(e, subject->arena);
}

static const char *enough(struct said said, const char *over)
{
    return say_text(said,
                    "%d evaluations over %s: overfitting takes %d, a plateau of the validation "
                    "loss %d",
                    (int)EVALUATIONS_WANTED, over, (int)OVERFIT_EVALS_MIN, (int)EVALUATIONS_WANTED);
}

void say_evaluate_more(struct said said, const struct subject *subject,
                       const struct role_series *val)
{
    const struct series *v = &val->clean.active;
    double last = (double)last_of(subject, val), planned = 0;
    struct advice advice = {.key = EVALUATIONS_KEY,
                            .to = "an eighth of the run",
                            .check = "overfitting and val_plateau are judged"};

    if (subject->experiment)
        planned = experiment_planned(subject->experiment, last, subject->arena).steps;
    double length = fmax(planned, last), every = floor(length / EVALUATIONS_WANTED);
    if ((planned <= 0 && subject_is_running(subject)) || length <= 0 ||
        in_all(v, length) >= OVERFIT_EVALS_MIN)
        return;
    advice.expected = enough(said, "the run");
    if (every >= 1 && counts_steps(subject)) {
        advice.from = apart_of(v) > 0 ? say_text(said, "%.0f", apart_of(v)) : NULL;
        advice.to = say_text(said, "%.0f", every);
        advice.expected = enough(said, say_text(said, "%.0f steps", length));
    }
    say_advice(said, advice);
    say_what_would_change(said, "%d evaluations over the run: " EVALUATIONS_KEY " of %s.",
                          (int)EVALUATIONS_WANTED, advice.to);
}

void say_score_rises(struct said said, const struct role_series *score,
                     const struct role_series *val, int64_t best)
{
    const struct series *s = &score->clean.active;
    double last = s->value[s->n - 1];
    size_t at = 0;

    while (at + 1 < s->n && s->step[at] < best)
        at++;
    say(said,
        "%s '%.*s' still rises after that step, from %.4g to %.4g: the loss gets worse, the score "
        "does not.",
        said.finding->sentence, STR_FMT(score->name), s->value[at], last);
    say_value(said, SCORE_SINCE_BEST, last - s->value[at], "");
    finding_column(said.findings, said.finding, score->name);
    say_caveat(said, "the model grows surer of itself, not worse at the task");
    say_advice(said,
               (struct advice){
                   .key = "metric that chooses the checkpoint",
                   .to = say_text(said,
                                  "'%.*s', if it is what counts; '%.*s' if calibrated "
                                  "probabilities are",
                                  STR_FMT(score->name), STR_FMT(val->name)),
                   .expected = say_text(said, "a '%.*s' of %.4g instead of %.4g at step %lld",
                                        STR_FMT(score->name), last, s->value[at], (long long)best),
                   .check = "both on data that chose neither"});
}
