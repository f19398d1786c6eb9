#include "analysis/stats/rng.h"

#include <criterion/criterion.h>
#include <math.h>

/* The published generators, seed 42. */
Test(rng, vector_48_words_of_the_published_generator)
{
    static const uint64_t want[] = {0x15780b2e0c2ec716, 0x6104d9866d113a7e, 0xae17533239e499a1};
    struct rng rng = rng_of(42);

    for (size_t i = 0; i < 3; i++) {
        uint64_t got = rng_next(&rng);

        cr_expect(got == want[i], "word %zu is %llx", i, (unsigned long long)got);
    }
}

Test(rng, vector_73_draws_are_made_from_those_words)
{
    static const double uniform[] = {0.08386297105988216, 0.3789802506626686, 0.6800434110281394};
    static const uint64_t below_ten[] = {0, 3, 6};
    struct rng u = rng_of(42), b = rng_of(42);

    for (size_t i = 0; i < 3; i++) {
        double x = rng_uniform(&u);
        uint64_t k = rng_below(&b, 10);

        cr_expect(fabs(x - uniform[i]) <= 1e-16, "uniform %zu is %.17g", i, x);
        cr_expect(k == below_ten[i], "integer %zu is %llu", i, (unsigned long long)k);
    }
}

/* 20,000 draws: the mean is within 5/sqrt(20000), the variance within 5 sqrt(2/20000). */
Test(rng, normal_draws_have_mean_0_and_variance_1)
{
    enum { DRAWS = 20000 };
    struct rng rng = rng_of(7);
    double sum = 0, squares = 0;

    for (int i = 0; i < DRAWS; i++) {
        double x = rng_normal(&rng);

        sum += x;
        squares += x * x;
    }
    cr_expect(fabs(sum / DRAWS) < 0.036, "%g", sum / DRAWS);
    cr_expect(fabs(squares / DRAWS - 1) < 0.05, "%g", squares / DRAWS);
}
