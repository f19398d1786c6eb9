/*
 * The table of failure modes of fine-tuning: symptom, likely cause, fix. The
 * symptoms are findings of the detectors before this one, which is therefore
 * the last; nothing is computed again. Harm is theirs: these rows only explain.
 */
#include "analysis/detectors/detector.h"
#include "analysis/say.h"
#include "analysis/sft.h"

static const char class[] = "failure_table";

static const double unvalidated = 0.6;

/* A copy: the list moves when a finding is added. False: there is none. */
static bool find(const struct findings *all, const char *what, enum finding_status status,
                 struct finding *out)
{
    for (size_t i = 0; i < all->list.n; i++) {
        const struct finding *f = &all->list.v[i];
        if (f->status == status && strcmp(f->class, what) == 0) {
            *out = *f;
            return true;
        }
    }
    return false;
}

static bool find_any(const struct findings *all, const char *const *whats, struct finding *out)
{
    for (; *whats; whats++) {
        if (find(all, *whats, FINDING_FOUND, out))
            return true;
    }
    return false;
}

static double value_of(const struct finding *f, const char *name)
{
    for (size_t i = 0; i < f->evidence.values.n; i++) {
        if (strcmp(f->evidence.values.v[i].name, name) == 0)
            return f->evidence.values.v[i].value;
    }
    return (double)NAN;
}

static struct said explain(struct findings *out, const char *row, const struct finding *symptom)
{
    struct said said = {out, finding_add(out, class, FINDING_FOUND)};

    said.finding->id = say_text(said, "%s:%s", class, row);
    said.finding->evidence.from = symptom->evidence.from;
    said.finding->evidence.to = symptom->evidence.to;
    said.finding->evidence.n_used = symptom->evidence.n_used;
    for (size_t i = 0; i < symptom->evidence.columns.n; i++)
        finding_column(out, said.finding, str_of(symptom->evidence.columns.v[i]));
    say_method(said, "row '%s' of the failure table; its symptom is the finding %s", row,
               symptom->id);
    say_caveat(said, "a likely cause by rule, not a proven one");
    say_what_would_change(said, "The finding %s taken back.", symptom->id);
    say_harm(said, SEVERITY_INFO, unvalidated);
    return said;
}

/* Capacity first, then the learning rate. */
static bool early_plateau(struct findings *out)
{
    struct finding symptom, cause;

    if (!find(out, "plateau", FINDING_FOUND, &symptom))
        return false;
    struct said said = explain(out, "early_plateau", &symptom);
    struct advice advice = {.key = "lora_rank",
                            .to = "the next power of two",
                            .expected = "a lower late loss, if the adapter was full",
                            .check = "the early parts of both runs coincide, the late ones part"};
    if (find(out, "lora_capacity", FINDING_FOUND, &cause)) {
        say(said, "The loss plateaus; likely cause: undercapacity (capacity ratio %.2g).",
            cause.evidence.effect);
        advice = cause.advice ? *cause.advice : advice;
    } else if (find(out, "lora_capacity", FINDING_NOT_FOUND, &cause)) {
        say(said,
            "The loss plateaus, but not for want of capacity (ratio %.2g): look at the "
            "learning rate next.",
            cause.evidence.effect);
        advice = (struct advice){.key = "learning rate",
                                 .to = "start its decay, or try a third",
                                 .expected = "a lower loss, if the rate held it up",
                                 .check = "the loss falls within the next tenth of the steps"};
    } else {
        say(said, "The loss plateaus; the table's likely cause is undercapacity, which could not "
                  "be checked here.");
    }
    say_advice(said, advice);
    return true;
}

static bool spikes(struct findings *out)
{
    static const char *const names[] = {"spikes", "spike", "loss_spikes", "loss_spike", NULL};
    struct finding symptom;

    if (!find_any(out, names, &symptom))
        return false;
    struct said said = explain(out, "loss_spikes", &symptom);
    say(said, "The loss spikes; likely cause: LR too high.");
    const struct advice *fix = symptom.advice;
    bool of_rate = fix && fix->to && strstr(fix->key, "learning") != NULL;
    say_advice(said, (struct advice){.key = "learning rate",
                                     .from = of_rate ? fix->from : NULL,
                                     .to = of_rate ? say_text(said, "lower LR: %s", fix->to)
                                                   : "lower LR (half of it)",
                                     .expected = "no spikes",
                                     .check = "the spikes at the same steps are gone"});
    return true;
}

static bool val_rises(struct findings *out)
{
    static const char *const names[] = {"overfitting", "val_rising", NULL};
    struct finding symptom;

    if (!find_any(out, names, &symptom))
        return false;
    struct said said = explain(out, "val_increases", &symptom);
    double best = value_of(&symptom, "best_step");
    int64_t step = isnan(best) ? symptom.evidence.from : (int64_t)best;
    say(said, "The validation loss increases from step %lld on; likely cause: overfitting.",
        (long long)step);
    say_advice(said,
               symptom.advice
                   ? *symptom.advice
                   : (struct advice){.key = "max_steps",
                                     .to = say_text(said, "%lld, or more data", (long long)step),
                                     .expected = "the best validation loss at the end",
                                     .check = "the last evaluation is the lowest or near "
                                              "it"});
    return true;
}

/* Target modules, then the learning rate, then whether anything is trained at all. */
static bool no_improvement(struct findings *out)
{
    struct finding symptom, cause;
    struct advice advice = {.key = "target_modules",
                            .to = "LoRA on the MLP as well",
                            .expected = "a loss that falls",
                            .check = "the adapter's parameters get gradients and change"};

    if (!find(out, "no_progress", FINDING_FOUND, &symptom))
        return false;
    struct said said = explain(out, "no_improvement", &symptom);
    if (find(out, "lora_modules", FINDING_FOUND, &cause)) {
        say(said, "No improvement; likely cause: wrong layers, the MLP is not adapted.");
        advice = cause.advice ? *cause.advice : advice;
    } else if (find(out, "lora_learning_rate", FINDING_FOUND, &cause)) {
        say(said,
            "No improvement; the layers are not the cause as far as known, the learning rate "
            "may be: %s",
            cause.sentence);
        advice = cause.advice ? *cause.advice : advice;
    } else if (find(out, "lora_modules", FINDING_NOT_FOUND, &cause)) {
        say(said, "No improvement, with the MLP adapted and no fault of the learning rate known: "
                  "see whether the adapter is trained at all (frozen, or not attached).");
        advice.key = "trainable parameters";
        advice.to = "count them, and see that they change";
    } else {
        say(said, "No improvement; the table's likely cause is wrong layers, which could not be "
                  "checked: the adapted modules are not known.");
    }
    say_advice(said, advice);
    return true;
}

/* Still falling at its end under a rate known to be low. */
static bool slow(struct findings *out)
{
    struct finding symptom, cause;

    if (!find(out, "plateau", FINDING_NOT_FOUND, &symptom) ||
        !find(out, "lora_learning_rate", FINDING_FOUND, &cause) || cause.evidence.effect > 1)
        return false;
    struct said said = explain(out, "slow_convergence", &symptom);
    say(said,
        "The loss still falls at its end; likely cause of slow convergence: LR too low (%.2g "
        "of the usual one, which is 10x that of full fine-tuning).",
        cause.evidence.effect);
    if (cause.advice)
        say_advice(said, *cause.advice);
    return true;
}

static void say_none(struct findings *out)
{
    struct said said = {out, finding_add(out, class, FINDING_NOT_FOUND)};

    say(said, "None of the five symptoms of the failure table was found: early plateau, spikes, "
              "rising validation loss, no improvement, slow convergence at a low rate.");
    say_method(said, "the findings of the other detectors");
    say_caveat(said, "a symptom whose detector had too little data is not ruled out");
    say_what_would_change(said, "One of those findings.");
}

static void run(const struct subject *subject, struct findings *out)
{
    const struct sft *sft = subject->sft;
    struct finding divergence;

    if (!sft || !sft->why || subject_primary(subject) == ROLE_REWARD)
        return;
    bool any = spikes(out);
    /* a loss that diverges explains the other symptoms itself */
    if (find(out, "divergence", FINDING_FOUND, &divergence))
        return;
    any |= early_plateau(out);
    bool rises = val_rises(out);
    /* one that rose after its best has improved, and then lost it */
    any |= rises || no_improvement(out);
    any |= slow(out);
    if (!any)
        say_none(out);
}

const struct detector detector_failure_table = {
    .name = "failure_table",
    .what = "likely causes of what was found, by the failure table of fine-tuning",
    .applies = FOR_ANY,
    .run = run,
};
