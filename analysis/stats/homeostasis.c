#include "analysis/stats/homeostasis.h"

#include <math.h>

static double clamp(const struct homeostasis *law, double weight)
{
    return fmax(law->least, fmin(law->most, weight));
}

double homeostasis_step(const struct homeostasis *law, double weight, double level)
{
    if (level < law->target)
        weight += law->release * (law->target - level);
    return clamp(law, law->decay * weight + (1 - law->decay) * law->base);
}

double homeostasis_limit(const struct homeostasis *law, double level)
{
    double deficit = fmax(0, law->target - level);

    return clamp(law, law->base + law->release * law->decay / (1 - law->decay) * deficit);
}

struct watched homeostasis_watch(const struct homeostasis *law, const double *level,
                                 const double *weight, const bool *gap, size_t n)
{
    struct watched w = {.n = n, .lowest = n ? level[0] : 0, .last = n ? weight[n - 1] : 0};
    double simulated = law->base, rest = clamp(law, law->base);

    for (size_t i = 0; i < n; i++) {
        simulated = gap && gap[i] ? weight[i] : homeostasis_step(law, simulated, level[i]);
        double error = fabs(weight[i] - simulated) / fmax(fabs(simulated), 1e-12);

        if (error > w.error) {
            w.error = error;
            w.error_at = i;
        }
        w.below += level[i] < law->target;
        w.moved += fabs(weight[i] - rest) > 1e-6 + 0.001 * fabs(rest);
        w.pinned += weight[i] >= law->most * (1 - 1e-9);
        w.lowest = fmin(w.lowest, level[i]);
    }
    return w;
}
