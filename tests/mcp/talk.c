/*
 * Holds written conversations with a server: talk SERVER [ARGS] -- FILE...
 *
 *     # what it shows, and what it once caught
 *     > {"jsonrpc":…}        a line to the server
 *     < {"jsonrpc":…}        an answer that comes within 5 s, found by its id (without one: any
 *                            that is equal). Compared as JSON; "*" matches any value, and a
 *                            member "*" any further members.
 *     ? text                 some line holds this text; all that do count as expected
 *     ! eof                  closes stdin: the server leaves with 0 within 2 s
 *     ! term                 the same after SIGTERM, with stdin open
 *     ! wait 100             milliseconds
 *
 * A conversation ends with "! eof" unless it says so itself, and then nothing
 * may have been said that was not expected.
 */
#include "analysis/base/json.h"
#include "analysis/base/vec.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ANSWER_MS = 5000, LEAVE_MS = 2000, DEPTH = 64 };

struct heard {
    struct str text;
    const struct json *value;
    bool expected;
};

struct talk {
    const char *file;
    int line;
    struct arena arena;
    pid_t pid;
    int to, from; /* -1: closed */
    struct buf in;
    VEC(struct heard) heard;
    bool left;
};

static int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static bool wrong(const struct talk *t, const char *what, struct str text)
{
    fprintf(stderr, "%s:%d: %s: %.*s\n", t->file, t->line, what, STR_FMT(str_cut(text, 2000)));
    return false;
}

/* ---- the server ---- */

static bool start(struct talk *t, char **command)
{
    int in[2], out[2];

    if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0)
        return false;
    t->pid = fork();
    if (t->pid == 0) {
        dup2(in[0], STDIN_FILENO);
        dup2(out[1], STDOUT_FILENO);
        execv(command[0], command);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    t->to = in[1];
    t->from = out[0];
    return t->pid > 0;
}

static void hear_lines(struct talk *t)
{
    struct str rest = buf_str(&t->in), line;
    size_t taken = 0;

    while (rest.n && memchr(rest.p, '\n', rest.n) && str_next(&rest, '\n', &line)) {
        struct heard h = {.text = arena_str(&t->arena, line)};
        struct err err;
        h.value = json_parse(&t->arena, h.text, JSON_STRICT, DEPTH, &err);
        VEC_PUSH(&t->arena, &t->heard, h);
        taken += line.n + 1;
    }
    if (taken) {
        memmove(t->in.p, t->in.p + taken, t->in.n - taken);
        t->in.n -= taken;
    }
}

/* Reads what is there, waiting for more until then; false when nothing came. */
static bool hear(struct talk *t, int64_t until)
{
    int64_t left = until - now_ms();
    struct pollfd p = {.fd = t->from, .events = POLLIN};

    if (t->from < 0 || poll(&p, 1, left > 0 ? (int)left : 0) <= 0)
        return false;
    buf_reserve(&t->in, 65536);
    ssize_t n = read(t->from, t->in.p + t->in.n, 65536);
    if (n <= 0) {
        close(t->from);
        t->from = -1;
        return false;
    }
    t->in.n += (size_t)n;
    hear_lines(t);
    return true;
}

/* ---- comparing ---- */

static bool same(struct arena *arena, const struct json *want, const struct json *got);

static bool is_star(const struct json *v)
{
    return str_eq(v->raw, STR("\"*\""));
}

static bool same_object(struct arena *arena, const struct json *want, const struct json *got)
{
    bool open = json_get(want, "*") != NULL;

    json_each (member, want) {
        if (str_is(member->key, "*"))
            continue;
        const struct json *other = json_get(got, arena_text(arena, member->key));
        if (!other || !same(arena, member, other))
            return false;
    }
    return open || want->count == got->count;
}

static bool same(struct arena *arena, const struct json *want, const struct json *got)
{
    double a, b;

    if (is_star(want))
        return true;
    if (want->kind != got->kind)
        return false;
    switch (want->kind) {
    case JSON_NUMBER:
        return json_number(want, &a) && json_number(got, &b) && !(a < b) && !(a > b);
    case JSON_STRING:
        return str_eq(json_text(arena, want), json_text(arena, got));
    case JSON_OBJECT:
        return same_object(arena, want, got);
    case JSON_ARRAY: {
        const struct json *other = got->first;
        json_each (item, want) {
            if (!other || !same(arena, item, other))
                return false;
            other = other->next;
        }
        return other == NULL;
    }
    case JSON_NULL:
    case JSON_FALSE:
    case JSON_TRUE:
        break;
    }
    return true;
}

static struct str answer_id(const struct json *value)
{
    const struct json *id = json_get(value, "id");

    return id && !json_get(value, "method") ? id->raw : (struct str){0};
}

/* ---- the lines of a talk ---- */

static bool say(struct talk *t, struct str text)
{
    struct buf line = {0};
    size_t done = 0;

    buf_add(&line, text);
    buf_byte(&line, '\n');
    while (done < line.n) {
        ssize_t n = write(t->to, line.p + done, line.n - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        done += (size_t)n;
    }
    bool all = done == line.n;
    buf_fini(&line);
    return all || wrong(t, "the server does not take", text);
}

static bool expect_answer(struct talk *t, struct str text)
{
    struct err err;
    const struct json *want = json_parse(&t->arena, text, JSON_STRICT, DEPTH, &err);
    int64_t until = now_ms() + ANSWER_MS;
    size_t at = 0;

    if (!want)
        return wrong(t, err.msg, text);
    for (;;) {
        for (; at < t->heard.n; at++) {
            struct heard *h = &t->heard.v[at];
            if (h->expected || !h->value || !str_eq(answer_id(want), answer_id(h->value)))
                continue;
            h->expected = same(&t->arena, want, h->value);
            if (h->expected)
                return true;
            if (answer_id(want).n) {
                wrong(t, "expected", text);
                return wrong(t, "heard", h->text);
            }
        }
        if (!hear(t, until))
            return wrong(t, "never heard", text);
    }
}

static bool expect_text(struct talk *t, struct str text)
{
    int64_t until = now_ms() + ANSWER_MS;
    bool found = false;

    for (;;) {
        for (size_t i = 0; i < t->heard.n; i++) {
            if (str_has(t->heard.v[i].text, text))
                found = t->heard.v[i].expected = true;
        }
        if (found)
            return true;
        if (!hear(t, until))
            return wrong(t, "never heard", text);
    }
}

static bool nothing_else(struct talk *t)
{
    for (size_t i = 0; i < t->heard.n; i++) {
        if (!t->heard.v[i].expected)
            return wrong(t, "heard, but not expected", t->heard.v[i].text);
    }
    return t->in.n == 0 || wrong(t, "an unfinished line", buf_str(&t->in));
}

static bool see_it_leave(struct talk *t)
{
    int64_t until = now_ms() + LEAVE_MS;
    int status = -1;
    pid_t gone = 0;

    while (hear(t, until))
        ;
    while ((gone = waitpid(t->pid, &status, WNOHANG)) == 0 && now_ms() < until)
        poll(NULL, 0, 5);
    t->left = gone == t->pid;
    if (!t->left)
        return wrong(t, "the server did not leave", STR("within 2 s"));
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return wrong(t, "the server left badly", str_of(arena_printf(&t->arena, "%#x", status)));
    return nothing_else(t);
}

static bool do_line(struct talk *t, struct str line)
{
    struct str rest = str_from(line, 2);

    if (line.n == 0 || line.p[0] == '#')
        return true;
    switch (line.p[0]) {
    case '>':
        return say(t, rest);
    case '<':
        return expect_answer(t, rest);
    case '?':
        return expect_text(t, rest);
    case '!':
        if (str_starts(rest, STR("wait "))) {
            int64_t until = now_ms() + strtol(rest.p + 5, NULL, 10);
            while (hear(t, until) || (t->from >= 0 && now_ms() < until))
                ;
            return true;
        }
        if (str_is(rest, "eof")) {
            close(t->to);
            t->to = -1;
            return see_it_leave(t);
        }
        if (str_is(rest, "term"))
            return kill(t->pid, SIGTERM) == 0 && see_it_leave(t);
        break;
    default:
        break;
    }
    return wrong(t, "not a line of a talk", line);
}

static bool read_talk(const char *path, struct buf *out)
{
    FILE *f = fopen(path, "re");
    size_t n;

    if (!f)
        return false;
    do {
        buf_reserve(out, 65536);
        n = fread(out->p + out->n, 1, 65536, f);
        out->n += n;
    } while (n > 0);
    fclose(f);
    return true;
}

static bool hold(const char *path, char **command)
{
    struct talk t = {.file = path, .to = -1, .from = -1};
    struct buf text = {0};
    struct str line;
    bool ok;

    arena_init(&t.arena);
    ok = read_talk(path, &text) || wrong(&t, "cannot be read", str_of(path));
    ok = ok && (start(&t, command) || wrong(&t, "cannot start", str_of(command[0])));
    for (struct str rest = buf_str(&text); ok && str_next(&rest, '\n', &line);) {
        t.line++;
        ok = do_line(&t, line);
    }
    if (ok && !t.left)
        ok = do_line(&t, STR("! eof"));
    if (t.to >= 0)
        close(t.to);
    if (t.from >= 0)
        close(t.from);
    if (t.pid > 0 && !t.left) {
        kill(t.pid, SIGKILL);
        waitpid(t.pid, NULL, 0);
    }
    buf_fini(&t.in);
    buf_fini(&text);
    arena_fini(&t.arena);
    return ok;
}

int main(int argc, char **argv)
{
    int cut = 1, good = 0, bad = 0;

    while (cut < argc && strcmp(argv[cut], "--") != 0)
        cut++;
    if (cut == 1 || cut + 1 >= argc) {
        fprintf(stderr, "usage: talk SERVER [ARGS] -- FILE...\n");
        return 2;
    }
    argv[cut] = NULL;
    signal(SIGPIPE, SIG_IGN);
    for (int i = cut + 1; i < argc; i++) {
        bool ok = hold(argv[i], argv + 1);
        good += ok;
        bad += !ok;
    }
    printf("%d conversations held, %d failed\n", good, bad);
    return bad > 0;
}
