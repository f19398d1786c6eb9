#ifndef AFTERMATH_H
#define AFTERMATH_H
/*
 * What a spike left behind. y = ln x; windows of max(20, n/20) points before and
 * after the event; s = robust sd of noise (sigma_d1) of the window before.
 *   recovery: points behind the event's last until y is within 2 s of the median
 *             before; 0 where none of the points behind is;
 *   area:     sum over the event of y - median before (loss-steps lost);
 *   damage:   median after - median before, se = 1.25 s sqrt(1/before + 1/after).
 */

#include "analysis/stats/spikes.h"

struct aftermath {
    size_t recovery;
    double area, damage, se;
    double end; /* ln of the last tenth's median less ln of the level before */
};

struct aftermath aftermath_of(const double *y, size_t n, const struct spike *event,
                              struct arena *scratch);

#endif
