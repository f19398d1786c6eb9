#include "analysis/base/parallel.h"

#include <criterion/criterion.h>
#include <stdatomic.h>
#include <unistd.h>

enum { PARTS = 200, SLOTS = 5 };

static struct trial {
    atomic_size_t begun;
    size_t taken, stop;
    atomic_bool busy[SLOTS], clash; /* clash: two had a slot */
    size_t made[SLOTS];
} trial;

/* The first of every seven takes long, so that others are done before it. */
static void work(void *with, size_t part, size_t slot)
{
    struct trial *t = with;

    if (atomic_exchange(&t->busy[slot], true))
        atomic_store(&t->clash, true);
    if (part % 7 == 0)
        usleep(300);
    t->made[slot] = part * part;
    atomic_fetch_add(&t->begun, 1);
}

static bool take(void *with, size_t part, size_t slot)
{
    struct trial *t = with;

    cr_expect(part == t->taken, "%zu, not %zu", part, t->taken);
    cr_expect(t->made[slot] == part * part);
    atomic_store(&t->busy[slot], false);
    return ++t->taken != t->stop;
}

static bool run(size_t parts, size_t slots, size_t threads, size_t stop)
{
    trial = (struct trial){.stop = stop};
    return parallel_run(&(struct parallel){parts, slots, &trial, work, take}, threads);
}

Test(parallel, parts_are_taken_in_order_whoever_did_them)
{
    for (size_t threads = 0; threads <= PARALLEL_MAX + 2; threads++) {
        for (size_t slots = 1; slots <= SLOTS; slots++) {
            cr_expect(run(PARTS, slots, threads, 0), "%zu threads", threads);
            cr_expect(trial.taken == PARTS && atomic_load(&trial.begun) == PARTS,
                      "%zu threads, %zu slots: %zu", threads, slots, trial.taken);
            cr_expect(!atomic_load(&trial.clash));
        }
    }
    cr_expect(run(0, 1, 2, 0) && trial.taken == 0);
    cr_expect(run(1, 1, 2, 0) && trial.taken == 1);
}

Test(parallel, when_it_is_enough_no_part_is_begun)
{
    for (size_t threads = 1; threads <= PARALLEL_MAX; threads++) {
        cr_expect(!run(PARTS, SLOTS, threads, 10));
        cr_expect(trial.taken == 10);
        cr_expect(atomic_load(&trial.begun) <= 10 + SLOTS, "%zu", atomic_load(&trial.begun));
    }
    cr_expect(!run(3, SLOTS, 2, 3), "the last part may say so, too");
}

Test(parallel, there_is_a_processor)
{
    cr_expect(parallel_processors() >= 1 && parallel_processors() <= PARALLEL_MAX);
}
