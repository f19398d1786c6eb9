#ifndef WEAVE_H
#define WEAVE_H
/*
 * One run of many files. The table of a single log stays as it is. Of several
 * logs the rows are merged by (segment, step): files of one format in one folder
 * that tell the same metrics follow each other (restarts), all others stand side
 * by side. Where two tell the same metric they are compared; that agreement, or
 * the first step of a difference, is a sentence of the answer, the points of the
 * one with most points stand, and what another has beyond their end is added.
 * A key that stands in sibling folders (train/, validation/) gets the folder's
 * name in front.
 *
 * What came out is never changed and counted by references.
 */

#include "analysis/readers/fed.h"
#include "analysis/rowview.h"

/* One source as it was read. All is borrowed for the call. */
struct weave_source {
    const char *path, *format, *why;
    bool float32;          /* as in reader.h */
    bool workers;          /* as in reader.h */
    bool printed;          /* as in reader.h */
    bool follows;          /* files of the format in one folder are written one after the other */
    bool resumes;          /* as in walk.h */
    bool history;          /* lies in a checkpoint: the run's log so far */
    const struct fed *fed; /* NULL: it could not be read */
    const char *failed;    /* why */
};

struct woven_source {
    const char *path, *format, *why;
    const char *failed; /* NULL: it was read */
    const char *axis, *axis_why;
    struct tally tally;        /* of its rows; zeros if it was not read */
    bool put;                  /* to the steps of another source */
    struct strs damage, notes; /* the first few */
    size_t damage_n;           /* of all */
};

struct woven_text {
    const char *path; /* of the source */
    const char *from; /* what it is called there */
    int64_t step;     /* of an evaluation; NOT_GIVEN */
    struct str json;
};

/* A metric that two sources tell differently: where, and which one stands. */
struct woven_conflict {
    struct str name;
    const char *sentence;
};

struct woven {
    struct origin origin; /* for views of the table */
    atomic_size_t refs;
    struct arena arena;
    struct version *rows; /* of all keys; NULL: no source has a row */
    struct woven_source *sources;
    size_t sources_n, unread;
    bool merged;                      /* rows of several sources */
    struct strs notes;                /* what the comparison of sources said, the first few */
    size_t notes_n;                   /* of all */
    struct woven_conflict *conflicts; /* the first few */
    size_t conflicts_n;
    const char *fact[FACTS], *fact_from[FACTS]; /* from: the path of the source that gave it */
    struct woven_text *configs, *evaluations;
    size_t configs_n, evaluations_n;
    size_t bytes;
};

/* sources: those of the run's own folder first; unread: so many more were left out. */
struct woven *weave(const struct weave_source *sources, size_t n, size_t unread);
struct woven *woven_ref(struct woven *woven);
void woven_unref(void *woven); /* void: fits arena_own */

/* What its sources are and what was wrong with them: for a run without a table. */
void woven_cover(const struct woven *woven, struct coverage *coverage);

/* Of the rows, which are there. keys NULL: all. window: only so many last rows; 0: all. */
struct rows_view *woven_rows(struct woven *woven, const struct strs *keys);
struct rows_view *woven_tail(struct woven *woven, size_t window);

#endif
