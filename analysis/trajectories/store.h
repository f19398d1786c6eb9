#ifndef TRAJECTORY_STORE_H
#define TRAJECTORY_STORE_H
/*
 * The index of a set of files of trajectories: one row each in columns, texts in
 * dictionaries, steps left on disk and found again by file and offset. Built by
 * one thread, then never changed and read by any number; counted by references.
 */

#include "analysis/base/arena.h"
#include "analysis/base/err.h"
#include "analysis/mark.h"
#include "analysis/trajectories/split.h"
#include "analysis/trajectories/dict.h"
#include "analysis/trajectories/tally.h"

#include <stdatomic.h>

#define NO_SMALL INT32_MIN /* an epoch, iteration or sample that is not given */

/* X(type, column) */
#define TRAJECTORY_COLUMNS(X)                                                                      \
    X(uint32_t, id)       /* in ids */                                                             \
    X(uint32_t, training) /* in words, as the next four; 0: not given */                           \
    X(uint32_t, agent)                                                                             \
    X(uint32_t, question)                                                                          \
    X(uint32_t, text)                                                                              \
    X(uint32_t, reason)                                                                            \
    X(int32_t, epoch)                                                                              \
    X(int32_t, iteration)                                                                          \
    X(int32_t, sample)                                                                             \
    X(double, reward)      /* NAN: none */                                                         \
    X(double, step_reward) /* mean of those of its steps; NAN: none has one */                     \
    X(int64_t, created_ms)                                                                         \
    X(uint32_t, steps)                                                                             \
    X(uint32_t, tools) /* where its first stands in tool_calls */                                  \
    X(uint8_t, tools_n)                                                                            \
    X(uint8_t, ending)                                                                             \
    X(uint16_t, rules)     /* failure rules that hold, as bits */                                  \
    X(uint8_t, seen_steps) /* steps or messages were in the file */                                \
    X(uint8_t, kind)       /* enum trial_kind */                                                   \
    X(uint32_t, file)                                                                              \
    X(uint32_t, length) /* of its record */                                                        \
    X(uint64_t, offset)                                                                            \
    X(uint32_t, ordinal) /* among the trajectories of its record */

struct tool_calls {
    uint32_t tool; /* in words */
    uint32_t count[RETURNS_N];
};

struct trajectory_file {
    const char *root, *path; /* the root as resolved; below it, the real bytes */
    const char *shown;       /* fit to be shown */
    const struct trajectory_reader *reader;
    const char *why;
    dev_t dev;
    ino_t ino;
    int64_t size, changed_ns;
    bool young;   /* its times are not trusted yet */
    size_t first; /* row */
    struct file_tally tally;

    /* Of files of lines: where to go on when it has grown; mark.taken 0: nowhere. */
    struct file_mark mark;
    int64_t next_line, next_place;
    struct file_tally at_mark;
};

struct trajectories {
    atomic_size_t refs;
    size_t n, room;
#define X(type, column) type *column;
    TRAJECTORY_COLUMNS(X)
#undef X
    struct tool_calls *tool_calls; /* heap */
    size_t tool_calls_n, tool_calls_room;
    struct dict ids, words;
    struct trajectory_file *files;
    size_t files_n;
    struct file_tally tally; /* of all files */
    struct arena arena;
};

struct trajectories *trajectories_ref(struct trajectories *t);
void trajectories_unref(void *t); /* void: fits arena_own */

/*
 * Reads the files, which are named and stamped, and takes over their array (heap)
 * and `names`, the arena their texts live in. A file that cannot be read is a
 * refusal, not a failure; only ERR_CANCELLED is one. What `old` (may be NULL; its
 * reference is taken over) holds of files that are the same is not read again,
 * and of one that has grown only the new lines are. How large files are cut for
 * threads makes no difference to the index.
 */
NODISCARD bool trajectories_build(struct trajectory_file *files, size_t n, struct arena names,
                                  struct trajectories *old, const struct split *how,
                                  const atomic_bool *cancelled, struct trajectories **out,
                                  struct err *err);

size_t trajectories_held(const struct trajectories *t); /* bytes */

/* ---- reading back ---- */

struct episode_step {
    int64_t id;
    struct str thought, action, observation; /* decoded, whole, as hostile as it was written */
    struct str tool;
    const char *returned; /* its class; NULL: nothing was called */
    double reward;
};

struct episode {
    struct episode_step *steps;
    size_t n, total; /* kept, in all */
    size_t messages;
    struct watch watch;
};

/*
 * The steps [from, from + count) of a trajectory, from its file. ERR_CONFLICT if
 * that is not the one that was read.
 */
NODISCARD bool episode_read(const struct trajectories *t, size_t row, size_t from, size_t count,
                            struct arena *arena, struct episode *out, struct err *err);

/* The bytes of its record hold the text; false if not, or if they cannot be read. */
bool record_holds(const struct trajectories *t, size_t row, struct str text, struct arena *scratch);

#endif
