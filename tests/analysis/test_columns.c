#include "analysis/columns.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

static struct points points;

static void tear_down(void)
{
    points_fini(&points);
}

TestSuite(columns, .fini = tear_down);

static uint64_t next(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 33;
}

/* Does the chunk of the first `rows` rows hold what stands in value, NAN for no point? */
static bool holds(uint32_t rows, const double *value)
{
    static double out[CHUNK_ROWS];
    size_t bytes;
    struct chunk *chunk = chunk_new(&points, rows, &bytes);
    bool same = true;

    chunk_values(chunk, 0, rows, NAN, out);
    for (uint32_t i = 0; i < rows; i++)
        same &= value[i] == out[i] || (isnan(value[i]) && isnan(out[i]));
    free(chunk);
    return same;
}

Test(columns, points_stand_where_they_were_added)
{
    static double want[CHUNK_ROWS];
    uint64_t state = 1;

    for (int round = 0; round < 200; round++) {
        uint32_t rows = 1 + (uint32_t)next(&state) % (round % 8 ? 200 : CHUNK_ROWS);
        uint64_t gaps = round % 4 ? next(&state) % 8 + 1 : 0, first_gap = next(&state) % rows;
        points_clear(&points);
        for (uint32_t row = 0; row < rows; row++) {
            want[row] = NAN;
            bool gap = gaps && row >= first_gap && next(&state) % gaps == 0;
            for (uint64_t times = gap ? 0 : 1 + (next(&state) % 8 == 0); times > 0; times--) {
                bool first = isnan(want[row]);
                want[row] = (double)next(&state) / 3;
                cr_assert(points_has(&points, row) == !first);
                cr_assert(points_add(&points, row, want[row]) == first, "row %u", row);
            }
            if (next(&state) % 128 > 0)
                continue;
            uint32_t back = (uint32_t)(next(&state) % 80), held = points.n;
            for (back = back < row ? back : row; back > 0; back--) {
                held -= points_has(&points, row);
                cr_assert(points_has(&points, row) == !isnan(want[row]));
                row--;
            }
            points_back(&points, row + 1, held);
        }
        cr_assert(holds(rows, want), "round %d, %u rows", round, rows);
    }
}

Test(columns, a_row_that_has_a_point_is_seen_behind_a_gap)
{
    cr_expect(points_add(&points, 1, 5));
    cr_expect(!points_add(&points, 1, 6), "one point, in row 1: not the first of that row");
    cr_expect(points.n == 1);
}

Test(columns, floats_are_kept_as_floats_only_if_none_changes)
{
    static const struct {
        double odd;
        bool single;
    } rows[] = {{0.5, true},       {0.1, false},    {1e300, false},   {-0.0, true},
                {1e-310, false},   {NAN, true},     {INFINITY, true}, {-INFINITY, true},
                {16777217, false}, {16777216, true}};
    static const uint32_t places[] = {0, 1, 2, 3, 63, 64, 65, 127, 128, 199};

    for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
        for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
            double want[200];
            size_t bytes;
            points_clear(&points);
            for (uint32_t row = 0; row < 200; row++) {
                want[row] = row == places[i] ? rows[k].odd : (double)row / 4;
                points_add(&points, row, want[row]);
            }
            struct chunk *chunk = chunk_new(&points, 200, &bytes);
            cr_expect(chunk->single == rows[k].single, "%g in row %u", rows[k].odd, places[i]);
            free(chunk);
            cr_expect(holds(200, want), "%g in row %u", rows[k].odd, places[i]);
        }
    }
}

Test(columns, a_digest_is_of_the_finite_points)
{
    static const struct {
        const char *what;
        double value[6];
        struct digest want;
    } rows[] = {
        {"finite",
         {2, -1, 3, 3, -1, 0},
         {.finite = 6,
          .first = 2,
          .last = 0,
          .min = -1,
          .max = 3,
          .sum = 6,
          .min_row = 1,
          .max_row = 2}},
        {"NaN first",
         {NAN, 1, 2, 3, 4, 5},
         {.finite = 5,
          .nan = 1,
          .first = 1,
          .last = 5,
          .min = 1,
          .max = 5,
          .sum = 15,
          .min_row = 1,
          .max_row = 5}},
        {"infinite last",
         {1, 1, 1, 1, 1, -INFINITY},
         {.finite = 5,
          .neg_inf = 1,
          .first = 1,
          .last = 1,
          .min = 1,
          .max = 1,
          .sum = 5,
          .odd_row = 5,
          .ends_non_finite = true}},
        {"both infinities",
         {INFINITY, 1, -INFINITY, 2, 3, 4},
         {.finite = 4,
          .pos_inf = 1,
          .neg_inf = 1,
          .first = 1,
          .last = 4,
          .min = 1,
          .max = 4,
          .sum = 10,
          .min_row = 1,
          .max_row = 5}},
        {"a sum too large",
         {1e308, 1e308, 1e308, 1, 1, 1e308},
         {.finite = 6,
          .first = 1e308,
          .last = 1e308,
          .min = 1,
          .max = 1e308,
          .sum = INFINITY,
          .min_row = 3}},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct digest *want = &rows[i].want;
        size_t bytes;
        points_clear(&points);
        for (uint32_t row = 0; row < 6; row++)
            points_add(&points, row, rows[i].value[row]);
        struct chunk *chunk = chunk_new(&points, 6, &bytes);
        const struct digest *d = &chunk->digest;
        cr_expect(d->n == 6 && d->finite == want->finite && d->nan == want->nan &&
                      d->pos_inf == want->pos_inf && d->neg_inf == want->neg_inf,
                  "%s: counts", rows[i].what);
        cr_expect(d->first == want->first && d->last == want->last && d->min == want->min &&
                      d->max == want->max && d->sum == want->sum,
                  "%s: values", rows[i].what);
        cr_expect(d->min_row == want->min_row && d->max_row == want->max_row &&
                      d->odd_row == want->odd_row && d->ends_non_finite == want->ends_non_finite,
                  "%s: rows", rows[i].what);
        free(chunk);
    }
}
