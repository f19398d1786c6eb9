#include "analysis/trajectories/vocabulary.h"

#include <stdint.h>

#include "analysis/base/banned.h"
#include "analysis/base/scan.h"

enum { WORD_MAX = 64, HEAD_MAX = 512, LINE_MAX = 120 };

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

enum where { START, LINE };

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
    if (!line)
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
    enum returned class = by_phrases(text);
    return class == RETURN_NORMAL && is_raised(text) ? RETURN_ERROR : class;
}

static struct str lowered(struct str text, char out[HEAD_MAX])
{
    text = str_cut(str_trim(text), HEAD_MAX);
    for (size_t i = 0; i < text.n; i++)
        out[i] = lower(text.p[i]);
    return (struct str){out, text.n};
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
