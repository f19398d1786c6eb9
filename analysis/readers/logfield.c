/* The fields of a line that logline_read has begun. */
#include "analysis/readers/logline.h"

#include "analysis/base/ascii.h"

enum { KEY_MAX = 96, NAME_WORDS = 3, MEAN_BYTES = 40, BEHIND_BYTES = 2 * KEY_MAX };

/* ---- names and values ---- */

/* To where a name may begin. */
static void pass_separators(struct logline *line)
{
    const char *p = line->p;

    while (p < line->end &&
           (*p == ' ' || *p == '|' || *p == ',' || *p == '\t' || *p == ';' || *p == '[' ||
            *p == ']' || *p == '}' || (*p == '-' && p + 1 < line->end && p[1] == ' ')))
        p++;
    line->p = p;
}

/* Behind a name that is none, or a value that is no number. */
static void pass_token(struct logline *line)
{
    while (line->p < line->end && (unsigned char)*line->p > ' ' && *line->p != '|' &&
           *line->p != ',')
        line->p++;
}

static bool is_name(struct str key)
{
    return key.n > 0 && key.n <= KEY_MAX && (is_letter(*key.p) || *key.p == '_');
}

/* Of "loss 2.5 time" the name is "time": the number is the value of what stands before it. */
static struct str behind_numbers(struct str key)
{
    struct quantity number;

    /* What stands farther in front than a name is long does not matter: it would be none. */
    if (key.n > BEHIND_BYTES)
        key = str_from(key, key.n - BEHIND_BYTES);
    for (size_t i = key.n; i-- > 1;) {
        if (key.p[i] != '.' || !is_digit(key.p[i - 1]))
            continue;
        size_t word = i;
        while (word > 0 && (unsigned char)key.p[word - 1] > ' ')
            word--;
        size_t n = word > 0 ? quantity_read(str_from(key, word), &number) : 0;
        if (n > 0)
            return str_trim(str_from(key, word + n));
    }
    return key;
}

/* The name without what stands before the last mark between fields, or before a gap. */
static struct str name_of(const char *from, const char *to)
{
    struct str key = str_trim((struct str){from, (size_t)(to - from)});

    for (size_t i = key.n; i-- > 0;) {
        bool gap = key.p[i] == '\t' || (key.p[i] == ' ' && key.p[i + 1] == ' ');
        bool dash = key.p[i] == '-' && i + 1 < key.n && key.p[i + 1] == ' ';
        if (key.p[i] == '|' || key.p[i] == ',' || key.p[i] == '[' || key.p[i] == ';' || gap ||
            dash) {
            key = str_from(key, i + 1);
            break;
        }
    }
    return behind_numbers(str_trim(key));
}

/* "(3.98)" behind a value: the mean so far, or the share. */
static struct str pass_mean(struct str rest)
{
    struct str at = skip_blanks(rest);
    double value;

    if (at.n == 0 || *at.p != '(' || quantity_digits(skip_blanks(str_from(at, 1)), &value) == 0)
        return rest;
    const char *end = memchr(at.p, ')', at.n < MEAN_BYTES ? at.n : MEAN_BYTES);
    return end ? str_from(at, (size_t)(end - at.p) + 1) : rest;
}

static bool take_value(struct logline *line, struct logfield *out)
{
    struct str rest = skip_blanks((struct str){line->p, (size_t)(line->end - line->p)});
    size_t n = quantity_read(rest, &out->quantity);

    if (n == 0 && rest.n > 1 && *rest.p == '[') { /* an array of one: "[21.]" */
        struct str only = skip_blanks(str_from(rest, 1));
        size_t digits = quantity_read(only, &out->quantity);
        struct str behind = skip_blanks(str_from(only, digits));
        bool one = digits > 0 && behind.n > 0 && *behind.p == ']';
        rest = one ? only : rest;
        n = one ? digits : 0;
    }
    out->at = rest.p;
    line->p = n ? pass_mean(str_from(rest, n)).p : rest.p;
    if (n == 0)
        pass_token(line);
    return n > 0;
}

static bool keyed_field(struct logline *line, struct str guess, struct logfield *out)
{
    for (;;) {
        pass_separators(line);
        size_t left = (size_t)(line->end - line->p);
        if (left == 0)
            return false;
        if (guess.n > 0 && left > guess.n && line->p[guess.n] == ':' &&
            memcmp(line->p, guess.p, guess.n) == 0) {
            out->key = (struct str){line->p, guess.n};
            line->p += guess.n + 1;
        } else {
            const char *at = line->p;
            while (at < line->end && *at != ':' && *at != '=')
                at++;
            if (at == line->end)
                return false;
            out->key = name_of(line->p, at);
            line->p = at + 1;
        }
        if (take_value(line, out) && is_name(out->key))
            return true;
    }
}

/* "12.5 ms": the unit as a word of its own; "12.5 s 3" has a metric called s. */
static struct str pass_unit_word(struct str rest, struct quantity *quantity)
{
    struct str at = skip_blanks(rest);
    struct quantity next;
    uint8_t unit;
    size_t n = quantity_unit_word(at, &unit);

    if (quantity->unit != 0 || n == 0 || quantity_read(skip_blanks(str_from(at, n)), &next) > 0)
        return rest;
    quantity->unit = unit;
    return str_from(at, n);
}

/* The words up to a number, and the number: true if there are such. */
static bool words_and_number(struct str text, struct logfield *out, struct str *rest)
{
    struct str at = text;
    size_t n = 0;

    for (size_t words = 0; words <= NAME_WORDS && at.n > 0; words++) {
        n = quantity_read(at, &out->quantity);
        if (n > 0) {
            out->key = str_trim(str_cut(text, (size_t)(at.p - text.p)));
            out->at = at.p;
            *rest = str_from(at, n);
            return words > 0 && is_name(out->key);
        }
        while (n < at.n && (unsigned char)at.p[n] > ' ' && at.p[n] != ',' && at.p[n] != '|')
            n++;
        at = skip_blanks(str_from(at, n));
    }
    return false;
}

/*
 * "train loss 4.1, val loss 4.2", "loss 4.1 lr 1e-4": words up to a number are its name. All of
 * the line must be such, or it is a sentence.
 */
static bool bare_field(struct logline *line, struct logfield *out)
{
    struct str rest;

    pass_separators(line);
    if (line->p == line->end)
        return false;
    line->fault =
        !words_and_number((struct str){line->p, (size_t)(line->end - line->p)}, out, &rest);
    if (!line->fault)
        line->p = pass_mean(pass_unit_word(rest, &out->quantity)).p;
    return !line->fault;
}

/* Behind a value of a dictionary that is no number: brackets and quotes are kept together. */
static void pass_nested(struct logline *line)
{
    int depth = 0;
    char quote = 0;

    for (; line->p < line->end; line->p++) {
        char c = *line->p;
        if (quote) {
            quote = c == quote ? 0 : quote;
            continue;
        }
        if (c == '\'' || c == '"')
            quote = c;
        depth += c == '{' || c == '[' || c == '(';
        depth -= c == '}' || c == ']' || c == ')';
        if (depth < 0 || (depth == 0 && c == ','))
            return;
    }
}

static bool dict_field(struct logline *line, struct logfield *out)
{
    for (;;) {
        while (line->p < line->end && (*line->p == ' ' || *line->p == ','))
            line->p++;
        size_t left = (size_t)(line->end - line->p);
        char quote = left > 0 ? *line->p : 0;
        const char *end =
            quote == '\'' || quote == '"' ? memchr(line->p + 1, quote, left - 1) : NULL;
        if (!end || end + 1 >= line->end || end[1] != ':')
            return false;
        out->key = (struct str){line->p + 1, (size_t)(end - line->p - 1)};
        line->p = end + 2;
        while (line->p < line->end && *line->p == ' ')
            line->p++;
        struct str value = {line->p, (size_t)(line->end - line->p)};
        size_t quoted = value.n > 0 && (*value.p == '\'' || *value.p == '"');
        const char *close = quoted ? memchr(value.p + 1, *value.p, value.n - 1) : NULL;
        if (close)
            value = (struct str){value.p + 1, (size_t)(close - value.p - 1)};
        size_t n = quantity_read(value, &out->quantity);
        out->at = value.p;
        pass_nested(line);
        if (n > 0 && (!close || n == value.n) && is_name(out->key))
            return true;
    }
}

bool logline_field(struct logline *line, struct str guess, struct logfield *out)
{
    if (line->head == LOGHEAD_DICT)
        return dict_field(line, out);
    return line->bare ? bare_field(line, out) : keyed_field(line, guess, out);
}
