/* Is the change that is advised the one that would mend the fault. */
#include "tests/bench/detection/judge.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum way { EITHER, LOWER, HIGHER };
enum number { NONE, ONSET, GIVEN };
enum { KEYS_MAX = 9 };

/* Words for one setting. */
#define RATES                                                                                      \
    "learning rate", "peak learning rate", "learning rate, peak",                                  \
        "LEARNING_RATE_SCHEDULER.BASE_LR", "learning_rate"

static const struct remedy {
    enum class_id class;
    enum way way;
    enum number number;
    const char *keys[KEYS_MAX]; /* NULL-ended */
} remedies[] = {
#define X(class_, way_, number_, ...)                                                              \
    {.class = CLASS_##class_, .way = (way_), .number = (number_), .keys = {__VA_ARGS__}},
#include "tests/bench/detection/remedies.def"
#undef X
};

static bool key_fits(const struct remedy *r, const char *key)
{
    for (size_t i = 0; i < KEYS_MAX && r->keys[i]; i++) {
        size_t n = strlen(r->keys[i]);
        bool begins = r->keys[i][n - 1] == '*';

        if (begins ? strncmp(key, r->keys[i], n - 1) == 0 : strcmp(key, r->keys[i]) == 0)
            return true;
    }
    return false;
}

/* The first number of a text; NAN without one. */
static double number_in(const char *text)
{
    size_t skip = text ? strcspn(text, "0123456789") : 0;

    if (!text || !text[skip])
        return (double)NAN;
    if (skip > 0 && text[skip - 1] == '-')
        skip--;
    return strtod(text + skip, NULL);
}

/* Where the value now is not known, words say it. */
static enum way way_of(const struct advice *advice)
{
    static const struct {
        const char *word;
        enum way way;
    } words[] = {{"half", LOWER},         {"halve", LOWER},  {"0.6 of", LOWER}, {"a third", LOWER},
                 {"three times", HIGHER}, {"twice", HIGHER}, {"raise", HIGHER}, {"lower", LOWER}};
    double from = number_in(advice->from), to = number_in(advice->to);

    if (isfinite(from) && isfinite(to) && from != to)
        return to < from ? LOWER : HIGHER;
    for (size_t i = 0; advice->to && i < sizeof(words) / sizeof(words[0]); i++) {
        if (strstr(advice->to, words[i].word))
            return words[i].way;
    }
    return EITHER;
}

static double number_wanted(const struct run *run, const struct remedy *r, const char *key)
{
    double onset = run->label[r->class].onset;

    if (r->number == GIVEN)
        return run->number[r->class];
    if (r->number == ONSET && strcmp(key, "num_epochs") == 0)
        return fmax(1, onset / run->steps_per_epoch);
    return r->number == ONSET ? onset : (double)NAN;
}

static void judge_one(struct bench *b, const struct run *run, const struct remedy *r,
                      const struct advice *advice)
{
    struct advice_tally *t = &b->advice[r->class];
    double wanted = number_wanted(run, r, advice->key), got = number_in(advice->to);

    t->advised++;
    if (!key_fits(r, advice->key)) {
        t->other = t->other ? t->other : arena_printf(b->arena, "%s", advice->key);
        return;
    }
    t->key++;
    if (r->way != EITHER) {
        t->ways++;
        t->way += way_of(advice) == r->way;
    }
    if (wanted > 0) {
        t->numbers++;
        t->number += got >= wanted / 2 && got <= 2 * wanted;
    }
}

static bool is_taken(const struct analysis *a, const struct remedy *r)
{
    for (size_t i = 0; i < a->recommendations_n; i++) {
        if (key_fits(r, a->recommendations[i].advice->key))
            return true;
    }
    return false;
}

/* What a run without a fault is told to change: what to log does not count. */
static void judge_sound(struct bench *b, const struct analysis *a)
{
    bool told = false;

    b->sound_runs++;
    for (size_t i = 0; i < a->recommendations_n; i++) {
        const struct recommendation *r = &a->recommendations[i];

        if (r->rank != RECOMMEND_FIRST && r->rank != RECOMMEND_PRIMARY)
            continue;
        if (strncmp(r->advice->key, "log", 3) == 0)
            continue;
        told = true;
        count_of(b->sound, &b->sound_n, UNWANTED_MAX, arena_printf(b->arena, "%s", r->advice->key))
            ->runs++;
    }
    b->sound_told += told;
}

void judge_advice(struct bench *b, const struct run *run, const struct analysis *a)
{
    for (size_t i = 0; i < sizeof(remedies) / sizeof(remedies[0]); i++) {
        const struct remedy *r = &remedies[i];
        struct advice_tally *t = &b->advice[r->class];
        const struct finding *f = judge_finding(a, run, r->class);

        if (run->label[r->class].truth != TRUTH_YES ||
            run_points(run, class_rows[r->class].role) < class_rows[r->class].needs)
            continue;
        t->faults++;
        t->taken += is_taken(a, r);
        if (!f || f->status != FINDING_FOUND)
            continue;
        t->found++;
        if (f->advice)
            judge_one(b, run, r, f->advice);
    }
    if (!run->faulty)
        judge_sound(b, a);
}

static void put_of(size_t right, size_t of)
{
    if (of)
        printf("  %5.3f", (double)right / (double)of);
    else
        printf("  %5s", "-");
}

void advice_print(const struct bench *b)
{
    printf("\nthe change advised, of faults found (shares; 2x: its number within a factor of two "
           "of the known one)\n");
    printf("%-23s %5s %5s  %5s  %5s  %5s  %5s  %s\n", "class", "there", "found", "said", "key",
           "way", "2x", "recommended, of those there");
    for (size_t c = 0; c < CLASSES; c++) {
        const struct advice_tally *t = &b->advice[c];

        if (t->faults == 0)
            continue;
        printf("%-23s %5zu %5zu", class_rows[c].shown, t->faults, t->found);
        put_of(t->advised, t->found);
        put_of(t->key, t->advised);
        put_of(t->way, t->ways);
        put_of(t->number, t->numbers);
        put_of(t->taken, t->faults);
        printf("%s%s\n", t->other ? "  else: " : "", t->other ? t->other : "");
    }
    printf("told to change something first: %zu of %zu runs without a fault:", b->sound_told,
           b->sound_runs);
    for (size_t i = 0; i < b->sound_n; i++)
        printf("%s %s %zu", i ? "," : "", b->sound[i].name, b->sound[i].runs);
    printf("\n");
}
