#include "analysis/base/number.h"

#include <criterion/criterion.h>
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "analysis/base/number.tab.h"

/* ---- what the tests share ---- */

/* splitmix64: the same numbers in every run */
static uint64_t next(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static uint64_t below(uint64_t *state, uint64_t limit)
{
    return next(state) % limit;
}

static uint64_t bits_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof(bits));
    return bits;
}

static double double_of(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof(value));
    return value;
}

static double random_double(uint64_t *state)
{
    double value;
    do
        value = double_of(next(state));
    while (!isfinite(value));
    return value;
}

/* number_read_ahead of text[0..n), which more text or more digits stand behind. */
static bool reads_ahead_as(char *text, size_t n, double want)
{
    static const char *const behind[] = {",12345678", "e5", ".5", "00000000000000000000000"};
    double value = -1;
    bool ok = true;

    for (size_t i = 0; i < sizeof(behind) / sizeof(behind[0]); i++) {
        memset(text + n, 0, NUMBER_AHEAD);
        memcpy(text + n, behind[i], strlen(behind[i]));
        ok &= number_read_ahead((struct str){text, n}, &value) == n &&
              bits_of(value) == bits_of(want);
    }
    return ok;
}

/* Is `text`, all of it, read as `want`: alone, and with more text behind it? */
static bool reads_as(const char *text, double want)
{
    char more[4096 + 64];
    size_t n = strlen(text);
    double alone = -1, followed = -1;

    snprintf(more, sizeof(more), "%s,12345678", text);
    return number_read((struct str){text, n}, &alone) == n && bits_of(alone) == bits_of(want) &&
           number_read(str_of(more), &followed) == n && bits_of(followed) == bits_of(want) &&
           number_skip((struct str){text, n}) == n && number_skip(str_of(more)) == n &&
           reads_ahead_as(more, n, want);
}

#define EXPECT_READS(text, want)                                                                   \
    cr_expect(reads_as(text, want), "%.60s is not read as %a", text, want)
#define EXPECT_AS_STRTOD(text) EXPECT_READS(text, strtod(text, NULL))

/* `n` random digits, the first not 0, with a point somewhere inside or nowhere */
static char *put_digits(char *out, size_t n, uint64_t *state)
{
    size_t point = below(state, 2 * n);

    for (size_t i = 0; i < n; i++) {
        *out++ = (char)('0' + (i ? below(state, 10) : 1 + below(state, 9)));
        if (i == point && i + 1 < n)
            *out++ = '.';
    }
    *out = 0;
    return out;
}

/* ---- the value ---- */

Test(number, random_doubles_in_three_formats_read_as_strtod_reads_them)
{
    uint64_t state = 1;
    char text[64];

    for (int i = 0; i < 100000; i++) {
        double value = random_double(&state);
        snprintf(text, sizeof(text), "%.17g", value);
        EXPECT_READS(text, value);
        snprintf(text, sizeof(text), "%.15g", value);
        EXPECT_AS_STRTOD(text);
        snprintf(text, sizeof(text), "%.9g", value);
        EXPECT_AS_STRTOD(text);
    }
}

Test(number, doubles_of_the_size_logs_have_read_as_strtod_reads_them)
{
    uint64_t state = 2;
    char text[64];

    for (int i = 0; i < 100000; i++) {
        double value =
            (double)(next(&state) >> 11) * 0x1p-53 * pow(10, (double)below(&state, 12) - 6);
        snprintf(text, sizeof(text), "%.*g", (int)(1 + below(&state, 17)), value);
        EXPECT_AS_STRTOD(text);
        snprintf(text, sizeof(text), "%.*f", (int)below(&state, 20), -value);
        EXPECT_AS_STRTOD(text);
    }
}

Test(number, random_digits_with_random_exponents_read_as_strtod_reads_them)
{
    uint64_t state = 3;
    char text[128];

    for (int i = 0; i < 200000; i++) {
        char *end = put_digits(text, 1 + below(&state, 40), &state);
        snprintf(end, 16, "%c%d", "eE"[i % 2], (int)below(&state, 801) - 400);
        EXPECT_AS_STRTOD(text);
    }
}

Test(number, every_power_of_ten_is_right_with_19_and_20_digits)
{
    uint64_t state = 4;
    char text[64];

    for (int q = FIVE_MIN - 3; q <= FIVE_MAX + 3; q++) {
        for (int i = 0; i < 100; i++) {
            snprintf(text, sizeof(text), "%" PRIu64 "e%+04d", next(&state), q);
            EXPECT_AS_STRTOD(text);
        }
    }
}

Test(number, denormals_read_as_strtod_reads_them)
{
    uint64_t state = 5;
    char text[64];

    for (int i = 0; i < 30000; i++) {
        double value = double_of(next(&state) >> (12 + below(&state, 52)));
        snprintf(text, sizeof(text), "%.17g", value);
        EXPECT_READS(text, value);
        snprintf(text, sizeof(text), "%.*g", (int)(1 + below(&state, 17)), value);
        EXPECT_AS_STRTOD(text);
    }
}

/* A double and the next one have a long double halfway; %Le of 800 digits writes it exactly. */
static bool halfway_is_right(uint64_t lower)
{
    double low = double_of(lower), high = double_of(lower + 1);
    long double half = (long double)low + ((long double)high - (long double)low) / 2;
    char text[1024];

    snprintf(text, sizeof(text), "%.800Le", half);
    bool even = reads_as(text, lower % 2 ? high : low);

    char *last = strchr(text, 'e') - 1;
    *last = '1'; /* the 801st digit */
    bool up = reads_as(text, high);
    *last = '0';
    for (; *last == '0' || *last == '.'; last--) /* one less in that digit borrows */
        if (*last == '0')
            *last = '9';
    --*last;
    return even && up && reads_as(text, low);
}

Test(number, halfway_goes_to_even_and_a_little_more_or_less_does_not)
{
    uint64_t state = 6, fixed[] = {0, bits_of(DBL_MIN), bits_of(DBL_MIN) - 1};

    for (size_t i = 0; i < 12003; i++) {
        uint64_t random = next(&state), lower = i < 3 ? fixed[i] : 0;
        if (i >= 3 && i % 3 == 0) /* of any size, */
            lower = random % bits_of(DBL_MAX);
        else if (i >= 3 && i % 3 == 1) /* of everyday size, */
            lower = bits_of((double)(random >> 11) * 0x1p-50);
        else if (i >= 3) /* and denormal */
            lower = random >> (12 + below(&state, 50));
        cr_expect(halfway_is_right(lower), "behind %a", double_of(lower));
    }
}

Test(number, halfway_in_few_digits_goes_to_even)
{
    uint64_t state = 7, five = 1;
    char text[64];

    /* m of 54 bits and odd is halfway at every power of two: m 5^j / 10^j is m / 2^j, ... */
    for (int j = 0; j <= 4; j++, five *= 5) {
        for (int i = 0; i < 2000; i++) {
            uint64_t m = UINT64_C(1) << 53 | next(&state) >> 11 | 1;
            uint64_t even = m % 4 == 1 ? m - 1 : m + 1;
            snprintf(text, sizeof(text), "%" PRIu64 "e-%d", m * five, j);
            EXPECT_READS(text, ldexp((double)even, -j));
        }
    }
    /* ... and w 10^j is w 5^j * 2^j, where w 5^j is to be such an m. */
    five = 1;
    for (int j = 0; j <= 22; j++, five *= 5) {
        for (int i = 0; i < 500; i++) {
            uint64_t w =
                ((UINT64_C(1) << 53) / five + below(&state, (UINT64_C(1) << 53) / five)) | 1;
            uint64_t m = w * five;
            if (m >> 53 != 1)
                continue;
            uint64_t even = m % 4 == 1 ? m - 1 : m + 1;
            snprintf(text, sizeof(text), "%" PRIu64 "e%d", w, j);
            EXPECT_READS(text, ldexp((double)even, j));
        }
    }
}

Test(number, digits_without_end_read_as_strtod_reads_them)
{
    uint64_t state = 8;
    char text[4096];

    for (int i = 0; i < 10000; i++) {
        size_t zeros = below(&state, 2) * below(&state, 400);
        int n = snprintf(text, sizeof(text), "-0.%0*d", (int)zeros + 1, 0);
        char *start = i % 3 ? text + n : text + 1;
        char *end = put_digits(start, 20 + below(&state, i % 50 ? 100 : 3000), &state);
        if (i % 3) { /* behind "-0.000" there is a point already */
            char *point = strchr(start, '.');
            if (point)
                *point = '7';
        }
        snprintf(end, 16, "e%d", (int)below(&state, 700) - 350);
        EXPECT_AS_STRTOD(text);
    }
}

/* Where number_read_ahead goes from one way to the next: digits in front of the point and behind.
 */
Test(number, any_count_of_digits_around_the_point_reads_as_strtod_reads_it)
{
    uint64_t state = 10;
    char text[128];

    for (int i = 0; i < 60000; i++) {
        size_t whole = 1 + (size_t)i % 20, decimals = (size_t)i / 20 % 28, n = 0;
        size_t zeros = below(&state, 3) == 0 ? below(&state, decimals + 1) : 0;
        if (below(&state, 2))
            text[n++] = '-';
        for (size_t k = 0; k < whole; k++)
            text[n++] = (char)('0' + (k || whole == 1 ? below(&state, 10) : 1 + below(&state, 9)));
        if (decimals)
            text[n++] = '.';
        for (size_t k = 0; k < decimals; k++)
            text[n++] = (char)('0' + (k < zeros ? 0 : below(&state, 10)));
        text[n] = 0;
        if (below(&state, 3) == 0)
            snprintf(text + n, 8, "e%d", (int)below(&state, 60) - 30);
        EXPECT_AS_STRTOD(text);
    }
}

Test(number, the_neighbours_of_2_to_the_53_read_as_strtod_reads_them)
{
    static const char *const tails[] = {"",   ".0",  ".5",  ".50000000000000000000001",
                                        "e0", "e-3", "e22", "e23"};
    char text[64];

    for (int64_t d = -1000; d <= 1000; d++) {
        for (size_t i = 0; i < sizeof(tails) / sizeof(*tails); i++) {
            snprintf(text, sizeof(text), "%" PRId64 "%s", (INT64_C(1) << 53) + d, tails[i]);
            EXPECT_AS_STRTOD(text);
        }
    }
}

Test(number, the_ends_of_the_range_are_where_ieee_754_has_them)
{
    static const struct {
        const char *text;
        double value;
    } rows[] = {
        {"0", 0},
        {"-0", -0.0},
        {"-0.0e5", -0.0},
        {"0e999999999999999999999999", 0},
        {"0.0000000000000000000000000000000", 0},
        {"1.7976931348623157e308", DBL_MAX},
        {"1.7976931348623158e308",
         DBL_MAX}, /* halfway to 2^1024 is 1.79769313486231580793...e308 */
        {"1.7976931348623159e308", INFINITY},
        {"-1.7976931348623159e308", -INFINITY},
        {"1e309", INFINITY},
        {"-1e400", -INFINITY},
        {"1e99999999999999999999999", INFINITY},
        {"5e-324", 0x1p-1074},
        {"2.4703282292062327e-324", 0}, /* half of it is 2.47032822920623272088...e-324 */
        {"2.4703282292062328e-324", 0x1p-1074},
        {"-2.4703282292062327e-324", -0.0},
        {"2.2250738585072014e-308", DBL_MIN},
        {"2.2250738585072011e-308", 0x0.fffffffffffffp-1022},
        {"1e-400", 0},
        {"-1e-99999999999999999999999", -0.0},
        {"9007199254740993", 9007199254740992},
        {"9007199254740993.0000000000000000000000001", 9007199254740994},
        {"18446744073709551615", 0x1p64},
        {"18446744073709551616", 0x1p64},
        {"99999999999999999999999", 1e23},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        EXPECT_READS(rows[i].text, rows[i].value);
}

Test(number, an_exponent_undoes_any_count_of_zeros)
{
    char text[1024];

    snprintf(text, sizeof(text), "0.%0900de901", 1);
    EXPECT_READS(text, 10.0);
    int n = snprintf(text, sizeof(text), "1%0900d", 0);
    snprintf(text + n, 16, "e-%d", 900);
    EXPECT_READS(text, 1.0);
}

/* ---- the grammar ---- */

Test(number, takes_the_longest_beginning_that_is_a_json_number)
{
    static const struct {
        const char *text;
        size_t takes;
    } rows[] = {
        {"", 0},
        {"-", 0},
        {"+1", 0},
        {".5", 0},
        {"-.5", 0},
        {"e5", 0},
        {"--1", 0},
        {" 1", 0},
        {"NaN", 0},
        {"Infinity", 0},
        {"-Infinity", 0},
        {"null", 0},
        {"/", 0},
        {":", 0},
        {"0", 1},
        {"-0", 2},
        {"01", 1},
        {"-01", 2},
        {"00", 1},
        {"0x10", 1},
        {"1", 1},
        {"1.", 1},
        {"1.e5", 1},
        {"1..5", 1},
        {"1.5", 3},
        {"1.5.5", 3},
        {"1e", 1},
        {"1e+", 1},
        {"1e-", 1},
        {"1e+-5", 1},
        {"1e5", 3},
        {"1E5", 3},
        {"1e+5", 4},
        {"1e-5", 4},
        {"1e05", 4},
        {"1e5.5", 3},
        {"1e5e5", 3},
        {"0.0", 3},
        {"0.00e00", 7},
        {"0e0", 3},
        {"-0.5e-5,", 7},
        {"12]", 2},
        {"1.5e", 3},
        {"1.5E+x", 3},
        {"1_000", 1},
        {"1,5", 1},
        {"1-2", 1},
        {"1+2", 1},
        {"12345678", 8},
        {"123456789", 9},
        {"12345678.", 8},
        {"1234567/", 7},
        {"1234567:9", 7},
        {"0.12345678", 10},
        {"0.1234567 1", 9},
        {"1234567890123456789012345678901234567890e", 40},
        {"1\xb1\xb2", 1},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        double value = 42;
        size_t read = number_read(str_of(rows[i].text), &value);
        size_t skipped = number_skip(str_of(rows[i].text));
        cr_expect(read == rows[i].takes, "'%s': read takes %zu", rows[i].text, read);
        cr_expect(skipped == rows[i].takes, "'%s': skip takes %zu", rows[i].text, skipped);
        cr_expect(read > 0 || value == 42, "'%s': no number, but %g", rows[i].text, value);
    }
    cr_expect(number_skip((struct str){NULL, 0}) == 0, "no text at all");
}

/* The grammar once more, as a machine: the state after each byte, and where it was whole last. */
static size_t takes_by_the_book(struct str text)
{
    enum { START, MINUS, ZERO, INT, POINT, FRACTION, E, SIGN, EXPONENT, END } state = START;
    size_t whole = 0;

    for (size_t i = 0; i < text.n && state != END; i++) {
        char c = text.p[i];
        bool digit = c >= '0' && c <= '9', e = c == 'e' || c == 'E';
        switch (state) {
        case START:
        case MINUS:
            state = state == START && c == '-' ? MINUS : c == '0' ? ZERO : digit ? INT : END;
            break;
        case ZERO:
        case INT:
            state = state == INT && digit ? INT : c == '.' ? POINT : e ? E : END;
            break;
        case POINT:
        case FRACTION:
            state = digit ? FRACTION : state == FRACTION && e ? E : END;
            break;
        case E:
        case SIGN:
        case EXPONENT:
            state = digit ? EXPONENT : state == E && (c == '+' || c == '-') ? SIGN : END;
            break;
        default:
            break;
        }
        if (state == ZERO || state == INT || state == FRACTION || state == EXPONENT)
            whole = i + 1;
    }
    return whole;
}

/* Each text stands in a block of exactly its size, so that a sanitizer sees a look behind it. */
Test(number, agrees_with_the_grammar_on_any_bytes_and_looks_at_nothing_behind)
{
    static const char alphabet[] = "0123456789012345678901234567890123456789..eE+-- ,x";
    uint64_t state = 9;

    for (int i = 0; i < 100000; i++) {
        size_t n = below(&state, 40);
        char *p = malloc(n ? n : 1);
        cr_assert(p != NULL);
        for (size_t k = 0; k < n; k++)
            p[k] = below(&state, 50) ? alphabet[below(&state, sizeof(alphabet) - 1)]
                                     : (char)below(&state, 256);
        for (size_t cut = n > 2 ? n - 2 : 0; cut <= n; cut++) {
            struct str text = {p, cut};
            double value = 0;
            size_t want = takes_by_the_book(text), read = number_read(text, &value);
            char padded[40 + NUMBER_AHEAD] = {0};
            double ahead = 0;
            if (n)
                memcpy(padded, p, n);
            if (cut > 0 && (number_read_ahead((struct str){padded, cut}, &ahead) != want ||
                            bits_of(ahead) != bits_of(value)))
                cr_expect_fail("'%.*s': read ahead otherwise", STR_FMT(text));
            if (read != want || number_skip(text) != want)
                cr_expect_fail("'%.*s': read %zu, skip %zu, is %zu", STR_FMT(text), read,
                               number_skip(text), want);
        }
        free(p);
    }
}

Test(number, digits_behind_the_end_of_the_text_do_not_count)
{
    double value = 0;

    cr_expect(number_read((struct str){"12345678901234567890", 3}, &value) == 3);
    cr_expect(value == 123, "%g", value);
    cr_expect(number_read((struct str){"1.5e10", 5}, &value) == 5);
    cr_expect(value == 15, "%g", value);
    cr_expect(number_read((struct str){"1.5e10", 4}, &value) == 3);
    cr_expect(value == 1.5, "%g", value);
}

/* ---- printing ---- */

Test(number, all_of_a_text_is_a_number_or_it_is_none)
{
    double value = 7;

    cr_expect(!number_is((struct str){0}, &value) && !number_is(STR("1 "), &value) &&
              !number_is(STR("-"), &value) && value == 7);
    cr_expect(number_is(STR("-2.5"), &value) && value == -2.5);
}

Test(number, prints_the_shortest_of_three_precisions)
{
    static const struct {
        double value;
        const char *text;
    } rows[] = {
        {0, "0"},
        {-0.0, "-0"},
        {1, "1"},
        {-17, "-17"},
        {0.1, "0.1"},
        {0.1 + 0.2, "0.30000000000000004"},
        {1e-5, "1e-05"},
        {1.0 / 3, "0.3333333333333333"},
        {2.0 / 3, "0.6666666666666666"},
        {100000, "100000"},
        {123456789012345, "123456789012345"},
        {1e21, "1e+21"},
        {1e22, "1e+22"},
        {9007199254740992, "9007199254740992"},
        {123456789012345680, "1.2345678901234568e+17"},
        {0x1p-1074, "4.94065645841247e-324"},
        {DBL_MAX, "1.7976931348623157e+308"},
        {-DBL_MIN, "-2.2250738585072014e-308"},
        {NAN, "NaN"},
        {-NAN, "NaN"},
        {INFINITY, "Infinity"},
        {-INFINITY, "-Infinity"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char out[NUMBER_TEXT_MAX];
        size_t n = number_print(rows[i].value, out);
        cr_expect(n == strlen(out) && strcmp(out, rows[i].text) == 0, "%s is printed %s",
                  rows[i].text, out);
    }
}

Test(number, what_is_printed_is_a_json_number_and_reads_back)
{
    uint64_t state = 10;

    for (int i = 0; i < 100000; i++) {
        double value = i % 2 ? random_double(&state) : (double)(next(&state) >> 11) * 0x1p-53;
        char out[NUMBER_TEXT_MAX];
        double back = 0;
        size_t n = number_print(value, out);
        if (n >= NUMBER_TEXT_MAX || out[n] != 0 || takes_by_the_book((struct str){out, n}) != n)
            cr_expect_fail("%a is printed %s", value, out);
        if (number_read((struct str){out, n}, &back) != n || bits_of(back) != bits_of(value) ||
            bits_of(strtod(out, NULL)) != bits_of(value))
            cr_expect_fail("%a is printed %s, which reads %a", value, out, back);
    }
}
