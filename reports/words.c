#include "reports/words.h"

#include "analysis/base/quote.h"

#include <math.h>

const char *word_number(struct arena *arena, double value)
{
    double size = fabs(value);

    if (isnan(value))
        return "NaN";
    if (isinf(value))
        return value > 0 ? "Infinity" : "-Infinity";
    if (value == 0)
        return "0";
    if (size < 9007199254740992.0 && floor(value) == value)
        return arena_printf(arena, "%.0f", value);
    if (size >= 1e4 && size < 1e7)
        return arena_printf(arena, "%.0f", value);
    return arena_printf(arena, "%.4g", value);
}

const char *word_step(struct arena *arena, int64_t step)
{
    return arena_printf(arena, "%lld", (long long)step);
}

const char *word_count(struct arena *arena, int64_t n, const char *what)
{
    return arena_printf(arena, "%lld %s%s", (long long)n, what, n == 1 ? "" : "s");
}

const char *word_weight(struct arena *arena, const struct finding *finding)
{
    const char *points =
        finding->evidence.n_used > 0
            ? arena_printf(arena, ", %s", word_count(arena, finding->evidence.n_used, "point"))
            : "";

    return arena_printf(arena, "%s severity, confidence %.2f%s", severity_name(finding->severity),
                        finding->confidence, points);
}

const char *word_quote(struct arena *arena, struct str text, size_t characters)
{
    return quote_text(arena, text, characters);
}

struct str word_clause(const char *sentence)
{
    struct str s = str_trim(str_of(sentence));

    while (s.n > 0 && s.p[s.n - 1] == '.')
        s.n--;
    return s;
}
