#ifndef TRAJECTORY_REPLAY_H
#define TRAJECTORY_REPLAY_H
/*
 * What a reader says of the lines of a file, kept as bytes to be said again: one
 * thread reads, another, which may build the index, hears of it later. Nothing in
 * it borrows a line.
 */

#include "analysis/base/buf.h"
#include "analysis/trajectories/reader.h"
#include "analysis/trajectories/records.h"

enum { REPLAY_MAX = 16 << 20 }; /* bytes; a line that goes beyond is not kept */

struct replay {
    struct sink sink; /* first: its functions get at the rest by it */
    struct arena scratch;
    struct buf bytes;
    bool full;
};

/* Of one file; like: the sink that will hear it. It may not be moved after that. */
void replay_init(struct replay *replay, const struct sink *like);
void replay_fini(struct replay *replay);
void replay_clear(struct replay *replay);

/* Reads one line. False: there is no room for what it says, and nothing of it is kept. */
bool replay_read(struct replay *replay, const struct trajectory_reader *reader,
                 const struct record *record);

/* To whom it is said: functions of `sink`, between these two for each record. */
struct hearer {
    struct sink *sink;
    void (*begin)(struct sink *sink, const struct record *record); /* its text has no bytes */
    void (*end)(struct sink *sink, const struct record *record);
};

/* line: added to those of the records. */
void replay_say(const struct replay *replay, int64_t line, const struct hearer *to);

#endif
