#include "analysis/readers/lineshape.h"

#include <stdlib.h>

#include "analysis/base/ascii.h"
#include "analysis/alike.h"
#include "analysis/base/arena.h"
#include "analysis/base/digits.h"
#include "analysis/base/number.h"
#include "analysis/base/scan.h"
#include "analysis/readers/quantity.h"

enum {
    MISSES_MAX = 64, /* in a row; from then on only one line in so many is learnt */
    WHOLE_DIGITS = 15,
};

void shapes_init(struct shapes *shapes)
{
    *shapes = (struct shapes){0};
    shapes->shape = heap_alloc(SHAPES * sizeof(*shapes->shape));
}

void shapes_fini(struct shapes *shapes)
{
    free(shapes->shape);
    *shapes = (struct shapes){0};
}

/* ---- matching ---- */

/* Steps mostly have fewer than eight digits. */
static size_t read_whole(struct str text, double *value)
{
    size_t n = leading_digits(load_digits(text.p));
    uint64_t sum = 0;

    if (n < 8 && n <= text.n) {
        *value = (double)(int64_t)seven_of(text.p, (unsigned)n);
        return n;
    }
    for (n = 0; n < text.n && is_digit(text.p[n]); n++) {
        if (n == WHOLE_DIGITS)
            return 0;
        sum = sum * 10 + (uint64_t)(text.p[n] - '0');
    }
    *value = (double)(int64_t)sum;
    return n;
}

/* Bytes of what is no plain number, 0 if it is not what the slot has. */
static size_t odd_number(enum slot_kind kind, struct str text, double *value)
{
    if (kind == SLOT_NUMBER)
        return scan_non_finite(text, value);
    if (kind == SLOT_WHOLE)
        return read_whole(text, value);
    if (kind == SLOT_QUANTITY)
        return quantity_digits(text, value);
    size_t n = number_skip(text);
    return n <= SLOT_PASSED_MAX ? n : 0;
}

/* Its closing quote, NULL if it is too far. */
static const char *read_quoted(struct shapes *shapes, const char *p, const char *end)
{
    size_t left = (size_t)(end - p);
    const char *quote = memchr(p, '"', left < SLOT_QUOTED_MAX ? left : SLOT_QUOTED_MAX);

    if (quote)
        shapes->quoted[shapes->quoted_n++] = (struct str){p, (size_t)(quote - p)};
    return quote;
}

/* Where the value at p ends, NULL if it is not what the slot has. */
static const char *read_odd(struct shapes *shapes, enum slot_kind kind, const char *p,
                            const char *end, double *value)
{
    if (kind == SLOT_QUOTED)
        return read_quoted(shapes, p, end);
    size_t n = odd_number(kind, (struct str){p, (size_t)(end - p)}, value);
    return n > 0 ? p + n : NULL;
}

/* Stays in front of the last one if there is nothing else: a value has bytes. */
static const char *pass_blanks(const char *p, const char *end)
{
    while (p + 1 < end && *p == ' ')
        p++;
    return p;
}

/* Mostly a name and what stands around it: one comparison, whatever their length. */
static inline bool same_text(const char *p, const char *text, const struct line_slot *slot)
{
#ifdef __SSE2__
    uint32_t same = equal16(p, text) | equal16(p + 16, text + 16) << 16;

    return (~same & slot->first) == 0 &&
           (slot->n <= SLOT_FIRST ||
            same_bytes(p + SLOT_FIRST, text + SLOT_FIRST, slot->n - SLOT_FIRST));
#else
    return same_bytes(p, text, slot->n);
#endif
}

/* From p on; text: what the shape has there. Apart, as few registers are left for more. */
static __attribute__((noinline)) bool match_slots(struct shapes *shapes,
                                                  const struct line_shape *shape, const char *text,
                                                  const char *p, const char *end)
{
    const struct line_slot *slot = shape->slot, *last = slot + shape->slots_n;

    for (double *value = shapes->number; slot < last; slot++, value++) {
        if (end - p <= slot->n || !same_text(p, text, slot))
            return false;
        p += slot->n;
        text += slot->n;
        if (slot->blanks && *p == ' ')
            p = pass_blanks(p, end);
        size_t n = slot->kind == SLOT_NUMBER
                       ? number_read_ahead((struct str){p, (size_t)(end - p)}, value)
                       : 0;
        p = n > 0 ? p + n : read_odd(shapes, slot->kind, p, end, value);
        if (!p)
            return false;
    }
    return end - p == shape->last_n && same_bytes(p, text, shape->last_n);
}

static bool match(struct shapes *shapes, const struct line_shape *shape, struct str line)
{
    size_t front = shape->front;

    shapes->quoted_n = 0;
    return line.n >= front && like_bytes(line.p, shape->text, front) &&
           match_slots(shapes, shape, shape->text + front, line.p + front, line.p + line.n);
}

int shapes_match(struct shapes *shapes, struct str line)
{
    for (uint32_t i = 0; i < shapes->n; i++) {
        uint32_t at = (shapes->newest + i) % shapes->n;
        if (shapes->shape[at].live && match(shapes, &shapes->shape[at], line)) {
            shapes->newest = at;
            shapes->misses = 0;
            return (int)at;
        }
    }
    shapes->misses++;
    return -1;
}

/* ---- learning ---- */

static void put_text(struct shapes *shapes, struct line_shape *shape, const char *to, uint32_t *n)
{
    *n = (uint32_t)(to - shapes->p);
    memcpy(shape->text + shape->text_n, shapes->p, *n);
    shape->text_n += *n;
    shapes->p = to;
}

bool shapes_begin(struct shapes *shapes, struct str line, size_t front)
{
    struct line_shape *shape = &shapes->shape[shapes->oldest];
    uint32_t n;

    shapes->p = NULL;
    if (line.n > SHAPE_TEXT || (shapes->misses > MISSES_MAX && shapes->misses % MISSES_MAX))
        return false;
    shapes->p = line.p;
    shapes->end = line.p + line.n;
    shapes->quoted_n = 0;
    shape->live = false;
    shape->slots_n = shape->text_n = 0;
    shape->front = (uint32_t)front;
    put_text(shapes, shape, line.p + front, &n);
    return true;
}

void shapes_slot(struct shapes *shapes, struct str value, enum slot_kind kind)
{
    struct line_shape *shape = &shapes->shape[shapes->oldest];
    uint32_t n;

    shapes->quoted_n += kind == SLOT_QUOTED;
    if (!shapes->p || shape->slots_n == SHAPE_SLOTS || shapes->quoted_n > SHAPE_QUOTED) {
        shapes->p = NULL;
        return;
    }
    const char *text = value.p;
    while (text - shapes->p >= 2 && text[-1] == ' ' && text[-2] == ' ')
        text--;
    bool blanks = text > shapes->p && text[-1] == ' ';
    put_text(shapes, shape, text, &n);
    uint32_t first = n < SLOT_FIRST ? (UINT32_C(1) << n) - 1 : UINT32_MAX;
    shape->slot[shape->slots_n++] = (struct line_slot){first, (uint16_t)n, (uint8_t)kind, blanks};
    shapes->p = value.p + value.n;
}

int shapes_end(struct shapes *shapes)
{
    struct line_shape *shape = &shapes->shape[shapes->oldest];
    uint32_t n;

    if (!shapes->p)
        return -1;
    put_text(shapes, shape, shapes->end, &n);
    shape->last_n = n;
    shape->live = true;
    shapes->newest = shapes->oldest;
    shapes->oldest = (shapes->oldest + 1) % SHAPES;
    shapes->n += shapes->n < SHAPES;
    return (int)shapes->newest;
}
