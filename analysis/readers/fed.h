#ifndef FED_H
#define FED_H
/* What a feed got: for those who weave sources together, and for tests of readers. */

#include "analysis/base/vec.h"
#include "analysis/readers/feed.h"
#include "analysis/rowtable.h"

enum { FED_TEXTS_MAX = 16 }; /* sentences kept of each kind; more are counted */

struct fed_config {
    const char *from;
    struct str json; /* an object */
};

struct fed_evaluation {
    const char *from;
    int64_t step;
    struct str json;
};

struct fed {
    struct arena arena; /* of all texts below */
    struct table *table;
    const char *axis, *axis_why; /* NULL: the reader did not say */
    const char *fact[FACTS];     /* NULL: not known */
    VEC(struct fed_config) configs;
    VEC(struct fed_evaluation) evaluations;
    const char *damage[FED_TEXTS_MAX], *note[FED_TEXTS_MAX];
    size_t damage_n, notes_n; /* all of them */
};

/* Completes the last row. The feed may be read until it is freed; nothing is fed any more. */
const struct fed *feed_end(struct feed *feed);

#endif
