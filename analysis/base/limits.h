#ifndef LIMITS_H
#define LIMITS_H
/* Every cap in the program, each with its reason. Sizes are in bytes. */

#define MIB ((size_t)1024 * 1024)

/* What a client sends */
#define LINE_IN_MAX (16 * MIB) /* a report of 8 MiB, escaped, still fits */
#define REQUEST_DEPTH_MAX 512  /* deeper is an attack on recursion, not a request */
#define ID_MAX (64 * 1024)   /* an id or token is echoed: no answer may grow by it past its limit */
#define BATCH_MAX 1000       /* requests of one array: each may cost an answer */
#define CALLS_MAX 64         /* running or waiting; beyond it stdin is not read */
#define QUEUE_HIGH (4 * MIB) /* the client does not read: stop reading its requests … */
#define QUEUE_LOW (1 * MIB)  /* … until this little waits */
#define CALL_MS_MAX 60000    /* a call that takes longer is cancelled with a sentence */
#define STRING_ARG_MAX 4096  /* a name, an id, a path */
#define LIST_ARG_MAX 1000    /* entries of a list argument */

/* What we answer */
#define ANSWER_MAX (8 * MIB) /* SDK clients drop the connection above 10 MiB */
#define ANSWER_CHARS 24000   /* an agent's context: 8,000 tokens of 3 characters */

/* What we read */
#define DATA_LINE_MAX (16 * MIB) /* a longer line of a log is counted as malformed */
#define DATA_DEPTH_MAX 64
#define SMALL_FILE_MAX (16 * MIB)    /* status, metadata, configuration, evaluation */
#define HISTORY_FILE_MAX (512 * MIB) /* an RL history is one JSON value and is read whole */
#define KEYS_MAX 2000                /* series of one experiment; more are counted, not kept */
#define SOURCES_MAX 64               /* files of one run; more checkpoints are not read */
#define LISTING_READ_MAX (2 * MIB)   /* logs of a run that a listing reads to say what it is */
#define COLUMNS_MAX (64 * MIB)       /* columns kept between calls */
#define ANSWERS_MAX (8 * MIB)        /* finished answers kept between calls */
#define READ_BLOCK (256 * 1024) /* measured: larger blocks gain nothing, whole files cost RSS */

#define TRAJECTORY_MAX (256 * MIB)   /* one record of a file of trajectories; larger is counted */
#define TOOLS_MAX 64                 /* different tools of one trajectory; the rest are one */
#define TRAJECTORY_HEAD_MAX MIB      /* what a log says in front of its samples */
#define ZIP_DIRECTORY_MAX (64 * MIB) /* half a million members */

/* Where we look */
#define WALK_DEPTH_MAX 8
#define WALK_ENTRIES_MAX 200000

/* What we write */
#define REPORT_MAX (8 * MIB)
#define BLOCKS_MAX 10000
#define BLOCK_DEPTH_MAX 64

/* Text from data: samples and log lines are cut here, and the cut is marked */
#define SAMPLE_CHARS_MAX 2000

#endif
