#include "analysis/samples.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>

#include "analysis/base/limits.h"
#include "analysis/base/fnv.h"
#include "analysis/base/vec.h"
#include "analysis/files.h"
#include "analysis/stats/moments.h"

/* ---- one text ---- */

/* Words by their hashes: of 20,000 no two different ones have one. */
struct units {
    uint64_t *v;
    size_t n;
};

static size_t words_of(struct str text)
{
    size_t n = 0;

    for (size_t i = 0; i < text.n; i++)
        n +=
            !isspace((unsigned char)text.p[i]) && (i == 0 || isspace((unsigned char)text.p[i - 1]));
    return n;
}

static void by_words(struct str text, struct units *out)
{
    size_t i = 0;

    while (i < text.n && out->n < SAMPLE_UNITS_MAX) {
        size_t from = i;
        while (i < text.n && !isspace((unsigned char)text.p[i]))
            i++;
        if (i > from)
            out->v[out->n++] = fnv_of((struct str){text.p + from, i - from});
        else
            i++;
    }
}

static void by_characters(struct str text, struct units *out)
{
    while (text.n && out->n < SAMPLE_UNITS_MAX) {
        size_t n = utf8_length(text);
        n = n ? n : 1;
        if (!isspace((unsigned char)text.p[0]))
            out->v[out->n++] = fnv_of(str_cut(text, n));
        text = str_from(text, n);
    }
}

/* Chinese and Japanese have no blanks; so has a text that broke. */
static struct units units_of(struct str text, struct arena *scratch)
{
    size_t words = words_of(text);
    bool blanks = words > 0 && text.n / words < 30;
    struct units out = {
        .v = ARENA_ARRAY(scratch, clip_count(text.n, 1, SAMPLE_UNITS_MAX), uint64_t)};

    if (blanks || text.n < 60)
        by_words(text, &out);
    else
        by_characters(text, &out);
    return out;
}

static int by_value(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

static double distinct_of(const struct units *u, size_t gram, struct arena *scratch)
{
    if (u->n < gram)
        return (double)NAN;
    size_t n = u->n - gram + 1, distinct = 1;
    uint64_t *grams = ARENA_ARRAY(scratch, n, uint64_t);

    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < gram; k++)
            grams[i] = (grams[i] ^ u->v[i + k]) * FNV_PRIME + k;
    }
    qsort(grams, n, sizeof(*grams), by_value);
    for (size_t i = 1; i < n; i++)
        distinct += grams[i] != grams[i - 1];
    return (double)distinct / (double)n;
}

/* The period whose unbroken repetition covers most of the text. */
static void find_loop(const struct units *u, struct sample *out)
{
    enum { PERIOD_MAX = 64, TIMES = 4, UNITS_MIN = 12 };

    for (size_t period = 1; period <= PERIOD_MAX && period * TIMES <= u->n; period++) {
        size_t run = 0, longest = 0;
        for (size_t i = period; i < u->n; i++) {
            run = u->v[i] == u->v[i - period] ? run + 1 : 0;
            longest = run > longest ? run : longest;
        }
        size_t covered = longest + period;
        bool loop = longest >= (TIMES - 1) * period && covered >= UNITS_MIN &&
                    5 * covered >= u->n && covered > out->loop_units;
        if (loop) {
            out->loop_period = period;
            out->loop_units = covered;
        }
    }
}

/* Marks of chat templates: in a text they show that training and sampling disagree. */
static bool has_marks(struct str text)
{
    static const char *const marks[] = {
        "<|im_start|>",  "<|im_end|>", "<|eot_id|>",          "<|endoftext|>",
        "[INST]",        "[/INST]",    "<|start_header_id|>", "<|end_header_id|>",
        "<|assistant|>", "<|user|>",   "<start_of_turn>",     "<end_of_turn>",
        "<<SYS>>"};

    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        if (str_has(text, str_of(marks[i])))
            return true;
    }
    return false;
}

/* The last character is one that no sentence, list, code or quotation ends with. */
static bool ends_open(struct str text)
{
    static const char *const ends[] = {"\xe3\x80\x82", "\xef\xbc\x81", "\xef\xbc\x9f",
                                       "\xe2\x80\xa6", "\xe2\x80\x9d", "\xe2\x80\x99",
                                       "\xe3\x80\x8d", "\xc2\xbb"};
    text = str_trim(text);
    unsigned char c = text.n ? (unsigned char)text.p[text.n - 1] : '.';

    if (c < 0x80)
        return isalnum(c) || strchr(",-([{&+=", c);
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        if (str_ends(text, str_of(ends[i])))
            return false;
    }
    return true;
}

void sample_measure(struct sample *s, struct arena *scratch)
{
    struct str text = s->text, prompt = str_trim(s->prompt);

    if (prompt.n && str_starts(str_trim(text), prompt))
        text = str_from(str_trim(text), prompt.n);
    struct units u = units_of(text, scratch);

    s->units = u.n;
    s->empty = u.n == 0;
    s->distinct_1 = distinct_of(&u, 1, scratch);
    s->distinct_2 = distinct_of(&u, 2, scratch);
    s->repeated_4 = 1 - distinct_of(&u, 4, scratch);
    find_loop(&u, s);
    s->repetitive = s->loop_units > 0 || (u.n >= SAMPLE_REPEAT_UNITS && s->repeated_4 > 0.25);
    s->unfinished = u.n >= SAMPLE_UNFINISHED_UNITS && ends_open(text);
    s->marked = has_marks(text);
}

/* ---- all of them ---- */

static void find_copies(struct sample *v, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        for (size_t k = 0; k < i && !v[i].copied; k++)
            v[i].copied =
                !v[i].empty && str_eq(v[i].text, v[k].text) && !str_eq(v[i].prompt, v[k].prompt);
    }
}

static void count_one(const struct sample *s, struct samples *out)
{
    out->empty += s->empty;
    out->repetitive += s->repetitive;
    out->unfinished += s->unfinished;
    out->marked += s->marked;
    out->copied += s->copied;
    out->poor += s->empty || s->repetitive || s->marked || s->copied;
}

void samples_count(struct sample *v, size_t n, struct arena *arena, struct samples *out)
{
    double *units = ARENA_ARRAY(arena, n, double), *repeated = ARENA_ARRAY(arena, n, double);
    size_t long_ones = 0, least = SIZE_MAX, most = 0;

    out->v = v;
    out->n = n;
    for (size_t i = 0; i < n; i++) {
        struct arena scratch;
        arena_init(&scratch);
        sample_measure(&v[i], &scratch);
        arena_fini(&scratch);
    }
    find_copies(v, n);
    for (size_t i = 0; i < n; i++) {
        count_one(&v[i], out);
        units[i] = (double)v[i].units;
        if (v[i].units >= SAMPLE_REPEAT_UNITS)
            repeated[long_ones++] = v[i].repeated_4;
        if (v[i].unfinished) {
            least = v[i].units < least ? v[i].units : least;
            most = v[i].units > most ? v[i].units : most;
        }
    }
    out->median_units = median_of(units, n, arena);
    out->median_repeated = long_ones ? median_of(repeated, long_ones, arena) : (double)NAN;
    out->one_length = out->unfinished >= 3 && (double)most <= 1.3 * (double)least;
}

/* ---- from the run's files ---- */

struct taken {
    struct arena *arena;
    VEC(struct sample) list;
    size_t total;
};

static void take(struct taken *taken, const struct json *item)
{
    static const char *const names[] = {"generated", "response", "completion", "output", "text"};
    const struct json *text = item->kind == JSON_STRING ? item : NULL;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && !text; i++)
        text = json_get(item, names[i]);
    if (!text || text->kind != JSON_STRING)
        return;
    if (taken->total++ < SAMPLES_MAX)
        VEC_PUSH(taken->arena, &taken->list,
                 (struct sample){.prompt = json_text(taken->arena, json_get(item, "prompt")),
                                 .text = json_text(taken->arena, text)});
}

static const char *from_evaluation(const struct experiment *experiment, struct taken *taken,
                                   int64_t *cap)
{
    static const char *const caps[] = {"max_new_tokens", "max_tokens"};
    struct document document;

    experiment_document(experiment, FILE_EVALUATION, taken->arena, &document);
    const struct json *list = json_get(document.json, "samples");
    if (!list || list->kind != JSON_ARRAY)
        return NULL;
    json_each (item, list)
        take(taken, item);
    for (size_t i = 0; i < 2 && *cap == NOT_GIVEN; i++) {
        if (!json_integer(json_get(document.json, caps[i]), cap))
            *cap = NOT_GIVEN;
    }
    return document.path;
}

static const char *from_lines(const struct experiment *experiment, struct taken *taken,
                              struct coverage *coverage)
{
    static const char path[] = "samples.jsonl";
    struct str text = {0}, line;
    struct err err;
    bool found = false;
    int64_t at = 0;

    if (!file_read(experiment->dir, path, SMALL_FILE_MAX, taken->arena, &text, NULL, &found,
                   &err)) {
        if (coverage)
            coverage_note(coverage, "the samples were not measured: %s", err.msg);
        return NULL;
    }
    while (str_next(&text, '\n', &line)) {
        at++;
        if (str_trim(line).n == 0)
            continue;
        const struct json *item = json_parse(taken->arena, line, JSON_DATA, DATA_DEPTH_MAX, &err);
        if (item)
            take(taken, item);
        else if (coverage)
            coverage_malformed(coverage, path, at, arena_text(taken->arena, str_of(err.msg)), 1);
    }
    return found ? path : NULL;
}

void samples_load(const struct experiment *experiment, struct arena *arena,
                  struct coverage *coverage, struct samples *out)
{
    struct taken taken = {.arena = arena};

    *out = (struct samples){.cap = NOT_GIVEN};
    const char *source = from_evaluation(experiment, &taken, &out->cap);
    if (taken.list.n == 0)
        source = from_lines(experiment, &taken, coverage);
    if (taken.list.n == 0)
        return;
    out->source = source;
    out->total = taken.total;
    samples_count(taken.list.v, taken.list.n, arena, out);
    if (coverage)
        coverage_source(coverage, source, "json", "generated samples");
    if (coverage && taken.total > taken.list.n)
        coverage_note(coverage, "of %zu samples the first %zu were measured", taken.total,
                      taken.list.n);
}
