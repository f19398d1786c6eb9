/*
 * Saved samples that are empty, repeat themselves, show template marks or are
 * one text for many prompts. Whether the others are good is not judged here.
 */
#include "analysis/base/quote.h"
#include "analysis/detectors/detector.h"
#include "analysis/say.h"
#include "analysis/sft.h"

static const char class[] = "sample_quality";

enum { SHOWN = 3, PROMPT_CHARACTERS = 60, TEXT_CHARACTERS = 160, SAMPLES_TO_JUDGE = 3 };

static const double poor_share = 0.2, unvalidated = 0.6;

static const char *fault_of(const struct sample *s, struct arena *arena)
{
    if (s->empty)
        return "is empty";
    if (s->loop_units > 0)
        return arena_printf(arena, "loops: %zu of %zu words with a period of %zu", s->loop_units,
                            s->units, s->loop_period);
    if (s->repetitive)
        return arena_printf(arena, "repeats itself: %.0f%% of its 4-grams", 100 * s->repeated_4);
    return s->marked ? "shows marks of a chat template" : "is the text of another prompt, too";
}

/* As data: cleaned, cut, between quotation marks. */
static void show(struct said said, const struct samples *samples)
{
    size_t shown = 0;

    for (size_t i = 0; i < samples->n && shown < SHOWN; i++) {
        const struct sample *s = &samples->v[i];
        if (!s->empty && !s->repetitive && !s->marked && !s->copied)
            continue;
        struct arena *arena = said.findings->arena;
        say_caveat(said, "sample %zu, as data: prompt \"%s\", text \"%s\": %s", i + 1,
                   quote_text(arena, s->prompt, PROMPT_CHARACTERS),
                   quote_text(arena, s->text, TEXT_CHARACTERS), fault_of(s, arena));
        shown++;
    }
}

static void figures(struct said said, const struct samples *x)
{
    const struct {
        const char *name;
        size_t count;
    } rows[] = {{"samples", x->n},
                {"poor", x->poor},
                {"empty", x->empty},
                {"repetitive", x->repetitive},
                {"template_marks", x->marked},
                {"copied", x->copied},
                {"unfinished", x->unfinished}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        say_value(said, rows[i].name, (double)rows[i].count, "samples");
    say_value(said, "median_length", x->median_units, "words");
    if (!isnan(x->median_repeated))
        say_value(said, "median_repeated_4grams", x->median_repeated, "");
    if (x->cap != NOT_GIVEN)
        say_value(said, "token_limit", (double)x->cap, "tokens");
    said.finding->evidence.n_used = (int64_t)x->n;
}

static bool is(const struct findings *all, const char *what, enum finding_status status)
{
    for (size_t i = 0; i < all->list.n; i++) {
        if (all->list.v[i].status == status && strcmp(all->list.v[i].class, what) == 0)
            return true;
    }
    return false;
}

/* By what was found before: the loss got better and nothing of it went wrong. */
static bool metrics_are_good(const struct findings *all)
{
    return is(all, "no_progress", FINDING_NOT_FOUND) && !is(all, "divergence", FINDING_FOUND) &&
           !is(all, "val_rising", FINDING_FOUND) && !is(all, "overfitting", FINDING_FOUND);
}

static void advise(struct said said, const struct samples *x, bool good)
{
    if (good)
        say_advice(said,
                   (struct advice){.key = "LLM-as-judge evaluation",
                                   .to = "run one against the baseline",
                                   .expected = "whether the model is worse than its loss says",
                                   .check = "check_win_rate on its counts, and the data's format"});
    else
        say_advice(said, (struct advice){.key = "training data and its formatting",
                                         .to = x->marked ? "the chat template of training and "
                                                           "sampling made the same"
                                                         : "review them, and the sampling settings",
                                         .expected = "samples without these faults",
                                         .check = "the same prompts again, at the same "
                                                  "temperature"});
}

static const char *ends_of(const struct samples *x, struct arena *arena)
{
    if (x->unfinished == 0)
        return "";
    return arena_printf(arena, " %zu end in mid-sentence%s.", x->unfinished,
                        x->one_length ? ", at about one length: the token limit cuts them" : "");
}

static void say_samples(const struct samples *x, bool good, struct findings *out)
{
    double share = (double)x->poor / (double)x->n;
    bool poor = share >= poor_share, few = x->n < SAMPLES_TO_JUDGE;
    struct said said = {out, finding_add(out, class,
                                         !poor ? FINDING_NOT_FOUND
                                         : few ? FINDING_INCONCLUSIVE
                                               : FINDING_FOUND)};

    say(said,
        "%zu of %zu samples (%s) are poor: %zu empty, %zu repetitive, %zu with marks of a "
        "chat template, %zu copies.%s",
        x->poor, x->n, x->source, x->empty, x->repetitive, x->marked, x->copied,
        ends_of(x, out->arena));
    figures(said, x);
    say_parameter(said, "least_share", poor_share, "");
    say_method(said, "distinct n-grams, loops of up to 64 words, marks of templates, equal texts");
    say_caveat(said, "whether a text is right or useful is not measured");
    show(said, x);
    say_what_would_change(said, "Fewer than %.0f%% poor samples.", 100 * poor_share);
    if (!poor || few)
        return;
    say_caveat(said, "unvalidated rule");
    say_harm(said, share >= 0.5 ? SEVERITY_MEDIUM : SEVERITY_LOW, unvalidated);
    advise(said, x, good);
}

static void run(const struct subject *subject, struct findings *out)
{
    const struct sft *sft = subject->sft;

    if (sft && sft->samples.n > 0)
        say_samples(&sft->samples, metrics_are_good(out), out);
    else if (sft && sft->why) {
        struct said said = {out, finding_add(out, class, FINDING_NOT_APPLICABLE)};
        say_not_judged(said, "no samples were saved (samples.jsonl, or evaluation_results).");
        say_what_would_change(said, "Saved samples of the best checkpoint.");
    }
}

const struct detector detector_sample_quality = {
    .name = "sample_quality",
    .what = "saved samples that are empty, repetitive, broken or copies",
    .applies = FOR_ANY,
    .run = run,
};
