/*
 * ns a number for number_read, number_skip and strtod over the same million
 * texts, and each as a ratio to strtod; the best of five rounds, taken in turn.
 * The texts stand in one buffer with a comma behind each, as in a log.
 */

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "analysis/base/number.h"

enum { COUNT = 1000000, ROUNDS = 5, PLACE = 32 };

static size_t by_strtod(struct str text, double *value)
{
    char *end;
    *value = strtod(text.p, &end);
    return (size_t)(end - text.p);
}

static size_t by_skip(struct str text, double *value)
{
    *value = 0;
    return number_skip(text);
}

static double ns_each(size_t (*take)(struct str, double *), struct str rest)
{
    struct timespec from, to;
    double value = 0, sum = 0;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
    for (; rest.n; rest = str_from(rest, take(rest, &value) + 1))
        sum += value;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
    if (isnan(sum)) /* keeps the loop */
        puts("nan");
    return ((double)(to.tv_sec - from.tv_sec) * 1e9 + (double)(to.tv_nsec - from.tv_nsec)) / COUNT;
}

static void measure(int precision, double scale)
{
    size_t (*const ways[])(struct str, double *) = {number_read, by_skip, by_strtod};
    double best[3] = {INFINITY, INFINITY, INFINITY};
    char *texts = malloc((size_t)COUNT * PLACE);
    size_t n = 0;
    uint64_t random = 1;

    if (!texts)
        abort();
    for (int i = 0; i < COUNT; i++) {
        random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        double value = (double)(random >> 11) * 0x1p-53 * scale;
        n += (size_t)snprintf(texts + n, PLACE, "%.*g,", precision, value);
    }
    for (int round = 0; round < ROUNDS; round++)
        for (int i = 0; i < 3; i++)
            best[i] = fmin(best[i], ns_each(ways[i], (struct str){texts, n}));
    printf("%%.%dg x %-6g  read %5.1f ns (%.3f)  skip %5.1f ns (%.3f)  strtod %5.1f ns\n",
           precision, scale, best[0], best[0] / best[2], best[1], best[1] / best[2], best[2]);
    free(texts);
}

int main(void)
{
    measure(17, 1);
    measure(16, 10);
    measure(17, 1e-6);
    measure(6, 100);
    measure(3, 100);
    return 0;
}
