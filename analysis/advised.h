#ifndef ADVISED_H
#define ADVISED_H
/* What an advice is about: detectors word a setting as fits their sentence. */

#include "analysis/finding.h"

enum advised { ADVISED_OTHER, ADVISED_RATE, ADVISED_DECAY, ADVISED_LENGTH };

/* A rate that is not known cannot be told as a number. */
#define TIMES_THREE "three times what it was"

/* Two of RL runs; most programs have one rate for both. */
#define POLICY_RATE_KEY "learning rate of the policy"
#define VALUE_RATE_KEY "learning rate of the value function"

/* Which setting the words are for; ADVISED_OTHER: one that has a single name. */
enum advised advised_setting(const char *key);
bool advised_same(const char *a, const char *b);

/* Does it name more steps than the run had, or go on from its last checkpoint? */
bool advised_more(const struct advice *advice);

/* Does it name a higher learning rate than the run had? */
bool advised_higher_rate(const struct advice *advice);

/* Does it name fewer steps or epochs than the run had? */
bool advised_less(const struct advice *advice);

/* Does it leave the setting at what the run had? Numbers are compared as numbers. */
bool advised_nothing(const struct advice *advice);

#endif
