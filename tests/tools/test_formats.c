/*
 * Every format from its directory to a stored report: the case folders of the
 * readers are opened as a client would, and each tool that looks at a run is
 * asked about each run that is found there.
 */
#include "analysis/readers/reader.h"
#include "tests/support/client.h"

#include <criterion/criterion.h>
#include <stdio.h>

static struct client client;

static const struct json *ask(const char *tool, const char *arguments)
{
    return client_ask(&client, tool, arguments);
}

/* The first metric that has two points; NULL: a run of one row, or of none. */
static const char *a_metric(const struct json *description)
{
    json_each (s, json_get(description, "series")) {
        if (member_number(s, "n") >= 2 && strcmp(member_text(&client, s, "key"), "timestamp") != 0)
            return member_text(&client, s, "key");
    }
    return NULL;
}

static const char *arguments(const char *id, const char *more)
{
    struct buf out = {0};

    buf_puts(&out, "{\"expId\":");
    json_put_string(&out, str_of(id));
    buf_puts(&out, more);
    buf_byte(&out, '}');
    const char *text = arena_text(&client.arena, buf_str(&out));
    buf_fini(&out);
    return text;
}

static void ask_of(const char *id)
{
    const struct json *d = ask("describe_experiment", arguments(id, ""));
    const char *key = a_metric(d);
    struct buf more = {0};

    ask("get_status", arguments(id, ""));
    ask("get_checkpoints", arguments(id, ""));
    ask("get_evaluation", arguments(id, ""));
    const struct json *rows = ask("get_metrics", arguments(id, ",\"mode\":\"historical\""));
    if (key) {
        cr_expect(member_number(rows, "totalPoints") > 0, "%s has '%s' and no rows", id, key);
        buf_puts(&more, ",\"ask\":\"maximum\",\"key\":");
        json_put_string(&more, str_of(key));
        ask("query_metric", arguments(id, buf_text(&more)));
        buf_fini(&more);
    }
    const struct json *a = ask("analyze_experiment", arguments(id, ""));
    cr_expect(json_get(a, "findings")->count > 5, "%s", id);
    const struct json *report =
        ask("generate_report",
            arena_printf(&client.arena, "{\"pattern\":\"post-training\",\"experimentId\":%s",
                         arguments(id, "") + sizeof("{\"expId\":") - 1));
    ask("export_report", arena_printf(&client.arena, "{\"reportId\":\"%s\"}",
                                      member_text(&client, json_get(report, "report"), "id")));
}

Test(formats, each_goes_from_its_directory_to_a_stored_report, .timeout = 300)
{
    enum { RUNS_MOST = 200 };
    const char *ids[RUNS_MOST];
    struct arena arena;
    struct strs seen = {0};
    size_t n = 0;

    arena_init(&arena);
    client_open(&client, source_path(&arena, "tests/analysis/readers/cases"));
    const struct json *listing = ask("list_experiments", "{\"limit\":200}");
    const char **formats = ARENA_ARRAY(&arena, RUNS_MOST, const char *);
    json_each (e, json_get(listing, "experiments")) {
        formats[n] = arena_text(&arena, json_text(&arena, json_get(e, "format")));
        ids[n++] = arena_text(&arena, json_text(&arena, json_get(e, "id")));
    }
    seen = (struct strs){formats, n};
    cr_assert(n > 40, "%zu runs", n);
    for (size_t i = 0; i < n; i++)
        ask_of(ids[i]);
    /* stores of many small files are made by tests/analysis/readers/test_stores.c */
    static const char *const wanted[] = {"wandb",     "tensorboard",  "trainer_state", "jsonl",
                                         "monitor",   "wandb_export", "long_table",    "points_csv",
                                         "mlflow_db", "trackio_db",   "npz",           "console",
                                         "csv"};
    for (size_t w = 0; w < sizeof(wanted) / sizeof(wanted[0]); w++) {
        bool found = false;
        for (size_t i = 0; i < seen.n && !found; i++)
            found = strcmp(seen.v[i], wanted[w]) == 0;
        cr_expect(found, "no run of the format %s", wanted[w]);
    }
    client_close(&client);
    arena_fini(&arena);
}
