#ifndef TRAININGS_H
#define TRAININGS_H
/*
 * Reports about agent trajectories: the trainings they are about, and the
 * tables that several of them have in common, a column a training. Every number
 * is a count or a figure of analysis/trajectories; an interval names its method
 * in the paragraph beside it.
 */

#include "analysis/trajectories/contrast.h"
#include "analysis/trajectories/passes.h"
#include "analysis/trajectories/solved.h"
#include "reports/patterns/pattern.h"

enum { TRAININGS_MAX = 8, QUOTE_CHARS = 100 };

/* One training; success is reward > 0. */
struct cohort {
    const char *id;  /* fit to be shown */
    const char *why; /* its trials are no samples, so there is no pass@k; NULL: they may be */
    struct selection s;
    struct questions q;
};

struct trainings {
    struct cohort v[TRAININGS_MAX];
    size_t n;
    struct arena *arena;
    struct blocks *out;
    struct coverage *coverage;
};

/*
 * The training that the input names, or with `most` above 1 those between its
 * commas, each once and at least two. ERR_NOT_FOUND names the nearest one.
 */
NODISCARD bool trainings_open(const struct pattern_input *in, struct blocks *out, size_t most,
                              struct trainings **trainings, struct err *err);

/* ---- cells and clauses ---- */

/* "0.420"; of NAN "not defined" */
const char *share_text(struct arena *arena, double value);
/* "0.420 (0.307 to 0.543)"; without an interval the value alone */
const char *bounds_text(struct arena *arena, const char *value, bool known,
                        struct interval interval);
/* "84 (0.420)"; of nothing "0" */
const char *count_text(struct arena *arena, size_t count, size_t total);
/* A word of the data; "(none)" for an empty one. */
const char *data_text(struct arena *arena, struct str text);
/* "12 of 50 (0.240; 0.143 to 0.374)", with Wilson's interval */
const char *solved_text(struct arena *arena, const struct solved *solved);
/* Of a contrast: "+0.125 (0.031 to 0.219)", "q 0.031", "better"; or why not. */
const char *difference_text(struct arena *arena, const struct paired *paired, bool known);
const char *chance_text(struct arena *arena, double p); /* "0.031"; NAN: "-" */

/* A row: a first cell, then one a training. */
typedef const char *cell_of(const struct trainings *t, size_t training, size_t row);
void trainings_rows(const struct trainings *t, const char *const *names, size_t rows,
                    cell_of *cell);
void trainings_head(const struct trainings *t, const char *what); /* begins the table */

/* ---- parts, each with its heading ---- */

void write_read(const struct trainings *t);   /* what was read and left out, the success rule */
void write_mixed(const struct trainings *t);  /* which trainings mix epochs, if any; no heading */
void write_epochs(const struct trainings *t); /* of the first training */
void write_rewards(const struct trainings *t);
void write_endings(const struct trainings *t);
void write_returns(const struct trainings *t);
void write_difficulty(const struct trainings *t);

#endif
