#include "tests/support/client.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#define LM_RUN "20241010-235824-commit_nogit-config_064757cc5c"
#define RL_RUN "20191201-000000-commit_nogit-rl_7abba88389"

const char *source_path(struct arena *arena, const char *below)
{
    const char *source = getenv("POSTRUN_SOURCE");

    return arena_printf(arena, "%s/%s", source ? source : ".", below);
}

void client_open(struct client *client, const char *experiments)
{
    const char *roots[1];
    struct desk_options options = {0};

    *client = (struct client){0};
    arena_init(&client->arena);
    snprintf(client->reports, sizeof(client->reports), "/tmp/postrun-client-XXXXXX");
    cr_assert(mkdtemp(client->reports));
    roots[0] = experiments ? experiments : source_path(&client->arena, "tests/runs/experiments");
    options.experiments = (struct strs){roots, 1};
    options.reports = client->reports;
    client->desk = desk_open(&options);
}

void client_close(struct client *client)
{
    char command[128];

    arena_fini(&client->arena); /* calls end before what they worked on */
    desk_close(client->desk);
    snprintf(command, sizeof(command), "rm -rf %s", client->reports);
    cr_expect(system(command) == 0); /* NOLINT(cert-env33-c,concurrency-mt-unsafe) */
}

/* $LM, $RL and $REPORT become ids; $REPORT is made when it is asked for. */
static struct str fill_in(struct client *client, const char *arguments)
{
    struct buf out = {0};

    for (const char *p = arguments; *p;) {
        if (strncmp(p, "$LM", 3) == 0) {
            buf_puts(&out, LM_RUN);
            p += 3;
        } else if (strncmp(p, "$RL", 3) == 0) {
            buf_puts(&out, RL_RUN);
            p += 3;
        } else if (strncmp(p, "$REPORT", 7) == 0) {
            const struct json *made =
                client_call(client, "generate_report",
                            "{\"pattern\":\"experiment-overview\",\"experimentId\":\"$LM\"}");
            cr_assert(made, "%s", client->err.msg);
            buf_puts(&out, member_text(client, json_get(made, "report"), "id"));
            p += 7;
        } else {
            buf_byte(&out, *p++);
        }
    }
    return finish(&out, &client->arena);
}

const struct json *client_call(struct client *client, const char *name, const char *arguments)
{
    const struct tool *tool = tool_find(tools, str_of(name));
    struct arena *arena = &client->arena;
    atomic_bool cancelled = false;
    struct call call = {.desk = client->desk,
                        .arena = arena,
                        .now_ms = 1767225600000, /* 2026-01-01 */
                        .cancelled = &cancelled};

    cr_assert(tool, "there is no tool %s", name);
    struct str text = fill_in(client, arguments);
    const struct json *given = json_parse(arena, text, JSON_STRICT, 64, &client->err);
    cr_assert(given, "%s: %s", text.p, client->err.msg);
    void *args = arena_alloc(arena, tool->in.size + 1);
    void *result = arena_alloc(arena, tool->out.size + 1);
    if (!shape_decode(&tool->in, given, arena, args, &client->err) ||
        !tool->run(&call, args, result, &client->err))
        return NULL;
    struct buf out = {0};
    shape_encode(&tool->out, result, &out);
    struct str answer = finish(&out, arena);
    const struct json *v = json_parse(arena, answer, JSON_STRICT, 64, &client->err);
    cr_assert(v, "%s: the answer is not JSON: %s", name, client->err.msg);
    return v;
}

const struct json *client_ask(struct client *client, const char *tool, const char *arguments)
{
    const struct json *answer = client_call(client, tool, arguments);

    cr_assert(answer, "%s %s: %s", tool, arguments, client->err.msg);
    return answer;
}

const char *client_said(struct client *client, const char *tool, const char *arguments)
{
    return arena_text(&client->arena, client_ask(client, tool, arguments)->raw);
}

const char *member_text(struct client *client, const struct json *v, const char *name)
{
    const struct json *member = json_get(v, name);

    cr_assert(member && member->kind == JSON_STRING, "no text '%s'", name);
    return arena_text(&client->arena, json_text(&client->arena, member));
}

double member_number(const struct json *v, const char *name)
{
    double x = 0;

    cr_assert(json_number(json_get(v, name), &x), "no number '%s'", name);
    return x;
}

const struct json *member_at(const struct json *v, const char *path)
{
    char name[128];

    while (v && *path) {
        size_t n = strcspn(path, "/");
        snprintf(name, sizeof(name), "%.*s", (int)n, path);
        v = json_get(v, name);
        path += path[n] ? n + 1 : n;
    }
    return v;
}

double number_at(const struct json *v, const char *path)
{
    double out = (double)NAN;

    (void)json_number(member_at(v, path), &out);
    return out;
}
