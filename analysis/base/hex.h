#ifndef HEX_H
#define HEX_H
/* Hexadecimal digits of either case. */

static inline int hex_digit(char c) /* -1: it is none */
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

/* The value of the four at p, -1 where one is none: what stands behind it is not looked at. */
static inline int hex4(const char *p)
{
    int value = 0;

    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(p[i]);
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

#endif
