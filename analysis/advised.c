#include "analysis/advised.h"

#include <math.h>
#include <stdlib.h>
#include <strings.h>

#include "analysis/settings.h"

enum more { NEVER, IF_ABOVE, ALWAYS };

static const struct row {
    const char *words;
    enum advised setting;
    enum more more;
} rows[] = {
#define X(setting, more, words) {words, ADVISED_##setting, more},
#include "analysis/advised.def"
#undef X
};

static const struct row *row_of(const char *key)
{
    const char *dot = strrchr(key, '.'), *last = dot && dot[1] ? dot + 1 : key;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strcasecmp(last, rows[i].words) == 0)
            return &rows[i];
    }
    return NULL;
}

enum advised advised_setting(const char *key)
{
    const struct row *row = row_of(key);

    return row ? row->setting : setting_is_rate(key) ? ADVISED_RATE : ADVISED_OTHER;
}

bool advised_same(const char *a, const char *b)
{
    enum advised setting = advised_setting(a);

    return setting == ADVISED_OTHER ? strcmp(a, b) == 0 : setting == advised_setting(b);
}

bool advised_more(const struct advice *advice)
{
    const struct row *row = row_of(advice->key);

    if (!row || row->more == NEVER)
        return false;
    return row->more == ALWAYS ||
           (advice->from && advice->to && strtod(advice->to, NULL) > strtod(advice->from, NULL));
}

/* from and to as numbers; NAN where one is none. */
static double change_of(const struct advice *advice)
{
    if (!advice->from || !advice->to)
        return (double)NAN;
    return strtod(advice->to, NULL) - strtod(advice->from, NULL);
}

bool advised_higher_rate(const struct advice *advice)
{
    if (advised_setting(advice->key) != ADVISED_RATE)
        return false;
    return change_of(advice) > 0 || (advice->to && strcmp(advice->to, TIMES_THREE) == 0);
}

bool advised_less(const struct advice *advice)
{
    return advised_setting(advice->key) == ADVISED_LENGTH && change_of(advice) < 0;
}

bool advised_nothing(const struct advice *advice)
{
    double from = setting_number(str_of(advice->from)), to = setting_number(str_of(advice->to));

    if (!advice->from || !advice->to)
        return false;
    return strcmp(advice->from, advice->to) == 0 || (isfinite(from) && fabs(from - to) <= 0);
}
