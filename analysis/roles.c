#include "analysis/roles.h"

static const struct alias {
    struct str name;
    const char *word; /* the role's */
    enum role role;
    enum direction direction;
} aliases[] = {
#define X(role_, name_, direction_) {{"" name_, sizeof(name_) - 1}, #role_, role_, direction_},
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

size_t role_names_n(void)
{
    return ALIASES;
}

const char *role_name_at(size_t i)
{
    return aliases[i].name.p;
}

/* ROLE_TRAIN_LOSS is train_loss. */
const char *role_name(enum role role, struct arena *arena)
{
    static const size_t prefix = sizeof("ROLE_") - 1;
    const struct alias *alias = first_of(role);
    char *name = arena_text(arena, str_of(alias ? alias->word + prefix : ""));

    for (char *p = name; *p; p++)
        *p = (char)(*p >= 'A' && *p <= 'Z' ? *p - 'A' + 'a' : *p);
    return name;
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
