#include "mcp/command.h"
#include "mcp/manual.h"
#include "mcp/session.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static int wire_in = STDIN_FILENO, wire_out = STDOUT_FILENO;

void command_set_wire(int in_fd, int out_fd)
{
    wire_in = in_fd;
    wire_out = out_fd;
}

static int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Returns the exit status: an answer that could not be written is none. */
static int print(struct str text)
{
    size_t done = 0;

    while (done < text.n) {
        ssize_t n = write(wire_out, text.p + done, text.n - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            fprintf(stderr, "postrun: the answer could not be written\n");
            return EXIT_ANSWER_IS_ERROR;
        }
        done += (size_t)n;
    }
    return EXIT_DONE;
}

/* One tool call as a client would make it; the result as one JSON object. */
static bool call_tool(struct desk *desk, struct arena *arena, const char *name, struct str json,
                      struct buf *out, struct err *err)
{
    struct service service = desk_service(desk);
    const struct tool *tool = tool_find(service.tools, str_of(name));
    atomic_bool cancelled = false;
    struct call call = {.desk = desk, .arena = arena, .now_ms = now_ms(), .cancelled = &cancelled};

    if (!tool)
        return err_set(err, ERR_ARGUMENT, "Unknown tool: %s. `postrun manual` lists them.", name);
    const struct json *given = json_parse(arena, json, JSON_STRICT, 512, err);
    if (!given) {
        err->code = ERR_ARGUMENT; /* no file is at fault */
        return err_wrap(err, "the arguments must be a JSON object, {} for none");
    }
    if (given->kind != JSON_OBJECT)
        return err_set(err, ERR_ARGUMENT, "The arguments must be a JSON object, not %s.",
                       json_kind_name(given));
    void *args = arena_alloc(arena, tool->in.size + 1);
    void *result = arena_alloc(arena, tool->out.size + 1);
    if (!shape_decode(&tool->in, given, arena, args, err) || !tool->run(&call, args, result, err))
        return false;
    shape_encode(&tool->out, result, out);
    return true;
}

static int say_error(const struct err *err)
{
    struct buf text = {0};

    err_sentence(err, &text);
    fprintf(stderr, "%s\n", buf_text(&text));
    buf_fini(&text);
    return EXIT_ANSWER_IS_ERROR;
}

static void greet_person(struct desk *desk)
{
    struct arena arena;
    struct buf found = {0};

    arena_init(&arena);
    fprintf(stderr, "postrun %s speaks MCP (JSON-RPC) on stdin and stdout; this is a terminal.\n",
            POSTRUN_VERSION);
    (void)desk_check(desk, &arena, now_ms(), &found);
    fprintf(stderr,
            "%sConnect a client:  claude mcp add postrun -- /path/to/postrun --experiments DIR\n"
            "Or ask it yourself: postrun list | postrun report ID | postrun --help\n",
            buf_text(&found));
    buf_fini(&found);
    arena_fini(&arena);
}

static int run_serve(struct desk *desk, char **arguments, int n)
{
    struct service service = desk_service(desk);

    (void)arguments;
    (void)n;
    if (isatty(wire_in))
        greet_person(desk);
    return session_serve(&service, wire_in, wire_out);
}

static int run_call(struct desk *desk, char **arguments, int n)
{
    struct arena arena;
    struct buf out = {0};
    struct err err = {0};
    struct str json = n > 1 ? str_of(arguments[1]) : STR("{}");
    int status = EXIT_DONE;

    arena_init(&arena);
    if (call_tool(desk, &arena, arguments[0], json, &out, &err)) {
        buf_byte(&out, '\n');
        status = print(buf_str(&out));
    } else {
        status = say_error(&err);
    }
    buf_fini(&out);
    arena_fini(&arena);
    return status;
}

/* ---- report ---- */

static void put_line(struct buf *out, struct arena *arena, const char *label,
                     const struct json *value)
{
    if (value && value->kind == JSON_STRING)
        buf_printf(out, "%-12s %.*s\n", label, STR_FMT(json_text(arena, value)));
    else if (value && value->kind != JSON_NULL)
        buf_printf(out, "%-12s %.*s\n", label, STR_FMT(value->raw));
}

static void put_report(struct buf *out, struct arena *arena, const struct json *result)
{
    const struct json *summary = json_get(result, "summary"), *report = json_get(result, "report");
    const struct json *flags = json_get(summary, "redFlags");

    put_line(out, arena, "Experiment", json_get(summary, "experimentId"));
    put_line(out, arena, "Verdict", json_get(summary, "verdict"));
    put_line(out, arena, "Because", json_get(summary, "verdictRule"));
    put_line(out, arena, "Risk", json_get(summary, "risk"));
    put_line(out, arena, "Figures", json_get(summary, "figures"));
    if (flags && flags->count) {
        json_each (flag, flags)
            put_line(out, arena, "Red flag", flag);
    } else {
        buf_printf(out, "%-12s %s\n", "Red flags", "none among what was assessed");
    }
    put_line(out, arena, "Report", json_get(report, "id"));
    put_line(out, arena, "Stored in", json_get(result, "path"));
    put_line(out, arena, "Open", json_get(result, "url"));
}

static int run_report(struct desk *desk, char **arguments, int n)
{
    struct arena arena;
    struct buf json = {0}, out = {0};
    struct err err = {0};
    int status = EXIT_DONE;

    (void)n;
    arena_init(&arena);
    buf_puts(&json, "{\"pattern\":\"post-training\",\"experimentId\":");
    json_put_string(&json, str_of(arguments[0]));
    buf_byte(&json, '}');
    if (call_tool(desk, &arena, "generate_report", buf_str(&json), &out, &err)) {
        const struct json *result = json_parse(&arena, buf_str(&out), JSON_STRICT, 512, &err);
        struct buf text = {0};
        put_report(&text, &arena, result);
        status = print(buf_str(&text));
        buf_fini(&text);
    } else {
        status = say_error(&err);
    }
    buf_fini(&json);
    buf_fini(&out);
    arena_fini(&arena);
    return status;
}

/* ---- list ---- */

static void put_row(struct buf *out, struct arena *arena, const struct json *e)
{
    static const char *const columns[] = {"id", "experimentType", "status", "assessed"};
    static const int widths[] = {52, 8, 12, 12};

    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
        const struct json *v = json_get(e, columns[i]);
        struct str text = v && v->kind == JSON_STRING ? json_text(arena, v) : STR("-");
        buf_printf(out, "%-*.*s ", widths[i], STR_FMT(text));
    }
    static const char *const also[][2] = {{"hasRLMetrics", "rl-metrics "},
                                          {"hasEvaluation", "evaluation "},
                                          {"hasAblation", "ablation "},
                                          {"hasGpuInstance", "gpu "}};
    for (size_t i = 0; i < sizeof(also) / sizeof(also[0]); i++) {
        const struct json *has = json_get(e, also[i][0]);
        buf_puts(out, has && has->kind == JSON_TRUE ? also[i][1] : "");
    }
    buf_byte(out, '\n');
}

/* True if none of the directories could be looked at: that is no empty table. Says why. */
static bool say_unseen(const struct json *result, struct arena *arena)
{
    const struct json *total = json_get(result, "total");
    const struct json *notes = json_get(json_get(result, "coverage"), "notes");
    bool unseen = false;

    if (!notes || !total || !str_is(total->raw, "0"))
        return false;
    json_each (note, notes) {
        struct str text = json_text(arena, note);
        if (!str_starts(text, STR("no experiments from ")))
            continue;
        fprintf(stderr, "%.*s\n", STR_FMT(text));
        unseen = true;
    }
    return unseen;
}

static void put_list(struct buf *out, struct arena *arena, const struct json *result)
{
    const struct json *total = json_get(result, "total");
    const struct json *all = json_get(result, "experiments");
    const struct json *notes = json_get(json_get(result, "coverage"), "notes");

    buf_printf(out, "%-52s %-8s %-12s %-12s %s\n", "EXPERIMENT", "TYPE", "STATUS", "ASSESSED",
               "ALSO");
    if (all) {
        json_each (e, all)
            put_row(out, arena, e);
    }
    buf_printf(out, "%.*s experiments\n", STR_FMT(total ? total->raw : STR("0")));
    if (notes) {
        json_each (note, notes)
            buf_printf(out, "%.*s\n", STR_FMT(json_text(arena, note)));
    }
    if (all && total && !str_is(total->raw, arena_printf(arena, "%u", all->count)))
        buf_printf(out, "the newest %u are shown\n", all->count);
}

static int run_list(struct desk *desk, char **arguments, int n)
{
    struct arena arena;
    struct buf json = {0}, out = {0};
    struct err err = {0};
    int status = EXIT_ANSWER_IS_ERROR;

    (void)arguments;
    (void)n;
    arena_init(&arena);
    if (!call_tool(desk, &arena, "list_experiments", STR("{\"limit\":1000}"), &json, &err)) {
        (void)say_error(&err);
    } else {
        const struct json *result = json_parse(&arena, buf_str(&json), JSON_STRICT, 512, &err);
        if (!say_unseen(result, &arena)) {
            put_list(&out, &arena, result);
            status = print(buf_str(&out));
        }
    }
    buf_fini(&json);
    buf_fini(&out);
    arena_fini(&arena);
    return status;
}

static int run_manual(struct desk *desk, char **arguments, int n)
{
    struct service service = desk_service(desk);
    struct buf out = {0};

    (void)arguments;
    (void)n;
    manual_put(&out, &service);
    int status = print(buf_str(&out));
    buf_fini(&out);
    return status;
}

static int run_check(struct desk *desk, char **arguments, int n)
{
    struct arena arena;
    struct buf out = {0};

    (void)arguments;
    (void)n;
    arena_init(&arena);
    bool usable = desk_check(desk, &arena, now_ms(), &out);
    usable = print(buf_str(&out)) == EXIT_DONE && usable;
    buf_fini(&out);
    arena_fini(&arena);
    return usable ? EXIT_DONE : EXIT_ANSWER_IS_ERROR;
}

const struct command commands[] = {
    {"serve", "", "MCP on stdin/stdout, both protocol eras (the default)", 0, 0, run_serve},
    {"call", "TOOL [JSON]", "one tool call; the result as one line of JSON", 1, 2, run_call},
    {"report", "EXPERIMENT", "builds and stores the post-training report; prints the verdict", 1, 1,
     run_report},
    {"list", "", "the experiments, as a table", 0, 0, run_list},
    {"manual", "", "the tools, as Markdown", 0, 0, run_manual},
    {"check", "", "what is found where, what can be read, what cannot and why", 0, 0, run_check},
};
const size_t commands_n = sizeof(commands) / sizeof(commands[0]);
