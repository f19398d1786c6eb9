#include "analysis/stats/trend.h"

#include <math.h>

#include "analysis/stats/moments.h"

enum { SEN_POINTS = 400, TERMS = 3 };

static double sen_exact(const double *x, const double *y, size_t n, struct arena *scratch)
{
    double *slopes = ARENA_ARRAY(scratch, n * (n - 1) / 2, double);
    size_t count = 0;

    for (size_t i = 0; i < n; i++) {
        for (size_t j = i + 1; j < n; j++) {
            double dx = x[j] - x[i];

            if (dx < 0 || dx > 0)
                slopes[count++] = (y[j] - y[i]) / dx;
        }
    }
    return median_select(slopes, count);
}

static double *indices(size_t n, struct arena *scratch)
{
    double *x = ARENA_ARRAY(scratch, n, double);

    for (size_t i = 0; i < n; i++)
        x[i] = (double)i;
    return x;
}

double theil_sen(const double *x, const double *y, size_t n, struct arena *scratch)
{
    if (n < 2)
        return 0;
    if (!x)
        x = indices(n, scratch);
    if (n <= SEN_POINTS)
        return sen_exact(x, y, n, scratch);

    double *bx = ARENA_ARRAY(scratch, SEN_POINTS, double);
    double *by = ARENA_ARRAY(scratch, SEN_POINTS, double);
    block_means(x, n, SEN_POINTS, bx);
    block_medians(y, n, SEN_POINTS, by, scratch);
    return sen_exact(bx, by, SEN_POINTS, scratch);
}

/* Merges the sorted y[0..mid) and y[mid..n); counts the pairs that stood the wrong way round. */
static int64_t merge(double *y, size_t mid, size_t n, double *spare)
{
    size_t i = 0, j = mid, k = 0;
    int64_t falls = 0;

    while (i < mid && j < n) {
        if (y[j] < y[i]) {
            falls += (int64_t)(mid - i);
            spare[k++] = y[j++];
        } else {
            spare[k++] = y[i++];
        }
    }
    memmove(y + k, y + i, (mid - i) * sizeof(*y)); /* what is left behind j is in place */
    memcpy(y, spare, k * sizeof(*y));
    return falls;
}

/* Sorts y; the pairs that fall. */
static int64_t sort_and_count(double *y, size_t n, double *spare)
{
    int64_t falls = 0;

    for (size_t width = 1; width < n; width *= 2) {
        for (size_t lo = 0; lo + width < n; lo += 2 * width) {
            size_t both = n - lo < 2 * width ? n - lo : 2 * width;

            falls += merge(y + lo, width, both, spare);
        }
    }
    return falls;
}

struct mann_kendall mann_kendall(const double *y, size_t n, struct arena *scratch)
{
    struct mann_kendall mk = {0, 0, 0};

    if (n < 2)
        return mk;
    double *sorted = ARENA_ARRAY(scratch, n, double), *spare = ARENA_ARRAY(scratch, n, double);
    memcpy(sorted, y, n * sizeof(*y));
    int64_t falls = sort_and_count(sorted, n, spare);

    double m = (double)n, ties = 0;
    int64_t tied_pairs = 0;
    for (size_t i = 0, j; i < n; i = j) {
        for (j = i + 1; j < n && !(sorted[i] < sorted[j]); j++)
            continue;
        double t = (double)(j - i);
        ties += t * (t - 1) * (2 * t + 5);
        tied_pairs += (int64_t)(j - i) * (int64_t)(j - i - 1) / 2;
    }

    int64_t pairs = (int64_t)n * (int64_t)(n - 1) / 2;
    mk.s = pairs - tied_pairs - 2 * falls;
    mk.var = (m * (m - 1) * (2 * m + 5) - ties) / 18;
    if (mk.var > 0)
        mk.z = (double)(mk.s - (mk.s > 0) + (mk.s < 0)) / sqrt(mk.var);
    return mk;
}

double ar1_inflation(size_t n, double rho)
{
    double m = (double)n;

    return 1 + 2 * (pow(rho, m + 1) - m * rho * rho + (m - 1) * rho) / (m * (rho - 1) * (rho - 1));
}

/* Lag-1 correlation of what a line of this slope leaves, about its mean. */
static double residual_autocorr(const double *y, size_t n, double slope, struct arena *scratch)
{
    double *e = ARENA_ARRAY(scratch, n, double);
    double pairs = 0, squares = 0;

    for (size_t i = 0; i < n; i++)
        e[i] = y[i] - slope * (double)i;
    double centre = mean_of(e, n);
    for (size_t i = 0; i < n; i++) {
        e[i] -= centre;
        squares += e[i] * e[i];
        pairs += i ? e[i] * e[i - 1] : 0;
    }
    return squares > 0 ? pairs / squares : 0;
}

struct mk_ar1 mk_ar1(const double *y, size_t n, struct arena *scratch)
{
    struct mk_ar1 mk = {.raw = mann_kendall(y, n, scratch), .inflation = 1};

    mk.slope = theil_sen(NULL, y, n, scratch);
    if (n < 5)
        return mk;
    mk.r = residual_autocorr(y, n, mk.slope, scratch);
    mk.rho = clip(((double)n * mk.r + 2) / ((double)n - 4), 0, 0.95);
    mk.inflation = ar1_inflation(n, mk.rho);
    mk.z = mk.raw.z / sqrt(mk.inflation);
    return mk;
}

static double x_at(const double *x, size_t i)
{
    return x ? x[i] : (double)i;
}

struct ols ols_line(const double *x, const double *y, size_t n)
{
    struct ols line = {0, 0, 0};

    if (n == 0)
        return line;
    double mx = x ? mean_of(x, n) : (double)(n - 1) / 2, my = mean_of(y, n);
    double sxx = 0, sxy = 0, rss = 0;
    for (size_t i = 0; i < n; i++) {
        double dx = x_at(x, i) - mx;

        sxx += dx * dx;
        sxy += dx * (y[i] - my);
    }
    if (!(sxx > 0))
        return line;

    line.slope = sxy / sxx;
    line.intercept = my - line.slope * mx;
    for (size_t i = 0; i < n; i++) {
        double e = y[i] - my - line.slope * (x_at(x, i) - mx);

        rss += e * e;
    }
    if (n > 2)
        line.se = sqrt(rss / (double)(n - 2) / sxx);
    return line;
}

/* Solves a x = b by elimination with the largest pivot; a is singular only without a spread. */
static bool solve(double a[TERMS][TERMS], double b[TERMS])
{
    for (size_t c = 0; c < TERMS; c++) {
        size_t top = c;

        for (size_t r = c + 1; r < TERMS; r++)
            top = fabs(a[r][c]) > fabs(a[top][c]) ? r : top;
        if (!(fabs(a[top][c]) > 1e-12))
            return false;
        for (size_t k = 0; k < TERMS; k++) {
            double kept = a[c][k];

            a[c][k] = a[top][k];
            a[top][k] = kept;
        }
        double kept = b[c];
        b[c] = b[top];
        b[top] = kept;
        for (size_t r = 0; r < TERMS; r++) {
            double share = r == c ? 0 : a[r][c] / a[c][c];

            for (size_t k = 0; k < TERMS; k++)
                a[r][k] -= share * a[c][k];
            b[r] -= share * b[c];
        }
    }
    for (size_t c = 0; c < TERMS; c++)
        b[c] /= a[c][c];
    return true;
}

void log_curve_residuals(const double *y, size_t n, size_t from, double *out)
{
    double a[TERMS][TERMS] = {{0}}, b[TERMS] = {0};
    double lo = log((double)from + 1), hi = log((double)(from + n));

    for (size_t i = 0; i < n; i++) {
        double u = 2 * (log((double)(from + i) + 1) - lo) / (hi - lo) - 1; /* in [-1,1] */
        double powers[TERMS] = {1, u, u * u};

        for (size_t r = 0; r < TERMS; r++) {
            for (size_t c = 0; c < TERMS; c++)
                a[r][c] += powers[r] * powers[c];
            b[r] += powers[r] * y[i];
        }
    }
    bool solved = solve(a, b);
    for (size_t i = 0; i < n; i++) {
        double u = 2 * (log((double)(from + i) + 1) - lo) / (hi - lo) - 1;

        out[i] = y[i] - (solved ? b[0] + u * (b[1] + u * b[2]) : 0);
    }
}
