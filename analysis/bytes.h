#ifndef BYTES_H
#define BYTES_H
/*
 * Comparing and going over a few bytes, for the inner loop of rowscan.c: the
 * bytes may be read for BYTES_AHEAD more than are used. With SSE2, which every
 * x86-64 has, sixteen at a time; the plain twins do the same elsewhere, and a
 * test compares them.
 */

#include "analysis/base/number.h"
#include <stdint.h>

enum { BYTES_AHEAD = 64 };
static inline bool same16_plain(const char *a, const char *b)
{
    uint64_t x[2], y[2];

    memcpy(x, a, 16);
    memcpy(y, b, 16);
    return ((x[0] ^ y[0]) | (x[1] ^ y[1])) == 0;
}

/* n < 16 */
static inline bool same_short_plain(const char *a, const char *b, size_t n)
{
    uint64_t x, y;

    if (n >= 8) {
        uint64_t v[2], w[2];
        memcpy(&v[0], a, 8);
        memcpy(&w[0], b, 8);
        memcpy(&v[1], a + n - 8, 8);
        memcpy(&w[1], b + n - 8, 8);
        return ((v[0] ^ w[0]) | (v[1] ^ w[1])) == 0;
    }
    memcpy(&x, a, 8);
    memcpy(&y, b, 8);
    return ((x ^ y) & ((UINT64_C(1) << (8 * n)) - 1)) == 0;
}

static inline size_t number_pass_plain(const char *p, const char *end)
{
    return number_skip((struct str){p, (size_t)(end - p)});
}

#ifdef __SSE2__
#include <emmintrin.h>

static inline uint32_t equal16(const char *a, const char *b)
{
    __m128i x = _mm_loadu_si128((const void *)a), y = _mm_loadu_si128((const void *)b);

    return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(x, y));
}

static inline bool same16(const char *a, const char *b)
{
    return equal16(a, b) == 0xffff;
}

static inline bool same_short(const char *a, const char *b, size_t n)
{
    uint32_t wanted = (UINT32_C(1) << n) - 1;

    return (equal16(a, b) & wanted) == wanted;
}

/* Which of 16 bytes are digits, and which points. */
static inline void classify16(const char *p, uint32_t *digits, uint32_t *points)
{
    __m128i bytes = _mm_loadu_si128((const void *)p);
    __m128i value = _mm_sub_epi8(bytes, _mm_set1_epi8('0'));
    __m128i low = _mm_min_epu8(value, _mm_set1_epi8(9));

    *digits = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(low, value));
    *points = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('.')));
}

/* Digits with at most one point among them, as JSON has it; 0 if it is not clear from 32 bytes. */
static inline size_t mantissa_pass(const char *p)
{
    uint32_t digits, points, more_digits, more_points;

    classify16(p, &digits, &points);
    classify16(p + 16, &more_digits, &more_points);
    digits |= more_digits << 16;
    points |= more_points << 16;
    uint32_t others = ~(digits | points);
    if (!others || !(digits & 1))
        return 0;
    unsigned n = (unsigned)__builtin_ctz(others);
    uint32_t inside = points & ((UINT32_C(1) << n) - 1);
    if ((inside & (inside - 1)) || !(digits >> (n - 1) & 1) ||
        (*p == '0' && n > 1 && !(inside & 2)))
        return 0;
    return n;
}

/*
 * What number_skip(p, end - p) gives, if the bytes from `end` on are no part of
 * a number; else more, and then it ends behind `end`.
 */
static inline size_t number_pass(const char *p, const char *end)
{
    const char *first = p + (*p == '-');
    size_t n = mantissa_pass(first);

    if (n == 0)
        return number_pass_plain(p, end);
    const char *q = first + n;
    if ((*q | 0x20) != 'e')
        return (size_t)(q - p);
    q += q[1] == '-' || q[1] == '+' ? 2 : 1;
    for (n = 0; n < 16 && (unsigned char)(q[n] - '0') <= 9; n++)
        ;
    return n == 0 || n == 16 ? number_pass_plain(p, end) : (size_t)(q + n - p);
}

#else

static inline bool same16(const char *a, const char *b)
{
    return same16_plain(a, b);
}

static inline bool same_short(const char *a, const char *b, size_t n)
{
    return same_short_plain(a, b, n);
}

static inline size_t number_pass(const char *p, const char *end)
{
    return number_pass_plain(p, end);
}

#endif

/* A call of memcmp costs more than comparing what mostly are twenty bytes. */
static inline bool same_bytes(const char *a, const char *b, size_t n)
{
    if (n < 16)
        return same_short(a, b, n);
    for (size_t i = 0; i + 16 < n; i += 16) {
        if (!same16(a + i, b + i))
            return false;
    }
    return same16(a + n - 16, b + n - 16);
}

#endif
