#include "analysis/casting.h"

#include "analysis/base/vec.h"

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

static const struct part_name {
    enum role role;
    const char *before, *box; /* without the box's there is no such program */
} part_names[2] = {
    {ROLE_TRAIN_LOSS, "train/", "train/box_loss"},
    {ROLE_VALIDATION_LOSS, "val/", "val/box_loss"},
};

static void note_part(struct loss_parts *parts, struct str before, struct str name, size_t points)
{
    if (!str_starts(name, before) || !str_ends(name, STR("_loss")) ||
        memchr(name.p + before.n, '/', name.n - before.n))
        return;
    if (parts->n == PARTS_MAX || (parts->n > 0 && parts->points != points))
        parts->unlike = true;
    else
        parts->name[parts->n++] = name;
    parts->points = points;
}

/* A name without a role: what it may be all the same. */
static void note(struct casting *c, struct str name, size_t points)
{
    const char *alias;
    enum role like = role_like(name, &alias);

    for (size_t i = 0; i < 2; i++)
        note_part(&c->part[i], str_of(part_names[i].before), name, points);
    if (str_is(name, "train/entropy_loss"))
        c->entropy_loss = name;
    if (like == ROLES || (c->alike_n[like] > 0 && str_eq(c->alike[like], name)))
        return; /* rows and history may both have it */
    if (c->alike_n[like]++ > 0)
        return;
    c->alike[like] = name;
    c->as[like] = alias;
}

static void cast(struct casting *c, struct str name, size_t points)
{
    enum role role = role_of(name);

    if (role == ROLES)
        note(c, name, points);
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

static void look_again(struct casting *c)
{
    for (int role = 0; role < ROLES; role++) {
        c->spelled[role] = !c->name[role].p && c->alike_n[role] == 1;
        if (!c->spelled[role])
            continue;
        c->name[role] = c->alike[role];
        if (c->may_score.p && str_eq(c->may_score, c->alike[role]))
            c->may_score.p = NULL;
    }
    for (size_t i = 0; i < 2; i++) {
        struct loss_parts *parts = &c->part[i];
        bool boxed = false;
        for (size_t k = 0; k < parts->n; k++)
            boxed |= str_is(parts->name[k], part_names[i].box);
        if (!boxed || parts->unlike || c->name[part_names[i].role].p)
            parts->n = 0;
    }
    if (c->name[ROLE_ENTROPY].p)
        c->entropy_loss.p = NULL;
}

static void take_accuracy_as_score(struct casting *c)
{
    if (!c->name[ROLE_HELD_OUT_SCORE].p && c->name[ROLE_REWARD].p)
        c->name[ROLE_HELD_OUT_SCORE] = c->name[ROLE_VALIDATION_ACCURACY];
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
    take_accuracy_as_score(c);
    if (!(c->checks && c->checks->role[ROLE_REWARD]) && c->points[ROLE_REWARD] < CURVE_MIN &&
        c->points[ROLE_EPISODE_REWARD] > c->points[ROLE_REWARD]) {
        c->name[ROLE_REWARD] = c->name[ROLE_EPISODE_REWARD];
        c->points[ROLE_REWARD] = c->points[ROLE_EPISODE_REWARD];
    }
    look_again(c);
    take_accuracy_as_score(c);
    for (int i = 0; c->checks && i < ROLES; i++) {
        if (c->checks->role[i] && !c->name[i].p)
            return err_set(err, ERR_ARGUMENT,
                           "checks.roles.%s: '%s' is not logged; describe_experiment lists what is",
                           role_name((enum role)i, arena), c->checks->role[i]);
    }
    return true;
}

const struct loss_parts *casting_parts(const struct casting *c, enum role role)
{
    for (size_t i = 0; i < 2; i++) {
        if (part_names[i].role == role && c->part[i].n > 0)
            return &c->part[i];
    }
    return NULL;
}

bool casting_hints(const struct casting *c, enum role role)
{
    if (c->name[role].p || casting_parts(c, role))
        return false;
    return c->alike_n[role] > 1 || (role == ROLE_ENTROPY && c->entropy_loss.p);
}

/* "'train/box_loss' + 'train/cls_loss'" */
static const char *sum_text(const struct loss_parts *parts, struct arena *arena)
{
    const char *text = "";

    for (size_t i = 0; i < parts->n; i++)
        text = arena_printf(arena, "%s%s'%.*s'", text, i ? " + " : "",
                            STR_FMT(str_cut(parts->name[i], 80)));
    return text;
}

struct strs casting_say(const struct casting *c, struct arena *arena)
{
    VEC(const char *) said = {0};

    for (int role = 0; role < ROLES; role++) {
        const char *what = role_name((enum role)role, arena);
        const struct loss_parts *parts = casting_parts(c, (enum role)role);
        struct str name = str_cut(c->alike[role], 80);

        if (c->spelled[role])
            VEC_PUSH(arena, &said,
                     (const char *)arena_printf(
                         arena, "'%.*s' is taken as %s: it is '%s' but for case and separators",
                         STR_FMT(name), what, c->as[role]));
        else if (parts)
            VEC_PUSH(arena, &said,
                     (const char *)arena_printf(
                         arena,
                         "no total of %s is logged: it is the sum of its parts as they stand, %s",
                         what, sum_text(parts, arena)));
        else if (casting_hints(c, (enum role)role) && role != ROLE_ENTROPY)
            VEC_PUSH(arena, &said,
                     (const char *)arena_printf(
                         arena,
                         "%zu series may be %s by their names ('%.*s', …), so none is taken; "
                         "checks.roles can name one",
                         c->alike_n[role], what, STR_FMT(name)));
    }
    if (casting_hints(c, ROLE_ENTROPY) && c->alike_n[ROLE_ENTROPY] < 2)
        VEC_PUSH(arena, &said,
                 (const char *)arena_printf(
                     arena, "'%.*s' is minus the entropy: it is shown, not judged as entropy",
                     STR_FMT(c->entropy_loss)));
    return (struct strs){said.v, said.n};
}
