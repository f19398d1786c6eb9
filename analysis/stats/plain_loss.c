#include "analysis/stats/plain_loss.h"

#include "analysis/stats/moments.h"

struct plain_improvement plain_improvement_of(const double *loss, size_t n)
{
    struct plain_improvement p = {.enough = n >= PLAIN_POINTS_MIN};

    if (!p.enough)
        return p;
    p.early = mean_of(loss, PLAIN_ENDS);
    p.late = mean_of(loss + n - PLAIN_ENDS, PLAIN_ENDS);
    p.defined = p.early != 0;
    p.percent = p.defined ? 100 * (p.early - p.late) / p.early : 0;
    return p;
}

struct plain_overfit plain_overfit_of(const double *val, size_t n)
{
    if (n == 0)
        return (struct plain_overfit){0};
    return (struct plain_overfit){
        .enough = true, .warns = val[n - 1] > val[n / 2], .middle = val[n / 2], .last = val[n - 1]};
}
