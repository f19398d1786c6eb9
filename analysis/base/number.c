#include "analysis/base/number.h"

#include <assert.h>
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "analysis/base/digits.h"
#include "analysis/base/number.tab.h"

__extension__ typedef unsigned __int128 wide;

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "eight() takes the first digit lowest");
static_assert(FLT_EVAL_METHOD == 0, "one operation on doubles rounds once, to a double");

#define DIGITS_MAX 19                 /* any integer of so many digits fits 64 bits */
#define EXACT_MAX (UINT64_C(1) << 53) /* every integer up to here is a double */
#define DIGITS_EXACT 768 /* no point halfway between two doubles has more (it has at most 767) */

/* Above any count of digits in memory: an exponent cut to it still outweighs all of them. */
#define EXPONENT_CAP ((int64_t)1 << 56)

/* One grammar for both: number_skip keeps only its comparisons (a third off its time, measured). */
#define INLINE static inline __attribute__((always_inline))
/* What is rare is kept out of what is not, so that this needs few registers. */
#define NOINLINE __attribute__((noinline))

/* A number cut into parts; its value is +-digits * 10^exponent. */
struct parts {
    size_t n;                 /* bytes of the whole; 0: no number */
    const char *first, *stop; /* its digits, with the point if there is one */
    uint64_t digits; /* modulo 2^64: right if they are at most DIGITS_MAX without leading zeros */
    int64_t exponent;
    bool negative;
};

INLINE bool is_digit(char c)
{
    return (unsigned char)(c - '0') <= 9;
}

/* Goes over digits and appends them to *sum. */
INLINE const char *run(const char *p, const char *end, uint64_t *sum)
{
    static const uint32_t ten[8] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000};

    while (end - p >= 8) {
        uint64_t bytes = load_digits(p);
        unsigned n = leading_digits(bytes);
        if (n < 8) {
            *sum = *sum * ten[n] + seven_of(p, n);
            return p + n;
        }
        *sum = *sum * 100000000 + eight(bytes);
        p += 8;
    }
    for (; p < end && is_digit(*p); p++)
        *sum = *sum * 10 + (uint64_t)(*p - '0');
    return p;
}

/* At an 'e': goes over the exponent and adds it, or stays if it has no digits. */
INLINE const char *run_exponent(const char *e, const char *end, int64_t *exponent)
{
    const char *p = e + 1;
    bool negative = p < end && *p == '-';
    int64_t sum = 0;

    if (p < end && (*p == '-' || *p == '+'))
        p++;
    if (p == end || !is_digit(*p))
        return e;
    for (; p < end && is_digit(*p); p++)
        if (sum < EXPONENT_CAP)
            sum = sum * 10 + (*p - '0');
    *exponent += negative ? -sum : sum;
    return p;
}

/* The grammar. number_skip uses nothing of it but n, and the compiler leaves the rest out. */
INLINE struct parts take(struct str text)
{
    struct parts parts = {0};
    if (text.n == 0)
        return parts;
    const char *p = text.p, *end = text.p + text.n;

    parts.negative = *p == '-';
    p += parts.negative;
    if (p == end || !is_digit(*p))
        return parts;
    parts.first = p;
    p = *p == '0' ? p + 1 : run(p, end, &parts.digits);
    if (end - p >= 2 && *p == '.' && is_digit(p[1])) {
        const char *fraction = p + 1;
        p = run(fraction, end, &parts.digits);
        parts.exponent = fraction - p;
    }
    parts.stop = p;
    if (p < end && (*p | 0x20) == 'e')
        p = run_exponent(p, end, &parts.exponent);
    parts.n = (size_t)(p - text.p);
    return parts;
}

/*
 * digits * 10^exponent, correctly rounded, as the bits of a positive double.
 * Eisel and Lemire's algorithm: D. Lemire, "Number Parsing at a Gigabyte per
 * Second", 2021, section 5. That 128 bits of the power are always enough, so
 * that nothing has to be tried again: N. Mushtak and D. Lemire, "Fast Number
 * Parsing Without Fallback", 2023.
 */
static inline uint64_t scaled(uint64_t digits, int64_t exponent)
{
    const uint64_t infinity = UINT64_C(0x7ff) << 52;

    if (digits == 0 || exponent < FIVE_MIN)
        return 0;
    if (exponent > FIVE_MAX)
        return infinity;

    int q = (int)exponent, zeros = __builtin_clzll(digits);
    const uint64_t *five = fives[q - FIVE_MIN];
    digits <<= zeros;
    wide product = (wide)digits * five[0];
    /* 55 bits are looked at; where the 9 below are all ones the low word may carry into them. */
    if ((~(product >> 64) & 0x1ff) == 0)
        product += ((wide)digits * five[1]) >> 64;

    uint64_t high = (uint64_t)(product >> 64), low = (uint64_t)product;
    int top = (int)(high >> 63), shift = top + 9;
    uint64_t mantissa = high >> shift; /* 53 bits and one for rounding */
    /* 217706 q / 2^16 is floor(log2(10^q)) for these q; 63: the top bit's place, 1023: the bias */
    int power = ((217706 * q) >> 16) + 63 + 1023 + top - zeros;

    if (power <= 0) { /* a denormal, never halfway: that would take more digits */
        if (power <= -63)
            return 0;
        mantissa >>= 1 - power;
        return (mantissa + (mantissa & 1)) >> 1; /* the carry makes the smallest normal by itself */
    }
    /* Exactly halfway, as only these powers can be, goes to the even one: here down. */
    if (low <= 1 && q >= -4 && q <= 23 && (mantissa & 3) == 1 && mantissa << shift == high)
        mantissa--;
    mantissa = (mantissa + (mantissa & 1)) >> 1;
    /* The leading one adds 1 to the power, and so does the carry out of all ones. */
    uint64_t bits = mantissa + ((uint64_t)(power - 1) << 52);
    return bits < infinity ? bits : infinity;
}

/*
 * More digits than the two neighbours in DIGITS_MAX digits can tell: rare, so
 * strtod does it. Digits behind DIGITS_EXACT cannot decide more than whether
 * the value lies above, which a 1 in their place says as well. (strtod knows
 * locales; the program never sets one, and there is no point in the copy.)
 */
static uint64_t decided(const char *first, const struct parts *parts)
{
    char copy[DIGITS_EXACT + 32];
    size_t n = 0;
    int64_t exponent = parts->exponent;
    bool more = false;

    for (const char *p = first; p < parts->stop; p++) {
        if (*p == '.')
            continue;
        if (n < DIGITS_EXACT) {
            copy[n++] = *p;
        } else {
            more |= *p != '0';
            exponent++;
        }
    }
    snprintf(copy + n, sizeof(copy) - n, "%se%" PRId64, more ? "1" : "", exponent - more);

    double value = strtod(copy, NULL);
    uint64_t bits;
    memcpy(&bits, &value, sizeof(bits));
    return bits;
}

/* As scaled(), for digits that may be too many. */
static uint64_t scaled_long(struct parts parts)
{
    const char *first = parts.first;
    uint64_t digits = 0;
    int64_t kept = 0, left = 0;
    bool cut = false;

    while (first < parts.stop && (*first == '0' || *first == '.'))
        first++;
    if (parts.stop - first <= DIGITS_MAX)
        return scaled(parts.digits, parts.exponent);
    for (const char *p = first; p < parts.stop; p++) {
        if (*p == '.')
            continue;
        if (kept < DIGITS_MAX) {
            digits = digits * 10 + (uint64_t)(*p - '0');
            kept++;
        } else {
            cut |= *p != '0';
            left++;
        }
    }
    uint64_t below = scaled(digits, parts.exponent + left);
    if (!cut || below == scaled(digits + 1, parts.exponent + left))
        return below;
    return decided(first, &parts);
}

/*
 * W. Clinger, "How to Read Floating Point Numbers Accurately", 1990: where the
 * digits and the power are both exact as doubles, one operation rounds once.
 */
static inline bool is_exact(uint64_t digits, int64_t exponent)
{
    return digits <= EXACT_MAX && exponent >= -22 && exponent <= 22;
}

static inline uint64_t bits_of(uint64_t digits, int64_t exponent)
{
    static const double ten[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                 1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    uint64_t bits;

    if (!is_exact(digits, exponent))
        return scaled(digits, exponent);
    double whole = (double)(int64_t)digits, power = ten[llabs(exponent)];
    double exact = exponent < 0 ? whole / power : whole * power;
    memcpy(&bits, &exact, sizeof(bits));
    return bits;
}

static size_t read_any(struct str text, double *value)
{
    struct parts parts = take(text);

    if (parts.n == 0)
        return 0;
    uint64_t bits = parts.stop - parts.first > DIGITS_MAX ? scaled_long(parts)
                                                          : bits_of(parts.digits, parts.exponent);
    bits |= (uint64_t)parts.negative << 63;
    memcpy(value, &bits, sizeof(bits));
    return parts.n;
}

#ifdef __SSE2__

/* p: behind the digits, whose value is digits * 10^exponent; more may follow. */
static NOINLINE size_t finish(struct str text, const char *p, uint64_t digits, int64_t exponent,
                              double *value)
{
    const char *end = text.p + text.n;

    if (p > end)
        return read_any(text, value);
    if (p < end && (*p | 0x20) == 'e')
        p = run_exponent(p, end, &exponent);
    /* Some could be divided exactly, but which is guessed wrong too often to gain by it. */
    uint64_t bits = scaled(digits, exponent) | (uint64_t)(*text.p == '-') << 63;
    memcpy(value, &bits, sizeof(bits));
    return (size_t)(p - text.p);
}

/* As finish() at an 'e', of digits so few that the power mostly decides nothing about the way. */
static NOINLINE size_t read_power(struct str text, const char *p, uint64_t digits, int64_t exponent,
                                  double *value)
{
    p = run_exponent(p, text.p + text.n, &exponent);
    uint64_t bits = bits_of(digits, exponent) | (uint64_t)(*text.p == '-') << 63;
    memcpy(value, &bits, sizeof(bits));
    return (size_t)(p - text.p);
}

/* The n digits at p, n from 1 to 16. */
static inline uint64_t sixteen_of(const char *p, unsigned n)
{
    return n <= 8 ? eight_of(p, n) : eight_of(p, n - 8) * 100000000 + eight_of(p + n - 8, 8);
}

/*
 * More than 3 digits before the point and 8 behind it, or more than 8 before it;
 * what is still wider is left to read_any. others: of number_read_ahead.
 */
static NOINLINE size_t read_wide(struct str text, unsigned n, uint32_t others, double *value)
{
    static const uint64_t ten[] = {UINT64_C(1),
                                   UINT64_C(10),
                                   UINT64_C(100),
                                   UINT64_C(1000),
                                   UINT64_C(10000),
                                   UINT64_C(100000),
                                   UINT64_C(1000000),
                                   UINT64_C(10000000),
                                   UINT64_C(100000000),
                                   UINT64_C(1000000000),
                                   UINT64_C(10000000000),
                                   UINT64_C(100000000000),
                                   UINT64_C(1000000000000),
                                   UINT64_C(10000000000000),
                                   UINT64_C(100000000000000),
                                   UINT64_C(1000000000000000)};
    const char *first = text.p + (*text.p == '-'), *point = first + n;

    if (n - 4 >= 8 || *first == '0')
        return read_any(text, value);
    uint64_t digits = sixteen_of(first, n);
    if (*point != '.')
        return finish(text, point, digits, 0, value);
    unsigned decimals = (unsigned)(__builtin_ctz(others & (others - 1)) - (point - text.p) - 1);
    if (decimals == 0 || n + decimals > DIGITS_MAX)
        return read_any(text, value);
    digits = digits * ten[decimals] + sixteen_of(point + 1, decimals);
    return finish(text, point + 1 + decimals, digits, -(int64_t)decimals, value);
}

/* Of numbers with so many decimals behind the first 16. */
struct fraction {
    uint64_t ten;  /* 10^more */
    uint64_t most; /* 10^(DIGITS_MAX - more) - 1 */
    int64_t power; /* of two for 10^-(16 + more), as scaled() has it, but for top and zeros */
};

#define FRACTION(more, ten, most)                                                                  \
    {                                                                                              \
        ten, (most)-1, ((217706 * (-16 - (more))) >> 16) + 1023 - 1                                \
    }

static const struct fraction fractions[] = {
    FRACTION(0, 1, UINT64_C(10000000000000000000)), FRACTION(1, 10, UINT64_C(1000000000000000000)),
    FRACTION(2, 100, UINT64_C(100000000000000000)), FRACTION(3, 1000, UINT64_C(10000000000000000)),
    FRACTION(4, 10000, UINT64_C(1000000000000000)), FRACTION(5, 100000, UINT64_C(100000000000000)),
    FRACTION(6, 1000000, UINT64_C(10000000000000)), FRACTION(7, 10000000, UINT64_C(1000000000000)),
};

/*
 * `n` digits at `first`, up to 3, a point and `decimals` more, from 9 to 23. What
 * scaled() does, without what cannot happen for these powers of ten.
 */
static NOINLINE size_t read_fraction(struct str text, const char *first, unsigned n,
                                     unsigned decimals, double *value)
{
    unsigned more = decimals > 16 ? decimals - 16 : 0;
    const struct fraction *fraction = &fractions[more];
    const char *p = first + n + 1, *stop = p + decimals;
    uint64_t rest, digits = n == 1 ? (uint64_t)(*first - '0') : eight_of(first, n);

    digits = digits * UINT64_C(10000000000000000) + sixteen_and_more(p, decimals, more, &rest);
    if (digits - 1 >= fraction->most || stop > text.p + text.n || (*stop | 0x20) == 'e')
        return read_any(text, value);
    digits = digits * fraction->ten + rest;

    int place = 63 - __builtin_clzll(digits);
    wide product = (wide)(digits << (63 - place)) * fives[-16 - FIVE_MIN - (int)more][0];
    uint64_t high = (uint64_t)(product >> 64);
    if ((~high & 0x1ff) == 0)
        return read_any(text, value);
    uint64_t top = high >> 63, mantissa = high >> (top + 9);
    uint64_t bits = (uint64_t)(fraction->power + place + (int64_t)top) << 52;
    bits += (mantissa + (mantissa & 1)) >> 1;
    bits |= (uint64_t)(first - text.p) << 63;
    memcpy(value, &bits, sizeof(bits));
    return (size_t)(stop - text.p);
}

/*
 * What logs mostly hold: up to 11 digits before the point and 23 behind it. The
 * decimals are filled up with zeros to 8 or 16, so that nothing depends on their
 * number but the few beyond 16. What is rare is left to others. Whoever reads a
 * row waits for each number's end: both ends come from one look at the bytes.
 */
size_t number_read_ahead(struct str text, double *value)
{
    const unsigned negative = *text.p == '-';
    const char *first = text.p + negative;
    uint32_t others = (others_of_16(text.p) | others_of_16(text.p + 16) << 16) ^ negative;
    others |= UINT32_C(1) << 31; /* enough: no number of so many bytes is read here */
    unsigned stop = (unsigned)__builtin_ctz(others), n = stop - negative, decimals = 0;

    if (n - 1 >= 8 || (*first == '0' && n > 1))
        return read_wide(text, n, others, value);
    uint64_t digits = n == 1 ? (uint64_t)(*first - '0') : eight_of(first, n);
    if (text.p[stop] == '.') {
        decimals = (unsigned)__builtin_ctz(others & (others - 1)) - stop - 1;
        if (decimals - 1 >= 8) {
            return decimals - 1 >= 23 ? read_any(text, value)
                   : n > 3            ? read_wide(text, n, others, value)
                                      : read_fraction(text, first, n, decimals, value);
        }
        digits = digits * 100000000 + eight_filled(first + n + 1, decimals);
        stop += decimals + 1;
    }
    if (digits > EXACT_MAX || stop > text.n)
        return finish(text, text.p + stop, digits, decimals ? -8 : 0, value);
    if ((text.p[stop] | 0x20) == 'e' && stop < text.n)
        return read_power(text, text.p + stop, digits, decimals ? -8 : 0, value);
    double exact = (double)(int64_t)digits;
    if (decimals)
        exact /= 1e8;
    *value = negative ? -exact : exact;
    return stop;
}

#else

size_t number_read_ahead(struct str text, double *value)
{
    return read_any(text, value);
}

#endif

size_t number_read(struct str text, double *value)
{
    return text.n >= NUMBER_AHEAD ? number_read_ahead(text, value) : read_any(text, value);
}

size_t number_skip(struct str text)
{
    return take(text).n;
}

size_t number_print(double value, char out[NUMBER_TEXT_MAX])
{
    if (!isfinite(value)) {
        const char *name = isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
        return (size_t)snprintf(out, NUMBER_TEXT_MAX, "%s", name);
    }
    size_t n = 0;
    for (int precision = 15; precision <= 17; precision++) {
        double back = NAN;
        n = (size_t)snprintf(out, NUMBER_TEXT_MAX, "%.*g", precision, value);
        number_read((struct str){out, n}, &back);
        if (back == value)
            break;
    }
    return n;
}
