#ifndef SESSION_H
#define SESSION_H
/*
 * One client: its two descriptors, its calls in flight, its end. All of it
 * runs on the loop thread; see job.h for what leaves it.
 *
 * The end: after EOF everything already read is answered; calls that still run
 * GRACE_MS later are cancelled without an answer. SIGTERM, SIGINT and a reader
 * that went away end it at once.
 */

#include "mcp/answers.h"
#include "mcp/job.h"
#include "mcp/stdio.h"

struct session {
    const struct service *service;
    uv_loop_t loop;
    struct wire wire;
    uv_async_t progress; /* a worker has something to report */
    uv_timer_t clock;    /* runs while calls are on workers, and through the end */
    uv_signal_t terminate, interrupt;
    struct job *jobs;  /* in order of arrival */
    struct job *spare; /* ended, to be used again; NULL: none */
    size_t in_flight;
    struct answers answers;
    struct buf tools_list; /* the service's, if it was not made before */
    bool legacy_open, batches;
    bool tidying; /* a worker clears up behind a write */
    bool input_ended;
    bool leaving; /* no further request is begun */
    bool closing;
    uint64_t ended_ms;
    size_t was_waiting; /* output at the last tick, once input has ended */
};

/*
 * Serves until the client is done. Returns the exit status: 0, or 1 if the
 * streams could not be used or a handle was forgotten (a fault of the program).
 */
int session_serve(const struct service *service, int in_fd, int out_fd);

/* For job.c: a job reached its end; writes its answer and lets it go. */
void session_finish(struct session *session, struct job *job);

#endif
