#ifndef TAPE_H
#define TAPE_H
/*
 * Where the quotes of a JSON text are, found 64 bytes at a time and ahead of its
 * reader: then the end of a string costs half of looking for it byte by byte
 * (measured on logs of agents: a processor cannot foresee where a text ends, or
 * where an escape is). After D. Lemire and G. Langdale, "Parsing Gigabytes of JSON per
 * Second", 2019, section 3.1.
 *
 * A tape is asked about opening quotes only, in the order of the text; between
 * them whoever asks has found no fault. What is not beyond doubt is left to the
 * scanner (scan.h), so a NULL is no judgement. tape_begin before each text: the
 * bytes of another may stand at the same place.
 */

#include "analysis/base/quoted.h"

enum { TAPE_BLOCK = 64, TAPE_BLOCKS = 64 };

struct tape {
    const char *from, *to; /* the window; NULL: none yet */
    bool escaped;          /* its last byte is a backslash that stands for itself and the next */
    /* a bit a byte, without those of escapes; then a block of 1s */
    uint64_t quotes[TAPE_BLOCKS + 1];
};

static inline void tape_begin(struct tape *tape)
{
    tape->from = tape->to = NULL;
}

/* Bit i: of byte i. control: some byte is a control character. */
struct tape_masks {
    uint64_t quotes, slashes;
    bool control;
};

struct tape_masks tape_masks_of(const char *p); /* of 64 bytes */
struct tape_masks tape_masks_twin(const char *p);

/* tape_close where the window must move. */
const char *tape_close_far(struct tape *tape, const char *p, const char *end);

/* p stands on an opening quote; returns what stands behind the closing one, or NULL. */
static inline const char *tape_close(struct tape *tape, const char *p, const char *end)
{
    if (p >= tape->from && p < tape->to) {
        size_t at = (size_t)(p - tape->from), block = at / TAPE_BLOCK;
        uint64_t bits = tape->quotes[block] & ~UINT64_C(1) << at % TAPE_BLOCK;
        while (bits == 0)
            bits = tape->quotes[++block];
        const char *quote = tape->from + block * TAPE_BLOCK + __builtin_ctzll(bits);
        if (quote < tape->to)
            return quote + 1;
    }
    return tape_close_far(tape, p, end);
}

#endif
