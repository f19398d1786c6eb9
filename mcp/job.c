#include "mcp/job.h"
#include "analysis/base/limits.h"
#include "mcp/session.h"
#include "mcp/tool_methods.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { PROGRESS_MS = 50, SPARE_MAX = 64 * 1024 };

/* Which states may follow which: a wrong move is a bug, not an error. */
static const bool moves[JOB_STATES][JOB_STATES] = {
    [JOB_ACCEPTED] = {[JOB_WAITING] = true, [JOB_QUEUED] = true, [JOB_DONE] = true},
    [JOB_WAITING] = {[JOB_QUEUED] = true, [JOB_DONE] = true},
    [JOB_QUEUED] = {[JOB_DONE] = true},
    [JOB_DONE] = {[JOB_ANSWERED] = true, [JOB_DROPPED] = true},
};

static void move(struct job *job, enum job_state to)
{
    assert(moves[job->state][to]);
    job->state = to;
}

static void on_progress(void *to, double done, double total, const char *message)
{
    struct job *job = to;

    if (!job->progress.made) /* not asked for, or on the loop, where nothing could be sent */
        return;
    uv_mutex_lock(&job->progress.lock);
    job->progress.fresh = true;
    job->progress.done = done;
    job->progress.total = total;
    snprintf(job->progress.message, sizeof(job->progress.message), "%s", message ? message : "");
    uv_mutex_unlock(&job->progress.lock);
    uv_async_send(&job->session->progress);
}

/* A flood of small requests lives in one job: its memory is used again and again. */
struct job *job_new(struct session *session)
{
    struct job *job = session->spare;

    if (job) {
        struct arena arena = job->arena;
        struct buf result = job->request.result;
        session->spare = NULL;
        memset(job, 0, sizeof(*job));
        job->arena = arena;
        job->request.result = result;
        job->request.result.n = 0;
    } else {
        job = heap_alloc(sizeof(*job));
        arena_init(&job->arena);
    }
    job->session = session;
    job->work.data = job;
    job->progress.sent = -INFINITY;
    job->request.service = session->service;
    job->request.call = (struct call){.desk = session->service->desk,
                                      .arena = &job->arena,
                                      .cancelled = &job->cancelled,
                                      .progress = on_progress,
                                      .progress_to = job};
    return job;
}

void job_destroy(struct job *job)
{
    buf_fini(&job->request.result);
    arena_fini(&job->arena);
    free(job);
}

void job_free(struct job *job)
{
    if (job->progress.made)
        uv_mutex_destroy(&job->progress.lock);
    job->progress.made = false;
    if (job->request.result.room > SPARE_MAX)
        buf_fini(&job->request.result);
    if (!job->session->spare) {
        arena_reset(&job->arena);
        job->session->spare = job;
        return;
    }
    job_destroy(job);
}

/* ---- the worker: all of our multi-threading is this line and what it may touch ---- */

static void on_worker(uv_work_t *work)
{
    struct job *job = work->data;

    job->ok = job->request.method->answer(&job->request);
}

/* ---- the loop ---- */

static bool writes(const struct job *job)
{
    return job->request.tool && (job->request.tool->flags & TOOL_WRITES);
}

static void give_to_pool(struct job *job);

/* Calls that write run one after another, in order of arrival. */
static void start_next_writer(struct session *session)
{
    for (struct job *job = session->jobs; job; job = job->next) {
        if (!writes(job))
            continue;
        if (job->state == JOB_WAITING)
            give_to_pool(job);
        if (job->state == JOB_QUEUED)
            return;
    }
}

static bool writer_ahead(const struct job *job)
{
    for (const struct job *other = job->session->jobs; other && other != job; other = other->next) {
        if (writes(other))
            return true;
    }
    return false;
}

static void send_progress(struct job *job);

/* ---- clearing up behind a write, once it has been answered ---- */

struct tidying {
    uv_work_t work;
    struct session *session;
};

static void on_tidy(uv_work_t *work)
{
    const struct service *service = ((struct tidying *)work->data)->session->service;

    service->after_write(service->desk);
}

static void on_tidied(uv_work_t *work, int status)
{
    struct tidying *tidying = work->data;

    (void)status;
    tidying->session->tidying = false;
    free(tidying);
}

static void tidy(struct session *session)
{
    if (!session->service->after_write || session->tidying)
        return;
    struct tidying *tidying = heap_alloc(sizeof(*tidying));

    tidying->session = session;
    tidying->work.data = tidying;
    session->tidying = true;
    uv_queue_work(&session->loop, &tidying->work, on_tidy, on_tidied);
}

static void finish(struct job *job)
{
    struct session *session = job->session;
    bool wrote = writes(job) && job->ok;

    send_progress(job); /* what was said last would else be lost */
    /* a call that got done all the same has done what it says */
    if (job->timed_out && job->request.was_cancelled && !job->silent)
        job->ok = fault_set(&job->request.fault, RPC_INTERNAL,
                            "The call took longer than %d s and was stopped.", CALL_MS_MAX / 1000);
    move(job, job->silent ? JOB_DROPPED : JOB_ANSWERED);
    session_finish(session, job);
    start_next_writer(session);
    if (wrote)
        tidy(session);
}

static void on_done(uv_work_t *work, int status)
{
    struct job *job = work->data;

    (void)status; /* cancelled before it ran: then it is silent already */
    move(job, JOB_DONE);
    finish(job);
}

static void give_to_pool(struct job *job)
{
    move(job, JOB_QUEUED);
    job->started_ms = uv_now(&job->session->loop);
    uv_queue_work(&job->session->loop, &job->work, on_worker, on_done);
}

static void run_here(struct job *job)
{
    job->ok = job->request.method->answer(&job->request);
    move(job, JOB_DONE);
    finish(job);
}

void job_start(struct job *job)
{
    struct request *request = &job->request;
    enum prepared where = request->method->flags & METHOD_WORKER ? PREPARED_WORKER : PREPARED_LOOP;

    if (request->method->answer == answer_tools_call)
        where = tool_call_prepare(request);
    struct str kept;
    if (request->answer_key.n && answers_find(&job->session->answers, request->answer_key, &kept)) {
        request->kept = kept; /* answered below, before anything else is kept or dropped */
        request->answer_key = (struct str){0};
        where = PREPARED_DONE;
    }
    if (where == PREPARED_LOOP && writes(job) && writer_ahead(job))
        where = PREPARED_WORKER; /* quick or not, it waits its turn */
    switch (where) {
    case PREPARED_FAULT:
    case PREPARED_DONE:
        job->ok = where == PREPARED_DONE;
        move(job, JOB_DONE);
        finish(job);
        break;
    case PREPARED_LOOP:
        run_here(job);
        break;
    case PREPARED_WORKER:
        if (request->progress_token.n && !job->progress.made) {
            uv_mutex_init(&job->progress.lock);
            job->progress.made = true;
        }
        if (writes(job) && writer_ahead(job))
            move(job, JOB_WAITING);
        else
            give_to_pool(job);
        break;
    }
}

void job_cancel(struct job *job)
{
    job->silent = true;
    atomic_store(&job->cancelled, true);
    if (job->state == JOB_WAITING) {
        move(job, JOB_DONE);
        finish(job);
    } else if (job->state == JOB_QUEUED) {
        uv_cancel(
            (uv_req_t *)&job->work); /* works if no worker has it yet; on_done comes either way */
    }
}

static void send_progress(struct job *job)
{
    struct buf *out = &job->session->wire.out;
    double done, total;
    char message[sizeof(job->progress.message)];

    if (!job->progress.made || job->silent || job->batch)
        return;
    uv_mutex_lock(&job->progress.lock);
    bool fresh = job->progress.fresh && job->progress.done > job->progress.sent;
    job->progress.fresh = false;
    done = job->progress.done;
    total = job->progress.total;
    memcpy(message, job->progress.message, sizeof(message));
    uv_mutex_unlock(&job->progress.lock);
    if (!fresh)
        return;
    job->progress.sent = done;
    job->progress.sent_ms = uv_now(&job->session->loop);
    buf_puts(out, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":"
                  "{\"progressToken\":");
    buf_add(out, job->request.progress_token);
    buf_puts(out, ",\"progress\":");
    json_put_number(out, done);
    if (isfinite(total)) {
        buf_puts(out, ",\"total\":");
        json_put_number(out, total);
    }
    if (*message) {
        buf_puts(out, ",\"message\":");
        json_put_string(out, str_of(message));
    }
    buf_puts(out, "}}\n");
}

void job_send_progress(struct job *job, uint64_t now_ms)
{
    if (now_ms - job->progress.sent_ms >= PROGRESS_MS)
        send_progress(job);
}
