#ifndef PIECES_H
#define PIECES_H
/* A directory of its own with one file in it that grows, shrinks and is replaced. */

#include "analysis/base/str.h"

struct pieces {
    int dir;
    char path[64]; /* of the directory; the file is "log" in it */
};

void pieces_init(struct pieces *pieces);
void pieces_fini(struct pieces *pieces);

void pieces_write(struct pieces *pieces, struct str text); /* in place of what was there */
void pieces_append(struct pieces *pieces, struct str text);
void pieces_replace(struct pieces *pieces, struct str text); /* by another file of that name */
void pieces_cut(struct pieces *pieces, size_t size);

#endif
