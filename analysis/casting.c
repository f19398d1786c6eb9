#include "analysis/casting.h"

enum { CURVE_MIN = 20 }; /* points that a check of a reward needs */

static bool clearly_more(size_t a, size_t b)
{
    return a >= 4 * b || (a > 1 && b == 1);
}

static bool plays_better(const struct casting *c, enum role role, size_t rank, size_t points)
{
    if (!c->name[role].p || clearly_more(points, c->points[role]))
        return true;
    return rank < c->rank[role] && !clearly_more(c->points[role], points);
}

/* The Trainer's name for the loss on one of several evaluation sets: eval_NAME_loss. */
static bool is_of_a_set(struct str name)
{
    return str_starts(name, STR("eval_")) && str_ends(name, STR("_loss")) &&
           name.n > sizeof("eval__loss") - 1;
}

static void cast(struct casting *c, struct str name, size_t points)
{
    enum role role = role_of(name);

    if (role == ROLES && points > 1 && is_of_a_set(name) && c->sets++ == 0)
        c->set = name;

    if (role == ROLES && points > c->may_score_points && role_may_score(name)) {
        c->may_score = name;
        c->may_score_points = points;
    }
    for (int i = 0; c->checks && i < ROLES; i++) {
        if (c->checks->role[i] && str_is(name, c->checks->role[i]))
            c->name[i] = name;
    }
    if (role == ROLES || (c->checks && c->checks->role[role]) ||
        !plays_better(c, role, role_rank(name), points))
        return;
    c->name[role] = name;
    c->rank[role] = role_rank(name);
    c->points[role] = points;
}

bool cast_roles(const struct checks *checks, const struct rows_view *rows,
                const struct history *history, struct arena *arena, struct casting *c,
                struct err *err)
{
    *c = (struct casting){.checks = checks};
    for (size_t i = 0; rows && i < rows_keys(rows); i++) {
        if (rows_points(rows, i) > 0)
            cast(c, rows_key(rows, i), rows_points(rows, i));
    }
    for (size_t i = 0; history && i < history->keys_n; i++) {
        if (history->keys[i].n > 0)
            cast(c, history->keys[i].name, history->keys[i].n);
    }
    if (!c->name[ROLE_VALIDATION_LOSS].p)
        c->name[ROLE_VALIDATION_LOSS] = c->set;
    else
        c->sets = 0; /* there is one for all */
    /* where a reward is trained on, an accuracy on held-out data is the score beside it */
    if (!c->name[ROLE_HELD_OUT_SCORE].p && c->name[ROLE_REWARD].p)
        c->name[ROLE_HELD_OUT_SCORE] = c->name[ROLE_VALIDATION_ACCURACY];
    if (!(c->checks && c->checks->role[ROLE_REWARD]) && c->points[ROLE_REWARD] < CURVE_MIN &&
        c->points[ROLE_EPISODE_REWARD] > c->points[ROLE_REWARD]) {
        c->name[ROLE_REWARD] = c->name[ROLE_EPISODE_REWARD];
        c->points[ROLE_REWARD] = c->points[ROLE_EPISODE_REWARD];
    }
    for (int i = 0; c->checks && i < ROLES; i++) {
        if (c->checks->role[i] && !c->name[i].p)
            return err_set(err, ERR_ARGUMENT,
                           "checks.roles.%s: '%s' is not logged; describe_experiment lists what is",
                           role_name((enum role)i, arena), c->checks->role[i]);
    }
    return true;
}
