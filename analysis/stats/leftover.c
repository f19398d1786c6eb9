#include "analysis/stats/leftover.h"

#include <math.h>

static double dot(const double *a, const double *b, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* a -= (a.b / b.b) b */
static void take_out(double *a, const double *b, double bb, size_t n)
{
    double by = dot(a, b, n) / bb;

    for (size_t i = 0; i < n; i++)
        a[i] -= by * b[i];
}

double leftover_of(double *const *columns, size_t k, const double *y, size_t n, double *out)
{
    static const double made_up = 1e-12; /* of its square: a column of the others */
    double squares[LEFTOVER_COLUMNS_MAX];

    memmove(out, y, n * sizeof(*y));
    for (size_t c = 0; c < k; c++) {
        double before = dot(columns[c], columns[c], n);

        for (size_t j = 0; j < c; j++) {
            if (squares[j] > 0)
                take_out(columns[c], columns[j], squares[j], n);
        }
        squares[c] = dot(columns[c], columns[c], n);
        if (!(squares[c] > made_up * before))
            squares[c] = 0;
        else
            take_out(out, columns[c], squares[c], n);
    }
    return dot(out, out, n);
}

double cubic_leftover_of(const double *y, size_t n, double *out, struct arena *scratch)
{
    enum { TERMS = 4 };
    double *columns[TERMS];

    for (size_t c = 0; c < TERMS; c++)
        columns[c] = ARENA_ARRAY(scratch, n, double);
    for (size_t i = 0; i < n; i++) {
        double u = n > 1 ? 2 * (double)i / (double)(n - 1) - 1 : 0;

        columns[0][i] = 1;
        for (size_t c = 1; c < TERMS; c++)
            columns[c][i] = columns[c - 1][i] * u;
    }
    return leftover_of(columns, TERMS, y, n, out);
}
