#ifndef JOB_H
#define JOB_H
/*
 * A request from acceptance to answer, and the only place where work goes to
 * the thread pool. The loop owns a job; a worker borrows its request and
 * nothing else, and the cancel flag is all that both touch at once.
 *
 *     accepted -> answered               on the loop
 *     accepted -> queued -> running -> done -> answered | dropped
 *     accepted -> waiting -> queued …    a call that writes, behind another
 */

#include "mcp/request.h"

#include <uv.h>

struct session;

enum job_state {
    JOB_ACCEPTED,
    JOB_WAITING, /* behind another call that writes */
    JOB_QUEUED,  /* given to the pool */
    JOB_DONE,    /* back on the loop */
    JOB_ANSWERED,
    JOB_DROPPED, /* cancelled: nothing more is said of it */
    JOB_STATES,
};

/* An array of requests (2025-03-26 only) is answered by one array when its last job ends. */
struct batch {
    size_t pending;
    struct buf out; /* elements so far, separated by commas */
};

struct job {
    struct session *session;
    struct job *next; /* in order of arrival */
    struct arena arena;
    struct request request;
    enum job_state state;
    bool ok;
    struct batch *batch; /* NULL: the answer is a line of its own */
    uv_work_t work;
    atomic_bool cancelled;
    bool silent;    /* the client cancelled it, or the session is ending */
    bool timed_out; /* it ran for CALL_MS_MAX: that is its answer */
    uint64_t started_ms;
    struct { /* the worker writes, the loop sends */
        uv_mutex_t lock;
        bool made, fresh;
        double done, total, sent;
        char message[200];
        uint64_t sent_ms;
    } progress;
};

struct job *job_new(struct session *session);
void job_free(struct job *job);    /* the session keeps one to use again */
void job_destroy(struct job *job); /* for good */

/* Runs it where it belongs. May answer before it returns. */
void job_start(struct job *job);
/* The client no longer wants it. */
void job_cancel(struct job *job);
/* Sends what the worker reported since the last time, at most 20 a second. */
void job_send_progress(struct job *job, uint64_t now_ms);

#endif
