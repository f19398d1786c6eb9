#ifndef SUBJECT_H
#define SUBJECT_H
/*
 * What detectors look at: the experiment's series by role, after hygiene. Made
 * once an analysis from what the experiment logged; roles come from roles.def
 * as casting.h has it, never by substring. Lives in the analysis' arena; read only.
 */

#include "analysis/checks.h"
#include "analysis/experiment.h"
#include "analysis/hygiene.h"
#include "analysis/roles.h"

enum { ZEROS_MIN = 3 };

struct role_series {
    bool logged;          /* false: no series has this role, or it has no point */
    bool hinted;          /* not logged so, but something of it is (casting_hints) */
    struct str name;      /* as logged */
    struct hygiene clean; /* active finite series, and what was set aside */
    size_t nulls_at_end;  /* rows that have null where every row before had a number */
    int64_t null_from;    /* the step of the first of them */
    size_t zeros_at_end;  /* of a training loss: last points of exactly 0, ZEROS_MIN or more */
    int64_t zero_from;    /* the step of the first of them; what is before it is active */
};

/* A number of the run's own configuration, by its last key ("BASE_LR"). */
struct setting {
    const char *key;
    double value;
};

struct sft;
struct layers;
struct workload;
struct derived;

struct subject {
    const struct experiment *experiment;
    const struct sft *sft; /* what a fine-tuning run left beside its series (sft.h); may be NULL */
    const struct layers *layers;     /* gradient norms by layer (layers.h); may be NULL */
    const struct workload *workload; /* model, tokens, FLOPs (workload.h); may be NULL */
    struct arena *arena;             /* of a detector: its own, which ends with it */
    struct derived *derived;         /* what several ask for, kept (derived.h); may be NULL */
    struct role_series role[ROLES];
    const struct setting *settings; /* those that detectors ask for and the run has */
    size_t settings_n;
    const char *entropy_schedule, *constraint_mode; /* words of it; NULL: not known */
    bool lagrangian;                                /* a non-empty multiplier series exists (RL) */
    bool loss_of_perplexity; /* the training loss is ln of the perplexity, as none is logged */
    const struct assessed *assessed; /* how the run stands; NULL: not asked */
    bool unconfigured;               /* loaded from an experiment without a configuration */
    struct str may_score;   /* like a held-out score, and has no role; .p NULL: none, or one has */
    size_t evaluation_sets; /* each with a loss of its own; the first stands for validation */
    struct strs cast_notes; /* which series plays a role by its spelling (casting_say) */
    const struct checks *checks; /* what the user set; NULL: nothing */
};

/* Loads every series that has a role; adds to the coverage. */
NODISCARD bool subject_load(const struct experiment *experiment, struct arena *arena,
                            struct coverage *coverage, struct subject *out, struct err *err);

/*
 * The same with roles as the user gave them (checks may be NULL, else lives as long as the
 * subject). ERR_ARGUMENT: a series that checks names is not logged.
 */
NODISCARD bool subject_load_as(const struct experiment *experiment, const struct checks *checks,
                               struct arena *arena, struct coverage *coverage, struct subject *out,
                               struct err *err);

/* One series after hygiene, under its role; subject_load and tests build subjects of these. */
void subject_set(struct subject *subject, enum role role, const struct series *series);

double subject_setting(const struct subject *subject, const char *key); /* NAN if unknown */

/*
 * The configured (peak) learning rate, and the key it stands under: BASE_LR, else
 * what other trainers call it. NAN if unknown; *key (may be NULL) is set then, too.
 */
double subject_base_rate(const struct subject *subject, const char **key);

/* The user's value if there is one, else the default: a detector that has a threshold asks here. */
double subject_threshold(const struct subject *subject, enum threshold threshold);

/* Steps as the analyses want them. */
double *subject_steps(const struct subject *subject, enum role role, size_t from);

/* Points an analysis needs at least: three times as many where the values were smoothed. */
size_t subject_needs(const struct role_series *series, size_t points);

/*
 * The metric a run is judged by: LM the validation loss if it has enough points for a
 * trend, else the training loss; RL the reward. Its series may be not logged.
 */
enum role subject_primary(const struct subject *subject);

/* Is it known to be still running? Then nothing may be said of its end. */
bool subject_is_running(const struct subject *subject);

/* Roles that a run of this kind should log and did not, at most ROLES of them. */
size_t subject_missing(const struct subject *subject, enum role out[ROLES]);

/* What a series of that role would be called in this run's log. */
const char *subject_usual_name(const struct subject *subject, enum role role);
const char *subject_role_word(enum role role); /* "the validation loss"; NULL: no word for it */

#endif
