#ifndef EXPERIMENT_H
#define EXPERIMENT_H
/*
 * One training run, as a tool or a report sees it. An experiment is got from
 * the catalog (catalog.h), lives in the arena it was asked for with, and reads
 * its files when a function below is called: files are looked up in its own
 * directory descriptor, never through a path that came from a client, and
 * symlinks that lead out of it are not followed.
 *
 * Every function that reads data adds to the coverage it is given (may be NULL).
 * Threads: an experiment belongs to the call that asked for it; what it shares
 * with other calls (columns, histories) is locked or counted inside.
 */

#include "analysis/base/json.h"
#include "analysis/base/shape.h"
#include "analysis/coverage.h"
#include "analysis/history.h"
#include "analysis/rows.h"

struct walk_source;

enum experiment_type { EXPERIMENT_UNKNOWN, EXPERIMENT_LM, EXPERIMENT_RL };

struct experiment {
    const char *id, *path; /* path: the root as given, '/', the id */
    enum experiment_type type;
    const char *type_why;     /* "metadata.json says lm", … */
    const char *format, *why; /* which layout, and why we think so */
    int64_t created_ms;       /* UTC; NOT_GIVEN if nothing tells */
    const char *created_from; /* "metadata.created_at", "id", "first point", "oldest file" */
    bool has_rl_metrics, has_evaluation, has_ablation, has_gpu_instance;
    const char *source_experiment, *source_checkpoint; /* NULL when null or absent */
    const struct walk_source *sources; /* files that log readers claim; none: Tidal's layout */
    size_t sources_n;
    bool unread; /* its log is too long for a listing: it has no series, no configuration here */
    int dir;     /* open for the arena's life */
    struct held *held;            /* the catalog's shared columns of this experiment */
    const atomic_bool *cancelled; /* asked by long reads; may be NULL */
};

const char *experiment_type_name(enum experiment_type type); /* "lm", "rl", "unknown" */

/* Fills in what only the log of another program's run tells: type, created, has_evaluation.
 * most: with more bytes than these the run stays unread; 0: read whatever it takes. */
void experiment_learn(struct experiment *experiment, size_t most, struct arena *arena);

/* What the log says of the run, beside its metrics: "git_commit", "host" … */
struct run_fact {
    const char *name, *value, *from; /* from: the file */
};
void experiment_facts(const struct experiment *experiment, struct arena *arena,
                      const struct run_fact **out, size_t *n);

/* ---- small files ---- */

enum experiment_file {
    FILE_METADATA,   /* metadata.json */
    FILE_STATUS,     /* dashboard_metrics/status.json */
    FILE_LATEST,     /* dashboard_metrics/latest.json */
    FILE_EVALUATION, /* evaluation_results/evaluation_results.json, else evaluation_results.json */
    FILE_ABLATION,   /* ablation_results.json */
    FILE_GPU,        /* gpu_instance.json */
};

struct document {
    const char *path; /* below the experiment; of the place where it was found */
    bool exists;
    const struct json
        *json;       /* NULL if it is not there, half-written, or not JSON (JSON_DATA mode) */
    const char *why; /* why json is NULL although it exists: a sentence */
    int64_t modified_ms;
};

void experiment_document(const struct experiment *experiment, enum experiment_file file,
                         struct arena *arena, struct document *out);

struct checkpoint {
    const char *filename, *path, *phase;    /* foundational, rl, final, unknown */
    int64_t size_bytes, modified_ms, epoch; /* epoch: NOT_GIVEN if the name has none */
};

/* By modification time, then name. Never opens one. Of other programs: folders checkpoint-N and
 * files of weights; epoch is the number in the name, of steps where these are counted. */
void experiment_checkpoints(const struct experiment *experiment, struct arena *arena,
                            const struct checkpoint **out, size_t *n);
/* The phase a file name stands for, by the manifest's patterns; *epoch as above. */
const char *checkpoint_phase(struct str filename, int64_t *epoch);

/* The run's own copies of its configuration, main one first (config.yaml, rl_config.yaml,
 * base_config.yaml, other YAML files, config.json, args.json and such). */
void experiment_configs(const struct experiment *experiment, struct arena *arena,
                        struct strs *filenames);
/* filename NULL: the main copy. Texts of errors: "Invalid filename", "Config file not found". */
NODISCARD bool experiment_config(const struct experiment *experiment, const char *filename,
                                 struct arena *arena, const char **found, struct str *text,
                                 struct err *err);
/* YAML (a bounded subset: maps, lists, scalars) as JSON text; false leaves the text unparsed. */
NODISCARD bool config_to_json(struct str text, struct arena *arena, struct str *json,
                              struct err *err);
/* A top-level number of the run's own configuration; NAN if there is none. */
double experiment_setting(const struct experiment *experiment, const char *key,
                          struct arena *arena);
/* The same under any of several names, with one look at the files. */
double experiment_setting_of(const struct experiment *experiment, const char *const *keys, size_t n,
                             struct arena *arena);
/* A top-level string of it; NULL if there is none. */
const char *experiment_setting_text(const struct experiment *experiment, const char *key,
                                    struct arena *arena);

/* ---- state ---- */

struct assessed {
    const char *state; /* finished, running, stalled, interrupted, crashed, unknown */
    const char *why;   /* the evidence, named */
    int64_t as_of_ms, last_update_ms; /* last_update: NOT_GIVEN if no time is inside the files */
    double progress;                  /* 0..1, NAN if unknown */
    const char *written;              /* the status word as written; NULL if none */
    const char *ended;                /* finished: what says so, without an age; else NULL */
};

/* By end markers, the final checkpoint, times inside files, mtimes: in this order. */
void experiment_assess(const struct experiment *experiment, int64_t now_ms, struct arena *arena,
                       struct assessed *out);

/* ---- series ---- */

/* Of metrics.jsonl or other sources; *out NULL if there is none. A view lives with the arena. */
NODISCARD bool experiment_rows(const struct experiment *experiment, const struct strs *keys,
                               struct arena *arena, const struct rows_view **out, struct err *err);
/* Where a run's sources hold no row: what they are, and why. Nothing for Tidal's layout. */
void experiment_cover_rowless(const struct experiment *experiment, struct arena *arena,
                              struct coverage *coverage);
NODISCARD bool experiment_tail(const struct experiment *experiment, size_t window,
                               struct arena *arena, const struct rows_view **out, struct err *err);
/* The RL history; *out NULL if there is none. */
NODISCARD bool experiment_history(const struct experiment *experiment, struct arena *arena,
                                  const struct history **out, struct err *err);

/* One series by name, from the table or else from the history; n is 0 if it is not logged.
 * "Perplexity", if not logged, is exp of "Losses/Total". It may have the steps of `like`. */
NODISCARD bool experiment_series(const struct experiment *experiment, struct str name,
                                 struct arena *arena, struct series *out, struct err *err);
NODISCARD bool experiment_series_like(const struct experiment *experiment, struct str name,
                                      const struct series *like, struct arena *arena,
                                      struct series *out, struct err *err);

#endif
