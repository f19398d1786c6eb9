#ifndef UNPACK_H
#define UNPACK_H
/*
 * The packed bytes of one member of a zip file, unpacked block by block: stored,
 * deflate, and zstd (one frame after another). libzstd is looked for when the
 * first such member is met and not before, so a start costs nothing for it.
 */

#include "analysis/base/str.h"

enum { UNPACK_STORED = 0, UNPACK_DEFLATE = 8, UNPACK_ZSTD = 93 };

enum unpack_state {
    UNPACK_MORE,   /* wants more input, or more room */
    UNPACK_ENDED,  /* the end of the packed bytes was reached */
    UNPACK_BROKEN, /* these are no such bytes */
};

struct unpack;

/* NULL with *why, a static sentence, for a method that cannot be read here. */
struct unpack *unpack_new(unsigned method, const char **why);
void unpack_free(struct unpack *unpack);

/*
 * Takes what it can from the front of *in and puts at most `room` bytes, *put of
 * them. last: nothing follows *in. A zstd member wants to see 4 bytes of input
 * at once, unless they are the last.
 */
enum unpack_state unpack_some(struct unpack *unpack, struct str *in, bool last, char *out,
                              size_t room, size_t *put);

#endif
