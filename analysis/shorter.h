#ifndef SHORTER_H
#define SHORTER_H
/*
 * The advice to train up to the best evaluation and no longer. In epochs where the log's rows
 * stand at epochs, under the key that the run's own configuration has for their number. Where no
 * evaluation is below the first, a shorter run is no training at all: then a lower rate, more
 * regularisation or other data.
 */
#include "analysis/say.h"
#include "analysis/subject.h"

struct shorter {
    size_t best;          /* the evaluation to stop at, of val->clean.active */
    const char *kept;     /* what is to be expected of stopping there */
    const char *check;    /* of that checkpoint */
    double epochs, until; /* of the run and up to the best, where they are fewer; else NAN */
};

/* Also says that training only made it worse, where the first evaluation is the best. */
void say_shorter(struct said said, const struct subject *subject, const struct role_series *val,
                 const struct shorter *shorter);

#endif
