#ifndef BUF_H
#define BUF_H
/*
 * Text that grows, on the heap: answers, reports, files to be written. A
 * zeroed buf is empty and valid. buf_fini frees it.
 */

#include "analysis/base/base.h"
#include "analysis/base/str.h"

struct buf {
    char *p; /* not NUL-terminated; see buf_text */
    size_t n, room;
};

void buf_fini(struct buf *buf);
void buf_reserve(struct buf *buf, size_t more); /* room for `more` bytes behind n */
void buf_add(struct buf *buf, struct str text);
void buf_printf(struct buf *buf, const char *format, ...) PRINTF(2, 3);
const char *buf_text(struct buf *buf); /* the bytes so far, with a NUL behind them */

static inline void buf_byte(struct buf *buf, char c)
{
    if (buf->n == buf->room)
        buf_reserve(buf, 1);
    buf->p[buf->n++] = c;
}

static inline void buf_puts(struct buf *buf, const char *text)
{
    buf_add(buf, str_of(text));
}

static inline struct str buf_str(const struct buf *buf)
{
    return (struct str){buf->p, buf->n};
}

#endif
