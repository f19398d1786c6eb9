#include "analysis/stats/win_rate.h"

#include <criterion/criterion.h>
#include <math.h>

Test(win_rate, S_14_to_S_17_rates_intervals_and_bands)
{
    static const struct {
        const char *check;
        int64_t wins, losses, ties;
        double rate, low, high;
        bool told_apart;
        const char *band;
    } rows[] = {
        {"S-14", 124, 76, 0, .62, .551, .684, true, "success (> 55 %)"},
        {"S-15", 110, 90, 0, .55, .481, .617, false,
         "inconclusive (50\xe2\x80\x93"
         "55 %)"},
        {"S-15, 400", 220, 180, 0, .55, .501, .598, true,
         "inconclusive (50\xe2\x80\x93"
         "55 %)"},
        {"S-16", 45, 45, 10, .5, .399, .601, false, "no difference"},
        {"S-17", 52, 48, 0, .52, .423, .615, false,
         "inconclusive (50\xe2\x80\x93"
         "55 %)"},
        {"just above 55", 111, 89, 0, .555, .486, .622, false, "success (> 55 %)"},
        {"below", 40, 60, 0, .4, .309, .498, true, "investigate (< 50 %)"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct win_rate w = win_rate_of(rows[i].wins, rows[i].losses, rows[i].ties);

        cr_expect(fabs(w.rate - rows[i].rate) < 1e-12, "%s: %g", rows[i].check, w.rate);
        cr_expect(fabs(w.low - rows[i].low) < 6e-4 && fabs(w.high - rows[i].high) < 6e-4,
                  "%s: [%.4f, %.4f]", rows[i].check, w.low, w.high);
        cr_expect(w.told_apart == rows[i].told_apart, "%s", rows[i].check);
        cr_expect(strcmp(w.band, rows[i].band) == 0, "%s: %s", rows[i].check, w.band);
    }
}

Test(win_rate, ties_are_not_lost_games)
{
    struct win_rate w = win_rate_of(45, 45, 10);

    cr_expect(w.score == 0.5 && w.share_of_all == 0.45 && w.decided == 90);
    cr_expect_str_eq(w.strength, "no change");
    cr_expect(w.needed == INT64_MIN, "no number of games tells a half from a half");
    cr_expect(win_rate_of(55, 45, 0).needed == 783);
}

Test(win_rate, of_nothing_nothing_is_said)
{
    struct win_rate w = win_rate_of(0, 0, 7);

    cr_expect(isnan(w.rate) && !w.told_apart && w.low == 0 && w.high == 1);
    cr_expect_str_eq(w.band, "nothing decided");
    cr_expect(w.score == 0.5);
}
