/* What comes from data fits an answer, is clean, and says what was left out. */
#include "analysis/base/limits.h"
#include "tests/support/client.h"
#include "tests/support/tmpdir.h"

#include <criterion/criterion.h>
#include <math.h>

static struct client client;
static struct tmpdir tmp;

static void set_up(void)
{
    tmpdir_make(&tmp);
    tmpdir_file(&tmp, "e/metadata.json", "{\"type\":\"lm\"}");
    client_open(&client, tmp.path);
}

static void tear_down(void)
{
    client_close(&client);
    tmpdir_remove(&tmp);
}

TestSuite(answers, .init = set_up, .fini = tear_down, .timeout = 60);

static const struct json *ask(const char *tool, const char *arguments)
{
    const struct json *answer = client_call(&client, tool, arguments);

    cr_assert(answer, "%s %s: %s", tool, arguments, client.err.msg);
    return answer;
}

/* The file NAME of the experiment with the text of `out`, which is freed. */
static void file(const char *name, struct buf *out)
{
    tmpdir_file(&tmp, name, buf_text(out));
    buf_fini(out);
}

static bool notes(const struct json *answer, const char *part)
{
    const struct json *list = json_get(json_get(answer, "coverage"), "notes");

    return list && str_has(list->raw, str_of(part));
}

static const struct {
    const char *tool, *path, *member;
} small[] = {
    {"get_status", "e/dashboard_metrics/status.json", "status"},
    {"get_evaluation", "e/evaluation_results.json", "results"},
    {"get_ablation", "e/ablation_results.json", "results"},
    {"get_gpu_instance", "e/gpu_instance.json", "instance"},
};
enum { SMALL = sizeof(small) / sizeof(small[0]) };

Test(answers, a_long_text_of_a_small_file_is_cut_and_marked)
{
    for (size_t i = 0; i < SMALL; i++) {
        struct buf out = {0};
        buf_puts(&out, "{\"status\":\"");
        for (size_t k = 0; k < 60000; k++)
            buf_byte(&out, 'x');
        buf_puts(&out, "\",\"last\":1}");
        file(small[i].path, &out);
        const struct json *answer = ask(small[i].tool, "{\"expId\":\"e\"}");
        const struct json *got = json_get(answer, small[i].member);
        cr_expect(answer->raw.n <= ANSWER_CHARS, "%s: %zu", small[i].tool, answer->raw.n);
        cr_expect(str_has(got->raw, STR("[58000 bytes more]")), "%s", small[i].tool);
        cr_expect(member_number(got, "last") == 1);
        cr_expect(notes(answer, "texts are cut at 2000 bytes"), "%s", small[i].tool);
        cr_expect(!notes(answer, "lists and objects"), "%s", small[i].tool);
    }
}

Test(answers, many_entries_of_a_small_file_are_counted_instead)
{
    for (size_t i = 0; i < SMALL; i++) {
        struct buf out = {0};
        buf_byte(&out, '{');
        for (int k = 0; k < 4000; k++)
            buf_printf(&out, "%s\"policy %d\":{\"mean_reward\":0.25,\"std_reward\":0.5}",
                       k ? "," : "", k);
        buf_byte(&out, '}');
        file(small[i].path, &out);
        const struct json *answer = ask(small[i].tool, "{\"expId\":\"e\"}");
        const struct json *got = json_get(answer, small[i].member);
        cr_expect(answer->raw.n <= ANSWER_CHARS, "%s: %zu", small[i].tool, answer->raw.n);
        cr_expect(got->count >= 128 && got->count < 4000, "%s: %u", small[i].tool, got->count);
        cr_expect(notes(answer, arena_printf(&client.arena, "%u more", 4000 - got->count)), "%s",
                  small[i].tool);
        cr_expect(!notes(answer, "texts are cut"), "%s", small[i].tool);
    }
}

Test(answers, no_control_character_or_escape_sequence_gets_through)
{
    for (size_t i = 0; i < SMALL; i++) {
        tmpdir_file(&tmp, small[i].path,
                    "{\"a\\u001b[31m\":\"\\u001b[31mred\\u0007\\u001b[0m\",\"nan\":NaN,"
                    "\"learned\\u001b[2J\":{\"mean_reward\":1},\"fixed\":{\"mean_reward\":2}}");
        const struct json *answer = ask(small[i].tool, "{\"expId\":\"e\"}");
        const struct json *got = json_get(answer, small[i].member);
        cr_expect_str_eq(member_text(&client, got, "a"), "red");
        cr_expect_str_eq(member_text(&client, got, "nan"), "NaN");
        cr_expect(!str_has(answer->raw, STR("[2J")), "%s", small[i].tool);
        cr_expect(!str_has(answer->raw, STR("u00")), "%s", small[i].tool);
    }
}

Test(answers, the_learned_policy_is_compared_first_however_many_there_are)
{
    struct buf out = {0};

    buf_byte(&out, '{');
    for (int k = 0; k < 19; k++)
        buf_printf(&out, "\"policy %d\":{\"mean_reward\":0.25,\"std_reward\":0.5},", k);
    buf_puts(&out, "\"learned\":{\"mean_reward\":0.5,\"std_reward\":0.5}}");
    file("e/ablation_results.json", &out);
    const struct json *answer = ask("get_ablation", "{\"expId\":\"e\"}");
    const struct json *claims = json_get(answer, "comparison");
    cr_expect(answer->raw.n <= ANSWER_CHARS, "%zu", answer->raw.n);
    cr_assert(claims->count == 28);
    cr_expect_str_eq(member_text(&client, claims->first, "a"), "learned");
    cr_expect(member_number(claims->first, "difference") == .25);
    cr_expect(notes(answer, "28 of 190 pairs"));
}
