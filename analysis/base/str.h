#ifndef STR_H
#define STR_H
/*
 * Borrowed bytes, and cutting them up. A str owns nothing and need not end in
 * NUL; it is good as long as what it points into. An empty str may be NULL.
 */

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct str {
    const char *p;
    size_t n;
};

#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})
#define STR_FMT(s) (int)(s).n, (s).p /* for "%.*s" */

static inline struct str str_of(const char *text)
{
    return (struct str){text, text ? strlen(text) : 0};
}

static inline bool str_eq(struct str a, struct str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool str_is(struct str a, const char *text)
{
    return str_eq(a, str_of(text));
}

static inline bool str_starts(struct str s, struct str with)
{
    return s.n >= with.n && (with.n == 0 || (s.p && memcmp(s.p, with.p, with.n) == 0));
}

static inline bool str_ends(struct str s, struct str with)
{
    return s.n >= with.n && (with.n == 0 || memcmp(s.p + s.n - with.n, with.p, with.n) == 0);
}

static inline struct str str_from(struct str s, size_t at)
{
    return at >= s.n ? (struct str){s.p ? s.p + s.n : NULL, 0} : (struct str){s.p + at, s.n - at};
}

static inline struct str str_cut(struct str s, size_t n)
{
    return (struct str){s.p, n < s.n ? n : s.n};
}

static inline struct str str_trim(struct str s)
{
    while (s.n > 0 && (unsigned char)s.p[0] <= ' ')
        s = str_from(s, 1);
    while (s.n > 0 && (unsigned char)s.p[s.n - 1] <= ' ')
        s.n--;
    return s;
}

/*
 * Cuts the piece before the next `separator` off *rest. The last piece needs no
 * separator behind it; false when nothing is left.
 */
static inline bool str_next(struct str *rest, char separator, struct str *piece)
{
    if (rest->n == 0)
        return false;
    const char *end = memchr(rest->p, separator, rest->n);
    size_t n = end ? (size_t)(end - rest->p) : rest->n;

    *piece = (struct str){rest->p, n};
    *rest = str_from(*rest, end ? n + 1 : n);
    return true;
}

static inline bool str_has(struct str s, struct str part)
{
    return part.n == 0 || (s.n >= part.n && memmem(s.p, s.n, part.p, part.n) != NULL);
}

/* By bytes, shorter first: the order of names in every list. */
static inline int str_order(struct str a, struct str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int d = n ? memcmp(a.p, b.p, n) : 0;

    return d ? d : (a.n > b.n) - (a.n < b.n);
}

#endif
