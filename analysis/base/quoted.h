#ifndef QUOTED_H
#define QUOTED_H
/*
 * Over a JSON string whose bytes nobody wants: most of a log of agents is such
 * text. What is not beyond doubt is left to the scanner (scan.h), which finds the
 * fault; so a NULL is no judgement. With SSE2, which every x86-64 has, 64 bytes
 * at a time; the twin does the same elsewhere, and a test compares them.
 */

#include "analysis/base/plain.h"

#include <stdbool.h>
#include <stddef.h>

#ifdef __SSE2__

/* Zero in the bytes that are a quote, a backslash or a control character, and only there. */
static inline __m128i quoted_stops(const char *p)
{
    __m128i v = _mm_loadu_si128((const void *)p);
    __m128i either =
        _mm_min_epu8(_mm_xor_si128(v, _mm_set1_epi8('"')), _mm_xor_si128(v, _mm_set1_epi8('\\')));

    return _mm_min_epu8(either, _mm_subs_epu8(v, _mm_set1_epi8(0x1f)));
}

static inline uint64_t quoted_bits(__m128i stops)
{
    return (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(stops, _mm_setzero_si128()));
}

/* What plain_pass finds. */
static inline const char *quoted_stop(const char *p, const char *end)
{
    if (end - p >= 16) {
        uint64_t bits = quoted_bits(quoted_stops(p)); /* names and numbers are short */
        if (bits)
            return p + __builtin_ctzll(bits);
        p += 16;
    }
    for (; end - p >= 64; p += 64) {
        __m128i a = quoted_stops(p), b = quoted_stops(p + 16);
        __m128i c = quoted_stops(p + 32), d = quoted_stops(p + 48);
        __m128i all = _mm_min_epu8(_mm_min_epu8(a, b), _mm_min_epu8(c, d));
        if (quoted_bits(all) == 0)
            continue;
        return p + __builtin_ctzll(quoted_bits(a) | quoted_bits(b) << 16 | quoted_bits(c) << 32 |
                                   quoted_bits(d) << 48);
    }
    return plain_pass(p, end);
}

#else

static inline const char *quoted_stop(const char *p, const char *end)
{
    return plain_pass(p, end);
}

#endif

/* Bytes of the escape at p, which is a backslash; 0: none that is beyond doubt. */
static inline size_t quoted_escape(const char *p, const char *end)
{
    static const bool known[256] = {
        ['"'] = 1, ['\\'] = 1, ['/'] = 1, ['b'] = 1, ['f'] = 1, ['n'] = 1, ['r'] = 1, ['t'] = 1};
    static const bool hex[256] = {
        ['0'] = 1, ['1'] = 1, ['2'] = 1, ['3'] = 1, ['4'] = 1, ['5'] = 1, ['6'] = 1, ['7'] = 1,
        ['8'] = 1, ['9'] = 1, ['a'] = 1, ['b'] = 1, ['c'] = 1, ['d'] = 1, ['e'] = 1, ['f'] = 1,
        ['A'] = 1, ['B'] = 1, ['C'] = 1, ['D'] = 1, ['E'] = 1, ['F'] = 1};
    const unsigned char *u = (const unsigned char *)p;

    if (end - p >= 2 && known[u[1]])
        return 2;
    return end - p >= 6 && u[1] == 'u' && hex[u[2]] && hex[u[3]] && hex[u[4]] && hex[u[5]] ? 6 : 0;
}

/* p stands behind the opening quote; returns what stands behind the closing one, or NULL. */
static inline const char *quoted_end(const char *p, const char *end)
{
    for (;;) {
        p = quoted_stop(p, end);
        if (p == end)
            return NULL;
        if (*p == '"')
            return p + 1;
        size_t n = *p == '\\' ? quoted_escape(p, end) : 0;
        if (n == 0)
            return NULL;
        p += n;
    }
}

#endif
