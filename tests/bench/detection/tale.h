#ifndef TALE_H
#define TALE_H
/* One episode of an agent in the making: what happens in it, and its text. */

#include "analysis/base/buf.h"
#include "tests/bench/detection/dice.h"

enum tale_fault { TALE_LOOP, TALE_ERRORS, TALE_REPEATS, TALE_FAULTS };

struct tale {
    bool faulty, has[TALE_FAULTS];
    size_t bad; /* tool returns that are errors */
};

/* What tools of many programs return on an error, as it stands within a JSON string; NULL-ended. */
extern const char *const tale_errors[];

/* A fault in three of twenty each, at most one; in a sound episode oddities that are none. */
void tale_draw(struct dice *dice, bool may_fail, struct tale *tale);

/* Its members "termination_reason", "steps" and "chat_completions"; counts tale->bad. */
void tale_put(struct dice *dice, struct tale *tale, struct buf *out);

#endif
