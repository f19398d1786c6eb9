#include "analysis/base/limits.h"
#include "reports/store.h"
#include "tests/support/fault.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char dir[64];
static struct arena arena;
static struct err err;

static void set_up(void)
{
    snprintf(dir, sizeof(dir), "/tmp/postrun-faults-XXXXXX");
    cr_assert(mkdtemp(dir));
    arena_init(&arena);
}

static void tear_down(void)
{
    char command[128];

    fault_always(NULL, 0);
    fault_at(0, 0);
    arena_fini(&arena);
    snprintf(command, sizeof(command), "rm -rf %s", dir);
    cr_expect(system(command) == 0); /* NOLINT(cert-env33-c,concurrency-mt-unsafe) */
}

TestSuite(faults, .init = set_up, .fini = tear_down, .timeout = 120);

static struct str paragraph(size_t n, char letter)
{
    struct buf b = {0};

    buf_puts(&b, "[{\"id\":\"a\",\"type\":\"paragraph\",\"children\":[],\"x\":\"");
    for (size_t i = 0; i < n; i++)
        buf_byte(&b, letter);
    buf_puts(&b, "\"}]");
    struct str text = arena_str(&arena, buf_str(&b));
    buf_fini(&b);
    return text;
}

static const char *create(struct store *store, struct str blocks)
{
    struct report r = {.title = "T", .blocks = blocks, .block_count = 1};

    return store_create(store, &r, 1000, &arena, &err) ? r.id : NULL;
}

static bool update(struct store *store, const char *id, struct str blocks)
{
    struct report_change change = {
        .blocks = blocks, .block_count = 1, .expected_updated_ms = NOT_GIVEN};
    struct report out;

    return store_update(store, id, &change, 2000, &arena, &out, &err);
}

static bool holds(struct store *store, const char *id, struct str blocks)
{
    struct report out;

    return store_load(store, id, &arena, &out, NULL, &err) && str_eq(out.blocks, blocks);
}

static size_t total(struct store *store)
{
    struct report_list list;

    cr_assert(store_list(store, 10, 0, &arena, &list, &err), "%s", err.msg);
    cr_expect(list.skipped == 0, "%s", list.first_skipped);
    return list.total;
}

static size_t temps(void)
{
    char path[96];
    size_t n = 0;

    snprintf(path, sizeof(path), "%s/.tmp", dir);
    DIR *d = opendir(path);
    for (struct dirent *e; d && (e = readdir(d)) != NULL;)
        n += e->d_name[0] != '.';
    if (d)
        closedir(d);
    return n;
}

Test(faults, an_update_that_fails_leaves_the_old_report)
{
    struct str old = paragraph(5000, 'o'), fresh = paragraph(9000, 'n');
    struct store *store = store_open(dir);
    const char *id = create(store, old);

    cr_assert(id, "%s", err.msg);
    fault_at(0, 0);
    cr_assert(update(store, id, fresh));
    int calls = fault_calls();
    cr_assert(calls >= 8, "%d calls", calls);
    cr_assert(update(store, id, old));
    store_tidy(store);

    static const int errors[] = {ENOSPC, EIO, EACCES};
    for (size_t e = 0; e < sizeof(errors) / sizeof(errors[0]); e++) {
        for (int n = 1; n <= calls; n++) {
            fault_at(n, errors[e]);
            bool ok = update(store, id, fresh);
            struct err why = err;
            const char *name = fault_name();
            fault_at(0, 0);
            cr_expect(!ok, "call %d (%s)", n, name);
            cr_expect(why.code == ERR_IO && (strstr(why.msg, id) || strstr(why.msg, dir)), "%s",
                      why.msg);
            cr_expect(holds(store, id, old), "call %d (%s): %s", n, name, err.msg);
            cr_expect(total(store) == 1 && temps() == 0, "call %d (%s): %zu temps", n, name,
                      temps());
        }
    }
    cr_expect(update(store, id, fresh), "%s", err.msg);
    cr_expect(holds(store, id, fresh));
    store_close(store);
    cr_expect(temps() == 0);
}

Test(faults, a_create_that_fails_leaves_nothing)
{
    struct str text = paragraph(5000, 'c');
    size_t done = 0, tolerated = 0;

    for (int n = 1; n < 40; n++) { /* a directory that is not there yet, each time */
        char sub[96], command[128];
        snprintf(sub, sizeof(sub), "%s/x/y", dir);
        struct store *store = store_open(sub);
        fault_at(n, EIO);
        bool ok = create(store, text) != NULL;
        struct err why = err;
        const char *name = fault_name();
        fault_at(0, 0);
        if (ok)
            done++;
        else
            cr_expect(why.code == ERR_IO && strstr(why.msg, sub), "call %d (%s): %s", n, name,
                      why.msg);
        cr_expect(ok || *name, "call %d", n);
        tolerated += ok && *name;
        cr_expect(total(store) == (size_t)ok, "call %d (%s)", n, name);
        cr_expect(create(store, text) != NULL, "call %d (%s): %s", n, name, err.msg);
        cr_expect(total(store) == 1U + ok);
        store_close(store);
        snprintf(command, sizeof(command), "rm -rf %s/x", dir);
        cr_expect(system(command) == 0); /* NOLINT(cert-env33-c,concurrency-mt-unsafe) */
    }
    /* mkdirat of the two folders that exist, and the search for temp files, may fail */
    cr_expect(tolerated == 3 && done > 10, "%zu faults without effect", tolerated);
}

Test(faults, short_writes_and_old_kernels_save_the_same)
{
    struct str old = paragraph(5000, 'o'), fresh = paragraph(70000, 'n');
    static const int errors[] = {EINVAL, ENOSYS};

    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        struct store *store = store_open(dir);
        fault_short_writes(true);
        fault_always("renameat2", errors[i]);
        const char *id = create(store, old);
        cr_assert(id, "%s", err.msg);
        cr_expect(holds(store, id, old));
        cr_expect(update(store, id, fresh), "%s", err.msg);
        cr_expect(holds(store, id, fresh));
        fault_always(NULL, 0);
        fault_short_writes(false);
        store_close(store);
    }
    cr_expect(temps() == 0);
}

Test(faults, two_writers_do_not_mix)
{
    struct str a = paragraph(20000, 'a'), b = paragraph(100, 'b');
    struct store *store = store_open(dir);
    const char *id = create(store, a);
    pid_t pids[2];
    size_t bad = 0, reads = 0;
    struct report_list list;

    for (int w = 0; w < 2; w++) {
        pids[w] = fork();
        if (pids[w] == 0) {
            struct store *own = store_open(dir);
            int failed = 0;
            for (int i = 0; i < 200; i++)
                failed += !update(own, id, w ? a : b);
            store_close(own);
            _exit(failed ? 1 : 0);
        }
    }
    for (int left = 2; left > 0; reads++) {
        int status;
        struct report seen; /* one read: between two the report may change */
        bad += !store_load(store, id, &arena, &seen, NULL, &err) ||
               (!str_eq(seen.blocks, a) && !str_eq(seen.blocks, b));
        pid_t gone = waitpid(-1, &status, WNOHANG);
        if (gone > 0) {
            cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "a writer failed");
            left--;
        }
    }
    cr_expect(bad == 0 && reads > 10, "%zu of %zu reads", bad, reads);
    cr_assert(store_list(store, 10, 0, &arena, &list, &err));
    cr_expect(list.total == 1 && list.v[0].updated_ms == 2000 + 399, "%lld: each of 400 counts",
              (long long)list.v[0].updated_ms);
    store_close(store);
}

Test(faults, a_save_that_is_killed_leaves_a_whole_report)
{
    struct str a = paragraph(60000, 'a'), b = paragraph(300, 'b');
    struct store *store = store_open(dir);
    const char *id = create(store, a);

    srand(1); /* NOLINT(cert-msc51-cpp): the same points each time */
    for (int round = 0; round < 100; round++) {
        pid_t pid = fork();
        if (pid == 0) {
            struct store *own = store_open(dir);
            for (int i = 0;; i++)
                (void)update(own, id, i % 2 ? a : b);
        }
        struct timespec t = {.tv_nsec = 300000 + rand() % 3000000};
        nanosleep(&t, NULL);
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        cr_expect(holds(store, id, a) || holds(store, id, b), "round %d: %s", round, err.msg);
        cr_expect(total(store) == 1);
    }
    cr_expect(update(store, id, a), "%s", err.msg);
    store_close(store);
}

Test(faults, temp_files_of_the_dead_go_after_an_hour)
{
    struct store *store = store_open(dir);
    char old[128], fresh[128];
    struct timespec times[2] = {{.tv_sec = time(NULL) - 4000}, {.tv_sec = time(NULL) - 4000}};

    cr_assert(create(store, paragraph(1, 'x')));
    store_close(store);
    snprintf(old, sizeof(old), "%s/.tmp/old", dir);
    snprintf(fresh, sizeof(fresh), "%s/.tmp/fresh", dir);
    fclose(fopen(old, "w"));
    fclose(fopen(fresh, "w"));
    cr_assert(utimensat(AT_FDCWD, old, times, 0) == 0);
    store = store_open(dir);
    cr_expect(total(store) == 1);
    cr_assert(create(store, paragraph(1, 'x')));
    cr_expect(access(old, F_OK) != 0 && access(fresh, F_OK) == 0);
    store_close(store);
}
