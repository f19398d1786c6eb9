/*
 * Curves as NumPy arrays in a .npz file. evaluations.npz of Stable-Baselines3
 * has, for each evaluation, the environment steps so far and one return and one
 * length an episode: their mean and standard deviation (over all episodes, as
 * numpy.std computes it) are the series. In other files arrays as long as the
 * one named like a step are series. An array of objects is a pickle: never read.
 */
#include <fcntl.h>
#include <math.h>
#include <unistd.h>

#include "analysis/base/limits.h"
#include "analysis/base/vec.h"
#include "analysis/files.h"
#include "analysis/readers/axis.h"
#include "analysis/readers/lines.h"
#include "analysis/readers/npyarray.h"
#include "analysis/readers/sniff.h"
#include "analysis/zip.h"

enum { ARRAYS_MAX = 64 };

struct named {
    struct str name;
    struct npyarray array;
};

struct curves {
    VEC(struct named) arrays;
    const struct named *axis; /* NULL: none */
    size_t rows, series;
    const char *fault; /* of the first member that is not read */
    size_t faults;
};

static void note_fault(struct curves *c, struct arena *arena, struct str name, const char *why)
{
    if (c->faults++ == 0)
        c->fault = arena_printf(arena, "%.*s is left out: %s", STR_FMT(str_cut(name, 80)), why);
}

static void take_member(struct curves *c, int fd, const struct zip_member *member,
                        const atomic_bool *cancelled, struct arena *arena)
{
    struct named named = {.name = member->name};
    struct buf bytes = {0};
    struct err err;

    if (!str_ends(member->name, STR(".npy")) || member->replaced || c->arrays.n == ARRAYS_MAX)
        return;
    named.name.n -= 4;
    bool ok = zip_read(fd, member, HISTORY_FILE_MAX, cancelled, &bytes, &err) &&
              npyarray_open(&named.array, arena_str(arena, buf_str(&bytes)), &err);
    buf_fini(&bytes);
    if (!ok)
        note_fault(c, arena, named.name, err.msg);
    else if (npyarray_there(&named.array) < named.array.n)
        note_fault(c, arena, named.name, "it has less numbers than its shape says");
    else
        VEC_PUSH(arena, &c->arrays, named);
}

/* As many rows as the axis has, else as the array of one dimension that is longest. */
static void choose_axis(struct curves *c)
{
    int best = -1;

    for (size_t i = 0; i < c->arrays.n; i++) {
        const struct named *named = &c->arrays.v[i];
        int rank = axis_rank(named->name);
        if (named->array.dimensions != 1)
            continue;
        if (rank >= 0 && (best < 0 || rank < best)) {
            best = rank;
            c->axis = named;
        }
        if (named->array.n > c->rows)
            c->rows = named->array.n;
    }
    if (c->axis)
        c->rows = c->axis->array.n;
}

static bool is_series(const struct curves *c, const struct named *named)
{
    const struct npyarray *array = &named->array;

    return named != c->axis && c->rows > 0 && array->dimensions >= 1 && array->dimensions <= 2 &&
           array->shape[0] == c->rows && array->n > 0;
}

static bool find_curves(int fd, const atomic_bool *cancelled, struct arena *arena, struct curves *c,
                        struct err *err)
{
    struct zip zip;

    if (!zip_open(fd, arena, &zip, err))
        return false;
    for (size_t i = 0; i < zip.n; i++)
        take_member(c, fd, &zip.v[i], cancelled, arena);
    if (zip.fault && c->faults++ == 0)
        c->fault = zip.fault;
    choose_axis(c);
    for (size_t i = 0; i < c->arrays.n; i++)
        c->series += is_series(c, &c->arrays.v[i]);
    return true;
}

/* ---- the bid ---- */

static bool has_metric(const struct curves *c)
{
    for (size_t i = 0; i < c->arrays.n; i++) {
        if (is_series(c, &c->arrays.v[i]) && sniff_metric(c->arrays.v[i].name))
            return true;
    }
    return false;
}

static struct bid judge(int fd, bool known, struct arena *arena)
{
    struct curves c = {0};
    struct err err;

    if (!find_curves(fd, NULL, arena, &c, &err))
        return (struct bid){0, known ? arena_text(arena, str_of(err.msg)) : NULL};
    if (c.series == 0)
        return (struct bid){0, c.fault ? c.fault : "no array of it is as long as its steps"};
    if (known && c.axis)
        return (struct bid){90, "its name fits, and it has steps and results"};
    if (c.axis && has_metric(&c))
        return (struct bid){60, "it has an array of steps, and metrics as long as that"};
    return (struct bid){0, "its arrays are no steps and metrics"};
}

static struct bid bid(const struct probe *probe, struct arena *arena)
{
    bool known = strcmp(probe->name, "evaluations.npz") == 0;
    struct arena own;

    if (!str_ends(str_of(probe->name), STR(".npz")))
        return (struct bid){0, NULL};
    if (!str_starts(probe->head, STR("PK\3\4")))
        return (struct bid){0, sniff_pointer(probe->head) ? POINTER_WHY : "it is no zip file"};
    if (probe->size > (int64_t)SMALL_FILE_MAX)
        return (struct bid){0, "it is larger than a log of evaluations would be"};
    int fd = file_open(probe->dir, probe->name, O_RDONLY);
    if (fd < 0)
        return (struct bid){0, NULL};
    arena_init(&own);
    struct bid made = judge(fd, known, &own);
    if (made.why)
        made.why = arena_text(arena, str_of(made.why));
    arena_fini(&own);
    close(fd);
    return made;
}

/* ---- reading ---- */

/* What the mean and the spread over a row are called; NULL: not told. */
static void names_of(struct arena *arena, struct str name, const char **mean, const char **spread)
{
    *spread = NULL;
    if (str_is(name, "results")) { /* as SB3 calls them in its other logs */
        *mean = "eval/mean_reward";
        *spread = "eval/std_reward";
    } else if (str_is(name, "ep_lengths")) {
        *mean = "eval/mean_ep_length";
    } else if (str_is(name, "successes")) {
        *mean = "eval/success_rate";
    } else {
        *mean = arena_printf(arena, "%.*s/mean", STR_FMT(name));
        *spread = arena_printf(arena, "%.*s/std", STR_FMT(name));
    }
}

struct output {
    const struct npyarray *array;
    int mean, spread; /* spread: FEED_NO_KEY - 1 if it is not told */
};
enum { NO_SPREAD = FEED_NO_KEY - 1 };

static void put_row(struct feed *feed, const struct output *out, size_t row)
{
    const struct npyarray *a = out->array;
    size_t width = a->dimensions == 2 ? a->shape[1] : 1;
    size_t first = a->fortran ? row : row * width, by = a->fortran ? a->shape[0] : 1;
    double sum = 0, squares = 0;

    for (size_t i = 0; i < width; i++)
        sum += npyarray_at(a, first + i * by);
    double mean = sum / (double)width;
    feed_value(feed, out->mean, mean);
    if (out->spread == NO_SPREAD)
        return;
    for (size_t i = 0; i < width; i++) {
        double d = npyarray_at(a, first + i * by) - mean;
        squares += d * d;
    }
    feed_value(feed, out->spread, sqrt(squares / (double)width));
}

static bool put_rows(const struct source *source, const struct curves *c,
                     const struct output *outputs, size_t n, struct feed *feed, struct err *err)
{
    for (size_t row = 0; row < c->rows; row++) {
        int64_t step;
        if (c->axis && feed_step(npyarray_at(&c->axis->array, row), &step))
            feed_row(feed, step);
        else
            feed_row_stepless(feed);
        for (size_t i = 0; i < n; i++)
            put_row(feed, &outputs[i], row);
        if (row % 4096 == 4095 && !source_wanted(source, err))
            return false;
    }
    return true;
}

static bool read_curves(const struct source *source, int fd, struct feed *feed, struct arena *arena,
                        struct err *err)
{
    struct curves c = {0};
    struct output outputs[ARRAYS_MAX];
    const char *mean, *spread;
    size_t n = 0;

    if (!find_curves(fd, source->cancelled, arena, &c, err))
        return err_wrap(err, "%s", source->path);
    if (c.series == 0)
        return err_set(err, ERR_FORMAT, "%s: %s", source->path,
                       c.fault ? c.fault : "no array of it is as long as its steps");
    for (size_t i = 0; i < c.arrays.n; i++) {
        const struct named *named = &c.arrays.v[i];
        if (!is_series(&c, named))
            continue;
        bool flat = named->array.dimensions == 1;
        names_of(arena, named->name, &mean, &spread);
        outputs[n++] =
            (struct output){&named->array, feed_key(feed, flat ? named->name : str_of(mean)),
                            flat || !spread ? (int)NO_SPREAD : feed_key(feed, str_of(spread))};
        if (!flat)
            feed_note(feed, "%.*s has %zu values a step: told as their mean%s",
                      STR_FMT(str_cut(named->name, 80)), named->array.shape[1],
                      spread ? " and standard deviation" : "");
    }
    if (c.axis)
        feed_axis(feed, arena_text(arena, c.axis->name), "an array of that name is there");
    else
        feed_axis(feed, "row", "no array is named like a step: rows are numbered");
    if (c.faults > 0)
        feed_damage(feed, "%s%s", c.fault, c.faults > 1 ? ", and others, too" : "");
    return put_rows(source, &c, outputs, n, feed, err);
}

static bool read_source(const struct source *source, struct feed *feed, struct err *err)
{
    int fd = source_wanted(source, err) ? source_open(source, err) : -1;
    struct arena arena;

    if (fd < 0)
        return false;
    arena_init(&arena);
    bool ok = read_curves(source, fd, feed, &arena, err);
    arena_fini(&arena);
    close(fd);
    return ok;
}

const struct reader reader_npz = {
    .name = "npz",
    .what = "evaluations.npz of Stable-Baselines3, and curves kept as NumPy arrays with steps.",
    .unit = UNIT_FILE,
    .bid = bid,
    .read = read_source,
};
