#ifndef FEED_H
#define FEED_H
/*
 * Where readers put what they read: rows of a table (the same that metrics.jsonl
 * becomes, rowtable.h), and facts about the run. One feed a source; the sources
 * of one run are woven into one table afterwards (weave.h).
 *
 * Rows keep the file's order. A step that repeats or goes back stays as it is:
 * restarts are found later. NaN and infinities are values; a missing value is
 * no value: nothing is put for it. Wall time is the key "timestamp", in seconds
 * UTC. One thread.
 */

#include "analysis/base/arena.h"

#include <stdatomic.h>
#include <stdint.h>

struct feed;
struct table;

struct feed *feed_new(void);
void feed_free(struct feed *feed);
/*
 * Sets *stop once `rows` rows are begun: who needs only the first rows of a file gives the
 * reader that flag as its `cancelled` (struct source). stop NULL: no longer.
 */
void feed_stop(struct feed *feed, size_t rows, atomic_bool *stop);

/*
 * What a log that grows holds only for now – half a last line, that no end was written –
 * is fed behind a mark and taken back before the log is read on: rows, facts, sentences and
 * all. Ends the row at hand. False of feed_back: too many rows stand behind the mark, or
 * there is none; then the feed is of no more use.
 */
void feed_mark(struct feed *feed);
NODISCARD bool feed_back(struct feed *feed);

/* ---- rows ---- */

enum { FEED_NO_KEY = -1 }; /* beyond KEYS_MAX: counted, and its values are dropped */

/* The column of that name, made if it is not there: ask once a key, not once a value. */
int feed_key(struct feed *feed, struct str name);

/*
 * Begins a row; the one before is complete. A row without a value counts all
 * the same. `feed_row_stepless` is for rows of a log that has steps elsewhere;
 * if no row has a step, the row's number stands in, and answers say so.
 */
void feed_row(struct feed *feed, int64_t step);
void feed_row_stepless(struct feed *feed);
/*
 * The file goes on with another run: the rows so far are taken out, with what was said of
 * their plan and end (FACT_TOTAL_STEPS, FACT_FINAL_ROW …). Keys stay what they are. How many.
 * Behind a mark it takes that as well: feed_back is false.
 */
size_t feed_forget(struct feed *feed);
/* The row just begun is stepless as its step is a number that feed_step refuses: counted. */
void feed_step_odd(struct feed *feed);
/* A key stands twice in the row just begun, as the file has it: counted. */
void feed_key_twice(struct feed *feed);
/* Of the row; a key given twice in one row keeps the last. */
void feed_value(struct feed *feed, int key, double value);
/* The same for n keys and their values. */
void feed_values(struct feed *feed, const int *key, const double *value, size_t n);
/* null, or an empty cell that stands for a missing value: counted, no point. */
void feed_missing(struct feed *feed, int key);
/* Text, a nested value: no point, and the key is named as no series. */
void feed_other(struct feed *feed, int key);

/*
 * For logs of single points (event files, key/step/value tables): goes into the
 * current row if that has the same step and no value of this key yet, else into
 * a new one. time: seconds UTC, NAN if unknown.
 */
void feed_point(struct feed *feed, int64_t step, int key, double value, double time);

/* Makes the key of times behind those that are there: feed_point makes it with the first one. */
void feed_timed(struct feed *feed);

/* A step as logs write it: a whole number within +-(2^53 - 1). False for others. */
bool feed_step(double value, int64_t *step);

/* Which column of the source became the step, and why: "global_step: every row has it". */
void feed_axis(struct feed *feed, const char *name, const char *why);

/* ---- what went wrong ---- */

/* A line or record that is not used. place: 1-based line, or record; reason: static text. */
void feed_malformed(struct feed *feed, int64_t place, const char *reason);
/* The file is damaged or ends early: a sentence; the first few are kept, all are counted. */
void feed_damage(struct feed *feed, const char *format, ...) PRINTF(2, 3);
/* Anything the reader of an answer must know about this source ("values are samples"). */
void feed_note(struct feed *feed, const char *format, ...) PRINTF(2, 3);

/* ---- facts ---- */

enum fact {
    FACT_RUN_ID,
    FACT_RUN_NAME,
    FACT_PROJECT,
    FACT_GROUP,
    FACT_JOB_TYPE,
    FACT_TAGS,
    FACT_USER,
    FACT_HOST,
    FACT_PROGRAM,
    FACT_COMMAND,
    FACT_GIT_COMMIT,
    FACT_GIT_REMOTE,
    FACT_GIT_DIFF,    /* "present" or "none": is there a diff beside the run? */
    FACT_MODEL,       /* what was trained, as the log names it */
    FACT_STATUS,      /* the status word as written: RUNNING, finished … */
    FACT_EXIT_CODE,   /* a whole number */
    FACT_STARTED,     /* milliseconds UTC, a whole number */
    FACT_ENDED,       /* likewise */
    FACT_FAILED,      /* the last words of a log that say that the run failed, and where: a line */
    FACT_BROKEN_OFF,  /* likewise that somebody ended it: a signal, a limit of time */
    FACT_FINAL_ROW,   /* there is a row that only a run that came to its end writes: which */
    FACT_TOTAL_STEPS, /* planned, a whole number */
    FACTS,
};

/* The first given stands; a different one later is noted. */
void feed_fact(struct feed *feed, enum fact fact, struct str text);
void feed_fact_number(struct feed *feed, enum fact fact, int64_t value);
const char *fact_name(enum fact fact); /* "run_id" … */

/*
 * The run's configuration as a JSON object (valid, compact). `from` names it:
 * "config.yaml", "hparams". Several may be given, main one first.
 */
void feed_config(struct feed *feed, const char *from, struct str json);
/* One value of a configuration that comes in pieces; the pieces make one object. */
void feed_setting(struct feed *feed, const char *from, struct str key, struct str json);
/* Results of an evaluation as a JSON object. step: NOT_GIVEN (INT64_MIN) if not of one. */
void feed_evaluation(struct feed *feed, const char *from, int64_t step, struct str json);

#endif
