#include "analysis/base/buf.h"
#include "analysis/base/arena.h"
#include "analysis/base/banned.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void buf_fini(struct buf *buf)
{
    free(buf->p);
    *buf = (struct buf){0};
}

void buf_reserve(struct buf *buf, size_t more)
{
    if (buf->room - buf->n >= more)
        return;
    size_t room = buf->room + buf->room / 2;
    if (room < buf->n + more)
        room = buf->n + more;
    if (room < 256)
        room = 256;
    buf->p = heap_grow(buf->p, room);
    buf->room = room;
}

void buf_add(struct buf *buf, struct str text)
{
    if (text.n == 0)
        return;
    buf_reserve(buf, text.n);
    memcpy(buf->p + buf->n, text.p, text.n);
    buf->n += text.n;
}

void buf_printf(struct buf *buf, const char *format, ...)
{
    va_list args, again;

    buf_reserve(buf, 64);
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(buf->p + buf->n, buf->room - buf->n, format, args);
    if (n >= 0 && (size_t)n >= buf->room - buf->n) {
        buf_reserve(buf, (size_t)n + 1);
        n = vsnprintf(buf->p + buf->n, buf->room - buf->n, format, again);
    }
    va_end(again);
    va_end(args);
    if (n > 0)
        buf->n += (size_t)n;
}

const char *buf_text(struct buf *buf)
{
    buf_reserve(buf, 1);
    buf->p[buf->n] = '\0';
    return buf->p;
}
