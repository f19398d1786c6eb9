#include "analysis/ending.h"

#include "analysis/stats/moments.h"
#include "analysis/stats/noise.h"

#include <math.h>

enum { LAST = 10, LOST_FROM = 3, NOISE_WINDOW = 40 };

/* The first step of the unbroken rise at the end that noise does not explain. */
static int64_t rise_from(const struct series *s, double level, struct arena *scratch)
{
    size_t window = s->n < NOISE_WINDOW ? s->n : NOISE_WINDOW;
    double *y = ARENA_ARRAY(scratch, window, double);

    for (size_t i = 0; i < window; i++) {
        double x = s->value[s->n - window + i];

        y[i] = x > 0 ? log(x) : log(level);
    }
    double bar = fmax(0.1, 4 * sigma_d1(y, window, scratch));
    size_t from = window;
    while (from > 0 && y[from - 1] - log(level) > bar)
        from--;
    return s->step[s->n - window + (from < window ? from : window - 1)];
}

struct ending ending_of(const struct hygiene *clean, struct arena *scratch)
{
    const struct series *s = &clean->active;
    struct ending ending = {.level = (double)NAN,
                            .last = (double)NAN,
                            .rise = (double)NAN,
                            .onset = clean->trailing_step};

    if (clean->trailing_non_finite == 0)
        return ending;
    ending.kind = ENDING_NON_FINITE;
    if (s->n > 0) {
        size_t n = s->n < LAST ? s->n : LAST;

        ending.level = median_of(s->value + s->n - n, n, scratch);
        ending.last = s->value[s->n - 1];
    }
    if (ending.level > 0 && ending.last > 0)
        ending.rise = log(ending.last) - log(ending.level);
    if (ending.rise > log(4)) {
        ending.kind = ENDING_EXPLODED;
        ending.confidence = 0.9;
        ending.onset = rise_from(s, ending.level, scratch);
    }
    if (clean->trailing_non_finite >= LOST_FROM) {
        ending.kind = ENDING_LOST;
        ending.confidence = 0.99;
    }
    return ending;
}
