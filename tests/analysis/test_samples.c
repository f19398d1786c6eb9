#include "analysis/samples.h"
#include "tests/support/curves.h"

#include <criterion/criterion.h>
#include <math.h>

static struct arena arena;

static void set_up(void)
{
    arena_init(&arena);
}

static void tear_down(void)
{
    arena_fini(&arena);
}

TestSuite(samples, .init = set_up, .fini = tear_down);

static struct sample measured(const char *prompt, const char *text)
{
    struct sample s = {.prompt = str_of(prompt), .text = str_of(text)};

    sample_measure(&s, &arena);
    return s;
}

static const char *times(const char *text, size_t n)
{
    struct buf out = {0};

    for (size_t i = 0; i < n; i++)
        buf_puts(&out, text);
    const char *whole = arena_text(&arena, buf_str(&out));
    buf_fini(&out);
    return whole;
}

static const char plain[] =
    "Exercise keeps the heart strong, helps people sleep, and lifts their mood. Walking for half "
    "an "
    "hour each day is enough to begin with. Over months the muscles grow, joints stay supple, and "
    "weight is easier to hold. Doctors advise a mixture of endurance, strength and balance.";

/* "a b a b a": 5 words, 2 distinct; 4 pairs, 2 distinct; 2 four-grams, both different. */
Test(samples, distinct_n_is_counted_by_hand)
{
    struct sample s = measured("", "a b a b a");

    cr_expect(s.units == 5);
    cr_expect(near_to(s.distinct_1, 2.0 / 5, 1e-12) && near_to(s.distinct_2, 2.0 / 4, 1e-12));
    cr_expect(s.repeated_4 == 0 && isnan(measured("", "a b").repeated_4));
    /* "a b c d" five times: 17 four-grams, 4 of them distinct */
    s = measured("", times("a b c d ", 5));
    cr_expect(s.units == 20 && near_to(s.repeated_4, 1 - 4.0 / 17, 1e-12), "%g", s.repeated_4);
}

Test(samples, each_fault_is_seen_and_a_plain_text_has_none)
{
    static const char code[] =
        "def sort(a):\n    return sorted(a)\n\nFor a list `a` of n numbers this takes n log n "
        "comparisons, and the list itself stays as it was, which is often what one wants.";
    const struct {
        const char *what, *prompt, *text;
        bool empty, repetitive, unfinished, marked;
    } rows[] = {
        {"plain", "", plain, false, false, false, false},
        {"code", "", code, false, false, false, false},
        {"one word", "", "Paris", false, false, false, false},
        {"nothing", "", "", true, false, false, false},
        {"blanks", "", " \n\t ", true, false, false, false},
        {"the prompt alone", "Once upon a time", "Once upon a time", true, false, false, false},
        {"one word on and on", "", times("no ", 40), false, true, true, false},
        {"a loop after a start", "",
         arena_printf(&arena, "%s %s", "It began well enough.", times("and then he said ", 12)),
         false, true, true, false},
        {"cut", "",
         "Exercise keeps the heart strong, helps people sleep, and lifts their mood, so "
         "that walking for half an hour each day is",
         false, false, true, false},
        {"a template's mark", "", "Sure!<|im_end|>", false, false, false, true},
        {"a list of three", "", "- a\n- b\n- c", false, false, false, false},
        {"no blanks", "", times("\xe4\xbd\xa0\xe5\xa5\xbd", 40), false, true, true, false},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sample s = measured(rows[i].prompt, rows[i].text);

        cr_expect(s.empty == rows[i].empty, "%s: empty", rows[i].what);
        cr_expect(s.repetitive == rows[i].repetitive, "%s: repetitive (%g, loop %zu/%zu)",
                  rows[i].what, s.repeated_4, s.loop_period, s.loop_units);
        cr_expect(s.unfinished == rows[i].unfinished, "%s: unfinished", rows[i].what);
        cr_expect(s.marked == rows[i].marked, "%s: marked", rows[i].what);
    }
}

Test(samples, a_loop_names_its_period_and_length)
{
    struct sample s = measured("", times("and then he said ", 12));

    cr_expect(s.loop_period == 4 && s.loop_units == 48, "%zu %zu", s.loop_period, s.loop_units);
    cr_expect(measured("", "no no no").loop_units == 0, "three in a row are no loop");
}

Test(samples, a_copy_of_the_prompt_is_no_repetition)
{
    const char *prompt = times("tell me more about it ", 3);
    struct sample s = measured(prompt, arena_printf(&arena, "%s%s", prompt, plain));

    cr_expect(!s.repetitive && s.units == measured("", plain).units);
}

Test(samples, all_of_them_are_counted_each_poor_one_once)
{
    struct sample v[] = {
        {.prompt = STR("a"), .text = STR("The same answer.")},
        {.prompt = STR("b"), .text = STR("The same answer.")},
        {.prompt = STR("b"), .text = STR("The same answer.")}, /* asked twice: no copy of b's */
        {.prompt = STR("c"), .text = STR("")},
        {.prompt = STR("d"), .text = STR("<|eot_id|><|eot_id|>")},
        {.prompt = STR("e"), .text = str_of(plain)},
    };
    struct samples out = {.cap = NOT_GIVEN};

    samples_count(v, 6, &arena, &out);
    cr_expect(out.n == 6 && out.empty == 1 && out.marked == 1 && out.repetitive == 0);
    cr_expect(out.copied == 2, "both of b are a's text: %zu", out.copied);
    cr_expect(out.poor == 4);
    cr_expect(!out.one_length);
}

Test(samples, ends_at_one_length_are_told)
{
    static const char cut[] = "one two three four five six seven eight nine ten eleven twelve a b "
                              "c d e f g h i j";
    struct sample v[3] = {{.text = str_of(cut)}, {.text = str_of(cut)}, {.text = str_of(cut)}};
    struct samples out = {.cap = NOT_GIVEN};

    samples_count(v, 3, &arena, &out);
    cr_expect(out.unfinished == 3 && out.one_length && out.copied == 0, "no prompts, no copies");
}

Test(samples, bytes_that_are_no_text_do_no_harm)
{
    char noise[4096];
    struct noise source = NOISE_START;

    for (size_t i = 0; i < sizeof(noise); i++)
        noise[i] = (char)(int)(256 * noise_next(&source));
    struct sample s = {.text = {noise, sizeof(noise)}};
    sample_measure(&s, &arena);
    cr_expect(s.units > 0 && !s.empty);
}
