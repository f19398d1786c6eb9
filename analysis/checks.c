#include "analysis/checks.h"

#include <math.h>

#include "analysis/base/nearest.h"

static const struct known {
    const char *name, *what;
    double def, least, most;
} known[] = {
#define X(id, name_, def_, least_, most_, what_) {name_, what_, def_, least_, most_},
#include "analysis/thresholds.def"
#undef X
};

const char *threshold_name(enum threshold threshold)
{
    return known[threshold].name;
}

const char *threshold_what(enum threshold threshold)
{
    return known[threshold].what;
}

double threshold_default(enum threshold threshold)
{
    return known[threshold].def;
}

static bool unknown(const char *what, struct str name, const char *const *names, size_t n,
                    struct err *err)
{
    const char *nearest = name_nearest(name, names, n);

    return err_set(err, ERR_ARGUMENT, "checks: there is no %s '%.*s'%s%s%s", what,
                   STR_FMT(str_cut(name, 80)), nearest ? "; did you mean '" : "",
                   nearest ? nearest : "", nearest ? "'?" : "");
}

/* A role is a word of this program's, not of the log's: one that is an alias says whose. */
static bool unknown_role(struct str name, const char *const names[ROLES], struct arena *arena,
                         struct err *err)
{
    enum role of_alias = role_like(name, NULL);
    const char *nearest = of_alias < ROLES ? names[of_alias] : name_nearest(name, names, ROLES);
    const char *all = "";

    for (int role = 0; role < ROLES; role++)
        all = arena_printf(arena, "%s%s%s", all, role ? ", " : "", names[role]);
    return err_set(err, ERR_ARGUMENT, "checks: there is no role '%.*s'%s%s%s; the roles are %s",
                   STR_FMT(str_cut(name, 80)), nearest ? "; did you mean '" : "",
                   nearest ? nearest : "", nearest ? "'?" : "", all);
}

static bool read_role(const struct json *member, struct arena *arena, struct checks *out,
                      struct err *err)
{
    const char *names[ROLES];

    if (member->kind != JSON_STRING)
        return err_set(err, ERR_ARGUMENT, "checks.roles.%.*s must be the name of a series",
                       STR_FMT(str_cut(member->key, 80)));
    for (int role = 0; role < ROLES; role++) {
        names[role] = role_name((enum role)role, arena);
        if (!str_is(member->key, names[role]))
            continue;
        out->role[role] = arena_text(arena, json_text(arena, member));
        return true;
    }
    return unknown_role(member->key, names, arena, err);
}

static bool read_threshold(const struct json *member, struct checks *out, struct err *err)
{
    const char *names[THRESHOLDS];
    double value;

    for (int i = 0; i < THRESHOLDS; i++) {
        names[i] = known[i].name;
        if (!str_is(member->key, names[i]))
            continue;
        if (!json_number(member, &value) || !(value >= known[i].least && value <= known[i].most))
            return err_set(err, ERR_ARGUMENT, "checks.thresholds.%s must be a number from %g to %g",
                           known[i].name, known[i].least, known[i].most);
        out->threshold[i] = value;
        return true;
    }
    return unknown("threshold", member->key, names, THRESHOLDS, err);
}

static bool read_part(const struct json *part, struct arena *arena, struct checks *out,
                      struct err *err)
{
    bool roles = str_is(part->key, "roles");

    if (!roles && !str_is(part->key, "thresholds"))
        return err_set(err, ERR_ARGUMENT, "checks has the members roles and thresholds, not '%.*s'",
                       STR_FMT(str_cut(part->key, 80)));
    if (part->kind != JSON_OBJECT)
        return err_set(err, ERR_ARGUMENT, "checks.%s must be an object",
                       roles ? "roles" : "thresholds");
    json_each (member, part) {
        if (roles ? !read_role(member, arena, out, err) : !read_threshold(member, out, err))
            return false;
    }
    return true;
}

bool checks_read(const struct json *object, struct arena *arena, struct checks *out,
                 struct err *err)
{
    *out = (struct checks){0};
    for (int i = 0; i < THRESHOLDS; i++)
        out->threshold[i] = (double)NAN;
    if (!object || object->kind == JSON_NULL)
        return true;
    if (object->kind != JSON_OBJECT)
        return err_set(err, ERR_ARGUMENT, "checks must be an object with roles and thresholds");
    json_each (part, object) {
        if (!read_part(part, arena, out, err))
            return false;
    }
    return true;
}

size_t checks_say(const struct checks *checks, struct arena *arena,
                  const char *out[ROLES + THRESHOLDS])
{
    size_t n = 0;

    for (int role = 0; checks && role < ROLES; role++) {
        if (checks->role[role])
            out[n++] = arena_printf(arena, "set by checks: '%s' is taken as %s", checks->role[role],
                                    role_name((enum role)role, arena));
    }
    for (int i = 0; checks && i < THRESHOLDS; i++) {
        if (!isnan(checks->threshold[i]))
            out[n++] =
                arena_printf(arena, "set by checks: %s is %g (default %g): %s", known[i].name,
                             checks->threshold[i], known[i].def, known[i].what);
    }
    return n;
}
