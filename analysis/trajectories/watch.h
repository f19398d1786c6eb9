#ifndef WATCH_H
#define WATCH_H
/*
 * What is noted while the steps and messages of a trajectory pass by: tool
 * calls and what they returned, step rewards, and whatever the rules about
 * failures ask for. Bounded in size, whatever the trajectory's length.
 */

#include "analysis/base/limits.h"
#include "analysis/trajectories/trajectory.h"
#include "analysis/trajectories/vocabulary.h"

#include <stddef.h>

enum { TOOL_NAME_MAX = 64, TAIL = 3 };

struct tool_use {
    char name[TOOL_NAME_MAX + 1];
    unsigned char n; /* of the name */
    uint32_t count[RETURNS_N];
};

struct watch {
    uint32_t steps, messages, assistant;
    double reward_sum;
    uint32_t rewards; /* steps that have one */
    size_t tools_n;
    uint32_t returns[RETURNS_N];
    uint32_t silent_end; /* a last step without an observation: an answer, not a call */
    int64_t first_bad;   /* step of the first return that is not normal; NO_NUMBER: none */

    /* for the rules */
    uint32_t bad;       /* returns that are neither normal nor empty */
    uint32_t malformed; /* calls that could not be parsed */
    int64_t bad_step, malformed_step, loop_step;
    uint64_t said[TAIL]; /* hashes of the last assistant texts, newest first */
    uint64_t did[TAIL];  /* hashes of the last actions */
    uint32_t same[TAIL]; /* how often in a row an action was the one 1, 2, 3 before */
    enum speaker last_role;
    bool last_calls, loops;
    int64_t last_step; /* id of the step that passed last */
    struct step_note {
        bool held;
        enum returned returned;
        size_t tool;
    } last; /* the last return, not counted until another step shows that it was not the end */
    struct tool_use tool[TOOLS_MAX + 1]; /* the last: "(others)"; at the end, for watch_bytes */
};

/* A watch is known by its first bytes; the tools behind them are not there. */
static inline size_t watch_bytes(const struct watch *watch)
{
    return offsetof(struct watch, tool) + watch->tools_n * sizeof(watch->tool[0]);
}

void watch_reset(struct watch *watch);
void watch_step(struct watch *watch, const struct step *step);
void watch_message(struct watch *watch, const struct message *message);
/* Counts what was held back. */
void watch_end(struct watch *watch);

/* The rules that hold, as bits 1 << rule. */
unsigned watch_rules(const struct watch *watch, enum end_class ending);

/* The rules in order of priority: name, and what it says. */
struct failure_rule {
    const char *name, *what;
    /* Does it hold? *step: the evidence, NO_NUMBER if there is no one step. */
    bool (*holds)(const struct watch *watch, enum end_class ending, int64_t *step);
};
extern const struct failure_rule failure_rules[];
extern const size_t failure_rules_n;

#endif
