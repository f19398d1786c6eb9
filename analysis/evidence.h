#ifndef EVIDENCE_H
#define EVIDENCE_H
/* What the state of a run is judged by: gathered from Tidal's files or from other programs'. */

#include "analysis/experiment.h"

struct evidence {
    const char *status;           /* the word, NULL if none */
    const char *status_from;      /* "status.json says", before the word */
    const char *end_marker;       /* "status.json says completed", NULL if none */
    const char *final_checkpoint; /* its name */
    const char *broken_off;       /* what says that it was interrupted, NULL if nothing */
    const char *failed;           /* "exit code 1", NULL if nothing says so */
    int64_t final_ms, last_ms;    /* last_ms: the newest time inside a file, or NOT_GIVEN */
    const char *last_from;
    int64_t newest_file_ms; /* mtimes: "not older than" */
    const char *non_finite; /* what the last row says, NULL if it is finite */
    const char *mute; /* why the lack of an end marker says nothing; NULL: it says something */
    bool grows;
    const char *log; /* the name of what grows */
    double progress;
};

/* The value of the last row that has the key; false if none of the rows read does. */
bool evidence_last(const struct rows_view *view, const char *key, double *value, int64_t *step);
/* Whether the last row's loss is a number. */
void evidence_losses(const struct rows_view *view, struct arena *arena, struct evidence *out);

/* From the sources of a run that log readers read. */
void evidence_of_sources(const struct experiment *experiment, int64_t now_ms, struct arena *arena,
                         struct evidence *out);

#endif
