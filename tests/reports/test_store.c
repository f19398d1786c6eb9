#include "analysis/base/limits.h"
#include "reports/store.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[64];
static struct arena arena;
static struct err err;
static struct store *store;

static void set_up(void)
{
    snprintf(dir, sizeof(dir), "/tmp/postrun-store-XXXXXX");
    cr_assert(mkdtemp(dir));
    arena_init(&arena);
    store = store_open(dir);
}

static void tear_down(void)
{
    char command[128];

    store_close(store);
    arena_fini(&arena);
    snprintf(command, sizeof(command), "rm -rf %s", dir);
    cr_expect(system(command) == 0); /* NOLINT(cert-env33-c,concurrency-mt-unsafe) */
}

TestSuite(store, .init = set_up, .fini = tear_down, .timeout = 60);

static const char *create(const char *title, struct str blocks, int64_t now)
{
    struct report r = {
        .title = title, .pattern = "p", .experiment_id = "e/1", .blocks = blocks, .block_count = 1};

    cr_assert(store_create(store, &r, now, &arena, &err), "%s", err.msg);
    return r.id;
}

static void drop_file(const char *name, struct str text)
{
    char path[160];

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    FILE *f = fopen(path, "w");
    cr_assert(f && fwrite(text.p, 1, text.n, f) == text.n && fclose(f) == 0);
}

static const struct report_change nothing = {.expected_updated_ms = NOT_GIVEN};

Test(store, ids_are_version_4_and_others_are_refused)
{
    char id[37], other[37], long_id[67];

    report_new_id(id);
    report_new_id(other);
    cr_expect(report_id_ok(str_of(id)) && strlen(id) == 36 && id[14] == '4' &&
              strchr("89ab", id[19]) && strcmp(id, other) != 0);
    memset(long_id, 'a', 66);
    long_id[65] = '\0';
    const char *const bad[] = {"", "../x", long_id, "a/b", "a.b", "a b", "\xc3\xa4"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct report r;
        cr_expect(!report_id_ok(str_of(bad[i])), "'%s'", bad[i]);
        cr_expect(!store_load(store, bad[i], &arena, &r, NULL, &err) && err.code == ERR_NOT_FOUND &&
                      strstr(err.msg, "Report not found"),
                  "'%s': %s", bad[i], err.msg);
        cr_expect(!store_update(store, bad[i], &nothing, 1, &arena, &r, &err) &&
                  err.code == ERR_NOT_FOUND);
        cr_expect(!store_remove(store, bad[i], &err) && err.code == ERR_NOT_FOUND);
    }
    long_id[64] = '\0';
    cr_expect(report_id_ok(str_of(long_id)));
}

Test(store, nothing_is_made_before_the_first_save)
{
    char deep[128];
    struct report_list list;
    struct report r = {.blocks = STR("[]")};
    struct stat st;

    snprintf(deep, sizeof(deep), "%s/a/b", dir);
    struct store *own = store_open(deep);
    cr_expect(store_list(own, 10, 0, &arena, &list, &err) && list.total == 0);
    cr_expect(access(deep, F_OK) != 0);
    cr_assert(store_create(own, &r, 5, &arena, &err), "%s", err.msg);
    cr_expect(stat(deep, &st) == 0 && (st.st_mode & 0777) == 0700);
    snprintf(deep + strlen(deep), sizeof(deep) - strlen(deep), "/%s.json", r.id);
    cr_expect(stat(deep, &st) == 0 && (st.st_mode & 0777) == 0600);
    cr_expect_str_eq(r.title, "Untitled Report");
    store_close(own);
}

Test(store, without_a_directory_only_saving_fails)
{
    struct store *none = store_open(NULL);
    struct report_list list;
    struct report r = {.blocks = STR("[]")};

    cr_expect(store_list(none, 10, 0, &arena, &list, &err) && list.total == 0);
    cr_expect(!store_create(none, &r, 5, &arena, &err) && err.code == ERR_CONFIG);
    cr_expect_str_eq(err.msg, "no reports directory: start with --reports DIR");
    cr_expect(!store_load(none, "x", &arena, &r, NULL, &err) && err.code == ERR_NOT_FOUND);
    store_close(none);

    drop_file("file", STR("x"));
    char path[96];
    snprintf(path, sizeof(path), "%s/file", dir);
    none = store_open(path);
    cr_expect(!store_create(none, &r, 5, &arena, &err) && err.code == ERR_IO &&
                  strstr(err.msg, path) && strstr(err.msg, "Not a directory"),
              "%s", err.msg);
    store_close(none);
}

Test(store, an_update_changes_what_is_given_and_keeps_every_byte)
{
    struct str odd =
        STR("[ {\"id\" :\"a\",\t\"type\":\"alien\",\n\"n\":123456789012345678901234567890."
            "10e+05 ,\"children\":[ ]} ]");
    const char *id = create("A", odd, 1000);
    struct report_change change = {.title = "B, \",\"blocks\":[", .expected_updated_ms = NOT_GIVEN};
    struct report r;

    cr_assert(store_update(store, id, &change, 500, &arena, &r, &err), "%s", err.msg);
    cr_expect(r.updated_ms == 1001 && r.created_ms == 1000 && str_eq(r.blocks, odd));
    change = (struct report_change){NULL, STR("[]"), 0, NOT_GIVEN};
    cr_assert(store_update(store, id, &change, 9000, &arena, &r, &err), "%s", err.msg);
    cr_expect_str_eq(r.title, "B, \",\"blocks\":[");
    cr_assert(store_load(store, id, &arena, &r, NULL, &err));
    cr_expect(r.updated_ms == 9000 && r.block_count == 0 && str_is(r.blocks, "[]"));
    cr_expect_str_eq(r.pattern, "p");
    cr_expect_str_eq(r.experiment_id, "e/1");
    cr_expect_str_eq(r.title, "B, \",\"blocks\":[");
}

Test(store, another_change_in_between_is_a_conflict)
{
    const char *id = create("A", STR("[]"), 1000);
    struct report_change change = {.title = "B", .expected_updated_ms = 1000};
    struct report r;

    cr_assert(store_update(store, id, &change, 2000, &arena, &r, &err), "%s", err.msg);
    cr_expect(!store_update(store, id, &change, 3000, &arena, &r, &err));
    cr_expect(err.code == ERR_CONFLICT && strstr(err.msg, "2000") && strstr(err.msg, "1000"), "%s",
              err.msg);
}

Test(store, the_list_is_newest_update_first_without_blocks)
{
    const char *id[3];
    struct report_list list;
    struct report r;
    struct report_change change = {.title = "t", .expected_updated_ms = NOT_GIVEN};

    for (int i = 0; i < 3; i++)
        id[i] = create("t", STR("[{}]"), 1000);
    for (int i = 0; i < 3; i++) /* all in one millisecond */
        cr_assert(store_update(store, id[i], &change, 1000, &arena, &r, &err));
    cr_assert(store_list(store, 10, 0, &arena, &list, &err));
    cr_assert(list.n == 3 && list.total == 3);
    for (int i = 0; i < 3; i++) {
        cr_expect_str_eq(list.v[i].id, id[2 - i]);
        cr_expect(list.v[i].blocks.n == 0 && list.v[i].block_count == 1);
    }
    cr_assert(store_list(store, 1, 2, &arena, &list, &err));
    cr_expect(list.n == 1 && list.total == 3 && strcmp(list.v[0].id, id[0]) == 0);
    cr_assert(store_list(store, 1, 3, &arena, &list, &err) && list.n == 0);
    cr_expect(store_remove(store, id[1], &err), "%s", err.msg);
    cr_expect(!store_load(store, id[1], &arena, &r, NULL, &err));
    cr_expect(strstr(err.msg, "list_reports names all 2"), "%s", err.msg);
}

Test(store, files_that_are_no_reports_are_counted_and_left)
{
    struct report_list list;
    struct report r;

    drop_file("mine.json", STR("{\"blocks\": [ 1 ],\"x\":0,\"updatedAt\":7,\"title\":\"Mine\"}"));
    drop_file("cut.json", STR("{\"id\":\"cut\",\"title\":\"T\",\"bl"));
    drop_file("list.json", STR("[]"));
    drop_file("bytes.json", STR("{\"blocks\":[\"\xff\"]}"));
    drop_file("notes.txt", STR("x"));
    cr_assert(store_list(store, 10, 0, &arena, &list, &err));
    cr_expect(list.total == 1 && list.skipped == 3 && list.first_skipped, "%zu, %zu", list.total,
              list.skipped);
    cr_assert(store_load(store, "mine", &arena, &r, NULL, &err), "%s", err.msg);
    cr_expect(str_is(r.blocks, "[ 1 ]") && r.updated_ms == 7 && strcmp(r.title, "Mine") == 0);
    cr_expect(!store_load(store, "cut", &arena, &r, NULL, &err) && err.code == ERR_FORMAT &&
                  strstr(err.msg, "cut"),
              "%s", err.msg);
    cr_expect(!store_load(store, "bytes", &arena, &r, NULL, &err) && err.code == ERR_FORMAT);
}

Test(store, a_file_cut_behind_its_head_does_not_load)
{
    const char *id = create("A", STR("[{\"id\":\"a\"}]"), 1000);
    char path[160];
    struct report r;

    snprintf(path, sizeof(path), "%s/%s.json", dir, id);
    struct stat st;
    cr_assert(stat(path, &st) == 0 && truncate(path, st.st_size - 5) == 0);
    cr_expect(!store_load(store, id, &arena, &r, NULL, &err) && err.code == ERR_FORMAT, "%s",
              err.msg);
}
