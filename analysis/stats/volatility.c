#include "analysis/stats/volatility.h"

#include "analysis/base/vec.h"
#include "analysis/stats/moments.h"
#include "analysis/stats/noise.h"

#include <math.h>

enum { WIDTH_MIN = 16, BLOCKS = 25 };

static bool is_volatile(double ratio, size_t width)
{
    return ratio > 2 && log(ratio) > 3 * 1.17 / sqrt((double)width / 1.9);
}

struct volatility volatility_of(const double *y, size_t n, struct arena *scratch)
{
    size_t width = n / BLOCKS > WIDTH_MIN ? n / BLOCKS : WIDTH_MIN, inside = 0;
    struct volatility out = {.width = width, .blocks = n / width};
    VEC(struct stretch) found = {0};

    if (n < VOLATILITY_POINTS_MIN)
        return out;
    out.enough = true;
    out.scale = ARENA_ARRAY(scratch, out.blocks, double);
    for (size_t b = 0; b < out.blocks; b++)
        out.scale[b] = sigma_d2(y + b * width, width, scratch);
    out.reference = median_of(out.scale, out.blocks, scratch);
    for (size_t b = 0; b < out.blocks && out.reference > 0; b++) {
        double ratio = out.scale[b] / out.reference;
        struct stretch *last = found.n ? &found.v[found.n - 1] : NULL;

        if (!is_volatile(ratio, width))
            continue;
        inside += width;
        if (last && last->last + 1 == b * width) {
            last->last += width;
            last->ratio = fmax(last->ratio, ratio);
        } else {
            VEC_PUSH(scratch, &found, (struct stretch){b * width, (b + 1) * width - 1, ratio});
        }
    }
    out.v = found.v;
    out.n = found.n;
    out.share = (double)inside / (double)n;
    return out;
}
