#ifndef PAIRED_H
#define PAIRED_H
/* Two runs, or two epochs of one, on the same tasks: one pair of values a task. */

#include "analysis/base/arena.h"

struct paired {
    size_t n;
    double diff, se;  /* mean of b - a; sd/sqrt(n) */
    double low, high; /* t interval at 95 % */
    double t, p_t;
    double p_flip; /* sign-flip test; exact for up to 15 tasks, else 9,999 draws of a fixed seed */
    bool exact;
    double mde; /* the smallest difference such a design finds 4 times of 5: 2.8 se */
};

/* False below 2 tasks. All differences equal: t and p_t are NaN unless they are 0 (p 1). */
bool paired_compare(const double *a, const double *b, size_t n, struct arena *scratch,
                    struct paired *out);

/* The same without the sign-flip test: p_flip is NAN. */
bool paired_interval(const double *a, const double *b, size_t n, struct arena *scratch,
                     struct paired *out);

/*
 * The standard error of mean d when tasks come in clusters (CR0, Miller 2024):
 * sqrt(sum_c (sum_{i in c} (d_i - mean))^2)/n; cluster[i] < n. The usual factor
 * sqrt(C/(C-1)) is the caller's; *clusters is C.
 */
double clustered_se(const double *d, const size_t *cluster, size_t n, struct arena *scratch,
                    size_t *clusters);

/* Two-sided exact McNemar: b tasks only the second passes, c only the first. 1 without any. */
double mcnemar_exact(size_t b, size_t c);

#endif
