#include "analysis/readers/logsaid.h"

#include <inttypes.h>
#include <stdio.h>

#include "analysis/base/ascii.h"
#include "analysis/readers/feed.h"
#include "analysis/readers/quantity.h"

enum {
    LOOKED_AT = 512, /* bytes of a line */
    TRACE_LINES = 200,
    EPOCHS_MOST = 1000000, /* the Trainer's own number where epochs do not count is far larger */
};

/* By how exactly they tell why: lighter is better. */
enum { BY_SCHEDULER, BY_MEMORY, BY_EXCEPTION, BY_LAUNCHER };

static const struct mark {
    const char *text; /* anywhere in a line; its first letter is rare in logs */
    enum log_end end;
    int weight;
} marks[] = {
    {"CUDA out of memory", LOG_FAILED, BY_MEMORY},
    {"OutOfMemoryError", LOG_FAILED, BY_MEMORY},
    {"RESOURCE_EXHAUSTED", LOG_FAILED, BY_MEMORY},
    {"Segmentation fault", LOG_FAILED, BY_LAUNCHER},
    {"KeyboardInterrupt", LOG_BROKEN_OFF, BY_EXCEPTION},
    {"SignalException", LOG_BROKEN_OFF, BY_EXCEPTION},
    {"SIGTERM", LOG_BROKEN_OFF, BY_LAUNCHER},
    {"TERM_RUNLIMIT", LOG_BROKEN_OFF, BY_SCHEDULER}, /* LSF */
    {"PBS: job killed", LOG_BROKEN_OFF, BY_SCHEDULER},
};

static bool is_upper(char c)
{
    return (unsigned char)(c - 'A') < 26;
}

/* ---- how it ended ---- */

struct place {
    struct str line;
    int64_t number, rows;
};

static void take_end(struct log_said *said, const struct place *at, enum log_end end, int weight)
{
    bool known = said->end != LOG_GOES_ON && said->rows == at->rows;
    struct str all = str_trim(at->line), text = str_cut(all, LOG_END_TEXT);

    if (known && said->weight <= weight)
        return;
    said->end = end;
    said->weight = weight;
    said->line = at->number;
    said->rows = at->rows;
    while (text.n > 0 && text.n < all.n && ((unsigned char)text.p[text.n] & 0xC0) == 0x80)
        text.n--; /* not within a character */
    memcpy(said->text, text.p, text.n);
    said->text[text.n] = '\0';
}

/* "torch.cuda.OutOfMemoryError: …", "AssertionError": the name of a class. */
static bool is_exception(struct str line)
{
    size_t n = 0, last = 0;
    bool lower = false;

    while (n < line.n &&
           (is_letter(line.p[n]) || is_digit(line.p[n]) || line.p[n] == '_' || line.p[n] == '.')) {
        last = line.p[n] == '.' ? n + 1 : last;
        lower |= is_letter(line.p[n]) && !is_upper(line.p[n]);
        n++;
    }
    return n > last && lower && is_upper(line.p[last]) && (n == line.n || line.p[n] == ':');
}

static void begin_trace(struct log_said *said, const struct place *at, size_t front)
{
    said->traced = !said->passed_over;
    said->passed_over = false;
    said->trace_front = memchr(at->line.p, '%', front) ? 0 : front; /* behind a progress bar */
    said->trace_rows = at->rows;
    said->trace_line = at->number;
}

/* Its lines are indented; the one that is not says what was raised. */
static void go_on_trace(struct log_said *said, const struct place *at)
{
    struct str line = at->line;

    if (said->trace_rows != at->rows || at->number - said->trace_line > TRACE_LINES)
        said->traced = false;
    if (!said->traced || line.n <= said->trace_front)
        return;
    line = str_from(line, said->trace_front);
    if ((unsigned char)*line.p <= ' ' || !is_exception(str_trim(line)))
        return;
    said->traced = false;
    bool stopped =
        str_starts(line, STR("KeyboardInterrupt")) || str_has(line, STR("SignalException"));
    take_end(said, at, stopped ? LOG_BROKEN_OFF : LOG_FAILED, BY_EXCEPTION);
}

static void see_launcher(struct log_said *said, const struct place *at)
{
    struct str line = str_trim(at->line);

    if (str_starts(line, STR("slurmstepd: error:"))) {
        if (str_has(line, STR("CANCELLED AT")))
            take_end(said, at, LOG_BROKEN_OFF, BY_SCHEDULER);
        else if (str_has(line, STR("oom")))
            take_end(said, at, LOG_FAILED, BY_MEMORY);
    } else if (str_starts(line, STR("srun: error:"))) {
        bool stopped = str_has(line, STR("Killed")) || str_has(line, STR("Terminated")) ||
                       str_has(line, STR("CANCELLED"));
        take_end(said, at, stopped ? LOG_BROKEN_OFF : LOG_FAILED, BY_LAUNCHER);
    } else if (str_is(line, "Killed") || str_is(line, "Terminated")) {
        take_end(said, at, LOG_BROKEN_OFF, BY_LAUNCHER);
    }
}

/* "Training complete" behind it: whatever it was, it was survived. */
static bool is_over_well(struct str line)
{
    return str_has(line, STR("raining")) &&
           (str_has(line, STR("omplete")) || str_has(line, STR("inished"))) &&
           !str_has(line, STR("ncomplete")) && !str_has(line, STR(" not "));
}

/* ---- what was planned ---- */

static int64_t number_behind(struct str text)
{
    struct quantity quantity;
    int64_t value;

    while (text.n > 0 && *text.p == ' ')
        text = str_from(text, 1);
    bool read = quantity_read(text, &quantity) > 0 && quantity.kind == QUANTITY_NUMBER;
    return read && feed_step(quantity.value, &value) && value > 0 ? value : 0;
}

static void put_once(bool *done, struct feed *feed, struct str key, int64_t value)
{
    char text[24];

    if (*done || value <= 0)
        return;
    *done = true;
    snprintf(text, sizeof(text), "%" PRId64, value);
    feed_setting(feed, "printed", key, str_of(text));
}

/* The Trainer's banner. */
static void see_plan(struct log_said *said, struct str from, struct feed *feed)
{
    struct str steps = STR("Total optimization steps ="), epochs = STR("Num Epochs =");

    if (str_starts(from, steps))
        said->planned = number_behind(str_from(from, steps.n));
    if (str_starts(from, epochs)) {
        int64_t value = number_behind(str_from(from, epochs.n));
        put_once(&said->epochs, feed, STR("num_train_epochs"), value <= EPOCHS_MOST ? value : 0);
    }
}

/* nanoGPT's, and of scripts after it. */
static void see_size(struct log_said *said, struct str line, struct feed *feed)
{
    struct str parameters = STR("number of parameters:"),
               tokens = STR("tokens per iteration will be:");

    if (str_starts(line, parameters))
        put_once(&said->parameters, feed, STR("num_params"),
                 number_behind(str_from(line, parameters.n)));
    else if (str_starts(line, tokens))
        put_once(&said->tokens, feed, STR("tokens_per_iter"),
                 number_behind(str_from(line, tokens.n)));
}

/* " 75%|###  | 900/1200 [": the bar of all steps. */
static void see_bar(struct log_said *said, struct str line)
{
    const char *bar = line.n > 0 ? memrchr(line.p, '|', line.n) : NULL;
    int64_t value[2] = {0, 0};

    if (!bar || !memchr(line.p, '%', line.n))
        return;
    struct str rest = str_trim(str_from(line, (size_t)(bar - line.p) + 1));
    for (size_t i = 0; i < 2; i++) {
        size_t n = 0;
        for (; n < rest.n && n < 15 && is_digit(rest.p[n]); n++)
            value[i] = value[i] * 10 + (rest.p[n] - '0');
        if (n == 0 || n == rest.n || rest.p[n] != (i == 0 ? '/' : ' '))
            return;
        rest = str_from(rest, n + 1);
    }
    if (value[1] == said->planned)
        said->bar = value[0];
}

/* ---- a line ---- */

static void see_word(struct log_said *said, const struct place *at, size_t i, struct feed *feed)
{
    struct str from = str_from(at->line, i);

    if (str_starts(from, STR("Traceback (most recent call last)")))
        begin_trace(said, at, i);
    else if (str_starts(from, STR("Exception ignored in")) ||
             str_starts(from, STR("Exception in thread")))
        said->passed_over = true;
    else if (str_starts(from, STR("Killed ")) && str_has(at->line, STR(": line ")))
        take_end(said, at, LOG_BROKEN_OFF, BY_LAUNCHER); /* bash: "run.sh: line 3: 4711 Killed" */
    else if (feed)
        see_plan(said, from, feed);
    for (size_t k = 0; k < sizeof(marks) / sizeof(marks[0]); k++) {
        if (marks[k].text[0] == *from.p && str_starts(from, str_of(marks[k].text)))
            take_end(said, at, marks[k].end, marks[k].weight);
    }
}

void logsaid_see(struct log_said *said, struct str line, int64_t number, int64_t rows, bool cut,
                 struct feed *feed)
{
    const struct place at = {str_cut(line, LOOKED_AT), number, rows};

    if (at.line.n < 4)
        return;
    if (said->traced)
        go_on_trace(said, &at);
    for (size_t i = 0; i + 3 < at.line.n; i++) {
        if (is_upper(at.line.p[i]) &&
            (i == 0 || !is_letter(at.line.p[i - 1]) || !is_upper(at.line.p[i - 1])))
            see_word(said, &at, i, cut ? NULL : feed);
    }
    if (*at.line.p == 's' || is_upper(*at.line.p))
        see_launcher(said, &at);
    if (!cut && (*at.line.p == 'n' || *at.line.p == 't'))
        see_size(said, at.line, feed);
    if (said->planned > 0)
        see_bar(said, at.line);
    if (said->end != LOG_GOES_ON && said->line < number && is_over_well(at.line))
        said->end = LOG_GOES_ON;
}

void logsaid_tell(const struct log_said *said, int64_t rows, bool any_step, struct feed *feed)
{
    char text[LOG_END_TEXT + 40];

    if (said->end != LOG_GOES_ON && said->rows == rows && rows > 0) {
        snprintf(text, sizeof(text), "line %" PRId64 ": %s", said->line, said->text);
        feed_fact(feed, said->end == LOG_FAILED ? FACT_FAILED : FACT_BROKEN_OFF, str_of(text));
    }
    if (said->planned > 0 && any_step)
        feed_fact_number(feed, FACT_TOTAL_STEPS, said->planned);
    else if (said->planned > 0 && said->bar > 0)
        feed_note(feed,
                  "%" PRId64 " steps are planned, and its last progress bar stands at %" PRId64
                  ": its rows do not name their steps",
                  said->planned, said->bar);
    else if (said->planned > 0)
        feed_note(feed, "%" PRId64 " steps are planned: its rows do not name their steps",
                  said->planned);
}
