#ifndef WIN_RATE_H
#define WIN_RATE_H
/*
 * What a judge's wins, losses and ties say. The rate is that of the decided
 * comparisons, wins/(wins + losses): a tie is no lost game. Its interval is
 * Wilson's at 95 %; where it holds one half the two sides are not told apart.
 *
 * Bands: above 55 % success, 50 to 55 % inconclusive, below 50 % investigate,
 * and exactly one half is no difference. A band is about the rate alone;
 * `told_apart` says whether the number of comparisons carries it.
 */

#include <stdbool.h>
#include <stdint.h>

struct win_rate {
    int64_t decided;      /* wins + losses */
    double rate;          /* NAN where nothing was decided */
    double low, high;     /* 95 % */
    double score;         /* (wins + ties/2) / all; NAN of nothing */
    double share_of_all;  /* wins / all, the plain rule's rate; NAN of nothing */
    bool told_apart;      /* from one half */
    const char *band;     /* "success (> 55 %)", … */
    const char *strength; /* the doctrine's word: regression, no change, modest, strong, major */
    const char *sample;   /* by the number decided: "below the minimum of 100", … */
    int64_t needed;       /* decided ones to tell this rate from one half; NOT_GIVEN at one half */
};

struct win_rate win_rate_of(int64_t wins, int64_t losses, int64_t ties);

#endif
