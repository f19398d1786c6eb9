#include "analysis/walk_wandb.h"

#include <stdlib.h>
#include <string.h>

bool wandb_run_folder(const char *name)
{
    return strncmp(name, "run-", 4) == 0 || strncmp(name, "offline-run-", 12) == 0 ||
           strcmp(name, "latest-run") == 0;
}

/* The .wandb file of a run folder of W&B; NULL if there is none. */
const struct claim *wandb_log(const struct folder *f)
{
    for (size_t i = 0; i < claims_count(f->claims); i++) {
        const struct claim *claim = claims_get(f->claims, i);
        if (claim->reader && str_ends(str_of(claim->name), STR(".wandb")))
            return claim;
    }
    return NULL;
}

/* latest-run, committed as a copy: the same run stands under its own name. */
bool wandb_copy(const struct folder *f)
{
    const struct claim *mine = wandb_log(f);

    if (!mine || !f->parent || strcmp(f->name, "latest-run") != 0)
        return false;
    for (size_t i = 0; i < f->parent->n; i++) {
        const struct folder *other = f->parent->child[i];
        const struct claim *its = other == f ? NULL : wandb_log(other);
        if (its && strcmp(its->name, mine->name) == 0)
            return true;
    }
    return false;
}

/* "20230101_000000-id": names of one run differ in the time alone. */
static const char *time_of(const struct folder *f)
{
    return strstr(f->name, "run-");
}

static int by_log_then_time(const void *a, const void *b)
{
    const struct folder *x = *(const struct folder *const *)a;
    const struct folder *y = *(const struct folder *const *)b;
    int order = strcmp(wandb_log(x)->name, wandb_log(y)->name);

    return order ? order : strcmp(time_of(x), time_of(y));
}

static size_t same_from(const struct folder *const *v, size_t n)
{
    size_t same = 1;

    while (same < n && strcmp(wandb_log(v[0])->name, wandb_log(v[same])->name) == 0)
        same++;
    return same;
}

struct wandb_resumed wandb_resumed(const struct folder *f, struct arena *arena)
{
    const struct folder **v = ARENA_ARRAY(arena, f->n, const struct folder *);
    struct wandb_resumed out = {v, 0};
    size_t n = 0;

    for (size_t i = 0; i < f->n; i++) {
        const struct folder *child = f->child[i];
        if (child->path && wandb_run_folder(child->name) && wandb_log(child) && !wandb_copy(child))
            v[n++] = child;
    }
    if (n > 1)
        qsort(v, n, sizeof(const struct folder *), by_log_then_time);
    for (size_t i = 0, same; i < n; i += same) {
        same = same_from(v + i, n - i);
        for (size_t k = 0; same > 1 && k < same; k++)
            v[out.n++] = v[i + k];
    }
    return out;
}

size_t wandb_run_from(const struct wandb_resumed *resumed, size_t at)
{
    return same_from(resumed->v + at, resumed->n - at);
}

bool wandb_is_resumed(const struct wandb_resumed *resumed, const struct folder *f)
{
    for (size_t i = 0; i < resumed->n; i++) {
        if (resumed->v[i] == f)
            return true;
    }
    return false;
}

/* A wandb folder with several runs belongs to no single run above it. */
bool wandb_several_runs(const struct folder *f)
{
    const char *first = NULL;

    for (size_t i = 0; strcmp(f->name, "wandb") == 0 && i < f->n; i++) {
        const struct claim *claim = wandb_log(f->child[i]);
        if (claim && first && strcmp(first, claim->name) != 0)
            return true;
        if (claim)
            first = claim->name;
    }
    return false;
}
