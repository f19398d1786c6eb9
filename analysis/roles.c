#include "analysis/roles.h"

#include <string.h>
#include <strings.h>

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

/* A whole word between separators, at any case. */
static bool has_word(struct str name, const char *const *words)
{
    for (size_t from = 0, to = 0; from < name.n; from = to + 1) {
        for (to = from; to < name.n && !strchr("/_-.@ ", name.p[to]);)
            to++;
        for (size_t i = 0; words[i]; i++) {
            if (to - from == strlen(words[i]) &&
                strncasecmp(name.p + from, words[i], to - from) == 0)
                return true;
        }
    }
    return false;
}

bool role_may_score(struct str name)
{
    static const char *const held_out[] = {"eval", "evaluation", "val",     "valid", "validation",
                                           "test", "held",       "heldout", NULL};
    static const char *const score[] = {"accuracy", "acc",     "score",   "scores",
                                        "pass",     "reward",  "rewards", "success",
                                        "solved",   "correct", "return",  NULL};
    static const char *const other[] = {"std", "stderr", "var", "min", "max", "loss", "time", NULL};

    return role_of(name) == ROLES && has_word(name, held_out) && has_word(name, score) &&
           !has_word(name, other);
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
