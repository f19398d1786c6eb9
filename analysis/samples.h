#ifndef SAMPLES_H
#define SAMPLES_H
/*
 * Generated samples that a run saved, measured: empty ones, repetition, loops,
 * ends in mid-sentence, template marks that a formatting fault leaves behind,
 * and one text for many prompts. Whether a text is good is not measured; a
 * judge or a reader says that.
 *
 * A text is cut into words at blanks, into characters where it has (almost) no
 * blanks. distinct-n = distinct n-grams over n-grams (Li et al. 2016); repeated
 * share = 1 - distinct-4 (Welleck et al. 2020). A loop is a stretch that repeats
 * with a period of up to 64 words at least four times in a row. A copy of the
 * prompt in front is not part of the text.
 */

#include "analysis/experiment.h"

enum {
    SAMPLES_MAX = 1000,          /* measured of one run; more are counted */
    SAMPLE_UNITS_MAX = 20000,    /* of one text */
    SAMPLE_REPEAT_UNITS = 40,    /* shorter texts have no repeated share worth a name */
    SAMPLE_UNFINISHED_UNITS = 20 /* shorter answers may well end without a full stop */
};

struct sample {
    struct str prompt, text;                   /* as read; the prompt may be empty */
    size_t units;                              /* words, or characters */
    double distinct_1, distinct_2, repeated_4; /* NAN below the words an n-gram takes */
    size_t loop_period, loop_units;            /* 0: no loop */
    bool empty, repetitive, unfinished, marked;
    bool copied; /* the same text as an earlier sample, of another prompt */
};

struct samples {
    const char *source;     /* NULL: none were saved */
    const struct sample *v; /* n of them */
    size_t n, total;
    size_t empty, repetitive, unfinished, marked, copied, poor; /* poor: any but unfinished */
    double median_units;
    double median_repeated; /* NAN where no text is long enough */
    bool one_length; /* three or more unfinished ones, the longest at most 1.3 times the shortest */
    int64_t cap;     /* max_new_tokens, where the evaluation says it; NOT_GIVEN */
};

void sample_measure(struct sample *sample, struct arena *scratch); /* prompt, text are set */
void samples_count(struct sample *v, size_t n, struct arena *arena, struct samples *out);

/* evaluation_results' samples [{prompt, generated}], else samples.jsonl. */
void samples_load(const struct experiment *experiment, struct arena *arena,
                  struct coverage *coverage, struct samples *out);

#endif
