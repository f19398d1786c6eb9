#ifndef NULLS_H
#define NULLS_H
/*
 * Tests where nothing is there, and intervals of what is known: how often a
 * comparison of runs of one method claims a difference, a trend test finds a
 * trend in noise that remembers, an interval of pass@k holds its truth. The
 * same seed gives the same table.
 */
#include <stddef.h>
#include <stdint.h>

void nulls_print(const char *title, uint64_t seed, size_t times);

/* Part of it: runs on disk that differ in their seed only, compared as a client would ask. */
void null_comparisons_print(uint64_t seed, size_t times);

#endif
