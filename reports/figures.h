#ifndef FIGURES_H
#define FIGURES_H
/*
 * The figures of a post-training report: which ones a run gets, and what is
 * said below each. Everything said is a number of the data, a statistic of it
 * that names its method, or a finding. "Not logged", "not assessed" and "no
 * problem found" are different sentences.
 */

#include "analysis/analyze.h"
#include "reports/build.h"

/* Four always, eight with the optional ones of an LM; seventeen of an RL run with its ablation. */
enum { FIGURES_MAX = 24 };

struct figure {
    enum role role;       /* ROLES: the ablation */
    const char *title;    /* "Training Loss" */
    const char *mode;     /* of the chart: lm, rl, ablation */
    const char *key;      /* as logged; the usual name where it is not */
    bool derived;         /* perplexity, as exp of the training loss; a loss that is no series */
    struct series series; /* as logged, all points; n is 0 if it is not logged */
    struct summary summary;
};

/* One run's report in the making: what all its parts look at. */
struct account {
    const struct experiment *experiment;
    const struct analysis *analysis;
    struct coverage *coverage;
    const struct rows_view *rows;  /* every column loaded; NULL if there is no table */
    const struct history *history; /* NULL if there is none */
    struct arena *arena;
    struct blocks *out;
    bool rl;
    struct figure figures[FIGURES_MAX];
    size_t figures_n;
};

/* Fills figures; the experiment, analysis, arena and rl must be there. */
NODISCARD bool figures_choose(struct account *account, struct err *err);

/* What is said, with that status, of the series the run is judged by; NULL if nothing is. */
const struct finding *primary_finding(const struct account *account, const char *class,
                                      enum finding_status status);

/* Title, chart and paragraph of each, in order. */
void figures_write(const struct account *account);

/* The figure of a role if it is logged, else NULL. */
const struct figure *figure_of(const struct account *account, enum role role);

/* The shape of a series that no finding gives: one or two sentences, "" if there is nothing to say.
 */
const char *figure_shape(const struct account *account, const struct figure *figure);
/* The ablation study in words; says so where it cannot be read. */
const char *ablation_text(const struct account *account);

#endif
