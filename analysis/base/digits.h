#ifndef DIGITS_H
#define DIGITS_H
/*
 * Digits eight and sixteen at a time, for number.c. No branch depends on how
 * many there are: in logs numbers of 15 to 18 digits take turns, and a branch
 * on that is guessed wrong every other time. Bytes behind the digits need only
 * be readable. The first byte is the lowest of a word.
 */

#include <stdint.h>
#include <string.h>

#define BYTES(b) (UINT64_C(0x0101010101010101) * (b))

static inline uint64_t load_digits(const char *p)
{
    uint64_t bytes;

    memcpy(&bytes, p, 8);
    return bytes ^ BYTES('0');
}

/* How many of eight bytes, as load_digits gives them, are digits before the first that is none. */
static inline unsigned leading_digits(uint64_t bytes)
{
    /* The high bit of every byte above 9; a carry spoils only bytes behind the first such. */
    uint64_t others = ((bytes + BYTES(0x76)) | bytes) & BYTES(0x80);

    return others ? (unsigned)__builtin_ctzll(others) / 8 : 8;
}

/* Eight digits of value 0-9: to pairs, to fours, to eight; a product's upper part is the sum. */
static inline uint64_t eight(uint64_t digits)
{
    digits = (digits * (10 * 0x100 + 1) >> 8) & UINT64_C(0x00ff00ff00ff00ff);
    digits = (digits * (100 * 0x10000 + 1) >> 16) & UINT64_C(0x0000ffff0000ffff);
    return digits * (10000 * UINT64_C(0x100000000) + 1) >> 32;
}

/* The n digits at p, n from 1 to 8. */
static inline uint64_t eight_of(const char *p, unsigned n)
{
    return eight(load_digits(p) << (64 - 8 * n));
}

/* The n digits at p, n from 0 to 7: a shift by 64 at once is undefined. */
static inline uint64_t seven_of(const char *p, unsigned n)
{
    return eight(load_digits(p) << 8 << (56 - 8 * n));
}

/* The n digits at p with zeros behind them to make eight, n from 1 to 8. */
static inline uint64_t eight_filled(const char *p, unsigned n)
{
    return eight(load_digits(p) & UINT64_MAX >> (64 - 8 * n));
}

#ifdef __SSE2__
#include <emmintrin.h>

/* Which of 16 bytes are digits: a bit each, the first the lowest. */
static inline uint32_t digits_of_16(const char *p)
{
    __m128i value = _mm_sub_epi8(_mm_loadu_si128((const void *)p), _mm_set1_epi8('0'));

    return (uint32_t)_mm_movemask_epi8(
        _mm_cmpeq_epi8(_mm_min_epu8(value, _mm_set1_epi8(9)), value));
}

/* Which are none: what is above 9 is moved into the highest bit, and stays there. */
static inline uint32_t others_of_16(const char *p)
{
    __m128i value = _mm_sub_epi8(_mm_loadu_si128((const void *)p), _mm_set1_epi8('0'));

    return (uint32_t)_mm_movemask_epi8(_mm_adds_epu8(value, _mm_set1_epi8(127 - 9)));
}

/* The 16 digits at p, those where `keep` has zeros taken for 0, summed up in fours. */
static inline __m128i fours_of(const char *p, const unsigned char *keep)
{
    __m128i digits = _mm_sub_epi8(_mm_loadu_si128((const void *)p), _mm_set1_epi8('0'));

    digits = _mm_and_si128(digits, _mm_loadu_si128((const void *)keep));
    __m128i even = _mm_and_si128(digits, _mm_set1_epi16(0xff)), odd = _mm_srli_epi16(digits, 8);
    return _mm_add_epi32(_mm_madd_epi16(even, _mm_set1_epi32(10 << 16 | 1000)),
                         _mm_madd_epi16(odd, _mm_set1_epi32(1 << 16 | 100)));
}

/*
 * The first 16 of n digits at p, with zeros behind them if they are fewer, and
 * in *rest the others, `more` of them: n - 16 or 0, at most 8.
 */
static inline uint64_t sixteen_and_more(const char *p, unsigned n, unsigned more, uint64_t *rest)
{
    static const unsigned char keep[16 + 24 + 16] = {
#define ONES 255, 255, 255, 255, 255, 255, 255, 255
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ONES, ONES, ONES,
#undef ONES
    };
    __m128i first = fours_of(p, keep + 40 - n), last = fours_of(p + more, keep + more);
    __m128i eights = _mm_madd_epi16(_mm_packs_epi32(first, last), _mm_set1_epi32(1 << 16 | 10000));
    uint64_t halves = (uint64_t)_mm_cvtsi128_si64(eights);

    *rest = (uint64_t)_mm_cvtsi128_si64(_mm_unpackhi_epi64(eights, eights)) >> 32;
    return (halves & UINT32_MAX) * 100000000 + (halves >> 32);
}

#endif

#endif
