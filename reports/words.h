#ifndef WORDS_H
#define WORDS_H
/*
 * How reports word numbers and findings, the same everywhere. A number that is
 * not finite reads as "NaN", "Infinity", "-Infinity"; nothing is ever invented
 * for it. Texts live in the arena.
 */

#include "analysis/finding.h"

/* Four significant digits; whole numbers up to 2^53 and values from 10,000 to 10,000,000 in full.
 */
const char *word_number(struct arena *arena, double value);
const char *word_step(struct arena *arena, int64_t step);

/* "1 point", "7 points": for words whose plural takes an s. */
const char *word_count(struct arena *arena, int64_t n, const char *what);

/* "high severity, confidence 0.94, 700 points" */
const char *word_weight(struct arena *arena, const struct finding *finding);

/* Text of the data as a line of it: control characters and escape sequences out, a cut marked. */
const char *word_quote(struct arena *arena, struct str text, size_t characters);

/* The text without its full stop, to stand inside a sentence. */
struct str word_clause(const char *sentence);

#endif
