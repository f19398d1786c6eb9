#include "analysis/stats/proportion.h"
#include "tests/support/curves.h"

#include <criterion/criterion.h>

Test(proportion, vector_5_wilson)
{
    static const struct {
        double x, n, low, high;
    } rows[] = {{7, 10, 0.3967781, 0.8922087},
                {55, 100, 0.452446, 0.6438546},
                {0, 20, 0, 0.1611252},
                /* the figures of the win-rate doctrine, in percent with one decimal */
                {110, 200, 0.481, 0.617},
                {124, 200, 0.551, 0.684},
                {220, 400, 0.501, 0.598}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct interval got = wilson_interval(rows[i].x, rows[i].n, 0.95);
        double slack = i < 3 ? 1e-6 : 5e-4;

        cr_expect(fabs(got.low - rows[i].low) <= slack && fabs(got.high - rows[i].high) <= slack,
                  "%g/%g: [%.7f, %.7f]", rows[i].x, rows[i].n, got.low, got.high);
    }
}

Test(proportion, wilson_stays_inside_and_mirrors)
{
    struct interval all = wilson_interval(20, 20, 0.95), none = wilson_interval(0, 20, 0.95);
    struct interval nothing = wilson_interval(0, 0, 0.95);

    cr_expect(all.high == 1 && none.low == 0);
    cr_expect(fabs(all.low - (1 - none.high)) < 1e-12);
    cr_expect(nothing.low == 0 && nothing.high == 1);
}

Test(proportion, vector_45_newcombe)
{
    struct interval got = newcombe_interval(56, 70, 48, 80, 0.95);

    cr_expect(fabs(got.low - 0.0524315) < 5e-8 && fabs(got.high - 0.333873) < 5e-7, "[%.7f, %.7f]",
              got.low, got.high);
    got = newcombe_interval(0, 0, 48, 80, 0.95);
    cr_expect(got.low == -1 && got.high == 1, "nothing is known of a rate of nothing");
}

Test(proportion, vectors_53_and_54_sample_sizes)
{
    cr_expect(trials_to_tell(0.55, 0.5, 0.8, 0.05) == 783);
    cr_expect(trials_to_tell(0.45, 0.5, 0.8, 0.05) == 783, "both sides alike");
    cr_expect(pairs_to_tell(0.03, 0.5, 0.8, 0.05) == 2181);
    cr_expect(trials_to_tell(0.5, 0.5, 0.8, 0.05) == INT64_MIN);
    cr_expect(pairs_to_tell(0, 0.5, 0.8, 0.05) == INT64_MIN);
    cr_expect(trials_to_tell(0.5 + 1e-12, 0.5, 0.8, 0.05) == INT64_MIN, "no honest count");
}
