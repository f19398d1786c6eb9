#ifndef READER_H
#define READER_H
/*
 * A log format is one file and one row in readers.def. A bid says, from a file's
 * first bytes, its path and its size, whether the format knows it and why; the
 * highest bid reads it. Names lie, so a name alone never wins: a bid that only
 * knows the name looks at the content before it says yes.
 *
 * A reader gives what the file holds to a feed (feed.h), in the file's order,
 * and knows nothing of experiments, tools or other readers. Files are not
 * trusted: every length, depth and count from a file is bounded, what cannot be
 * read is told to the feed and what stands before it is kept. Never a pickle.
 *
 * Threads: a reader keeps no state but in what live_reading opens, which is one thread's at a time;
 * any number may run at once.
 */

#include "analysis/base/arena.h"
#include "analysis/base/err.h"
#include "analysis/base/shape.h"
#include "analysis/readers/feed.h"

#include <stdatomic.h>

enum { PROBE_BYTES = 8192 };

struct table_look;

/* What one bid finds out of a file and others ask for as well: made once (dialect.h). */
struct probe_made {
    const struct table_look *table; /* NULL: nobody asked yet */
};

/* What a bid looks at. All of it is borrowed for the call. */
struct probe {
    int dir;          /* of the folder that holds the file: a bid may look at its neighbours */
    const char *path; /* below the root that was walked, for words like "version_3" */
    const char *name; /* in `dir` */
    struct str head;  /* the first bytes, at most PROBE_BYTES; all of a shorter file */
    int64_t size;
    struct probe_made *made; /* of reader_for; NULL: each bid looks for itself */
};

/*
 * 0: not this format. 100: a checksum or a magic number fits. 80: the structure
 * fits and the name, too. 60: the structure alone. 30: it could be. Of equal
 * bids the first row wins. why: one clause that stands in answers ("the CRC of
 * the first record fits"). A bid of 0 may say why a file that bears the
 * format's name is not one ("no column is a number"): such words come back as
 * "not a run, because …".
 */
struct bid {
    int score;
    const char *why; /* static, or in the arena */
};

/* What one file is to an experiment. */
enum reader_unit {
    UNIT_FOLDER, /* files of this format in one folder are parts of one run: restarts, ranks */
    UNIT_FILE,   /* two such files in one folder are two runs */
    UNIT_MANY,   /* one file holds several runs: `runs` names them */
    UNIT_PART,   /* never a run by itself: configuration, evaluation, model header */
};

/* What to read. */
struct source {
    int dir;                      /* the experiment's folder */
    const char *path;             /* of the file below it */
    const char *run;              /* of a UNIT_MANY file: one of the names `runs` gave; else NULL */
    const atomic_bool *cancelled; /* asked between blocks; may be NULL */
};

/*
 * A log that grows is read on, not again: its reading is kept between looks, without a
 * descriptor. Each look opens the source anew, gives all that is whole to the feed by
 * `more`, then, behind the feed's mark, what holds only for now by `rest`: half a last
 * line, sentences about the whole. Whether the file is still the one that was read is
 * for the caller to know (mark.h).
 */
struct live_reading {
    void *(*open)(struct feed *feed); /* at the beginning; the feed outlives it */
    bool (*more)(void *reading, const struct source *source, struct err *err);
    bool (*rest)(void *reading, const struct source *source, struct err *err);
    /* Bytes that need not be read again; 0: all must, as too little is known yet. */
    int64_t (*taken)(const void *reading);
    void (*close)(void *reading);
};

struct reader {
    const char *name; /* what answers call `format`: "tensorboard" */
    const char *what; /* one line for the manual */
    enum reader_unit unit;
    bool float32; /* the format holds floats: they are printed as such, not as the double of one */
    bool printed; /* for people: rounded, so a metric that another source tells, too, is equal as
                     far as its digits go */
    bool workers; /* UNIT_FOLDER: files in one folder were written side by side, each with its own
                     count of steps; else one after the other */
    bool streams; /* `cancelled` is asked between blocks: the first rows of a huge file cost little
                   */
    bool tells_end; /* a run that came to its end says so in this format: silence means something */
    /* Files and folders next to the file that are read with it ("metrics"); NULL: none. Ends in
     * NULL. */
    const char *const *beside;
    struct bid (*bid)(const struct probe *probe, struct arena *arena);
    /* Either of these; reader_read is for both. */
    const struct live_reading *live;
    bool (*read)(const struct source *source, struct feed *feed, struct err *err);
    /* UNIT_MANY only: the names of the runs, in the file's order. */
    bool (*runs)(const struct source *source, struct arena *arena, struct strs *out,
                 struct err *err);
};

extern const struct reader *const readers[]; /* NULL-ended, in readers.def's order */

/* The highest bid for a file, NULL if nobody bids; *bid has the reason either way ("" if none). */
const struct reader *reader_for(const struct probe *probe, struct arena *arena, struct bid *bid);

/*
 * Everything into the feed. False only if nothing could be read at all (ERR_IO,
 * ERR_FORMAT, ERR_TOO_LARGE, ERR_CANCELLED); damage behind good data is
 * feed_damage and true.
 */
NODISCARD bool reader_read(const struct reader *reader, const struct source *source,
                           struct feed *feed, struct err *err);

#endif
