#ifndef TRAJECTORY_READER_H
#define TRAJECTORY_READER_H
/*
 * A format of trajectories: one file and one row X(name) in readers.def.
 *
 * A file is cut into records (records.h) before a reader sees it: the lines of
 * a JSONL file, the elements of an array, the elements of the array under the
 * key `within` of an object. A reader takes one record at a time, any number of
 * trajectories in it, and hands them to a sink; to show a trajectory again its
 * record is read again. So a reader keeps nothing and opens nothing.
 */

#include "analysis/trajectories/sink.h"

/* What a member of a zip file is to a reader. */
enum member_use {
    MEMBER_OTHER,
    MEMBER_START,     /* its text is the file's head … */
    MEMBER_HEADER,    /* … or this one's, if it is there */
    MEMBER_RECORD,    /* one record */
    MEMBER_SUMMARIES, /* an array of records, which other members may hold in full */
};

/* A file as a bid sees it. */
struct candidate {
    struct str head;  /* its first bytes, at most 16 KiB */
    bool whole;       /* that is all of it */
    const char *path; /* below the root */
};

struct trajectory_reader {
    const char *name; /* "tau_bench" */
    const char *what; /* one line for the manual */
    const char *const
        *extensions;     /* NULL-ended, with the dot: files of other names are not opened */
    const char *within;  /* "trajectories"; NULL: the object is one record */
    bool alone;          /* and that object is the file; else lines may be such objects, too */
    bool whole;          /* the file is one record, be it an array */
    bool question_files; /* a file or its folder bears the question's name, not the training's */
    size_t head;         /* how much of the file's front `begin` is shown */
    /* Set: the file is a zip, and this tells its members apart by their names. */
    enum member_use (*member)(struct str name);

    /*
     * How sure is the reader that this is a file of its format? 0 no … 100
     * certain; *why is a static sentence then. The highest bid reads the file;
     * of equal ones the one that stands first in readers.def.
     */
    int (*bid)(const struct candidate *file, const char **why);

    /*
     * Before the records of a file: what its front says of all of them goes into
     * sink->file. head may be cut anywhere. Not called when one record is read
     * again. May be NULL.
     */
    void (*begin)(struct str head, struct sink *sink);

    /* After the last record of a file that could be read to its end. May be NULL. */
    void (*finish)(struct sink *sink);

    /* Hands over the trajectories of a record; what it cannot use it refuses by the sink. */
    void (*read)(struct str record, struct sink *sink);
};

extern const struct trajectory_reader *const trajectory_readers[]; /* NULL-ended */

/* The reader of that file; NULL if none bids. */
const struct trajectory_reader *trajectory_reader_of(const struct candidate *file,
                                                     const char **why);
/* Some reader takes files of that name. */
bool trajectory_name_fits(const char *name);

/* ---- for bids ---- */

/* The head holds `"name":` with blanks allowed, anywhere. */
bool head_has(const struct candidate *file, const char *name);
/* The first byte that is no blank; 0 if there is none. */
char head_first(const struct candidate *file);

extern const char *const json_names[]; /* .json .jsonl .ndjson */

#endif
