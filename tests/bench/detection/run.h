#ifndef RUN_H
#define RUN_H
/*
 * One run of the benchmark: what it logs, and what is true of it.
 */

#include "analysis/analyze.h"
#include "analysis/detectors/detector.h"
#include "analysis/stats/schedule.h"

enum class_id {
#define X(id, ...) CLASS_##id,
#include "tests/bench/detection/classes.def"
#undef X
    CLASSES,
};

enum { CLASS_NAMES_MAX = 4 };

struct class_row {
    const char *shown;
    unsigned kind;                      /* FOR_LM or FOR_RL */
    const char *names[CLASS_NAMES_MAX]; /* of findings, NULL-ended where shorter */
    enum role role;
    size_t needs;
    double share; /* of a user's runs that have it: what a confidence is stated for */
};

extern const struct class_row class_rows[CLASSES];

/*
 * SKIP: not judged, as a class that cannot be said of the run, or follows from
 * its fault (a divergence is also a shift). UNCLEAR: the effect lies between a
 * quarter and the whole of the threshold; only how sure a finding is of it is.
 */
enum truth { TRUTH_SKIP, TRUTH_NO, TRUTH_UNCLEAR, TRUTH_YES };

struct label {
    enum truth truth;
    double onset;  /* step; NAN where it has none */
    double effect; /* true size, in the unit of its threshold */
};

struct event { /* a spike; indices */
    size_t first, last;
    enum truth truth;
};

enum { RUN_SERIES_MAX = 12, RUN_SETTINGS_MAX = 10, RUN_EVENTS_MAX = 8, RUN_FAMILIES_MAX = 6 };

struct run {
    struct arena *arena;
    unsigned kind;                          /* FOR_LM or FOR_RL */
    const char *families[RUN_FAMILIES_MAX]; /* one a channel */
    size_t families_n;
    bool faulty, decoy; /* some channel holds a fault; some a harmless oddity. neither: clean */
    size_t rows;        /* points of its longest series */
    struct series series[RUN_SERIES_MAX];
    enum role roles[RUN_SERIES_MAX];
    size_t series_n;
    struct setting settings[RUN_SETTINGS_MAX];
    size_t settings_n;
    const char *entropy_schedule; /* of its configuration; NULL: none */
    struct label label[CLASSES];
    struct event events[RUN_EVENTS_MAX];
    size_t events_n;
    enum schedule_kind schedule; /* SCHEDULE_UNKNOWN: not judged */
    double number[CLASSES]; /* what the setting of its remedy should be (remedies.def); or NAN */
    double steps_per_epoch; /* NAN: no epoch is logged */
    double at_double;       /* noise-free loss at twice the steps; NAN: not judged */
    bool steps_reset;       /* a resume: indices are not positions */
};

void run_init(struct run *run, unsigned kind, struct arena *arena);
/* Under the role of that name; nothing happens where no role has it. Arrays are kept, not copied.
 */
void run_log(struct run *run, const char *name, const int64_t *steps, const double *values,
             size_t n);
void run_set(struct run *run, const char *key, double value);

/* YES from the threshold on, UNCLEAR from a quarter of it on, else NO. */
void run_label(struct run *run, enum class_id class, double effect, double threshold, double onset);
void run_skip(struct run *run, enum class_id class);

/* Made of the run's series in its arena. */
const struct subject *run_subject(const struct run *run);

/* Of the role's series. ROLES: of the loss it is judged by (LM), of the longest one (RL). */
size_t run_points(const struct run *run, enum role role);
const struct series *run_series(const struct run *run, enum role role); /* NULL: not logged */

#endif
