/*
 * A learning curve as one array in a .npy file (TD3 and many scripts). Such a
 * file says nothing but numbers, so its name must say that it is a curve: data
 * sets and weights are kept in the same way.
 */
#include "analysis/base/limits.h"
#include "analysis/readers/lines.h"
#include "analysis/readers/npyarray.h"
#include "analysis/readers/sniff.h"

static bool says_curve(const char *path)
{
    static const char *const words[] = {"learning_curve", "result", "score", "returns", "curve"};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strstr(path, words[i]))
            return true;
    }
    return sniff_metric(str_of(path));
}

static struct bid bid(const struct probe *probe, struct arena *arena)
{
    struct npyarray array;
    struct err err;

    if (!str_ends(str_of(probe->name), STR(".npy")))
        return (struct bid){0, NULL};
    if (sniff_pointer(probe->head))
        return (struct bid){0, POINTER_WHY};
    bool opened = npyarray_open(&array, probe->head, &err);
    if (!says_curve(probe->path)) /* somebody's data, and no word about it */
        return (struct bid){0, NULL};
    if (!opened)
        return (struct bid){0, arena_text(arena, str_of(err.msg))};
    if (array.dimensions != 1)
        return (struct bid){0, "it is an array of more than one dimension: no curve by itself"};
    if (array.n < 2)
        return (struct bid){0, "it is an array of less than two numbers: no curve"};
    return (struct bid){60, "its name or folder says what it is a curve of, and it holds numbers"};
}

static struct str stem(const char *path)
{
    const char *slash = strrchr(path, '/');
    struct str leaf = str_of(slash ? slash + 1 : path);

    return str_ends(leaf, STR(".npy")) ? str_cut(leaf, leaf.n - 4) : leaf;
}

static bool read_array(const struct source *source, struct str file, struct feed *feed,
                       struct err *err)
{
    struct npyarray array;

    if (!npyarray_open(&array, file, err))
        return err_wrap(err, "%s", source->path);
    if (array.dimensions != 1)
        return err_set(err, ERR_FORMAT, "%s has %zu dimensions: it is no curve by itself",
                       source->path, array.dimensions);
    size_t there = npyarray_there(&array);
    int key = feed_key(feed, stem(source->path));
    for (size_t i = 0; i < there; i++) {
        feed_row_stepless(feed);
        feed_value(feed, key, npyarray_at(&array, i));
        if (i % 65536 == 65535 && !source_wanted(source, err))
            return false;
    }
    feed_axis(feed, "row", "an array has no steps: its numbers are counted");
    if (there < array.n)
        feed_damage(feed, "%s is cut off: %zu of its %zu numbers are there", source->path, there,
                    array.n);
    return true;
}

static bool read_source(const struct source *source, struct feed *feed, struct err *err)
{
    struct arena arena;
    struct str file;

    arena_init(&arena);
    bool ok = source_text(source, HISTORY_FILE_MAX, &arena, &file, err) &&
              read_array(source, file, feed, err);
    arena_fini(&arena);
    return ok;
}

const struct reader reader_npy = {
    .name = "npy",
    .what = "A learning curve as one NumPy array, named as one.",
    .unit = UNIT_FILE,
    .bid = bid,
    .read = read_source,
};
