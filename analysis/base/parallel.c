#include "analysis/base/parallel.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include "analysis/base/arena.h"

struct crew {
    const struct parallel *parallel;
    pthread_mutex_t lock;   /* of all below */
    pthread_cond_t changed; /* a part is done, a slot is free, or it is over */
    size_t begun, taken;    /* parts */
    bool over;
    bool *done; /* a slot each: its part waits to be taken */
};

size_t parallel_processors(void)
{
    cpu_set_t set;

    if (sched_getaffinity(0, sizeof(set), &set) != 0)
        return 1;
    size_t n = (size_t)CPU_COUNT(&set);
    return n > PARALLEL_MAX ? PARALLEL_MAX : n;
}

/* Under the lock. */
static bool may_begin(const struct crew *c)
{
    return !c->over && c->begun < c->parallel->parts && c->begun < c->taken + c->parallel->slots;
}

/* Under the lock, which is given up for the work. */
static void do_part(struct crew *c)
{
    size_t part = c->begun++, slot = part % c->parallel->slots;

    pthread_mutex_unlock(&c->lock);
    c->parallel->work(c->parallel->with, part, slot);
    pthread_mutex_lock(&c->lock);
    c->done[slot] = true;
    pthread_cond_broadcast(&c->changed);
}

static void *help(void *with)
{
    struct crew *c = with;

    pthread_mutex_lock(&c->lock);
    while (!c->over && c->begun < c->parallel->parts) {
        if (may_begin(c))
            do_part(c);
        else
            pthread_cond_wait(&c->changed, &c->lock);
    }
    pthread_mutex_unlock(&c->lock);
    return NULL;
}

/* Under the lock, which is given up while the part is taken. */
static bool take_part(struct crew *c)
{
    size_t part = c->taken, slot = part % c->parallel->slots;

    pthread_mutex_unlock(&c->lock);
    bool more = c->parallel->take(c->parallel->with, part, slot);
    pthread_mutex_lock(&c->lock);
    c->done[slot] = false;
    c->taken++;
    c->over = !more;
    pthread_cond_broadcast(&c->changed);
    return more;
}

/* Taking comes first: it makes room. */
static bool lead(struct crew *c)
{
    bool more = true;

    pthread_mutex_lock(&c->lock);
    while (more && c->taken < c->parallel->parts) {
        if (c->done[c->taken % c->parallel->slots])
            more = take_part(c);
        else if (may_begin(c))
            do_part(c);
        else
            pthread_cond_wait(&c->changed, &c->lock);
    }
    pthread_mutex_unlock(&c->lock);
    return more;
}

bool parallel_run(const struct parallel *parallel, size_t threads)
{
    struct crew c = {.parallel = parallel};
    pthread_t helper[PARALLEL_MAX];
    size_t wanted = threads < PARALLEL_MAX ? threads : PARALLEL_MAX, helpers = 0;

    c.done = heap_alloc(parallel->slots * sizeof(*c.done));
    pthread_mutex_init(&c.lock, NULL);
    pthread_cond_init(&c.changed, NULL);
    while (helpers + 1 < wanted && helpers + 1 < parallel->parts &&
           pthread_create(&helper[helpers], NULL, help, &c) == 0)
        helpers++;
    bool all = lead(&c);
    for (size_t i = 0; i < helpers; i++)
        pthread_join(helper[i], NULL);
    pthread_cond_destroy(&c.changed);
    pthread_mutex_destroy(&c.lock);
    free(c.done);
    return all;
}
