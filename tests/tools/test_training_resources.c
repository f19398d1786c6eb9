/* Trainings of agents as resources, and completion of their ids. */
#include "tests/support/client.h"
#include "tests/support/tmpdir.h"
#include "tools/complete.h"

#include <criterion/criterion.h>

static struct client client;
static struct tmpdir dir;
static struct buf lines;

static void set_up(void)
{
    tmpdir_make(&dir);
}

static void tear_down(void)
{
    client_close(&client);
    tmpdir_remove(&dir);
    buf_fini(&lines);
}

TestSuite(training_resources, .init = set_up, .fini = tear_down, .timeout = 120);

static int added; /* so that no two have one id */

static void add(const char *run, bool passed)
{
    buf_printf(&lines,
               "{\"trajectory_id\":\"t%d\",\"training_id\":\"%s\",\"data_id\":\"q\","
               "\"reward\":%d,\"steps\":[]}\n",
               ++added, run, passed);
}

static const struct resource_kind *kind_training(void)
{
    for (size_t i = 0; resource_kinds[i]; i++) {
        if (strcmp(resource_kinds[i]->name, "training") == 0)
            return resource_kinds[i];
    }
    cr_assert(false, "no such kind");
    return NULL;
}

/* There is a training "a"; and none, nor anything else, of which only the beginning is named so. */
Test(training_resources, an_id_with_a_nul_is_nobodys)
{
    add("a", true);
    tmpdir_file(&dir, "runs.jsonl", buf_text(&lines));
    client_open(&client, dir.path);
    struct call call = {.desk = client.desk, .arena = &client.arena};

    for (size_t i = 0; resource_kinds[i]; i++) {
        const struct resource_kind *kind = resource_kinds[i];
        struct resource_content content = {0};
        struct err err = {0};

        cr_expect(!kind->read(&call, (struct str){"a\0b", 3}, &content, &err) &&
                      err.code == ERR_NOT_FOUND,
                  "%s", kind->name);
        cr_expect_str_eq(err.msg, arena_printf(&client.arena, "no %s has such an id", kind->name));
    }
}

Test(training_resources, a_training_is_a_resource)
{
    struct err err;
    struct resource_content content = {0};
    struct resource_list list = {.arena = &client.arena};
    double rate;

    add("a/b c", true);
    for (int i = 0; i < 8; i++)
        add("a", i < 5);
    add("b", true);
    tmpdir_file(&dir, "runs.jsonl", buf_text(&lines));
    client_open(&client, dir.path);
    struct call call = {.desk = client.desk, .arena = &client.arena};
    const struct resource_kind *kind = kind_training();
    cr_assert(kind->list(&call, &list, &err), "%s", err.msg);
    cr_assert_eq(list.n, 3);
    cr_expect_str_eq(list.v[1].uri, "training://a/b%20c");
    cr_assert(kind->read(&call, STR("a"), &content, &err), "%s", err.msg);
    const struct json *v = json_parse(&client.arena, content.text, JSON_STRICT, 16, &err);
    cr_assert(v, "%s", err.msg);
    cr_expect(json_number(json_get(v, "pass_at_1"), &rate) && rate == 0.625);
    cr_expect_str_eq(member_text(&client, v, "success_rule"), "reward > 0");
    cr_expect(!kind->read(&call, STR("../a"), &content, &err) && err.code == ERR_NOT_FOUND);
    cr_expect(!kind->read(&call, (struct str){"a\0", 2}, &content, &err));
}

Test(training_resources, ids_that_begin_with_what_was_typed_come_first)
{
    static const struct {
        const char *typed, *want;
    } rows[] = {{"ru", "run-1 run-2 old-run"}, {"-run", "old-run"}, {"x", ""}};
    struct err err;

    add("old-run", true);
    add("run-1", true);
    add("run-2", true);
    tmpdir_file(&dir, "runs.jsonl", buf_text(&lines));
    client_open(&client, dir.path);
    struct call call = {.desk = client.desk, .arena = &client.arena};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct strs values;
        struct buf all = {0};
        int64_t total;
        cr_assert(complete_training(&call, str_of(rows[i].typed), &values, &total, &err));
        for (size_t k = 0; k < values.n; k++)
            buf_printf(&all, "%s%s", k ? " " : "", values.v[k]);
        cr_expect_str_eq(buf_text(&all), rows[i].want);
        cr_expect_eq(total, (int64_t)values.n);
        buf_fini(&all);
    }
}

Test(training_resources, at_most_a_hundred_ids_are_completed)
{
    struct strs values;
    struct err err;
    int64_t total;

    for (int i = 0; i < 130; i++) {
        char run[16];
        snprintf(run, sizeof(run), "run-%03d", i);
        add(run, true);
    }
    tmpdir_file(&dir, "runs.jsonl", buf_text(&lines));
    client_open(&client, dir.path);
    struct call call = {.desk = client.desk, .arena = &client.arena};
    cr_assert(complete_training(&call, STR("run"), &values, &total, &err));
    cr_expect_eq(values.n, 100);
    cr_expect_eq(total, 130);
}
