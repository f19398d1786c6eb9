#include "analysis/readers/logkind.h"

#include <stdlib.h>

#include "analysis/base/ascii.h"
#include "analysis/base/arena.h"
#include "analysis/base/number.h"
#include "analysis/readers/feed.h"

enum { BEHIND_PASSED = 8 }; /* so little may stand between a number in brackets and their end */

void logkinds_init(struct log_kinds *kinds)
{
    shapes_init(&kinds->shapes);
    kinds->kind = heap_alloc(SHAPES * sizeof(*kinds->kind));
}

void logkinds_fini(struct log_kinds *kinds)
{
    shapes_fini(&kinds->shapes);
    free(kinds->kind);
}

const struct log_kind *logkinds_match(struct log_kinds *kinds, struct str text)
{
    const double *number = kinds->shapes.number;
    int at = shapes_match(&kinds->shapes, text);

    if (at < 0)
        return NULL;
    const struct log_kind *kind = &kinds->kind[at];
    for (size_t i = 0; i < kind->steps_n; i++) {
        if (!feed_step(number[kind->step[i]], &kinds->step))
            return NULL;
    }
    for (size_t i = 0; i < kind->values_n; i++)
        kinds->value[i] = number[kind->slot[i]] * kind->ratio[i];
    return kind;
}

/* ---- learning ---- */

/* Would more or fewer digits in front of `rest` be read together with it? */
static bool goes_on(struct str rest)
{
    return rest.n > 0 && (is_digit(*rest.p) || *rest.p == '.' || (*rest.p | 0x20) == 'e' ||
                          (*rest.p == ',' && rest.n > 1 && is_digit(rest.p[1])));
}

static bool same_number(double a, double b)
{
    uint64_t x, y;

    memcpy(&x, &a, sizeof(x));
    memcpy(&y, &b, sizeof(y));
    return x == y;
}

/* Its digits as a slot; *rest: what stands behind them. False if they are not so simple. */
static bool put_quantity(struct shapes *shapes, struct str text, double value, struct str *rest)
{
    double plain = 0, any = 0;
    size_t n = number_read(text, &plain), all = quantity_digits(text, &any);

    *rest = str_from(text, all);
    if (all == 0 || !same_number(any, value) || goes_on(*rest))
        return false;
    bool is_plain = n == all && same_number(plain, value);
    shapes_slot(shapes, str_cut(text, all), is_plain ? SLOT_NUMBER : SLOT_QUANTITY);
    return true;
}

/* "(40%)": skipped by those who read the line, whatever the number. */
static bool put_passed(struct shapes *shapes, struct str rest)
{
    if (rest.n == 0 || *rest.p != '(')
        return false;
    struct str number = str_from(rest, 1);
    size_t n = number_skip(number);
    struct str behind = str_from(number, n);
    if (n == 0 || n > SLOT_PASSED_MAX || goes_on(behind) ||
        !memchr(behind.p, ')', behind.n < BEHIND_PASSED ? behind.n : BEHIND_PASSED))
        return false;
    shapes_slot(shapes, str_cut(number, n), SLOT_PASSED);
    return true;
}

static struct str pass_blanks(struct str s)
{
    while (s.n > 0 && (*s.p == ' ' || *s.p == '\t'))
        s = str_from(s, 1);
    return s;
}

/* "/100", "/1,000" */
static struct str pass_total(struct str rest)
{
    while (rest.n > 0 &&
           (is_digit(*rest.p) || (*rest.p == ',' && rest.n > 1 && is_digit(rest.p[1]))))
        rest = str_from(rest, 1);
    return rest;
}

/* "5/100 (0.05%)" after a word, where the total stays as it is; false if it is not so simple. */
static bool put_step(struct shapes *shapes, struct str text, bool *passed)
{
    size_t n = 0;

    while (n < text.n && is_digit(text.p[n]))
        n++;
    struct str rest = str_from(text, n);
    if (n == 0 || goes_on(rest))
        return false;
    shapes_slot(shapes, str_cut(text, n), SLOT_WHOLE);
    rest = pass_blanks(rest);
    if (rest.n > 0 && *rest.p == '/')
        rest = pass_blanks(pass_total(pass_blanks(str_from(rest, 1))));
    *passed = put_passed(shapes, rest);
    return true;
}

/* Behind the digits of a quantity: the second number of "5/100", and the unit. */
static struct str pass_unit(struct str rest)
{
    if (rest.n > 1 && *rest.p == '/' && is_digit(rest.p[1]))
        rest = pass_total(str_from(rest, 1));
    while (rest.n > 0 &&
           ((unsigned char)((*rest.p | 0x20) - 'a') < 26 || *rest.p == '%' || *rest.p == '/'))
        rest = str_from(rest, 1);
    return rest;
}

/* Names of what is said once, when a line that holds it is read. */
static bool is_last_word(struct str text)
{
    return str_has(text, STR("train_runtime")) || str_has(text, STR("val_bpb"));
}

static bool put_spans(struct shapes *shapes, struct log_kind *kind, struct str text,
                      const struct log_span *span, size_t n)
{
    const char *end = text.p + text.n;
    struct str rest;
    size_t slot = 0;
    bool passed;

    if (kind->line.at) {
        kind->step[kind->steps_n++] = 0;
        if (!put_step(shapes, (struct str){kind->line.at, (size_t)(end - kind->line.at)}, &passed))
            return false;
        slot = 1 + passed;
    }
    for (size_t i = 0; i < n; i++) {
        struct str from = {span[i].at, (size_t)(end - span[i].at)};
        if (span[i].quantity.kind != QUANTITY_NUMBER ||
            !put_quantity(shapes, from, span[i].quantity.value, &rest))
            return false;
        if (span[i].key == LOG_STEP) {
            kind->step[kind->steps_n++] = (uint16_t)slot;
        } else {
            kind->key[kind->values_n] = span[i].key;
            kind->ratio[kind->values_n] = span[i].ratio;
            kind->slot[kind->values_n++] = (uint16_t)slot;
        }
        slot += 1 + put_passed(shapes, pass_unit(rest));
    }
    return true;
}

void logkinds_learn(struct log_kinds *kinds, struct str text, const struct logline *line,
                    const struct log_span *span, size_t n)
{
    struct log_kind *kind = &kinds->kind[kinds->shapes.oldest];

    if (n > SHAPE_SLOTS / 2 - 1 || line->head == LOGHEAD_SUMMARY || is_last_word(text))
        return;
    if (!shapes_begin(&kinds->shapes, text, (size_t)(line->begin - text.p)))
        return;
    kind->line = *line;
    kind->values_n = kind->steps_n = 0;
    if (put_spans(&kinds->shapes, kind, text, span, n))
        shapes_end(&kinds->shapes);
}
