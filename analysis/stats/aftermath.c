#include "analysis/stats/aftermath.h"

#include "analysis/stats/moments.h"
#include "analysis/stats/noise.h"

#include <math.h>

struct aftermath aftermath_of(const double *y, size_t n, const struct spike *event,
                              struct arena *scratch)
{
    size_t window = n / 20 > 20 ? n / 20 : 20, tenth = n / 10 > 1 ? n / 10 : 1;
    size_t before = clip_count(event->first, 0, window);
    size_t after = clip_count(n - 1 - event->last, 0, window);
    const double *pre = y + event->first - before;
    struct aftermath a = {.se = INFINITY};

    if (before == 0)
        return a;
    double level = median_of(pre, before, scratch), s = sigma_d1(pre, before, scratch);
    for (size_t i = event->first; i <= event->last; i++)
        a.area += y[i] - level;
    for (size_t i = event->last + 1; i < n && a.recovery == 0; i++) {
        if (y[i] <= level + 2 * s)
            a.recovery = i - event->last;
    }
    a.end = median_of(y + n - tenth, tenth, scratch) - level;
    if (after == 0)
        return a;
    a.damage = median_of(y + event->last + 1, after, scratch) - level;
    a.se = 1.25 * s * sqrt(1 / (double)before + 1 / (double)after);
    return a;
}
