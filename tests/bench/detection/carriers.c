#include "tests/bench/detection/carriers.h"

#include "analysis/stats/moments.h"
#include "analysis/stats/noise.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- reading ---- */

static bool text_of(const char *path, struct arena *arena, struct str *out)
{
    FILE *file = fopen(path, "rb");
    long size = -1;

    if (file && fseek(file, 0, SEEK_END) == 0)
        size = ftell(file);
    if (size > 0 && fseek(file, 0, SEEK_SET) == 0) {
        char *text = ARENA_ARRAY(arena, (size_t)size + 1, char);
        *out = (struct str){text, fread(text, 1, (size_t)size, file)};
    }
    if (file)
        (void)fclose(file);
    return size > 0 && out->n == (size_t)size;
}

static double number_of(struct str word)
{
    char text[32];

    if (word.n >= sizeof(text))
        return (double)NAN;
    memcpy(text, word.p, word.n);
    text[word.n] = '\0';
    return strtod(text, NULL);
}

static size_t read_steps(struct str line, int64_t *steps, size_t n)
{
    struct str word;
    size_t i = 0;

    if (!str_next(&line, ' ', &word) || n == 0)
        return 0;
    steps[i++] = (int64_t)number_of(word);
    while (str_next(&line, ' ', &word)) {
        struct str by;

        if (!str_next(&word, 'x', &by))
            return 0;
        for (size_t k = (size_t)number_of(word); k > 0 && i < n; k--, i++)
            steps[i] = steps[i - 1] + (int64_t)number_of(by);
    }
    return i;
}

static size_t read_values(struct str line, double scale, double *values, size_t n)
{
    struct str word;
    double sum = 0;
    size_t i = 0;

    while (i < n && str_next(&line, ' ', &word)) {
        if (str_is(word, "n"))
            values[i++] = (double)NAN;
        else if (str_is(word, "i") || str_is(word, "m"))
            values[i++] = str_is(word, "i") ? (double)INFINITY : -(double)INFINITY;
        else
            values[i++] = scale * (sum += number_of(word));
    }
    return i;
}

static bool read_series(struct str head, struct str *text, struct arena *arena, struct carrier *to)
{
    struct str word, name, count, steps, values;

    if (!to || to->series_n == CARRIER_SERIES_MAX || !str_next(&head, ' ', &word) ||
        !str_next(&head, ' ', &name) || !str_next(&head, ' ', &count) ||
        !str_next(text, '\n', &steps) || !str_next(text, '\n', &values))
        return false;
    size_t n = (size_t)number_of(count);
    int64_t *step = ARENA_ARRAY(arena, n, int64_t);
    double *value = ARENA_ARRAY(arena, n, double);
    to->series[to->series_n++] =
        (struct series){.name = name, .n = n, .step = step, .value = value};
    return read_steps(steps, step, n) == n && read_values(values, number_of(head), value, n) == n;
}

bool carriers_load(const char *path, struct arena *arena, struct carriers *out)
{
    struct str text = {0}, line, word, name = {0}, kind = {0};
    bool good = text_of(path, arena, &text);

    *out = (struct carriers){0};
    while (good && str_next(&text, '\n', &line)) {
        if (str_starts(line, STR("series "))) {
            good =
                out->list.n > 0 && read_series(line, &text, arena, &out->list.v[out->list.n - 1]);
            continue;
        }
        struct carrier c = {0};
        good = str_next(&line, ' ', &word) && str_is(word, "carrier") &&
               str_next(&line, ' ', &name) && str_next(&line, ' ', &kind);
        c.kind = str_is(kind, "rl") ? FOR_RL : FOR_LM;
        c.name = arena_text(arena, name);
        c.truth = line;
        VEC_PUSH(arena, &out->list, c);
    }
    if (!good)
        fprintf(stderr, "detection: %s is not there, or not as carriers.py writes it\n", path);
    return good;
}

/* ---- what is true of a curve ---- */

static enum class_id class_of(struct str name, unsigned kind)
{
    for (size_t c = 0; c < CLASSES; c++) {
        if (class_rows[c].kind == kind && str_is(name, class_rows[c].names[0]))
            return (enum class_id)c;
    }
    return CLASSES;
}

/* What nobody has looked for in these curves is not judged. */
static void start_labels(struct run *run)
{
    static const enum class_id unknown[] = {
        CLASS_PLATEAU,       CLASS_PREMATURE,      CLASS_LR_LOW,           CLASS_LR_HIGH,
        CLASS_GRAD_CLIPPING, CLASS_REWARD_PLATEAU, CLASS_ENTROPY_COLLAPSE, CLASS_ENTROPY_CONTROL};

    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
        run_skip(run, unknown[i]);
    if (run_points(run, ROLE_TRAIN_LOSS) == 0)
        run_skip(run, CLASS_OVERFITTING);
}

static void label(struct run *run, struct str truth)
{
    struct str word, name;

    start_labels(run);
    while (str_next(&truth, ' ', &word)) {
        bool skipped = str_starts(word, STR("-"));

        word = skipped ? str_from(word, 1) : word;
        if (!str_next(&word, '=', &name))
            continue;
        enum class_id class = class_of(name, run->kind);
        if (class == CLASSES)
            continue;
        double onset = word.n ? number_of(word) : (double)NAN;
        run->label[class] = (struct label){skipped ? TRUTH_SKIP : TRUTH_YES, onset, 0};
        run->faulty |= !skipped;
    }
}

/* A jump that the one who looked saw: from there for 7 points. */
static void add_event(struct run *run)
{
    const struct label *l = &run->label[CLASS_SPIKE];

    for (size_t k = 0; k < run->series_n && l->truth == TRUTH_YES; k++) {
        const struct series *s = &run->series[k];
        size_t i = 0;

        if (run->roles[k] != ROLE_TRAIN_LOSS)
            continue;
        while (i + 8 < s->n && (double)s->step[i] < l->onset)
            i++;
        run->events[run->events_n++] = (struct event){i, i + 7, TRUTH_YES};
    }
}

void carrier_as_is(const struct carrier *c, struct arena *arena, struct run *out)
{
    run_init(out, c->kind, arena);
    for (size_t i = 0; i < c->series_n; i++) {
        const struct series *s = &c->series[i];
        run_log(out, arena_text(arena, s->name), s->step, s->value, s->n);
    }
    out->families[out->families_n++] = c->name;
    label(out, c->truth);
    add_event(out);
}

/* ---- faults put in ---- */

extern const struct family family_overfit, family_spikes, family_shift, family_diverges,
    family_oscillates, family_volatile_stretch, family_mix_shift;

const struct family *const carrier_families[] = {
    &family_overfit,    &family_spikes,           &family_shift,     &family_diverges,
    &family_oscillates, &family_volatile_stretch, &family_mix_shift, NULL};

enum { INJECT_POINTS_MIN = 400, INJECT_EVALUATIONS_MIN = 8 };

static const struct series *named(const struct carrier *c, const char *name)
{
    for (size_t i = 0; i < c->series_n; i++) {
        if (str_is(c->series[i].name, name))
            return &c->series[i];
    }
    return NULL;
}

static double *copy_of(struct arena *arena, const double *x, size_t n)
{
    double *copy = ARENA_ARRAY(arena, n, double);

    if (n)
        memcpy(copy, x, n * sizeof(*x));
    return copy;
}

/* The curve with its own noise stands where a made one has none. */
static struct draft *draft_of(const struct series *train, const struct series *val,
                              struct arena *arena, struct run *run, uint64_t seed)
{
    const struct series *s = train ? train : val;
    struct draft *d = ARENA_NEW(arena, struct draft);
    int64_t *step = ARENA_ARRAY(arena, s->n, int64_t);
    double *y = ARENA_ARRAY(arena, s->n, double);

    dice_init(&d->dice, seed);
    d->run = run;
    d->arena = arena;
    d->n = d->nan_at = s->n;
    d->step = step;
    d->train = copy_of(arena, s->value, s->n);
    d->spread = ARENA_ARRAY(arena, s->n, double);
    d->no_train = !train;
    for (size_t i = 0; i < s->n; i++) {
        step[i] = s->step[i];
        d->spread[i] = 1;
        y[i] = log(fmax(s->value[i], 1e-9));
    }
    d->noise = (struct noise_law){.sd = fmax(sigma_d2(y, s->n, arena), 1e-4)};
    d->m = val ? val->n : 0;
    d->val = copy_of(arena, val ? val->value : NULL, d->m);
    d->eval_at = ARENA_ARRAY(arena, d->m, size_t);
    for (size_t j = 0, i = 0; j < d->m; j++) {
        while (i + 1 < s->n && s->step[i] < val->step[j])
            i++;
        d->eval_at[j] = i;
    }
    return d;
}

/* Where a family widened the noise: what lies about the running median. */
static void widen(struct draft *d)
{
    double *level = ARENA_ARRAY(d->arena, d->n, double);

    running_median(d->train, d->n, 9, level, d->arena);
    for (size_t i = 0; i < d->n; i++) {
        if (d->spread[i] > 1)
            d->train[i] = level[i] * pow(d->train[i] / level[i], d->spread[i]);
        if (i + d->nans >= d->n)
            d->train[i] = (double)NAN;
    }
}

bool carrier_with(const struct carrier *c, const struct family *family, uint64_t seed,
                  struct arena *arena, struct run *out)
{
    const struct series *train = named(c, "train/loss"), *val = named(c, "val/loss");
    bool of_val = family == &family_overfit;

    run_init(out, c->kind, arena);
    if (c->kind != FOR_LM || str_has(c->truth, STR("=")) || (!train && !of_val) ||
        (train && train->n < INJECT_POINTS_MIN) ||
        (of_val && (!val || val->n < INJECT_EVALUATIONS_MIN)))
        return false;
    struct draft *d = draft_of(train, val, arena, out, seed);
    label(out, c->truth);
    family->apply(d);
    widen(d);
    if (!train)
        run_skip(out, CLASS_OVERFITTING);
    run_skip(out, CLASS_PREMATURE);
    if (train)
        run_log(out, "train/loss", d->step, d->train, d->n);
    if (val)
        run_log(out, "val/loss", val->step, d->val, d->m);
    for (size_t i = 0; i < c->series_n; i++) {
        const struct series *s = &c->series[i];
        if (s != train && s != val)
            run_log(out, arena_text(arena, s->name), s->step, s->value, s->n);
    }
    out->families[out->families_n++] = family->name;
    out->faulty = family->nature == NATURE_FAULT;
    out->decoy = family->nature == NATURE_DECOY;
    return true;
}
