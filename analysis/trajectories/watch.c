#include "analysis/trajectories/watch.h"

#include "analysis/base/banned.h"

enum { LONG_MESSAGES = 16, REPEATED_ERRORS = 2, REPEATER_MESSAGES = 4, TIMES = 3 };

static const char others[] = "(others)";

void watch_reset(struct watch *watch)
{
    /* names and counts of tools that are not used are never looked at */
    memset(watch->tool, 0, watch->tools_n * sizeof(watch->tool[0]));
    struct watch *w = watch;
    w->steps = w->messages = w->assistant = w->rewards = w->silent_end = w->bad = w->malformed = 0;
    w->reward_sum = 0;
    w->tools_n = 0;
    memset(w->returns, 0, sizeof(w->returns));
    memset(w->said, 0, sizeof(w->said));
    memset(w->did, 0, sizeof(w->did));
    memset(w->same, 0, sizeof(w->same));
    w->first_bad = w->bad_step = w->malformed_step = w->loop_step = w->last_step = NO_NUMBER;
    w->last_role = SPEAKER_SYSTEM;
    w->last_calls = w->loops = false;
    w->last = (struct step_note){0};
}

/* Never 0: that is "none yet". Eight bytes a round (multiply and shift, as in murmur). */
static uint64_t hash(uint64_t h, struct str text)
{
    uint64_t word;
    size_t i = 0;

    h ^= text.n * UINT64_C(0x9e3779b97f4a7c15);
    for (; i + 8 <= text.n; i += 8) {
        memcpy(&word, text.p + i, 8);
        h = (h ^ word) * UINT64_C(0xff51afd7ed558ccd);
        h ^= h >> 32;
    }
    word = 0;
    if (text.n > i)
        memcpy(&word, text.p + i, text.n - i);
    h = (h ^ word) * UINT64_C(0xff51afd7ed558ccd);
    return (h ^ h >> 29) | 1;
}

static size_t tool_of(struct watch *w, struct str name)
{
    name = str_cut(name, TOOL_NAME_MAX);
    for (size_t i = 0; i < w->tools_n; i++) { /* a call of memcmp for the one that it is */
        const struct tool_use *tool = &w->tool[i];
        if (tool->n == name.n && (name.n == 0 || tool->name[0] == name.p[0]) &&
            str_eq((struct str){tool->name, tool->n}, name))
            return i;
    }
    if (w->tools_n == TOOLS_MAX)
        name = str_of(others);
    if (w->tools_n > TOOLS_MAX)
        return TOOLS_MAX;
    struct tool_use *tool = &w->tool[w->tools_n];
    *tool = (struct tool_use){.n = (unsigned char)name.n};
    memcpy(tool->name, name.p, name.n);
    return w->tools_n++;
}

static void count_return(struct watch *w, const struct step_note *note, int64_t step)
{
    w->returns[note->returned]++;
    w->tool[note->tool].count[note->returned]++;
    if (note->returned == RETURN_NORMAL)
        return;
    if (w->first_bad == NO_NUMBER)
        w->first_bad = step;
    if (note->returned != RETURN_EMPTY && ++w->bad == REPEATED_ERRORS + 1)
        w->bad_step = step;
}

/* A cycle of length c that has gone round three times, or one action three times in a row. */
static void look_for_loops(struct watch *w, const struct step *step)
{
    uint64_t now = hash(hash(1, step->action), step->arguments);

    for (size_t c = 0; c < TAIL; c++) {
        w->same[c] = w->did[c] == now ? w->same[c] + 1 : 0;
        if (w->same[c] >= (TIMES - 1) * (c + 1) && !w->loops) {
            w->loops = true;
            w->loop_step = w->last_step;
        }
    }
    memmove(w->did + 1, w->did, (TAIL - 1) * sizeof(w->did[0]));
    w->did[0] = now;
}

void watch_step(struct watch *w, const struct step *step)
{
    bool malformed = false;
    int64_t before = w->last_step;

    if (w->last.held)
        count_return(w, &w->last, before);
    w->last.held = false;
    w->steps++;
    w->last_step = step->id == NO_NUMBER ? w->steps : step->id;
    if (!isnan(step->reward)) {
        w->reward_sum += step->reward;
        w->rewards++;
    }
    if (step->action.n > 0)
        look_for_loops(w, step);
    if (!step->returned)
        return;
    struct step_note note = {.returned = return_of(step->observation, &malformed)};
    note.tool = tool_of(w, step->tool.n ? step->tool : STR("(no name)"));
    if (malformed && w->malformed++ == 0)
        w->malformed_step = w->last_step;
    /* The last step of an episode gives the answer: that nothing came back is no fault. */
    note.held = note.returned == RETURN_EMPTY && step->done;
    w->last = note;
    if (!note.held)
        count_return(w, &note, w->last_step);
}

static size_t times(struct str text, struct str what)
{
    size_t n = 0;

    for (const char *at; text.n && (at = memmem(text.p, text.n, what.p, what.n)); n++)
        text = str_from(text, (size_t)(at - text.p) + what.n);
    return n;
}

void watch_message(struct watch *w, const struct message *message)
{
    w->messages++;
    w->last_role = message->role;
    w->last_calls = message->calls;
    if (message->role != SPEAKER_ASSISTANT)
        return;
    w->assistant++;
    memmove(w->said + 1, w->said, (TAIL - 1) * sizeof(w->said[0]));
    w->said[0] = hash(1, message->text);
    size_t closed = times(message->text, STR("</tool_call>"));
    if ((closed || str_has(message->text, STR("<tool_call>"))) &&
        closed != times(message->text, STR("<tool_call>")) && w->malformed++ == 0)
        w->malformed_step = w->steps + 1;
}

void watch_end(struct watch *w)
{
    if (!w->last.held)
        return;
    w->last.held = false;
    w->silent_end++;
}

/* ---- the rules ---- */

static bool ended_well(enum end_class ending)
{
    return ending == ENDING_FINISH || ending == ENDING_ENV_DONE;
}

static bool format_error(const struct watch *w, enum end_class ending, int64_t *step)
{
    (void)ending;
    *step = w->malformed_step;
    return w->malformed > 0;
}

static bool repeated_tool_error(const struct watch *w, enum end_class ending, int64_t *step)
{
    *step = w->bad_step;
    return w->bad > REPEATED_ERRORS && !ended_well(ending);
}

static bool repeater(const struct watch *w, enum end_class ending, int64_t *step)
{
    (void)ending;
    *step = w->last_step;
    return w->messages >= REPEATER_MESSAGES && w->assistant >= TAIL && w->said[0] == w->said[1] &&
           w->said[1] == w->said[2];
}

/* Only what the log says of its end: length alone is no limit. */
static bool turn_limit(const struct watch *w, enum end_class ending, int64_t *step)
{
    *step = w->last_step;
    return ending == ENDING_TRUNCATION;
}

static bool long_episode(const struct watch *w, enum end_class ending, int64_t *step)
{
    (void)ending;
    *step = NO_NUMBER;
    return w->messages > LONG_MESSAGES;
}

static bool hanging(const struct watch *w, enum end_class ending, int64_t *step)
{
    *step = w->last_step;
    return w->messages > 0 && w->last_role == SPEAKER_ASSISTANT && !w->last_calls &&
           !ended_well(ending);
}

static bool loop(const struct watch *w, enum end_class ending, int64_t *step)
{
    (void)ending;
    *step = w->loop_step;
    return w->loops;
}

/* Upstream's order; `loop` and `turn_limit` stand where they are more telling than the length. */
const struct failure_rule failure_rules[] = {
    {"format_error", "a tool call that could not be parsed, or tags that do not close",
     format_error},
    {"repeated_tool_error", "more than 2 tool errors, and no finish", repeated_tool_error},
    {"repeater", "at least 4 messages, the last 3 of the assistant the same", repeater},
    {"loop", "one call 3 times in a row, or a cycle of 2 or 3 calls 3 times round", loop},
    {"turn_limit", "the logged end is a truncation: a limit was reached", turn_limit},
    {"long_episode", "more than 16 messages", long_episode},
    {"hanging", "the last message is the assistant's, without a call and without a finish",
     hanging},
};
const size_t failure_rules_n = sizeof(failure_rules) / sizeof(failure_rules[0]);

unsigned watch_rules(const struct watch *watch, enum end_class ending)
{
    unsigned rules = 0;
    int64_t step;

    for (size_t i = 0; i < failure_rules_n; i++)
        rules |= (unsigned)failure_rules[i].holds(watch, ending, &step) << i;
    return rules;
}
