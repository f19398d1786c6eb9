#ifndef ALIKE_H
#define ALIKE_H
/*
 * Are bytes the same but that digits may be other digits? Of times and counts
 * in front of a line that is so. 16 bytes may be read behind what is compared.
 */

#include "analysis/base/digits.h"
#include "analysis/bytes.h"

static inline bool like_byte(char a, char b)
{
    return a == b || ((unsigned char)(a - '0') <= 9 && (unsigned char)(b - '0') <= 9);
}

static inline bool like16_plain(const char *a, const char *b)
{
    bool same = true;

    for (int i = 0; i < 16; i++)
        same &= like_byte(a[i], b[i]);
    return same;
}

static inline bool like16(const char *a, const char *b)
{
#ifdef __SSE2__
    return (equal16(a, b) | (digits_of_16(a) & digits_of_16(b))) == 0xffff;
#else
    return like16_plain(a, b);
#endif
}

static inline bool like_bytes(const char *a, const char *b, size_t n)
{
    for (; n >= 16; a += 16, b += 16, n -= 16) {
        if (!like16(a, b))
            return false;
    }
    for (; n > 0; a++, b++, n--) {
        if (!like_byte(*a, *b))
            return false;
    }
    return true;
}

#endif
