#include "analysis/held.h"

#include <criterion/criterion.h>
#include <fcntl.h>

#include "tests/support/tmpdir.h"

static struct tmpdir t;
static struct arena arena;

static void set_up(void)
{
    tmpdir_make(&t);
    arena_init(&arena);
}

static void tear_down(void)
{
    arena_fini(&arena);
    tmpdir_remove(&t);
}

TestSuite(held, .init = set_up, .fini = tear_down);

/* A history of at least 2 MiB (its room is a huge page), read for the key. */
static void use(struct shelf *shelf, const char *key, int dir)
{
    struct held *held = shelf_get(shelf, key);
    struct history *history;
    struct err err;

    cr_assert(held_history(held, dir, NULL, &history, &err) && history, "%s", err.msg);
    held_keep(held, HELD_STATUS, str_of(key));
    history_unref(history);
    held_unref(held);
}

static bool is_held(struct shelf *shelf, const char *key)
{
    struct held *held = shelf_get(shelf, key);
    bool kept = held_kept(held, HELD_STATUS, &arena).n > 0;

    held_unref(held);
    return kept;
}

Test(held, the_least_recently_used_goes_first)
{
    struct shelf *shelf = shelf_new(5 * 1024 * 1024); /* two of them */

    tmpdir_file(&t, "rl_metrics/rl_training_metrics.json", "{\"history\": {\"a\": [1]}}");
    int dir = open(t.path, O_PATH | O_DIRECTORY);
    use(shelf, "a", dir);
    use(shelf, "b", dir);
    use(shelf, "a", dir);
    use(shelf, "c", dir);
    cr_expect(is_held(shelf, "a"));
    cr_expect(!is_held(shelf, "b"));
    cr_expect(is_held(shelf, "c"));
    close(dir);
    shelf_free(shelf);
}

Test(held, what_a_call_uses_and_the_newest_stay)
{
    struct shelf *shelf = shelf_new(1024); /* none of them */

    tmpdir_file(&t, "rl_metrics/rl_training_metrics.json", "{\"history\": {\"a\": [1]}}");
    int dir = open(t.path, O_PATH | O_DIRECTORY);
    use(shelf, "a", dir);
    cr_expect(is_held(shelf, "a"), "the only one is the newest");
    struct held *used = shelf_get(shelf, "a");
    use(shelf, "b", dir);
    cr_expect(held_kept(used, HELD_STATUS, &arena).n > 0);
    held_unref(used);
    cr_expect(!is_held(shelf, "a"));
    close(dir);
    shelf_free(shelf);
}
