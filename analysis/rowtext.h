#ifndef ROWTEXT_H
#define ROWTEXT_H
/*
 * Copying a line like the one before it: the text between the numbers of a line
 * is compared, and the numbers go out behind their keys. For the lines of one
 * view and one choice of keys; what does not fit is left to scan.h.
 */

#include "analysis/base/buf.h"

#include <stdint.h>

enum {
    ROWTEXT_SLOTS = 64,
    ROWTEXT_MAX = 4096, /* bytes of a line that is learnt */
    ROWTEXT_PAD = 1024, /* readable bytes behind a line */
};

/* A member of a line, in its order. */
struct row_member {
    struct str value; /* in the line; a JSON number */
    struct str json;  /* what stands before it in the copy: the key and a colon; empty: left out */
};

struct row_text {
    size_t slots_n; /* 0: nothing learnt */
    size_t json_n;  /* bytes of keys in a copy */
    uint16_t last, last_n;
    struct {
        uint16_t text, n;
        struct str json;
    } slot[ROWTEXT_SLOTS];
    char text[ROWTEXT_MAX + 16];
};

void row_text_learn(struct row_text *text, struct str line, const struct row_member *members,
                    size_t n);
/* The copy as a JSON object; false, and nothing put, if the line is another. */
bool row_text_put(const struct row_text *text, struct str line, struct buf *out);

#endif
