#ifndef PROPORTION_H
#define PROPORTION_H
/*
 * What a count of successes says about the rate behind it. Intervals are for
 * 0 <= successes <= n; of nothing (n = 0) the rate is NAN and the interval [0,1].
 */

#include <stdint.h>

struct interval {
    double low, high;
};

/*
 * Wilson 1927, by the score: (p + z^2/2n +- z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n),
 * z the normal quantile of (1 + level)/2. At small n and at 0 and 1 it stays
 * inside [0,1] and covers, where p +- z sqrt(p(1-p)/n) (Wald) does not.
 */
struct interval wilson_interval(double successes, double n, double level);

/*
 * Newcombe 1998, method 10: of the difference a/n - b/m, from both Wilson
 * intervals (l, u): d - sqrt((p-l1)^2 + (u2-q)^2), d + sqrt((u1-p)^2 + (q-l2)^2).
 */
struct interval newcombe_interval(double a, double n, double b, double m, double level);

/*
 * Trials needed to tell the rate p from p0 with the given power in a two-sided
 * test at alpha (one sample, normal approximation): ceil(((z_{1-alpha/2}
 * sqrt(p0(1-p0)) + z_power sqrt(p(1-p)))/|p - p0|)^2). INT64_MIN where p = p0:
 * no number of trials tells a rate from itself.
 */
int64_t trials_to_tell(double p, double p0, double power, double alpha);

/* Pairs needed to see a mean difference `delta` whose pairs scatter by `sd`:
 * ceil(((z_{1-alpha/2} + z_power) sd / delta)^2). INT64_MIN where delta is 0. */
int64_t pairs_to_tell(double delta, double sd, double power, double alpha);

#endif
