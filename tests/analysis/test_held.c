#include "analysis/held.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <pthread.h>

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

Test(held, texts_and_long_keys_are_counted)
{
    struct shelf *shelf = shelf_new(300 * 1024);
    struct str text = {memset(arena_alloc(&arena, 200 * 1024), 'x', 200 * 1024), 200 * 1024};
    struct held *a = shelf_get(shelf, "a");

    held_keep(a, HELD_STATUS, text);
    held_unref(a);
    struct held *b = shelf_get(shelf, "b");
    held_keep(b, HELD_STATUS, text);
    held_unref(b);
    cr_expect(is_held(shelf, "b"));
    cr_expect(!is_held(shelf, "a"), "two texts are too many");
    shelf_free(shelf);

    shelf = shelf_new(12 * 1024); /* two keys of 8 KiB are too many */
    for (int i = 0; i < 2; i++) {
        char key[8192] = {0};
        memset(key, 'a' + i, sizeof(key) - 1);
        struct held *held = shelf_get(shelf, key);
        held_keep(held, HELD_STATUS, STR("x"));
        held_measure(held);
        held_unref(held);
    }
    char first[8192] = {0};
    memset(first, 'a', sizeof(first) - 1);
    cr_expect(!is_held(shelf, first));
    shelf_free(shelf);
}

struct load {
    struct held *held;
    int dir;
    atomic_bool done;
};

static void *load(void *thing)
{
    struct load *l = thing;
    struct history *history = NULL;
    struct err err;

    if (held_history(l->held, l->dir, NULL, &history, &err))
        history_unref(history);
    atomic_store(&l->done, true);
    return NULL;
}

/* Behind the lock of a reader, the first call would return when the reading is done. */
Test(held, nothing_but_the_history_waits_for_the_history)
{
    struct shelf *shelf = shelf_new(1024 * 1024 * 1024);
    struct load l = {.held = shelf_get(shelf, "a")};
    struct buf text = {0};
    pthread_t thread;
    size_t calls = 0;

    buf_puts(&text, "{\"history\": {\"a\": [1");
    for (int i = 0; i < 2000000; i++)
        buf_puts(&text, ", 2.125");
    buf_puts(&text, "]}}");
    tmpdir_file(&t, "rl_metrics/rl_training_metrics.json", buf_text(&text));
    buf_fini(&text);
    l.dir = open(t.path, O_PATH | O_DIRECTORY);
    cr_assert(pthread_create(&thread, NULL, load, &l) == 0);
    while (!atomic_load(&l.done)) {
        held_grows(l.held, 1, 0, 1);
        held_keep(l.held, HELD_LATEST, STR("x"));
        calls++;
    }
    pthread_join(thread, NULL);
    cr_expect(calls > 10, "%zu calls", calls);
    close(l.dir);
    held_unref(l.held);
    shelf_free(shelf);
}
