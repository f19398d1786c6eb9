#include "analysis/trajectories/vocabulary.h"

#include <stdint.h>

#include "analysis/base/banned.h"
#include "analysis/base/scan.h"

enum { WORD_MAX = 64, HEAD_MAX = 512, LINE_MAX = 120, ENOUGH = 128 };
_Static_assert((int)ENOUGH > (int)LINE_MAX, "what was cut is no line");

const char *const ending_names[ENDINGS_N] = {
#define X(constant, name, what) [ENDING_##constant] = #name,
    ENDINGS(X)
#undef X
};

const char *const return_names[RETURNS_N] = {
#define X(constant, name) [RETURN_##constant] = #name,
    RETURNS(X)
#undef X
};

static const struct ending_row {
    const char *format, *word;
    enum end_class class;
} endings[] = {
#define X(format, word, class) {format, word, ENDING_##class},
#include "analysis/trajectories/endings.def"
#undef X
};

enum where { START, LINE, MEMBER };

static const struct return_row {
    enum returned class;
    enum where where;
    struct str phrase;
} returns[] = {
#define X(class, where, phrase) {RETURN_##class, where, {phrase, sizeof(phrase) - 1}},
#include "analysis/trajectories/returns.def"
#undef X
};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool is_letter(char c)
{
    return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

enum end_class end_class_of(const char *format, struct str reason)
{
    char word[WORD_MAX];
    size_t n = sizeof(endings) / sizeof(endings[0]);

    reason = str_trim(reason);
    if (reason.n == 0 || reason.n > WORD_MAX)
        return ENDING_UNKNOWN;
    for (size_t i = 0; i < reason.n; i++)
        word[i] = reason.p[i] == ' ' || reason.p[i] == '-' ? '_' : lower(reason.p[i]);
    struct str written = {word, reason.n};
    for (size_t i = 0; i < n; i++) { /* its own words first */
        if (*endings[i].format && strcmp(endings[i].format, format) == 0 &&
            str_is(written, endings[i].word))
            return endings[i].class;
    }
    for (size_t i = 0; i < n; i++) {
        if (!*endings[i].format && str_is(written, endings[i].word))
            return endings[i].class;
    }
    return ENDING_UNKNOWN;
}

/* "http 4" and "http 5" stand for a hundred numbers each: there a digit may follow. */
static bool ends_word(struct str text, size_t at, struct str phrase)
{
    char last = phrase.p[phrase.n - 1];

    if (at >= text.n || !is_letter(last))
        return true;
    if (last >= '0' && last <= '9')
        return !is_letter(text.p[at]) || (phrase.n == 6 && text.p[at] >= '0' && text.p[at] <= '9');
    return !is_letter(text.p[at]);
}

/* A short line, in which a phrase may stand anywhere. */
static bool is_line(struct str text)
{
    return text.n <= LINE_MAX && !memchr(text.p, '\n', text.n);
}

static bool has_phrase(struct str text, bool line, const struct return_row *row)
{
    struct str phrase = row->phrase;

    if (row->where == START)
        return text.p[0] == phrase.p[0] && str_starts(text, phrase) &&
               ends_word(text, phrase.n, phrase);
    if (row->where == MEMBER || !line)
        return false;
    const char *at = memmem(text.p, text.n, phrase.p, phrase.n);
    return at && (at == text.p || !is_letter(at[-1])) &&
           ends_word(text, (size_t)(at - text.p) + phrase.n, phrase);
}

static enum returned by_phrases(struct str text)
{
    bool line = is_line(text);

    for (size_t i = 0; i < sizeof(returns) / sizeof(returns[0]); i++) {
        if (has_phrase(text, line, &returns[i]))
            return returns[i].class;
    }
    return RETURN_NORMAL;
}

static bool is_quote(struct str text)
{
    return str_starts(text, STR("\"")) || str_starts(text, STR("'"));
}

/* What stands behind {"name": in the text; *value is the rest of it, a quote in front aside. */
static bool first_member(struct str text, struct str name, struct str *value)
{
    text = str_trim(str_from(text, 1));
    if (!is_quote(text) || !str_starts(str_from(text, 1), name))
        return false;
    struct str quote = str_cut(text, 1);
    text = str_from(text, 1 + name.n);
    if (!str_starts(text, quote))
        return false;
    text = str_trim(str_from(text, 1));
    if (!str_starts(text, STR(":")))
        return false;
    text = str_trim(str_from(text, 1));
    *value = str_trim(str_from(text, is_quote(text)));
    return true;
}

/* The value as far as its end: "null pointer" is not null. */
static bool is_only(struct str value, struct str word)
{
    struct str rest = str_trim(str_from(value, word.n));

    return str_starts(value, word) && (rest.n == 0 || strchr("\"',}", rest.p[0]));
}

/* Is there anything in the value: no null, false, 0, and not empty? */
static bool says_something(struct str value)
{
    if (is_only(value, STR("null")) || is_only(value, STR("none")) ||
        is_only(value, STR("false")) || is_only(value, STR("0")))
        return false;
    bool container = str_starts(value, STR("{")) || str_starts(value, STR("["));
    value = str_trim(str_from(value, container));
    return value.n > 0 && !strchr(container ? "]}" : "\"',}", value.p[0]);
}

/* {"error": "…"}: an answer that is a fault and nothing else, or that begins with one. */
static enum returned by_member(struct str text)
{
    struct str value;

    for (size_t i = 0; i < sizeof(returns) / sizeof(returns[0]); i++) {
        if (returns[i].where != MEMBER || !first_member(text, returns[i].phrase, &value) ||
            !says_something(value))
            continue;
        enum returned class = by_phrases(value);
        return class == RETURN_NORMAL ? returns[i].class : class;
    }
    return RETURN_NORMAL;
}

/* "ValueError: …", "requests.exceptions.HTTPError: …": a dotted name that ends so, and a colon. */
static bool is_raised(struct str text)
{
    size_t n = 0;

    while (n < text.n && (is_letter(text.p[n]) || text.p[n] == '.'))
        n++;
    struct str name = str_cut(text, n);
    return n < text.n && text.p[n] == ':' &&
           (str_ends(name, STR("error")) || str_ends(name, STR("exception")));
}

/* text: the beginning, in lower case, without blanks around it */
static enum returned class_of(struct str text)
{
    if (text.n == 0)
        return RETURN_EMPTY;
    if (str_starts(text, STR("error:"))) { /* what error, if it says */
        struct str bare = str_trim(str_from(text, 6));
        enum returned class = bare.n ? by_phrases(bare) : RETURN_ERROR;
        if (class != RETURN_NORMAL)
            return class;
    }
    enum returned class = text.p[0] == '{' ? by_member(text) : RETURN_NORMAL;
    class = class == RETURN_NORMAL ? by_phrases(text) : class;
    return class == RETURN_NORMAL && is_raised(text) ? RETURN_ERROR : class;
}

/*
 * Of a text too long to be a line only its beginning is looked at: as far as
 * the longest phrase reaches, or a name that may be one of an exception.
 */
static struct str that_matters(struct str text)
{
    size_t n = 0;

    if (text.n <= ENOUGH || lower(text.p[0]) == 'e' || text.p[0] == '{')
        return text; /* "error:" is taken off, and {"error": */
    while (n < text.n && (is_letter(text.p[n]) || text.p[n] == '.'))
        n++;
    return str_cut(text, n < ENOUGH ? ENOUGH : HEAD_MAX);
}

static struct str lowered(struct str text, char out[HEAD_MAX])
{
    const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
    size_t i = 0;

    text = that_matters(str_cut(str_trim(text), HEAD_MAX));
    for (; i + 8 <= text.n; i += 8) { /* the top bit of a byte says: at least 'A', more than 'Z' */
        uint64_t word;
        memcpy(&word, text.p + i, 8);
        uint64_t low = word & ~tops;
        uint64_t upper = (low + ones * (0x80 - 'A')) & ~(low + ones * (0x7f - 'Z')) & ~word & tops;
        word |= upper >> 2; /* 0x20: the other case */
        memcpy(out + i, &word, 8);
    }
    for (; i < text.n; i++)
        out[i] = lower(text.p[i]);
    return (struct str){out, text.n};
}

/* How the rows of returns.def that ask for a beginning begin: all that is_long_and_normal tells. */
static bool may_begin_phrase(char first, char second)
{
    static const char openings[] = "tihtcotrerexfatoanuninpeba40";

    for (size_t i = 0; i + 1 < sizeof(openings); i += 2) {
        if (openings[i] == lower(first) && openings[i + 1] == lower(second))
            return true;
    }
    return false;
}

/*
 * More than LINE_MAX bytes when it is decoded and the blanks behind it are off:
 * an escape makes six bytes into one at worst, and among the last of FRONT bytes
 * stands one that is no blank and no part of an escape.
 */
static bool is_no_line(struct str text)
{
    enum { FRONT = 160, TAIL_OF = 16, ESCAPES = (FRONT - TAIL_OF / 2 - LINE_MAX) / 5 };
    unsigned char escapes = 0, last = 0, visible = 0; /* bytes: sixteen are added at once */

    if (text.n < FRONT)
        return false;
    for (size_t i = 0; i < FRONT; i++)
        escapes = (unsigned char)(escapes + (text.p[i] == '\\'));
    for (size_t i = FRONT - TAIL_OF; i < FRONT; i++)
        last = (unsigned char)(last + (text.p[i] == '\\'));
    for (size_t i = FRONT - TAIL_OF / 2; i < FRONT; i++)
        visible = (unsigned char)(visible + ((unsigned char)text.p[i] > ' '));
    return escapes <= ESCAPES && last == 0 && visible > 0;
}

/*
 * text: as it stands in the file, without its quotes and the blanks in front. Most
 * returns are long texts that begin like none of the rows: with more than a line
 * and no name of an exception in front they are normal, and need not be decoded.
 */
static bool is_long_and_normal(struct str text)
{
    size_t n = 0;

    if (!is_no_line(text) || may_begin_phrase(text.p[0], text.p[1]))
        return false;
    while (n < LINE_MAX && (is_letter(text.p[n]) || text.p[n] == '.'))
        n++;
    return n >= 2 && n < LINE_MAX && text.p[n] != ':' && text.p[n] != '\\';
}

enum returned return_of_text(struct str text)
{
    char head[HEAD_MAX];

    return class_of(lowered(text, head));
}

enum returned return_of(struct str value, bool *malformed)
{
    char decoded[HEAD_MAX], head[HEAD_MAX];
    struct str text = str_trim(value);

    *malformed = false;
    if (text.n >= 2 && text.p[0] == '"') {
        text = (struct str){text.p + 1, text.n - 2};
        while (text.n && (unsigned char)text.p[0] <= ' ')
            text = str_from(text, 1);
        if (is_long_and_normal(text))
            return RETURN_NORMAL;
        text = str_cut(text, HEAD_MAX);
        if (text.n && memchr(text.p, '\\', text.n))
            text = (struct str){decoded, scan_unescape(text, decoded)};
    } else if (str_is(text, "null")) {
        text.n = 0;
    }
    text = lowered(text, head);
    *malformed = str_starts(text, STR("tool call parsing failed")) ||
                 str_starts(text, STR("invalid tool call")) ||
                 str_starts(text, STR("error: tool call parsing failed"));
    return class_of(text);
}
