#include "reports/rate_chart.h"
#include "analysis/base/json.h"

#include <criterion/criterion.h>
#include <math.h>

Test(rate_chart, values_and_intervals_stand_on_one_scale)
{
    static const struct rate_line lines[] = {
        {"0", 0, true, {0, 0.2}},              /* 10 of 50 columns */
        {"\xc3\xa9poque", 0.5, false, {0, 0}}, /* six characters */
        {"over", 1.5, true, {0.9, 7}},
        {"none", (double)NAN, false, {0, 0}},
    };
    struct blocks blocks;

    blocks_begin(&blocks, "x", "y");
    blocks_rates(&blocks, "rate", lines, 4);
    struct str text = blocks_end(&blocks);
    static const char *const wanted[] = {
        "rate   0                                                  1\\n",
        "0      |o----------                                        | 0.000\\n",
        "\xc3\xa9poque |                         o                         | 0.500\\n",
        "over   |                                             -----o| 1.500\\n",
        "none   |                                                   | not defined\"",
    };
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
        cr_expect(memmem(text.p, text.n, wanted[i], strlen(wanted[i])), "%s\n%.*s", wanted[i],
                  STR_FMT(text));
    blocks_fini(&blocks);
}

Test(rate_chart, of_nothing_there_is_no_block)
{
    struct blocks blocks;

    blocks_begin(&blocks, "x", "y");
    blocks_rates(&blocks, "rate", NULL, 0);
    cr_expect(str_is(blocks_end(&blocks), "[]"));
    blocks_fini(&blocks);
}
