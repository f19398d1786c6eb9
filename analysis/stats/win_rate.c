#include "analysis/stats/win_rate.h"

#include <math.h>

#include "analysis/stats/proportion.h"

/* Compared as counts: 55 of 100 is not above 55 %, whatever 0.55 is in binary. */
static const char *band_of(int64_t wins, int64_t decided)
{
    if (decided == 0)
        return "nothing decided";
    if (2 * wins == decided)
        return "no difference";
    if (2 * wins < decided)
        return "investigate (< 50 %)";
    return 100 * wins > 55 * decided ? "success (> 55 %)"
                                     : "inconclusive (50\xe2\x80\x93"
                                       "55 %)";
}

static const char *strength_of(double rate)
{
    return isnan(rate)   ? "unknown"
           : rate < 0.45 ? "regression"
           : rate < 0.55 ? "no change"
           : rate < 0.65 ? "modest"
           : rate < 0.75 ? "strong"
                         : "major";
}

static const char *sample_of(int64_t decided)
{
    return decided < 100   ? "below the minimum of 100"
           : decided < 200 ? "at least the minimum of 100"
           : decided < 500 ? "good (200 or more)"
                           : "strong (500 or more)";
}

struct win_rate win_rate_of(int64_t wins, int64_t losses, int64_t ties)
{
    int64_t decided = wins + losses, all = decided + ties;
    double rate = decided ? (double)wins / (double)decided : (double)NAN;
    struct interval ci = wilson_interval((double)wins, (double)decided, 0.95);

    return (struct win_rate){
        .decided = decided,
        .rate = rate,
        .low = ci.low,
        .high = ci.high,
        .score = all ? ((double)wins + (double)ties / 2) / (double)all : (double)NAN,
        .share_of_all = all ? (double)wins / (double)all : (double)NAN,
        .told_apart = decided > 0 && (ci.low > 0.5 || ci.high < 0.5),
        .band = band_of(wins, decided),
        .strength = strength_of(rate),
        .sample = sample_of(decided),
        .needed = decided ? trials_to_tell(rate, 0.5, 0.8, 0.05) : INT64_MIN,
    };
}
