#include "analysis/readers/axis.h"

#include <inttypes.h>

#include "analysis/base/number.h"

/* Best first. A name matches in any case; behind a slash, too, if it has more than one word. */
static const char *const names[] = {
    "step",
    "steps",
    "global_step",
    "global_steps",
    "_step",
    "current_steps",
    "current_step",
    "train_step",
    "total_timesteps",
    "timesteps_total",
    "timesteps",
    "timestep",
    "totalenvinteracts",
    "total_env_steps",
    "num_env_steps",
    "num_env_steps_sampled_lifetime",
    "num_env_steps_sampled",
    "env_steps",
    "env_step",
    "frames",
    "frame",
    "training_iteration",
    "iteration",
    "iterations",
    "iter",
    "num_updates",
    "nupdates",
    "update",
    "updates",
    "progress/batch",
    "epoch",
    "epochs",
    "episode",
    "episodes",
    NULL,
};
_Static_assert(sizeof(names) / sizeof(names[0]) <= AXES_MAX, "a rank is an index of a count");

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

    for (int i = 0; names[i]; i++) {
        if (same(name, names[i]) || (slash && words && same(last, names[i])))
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

    if (rank < 0 || !feed_step(value, &step) || step < 0)
        return;
    if (axis->count[rank]++ == 0)
        axis->name[rank] = arena_str(arena, name);
}

int axis_best(const struct axis *axis)
{
    int64_t most = 0;

    for (int i = 0; i < AXES_MAX; i++)
        most = axis->count[i] > most ? axis->count[i] : most;
    for (int i = 0; i < AXES_MAX && most > 0; i++) {
        if (axis->count[i] * 2 >= most)
            return i;
    }
    return -1;
}

struct str axis_tell(const struct axis *axis, struct feed *feed, struct arena *arena)
{
    int best = axis_best(axis);

    if (best < 0) {
        feed_axis(feed, "row", "no column is a step: rows are numbered");
        return (struct str){0};
    }
    const char *name = arena_text(arena, axis->name[best]);
    const char *which = axis->count[best] == axis->rows
                            ? arena_printf(arena, "all of the first %" PRId64 " rows", axis->rows)
                            : arena_printf(arena, "%" PRId64 " of the first %" PRId64 " rows",
                                           axis->count[best], axis->rows);
    feed_axis(feed, name, arena_printf(arena, "%s: %s have it as a whole number", name, which));
    return axis->name[best];
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
