#include "tests/bench/detection/tale.h"

static const char *const tools[] = {"search", "open_page", "python", "bash", "sql"};

/* As tools of many programs word them. */
const char *const tale_errors[] = {
    "Error: page not found",
    "Traceback (most recent call last):\\n  File \\\"a.py\\\", line 3\\nKeyError: 'x'",
    "timeout: no answer within 30 s",
    "Command timed out after 120 seconds",
    "curl: (7) Failed to connect to host port 443: Connection refused",
    "ModuleNotFoundError: No module named 'pandas'",
    "bash: fo: command not found",
    "cat: a.txt: No such file or directory",
    "{\\\"error\\\": \\\"rate limit exceeded\\\"}",
    "HTTP 503 Service Unavailable",
    "ValueError: invalid literal for int()",
    "Exception: cannot parse the query",
    NULL,
};
enum { ERRORS = sizeof(tale_errors) / sizeof(tale_errors[0]) - 1 };

/* No errors, whatever words stand in them. */
static const char *const fine[] = {
    "12 results",
    "Found 0 errors in 14 files.",
    "The paper reports an error rate of 3%; a timeout of 10 s is its default.",
    "def f(x):\\n    raise ValueError('error')  # as the task asks",
    "ok",
    "All tests passed; no failures.",
    "42",
};

#define PICK(dice, list) (list)[dice_below((dice), sizeof(list) / sizeof((list)[0]))]

void tale_draw(struct dice *dice, bool may_fail, struct tale *tale)
{
    uint64_t lot = dice_below(dice, 20);

    *tale = (struct tale){.faulty = may_fail && lot < 9};
    tale->has[TALE_LOOP] = tale->faulty && lot < 3;
    tale->has[TALE_ERRORS] = tale->faulty && lot >= 3 && lot < 6;
    tale->has[TALE_REPEATS] = tale->faulty && lot >= 6;
}

struct steps {
    struct buf *out;
    size_t n;
};

static void put_step(struct steps *s, const char *tool, uint64_t what, const char *came)
{
    buf_printf(s->out,
               "%s{\"step_id\":%zu,\"thought\":\"next\",\"action\":\"%s[%llu]\",\"observation\":"
               "\"%s\"}",
               s->n ? "," : "", s->n + 1, tool, (unsigned long long)what, came);
    s->n++;
}

static void put_sound(struct steps *s, struct dice *dice)
{
    const char *tool = PICK(dice, tools), *came = PICK(dice, fine);
    uint64_t what = dice_below(dice, 1000000000);

    put_step(s, tool, what, came);
    if (dice_below(dice, 12) == 0) /* once more, which is no loop */
        put_step(s, tool, what, came);
}

/* A cycle of one, two or three calls, three to six times round. */
static void put_loop(struct steps *s, struct dice *dice)
{
    uint64_t cycle = 1 + dice_below(dice, 3), rounds = 3 + dice_below(dice, 4);
    uint64_t what = dice_below(dice, 1000000000);

    for (uint64_t i = 0; i < cycle * rounds; i++)
        put_step(s, tools[(what + i % cycle) % 5], what + i % cycle, "12 results");
}

static void put_error(struct steps *s, struct dice *dice, struct tale *tale)
{
    const char *tool = PICK(dice, tools), *came = tale_errors[dice_below(dice, ERRORS)];

    put_step(s, tool, dice_below(dice, 1000000000), came);
    tale->bad++;
}

static void put_chat(struct dice *dice, const struct tale *tale, struct buf *out)
{
    size_t turns = 2 + (size_t)dice_below(dice, 4);
    bool twice = dice_below(dice, 8) == 0;

    buf_printf(out, ",\"chat_completions\":[{\"role\":\"user\",\"content\":\"Solve it.\"}");
    for (size_t i = 0; i < turns; i++) {
        unsigned long long said = (unsigned long long)dice_below(dice, 1000000000);
        size_t times = i + 1 < turns ? 1 : tale->has[TALE_REPEATS] ? 3 : twice ? 2 : 1;

        for (size_t k = 0; k < times; k++)
            buf_printf(out,
                       ",{\"role\":\"assistant\",\"content\":\"I look at %llu.\"},{\"role\":"
                       "\"user\",\"content\":\"Go on.\"}",
                       said);
    }
    buf_printf(out, "]");
}

void tale_put(struct dice *dice, struct tale *tale, struct buf *out)
{
    bool cut = tale->has[TALE_ERRORS] || dice_below(dice, 8) == 0;
    size_t before = 1 + (size_t)dice_below(dice, 4), after = (size_t)dice_below(dice, 3);
    size_t met = tale->has[TALE_ERRORS]     ? 3 + (size_t)dice_below(dice, 4)
                 : dice_below(dice, 5) == 0 ? 1 + (size_t)dice_below(dice, 2)
                                            : 0;
    struct steps s = {out, 0};

    buf_printf(out, "\"termination_reason\":\"%s\",\"steps\":[", cut ? "max_steps" : "finish");
    for (size_t i = 0; i < before; i++)
        put_sound(&s, dice);
    if (tale->has[TALE_LOOP])
        put_loop(&s, dice);
    for (size_t i = 0; i < met; i++) {
        put_error(&s, dice, tale);
        if (dice_below(dice, 3) == 0)
            put_sound(&s, dice);
    }
    for (size_t i = 0; i < after; i++)
        put_sound(&s, dice);
    buf_printf(out, "]");
    put_chat(dice, tale, out);
}
