#ifndef COMPARISON_H
#define COMPARISON_H
/*
 * Several runs side by side, and what may honestly be claimed of them. Points
 * within one run share its seed, so a run is one sample of its method: a claim
 * about a method needs seeds, or a known scatter of seeds. One run against one
 * is a difference that was observed and cannot be attributed.
 *
 * Runs are judged at the same step: the last that all runs of a claim have
 * reached. Everything lives in the arena it was asked for with.
 */

#include "analysis/settings.h"
#include "analysis/subject.h"

enum { RUNS_MAX = 50, CLAIMS_MAX = 40 };

struct compared_run {
    const struct experiment *experiment;
    struct settings settings;
    const char *commit; /* of the id, the metadata or the configuration; NULL: not known */
    bool logged;        /* the metric; what follows is of its clean series */
    struct str metric;  /* under which name */
    struct hygiene clean;
    double first, last, final, best; /* final: mean of the last tenth of the points */
    int64_t best_step, last_step;
    size_t n;
    bool blew_up; /* ended non-finite, or its loss rose far from its best and did not come back */
    size_t group;
    const struct compared_run *part_of; /* the run that went on with it, which stands for both */
};

/* Runs that differ in seeds and labels only, or have one value of the key asked for. */
struct run_group {
    const char *label; /* what the group has that others have not */
    size_t first;      /* the run that founded it, with the metric or not */
    size_t n;          /* runs with the metric */
    size_t run[RUNS_MAX];
    double iqm;                           /* of their finals, from four runs on; else NAN */
    double mean, sd;                      /* of their finals; sd NAN for one run */
    size_t outliers_n, outlier[RUNS_MAX]; /* runs > 3 robust sds off the median; five at least */
};

enum claim_kind {
    CLAIM_BETTER, /* b is better than a, p < .05 over seeds */
    CLAIM_WORSE,
    CLAIM_WITHIN_NOISE,   /* seeds on both sides, and no difference shown */
    CLAIM_CANNOT_TELL,    /* one seed a side, and no known scatter */
    CLAIM_DIFFERS,        /* shown, but which way is better is not known */
    CLAIM_EQUAL,          /* the same value to the last digit */
    CLAIM_NOT_COMPARABLE, /* another task, or no step that both have reached */
};

struct claim {
    size_t a, b; /* groups */
    enum claim_kind kind;
    int64_t at_step;         /* what both reached */
    double value_a, value_b; /* at that step */
    double difference;       /* b - a; NAN if not comparable */
    double ci_low, ci_high;  /* 95 %, of the difference over seeds; NAN if not known */
    double p, q, d;          /* NAN if no test was made */
    double probability;      /* that a run of b is better than one of a; NAN: too few seeds */
    double seed_sd;          /* the scatter used, NAN if none is known */
    const char *seed_sd_from;
    int64_t seed_df;        /* behind a scatter pooled over pairs of seeds; 0: not pooled */
    int64_t more_seeds;     /* a side, to show a difference of this size; NOT_GIVEN: not known */
    double anchor_multiple; /* size in scatters of small language-model runs; NAN */
    double steps_ratio;     /* steps b needs for a's value / steps a needs; NAN */
    double area;            /* mean of ln b - ln a over the common steps; NAN */
    const char *says;
};

struct differing_key {
    const char *key;
    struct str value[RUNS_MAX]; /* empty: the run does not have it */
    bool seed, label, problem;
};

struct parameter {
    const char *key;
    bool numeric;
    size_t n;
    double rho, p, q; /* numeric: Spearman; else Kruskal and Wallis, rho NAN */
    bool exact;
    const char *confounded_with; /* keys that move with it (|rho| > .8); NULL: none */
};

enum sweep_kind {
    SWEEP_INSIDE,      /* the turn of the parabola lies inside the rates tried, and it is shown */
    SWEEP_AT_EDGE,     /* the best rate tried is the lowest or the highest */
    SWEEP_CANNOT_TELL, /* too few runs, too much scatter, or no parabola */
};

/*
 * Runs alike but for the learning rate (and seeds), three rates at least: a parabola of the
 * metric over log10 of the rate.
 */
struct rate_sweep {
    const char *key; /* the setting that holds the rate */
    enum sweep_kind kind;
    size_t n, rates, left_out;    /* left_out: runs that blew up */
    double broke;                 /* the lowest rate of those; INFINITY */
    double least, most, best;     /* rates tried; the one with the best mean */
    int64_t at_step;              /* the last that all of them reached */
    double curvature, low, high;  /* per squared decade, 95 %; NAN where not known */
    double optimum, at_optimum;   /* NAN unless inside */
    double range_low, range_high; /* rates within one scatter of the optimum; NAN unless inside */
    double scatter;               /* of a run; NAN where not known */
    const char *scatter_of;
    const char *says, *next; /* next: what to run; NULL: nothing more is needed */
};

struct comparison {
    const char *metric;
    enum direction direction;
    struct compared_run *run;
    size_t runs_n;
    struct run_group *group;
    size_t groups_n;
    const char *grouped_by;
    struct differing_key *differs;
    size_t differs_n, same_n; /* same_n: keys equal in all runs */
    struct claim *claim;
    size_t claims_n, pairs_n; /* pairs_n: all there are */
    struct parameter *parameter;
    size_t parameters_n;
    const char *parameters_note;    /* "exploratory: 6 runs", why there are none */
    const struct rate_sweep *sweep; /* NULL: there is none among the runs */
    const char *next_run;           /* the most informative next run, or "none: " and why */
};

struct comparison_request {
    const struct experiment *const *experiments;
    size_t n;
    const char *metric;   /* NULL: what the runs are judged by */
    const char *group_by; /* NULL: by configuration; "none"; a key */
};

/* ERR_ARGUMENT: fewer than two runs, no run has the metric, no run has the key. */
NODISCARD bool compare_runs(const struct comparison_request *request, struct arena *arena,
                            struct coverage *coverage, struct comparison *out, struct err *err);

const char *claim_kind_name(enum claim_kind kind); /* "better", "cannot_tell" … */

#endif
