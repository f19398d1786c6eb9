#ifndef STDIO_H
#define STDIO_H
/*
 * Lines in and out of two descriptors that may be pipes, sockets, terminals,
 * files or /dev/null. Framing is on bytes: a line may arrive in pieces of one.
 *
 * Input: a line over LINE_IN_MAX is dropped up to its newline and reported
 * once; what is kept meanwhile is bounded. A last line without a newline counts.
 * Output: what callers add to `out` leaves in one write before the loop sleeps.
 * Writing never blocks the loop: a client that writes many requests before it
 * reads an answer would wait for us while we wait for it. The queue is bounded
 * from the other side: past QUEUE_HIGH nothing more is read until QUEUE_LOW.
 *
 * Loop thread only. The owner's callbacks may call anything here.
 */

#include "analysis/base/buf.h"
#include "analysis/base/err.h"

#include <uv.h>

struct wire_owner {
    void (*line)(void *owner,
                 struct str line); /* without its newline and \r; good during the call */
    void (*too_long)(void *owner);
    void (*end)(void *owner);    /* no more input will come; lines may wait for wire_release */
    void (*broken)(void *owner); /* nobody reads our output any more */
};

union wire_stream {
    uv_stream_t stream;
    uv_pipe_t pipe;
    uv_tty_t tty;
    uv_tcp_t tcp;
};

struct wire {
    uv_loop_t *loop;
    const struct wire_owner *owner;
    void *data; /* given to the owner's callbacks */
    union wire_stream in, out_stream;
    uv_prepare_t flush;  /* runs before the loop sleeps: everything said in one turn is one write */
    uv_idle_t file_turn; /* a file cannot be polled: it is read from here, a piece a turn */
    int in_fd, out_fd;
    bool in_is_file, out_is_file;
    struct buf in_buf; /* the unfinished line, and lines not yet handed out */
    size_t taken;      /* bytes of in_buf already handed out */
    size_t searched;   /* no newline before this */
    bool dropping;     /* inside a line that is too long */
    bool held;         /* the owner wants no more lines for now */
    bool clogged;      /* the peer does not read */
    bool taking;       /* lines are being handed out */
    bool reading, ended, closed, broken;
    bool end_told;
    struct buf out;
};

NODISCARD bool wire_open(struct wire *wire, uv_loop_t *loop, int in_fd, int out_fd,
                         const struct wire_owner *owner, void *data, struct err *err);
void wire_start(struct wire *wire);
/* Stops and restarts handing out lines; lines already read are kept. */
void wire_hold(struct wire *wire);
void wire_release(struct wire *wire);
/* Bytes that wait for the peer to read. */
size_t wire_waiting(const struct wire *wire);
void wire_flush(struct wire *wire);
void wire_close(struct wire *wire); /* closes its handles; the memory ends with wire_fini */
void wire_fini(struct wire *wire);

#endif
