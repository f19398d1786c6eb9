#include "analysis/anchors/peaks.h"

#include "analysis/anchors/anchor.h"
#include "analysis/stats/moments.h"

#include <math.h>

enum { OLMO_WINDOW = 1000, OLMO_LEAST = 20, ZCLIP_START = 25, HAMPEL_HALF = 10, MEAN_OF = 10 };

/* A window's sums are taken anew once it was slid over by its own length: rounding cannot add up.
 */
size_t olmo_peaks(const double *x, size_t n, size_t *at)
{
    double sum = 0, squares = 0, level = n ? x[0] : 0;
    size_t hits = 0;

    for (size_t i = 0; i < n; i++) {
        size_t m = i < OLMO_WINDOW ? i : OLMO_WINDOW;

        if (i > 0 && i % OLMO_WINDOW == 0) {
            level = mean_of(x + i - m, m);
            sum = squares = 0;
            for (size_t k = i - m; k < i; k++) {
                sum += x[k] - level;
                squares += (x[k] - level) * (x[k] - level);
            }
        }
        if (m >= OLMO_LEAST) {
            double mean = sum / (double)m, var = (squares - sum * mean) / (double)(m - 1);
            bool spread = var > 1e-24 * level * level;

            if (spread && x[i] >= level + mean + 7 * sqrt(var))
                at[hits++] = i;
        }
        sum += x[i] - level;
        squares += (x[i] - level) * (x[i] - level);
        if (i >= OLMO_WINDOW) {
            double old = x[i - OLMO_WINDOW] - level;
            sum -= old;
            squares -= old * old;
        }
    }
    return hits;
}

size_t zclip_peaks(const double *x, size_t n, double z, size_t *at)
{
    const double alpha = 0.97;
    size_t hits = 0;

    if (n <= ZCLIP_START)
        return 0;
    double mean = mean_of(x, ZCLIP_START), sd = sd_of(x, ZCLIP_START), var = sd * sd;
    for (size_t i = ZCLIP_START; i < n; i++) {
        double s = sqrt(var), seen = s > 0 ? (x[i] - mean) / s : 0, taken = x[i];

        if (seen > z) {
            at[hits++] = i;
            taken = mean + z * z / seen * s;
        }
        mean = alpha * mean + (1 - alpha) * taken;
        var = alpha * var + (1 - alpha) * (taken - mean) * (taken - mean);
    }
    return hits;
}

size_t hampel_peaks(const double *x, size_t n, size_t *at)
{
    double window[2 * HAMPEL_HALF + 1];
    size_t hits = 0;

    for (size_t i = 0; i < n; i++) {
        size_t from = i > HAMPEL_HALF ? i - HAMPEL_HALF : 0;
        size_t to = i + HAMPEL_HALF < n ? i + HAMPEL_HALF + 1 : n, m = to - from;

        memcpy(window, x + from, m * sizeof(*x));
        double median = median_select(window, m);
        if (!(x[i] > median))
            continue;
        for (size_t k = 0; k < m; k++)
            window[k] = fabs(x[from + k] - median);
        if (x[i] - median > 5 * MAD_TO_SD * median_select(window, m))
            at[hits++] = i;
    }
    return hits;
}

size_t mean_of_ten_peaks(const double *x, size_t n, size_t *at)
{
    size_t hits = 0;

    for (size_t i = MEAN_OF; i < n; i++) {
        if (x[i] > 1.2 * mean_of(x + i - MEAN_OF, MEAN_OF))
            at[hits++] = i;
    }
    return hits;
}

/* ---- rows ---- */

/* The share of flagged points in percent; any one fires. */
static void say_peaks(const struct curve *c, const size_t *index, size_t hits, struct arena *arena,
                      struct anchor *out)
{
    int64_t *at = ARENA_ARRAY(arena, hits, int64_t);

    for (size_t i = 0; i < hits; i++)
        at[i] = c->step[index[i]];
    anchor_above(out, 100 * (double)hits / (double)c->n, 0);
    out->at = at;
    out->at_n = hits;
}

static void olmo(const struct curve *c, struct arena *arena, struct anchor *out)
{
    size_t *index = ARENA_ARRAY(arena, c->n, size_t);

    if (anchor_needs(out, arena, c, OLMO_LEAST + 1))
        say_peaks(c, index, olmo_peaks(c->value, c->n, index), arena, out);
}

static void zclip(const struct curve *c, double z, struct arena *arena, struct anchor *out)
{
    size_t *index = ARENA_ARRAY(arena, c->n, size_t);

    if (anchor_needs(out, arena, c, ZCLIP_START + 1))
        say_peaks(c, index, zclip_peaks(c->value, c->n, z, index), arena, out);
}

static void olmo_loss(const struct anchor_input *in, struct anchor *out)
{
    olmo(&in->train, in->arena, out);
}

static void olmo_gradient(const struct anchor_input *in, struct anchor *out)
{
    olmo(&in->gradient, in->arena, out);
}

static void zclip_loss(const struct anchor_input *in, struct anchor *out)
{
    zclip(&in->train, 5, in->arena, out); /* 2.5 is for gradients: on losses it flags 1% of noise */
}

static void zclip_gradient(const struct anchor_input *in, struct anchor *out)
{
    zclip(&in->gradient, 2.5, in->arena, out);
}

static void hampel_loss(const struct anchor_input *in, struct anchor *out)
{
    const struct curve *c = &in->train;
    size_t *index = ARENA_ARRAY(in->arena, c->n, size_t);

    if (anchor_needs(out, in->arena, c, 2 * HAMPEL_HALF + 1))
        say_peaks(c, index, hampel_peaks(c->value, c->n, index), in->arena, out);
}

static void mean_of_ten_loss(const struct anchor_input *in, struct anchor *out)
{
    const struct curve *c = &in->train;
    size_t *index = ARENA_ARRAY(in->arena, c->n, size_t);

    if (anchor_needs(out, in->arena, c, MEAN_OF + 1))
        say_peaks(c, index, mean_of_ten_peaks(c->value, c->n, index), in->arena, out);
}

const struct anchor_rule anchor_olmo_loss = {"olmo_loss", "spike", "OLMo 2 2025", olmo_loss};
const struct anchor_rule anchor_olmo_gradient = {"olmo_gradient", "grad_spike", "OLMo 2 2025",
                                                 olmo_gradient};
const struct anchor_rule anchor_zclip_loss = {"zclip_loss", "spike", "ZClip 2025", zclip_loss};
const struct anchor_rule anchor_zclip_gradient = {"zclip_gradient", "grad_spike", "ZClip 2025",
                                                  zclip_gradient};
const struct anchor_rule anchor_hampel_loss = {"hampel_loss", "spike", "Hampel 1974", hampel_loss};
const struct anchor_rule anchor_mean_of_ten_loss = {"mean_of_ten_loss", "spike", "common practice",
                                                    mean_of_ten_loss};
