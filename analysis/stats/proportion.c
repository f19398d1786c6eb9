#include "analysis/stats/proportion.h"

#include <math.h>

#include "analysis/stats/special.h"

/* Beyond this a count says nothing that "never" does not. */
static const double most_trials = 1e15;

struct interval wilson_interval(double successes, double n, double level)
{
    if (!(n > 0))
        return (struct interval){0, 1};
    double z = normal_quantile((1 + level) / 2), p = successes / n, zz = z * z / n;
    double middle = p + zz / 2, half = sqrt(p * (1 - p) * zz + zz * zz / 4), scale = 1 + zz;

    /* at the ends the exact bound, not its rounding */
    return (struct interval){successes <= 0 ? 0 : (middle - half) / scale,
                             successes >= n ? 1 : (middle + half) / scale};
}

struct interval newcombe_interval(double a, double n, double b, double m, double level)
{
    struct interval first = wilson_interval(a, n, level), second = wilson_interval(b, m, level);

    if (!(n > 0) || !(m > 0))
        return (struct interval){-1, 1};
    double p = a / n, q = b / m;

    return (struct interval){p - q - hypot(p - first.low, second.high - q),
                             p - q + hypot(first.high - p, q - second.low)};
}

static int64_t whole(double trials)
{
    return trials < most_trials ? (int64_t)ceil(trials) : INT64_MIN;
}

int64_t trials_to_tell(double p, double p0, double power, double alpha)
{
    double effect = fabs(p - p0);

    if (!(effect > 0))
        return INT64_MIN;
    double z = normal_quantile(1 - alpha / 2) * sqrt(p0 * (1 - p0)) +
               normal_quantile(power) * sqrt(p * (1 - p));

    return whole(z / effect * (z / effect));
}

int64_t pairs_to_tell(double delta, double sd, double power, double alpha)
{
    double effect = fabs(delta);

    if (!(effect > 0))
        return INT64_MIN;
    double z = (normal_quantile(1 - alpha / 2) + normal_quantile(power)) * sd / effect;

    return whole(z * z);
}
