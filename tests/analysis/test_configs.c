#include <criterion/criterion.h>
#include <math.h>

#include "analysis/catalog.h"
#include "tests/support/tmpdir.h"

static struct tmpdir t;
static struct catalog *catalog;
static struct arena arena;
static const struct experiment *experiment;
static struct err err;

static void set_up(void)
{
    tmpdir_make(&t);
    arena_init(&arena);
    tmpdir_file(&t, "a/metadata.json", "{\"type\":\"lm\"}");
    tmpdir_file(&t, "etc.yaml", "secret: 1\n");
    const char *root = t.path;
    catalog = catalog_open(&(const struct strs){&root, 1});
    cr_assert(catalog_find(catalog, "a", &arena, &experiment, &err));
}

static void tear_down(void)
{
    arena_fini(&arena);
    catalog_close(catalog);
    tmpdir_remove(&t);
}

TestSuite(configs, .init = set_up, .fini = tear_down);

/* T-31, T-32, T-33 */
Test(configs, file_names_are_checked_before_anything_is_opened)
{
    static const struct {
        const char *name, *text;
    } rows[] = {
        {"base_config.yaml", NULL},
        {"rl-config.yml", NULL},
        {"../../../etc/passwd", "Invalid filename"},
        {"../etc.yaml", "Invalid filename"},
        {"foo/../bar.yaml", "Invalid filename"},
        {".yaml", "Invalid filename"},
        {".hidden.yaml", "Invalid filename"},
        {"metrics.json", "Invalid filename"},
        {"config.json", "Config file not found"},
        {"", "Invalid filename"},
        {" ", "Invalid filename"},
        {"a\nb.yaml", "Invalid filename"},
        {"absent.yaml", "Config file not found"},
    };

    tmpdir_file(&t, "a/base_config.yaml", "a: 1\n");
    tmpdir_file(&t, "a/rl-config.yml", "b: 2\n");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct str text;
        const char *found;
        bool ok = experiment_config(experiment, rows[i].name, &arena, &found, &text, &err);
        cr_expect(ok == (rows[i].text == NULL), "'%s'", rows[i].name);
        if (!ok && rows[i].text)
            cr_expect(strncmp(err.msg, rows[i].text, strlen(rows[i].text)) == 0 &&
                          strstr(err.msg, "there is base_config.yaml, rl-config.yml"),
                      "'%s': %s", rows[i].name, err.msg);
    }
}

Test(configs, the_main_copy_comes_first)
{
    struct strs names;
    const char *found;
    struct str text;

    cr_expect(!experiment_config(experiment, NULL, &arena, &found, &text, &err));
    cr_expect(strstr(err.msg, "Config file not found") == err.msg, "%s", err.msg);
    tmpdir_file(&t, "a/a.yaml", "LR: 1\n");
    tmpdir_file(&t, "a/base_config.yaml", "LR: 2\nNAME: base\nDEEP: {X: 1}\nTEXT: '3'\n");
    tmpdir_file(&t, "a/rl_config.yaml", "LR: 3e-4\nMODE: lagrangian\n");
    experiment_configs(experiment, &arena, &names);
    cr_assert_eq(names.n, 3);
    cr_expect_str_eq(names.v[0], "rl_config.yaml");
    cr_expect_str_eq(names.v[1], "base_config.yaml");
    cr_assert(experiment_config(experiment, NULL, &arena, &found, &text, &err));
    cr_expect_str_eq(found, "rl_config.yaml");
    cr_expect(str_is(text, "LR: 3e-4\nMODE: lagrangian\n"));
    cr_expect(experiment_setting(experiment, "LR", &arena) == 3e-4);
    cr_expect(isnan(experiment_setting(experiment, "MODE", &arena)));
    cr_expect(isnan(experiment_setting(experiment, "TEXT", &arena)), "a quoted number is a text");
    cr_expect(isnan(experiment_setting(experiment, "X", &arena)), "only the top level");
    cr_expect_str_eq(experiment_setting_text(experiment, "MODE", &arena), "lagrangian");
    cr_expect_str_eq(experiment_setting_text(experiment, "NAME", &arena), "base");
    cr_expect_null(experiment_setting_text(experiment, "LR", &arena));
}

/* Types: YAML 1.2.2, 10.3.2 (core schema). */
Test(configs, yaml_becomes_json)
{
    static const struct {
        const char *yaml, *json;
    } rows[] = {
        {"", "null"},
        {"a: 1", "{\"a\":1}"},
        {"a: +12\nb: -0\nc: 007\nd: 0x1F\ne: 0o17",
         "{\"a\":12,\"b\":-0,\"c\":7,\"d\":31,\"e\":15}"},
        {"a: 1.5\nb: .5\nc: 1.\nd: 3e-4\ne: -1.e+2\nf: 1e5",
         "{\"a\":1.5,\"b\":0.5,\"c\":1.0,\"d\":3e-4,\"e\":-1.0e+2,\"f\":1e5}"},
        {"a: .inf\nb: .nan\nc: -.inf\nd: .",
         "{\"a\":\".inf\",\"b\":\".nan\",\"c\":\"-.inf\",\"d\":\".\"}"},
        {"a: 1.2.3\nb: 1_000\nc: 12:30\nd: 1e\ne: '1'\nf: \"1\"",
         "{\"a\":\"1.2.3\",\"b\":\"1_000\",\"c\":\"12:30\",\"d\":\"1e\",\"e\":\"1\",\"f\":\"1\"}"},
        {"a: true\nb: False\nc: null\nd: ~\ne:\nf: yes\ng: off",
         "{\"a\":true,\"b\":false,\"c\":null,\"d\":null,\"e\":null,\"f\":\"yes\",\"g\":\"off\"}"},
        {"- 1\n- [a, {b: 2}]\n- {}\n- []", "[1,[\"a\",{\"b\":2}],{},[]]"},
        {"1: x\ntrue: y", "{\"1\":\"x\",\"true\":\"y\"}"},
        {"a: |\n  two\n  lines\n# comment\nb: \"q\\\"\"",
         "{\"a\":\"two\\nlines\\n\",\"b\":\"q\\\"\"}"},
        {"a: 1\n---\nb: 2", "{\"a\":1}"},
        {"a: {b: {c: [1, 2]}, d: 3}\ne: 4", "{\"a\":{\"b\":{\"c\":[1,2]},\"d\":3},\"e\":4}"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct str json = {0};
        cr_expect(config_to_json(str_of(rows[i].yaml), &arena, &json, &err), "%s: %s", rows[i].yaml,
                  err.msg);
        cr_expect(str_is(json, rows[i].json), "%s: %.*s", rows[i].yaml, STR_FMT(json));
        cr_expect(json_parse(&arena, json, JSON_STRICT, 70, &err) != NULL, "%s", err.msg);
    }
}

Test(configs, yaml_that_is_hostile_or_broken_is_refused)
{
    struct buf deep = {0}, wide = {0};
    struct str json;

    for (int i = 0; i < 70; i++)
        buf_byte(&deep, '[');
    for (int i = 0; i < 100001; i++)
        buf_puts(&wide, "- 1\n");
    const struct {
        const char *yaml, *part;
    } rows[] = {
        {"a: [1", "line "},
        {"a: b: c", "line 1"},
        {"x: 1\n\ty: 2", "line 2"},
        {"a: &x [1]\nb: *x", "alias"},
        {"? [1]\n: 2", "where a name is expected"},
        {buf_text(&deep), "nested too deeply"},
        {buf_text(&wide), "more than a configuration"},
        {"a: \x01", "line"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        cr_expect(!config_to_json(str_of(rows[i].yaml), &arena, &json, &err), "row %zu", i);
        cr_expect(err.code == ERR_FORMAT && strstr(err.msg, rows[i].part), "row %zu: %s", i,
                  err.msg);
    }
    buf_fini(&deep);
    buf_fini(&wide);
}
