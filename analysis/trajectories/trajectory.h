#ifndef TRAJECTORY_H
#define TRAJECTORY_H
/*
 * One agent episode as its reader hands it over: facts of the whole, steps and
 * messages one at a time. Texts of steps and messages are JSON values as they
 * stand in the file (strings with their quotes), because an index of a million
 * trajectories needs none of them decoded; all else is plain text. Everything
 * borrows the record and the sink's scratch.
 */

#include "analysis/base/scan.h"

#include <math.h>
#include <stdint.h>

#define NO_NUMBER INT64_MIN /* a whole number that is not given */

/* What the trials of a question are to each other. */
enum trial_kind {
    TRIAL_SAMPLE, /* nothing, as far as is known: pass@k holds */
    TRIAL_RETRY,  /* it goes on from the ones before */
    TRIAL_SEARCH, /* a state or beam of one search, or its best */
};

struct trajectory {
    struct str id;       /* empty: the sink makes one of file and place */
    struct str question; /* data_id: what it tried to solve; empty: unknown */
    struct str text;     /* the question in words */
    struct str training; /* empty: the file's or folder's name */
    struct str agent;
    struct str reason;        /* why it ended, as written; empty: not said */
    int64_t epoch, iteration; /* NO_NUMBER: from the path, if that says */
    int64_t sample;           /* which trial of the question */
    int64_t created_ms;
    int64_t steps; /* as written; NO_NUMBER: those that were handed over */
    double reward; /* NAN: none */
    enum trial_kind kind;
};

struct step {
    int64_t id;                              /* NO_NUMBER: its place, from 1 */
    struct str thought, action, observation; /* JSON values; empty: missing */
    struct str arguments;                    /* of the call, a JSON value */
    struct str tool;                         /* name of what was called; empty: nothing */
    double reward;                           /* NAN: none */
    bool done;
    bool returned; /* a tool answered, or should have: `observation` is its return */
};

enum speaker { SPEAKER_SYSTEM, SPEAKER_USER, SPEAKER_ASSISTANT, SPEAKER_TOOL };

struct message {
    enum speaker role;
    struct str text; /* a JSON value */
    bool calls;      /* an assistant's message that calls a tool */
};

static inline struct trajectory trajectory_none(void)
{
    return (struct trajectory){.epoch = NO_NUMBER,
                               .iteration = NO_NUMBER,
                               .sample = NO_NUMBER,
                               .created_ms = NO_NUMBER,
                               .steps = NO_NUMBER,
                               .reward = (double)NAN};
}

static inline struct step step_none(void)
{
    return (struct step){.id = NO_NUMBER, .reward = (double)NAN};
}

#endif
