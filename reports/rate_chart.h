#ifndef RATE_CHART_H
#define RATE_CHART_H
/* Rates with their intervals as a drawing in text, a line each, from 0 to 1. */

#include "analysis/stats/proportion.h"
#include "reports/build.h"

struct rate_line {
    const char *name;
    double value; /* NAN: the line is empty */
    bool known;   /* the interval */
    struct interval interval;
};

/* A code block; values outside of 0 to 1 stand at its ends. Nothing for no lines. */
void blocks_rates(struct blocks *out, const char *title, const struct rate_line *lines, size_t n);

#endif
