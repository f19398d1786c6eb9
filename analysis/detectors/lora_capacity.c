/*
 * Can the run's LoRA adapter hold what its data teaches, and does it adapt the
 * MLP, without which adapters do worse even at equal size?
 */
#include "analysis/detectors/detector.h"
#include "analysis/say.h"
#include "analysis/sft.h"
#include "analysis/stats/moments.h"

static const char class[] = "lora_capacity";

static const double unvalidated = 0.6; /* a rule of thumb: its confidence goes no further */

static struct said about(struct findings *out, const char *what, enum finding_status status)
{
    return (struct said){out, finding_add(out, what, status)};
}

/* ---- which matrices ---- */

static void say_modules(const struct adapter *a, struct findings *out)
{
    bool lacks = !(a->matrices & LORA_MLP);
    struct said said = about(out, "lora_modules", lacks ? FINDING_FOUND : FINDING_NOT_FOUND);

    if (lacks)
        say(said,
            "The adapter leaves out the MLP (%s): adapters of attention alone do worse, "
            "even with as many parameters.",
            a->modules_from);
    else
        say(said, "The adapter includes the MLP (%s).", a->modules_from);
    say_method(said, "target modules by exact name");
    say_what_would_change(said, "Other target modules.");
    if (!lacks)
        return;
    say_caveat(said, "unvalidated rule");
    say_harm(said, SEVERITY_LOW, unvalidated);
    say_advice(said, (struct advice){.key = "target_modules",
                                     .to = "all linear layers (add gate_proj, up_proj, down_proj)",
                                     .expected = "a lower loss at the same rank",
                                     .check = "the loss at equal steps; do this before raising "
                                              "the rank"});
}

/* ---- how much ---- */

/* Of the first pass: later ones have seen the tokens before. NAN where no loss is logged. */
static double first_pass_loss(const struct subject *subject, int64_t epochs, size_t *points)
{
    const struct series *s = &subject->role[ROLE_TRAIN_LOSS].clean.active;

    *points = s->n / (size_t)(epochs > 1 ? epochs : 1);
    double mean = *points ? mean_of(s->value, *points) : (double)NAN;
    return mean > 0 ? mean : (double)NAN;
}

static const char *missing_of(const struct sft *sft)
{
    const struct adapter *a = &sft->adapter;

    if (a->odd)
        return a->odd;
    if (!a->shape_from)
        return a->model ? "the shapes of its base model are not known (no config.json of the model "
                          "either)"
                        : "its base model is not named";
    if (a->matrices == 0)
        return "the adapted modules are not written down";
    return isnan(sft->tokens) ? "the trained tokens are not logged (num_loss_tokens, or "
                                "num_input_tokens_seen)"
                              : NULL;
}

static void say_skipped(const struct sft *sft, const char *missing, struct findings *out)
{
    struct said said = about(out, class, FINDING_INSUFFICIENT_DATA);

    say(said, "The capacity of the adapter (rank %lld) was not checked: %s.",
        (long long)sft->adapter.rank, missing);
    say_value(said, "rank", (double)sft->adapter.rank, "");
    say_what_would_change(said, "That number; check_capacity takes it as an argument.");
}

static void advise_rank(struct said said, const struct adapter *a, const struct lora_capacity *c)
{
    const char *from = say_text(said, "%lld", (long long)a->rank);

    if (!(a->matrices & LORA_MLP))
        say_advice(said, (struct advice){.key = "target_modules",
                                         .to = "all linear layers, before a higher rank",
                                         .expected = "three times the parameters at the same rank",
                                         .check = "the ratio of this check, and the loss"});
    else if (c->advised_rank)
        say_advice(said, (struct advice){.key = "lora_rank",
                                         .from = from,
                                         .to = say_text(said, "%lld", (long long)c->advised_rank),
                                         .expected = "room for what the data teaches",
                                         .check = "the late loss falls below that of this run "
                                                  "while the early parts coincide"});
    else
        say_advice(said, (struct advice){.key = "full fine-tuning, or fewer tokens",
                                         .expected = "no adapter of reasonable rank holds this "
                                                     "much",
                                         .check = "the late loss against that of this run"});
}

static void figures(struct said said, const struct sft *sft, int64_t parameters,
                    const struct lora_capacity *c, double tokens, double needed)
{
    say_value(said, "rank", (double)sft->adapter.rank, "");
    say_value(said, "parameters", (double)parameters, "");
    say_value(said, "capacity", 2 * (double)parameters, "bits");
    say_value(said, "tokens", tokens, "tokens");
    say_value(said, "needed", needed, "bits");
    say_value(said, "least_rank", (double)c->least_rank, "");
    say_parameter(said, "bits_per_parameter", 2, "bits");
    say_effect(said, c->ratio, "capacity over need", (double)NAN, (double)NAN, (double)NAN);
    say_method(said,
               "r (d_in + d_out) parameters of each adapted matrix by %s, 2 bits each, "
               "against trained tokens",
               sft->adapter.shape_from);
}

static void say_capacity(const struct subject *subject, struct findings *out)
{
    const struct sft *sft = subject->sft;
    const struct adapter *a = &sft->adapter;
    size_t points = 0;
    double nats = first_pass_loss(subject, a->epochs, &points);
    double tokens = sft->tokens / (a->epochs > 1 ? (double)a->epochs : 1);
    double needed = lora_bits_needed(tokens, nats);
    int64_t per_rank = lora_parameters(&a->shape, a->matrices), all = per_rank * a->rank;
    struct lora_capacity c = lora_capacity_of(&a->shape, per_rank, a->rank, needed);
    bool found = c.ratio < 1;
    struct said said = about(out, class, found ? FINDING_FOUND : FINDING_NOT_FOUND);

    say(said,
        "The adapter %s: its %lld parameters (rank %lld; modules: %s) hold about %.3g bits, the "
        "data needs at most about %.3g (%.3g tokens); capacity ratio %.2g, band '%s'.",
        found ? c.ratio < 0.25 ? "is too small for its data" : "is tight for its data"
              : "has room for its data",
        (long long)all, (long long)a->rank, a->modules_from, 2 * (double)all, needed, tokens,
        c.ratio, c.band);
    figures(said, sft, all, &c, tokens, needed);
    said.finding->evidence.n_used = (int64_t)points;
    finding_column(out, said.finding, str_of(sft->tokens_from));
    say_caveat(said, "the need prices memorising every token: a low ratio is a risk, no proof");
    if (isnan(nats))
        say_caveat(said, "no training loss: 1 bit a token is assumed");
    if (!sft->loss_tokens)
        say_caveat(said, "'%s' counts prompts as well, so the need is overstated",
                   sft->tokens_from);
    if (a->epochs == NOT_GIVEN)
        say_caveat(said, "the number of passes is not known: one is assumed");
    say_what_would_change(said, "A rank of %lld or more is enough for this data.",
                          (long long)c.least_rank);
    if (!found)
        return;
    say_harm(said, c.ratio < 0.25 ? SEVERITY_MEDIUM : SEVERITY_LOW, unvalidated);
    advise_rank(said, a, &c);
}

static void run(const struct subject *subject, struct findings *out)
{
    const struct sft *sft = subject->sft;

    if (!sft || !sft->adapter.source) {
        say_not_judged(about(out, class, FINDING_NOT_APPLICABLE),
                       "no adapter_config.json, lora_rank or lora_r says that the run trains a "
                       "LoRA adapter.");
        return;
    }
    if (subject_primary(subject) == ROLE_REWARD) {
        say_not_judged(about(out, class, FINDING_NOT_APPLICABLE),
                       "a reinforcement run learns about one bit an episode, so the rank of its "
                       "adapter is not what limits it.");
        return;
    }
    if (sft->adapter.matrices != 0 && !sft->adapter.odd)
        say_modules(&sft->adapter, out);
    const char *missing = missing_of(sft);
    if (missing)
        say_skipped(sft, missing, out);
    else
        say_capacity(subject, out);
}

const struct detector detector_lora_capacity = {
    .name = "lora_capacity",
    .what = "a LoRA adapter too small for its data, or one that leaves out the MLP",
    .applies = FOR_ANY,
    .run = run,
};
