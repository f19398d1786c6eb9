#include "mcp/answers.h"
#include "analysis/base/arena.h"
#include "analysis/base/fnv.h"
#include "analysis/base/limits.h"

#include <stdint.h>
#include <stdlib.h>

struct answer {
    struct answer *newer, *older;
    uint64_t hash;
    size_t key_n, result_n;
    char bytes[]; /* the key, then the result */
};

static size_t size_of(const struct answer *a)
{
    return sizeof(*a) + a->key_n + a->result_n;
}

static void unlink_one(struct answers *answers, struct answer *a)
{
    *(a->newer ? &a->newer->older : &answers->newest) = a->older;
    *(a->older ? &a->older->newer : &answers->oldest) = a->newer;
    answers->bytes -= size_of(a);
}

static void put_first(struct answers *answers, struct answer *a)
{
    a->newer = NULL;
    a->older = answers->newest;
    *(a->older ? &a->older->newer : &answers->oldest) = a;
    answers->newest = a;
    answers->bytes += size_of(a);
}

static struct answer *find(struct answers *answers, struct str key)
{
    uint64_t h = fnv_of(key);

    for (struct answer *a = answers->newest; a; a = a->older) {
        if (a->hash == h && str_eq(key, (struct str){a->bytes, a->key_n}))
            return a;
    }
    return NULL;
}

bool answers_find(struct answers *answers, struct str key, struct str *result)
{
    struct answer *a = find(answers, key);

    if (!a)
        return false;
    unlink_one(answers, a);
    put_first(answers, a);
    *result = (struct str){a->bytes + a->key_n, a->result_n};
    return true;
}

void answers_keep(struct answers *answers, struct str key, struct str result)
{
    if (key.n + result.n > ANSWERS_MAX / 2 || find(answers, key))
        return;
    struct answer *a = heap_alloc(sizeof(*a) + key.n + result.n);

    a->hash = fnv_of(key);
    a->key_n = key.n;
    a->result_n = result.n;
    memcpy(a->bytes, key.p, key.n);
    memcpy(a->bytes + key.n, result.p, result.n);
    put_first(answers, a);
    for (struct answer *last = answers->oldest, *newer; last && answers->bytes > ANSWERS_MAX;
         last = newer) {
        newer = last->newer;
        unlink_one(answers, last);
        free(last);
    }
}

void answers_fini(struct answers *answers)
{
    for (struct answer *a = answers->newest, *older; a; a = older) {
        older = a->older;
        free(a);
    }
    *answers = (struct answers){0};
}
