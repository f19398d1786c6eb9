#ifndef ANSWER_H
#define ANSWER_H
/* What the answers of several tools have in common. All texts live in the arena given. */

#include "analysis/catalog.h"
#include "analysis/trajectories/library.h"
#include "reports/store.h"
#include "tools/desk.h"

struct desk {
    struct catalog *catalog;
    struct store *store;
    struct library *library;   /* trajectories */
    const char *dashboard_url; /* NULL: none */
    struct str tools_list;     /* borrowed; empty: none was made before */
    struct arena arena;        /* what lives as long as the desk */
};

/* The experiment named by a client's expId: looked up, never joined to a path. */
NODISCARD bool open_experiment(struct call *call, const char *id, const struct experiment **out,
                               struct err *err);

/*
 * For TOOL_QUICK rows whose arguments begin with expId, and for fingerprints:
 * the experiment if the catalog knows it already. Neither walks nor waits; a run
 * of other programs' logs is never ready, for its log may have to be read.
 */
bool experiment_ready(struct call *call, const void *args);
bool experiment_known(struct call *call, const char *id, const struct experiment **out);

/* The coverage as the JSON object `coverage` of an answer; "{}" when there is nothing to say. */
struct str coverage_json(const struct coverage *coverage, struct arena *arena);

/* `"key":{n, finite, first …}` of an answer's `summary`; a comma in front if needed. */
void put_summary(struct buf *out, struct str key, const struct summary *summary);

/* `"name":value` of an answer; a NAN is left out, for not known is no number. */
void put_integer(struct buf *out, const char *name, int64_t value);
void put_number(struct buf *out, const char *name, double value);
void put_strings(struct buf *out, const struct strs *list); /* an array */

/* A copy in the arena; frees the buffer. */
struct str finish(struct buf *buf, struct arena *arena);

/* Text found in data, fit to be shown: no control or escape sequences, cut with a mark at `most`
 * bytes. */
const char *clean_text(struct arena *arena, struct str text, size_t most);

/* The JSON text of a value from a data file, compact, NaN and Infinity as strings. */
void put_data(struct buf *out, const struct json *value);

/* A date for people: 2024-10-10 23:58:24 UTC. "unknown" for NOT_GIVEN. */
const char *date_text(struct arena *arena, int64_t ms);

/* Adds the identity of a file to an answer's fingerprint: device, inode, size, time, or that it is
 * not there. */
void fingerprint_file(const struct experiment *experiment, const char *path, struct buf *key);

/* The same of all that the experiment's metrics are read from. */
void fingerprint_metrics(const struct experiment *experiment, struct buf *key);

#define F_EXP_ID(type)                                                                             \
    F_STR(type, expId, .doc = "The experiment's id; list_experiments names them.", .required = true)

#endif
