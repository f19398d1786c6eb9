#include "analysis/roles.h"

static const struct alias {
    struct str name;
    enum role role;
    enum direction direction;
} aliases[] = {
#define X(role_, name_, direction_) {{"" name_, sizeof(name_) - 1}, role_, direction_},
#include "analysis/roles.def"
#undef X
};

enum { ALIASES = sizeof(aliases) / sizeof(aliases[0]) };

enum role role_of(struct str name)
{
    for (size_t i = 0; i < ALIASES; i++) {
        if (str_eq(aliases[i].name, name))
            return aliases[i].role;
    }
    return ROLES;
}

static const struct alias *first_of(enum role role)
{
    for (size_t i = 0; i < ALIASES; i++) {
        if (aliases[i].role == role)
            return &aliases[i];
    }
    return NULL;
}

const char *role_usual_name(enum role role)
{
    const struct alias *alias = first_of(role);

    return alias ? alias->name.p : "";
}

enum direction role_direction(enum role role)
{
    const struct alias *alias = first_of(role);

    return alias ? alias->direction : DIRECTION_UNKNOWN;
}

size_t role_rank(struct str name)
{
    for (size_t i = 0; i < ALIASES; i++) {
        if (str_eq(aliases[i].name, name))
            return i;
    }
    return ALIASES;
}
