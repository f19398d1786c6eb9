#ifndef JUDGE_H
#define JUDGE_H
/*
 * Findings and plain rules held against the labels of runs, and what adds up.
 *
 * A class is judged on the runs whose series has at least the points it needs
 * and whose truth is YES or NO: found or not found (inconclusive and
 * insufficient count as not found, and are counted by themselves as well).
 */

#include "analysis/anchors/anchor.h"
#include "tests/bench/detection/run.h"

enum { BLAMED_MIN = 3 }; /* fewer errors of a family are not printed */

enum { SAID_KINDS = FINDING_NOT_APPLICABLE + 2 }; /* every status, and nothing at all */

struct sample { /* of what was found or not found */
    double p;
    bool is;
};

/* Where the errors come from: wrongly found and missed, by the family of the class' channel. */
struct blame {
    const char *family;
    size_t false_hits, missed;
};

struct blames {
    VEC(struct blame) list;
};

struct tally {
    bool built; /* some finding had one of the names */
    size_t true_hits, false_hits, missed, right_no;
    size_t said[SAID_KINDS];       /* runs of any truth but SKIP; the last: no such finding */
    size_t unclear, unclear_found; /* the ambiguity band */
    size_t tiny, tiny_found,
        tiny_sure; /* fewer than 1.5 times the points needed; sure: above .85 */
    struct blames blames;
    VEC(struct sample) samples;
    VEC(double) onsets; /* distances from the true one, % of the run */
};

/* The change advised for a class that is there (remedies.def). */
struct advice_tally {
    size_t faults, found, advised, key; /* the key is one of those that mend it */
    size_t ways, way;                   /* a direction is known; it is the right one */
    size_t numbers, number;             /* a number is known; within a factor of two */
    const char *other;                  /* the first key that is not one of those */
    size_t taken;                       /* among the recommendations of the whole run */
};

struct rule_tally {
    size_t applicable, true_hits, false_hits, missed, right_no;
};

struct event_tally {
    size_t true_hits, false_hits, missed, clean_runs, clean_false;
    struct blames blames;
};

enum { RULES_MAX = 40, FAMILIES_MAX = 80, UNWANTED_MAX = 40 };

/* Runs of one family alone, or of none with a fault, and the false findings of medium or more. */
struct count {
    const char *name;
    size_t runs, found;
};

struct bench {
    struct arena *arena; /* of the tallies, longer than a run's */
    size_t runs, tiny_runs, rows;
    double seconds;       /* in analyze_subject, with hygiene */
    enum class_id listed; /* its errors are printed, run by run; CLASSES: none */
    size_t at;            /* the run being judged, for the list */
    struct tally class[CLASSES];
    struct advice_tally advice[CLASSES];
    struct count sound[UNWANTED_MAX]; /* keys that runs without a fault are told to change */
    size_t sound_n, sound_runs, sound_told;
    struct rule_tally rule[RULES_MAX];
    struct event_tally events, rule_events[RULES_MAX];
    struct count clean, decoys, faulty;
    struct count family[FAMILIES_MAX], unwanted[UNWANTED_MAX]; /* by family; by class of finding */
    size_t family_n, unwanted_n;
    size_t schedules, schedules_right, schedule[SCHEDULE_OTHER + 1][SCHEDULE_OTHER + 1];
    size_t bands, bands_hit;     /* extrapolations to twice the steps */
    double band_error;           /* sum of |predicted / true - 1| */
    size_t states, states_right; /* of rewards */
};

void bench_init(struct bench *bench, struct arena *arena);
void bench_judge(struct bench *bench, const struct run *run);

void judge_blame(struct blames *blames, struct arena *arena, const char *family, size_t false_hits,
                 size_t missed);

/* The change that is advised, against the one that would mend it (remedies.def). */
void judge_advice(struct bench *bench, const struct run *run, const struct analysis *analysis);
void advice_print(const struct bench *bench);

/* How often that name was counted; made where it is new. */
struct count *count_of(struct count *counts, size_t *n, size_t room, const char *name);

/* Spikes of stats/spikes.h and of the plain rules, event by event. */
void judge_spikes(struct bench *bench, const struct run *run, const struct subject *subject,
                  const struct anchors *anchors);

/* One error of the class that is listed: the run, what is true of it, what was said. */
void judge_list(const struct bench *bench, const struct run *run, enum class_id class,
                const struct finding *finding);

/* The table, to stdout. */
void bench_print(const struct bench *bench, const char *title);

/* The finding of that class that says most, NULL if there is none. */
const struct finding *judge_finding(const struct analysis *analysis, const struct run *run,
                                    enum class_id class);

#endif
