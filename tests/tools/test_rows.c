/* What holds for every row of the tool table. */
#include "tests/support/client.h"

#include <criterion/criterion.h>

static struct client client;

static void set_up(void)
{
    client_open(&client, NULL);
}

static void tear_down(void)
{
    client_close(&client);
}

TestSuite(rows, .init = set_up, .fini = tear_down, .timeout = 60);

static bool kind_fits(const struct field *f, const struct json *v)
{
    if (v->kind == JSON_NULL)
        return f->nullable;
    switch (f->kind) {
    case FIELD_BOOL:
        return v->kind == JSON_TRUE || v->kind == JSON_FALSE;
    case FIELD_INT:
    case FIELD_NUM:
        return v->kind == JSON_NUMBER;
    case FIELD_STR:
        return v->kind == JSON_STRING;
    case FIELD_STRS:
    case FIELD_LIST:
        return v->kind == JSON_ARRAY;
    case FIELD_ONE:
        return v->kind == JSON_OBJECT;
    case FIELD_RAW:
        return !f->type ||
               (strcmp(f->type, "array") == 0 ? v->kind == JSON_ARRAY : v->kind == JSON_OBJECT);
    }
    return false;
}

/* The result schema is made from the shape, so an answer that fits the shape fits the schema. */
static void expect_fits(const char *tool, const struct shape *shape, const struct json *v)
{
    for (size_t i = 0; i < shape->n; i++) {
        const struct field *f = &shape->fields[i];
        const struct json *member = json_get(v, f->name);
        cr_expect(member || !(f->required || f->nullable), "%s: '%s' is missing", tool, f->name);
        cr_expect(!member || kind_fits(f, member), "%s: '%s' is %s", tool, f->name,
                  json_kind_name(member));
        if (member && f->kind == FIELD_ONE && member->kind == JSON_OBJECT)
            expect_fits(tool, f->of, member);
        if (member && f->kind == FIELD_LIST && member->first)
            expect_fits(tool, f->of, member->first);
    }
}

Test(rows, every_example_runs_and_its_answer_fits_its_shape)
{
    for (size_t i = 0; tools[i]; i++) {
        cr_assert(tools[i]->example, "%s has no example", tools[i]->name);
        if (strcmp(tools[i]->name, "get_config") == 0)
            continue; /* no bundled run has a configuration; see below */
        if (strcmp(tools[i]->name, "write_analysis") == 0)
            continue; /* it writes into the run: test_sft.c calls it on one of its own */
        const struct json *answer = client_call(&client, tools[i]->name, tools[i]->example);
        cr_expect(answer, "%s: %s", tools[i]->name, client.err.msg);
        if (answer)
            expect_fits(tools[i]->name, &tools[i]->out, answer);
    }
}

Test(rows, words_are_short_enough_for_a_model_to_read)
{
    for (size_t i = 0; tools[i]; i++) {
        cr_expect(strlen(tools[i]->doc) <= 300, "%s: %zu", tools[i]->name, strlen(tools[i]->doc));
        cr_expect(strlen(tools[i]->name) <= 32, "%s", tools[i]->name);
        for (size_t f = 0; f < tools[i]->in.n; f++)
            cr_expect(strlen(tools[i]->in.fields[f].doc) <= 80, "%s.%s: %zu", tools[i]->name,
                      tools[i]->in.fields[f].name, strlen(tools[i]->in.fields[f].doc));
    }
}

Test(rows, a_default_answer_fits_an_agents_context)
{
    static const struct {
        const char *tool, *arguments;
    } rows[] = {
        {"list_experiments", "{}"},
        {"describe_experiment", "{\"expId\":\"$LM\"}"},
        {"get_metrics", "{\"expId\":\"$LM\"}"},
        {"get_metrics", "{\"expId\":\"$LM\",\"mode\":\"historical\"}"},
        {"get_metrics", "{\"expId\":\"$LM\",\"mode\":\"historical\",\"layout\":\"columns\"}"},
        {"get_rl_metrics", "{\"expId\":\"$RL\"}"},
        {"get_evaluation", "{\"expId\":\"$LM\"}"},
        {"list_reports", "{}"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct json *answer = client_call(&client, rows[i].tool, rows[i].arguments);
        cr_assert(answer, "%s: %s", rows[i].tool, client.err.msg);
        cr_expect(answer->raw.n <= 24000, "%s %s: %zu characters", rows[i].tool, rows[i].arguments,
                  answer->raw.n);
    }
}

Test(rows, an_unknown_experiment_is_a_sentence_with_the_nearest_one)
{
    cr_expect(!client_call(&client, "get_status",
                           "{\"expId\":\"20241010-235824-commit_nogit-config_064757cc5d\"}"));
    cr_expect(
        client.err.code == ERR_NOT_FOUND &&
            strstr(client.err.msg, "did you mean '20241010-235824-commit_nogit-config_064757cc5c'"),
        "%s", client.err.msg);
}

Test(rows, T_54_an_id_cannot_leave_the_roots)
{
    static const char *const ids[] = {"../other",
                                      "/etc",
                                      "..",
                                      ".",
                                      "",
                                      "a/../../b",
                                      "20241010-235824-commit_nogit-config_064757cc5c/../x"};

    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        char arguments[200];
        snprintf(arguments, sizeof(arguments), "{\"expId\":\"%s\"}", ids[i]);
        cr_expect(!client_call(&client, "get_evaluation", arguments), "%s", ids[i]);
        cr_expect(client.err.code == ERR_NOT_FOUND, "%s: %s", ids[i], client.err.msg);
    }
}
