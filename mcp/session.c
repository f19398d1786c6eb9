#include "mcp/session.h"
#include "analysis/base/limits.h"
#include "mcp/tool_methods.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum {
    GRACE_MS = 1500,     /* after EOF: a client that waits for an answer keeps stdin open */
    LAST_WORDS_MS = 200, /* then: for cancelled calls to return and output to leave */
    TICK_MS = 50,
};

static int64_t clock_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- the end ---- */

static void close_all(struct session *s)
{
    if (s->closing)
        return;
    s->closing = true;
    wire_close(&s->wire);
    uv_close((uv_handle_t *)&s->progress, NULL);
    uv_close((uv_handle_t *)&s->clock, NULL);
    uv_close((uv_handle_t *)&s->terminate, NULL);
    uv_close((uv_handle_t *)&s->interrupt, NULL);
}

static bool nothing_left(struct session *s)
{
    return s->in_flight == 0 && wire_waiting(&s->wire) == 0;
}

static void cancel_all(struct session *s)
{
    s->leaving = true; /* or a cancelled call would make room for the next */
    wire_hold(&s->wire);
    for (struct job *job = s->jobs, *next; job; job = next) {
        next = job->next;
        job_cancel(job);
    }
}

static void on_tick(uv_timer_t *timer);

static void watch_clock(struct session *s)
{
    if (!s->closing && !uv_is_active((uv_handle_t *)&s->clock))
        uv_timer_start(&s->clock, on_tick, TICK_MS, TICK_MS);
}

/* A worker that does not come back cannot be joined: the process ends without it. */
static NORETURN void leave_now(struct session *s)
{
    wire_flush(&s->wire);
    _exit(0);
}

static void stop_overdue(struct session *s, uint64_t now)
{
    for (struct job *job = s->jobs; job; job = job->next) {
        if (job->state == JOB_QUEUED && now - job->started_ms > CALL_MS_MAX) {
            job->timed_out = true;
            atomic_store(&job->cancelled, true);
        }
    }
}

/* A slow reader that still reads gets its answers whole: only standing still runs out of time. */
static void mind_slow_reader(struct session *s, uint64_t now)
{
    size_t waiting = wire_waiting(&s->wire);

    if (s->in_flight == 0 && waiting > 0 && waiting < s->was_waiting)
        s->ended_ms = now;
    s->was_waiting = waiting;
}

static void on_tick(uv_timer_t *timer)
{
    struct session *s = timer->data;
    uint64_t now = uv_now(&s->loop);

    for (struct job *job = s->jobs; job; job = job->next)
        job_send_progress(job, now);
    stop_overdue(s, now);
    wire_flush(&s->wire);
    if (s->input_ended) {
        mind_slow_reader(s, now);
        if (nothing_left(s))
            close_all(s);
        else if (now - s->ended_ms > GRACE_MS + LAST_WORDS_MS)
            leave_now(s);
        else if (now - s->ended_ms > GRACE_MS)
            cancel_all(s);
    } else if (s->in_flight == 0) {
        uv_timer_stop(&s->clock);
    }
}

static void on_end(void *data)
{
    struct session *s = data;

    if (s->input_ended) /* it is ending already, and sooner */
        return;
    s->input_ended = true;
    s->ended_ms = uv_now(&s->loop);
    wire_flush(&s->wire);
    if (nothing_left(s))
        close_all(s);
    else
        watch_clock(s);
}

/* Nobody will read another answer: no grace. */
static void end_at_once(struct session *s)
{
    if (s->closing)
        return;
    if (s->in_flight == 0) {
        close_all(s);
        return;
    }
    s->input_ended = true;
    s->ended_ms = uv_now(&s->loop) - GRACE_MS;
    cancel_all(s);
    watch_clock(s);
}

static void on_broken(void *data)
{
    end_at_once(data);
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct session *s = handle->data;

    (void)number;
    wire_flush(&s->wire);
    end_at_once(s);
}

/* ---- answers ---- */

static void put_answer(struct session *s, struct job *job, struct buf *out)
{
    struct request *request = &job->request;

    if (job->ok && request->result.n > ANSWER_MAX)
        job->ok = fault_set(&request->fault, RPC_INTERNAL,
                            "The answer would be %zu bytes long; %zu is the most.",
                            request->result.n, ANSWER_MAX);
    if (!job->ok) {
        rpc_put_error(out, request->id, &request->fault);
        return;
    }
    if (request->answer_key.n)
        answers_keep(&s->answers, request->answer_key, buf_str(&request->result));
    struct str result = request->kept.n ? request->kept : buf_str(&request->result);
    buf_reserve(out, result.n + 512); /* once, not by growing */
    rpc_put_result_head(out, request->id);
    revision_put_result(out, result, request->meta, request->era, request->method->cache,
                        s->service);
    buf_puts(out, "}\n");
}

static void batch_add(struct session *s, struct batch *batch, struct str answer)
{
    if (answer.n) {
        buf_byte(&batch->out, batch->out.n ? ',' : '[');
        buf_add(&batch->out, str_cut(answer, answer.n - 1)); /* without its newline */
    }
    if (--batch->pending > 0)
        return;
    if (batch->out.n) {
        buf_add(&s->wire.out, buf_str(&batch->out));
        buf_puts(&s->wire.out, "]\n");
    }
    buf_fini(&batch->out);
    free(batch);
}

static void unlink_job(struct session *s, struct job *job)
{
    for (struct job **at = &s->jobs; *at; at = &(*at)->next) {
        if (*at == job) {
            *at = job->next;
            s->in_flight--;
            return;
        }
    }
}

void session_finish(struct session *s, struct job *job)
{
    bool opened = job->ok && job->request.method->answer == answer_initialize;

    unlink_job(s, job);
    if (opened) {
        const struct json *asked = json_get(job->request.params, "protocolVersion");
        s->legacy_open = true;
        s->batches = revision_has_batches(revision_negotiate(json_text(&job->arena, asked)));
    }
    if (job->batch) {
        struct buf answer = {0};
        if (job->state == JOB_ANSWERED)
            put_answer(s, job, &answer);
        if (job->batch->out.n + answer.n + BATCH_MAX * 256 > ANSWER_MAX) {
            /* one line holds all answers, and no line may be longer: room is left to say so for
             * each */
            fault_set(&job->request.fault, RPC_INTERNAL,
                      "The answers of this batch would exceed %zu MiB; send it alone.",
                      ANSWER_MAX / MIB);
            answer.n = 0;
            rpc_put_error(&answer, job->request.id, &job->request.fault);
        }
        batch_add(s, job->batch, buf_str(&answer));
        buf_fini(&answer);
    } else if (job->state == JOB_ANSWERED) {
        put_answer(s, job, &s->wire.out);
    }
    job_free(job);
    if (s->wire.held && !s->leaving && s->in_flight < CALLS_MAX)
        wire_release(&s->wire);
    if (s->input_ended && !s->closing && s->in_flight == 0)
        uv_timer_start(&s->clock, on_tick, 0, TICK_MS); /* that was the last: see whether to end */
}

/*
 * tools/list is asked at each start and always answered the same: its text was
 * made with the program, or is made once. False: it is another request.
 */
static bool put_static(struct session *s, struct job *job, struct buf *out)
{
    const struct request *request = &job->request;
    struct str list = s->service->tools_list;

    if (request->method->answer != answer_tools_list || json_get(request->params, "cursor"))
        return false;
    if (list.n == 0) {
        if (s->tools_list.n == 0)
            tools_put(&s->tools_list, s->service->tools);
        list = buf_str(&s->tools_list);
    }
    buf_reserve(out, list.n + 512); /* once, not by growing */
    rpc_put_result_head(out, request->id);
    revision_put_result(out, list, request->meta, request->era, request->method->cache, s->service);
    buf_puts(out, "}\n");
    return true;
}

/* ---- messages ---- */

static void put_fault(struct session *s, struct str id, const struct fault *fault,
                      struct batch *batch)
{
    if (!batch) {
        rpc_put_error(&s->wire.out, id, fault);
        return;
    }
    struct buf answer = {0};
    rpc_put_error(&answer, id, fault);
    batch_add(s, batch, buf_str(&answer));
    buf_fini(&answer);
}

static void on_cancelled(struct session *s, const struct rpc_message *message)
{
    const struct json *id = json_get(message->params, "requestId");

    for (struct job *job = s->jobs; id && job; job = job->next) {
        if (str_eq(job->request.id, id->raw) && job->request.method->answer != answer_initialize) {
            job_cancel(job);
            return;
        }
    }
}

static void take_progress_token(struct request *request)
{
    const struct json *token = json_get(json_get(request->params, "_meta"), "progressToken");
    int64_t whole;

    if (token && token->raw.n <= ID_MAX &&
        (token->kind == JSON_STRING || json_integer(token, &whole)))
        request->progress_token = token->raw;
}

/* False: a fault to answer with. */
static bool take_request(struct session *s, struct job *job, const struct rpc_message *message,
                         struct fault *fault)
{
    struct request *request = &job->request;

    request->id = message->id;
    request->params = message->params;
    request->era = revision_era(message, s->legacy_open);
    request->call.now_ms = clock_ms();
    if (request->era == ERA_MODERN && !revision_check(message, &job->arena, fault))
        return false;
    request->method = method_find(message->method, request->era, s->service);
    if (!request->method)
        return fault_set(fault, RPC_UNKNOWN_METHOD, "Unknown method: %.*s",
                         STR_FMT(str_cut(message->method, 100)));
    if (request->params && request->params->kind != JSON_OBJECT)
        return fault_set(fault, RPC_BAD_PARAMS, "'params' must be an object.");
    take_progress_token(request);
    return true;
}

static void append(struct session *s, struct job *job)
{
    struct job **at = &s->jobs;

    while (*at)
        at = &(*at)->next;
    *at = job;
    s->in_flight++;
}

/* The job owns the arena that the message lives in; it ends here or when the job does. */
static void on_message(struct session *s, struct job *job, const struct rpc_message *message,
                       struct batch *batch)
{
    struct fault fault;

    switch (message->kind) {
    case RPC_FAULTY:
        put_fault(s, message->id, &message->fault, batch);
        break;
    case RPC_NOTIFICATION:
    case RPC_RESPONSE:
    case RPC_BATCH:
        if (message->kind == RPC_NOTIFICATION && str_is(message->method, "notifications/cancelled"))
            on_cancelled(s, message);
        if (batch)
            batch_add(s, batch, (struct str){0});
        break;
    case RPC_REQUEST:
        if (!take_request(s, job, message, &fault)) {
            put_fault(s, message->id, &fault, batch);
            break;
        }
        if (!batch && put_static(s, job, &s->wire.out))
            break;
        job->batch = batch;
        append(s, job);
        job_start(job);
        if (s->in_flight > 0)
            watch_clock(s);
        if (s->in_flight >= CALLS_MAX)
            wire_hold(&s->wire);
        return;
    }
    job_free(job);
}

static void on_batch(struct session *s, const struct json *array)
{
    struct fault fault;

    if (!s->batches || array->count == 0 || array->count > BATCH_MAX) {
        fault_set(&fault, RPC_INVALID_REQUEST, "%s",
                  !s->batches         ? "Batches are not part of this protocol revision."
                  : array->count == 0 ? "A batch must not be empty."
                                      : "A batch must not hold more than 1000 messages.");
        put_fault(s, (struct str){0}, &fault, NULL);
        return;
    }
    struct batch *batch = heap_alloc(sizeof(*batch));
    batch->pending = (size_t)array->count + 1; /* one for this loop, so that it ends once */
    /* the analyzer does not see that `pending` outlasts the loop */
    json_each (item, array) { /* NOLINTBEGIN(clang-analyzer-unix.Malloc) */
        struct job *job = job_new(s);
        struct rpc_message message;
        struct err err;
        /* each job needs the text in its own arena: it may outlive this line */
        struct str text = arena_str(&job->arena, item->raw);
        const struct json *value =
            json_parse(&job->arena, text, JSON_STRICT, REQUEST_DEPTH_MAX, &err);
        rpc_read_value(&job->arena, value, &message);
        on_message(s, job, &message, batch);
    }
    batch_add(s, batch, (struct str){0}); /* NOLINTEND(clang-analyzer-unix.Malloc) */
}

static void on_line(void *data, struct str line)
{
    struct session *s = data;
    struct job *job = job_new(s);
    struct rpc_message message;

    rpc_read(&job->arena, arena_str(&job->arena, line), &message);
    if (message.kind == RPC_BATCH) {
        on_batch(s, message.whole);
        job_free(job);
        return;
    }
    on_message(s, job, &message, NULL);
}

static void on_too_long(void *data)
{
    struct session *s = data;
    struct fault fault;

    fault_set(&fault, RPC_INVALID_REQUEST, "The line is longer than %zu MiB.", LINE_IN_MAX / MIB);
    put_fault(s, (struct str){0}, &fault, NULL);
}

static void on_progress(uv_async_t *async)
{
    struct session *s = async->data;

    for (struct job *job = s->jobs; job; job = job->next)
        job_send_progress(job, uv_now(&s->loop));
}

/* ---- life ---- */

static const struct wire_owner owner = {on_line, on_too_long, on_end, on_broken};

static void open_handles(struct session *s)
{
    uv_async_init(&s->loop, &s->progress, on_progress);
    uv_timer_init(&s->loop, &s->clock);
    uv_signal_init(&s->loop, &s->terminate);
    uv_signal_init(&s->loop, &s->interrupt);
    s->progress.data = s->clock.data = s->terminate.data = s->interrupt.data = s;
    uv_signal_start(&s->terminate, on_signal, SIGTERM);
    uv_signal_start(&s->interrupt, on_signal, SIGINT);
}

int session_serve(const struct service *service, int in_fd, int out_fd)
{
    struct session *s = heap_alloc(sizeof(*s));
    struct err err;
    int status = 0;

    s->service = service;
    signal(SIGPIPE, SIG_IGN);
    uv_loop_init(&s->loop);
    open_handles(s);
    if (wire_open(&s->wire, &s->loop, in_fd, out_fd, &owner, s, &err)) {
        wire_start(&s->wire);
    } else {
        fprintf(stderr, "postrun: %s\n", err.msg);
        status = 1;
        close_all(s);
    }
    uv_run(&s->loop, UV_RUN_DEFAULT);
    if (uv_loop_close(&s->loop) != 0) {
        fprintf(stderr, "postrun: a handle was left open; this is a fault of the program\n");
        status = 1;
    }
    answers_fini(&s->answers);
    buf_fini(&s->tools_list);
    if (s->spare)
        job_destroy(s->spare);
    wire_fini(&s->wire);
    free(s);
    return status;
}
