#ifndef GRADIENT_H
#define GRADIENT_H
/*
 * Gradient norms that grow or shrink for good, and what their size says. Norms
 * > 0; y = ln g. Isolated bursts are for spikes.h.
 */

#include "analysis/base/arena.h"

enum { GRADIENT_POINTS_MIN = 30 };

/*
 * Explosion. From index n/10 blocks of W = max(9, n/50) points (what is left
 * over belongs to the last) with medians m and lower quartiles q; s = sigma_d1.
 * For a block j >= 2, ref = median of y from n/10 to where it begins: exploded
 * where q_j - ref > max(ln 4, 4 s) and m - ref > ln 3 in at least 70% of the
 * blocks behind j. Precision 1.000, recall .927 on labelled curves; a rise of
 * 2.5 near the end of a cosine is none.
 */
struct explosion {
    bool enough, exploded; /* not enough: too few points, or one <= 0 */
    size_t onset;          /* index of the first point of that block */
    double level_before;   /* exp(ref) */
    double level_after;    /* median of all norms from the onset on */
    double sigma;          /* of ln g */
    double kept;           /* share of the later blocks above; 1 where there is none */
    double largest_factor; /* largest median of a block over what came before it; exploded or not */
};

struct explosion explosion_of(const double *g, size_t n, struct arena *scratch);

/*
 * A run that broke off in an explosion has no later blocks: the last points, two
 * or more (one if values that are not finite follow), all above the median of ln g
 * by max(ln 10, 6 s). Unvalidated.
 */
struct last_explosion {
    bool exploded;
    size_t onset;
    double level, last; /* median of all before the onset, last norm */
};

struct last_explosion last_explosion_of(const double *g, size_t n, bool ends_non_finite,
                                        struct arena *scratch);

/*
 * Vanishing: median y[n/20 .. n/5] - median of the last tenth > ln 50; or a last
 * tenth below 1e-6 (`tiny`). The onset is the first point from which on the
 * running median of nine stays below 1/50 of the early level; 0 if only tiny.
 *
 * One jump by a power of two that makes up most of the fall is a loss scale or a
 * unit that changed: medians of up to 50 points on each side of the largest fall
 * stand in a ratio 2^k to within two errors (at most .1 in ln).
 */
struct vanishing {
    bool enough, vanished, tiny;
    double early, late; /* the two medians, as norms */
    size_t onset;
    bool rescaled;      /* that jump is there */
    double power;       /* k, negative for a fall; 0 where there is none */
    size_t rescaled_at; /* the first point behind it */
};

struct vanishing vanishing_of(const double *g, size_t n, struct arena *scratch);

/*
 * Gradient noise scale (McCandlish et al. 2018) from mean squared norms at two
 * batch sizes, averaged over 100 steps or more before this is called:
 *   |G|^2 = (B_b G_b - B_s G_s) / (B_b - B_s), S = (G_s - G_b) / (1/B_s - 1/B_b),
 *   B_simple = S / |G|^2. NAN where a batch size or |G|^2 is not positive.
 */
struct noise_scale {
    double squared_norm, trace, simple;
};

struct noise_scale noise_scale_of(double small_batch, double small_squared, double big_batch,
                                  double big_squared);

#endif
