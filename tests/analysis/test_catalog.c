#include "analysis/catalog.h"

#include <criterion/criterion.h>
#include <sys/resource.h>

#include "tests/support/tmpdir.h"

static struct tmpdir t;
static struct catalog *catalog;
static struct arena arena;
static struct coverage coverage;

static void set_up(void)
{
    tmpdir_make(&t);
    arena_init(&arena);
    coverage_init(&coverage, &arena);
}

static void tear_down(void)
{
    arena_fini(&arena);
    catalog_close(catalog);
    tmpdir_remove(&t);
}

TestSuite(catalog, .init = set_up, .fini = tear_down);

static void open_roots(const char *a, const char *b)
{
    const char *paths[] = {tmpdir_path(&t, a), b ? tmpdir_path(&t, b) : NULL};
    const struct strs roots = {paths, b ? 2 : 1};

    catalog = catalog_open(&roots);
}

/* A small run of which metadata.json says when it was made. */
static void run(const char *name, const char *created)
{
    char path[4096], text[200];

    snprintf(path, sizeof(path), "%s/metadata.json", name);
    snprintf(text, sizeof(text), "{\"type\":\"lm\",\"created_at\":\"%s\"}", created);
    tmpdir_file(&t, path, text);
}

/* The ids of a listing, newest first, with blanks between them. */
static const char *ids(void)
{
    struct listing listing;
    const char *text = "";

    catalog_list(catalog, &arena, &listing, &coverage);
    for (size_t i = 0; i < listing.n; i++)
        text = arena_printf(&arena, "%s%s%s", text, i ? " " : "", listing.v[i].id);
    return text;
}

static bool noted(const char *part)
{
    for (size_t i = 0; i < coverage.notes.n; i++) {
        if (strstr(coverage.notes.v[i], part))
            return true;
    }
    return false;
}

Test(catalog, lists_the_newest_first_and_ties_by_id)
{
    run("b", "2024-01-01T00:00:00Z");
    run("a", "2024-01-01T00:00:00Z");
    run("deep/er/c", "2025-01-01T00:00:00Z");
    run("d", "2024-01-01T05:00:00+06:00"); /* an hour before a and b */
    open_roots("", NULL);
    cr_expect_str_eq(ids(), "deep/er/c a b d");
}

Test(catalog, an_experiment_is_known_by_what_it_holds)
{
    tmpdir_file(&t, "x/dashboard_metrics/metrics.jsonl", "");
    tmpdir_file(&t, "y/rl_metrics/rl_training_metrics.json", "{}");
    tmpdir_file(&t, "z/checkpoint_foundational_epoch_1.pth", "");
    tmpdir_file(&t, "no/metadata.json", "{\"type\":\"jpeg\"}");
    tmpdir_file(&t, "no2/metadata.json", "[1, \"lm\"]");
    tmpdir_file(&t, "no3/weights.pth", "");
    tmpdir_file(&t, ".hidden/run/metadata.json", "{\"type\":\"lm\"}");
    tmpdir_file(&t, "z/inside/metadata.json", "{\"type\":\"lm\"}"); /* below an experiment */
    open_roots("", NULL);
    struct listing listing;
    catalog_list(catalog, &arena, &listing, &coverage);
    cr_assert_eq(listing.n, 3);
    for (const char *const *id = (const char *const[]){"x", "y", "z", NULL}; *id; id++) {
        const struct experiment *e;
        struct err err;
        cr_expect(catalog_find(catalog, *id, &arena, &e, &err), "%s", *id);
    }
}

Test(catalog, created_is_asked_of_four_witnesses)
{
    tmpdir_file(&t, "m/metadata.json", "{\"type\":\"lm\",\"created_at\":1707900000}");
    tmpdir_file(&t, "20241025-104710-x/metadata.json", "{\"type\":\"lm\",\"created_at\":\"soon\"}");
    tmpdir_file(&t, "p/dashboard_metrics/metrics.jsonl",
                "broken\n{\"step\":1,\"timestamp\":1600000000.5}\n");
    tmpdir_file(&t, "f/dashboard_metrics/metrics.jsonl", "{\"step\":1}\n");
    tmpdir_age(&t, "f/dashboard_metrics/metrics.jsonl", 1500000000);
    open_roots("", NULL);
    static const struct {
        const char *id, *from;
        int64_t ms;
    } rows[] = {{"m", "metadata.created_at", 1707900000000},
                {"20241025-104710-x", "id", 1729853230000},
                {"p", "first point", 1600000000500},
                {"f", "oldest file", 1500000000000}};
    for (size_t i = 0; i < 4; i++) {
        const struct experiment *e = NULL;
        struct err err;
        cr_assert(catalog_find(catalog, rows[i].id, &arena, &e, &err), "%s", err.msg);
        cr_expect(e->created_ms == rows[i].ms && strcmp(e->created_from, rows[i].from) == 0,
                  "%s: %lld from %s", rows[i].id, (long long)e->created_ms, e->created_from);
    }
    cr_expect_str_eq(ids(), "20241025-104710-x m p f");
}

Test(catalog, links_are_followed_only_inside_and_once)
{
    struct tmpdir outside;

    tmpdir_make(&outside);
    tmpdir_file(&outside, "secret/metadata.json", "{\"type\":\"lm\"}");
    run("a", "2024-01-03");
    run(".store/kept", "2024-01-02");
    tmpdir_link(&t, outside.path, "out");
    tmpdir_link(&t, tmpdir_path(&outside, "secret"), "out2");
    tmpdir_link(&t, "a", "latest");          /* has a name of its own */
    tmpdir_link(&t, ".store/kept", "named"); /* has none that is listed */
    tmpdir_folder(&t, "loop");
    tmpdir_link(&t, "..", "loop/up");
    tmpdir_link(&t, "self", "self");
    open_roots("", NULL);
    cr_expect_str_eq(ids(), "a named");
    cr_expect_str_eq(ids(), "a named", "the same when asked again");

    const struct experiment *e;
    struct err err;
    struct document document;
    cr_assert(catalog_find(catalog, "named", &arena, &e, &err), "%s", err.msg);
    cr_expect_str_eq(e->path, tmpdir_path(&t, "named"));
    experiment_document(e, FILE_METADATA, &arena, &document);
    cr_expect(document.json != NULL);
    tmpdir_remove(&outside);
}

Test(catalog, goes_eight_levels_deep_and_says_so)
{
    run("1/2/3/4/5/6/7/8", "2024-01-02");
    run("a/2/3/4/5/6/7/8/9/10/11/12", "2024-01-01");
    open_roots("", NULL);
    cr_expect_str_eq(ids(), "1/2/3/4/5/6/7/8");
    cr_expect(noted("deeper than 8 levels"));
    cr_expect(noted("a/2/3/4/5/6/7/8"));
}

Test(catalog, ids_are_printable_and_lead_back)
{
    static const char *const rows[][2] = {
        {"with blank", "with blank"}, {"\xc3\xbc\xe2\x82\xac", "\xc3\xbc\xe2\x82\xac"},
        {"bad\xff", "bad%FF"},        {"new\nline", "new%0Aline"},
        {"100%", "100%25"},           {"c1\xc2\x85", "c1%C2%85"}};

    for (size_t i = 0; i < 6; i++)
        run(rows[i][0], "2024-01-01");
    open_roots("", NULL);
    for (size_t i = 0; i < 6; i++) {
        const struct experiment *e = NULL;
        struct err err;
        cr_assert(catalog_find(catalog, rows[i][1], &arena, &e, &err), "%s", err.msg);
        cr_expect_str_eq(e->id, rows[i][1]);
        cr_expect(e->type == EXPERIMENT_LM && strcmp(e->type_why, "metadata.json says lm") == 0);
    }
}

Test(catalog, two_roots_with_one_id_get_a_tilde)
{
    run("r1/a", "2024-01-02");
    run("r2/a", "2024-01-01");
    run("r2/b", "2023-01-01");
    open_roots("r1", "r2");
    cr_expect_str_eq(ids(), "a a~2 b");
    const struct experiment *e;
    struct err err;
    cr_assert(catalog_find(catalog, "a~2", &arena, &e, &err));
    cr_expect_str_eq(e->path, tmpdir_path(&t, "r2/a"));
}

Test(catalog, nested_and_repeated_roots_are_walked_once)
{
    run("in/a", "2024-01-02");
    open_roots("in", "");
    cr_expect_str_eq(ids(), "in/a");
    cr_expect_str_eq(ids(), "in/a");
    catalog_close(catalog);
    open_roots("in", "in/../in");
    cr_expect_str_eq(ids(), "a");
}

Test(catalog, a_root_may_be_a_run)
{
    run("only", "2024-01-02");
    open_roots("only", NULL);
    cr_expect_str_eq(ids(), "only");
    const struct experiment *e;
    struct err err;
    cr_assert(catalog_find(catalog, "only", &arena, &e, &err), "%s", err.msg);
    cr_expect_str_eq(e->path, tmpdir_path(&t, "only"));
}

Test(catalog, a_root_that_cannot_be_walked_is_a_note)
{
    tmpdir_file(&t, "file", "");
    open_roots("missing", "file");
    cr_expect_str_eq(ids(), "");
    cr_expect(noted(tmpdir_path(&t, "missing")));
    cr_expect(noted("it is a file"));
    run("missing/later", "2024-01-02");
    cr_expect_str_eq(ids(), "later", "a root may appear");
    if (geteuid() != 0) {
        chmod(tmpdir_path(&t, "missing"), 0);
        ids();
        cr_expect(noted("it may not be read"));
        chmod(tmpdir_path(&t, "missing"), 0700);
    }
}

Test(catalog, sees_what_comes_goes_and_changes)
{
    run("a", "2024-01-01");
    run("sub/b", "2024-01-02");
    open_roots("", NULL);
    cr_expect_str_eq(ids(), "sub/b a");
    run("sub/c", "2024-01-03");
    cr_expect_str_eq(ids(), "sub/c sub/b a");
    run("a", "2025-01-01"); /* rewritten in place */
    cr_expect_str_eq(ids(), "a sub/c sub/b");
    unlink(tmpdir_path(&t, "sub/b/metadata.json"));
    cr_expect_str_eq(ids(), "a sub/c");
    rename(tmpdir_path(&t, "sub"), tmpdir_path(&t, "bus"));
    cr_expect_str_eq(ids(), "a bus/c");
}

Test(catalog, sees_changes_in_old_folders)
{
    run("sub/b", "2024-01-02");
    tmpdir_folder(&t, "plain");
    tmpdir_age(&t, "sub/b/metadata.json", 1600000000);
    tmpdir_age(&t, "sub", 1600000000);
    tmpdir_age(&t, "plain", 1600000000);
    tmpdir_age(&t, "", 1600000000);
    open_roots("", NULL);
    cr_expect_str_eq(ids(), "sub/b");
    run("plain/new", "2024-01-03"); /* the root's own time stays as it was */
    cr_expect_str_eq(ids(), "plain/new sub/b");
    tmpdir_file(&t, "sub/b/metadata.json", "{\"type\":\"rl\",\"created_at\":\"2026-01-01\"}");
    cr_expect_str_eq(ids(), "sub/b plain/new");
}

/* T-54: an id is looked up, never joined. */
Test(catalog, a_hostile_id_finds_nothing)
{
    static const char *const rows[] = {"../other", "/etc", "a/../../other", "",    ".",
                                       "..",       "a/",   "./a",           "a\nb"};

    run("root/a", "2024-01-01");
    run("other", "2024-01-01");
    open_roots("root", NULL);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct experiment *e = NULL;
        struct err err;
        cr_expect(!catalog_find(catalog, rows[i], &arena, &e, &err) && e == NULL, "%s", rows[i]);
        cr_expect(err.code == ERR_NOT_FOUND && strstr(err.msg, "list_experiments"), "%s", err.msg);
    }
}

Test(catalog, names_the_nearest_id)
{
    const struct experiment *e;
    struct err err;

    run("exp-01", "2024-01-01");
    run("exp-77", "2024-01-01");
    open_roots("", NULL);
    cr_expect(!catalog_find(catalog, "exp-1", &arena, &e, &err));
    cr_expect_str_eq(err.msg,
                     "no experiment 'exp-1'; did you mean 'exp-01'? list_experiments names all 2");
    cr_expect(!catalog_find(catalog, "quite different", &arena, &e, &err));
    cr_expect(strstr(err.msg, "no experiment 'quite different' among the 2 found in /"));
    cr_expect(strstr(err.msg, "; list_experiments names them"), "%s", err.msg);
}

/* A folder whose log cannot be read is told apart from one that is not there. */
Test(catalog, says_why_what_is_asked_for_is_no_run)
{
    const struct experiment *e;
    struct err err;

    run("good", "2024-01-01");
    tmpdir_file(&t, "wide/log.csv", "\xff\xfes");
    tmpdir_file(&t, "wide/more.jsonl", "");
    open_roots("", NULL);
    cr_expect(!catalog_find(catalog, "wide", &arena, &e, &err) && err.code == ERR_NOT_FOUND);
    cr_expect_str_eq(err.msg, "no experiment 'wide': wide/log.csv is not a run, because it is text "
                              "in UTF-16; only UTF-8 is read (and 1 more there); "
                              "list_experiments names those that are");
    cr_expect(!catalog_find(catalog, "wide/more.jsonl", &arena, &e, &err));
    cr_expect(strstr(err.msg, "wide/more.jsonl is not a run, because it is empty;"), "%s", err.msg);
    cr_expect(!catalog_find(catalog, "wid", &arena, &e, &err));
    cr_expect(strstr(err.msg, "no experiment 'wid' among the 1 found"), "%s", err.msg);
}

Test(catalog, an_experiment_that_is_gone_is_an_error)
{
    struct listing listing;
    const struct experiment *e;
    struct err err;

    run("a", "2024-01-01");
    open_roots("", NULL);
    catalog_list(catalog, &arena, &listing, NULL);
    cr_assert(listing.n == 1 && catalog_get(catalog, &listing.v[0], &arena, &e, &err));
    rename(tmpdir_path(&t, "a"), tmpdir_path(&t, "b"));
    cr_expect(!catalog_get(catalog, &listing.v[0], &arena, &e, &err));
    cr_expect_eq(err.code, ERR_NOT_FOUND);
    cr_expect(catalog_find(catalog, "b", &arena, &e, &err), "%s", err.msg);
}

Test(catalog, an_experiment_that_cannot_be_opened_is_not_gone)
{
    struct rlimit limit, none;
    struct listing listing;
    const struct experiment *e;
    struct err got, found;

    run("a", "2024-01-01");
    open_roots("", NULL);
    catalog_list(catalog, &arena, &listing, NULL);
    cr_assert(listing.n == 1 && getrlimit(RLIMIT_NOFILE, &limit) == 0);
    none = (struct rlimit){0, limit.rlim_max};
    cr_assert(setrlimit(RLIMIT_NOFILE, &none) == 0);
    bool ok = catalog_get(catalog, &listing.v[0], &arena, &e, &got);
    bool also = catalog_find(catalog, "a", &arena, &e, &found);
    setrlimit(RLIMIT_NOFILE, &limit);
    cr_expect(!ok && got.code == ERR_IO && strstr(got.msg, "Too many open files"), "%s", got.msg);
    cr_expect(!also && found.code == ERR_IO, "%s", found.msg);
    cr_expect(catalog_find(catalog, "a", &arena, &e, &found), "%s", found.msg);
}

Test(catalog, what_is_known_is_opened_without_a_walk)
{
    const struct experiment *e = NULL;

    run("a", "2024-01-01");
    open_roots("", NULL);
    cr_expect(!catalog_known(catalog, "a", &arena, &e), "nothing was walked yet");
    cr_expect_str_eq(ids(), "a");
    cr_assert(catalog_known(catalog, "a", &arena, &e));
    cr_expect(strcmp(e->id, "a") == 0 && e->type == EXPERIMENT_LM && e->held && e->dir >= 0);
    run("b", "2024-01-02");
    cr_expect(!catalog_known(catalog, "b", &arena, &e), "new since the last walk");
    cr_expect_str_eq(ids(), "b a");
    cr_expect(catalog_known(catalog, "b", &arena, &e));
    rename(tmpdir_path(&t, "a"), tmpdir_path(&t, "c"));
    cr_expect(!catalog_known(catalog, "a", &arena, &e), "gone");
}
