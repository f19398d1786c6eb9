#ifndef ROWTABLE_H
#define ROWTABLE_H
/*
 * The table behind a log file: rows are only ever added, by one thread at a
 * time (who holds the rows' lock). Full chunks never change or move, so any
 * number of threads may read those a snapshot knows of while rows are added.
 * What does change is the part behind them: `open`, counters, points at the
 * end; a snapshot (rowview.h) has copies of these.
 */

#include "analysis/base/limits.h"
#include "analysis/columns.h"
#include "analysis/rowkept.h"

#include <stdatomic.h>

enum {
    GROUP_ROWS = 64,     /* one file offset is kept for so many rows */
    RESTARTS_KEPT = 64,  /* with their places; more are only counted */
    LENGTH_LONG = 65535, /* stands for a length that is in `longs` */
    BUCKETS = 4096,      /* power of two, over twice KEYS_MAX */
};
_Static_assert(BUCKETS >= 2 * KEYS_MAX, "the table of names stays half empty");

/* Where the rows of a chunk stand in the file, and their steps. */
struct long_row {
    uint32_t row;
    uint64_t length;
};

struct places {
    uint32_t n, longs_n;
    int64_t first, stride; /* of the steps, if step is NULL */
    const int64_t *step;
    const struct long_row *longs;
    uint64_t offset[CHUNK_ROWS / GROUP_ROWS];
    uint16_t length[]; /* to the next row's start in its group: may cover lines that are no rows */
};

uint64_t places_offset(const struct places *places, uint32_t row, uint64_t *length);
void places_steps(const struct places *places, uint32_t from, uint32_t n, int64_t *out);

struct restart {
    size_t row;
    int64_t step, previous;
};

/* Counters and the like: copied as a whole, so that a row can be taken back. */
struct tally {
    size_t rows;
    uint32_t open_rows, longs_n;
    uint64_t last_start;         /* of the last row */
    int64_t lines;               /* blank and malformed ones, too */
    int64_t malformed, bad_line; /* bad_line: the first malformed one, 1-based */
    const char *bad_reason;      /* static text */
    bool any_step;
    int64_t last_step;
    int64_t stepless;               /* rows without a step behind one that had one */
    int64_t odd_steps, odd_behind;  /* whose step is no whole number within 2^53; and behind one */
    int64_t repeats;                /* rows that hold a key twice */
    int64_t duplicates, restarts_n; /* of restart[]: the first RESTARTS_KEPT */
    int64_t epochs;                 /* of the restarts: a new epoch began, and its steps with it */
    struct restart restart[RESTARTS_KEPT];
    int64_t members_dropped; /* of keys beyond KEYS_MAX */
};

struct column {
    struct str name;
    struct str json;                 /* the name as JSON and a colon */
    bool loaded;                     /* points are kept, not only counted */
    bool float32;                    /* its values were floats where they are from */
    int64_t points_n, nulls, others; /* others: text, booleans, nested values */
    struct points points;            /* of the open rows */
    struct digest digest;            /* of the full chunks */
    struct spine chunks;
};

struct table {
    atomic_size_t refs;
    size_t bytes;    /* of the full chunks */
    size_t chunks_n; /* full ones */
    struct tally tally;
    struct spine places;
    struct { /* the rows behind the full chunks */
        int64_t step[CHUNK_ROWS];
        uint16_t length[CHUNK_ROWS];
        uint64_t offset[CHUNK_ROWS / GROUP_ROWS];
        struct long_row *longs;
        size_t longs_room;
    } open;
    size_t columns_n;
    struct column *column[KEYS_MAX];
    uint16_t bucket[BUCKETS]; /* index + 1 by the hash of the name */
    bool all;                 /* every key is wanted */
    struct {
        char **v;
        size_t n;
    } wanted;
    struct kept kept; /* has a lock of its own */
};

struct table *table_new(void);
size_t table_bytes(struct table *table); /* by who may add rows: of all it holds */
struct table *table_ref(struct table *table);
void table_unref(struct table *table);

/*
 * Keys to keep the points of, from now on; NULL: all. False if the points of
 * one went by already: a new table must be read.
 */
bool table_want(struct table *table, const char *const *names, size_t n);
void table_want_as(struct table *table, const struct table *other);

/* The index of a key; made if it is not there. SIZE_MAX when there are KEYS_MAX. */
size_t table_key(struct table *table, struct str name);
size_t table_find(const struct table *table, struct str name); /* SIZE_MAX: not there */

/*
 * A row: first table_room, then points_add(…, open_rows, …) and the counters of
 * its columns, then table_row. It starts at `start` and takes `length` bytes.
 */
void table_seal(struct table *table);
static inline void table_room(struct table *table)
{
    if (table->tally.open_rows == CHUNK_ROWS)
        table_seal(table);
}
void table_row(struct table *table, uint64_t start, uint64_t length, bool has_step, int64_t step);

/* What a snapshot has of the open rows. */
struct places *table_open_places(const struct table *table, size_t *bytes);

#endif
