#ifndef PLAIN_H
#define PLAIN_H
/*
 * The end of what needs no look inside a JSON string: the first quote,
 * backslash or control character from p on; `end` if there is none. With SSE2,
 * which every x86-64 has, sixteen bytes at a time; the twin does the same
 * elsewhere, and a test compares them.
 */

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Top bits are set if one of eight bytes needs a look: x - 1 borrows into the top bit of a byte
 * that was 0. */
static inline uint64_t plain_stops(uint64_t word)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
    uint64_t quote = word ^ (ones * '"'), slash = word ^ (ones * '\\');

    return (((quote - ones) & ~quote) | ((slash - ones) & ~slash) |
            ((word - ones * 0x20) & ~word)) &
           tops;
}

/* The eight bytes may stand in a JSON string as they are, and are ASCII. */
static inline bool plain_ascii_word(uint64_t word)
{
    return !(plain_stops(word) | (word & (UINT64_C(0x0101010101010101) << 7)));
}

static inline const char *plain_pass_twin(const char *p, const char *end)
{
    for (; end - p >= 8; p += 8) {
        uint64_t word;
        memcpy(&word, p, 8);
        if (plain_stops(word))
            break;
    }
    while (p < end && *p != '"' && *p != '\\' && (unsigned char)*p >= 0x20)
        p++;
    return p;
}

#ifdef __SSE2__
#include <emmintrin.h>

static inline const char *plain_pass(const char *p, const char *end)
{
    const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\');
    const __m128i low = _mm_set1_epi8(0x1f);

    for (; end - p >= 16; p += 16) {
        __m128i v = _mm_loadu_si128((const void *)p);
        __m128i stop =
            _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(v, quote), _mm_cmpeq_epi8(v, slash)),
                         _mm_cmpeq_epi8(_mm_min_epu8(v, low), v));
        unsigned bits = (unsigned)_mm_movemask_epi8(stop);
        if (bits)
            return p + __builtin_ctz(bits);
    }
    return plain_pass_twin(p, end);
}

#else

static inline const char *plain_pass(const char *p, const char *end)
{
    return plain_pass_twin(p, end);
}

#endif

#endif
