#ifndef STRAND_H
#define STRAND_H
/*
 * The points of one or more sources while a run is woven of them: rows in the
 * file's order with their segment (a step that goes back begins the next one),
 * so that (segment, step) never falls, and each key's points by row.
 */

#include "analysis/base/arena.h"

#include <stdint.h>

struct table;

struct strand_key {
    struct str name; /* as it is called in the run: with the folder's prefix if it needs one */
    size_t n, from;  /* points from this one on go into the run: `from` = n is none */
    uint32_t *row;
    double *value;
    bool float32;                /* the source holds floats */
    bool printed;                /* as in reader.h; then what a print rounds away, at the most: */
    double rounds, rounds_of_it; /* units of the value, share of the value */
    int64_t nulls, others;       /* as in rowtable.h */
};

struct strand {
    const char *label;  /* the first source's path, for sentences */
    const char *folder; /* of the sources, "" for the run's own */
    const char *side;   /* that the file's name tells (side.h), NULL: none */
    const char *format;
    bool follows, workers; /* as in weave.h */
    bool history;          /* of a checkpoint: the log so far */
    bool by_row;           /* no steps, or odd ones: the row's number stands in */
    bool put;              /* to the steps of another */
    bool borrowed;         /* … which it does not hold itself */
    size_t n;
    int64_t *step;
    uint32_t *segment;
    size_t keys_n;
    struct strand_key *key;
};

/* The rows of one source's table. Both flags as in reader.h. */
struct strand *strand_of(const struct table *table, bool float32, bool printed,
                         struct arena *arena);

/* Behind a's rows those of b, which was written later. */
struct strand *strand_chain(const struct strand *a, const struct strand *b, struct arena *arena);

/*
 * The rows of both by their times, for workers that wrote side by side: the
 * steps of all so far, added up, are the step. NULL if they are no workers or
 * times are missing.
 */
struct strand *strand_interleave(const struct strand *a, const struct strand *b,
                                 struct arena *arena);

/* NULL if there is no such key. */
struct strand_key *strand_find(const struct strand *strand, struct str name);
/* The value of "timestamp" in the first row that has one; NAN if none has. */
double strand_begins(const struct strand *strand);

/* Other steps: segments anew. */
void strand_segments(struct strand *strand);

/* How two strands tell the same metric. */
struct agreement {
    size_t common, equal; /* points at the same (segment, step), in order */
    size_t rounded;       /* of the equal ones: as far as a print goes */
    int64_t differs_at;   /* the first step where they differ, if equal < common */
    double one, other;    /* the values there */
    size_t only_one, only_other;
};

/*
 * Equal: within 1e-6 of the larger, which a float32 keeps; NaN equals NaN; of a printed one within
 * half of its last digit.
 */
struct agreement strand_compare(const struct strand *a, const struct strand_key *one,
                                const struct strand *b, const struct strand_key *other);
/* The first n points, which both have: equal, in the same sense, whatever the steps. */
bool strand_same(const struct strand_key *one, const struct strand_key *other, size_t n);

#endif
