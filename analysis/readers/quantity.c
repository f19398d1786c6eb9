#include "analysis/readers/quantity.h"

#include <math.h>

#include "analysis/base/ascii.h"
#include "analysis/base/number.h"

enum family { NONE, COUNT, TIME, BYTES, SHARE, RATE };

static const struct unit {
    const char *name;
    enum family family;
    double factor;
} units[] = {
    {"", NONE, 1},          {"ms", TIME, 1e-3},     {"s", TIME, 1},         {"sec", TIME, 1},
    {"secs", TIME, 1},      {"us", TIME, 1e-6},     {"ns", TIME, 1e-9},     {"m", TIME, 60},
    {"min", TIME, 60},      {"mins", TIME, 60},     {"h", TIME, 3600},      {"hours", TIME, 3600},
    {"%", SHARE, 1},        {"K", COUNT, 1e3},      {"k", COUNT, 1e3},      {"M", COUNT, 1e6},
    {"G", COUNT, 1e9},      {"B", COUNT, 1e9},      {"T", COUNT, 1e12},     {"KiB", BYTES, 0x1p10},
    {"MiB", BYTES, 0x1p20}, {"GiB", BYTES, 0x1p30}, {"TiB", BYTES, 0x1p40}, {"KB", BYTES, 1e3},
    {"MB", BYTES, 1e6},     {"GB", BYTES, 1e9},     {"TB", BYTES, 1e12},    {"it/s", RATE, 1},
    {"s/it", RATE, 1},      {"tok/s", RATE, 1},     {"tokens/s", RATE, 1},  {"samples/s", RATE, 1},
    {"x", RATE, 1},
};
enum { UNITS = sizeof(units) / sizeof(units[0]), DIGITS_MAX = 40 };

const char *quantity_unit(uint8_t unit)
{
    return unit < UNITS ? units[unit].name : "";
}

double quantity_ratio(uint8_t from, uint8_t to)
{
    if (from >= UNITS || to >= UNITS || units[from].family != units[to].family)
        return 1;
    return units[from].factor / units[to].factor;
}

static bool is_any(char c, const char *of)
{
    return c != '\0' && strchr(of, c) != NULL;
}

/* What may stand behind a quantity. */
static bool is_boundary(struct str rest)
{
    return rest.n == 0 || (unsigned char)*rest.p <= ' ' || is_any(*rest.p, ",|)];}");
}

/* nan, inf and their spellings, with a sign; 0 if it is none of them. */
static size_t read_word(struct str text, struct quantity *out)
{
    static const struct {
        const char *word;
        double value;
    } words[] = {{"infinity", (double)INFINITY}, {"inf", (double)INFINITY}, {"nan", (double)NAN}};
    size_t sign = text.n > 0 && (*text.p == '-' || *text.p == '+');
    struct str rest = str_from(text, sign);

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        size_t n = 0, length = strlen(words[i].word);
        while (n < length && n < rest.n && (rest.p[n] | 0x20) == words[i].word[n])
            n++;
        if (n < length)
            continue;
        out->value = sign && *text.p == '-' ? -words[i].value : words[i].value;
        return sign + n;
    }
    return 0;
}

/* Digits that JSON's grammar does not take: mended into a copy. 0 if they are no number. */
static size_t read_mended(struct str text, double *value)
{
    char copy[DIGITS_MAX + 2];
    size_t n = 0, at = 0;

    if (at < text.n && (text.p[at] == '-' || text.p[at] == '+')) {
        if (text.p[at] == '-')
            copy[n++] = '-';
        at++;
    }
    size_t whole = at;
    while (at + 1 < text.n && text.p[at] == '0' && is_digit(text.p[at + 1]))
        at++;
    if (at < text.n && text.p[at] == '.')
        copy[n++] = '0';
    for (; at < text.n && n < DIGITS_MAX; at++) {
        struct str after = str_from(text, at + 1);
        if (text.p[at] == ',') {
            bool group = at > whole && is_digit(text.p[at - 1]) && after.n >= 3 &&
                         is_digit(after.p[0]) && is_digit(after.p[1]) && is_digit(after.p[2]) &&
                         (after.n == 3 || !is_digit(after.p[3]));
            if (!group)
                break;
            continue;
        }
        if (text.p[at] == '.' && (after.n == 0 || !is_digit(*after.p))) {
            at++; /* "3." */
            break;
        }
        if (!is_digit(text.p[at]) && !is_any(text.p[at], ".eE+-"))
            break;
        copy[n++] = text.p[at];
    }
    size_t taken = n ? number_read((struct str){copy, n}, value) : 0;
    /* what number_read left over stands behind the number */
    return taken == 0 ? 0 : at - (n - taken);
}

/* "1,234,567": `n` digits, then groups of three; 0 if it is not so plain. */
static size_t read_groups(struct str text, size_t n, double *value)
{
    int64_t sum = 0;

    if (n > 3 || *text.p == '0')
        return 0;
    for (size_t i = 0; i < n; i++) {
        if (!is_digit(text.p[i]))
            return 0;
        sum = sum * 10 + (text.p[i] - '0');
    }
    for (size_t groups = 0; groups < 5 && n + 3 < text.n && text.p[n] == ','; groups++) {
        const char *p = text.p + n + 1;
        if (!is_digit(p[0]) || !is_digit(p[1]) || !is_digit(p[2]))
            break;
        sum = sum * 1000 + (p[0] - '0') * 100 + (p[1] - '0') * 10 + (p[2] - '0');
        n += 4;
    }
    if (n < text.n && (is_digit(text.p[n]) || is_any(text.p[n], ",.eE+-")))
        return 0;
    *value = (double)sum;
    return n;
}

size_t quantity_digits(struct str text, double *value)
{
    size_t n = number_read(text, value);

    if (n > 0 && n < text.n && text.p[n] == ',') {
        size_t groups = read_groups(text, n, value);
        return groups ? groups : read_mended(text, value);
    }
    if (n > 0 && n < text.n && (is_digit(text.p[n]) || text.p[n] == ',' || text.p[n] == '.'))
        return read_mended(text, value);
    if (n == 0 && text.n > 1 && (*text.p == '.' || *text.p == '+' || *text.p == '-'))
        return read_mended(text, value);
    return n;
}

/* The unit behind a number; false if letters stand there that are none. */
static bool read_unit(struct str rest, uint8_t *unit, size_t *taken)
{
    size_t n = 0;

    *unit = 0;
    *taken = 0;
    if (rest.n == 0 || (unsigned char)*rest.p <= ' ')
        return true;
    while (n < rest.n && (is_letter(rest.p[n]) || rest.p[n] == '%' || rest.p[n] == '/'))
        n++;
    for (size_t i = 0; i < UNITS && n > 0; i++) {
        if (n == strlen(units[i].name) && memcmp(rest.p, units[i].name, n) == 0) {
            *unit = (uint8_t)i;
            *taken = n;
            return true;
        }
    }
    return n == 0;
}

size_t quantity_unit_word(struct str text, uint8_t *unit)
{
    size_t n;

    if (!read_unit(text, unit, &n) || !is_boundary(str_from(text, n)))
        return 0;
    return units[*unit].family == TIME || units[*unit].family == RATE ? n : 0;
}

/* "np.float64(0.5)": bytes up to the number, 0 if it is no such thing. */
static size_t wrapper(struct str text)
{
    size_t n = 0;

    while (n < text.n && n < 24 &&
           (is_letter(text.p[n]) || is_digit(text.p[n]) || text.p[n] == '.'))
        n++;
    return n > 0 && n < text.n && text.p[n] == '(' ? n + 1 : 0;
}

/* Of "5/100": the second number with its slash, blanks between. */
static size_t of_total(struct str rest)
{
    size_t n = 1;

    if (rest.n < 2 || *rest.p != '/' || !is_digit(rest.p[1]))
        return 0;
    while (n < rest.n && (is_digit(rest.p[n]) || rest.p[n] == ','))
        n++;
    return n;
}

/* "(40%)" behind a number. */
static size_t in_brackets(struct str rest)
{
    const char *end = rest.n && *rest.p == '(' ? memchr(rest.p, ')', rest.n < 32 ? rest.n : 32) : 0;

    return end ? (size_t)(end - rest.p) + 1 : 0;
}

size_t quantity_read(struct str text, struct quantity *out)
{
    size_t at, taken;

    *out = (struct quantity){.kind = QUANTITY_NUMBER};
    if (text.n == 0)
        return 0;
    if (is_letter(*text.p)) {
        size_t inside = wrapper(text);
        if (inside > 0) {
            at = quantity_read(str_from(text, inside), out);
            struct str rest = str_from(text, inside + at);
            const char *end = at ? memchr(rest.p, ')', rest.n < 40 ? rest.n : 40) : NULL;
            return end ? (size_t)(end - text.p) + 1 : 0;
        }
        if (str_starts(text, STR("None")) || str_starts(text, STR("null"))) {
            out->kind = QUANTITY_MISSING;
            return is_boundary(str_from(text, 4)) ? 4 : 0;
        }
    }
    at = quantity_digits(text, &out->value);
    if (at == 0)
        at = read_word(text, out);
    if (at == 0)
        return 0;
    if (at < text.n && text.p[at] == '/')
        at += of_total(str_from(text, at));
    if (!read_unit(str_from(text, at), &out->unit, &taken))
        return 0;
    at += taken;
    at += in_brackets(str_from(text, at));
    if (!is_boundary(str_from(text, at)))
        return 0;
    if (units[out->unit].family == COUNT) {
        out->value *= units[out->unit].factor;
        out->unit = 0;
    }
    return at;
}
