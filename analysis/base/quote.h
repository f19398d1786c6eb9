#ifndef QUOTE_H
#define QUOTE_H
/*
 * Text of the data, fit to be shown as a line of ours: control characters and
 * escape sequences are taken out, line breaks become blanks, bytes that are no
 * UTF-8 become U+FFFD, and a cut is marked.
 */

#include "analysis/base/arena.h"

const char *quote_text(struct arena *arena, struct str text, size_t characters);

#endif
