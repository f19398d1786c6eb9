#include "analysis/trajectories/training.h"

#include "analysis/base/nearest.h"

enum { NAME_BYTES = 200 };

bool training_find(const struct trajectories *t, const char *id, uint32_t *out, struct err *err)
{
    struct str wanted = str_of(id), near = {0};
    size_t best = SIZE_MAX, trainings = 0;
    uint32_t last = UINT32_MAX;

    *out = dict_find(&t->words, wanted);
    for (size_t row = 0; row < t->n && *out != UINT32_MAX; row++) {
        if (t->training[row] == *out)
            return true;
    }
    for (size_t row = 0; row < t->n; row++) {
        if (t->training[row] == last)
            continue;
        last = t->training[row];
        trainings++;
        struct str known = dict_text(&t->words, last);
        size_t distance = name_distance(wanted, known);
        if (distance < best && name_is_near(wanted, known, distance)) {
            best = distance;
            near = known;
        }
    }
    if (near.n)
        return err_set(err, ERR_NOT_FOUND,
                       "no training '%.200s'; did you mean '%.*s'? list_trainings names all", id,
                       STR_FMT(str_cut(near, NAME_BYTES)));
    return err_set(err, ERR_NOT_FOUND, "no training '%.200s' %s; list_trainings names them", id,
                   trainings ? "among those found" : "as no trajectories were found");
}

struct selection training_select(const struct selection *s, uint32_t training, struct arena *arena)
{
    struct selection one = *s;

    one.rows = ARENA_ARRAY(arena, s->n + 1, uint32_t);
    one.n = 0;
    for (size_t i = 0; i < s->n; i++) {
        if (s->t->training[s->rows[i]] == training)
            one.rows[one.n++] = s->rows[i];
    }
    return one;
}

bool epochs_between(const struct trajectories *t, const uint32_t *rows, size_t n, int32_t *low,
                    int32_t *high)
{
    *low = INT32_MAX;
    *high = NO_SMALL;
    for (size_t i = 0; i < n; i++) {
        int32_t epoch = t->epoch[rows[i]];
        if (epoch == NO_SMALL)
            continue;
        *low = epoch < *low ? epoch : *low;
        *high = epoch > *high ? epoch : *high;
    }
    return *high != NO_SMALL;
}
