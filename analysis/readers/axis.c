#include "analysis/readers/axis.h"

#include <inttypes.h>
#include <math.h>

#include "analysis/base/number.h"

/* Best first. A name matches in any case; behind a slash, too, if it has more than one word. */
#define NAME(text)                                                                                 \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    } /* most names differ by their length already */
static const struct {
    const char *p;
    size_t n;
} names[] = {
    NAME("step"),
    NAME("steps"),
    NAME("global_step"),
    NAME("global_steps"),
    NAME("_step"),
    NAME("current_steps"),
    NAME("current_step"),
    NAME("train_step"),
    NAME("total_timesteps"),
    NAME("timesteps_total"),
    NAME("timesteps"),
    NAME("timestep"),
    NAME("totalenvinteracts"),
    NAME("total_env_steps"),
    NAME("num_env_steps"),
    NAME("num_env_steps_sampled_lifetime"),
    NAME("num_env_steps_sampled"),
    NAME("env_steps"),
    NAME("env_step"),
    NAME("frames"),
    NAME("frame"),
    NAME("training_iteration"),
    NAME("iteration"),
    NAME("iterations"),
    NAME("iter"),
    NAME("num_updates"),
    NAME("nupdates"),
    NAME("update"),
    NAME("updates"),
    NAME("progress/batch"),
    NAME("epoch"),
    NAME("epochs"),
    NAME("episode"),
    NAME("episodes"),
};
enum { NAMES = sizeof(names) / sizeof(names[0]) };
_Static_assert((int)NAMES <= (int)AXES_MAX, "a rank is an index of a count");

static bool same(struct str s, const char *name)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] | 0x20) : s.p[i];
        if (name[i] == '\0' || c != name[i]) /* a name may hold NUL, too */
            return false;
    }
    return name[s.n] == '\0';
}

int axis_rank(struct str name)
{
    const char *slash = name.n ? memrchr(name.p, '/', name.n) : NULL;
    struct str last = slash ? str_from(name, (size_t)(slash - name.p) + 1) : name;
    bool words = last.n > 6 && memchr(last.p, '_', last.n) != NULL;

    for (int i = 0; i < NAMES; i++) {
        if ((name.n == names[i].n && same(name, names[i].p)) ||
            (slash && words && last.n == names[i].n && same(last, names[i].p)))
            return i;
    }
    return -1;
}

void axis_count(struct axis *axis, struct arena *arena, struct str name, double value)
{
    axis_count_ranked(axis, arena, axis_rank(name), name, value);
}

void axis_count_ranked(struct axis *axis, struct arena *arena, int rank, struct str name,
                       double value)
{
    int64_t step;

    if (rank < 0 || !(value >= 0) || isinf(value))
        return;
    if (axis->count[rank] + axis->odd[rank] == 0)
        axis->name[rank] = arena_str(arena, name);
    if (feed_step(value, &step))
        axis->count[rank]++;
    else
        axis->odd[rank]++;
}

static int best_of(const int64_t *count)
{
    int64_t most = 0;

    for (int i = 0; i < AXES_MAX; i++)
        most = count[i] > most ? count[i] : most;
    for (int i = 0; i < AXES_MAX && most > 0; i++) {
        if (count[i] * 2 >= most)
            return i;
    }
    return -1;
}

int axis_best(const struct axis *axis)
{
    return best_of(axis->count);
}

bool axis_any(const struct axis *axis)
{
    return best_of(axis->count) >= 0 || best_of(axis->odd) >= 0;
}

/* "all of the first 20 rows" */
static const char *how_many(int64_t n, int64_t rows, struct arena *arena)
{
    if (n == rows)
        return arena_printf(arena, "all of the first %" PRId64 " rows", rows);
    return arena_printf(arena, "%" PRId64 " of the first %" PRId64 " rows", n, rows);
}

/* At least half of the numbers are no whole ones: rows are counted instead. */
static struct axis_name tell_odd(const struct axis *axis, int rank, struct feed *feed,
                                 struct arena *arena)
{
    int64_t whole = axis->count[rank];
    const char *all = how_many(whole + axis->odd[rank], axis->rows, arena);

    feed_axis(feed, "row",
              arena_printf(arena, "%.*s: %s have it, %s as a whole number",
                           STR_FMT(axis->name[rank]), all,
                           whole ? arena_printf(arena, "%" PRId64, whole) : "none"));
    return (struct axis_name){axis->name[rank], true};
}

struct axis_name axis_tell(const struct axis *axis, struct feed *feed, struct arena *arena)
{
    int best = axis_best(axis), odd = best_of(axis->odd);

    if (best >= 0 && axis->odd[best] >= axis->count[best])
        return tell_odd(axis, best, feed, arena);
    if (best < 0 && odd >= 0)
        return tell_odd(axis, odd, feed, arena);
    if (best < 0) {
        feed_axis(feed, "row", "no column is a step: rows are numbered");
        return (struct axis_name){0};
    }
    const char *name = arena_text(arena, axis->name[best]);
    feed_axis(feed, name,
              arena_printf(arena, "%s: %s have it as a whole number", name,
                           how_many(axis->count[best], axis->rows, arena)));
    return (struct axis_name){axis->name[best], false};
}

bool axis_keeps(const struct axis_name *axis)
{
    return axis->odd && !str_is(axis->name, "step");
}

bool axis_is_clock(struct str name)
{
    static const char *const clocks[] = {"timestamp",  "_timestamp", "time", "wall_time",
                                         "walltime",   "wall time",  "date", "datetime",
                                         "created_at", NULL};

    for (size_t i = 0; clocks[i]; i++) {
        if (same(name, clocks[i]))
            return true;
    }
    return false;
}

bool axis_clock(double value, double *seconds)
{
    if (value >= 946684800.0 && value < 4102444800.0) /* 2000 to 2100 */
        *seconds = value;
    else if (value >= 946684800e3 && value < 4102444800e3)
        *seconds = value / 1e3;
    else
        return false;
    return true;
}

bool axis_duration(struct str text, double *seconds)
{
    const char *day = text.n ? memmem(text.p, text.n, "day", 3) : NULL;
    double days = 0, sum = 0, value;
    size_t parts = 0;
    struct str part;

    if (day) {
        size_t n = number_read(text, &days);
        const char *comma = memchr(day, ',', text.n - (size_t)(day - text.p));
        if (n == 0 || !comma)
            return false;
        text = str_trim(str_from(text, (size_t)(comma - text.p) + 1));
    }
    if (text.n < 4 || text.n > 24)
        return false;
    while (str_next(&text, ':', &part)) {
        struct str digits = part.n > 1 && *part.p == '0' ? str_from(part, 1) : part;
        if (digits.n == 0 || *digits.p == '-' || number_read(digits, &value) != digits.n)
            return false;
        sum = sum * 60 + value;
        parts++;
    }
    *seconds = days * 86400 + sum;
    return parts == 2 || parts == 3;
}
