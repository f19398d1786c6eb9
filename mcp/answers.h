#ifndef ANSWERS_H
#define ANSWERS_H
/*
 * Finished results, kept so that the same question about unchanged files costs
 * a look at their times and a copy. Bounded by bytes (ANSWERS_MAX), least
 * recently used out first. Loop thread only.
 */

#include "analysis/base/buf.h"

#include <stdbool.h>

struct answers {
    struct answer *newest, *oldest;
    size_t bytes;
};

/* The result kept under that key; good until the next answers_keep. */
bool answers_find(struct answers *answers, struct str key, struct str *result);
void answers_keep(struct answers *answers, struct str key, struct str result);
void answers_fini(struct answers *answers);

#endif
