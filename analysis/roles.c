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

static const char separators[] = "_.-/ \t";

static bool is_separator(char c)
{
    return c && strchr(separators, c);
}

static char lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

/* The next character that counts, at *at, and past it; 0 at the end. */
static char next_of(struct str name, size_t *at)
{
    while (*at < name.n && is_separator(name.p[*at]))
        ++*at;
    return *at < name.n ? lower(name.p[(*at)++]) : '\0';
}

static bool reads_alike(struct str a, struct str b)
{
    size_t i = 0, k = 0;

    for (;;) {
        char of_a = next_of(a, &i), of_b = next_of(b, &k);
        if (of_a != of_b)
            return false;
        if (!of_a)
            return true;
    }
}

/* Enough of a name that another spelling of it still means the same. */
static bool is_telling(struct str alias)
{
    enum { LETTERS_MIN = 4 };
    size_t letters = 0, word = 0;

    for (size_t i = 0; i <= alias.n; i++) {
        bool ends = i == alias.n || is_separator(alias.p[i]);
        if (ends && word == 1)
            return false;
        word = ends ? 0 : word + 1;
        letters += !ends;
    }
    return letters >= LETTERS_MIN;
}

enum role role_like(struct str name, const char **alias)
{
    enum role role = role_of(name);

    if (alias)
        *alias = NULL;
    for (size_t i = 0; role == ROLES && i < ALIASES; i++) {
        if (!reads_alike(aliases[i].name, name) || !is_telling(aliases[i].name))
            continue;
        if (alias)
            *alias = aliases[i].name.p;
        return aliases[i].role;
    }
    return role;
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
        *p = lower(*p);
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
