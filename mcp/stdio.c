#include "mcp/stdio.h"
#include "analysis/base/arena.h"
#include "analysis/base/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    PIECE = 64 * 1024,
    AHEAD_MAX = 1024 * 1024, /* read while the owner holds, so that the end of input is seen */
};

/*
 * Room that stays: fresh pages for each answer of a megabyte cost more than the
 * copy. In a flood, parts of half a megabyte leave while they are in the cache.
 */
enum { OUT_KEPT = 2 * 1024 * 1024, OUT_PART = 512 * 1024 };

struct pending { /* a write that the kernel did not take at once; owns its bytes */
    uv_write_t write;
    struct wire *wire;
    char *bytes;
};

static void read_more(struct wire *wire);
static void input_ended(struct wire *wire);

/* ---- input: bytes to lines ---- */

static void tell_end(struct wire *wire)
{
    if (wire->end_told)
        return;
    wire->end_told = true;
    wire->owner->end(wire->data);
}

static void hand_out(struct wire *wire, size_t end)
{
    struct str line = {wire->in_buf.p + wire->taken, end - wire->taken};

    if (line.n && line.p[line.n - 1] == '\r')
        line.n--;
    if (wire->dropping) {
        wire->dropping = false;
        wire->owner->too_long(wire->data);
    } else if (line.n > LINE_IN_MAX) {
        wire->owner->too_long(wire->data);
    } else if (str_trim(line).n) {
        wire->owner->line(wire->data, line);
    }
}

/* Hands out whole lines until there are none or the owner holds. */
static void take_lines(struct wire *wire)
{
    struct buf *in = &wire->in_buf;

    if (wire->taking) /* called from within a callback below: the loop outside goes on */
        return;
    wire->taking = true;
    while (!wire->held && !wire->closed && !wire->clogged && wire->searched < in->n) {
        const char *newline = memchr(in->p + wire->searched, '\n', in->n - wire->searched);
        if (!newline) {
            wire->searched = in->n;
            break;
        }
        size_t end = (size_t)(newline - in->p);
        hand_out(wire, end);
        wire->taken = wire->searched = end + 1;
        if (wire->out.n > OUT_PART || wire_waiting(wire) > QUEUE_HIGH)
            wire_flush(wire); /* the kernel may take it at once; else this clogs */
    }
    wire->taking = false;
    if (wire->closed)
        return;
    if (wire->taken > 0) {
        memmove(in->p, in->p + wire->taken, in->n - wire->taken);
        in->n -= wire->taken;
        wire->searched -= wire->taken;
        wire->taken = 0;
    }
    if (wire->searched == in->n && (wire->dropping || in->n > LINE_IN_MAX)) {
        wire->dropping = true; /* what is left of it is dropped up to its newline */
        in->n = wire->searched = 0;
    }
    if (in->n == 0 && in->room > MIB)
        buf_fini(in); /* one huge line must not keep its room for ever */
    if (wire->ended && !wire->clogged) {
        if (!wire->held && (in->n > 0 || wire->dropping)) {
            size_t end = in->n;
            wire->searched = end;
            hand_out(wire, end);
            in->n = wire->searched = 0;
        }
        tell_end(wire);
    }
}

static void input_ended(struct wire *wire)
{
    wire->ended = true;
    read_more(wire);
    take_lines(wire);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    struct wire *wire = handle->data;

    (void)suggested;
    buf_reserve(&wire->in_buf, PIECE);
    *buf = uv_buf_init(wire->in_buf.p + wire->in_buf.n,
                       (unsigned)(wire->in_buf.room - wire->in_buf.n));
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct wire *wire = stream->data;

    (void)buf; /* it is the end of in_buf */
    if (n < 0) {
        input_ended(wire);
        return;
    }
    wire->in_buf.n += (size_t)n;
    take_lines(wire);
    read_more(wire);
}

static void on_file_turn(uv_idle_t *idle)
{
    struct wire *wire = idle->data;

    buf_reserve(&wire->in_buf, PIECE);
    ssize_t n =
        read(wire->in_fd, wire->in_buf.p + wire->in_buf.n, wire->in_buf.room - wire->in_buf.n);
    if (n < 0 && errno == EINTR)
        return;
    if (n <= 0) {
        input_ended(wire);
        return;
    }
    wire->in_buf.n += (size_t)n;
    take_lines(wire);
    read_more(wire);
}

/* Starts or stops the source so that it runs exactly when its bytes are wanted. */
static void read_more(struct wire *wire)
{
    bool ahead = wire->held && wire->in_buf.n >= AHEAD_MAX;
    bool want = !ahead && !wire->clogged && !wire->ended && !wire->closed;

    if (want == wire->reading)
        return;
    wire->reading = want;
    if (wire->in_is_file) {
        if (want)
            uv_idle_start(&wire->file_turn, on_file_turn);
        else
            uv_idle_stop(&wire->file_turn);
    } else if (want) {
        if (uv_read_start(&wire->in.stream, on_alloc, on_read) < 0)
            input_ended(wire); /* a descriptor that can only be written to */
    } else {
        uv_read_stop(&wire->in.stream);
    }
}

/* ---- output ---- */

static void lost_reader(struct wire *wire)
{
    if (wire->broken)
        return;
    wire->broken = true;
    wire->out.n = 0;
    wire->owner->broken(wire->data);
}

size_t wire_waiting(const struct wire *wire)
{
    return wire->out.n +
           (wire->out_is_file ? 0 : uv_stream_get_write_queue_size(&wire->out_stream.stream));
}

/* Above the high mark nothing more is read; below the low mark it goes on. */
static void regulate(struct wire *wire)
{
    size_t waiting = wire_waiting(wire);

    if (!wire->clogged && waiting > QUEUE_HIGH) {
        wire->clogged = true;
        read_more(wire);
    } else if (wire->clogged && waiting < QUEUE_LOW) {
        wire->clogged = false;
        take_lines(wire);
        read_more(wire);
    }
}

static void on_written(uv_write_t *write, int status)
{
    struct pending *pending = write->data;
    struct wire *wire = pending->wire;

    free(pending->bytes);
    free(pending);
    if (status == UV_ECANCELED)
        return;
    if (status < 0)
        lost_reader(wire);
    else
        regulate(wire);
}

static void write_file(struct wire *wire)
{
    size_t done = 0;

    while (done < wire->out.n) {
        ssize_t n = write(wire->out_fd, wire->out.p + done, wire->out.n - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            lost_reader(wire);
            return;
        }
        done += (size_t)n;
    }
    wire->out.n = 0;
}

static void queue_rest(struct wire *wire, size_t from)
{
    struct pending *pending = heap_alloc(sizeof(*pending));
    size_t n = wire->out.n - from;

    pending->wire = wire;
    pending->bytes = heap_alloc(n);
    memcpy(pending->bytes, wire->out.p + from, n);
    pending->write.data = pending;
    uv_buf_t buf = uv_buf_init(pending->bytes, (unsigned)n);
    if (uv_write(&pending->write, &wire->out_stream.stream, &buf, 1, on_written) < 0) {
        free(pending->bytes);
        free(pending);
        lost_reader(wire);
    }
}

void wire_flush(struct wire *wire)
{
    if (wire->out.n == 0 || wire->broken || wire->closed) {
        wire->out.n = 0;
        return;
    }
    if (wire->out_is_file) {
        write_file(wire);
    } else {
        size_t done = 0;
        if (uv_stream_get_write_queue_size(&wire->out_stream.stream) == 0) {
            uv_buf_t buf = uv_buf_init(wire->out.p, (unsigned)wire->out.n);
            int n = uv_try_write(&wire->out_stream.stream, &buf, 1);
            if (n < 0 && n != UV_EAGAIN) {
                lost_reader(wire);
                return;
            }
            done = n > 0 ? (size_t)n : 0;
        }
        if (done < wire->out.n)
            queue_rest(wire, done);
        wire->out.n = 0;
    }
    if (wire->out.room > OUT_KEPT)
        buf_fini(&wire->out);
    regulate(wire);
}

static void on_flush(uv_prepare_t *prepare)
{
    wire_flush(prepare->data);
}

/* ---- life ---- */

/* *is_file stays true when there is no handle that would have to be closed. */
static int open_stream(uv_loop_t *loop, union wire_stream *s, int fd, uv_handle_type type,
                       bool *is_file)
{
    int status;

    if (type == UV_TTY) {
        status = uv_tty_init(loop, &s->tty, fd, 0);
        *is_file = status < 0;
        return status;
    }
    status = type == UV_TCP ? uv_tcp_init(loop, &s->tcp) : uv_pipe_init(loop, &s->pipe, 0);
    *is_file = status < 0;
    if (status < 0)
        return status;
    return type == UV_TCP ? uv_tcp_open(&s->tcp, fd) : uv_pipe_open(&s->pipe, fd);
}

static bool stream_type(uv_handle_type type)
{
    return type == UV_NAMED_PIPE || type == UV_TTY || type == UV_TCP;
}

bool wire_open(struct wire *wire, uv_loop_t *loop, int in_fd, int out_fd,
               const struct wire_owner *owner, void *data, struct err *err)
{
    uv_handle_type in = uv_guess_handle(in_fd), out = uv_guess_handle(out_fd);
    int status = 0;

    *wire = (struct wire){.loop = loop,
                          .owner = owner,
                          .data = data,
                          .in_fd = in_fd,
                          .out_fd = out_fd,
                          .in_is_file = true,
                          .out_is_file = true};
    uv_prepare_init(loop, &wire->flush);
    uv_idle_init(loop, &wire->file_turn);
    wire->flush.data = wire->file_turn.data = wire;
    if (stream_type(in))
        status = open_stream(loop, &wire->in, in_fd, in, &wire->in_is_file);
    if (status == 0 && stream_type(out))
        status = open_stream(loop, &wire->out_stream, out_fd, out, &wire->out_is_file);
    if (status < 0)
        return err_set(err, ERR_IO, "cannot use stdin and stdout: %s", uv_strerror(status));
    wire->in.stream.data = wire->out_stream.stream.data = wire;
    if (out == UV_NAMED_PIPE)
        (void)fcntl(out_fd, F_SETPIPE_SZ, (int)MIB); /* 8 MB answers leave a fifth sooner */
    return true;
}

void wire_start(struct wire *wire)
{
    uv_prepare_start(&wire->flush, on_flush);
    read_more(wire);
}

void wire_hold(struct wire *wire)
{
    wire->held = true;
    read_more(wire);
}

void wire_release(struct wire *wire)
{
    wire->held = false;
    take_lines(wire);
    read_more(wire);
}

void wire_close(struct wire *wire)
{
    if (wire->closed)
        return;
    wire_flush(wire);
    wire->closed = true;
    read_more(wire);
    uv_close((uv_handle_t *)&wire->flush, NULL);
    uv_close((uv_handle_t *)&wire->file_turn, NULL);
    if (!wire->in_is_file)
        uv_close((uv_handle_t *)&wire->in.stream, NULL);
    if (!wire->out_is_file)
        uv_close((uv_handle_t *)&wire->out_stream.stream, NULL);
}

void wire_fini(struct wire *wire)
{
    buf_fini(&wire->in_buf);
    buf_fini(&wire->out);
}
