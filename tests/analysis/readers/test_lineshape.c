#include "analysis/readers/lineshape.h"
#include "analysis/readers/lines.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>

static struct shapes shapes;
static char text[256 + LINES_PAD];

static void set_up(void)
{
    shapes_init(&shapes);
}

static void tear_down(void)
{
    shapes_fini(&shapes);
}

TestSuite(lineshape, .init = set_up, .fini = tear_down);

static struct str padded(const char *line)
{
    memset(text, '7', sizeof(text)); /* what stands behind a line must not matter */
    size_t n = strlen(line);
    for (size_t i = 0; i < n; i++)
        text[i] = line[i];
    return (struct str){text, n};
}

/* Learns a line whose values are marked: <1.5> a number, [12] a whole one, "…" a quoted text. */
static int learn(const char *marked, size_t front)
{
    static char plain[256];
    struct str value[8];
    enum slot_kind kind[8];
    size_t n = 0, values = 0;

    for (const char *p = marked; *p; p++) {
        if (*p == '<' || *p == '[') {
            kind[values] = *p == '<' ? SLOT_NUMBER : SLOT_WHOLE;
            value[values].p = plain + n;
        } else if (*p == '>' || *p == ']') {
            value[values].n = (size_t)(plain + n - value[values].p);
            values++;
        } else {
            plain[n++] = *p;
        }
    }
    if (!shapes_begin(&shapes, (struct str){plain, n}, front))
        return -2;
    for (size_t i = 0; i < values; i++)
        shapes_slot(&shapes, value[i], kind[i]);
    return shapes_end(&shapes);
}

Test(lineshape, a_line_matches_if_nothing_but_its_values_differs)
{
    static const struct {
        const char *line;
        bool fits;
        double step, loss;
    } rows[] = {
        {"12:30 step [1] loss: 0.25 end", false, 0, 0},
        {"12:31 step 7 loss: 0.25 end", true, 7, 0.25},
        {"99:99 step 00012 loss:    -1e3 end", true, 12, -1000},
        {"12:31 step 7 loss: NaN end", true, 7, NAN},
        {"12:31 step 7.5 loss: 1 end", false, 0, 0},
        {"12:31 step -7 loss: 1 end", false, 0, 0},
        {"12:31 step 1234567890123456 loss: 1 end", false, 0, 0},
        {"12:31 step 7 loss:1 end", false, 0, 0},
        {"12:31 step 7 loss: 01 end", false, 0, 0},
        {"12:31 step 7 loss: 1 ends", false, 0, 0},
        {"12:31 step 7 loss: 1 en", false, 0, 0},
        {"12:31 step 7 loss: ", false, 0, 0},
        {"12:31 step 7", false, 0, 0},
        {"12:3x step 7 loss: 1 end", false, 0, 0},
        {"1:311 step 7 loss: 1 end", false, 0, 0},
        {"12:", false, 0, 0},
        {"", false, 0, 0},
    };

    cr_assert(learn("12:34 step [5] loss: <1.5> end", 6) == 0);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        bool fits = shapes_match(&shapes, padded(rows[i].line)) == 0;
        cr_expect(fits == rows[i].fits, "'%s'", rows[i].line);
        if (!fits)
            continue;
        cr_expect(shapes.number[0] == rows[i].step, "'%s': step %g", rows[i].line,
                  shapes.number[0]);
        cr_expect(shapes.number[1] == rows[i].loss ||
                      (isnan(shapes.number[1]) && isnan(rows[i].loss)),
                  "'%s': loss %g", rows[i].line, shapes.number[1]);
    }
}

Test(lineshape, text_of_any_length_is_compared_to_its_last_byte)
{
    char marked[256], line[256];

    for (size_t n = 1; n <= 80; n++) {
        for (size_t i = 0; i < n; i++)
            marked[i] = (char)('a' + i % 26);
        snprintf(marked + n, sizeof(marked) - n, "<1>.%.*s<2>%.*s", (int)n, marked, (int)n, marked);
        tear_down(); /* no misses are remembered */
        set_up();
        cr_assert(learn(marked, 0) >= 0);
        size_t length = 0;
        for (const char *p = marked; *p; p++) {
            if (*p != '<' && *p != '>')
                line[length++] = *p;
        }
        line[length] = '\0';
        cr_expect(shapes_match(&shapes, padded(line)) >= 0, "%zu bytes", n);
        for (size_t i = 0; i < length; i++) {
            char was = line[i];
            bool digit = was == '1' || was == '2';
            line[i] = digit ? '3' : 'A';
            cr_expect((shapes_match(&shapes, padded(line)) >= 0) == digit, "byte %zu of '%s'", i,
                      line);
            line[i] = was;
        }
    }
}

Test(lineshape, a_value_may_end_the_line)
{
    cr_assert(learn("a <1>", 0) == 0);
    cr_expect(shapes_match(&shapes, padded("a 25")) == 0 && shapes.number[0] == 25);
    cr_expect(shapes_match(&shapes, padded("a ")) == -1, "no digits of what stands behind");
    cr_expect(shapes_match(&shapes, padded("a")) == -1);
}

Test(lineshape, the_oldest_of_the_shapes_makes_room)
{
    char line[32];

    for (int i = 0; i <= SHAPES; i++) {
        snprintf(line, sizeof(line), "%c <1>", 'a' + i);
        cr_assert(learn(line, 0) == i % SHAPES);
    }
    cr_expect(shapes_match(&shapes, padded("a 2")) == -1, "the first was forgotten");
    for (int i = 1; i <= SHAPES; i++) {
        snprintf(line, sizeof(line), "%c 2", 'a' + i);
        cr_expect(shapes_match(&shapes, padded(line)) == i % SHAPES, "'%s'", line);
    }
}

Test(lineshape, a_line_that_is_not_learnt_to_its_end_is_no_shape)
{
    static const char line[] = "a 1 b 2";

    for (int i = 0; i < SHAPES; i++)
        cr_assert(learn("a <1> b <2>", 0) == i);
    cr_assert(shapes_begin(&shapes, str_of(line), 0));
    shapes_slot(&shapes, (struct str){line + 2, 1}, SLOT_NUMBER);
    for (int i = 0; i < 2 * SHAPES; i++) {
        int at = shapes_match(&shapes, padded("a 3 b 4"));
        cr_expect(at > 0, "one of the others, not %d", at);
        shapes.newest = (shapes.newest + 1) % SHAPES; /* where it looks first */
    }
}

Test(lineshape, lines_that_never_come_again_are_learnt_less_often)
{
    int learnt = 0;

    for (int i = 0; i < 6400; i++) {
        shapes_match(&shapes, padded("never"));
        learnt += learn("x <1>", 0) >= 0;
    }
    cr_expect(learnt > 100 && learnt < 200, "%d of 6400", learnt);
    cr_expect(shapes_match(&shapes, padded("x 2")) >= 0, "what was learnt is known");
}

Test(lineshape, what_has_no_room_is_not_learnt)
{
    char plain[SHAPE_SLOTS + 2];

    memset(plain, '1', sizeof(plain));
    cr_assert(shapes_begin(&shapes, (struct str){plain, sizeof(plain)}, 0));
    for (size_t i = 0; i <= SHAPE_SLOTS; i++)
        shapes_slot(&shapes, (struct str){plain + i, 1}, SLOT_NUMBER);
    cr_expect(shapes_end(&shapes) == -1);
    cr_expect(!shapes_begin(&shapes, (struct str){plain, SHAPE_TEXT + 1}, 0));
}
