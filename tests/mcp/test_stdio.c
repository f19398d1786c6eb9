/* Bytes to lines, in whatever pieces they come. */
#include "mcp/stdio.h"
#include "analysis/base/arena.h"
#include "analysis/base/limits.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum source { PIPE, FILE_, SOCKET };

/* Feeds bytes to a wire in pieces and notes what it hands out: lines in brackets, ! for too long.
 */
struct feed {
    uv_loop_t loop;
    struct wire wire;
    uv_idle_t turn;
    struct str bytes;
    size_t piece;
    int to;
    struct buf heard;
    bool hold_each; /* hold after each line, release a turn later */
};

static void on_line(void *owner, struct str line)
{
    struct feed *f = owner;

    buf_byte(&f->heard, '[');
    if (line.n < 100)
        buf_add(&f->heard, line);
    else
        buf_printf(&f->heard, "%zu bytes", line.n);
    buf_byte(&f->heard, ']');
    if (f->hold_each)
        wire_hold(&f->wire);
}

static void on_too_long(void *owner)
{
    buf_byte(&((struct feed *)owner)->heard, '!');
}

static void on_end(void *owner)
{
    struct feed *f = owner;

    buf_byte(&f->heard, '.');
    wire_close(&f->wire);
    uv_close((uv_handle_t *)&f->turn, NULL);
}

static void on_broken(void *owner)
{
    buf_puts(&((struct feed *)owner)->heard, "broken");
}

static const struct wire_owner owner = {on_line, on_too_long, on_end, on_broken};

static void on_turn(uv_idle_t *idle)
{
    struct feed *f = idle->data;
    struct str part = str_cut(f->bytes, f->piece);

    if (f->hold_each)
        wire_release(&f->wire);
    if (f->to < 0)
        return;
    if (part.n) {
        ssize_t n = write(f->to, part.p, part.n);
        f->bytes = str_from(f->bytes, n > 0 ? (size_t)n : 0);
    } else {
        close(f->to);
        f->to = -1;
    }
}

static bool open_source(struct feed *f, enum source source, int *in)
{
    int fds[2];

    if (source == FILE_) {
        char name[] = "/tmp/test_stdio.XXXXXX";
        *in = mkstemp(name);
        unlink(name);
        f->to = -1;
        return write(*in, f->bytes.p, f->bytes.n) == (ssize_t)f->bytes.n &&
               lseek(*in, 0, SEEK_SET) == 0;
    }
    if ((source == PIPE ? pipe2(fds, O_CLOEXEC) : socketpair(AF_UNIX, SOCK_STREAM, 0, fds)) != 0)
        return false;
    *in = fds[0];
    f->to = fds[1];
    return fcntl(f->to, F_SETFL, O_NONBLOCK) == 0;
}

static struct buf heard_of(enum source source, struct str bytes, size_t piece, bool hold_each)
{
    struct feed f = {.bytes = bytes, .piece = piece, .hold_each = hold_each};
    int in = -1, out = open("/dev/null", O_WRONLY | O_CLOEXEC);
    struct err err;

    uv_loop_init(&f.loop);
    uv_idle_init(&f.loop, &f.turn);
    f.turn.data = &f;
    uv_idle_start(&f.turn, on_turn);
    if (!open_source(&f, source, &in) || !wire_open(&f.wire, &f.loop, in, out, &owner, &f, &err)) {
        buf_puts(&f.heard, "cannot open");
        return f.heard;
    }
    wire_start(&f.wire);
    uv_run(&f.loop, UV_RUN_DEFAULT);
    if (uv_loop_close(&f.loop) != 0)
        buf_puts(&f.heard, "a handle was left open");
    wire_fini(&f.wire);
    if (source == FILE_)
        close(in);
    close(out);
    return f.heard;
}

Test(stdio, lines_come_whole_in_any_pieces_from_any_source)
{
    static const struct {
        const char *what;
        struct str bytes;
        const char *want;
    } rows[] = {
        {"nothing", {"", 0}, "."},
        {"a line", {"ab\n", 3}, "[ab]."},
        {"two lines", {"ab\ncd\n", 6}, "[ab][cd]."},
        {"CRLF", {"ab\r\ncd\r\n", 8}, "[ab][cd]."},
        {"a lone CR stays", {"a\rb\n", 4}, "[a\rb]."},
        {"blank lines", {"\r\n\n   \n\t\nab\n\n", 13}, "[ab]."},
        {"padding is kept", {"  ab  \n", 7}, "[  ab  ]."},
        {"the last without a newline", {"ab\ncd", 5}, "[ab][cd]."},
        {"inside a character", {"x\xe2\x82\xac\nz\n", 7}, "[x\xe2\x82\xac][z]."},
    };
    static const size_t pieces[] = {1, 2, 3, 1000};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (size_t k = 0; k < 12 * 2; k++) {
            enum source source = k % 3;
            struct buf heard = heard_of(source, rows[i].bytes, pieces[k / 3 % 4], k >= 12);
            cr_expect(str_is(buf_str(&heard), rows[i].want), "%s, source %d, piece %zu: %.*s",
                      rows[i].what, source, pieces[k / 3 % 4], STR_FMT(buf_str(&heard)));
            buf_fini(&heard);
        }
    }
}

Test(stdio, a_line_that_is_too_long_is_dropped_to_its_end_and_told_once)
{
    static const struct {
        const char *what;
        size_t n;
        bool newline;
        const char *want;
    } rows[] = {
        {"at the limit", LINE_IN_MAX, true, "[16777216 bytes][ok]."},
        {"one more", LINE_IN_MAX + 1, true, "![ok]."},
        {"three times", LINE_IN_MAX * 3, true, "![ok]."},
        {"without an end", LINE_IN_MAX + 1, false, "!."},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buf bytes = {0};
        buf_reserve(&bytes, rows[i].n + 4);
        memset(bytes.p, 'x', rows[i].n);
        bytes.n = rows[i].n;
        if (rows[i].newline)
            buf_puts(&bytes, "\nok\n");
        for (enum source source = PIPE; source <= FILE_; source++) {
            struct buf heard = heard_of(source, buf_str(&bytes), 1 << 20, false);
            cr_expect(str_is(buf_str(&heard), rows[i].want), "%s, source %d: %.*s", rows[i].what,
                      source, STR_FMT(buf_str(&heard)));
            buf_fini(&heard);
        }
        buf_fini(&bytes);
    }
}
