/* The learning rate of a LoRA run against the one usual for its base model. */
#include "analysis/detectors/detector.h"
#include "analysis/say.h"
#include "analysis/sft.h"

static const char class[] = "lora_learning_rate";

enum { STEPS_TO_JUDGE = 100 };

/*
 * In a published sweep (14 Llama and Qwen models, tulu3, batch 128, 254 runs) 89 of the 91 runs
 * outside the band ended more than 1 % above the best of their rank, and 157 of the 163 inside it
 * within 3 %; the best rate was .63 to 2.8 times the anchor. One data set, so no more than the cap.
 */
static const double on_one_data_set = 0.85;

/* The peak of what was logged; a schedule starts and ends lower. Else what was configured. */
static double rate_of(const struct subject *subject, const char **from)
{
    const struct role_series *lr = &subject->role[ROLE_LEARNING_RATE];
    double peak = 0;

    for (size_t i = 0; i < lr->clean.active.n; i++)
        peak = fmax(peak, lr->clean.active.value[i]);
    *from = peak > 0 ? arena_text(subject->arena, lr->name) : "the configuration";
    return peak > 0 ? peak : subject->sft->adapter.learning_rate;
}

static void say_not_compared(struct findings *out, enum finding_status status, const char *why)
{
    struct said said = {out, finding_add(out, class, status)};

    say(said, "The learning rate was not compared with a usual one: %s.", why);
    say_what_would_change(said, "That piece of information.");
}

static void judge(const struct subject *subject, const char *family, double rate, const char *from,
                  struct findings *out)
{
    const struct adapter *a = &subject->sft->adapter;
    const struct series *loss = &subject->role[ROLE_TRAIN_LOSS].clean.active;
    double anchor = lora_rate_anchor(family, (double)a->shape.hidden), ratio = rate / anchor;
    bool low = ratio<1 / LORA_RATE_FACTOR, high = ratio> LORA_RATE_FACTOR;
    struct said said = {out,
                        finding_add(out, class, low || high ? FINDING_FOUND : FINDING_NOT_FOUND)};

    say(said, "%s.", lora_rate_text(out->arena, rate, family, (double)a->shape.hidden));
    say_value(said, "learning_rate", rate, "");
    say_value(said, "anchor", anchor, "");
    say_parameter(said, "factor", LORA_RATE_FACTOR, "");
    say_effect(said, ratio, "of the anchor", (double)NAN, (double)NAN, (double)NAN);
    say_method(said,
               "peak rate by %s over 5e-5 * 10 * (2000/hidden)^p of tinker-cookbook, p .781 "
               "(Llama), .0775 (Qwen)",
               from);
    say_caveat(said, "checked on one data set at a batch of 128 only; a measured best rate "
                     "for this model goes before it");
    if (loss->n > 0 && loss->step[loss->n - 1] - loss->step[0] + 1 < STEPS_TO_JUDGE)
        say_caveat(said, "fewer than 100 steps: too few to judge, and short runs take about 15 "
                         "times the rate of full fine-tuning");
    say_what_would_change(said, "A rate between %.2g and %.2g.", anchor / LORA_RATE_FACTOR,
                          anchor * LORA_RATE_FACTOR);
    if (!low && !high)
        return;
    say_harm(said, SEVERITY_MEDIUM, on_one_data_set);
    say_advice(said, (struct advice){.key = "learning rate",
                                     .from = say_text(said, "%.3g", rate),
                                     .to = say_text(said, "%.2g", anchor),
                                     .expected = low ? "faster progress from the first steps"
                                                     : "a steadier loss",
                                     .check = "the loss at equal steps is lower; for batches much "
                                              "larger than 128 scale by the root of the batch"});
}

static void run(const struct subject *subject, struct findings *out)
{
    const struct sft *sft = subject->sft;
    const char *from = NULL;

    if (!sft || !sft->adapter.source)
        return; /* lora_capacity says that no adapter is known */
    const struct adapter *a = &sft->adapter;
    const char *family = a->model ? lora_family(str_of(a->model)) : NULL;
    double rate = rate_of(subject, &from);

    if (subject_primary(subject) == ROLE_REWARD)
        say_not_compared(
            out, FINDING_NOT_APPLICABLE,
            "the anchor is that of supervised fine-tuning, this is a reinforcement run");
    else if (!a->model)
        say_not_compared(out, FINDING_INSUFFICIENT_DATA, "the base model is not named");
    else if (!family)
        say_not_compared(out, FINDING_NOT_APPLICABLE,
                         arena_printf(out->arena,
                                      "no exponent is known for the family of '%s', and none is "
                                      "guessed",
                                      a->model));
    else if (!a->shape_from)
        say_not_compared(out, FINDING_INSUFFICIENT_DATA,
                         "the width of the base model is not known");
    else if (!(rate > 0))
        say_not_compared(out, FINDING_INSUFFICIENT_DATA,
                         "no learning rate is logged or configured");
    else
        judge(subject, family, rate, from, out);
}

const struct detector detector_lora_learning_rate = {
    .name = "lora_learning_rate",
    .what = "a learning rate more than 5 times off the usual one of LoRA",
    .applies = FOR_ANY,
    .run = run,
};
