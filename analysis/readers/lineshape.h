#ifndef LINESHAPE_H
#define LINESHAPE_H
/*
 * Lines of a log repeat: the text between the values of the last few kinds of
 * line is kept, and a line that has the same text is taken apart with a few
 * comparisons. What is no such line is for the reader that knows the format;
 * it then says where the values of that line stand:
 *
 *     if ((i = shapes_match(&shapes, line)) >= 0)
 *         … shapes.number[k] is the k-th slot's number …
 *     else … read it …, shapes_begin(&shapes, line), shapes_slot(…) for each value,
 * shapes_end(&shapes)
 *
 * LINES_PAD bytes behind each line are readable. One thread.
 */

#include "analysis/base/str.h"

#include <stdint.h>

enum {
    SHAPES = 4,
    SHAPE_SLOTS = 256,
    SHAPE_TEXT = 8192, /* of a line without its values */
    SHAPE_QUOTED = 8,
};

enum slot_kind {
    SLOT_NUMBER,   /* a JSON number, NaN, Infinity or -Infinity */
    SLOT_WHOLE,    /* up to 15 digits, zeros in front or not */
    SLOT_QUANTITY, /* the digits of quantity.h: "1,234", "+3" */
    SLOT_PASSED,   /* a JSON number of at most SLOT_PASSED_MAX bytes that nobody wants */
    SLOT_QUOTED,   /* text up to the next quote */
};

enum { SLOT_PASSED_MAX = 12, SLOT_QUOTED_MAX = 48 };

enum { SLOT_FIRST = 32 };

/* A value and the text in front of it. */
struct line_slot {
    uint32_t first; /* a bit for each of the text's first SLOT_FIRST bytes */
    uint16_t n;     /* bytes of the text */
    uint8_t kind;
    bool blanks; /* the text ends in a blank: more may follow */
};

struct line_shape {
    bool live;                /* learnt to its end */
    uint32_t slots_n, last_n; /* bytes of the text behind the last slot */
    uint32_t front;           /* so many bytes at the start may have other digits: a date */
    uint32_t text_n;
    struct line_slot slot[SHAPE_SLOTS];
    char text[SHAPE_TEXT + SLOT_FIRST]; /* in the order of the line */
};

struct shapes {
    struct line_shape *shape; /* SHAPES of them */
    uint32_t n, newest, oldest, misses;
    /* the line that matched last */
    double number[SHAPE_SLOTS];
    struct str quoted[SHAPE_QUOTED]; /* of the SLOT_QUOTED, in order */
    /* the line that is being learnt; p NULL: it cannot be */
    const char *p, *end;
    uint32_t quoted_n;
};

void shapes_init(struct shapes *shapes);
void shapes_fini(struct shapes *shapes);

/* Which of the shapes the line has, below SHAPES; -1: none. */
int shapes_match(struct shapes *shapes, struct str line);

/*
 * Learns a line in the place of the oldest, `oldest`; slots in the line's order.
 * False if it is not worth while: lines that never come again are not learnt
 * each time. shapes_end gives the place, -1 if there was not enough room; without
 * it the line is not learnt, and the oldest is forgotten all the same.
 */
bool shapes_begin(struct shapes *shapes, struct str line, size_t front);
void shapes_slot(struct shapes *shapes, struct str value, enum slot_kind kind);
int shapes_end(struct shapes *shapes);

#endif
