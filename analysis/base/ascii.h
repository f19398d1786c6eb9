#ifndef ASCII_H
#define ASCII_H
/* Kinds of characters in logs: of ASCII alone, whatever the locale. Bytes beyond it are none. */

#include "analysis/base/str.h"

static inline bool is_digit(char c)
{
    return (unsigned char)(c - '0') < 10;
}

static inline bool is_letter(char c)
{
    return (unsigned char)((c | 0x20) - 'a') < 26;
}

static inline struct str skip_blanks(struct str s)
{
    while (s.n > 0 && (*s.p == ' ' || *s.p == '\t'))
        s = str_from(s, 1);
    return s;
}

#endif
