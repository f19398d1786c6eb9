#include "analysis/stats/plain_loss.h"

#include <criterion/criterion.h>
#include <math.h>

static void fill(double *loss, size_t n, double first, double middle, double last)
{
    for (size_t i = 0; i < n; i++)
        loss[i] = i < 10 ? first : i + 10 >= n ? last : middle;
}

Test(plain_loss, S_09_101_losses_from_4_to_1_improve_by_75_percent)
{
    double loss[101];

    fill(loss, 101, 4, 2, 1);
    struct plain_improvement p = plain_improvement_of(loss, 101);
    cr_expect(p.enough && p.defined && fabs(p.percent - 75) < 1e-12, "%g", p.percent);
}

Test(plain_loss, S_10_exactly_100_losses_are_not_enough)
{
    double loss[100];

    fill(loss, 100, 4, 2, 1);
    cr_expect(!plain_improvement_of(loss, 100).enough);
}

Test(plain_loss, S_11_ten_zeros_first_divide_nothing)
{
    double loss[101];

    fill(loss, 101, 0, 2, 1);
    struct plain_improvement p = plain_improvement_of(loss, 101);
    cr_expect(p.enough && !p.defined && p.percent == 0);
}

Test(plain_loss, S_12_S_13_the_last_value_against_the_middle_one)
{
    static const struct {
        double v[4];
        size_t n;
        bool warns;
    } rows[] = {{{1.0, 0.8, 0.6, 0.7}, 4, true},
                {{1.0, 0.9, 0.8, 0.7}, 4, false},
                {{0}, 0, false},
                {{0.7}, 1, false},
                {{1.0, 0.6, 0.5, 0.52}, 4, true},
                {{1.0, 0.5, 0.9, 0.85}, 4, false}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        cr_expect(plain_overfit_of(rows[i].v, rows[i].n).warns == rows[i].warns, "row %zu", i);
}
