#ifndef SPLICE_H
#define SPLICE_H
/* How several strands become one table: the work behind weave.h. */

#include "analysis/base/vec.h"
#include "analysis/readers/strand.h"

/* A metric that two sources tell differently, and which of the notes says so. */
struct splice_conflict {
    struct str name;
    size_t note;
    const char *stands; /* the source whose points are taken */
};

struct splice {
    struct arena *arena;
    struct strand **strand;
    size_t n;
    VEC(const char *) notes;
    VEC(struct splice_conflict) conflicts; /* the first few */
    size_t workers;                        /* files that were merged into another by time */
    size_t differences;                    /* metrics that two sources tell differently */
    size_t twins;                          /* metrics that have two names */
    size_t prefixes; /* checkpoints whose history is an exact part of `whole` */
    const char *whole;
};

/* Those that count steps another way than others that tell the same metric, put to their steps. */
void splice_align(struct splice *splice);
/* Names of folders in front of keys that stand in several. */
void splice_prefix(struct splice *splice);
/* Which strand's points of a shared key go into the run, and how the others compare. */
void splice_choose(struct splice *splice);
/* The rows, by segment and step. */
struct table *splice_rows(struct splice *splice);

#endif
