#ifndef METRICS_ANSWER_H
#define METRICS_ANSWER_H
/* The parts of get_metrics' answer: which rows, which keys, how many fit, and their text. */

#include "tools/answer.h"

struct metrics_answer {
    struct arena *arena;
    struct coverage *coverage;
    const struct rows_view *view;
    const size_t *keys; /* of the view, in its order; the metrics that are returned */
    size_t keys_n;
    const size_t *shown; /* those of them that the summary has room for */
    size_t shown_n;
    const size_t *points; /* in scope, by key of the view */
    bool all_keys;        /* none was named */
    bool perplexity;      /* asked for, not logged: exp of the loss */
    size_t primary;       /* the key that rows are chosen on */
    size_t from, to;      /* rows in scope */
    bool newest_only;     /* too many: keep the newest, do not thin out */
    size_t max_points;    /* 0: as many as max_chars allows */
    size_t max_chars;
    struct str summary; /* the finished object */
    struct str text;    /* the finished array or object */
    size_t returned;    /* rows, or points of the longest column */
    bool thinned;       /* fewer rows than in scope, or a column without all of its points */
};

/* The columns to load for these keys: a derived metric needs the one it comes from. */
struct strs metrics_wanted(const struct strs *keys, struct arena *arena);

/* A key that is not logged goes into coverage.notLogged; if none is, that is an error. */
NODISCARD bool metrics_choose_keys(struct metrics_answer *m, const struct strs *keys,
                                   struct err *err);
/* Rows from the first with step >= from_step to the last with step <= to_step; of these the last
 * `window` (0: all). */
void metrics_scope(struct metrics_answer *m, int64_t from_step, int64_t to_step, size_t window);

/*
 * Makes the summary of the rows in scope, at most half of max_chars long (the
 * primary key and the first others that fit; a note counts them), and shortens
 * the coverage's lists to a quarter. Before the points, which get the rest.
 */
void metrics_summarize(struct metrics_answer *m);
NODISCARD bool metrics_put_points(struct metrics_answer *m, struct err *err);
NODISCARD bool metrics_put_columns(struct metrics_answer *m, struct err *err);

/* ---- shared with the histories of RL runs ---- */

/* The error for a key that is not there, with the nearest of the names that are. */
bool none_is_logged(const char *key, const struct str *names, size_t n, struct err *err);

/*
 * An object of the members that fit `most` bytes: `first` (SIZE_MAX: none),
 * then the others in their order. Empty ones are left out; shown[i] says which
 * are in.
 */
struct str members_that_fit(const struct str *member, size_t n, size_t first, size_t most,
                            bool *shown, struct arena *arena);

/* Shortens notLogged and nonFinite until the coverage has at most `most` bytes; notes count the
 * rest. */
void coverage_fit(struct coverage *coverage, size_t most);

#endif
