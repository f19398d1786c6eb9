#include "analysis/readers/logepoch.h"

#include <inttypes.h>

#include "analysis/readers/feed.h"

static void stepless(struct logline *line)
{
    line->has_step = line->epoch = false;
    line->total = 0;
}

/* Whether the steps of an epoch begin anew shows where the next one begins. */
static void see_turn(struct log_epochs *epochs, const struct logline *line)
{
    if (epochs->turned || line->step != epochs->epoch + 1)
        return;
    epochs->turned = true;
    epochs->go_on = line->inner > epochs->step;
}

/* The step over all epochs; false if no step is that large. */
static bool step_over_all(const struct log_epochs *epochs, struct logline *line)
{
    int64_t before = line->step - !epochs->from_0, step, total;

    if (epochs->go_on) {
        line->step = line->inner;
        line->total = line->inner_total;
        return true;
    }
    if (__builtin_mul_overflow(before, epochs->total, &step) ||
        __builtin_add_overflow(step, line->inner, &step) || !feed_step((double)step, &step))
        return false;
    bool planned = (epochs->turned || line->total == 1) &&
                   !__builtin_mul_overflow(line->total, epochs->total, &total);
    line->step = step;
    line->total = planned ? total : 0;
    return true;
}

static bool number(struct str *rest, int64_t *out)
{
    size_t n = 0;

    for (*out = 0; n < rest->n && n < 9 && (unsigned char)(rest->p[n] - '0') < 10; n++)
        *out = *out * 10 + (rest->p[n] - '0');
    *rest = str_from(*rest, n);
    return n > 0;
}

void logepoch_see(struct log_epochs *epochs, struct str line)
{
    int64_t at, total;

    if (!str_starts(line, STR("Epoch ")))
        return;
    line = str_trim(str_from(line, 6));
    if (!number(&line, &at) || line.n == 0 || *line.p != '/')
        return;
    line = str_from(line, 1);
    if (!number(&line, &total) || line.n > 0)
        return;
    epochs->above = at;
    epochs->above_of = total;
}

/* The bar under "Epoch 2/40": the first full one, as others are of evaluations. */
static void place_bar(struct log_epochs *epochs, struct logline *line)
{
    line->has_step = line->epoch = epochs->above_of > 0;
    line->step = epochs->above;
    line->total = epochs->above_of;
    epochs->above_of = 0;
}

bool logepoch_place(struct log_epochs *epochs, struct logline *line, int64_t last_step)
{
    bool first = false;

    if (line->head == LOGHEAD_BAR) {
        place_bar(epochs, line);
        return false;
    }
    if (!line->has_inner) {
        if (epochs->total > 0 && line->has_step && line->epoch) {
            bool here = line->step == epochs->epoch;
            stepless(line);
            line->has_step = here;
            line->step = last_step;
        }
        return false;
    }
    if (line->inner_total > 0 && epochs->total == 0) {
        first = true;
        epochs->total = line->inner_total;
        epochs->from_0 = line->step == 0;
        epochs->epoch = line->step;
    }
    if (line->inner_total != epochs->total) {
        epochs->untold += line->inner_total == 0;
        epochs->others += line->inner_total != 0;
        stepless(line);
        return false;
    }
    if (epochs->total == 0) {
        epochs->untold++;
        stepless(line);
        return false;
    }
    see_turn(epochs, line);
    epochs->epoch = line->step;
    epochs->step = line->inner;
    bool placed = step_over_all(epochs, line);
    line->epoch = false;
    if (!placed)
        stepless(line);
    return first;
}

void logepoch_tell(const struct log_epochs *epochs, struct feed *feed)
{
    if (epochs->total > 0 && !epochs->go_on)
        feed_note(feed,
                  "the lines count within an epoch of %" PRId64 ": a step is %s x %" PRId64
                  " + that count; a row with an epoch alone stands at the step before it",
                  epochs->total, epochs->from_0 ? "the epoch" : "(the epoch - 1)", epochs->total);
    if (epochs->others > 0)
        feed_note(feed,
                  "%" PRId64 " rows count within an epoch of another length than %" PRId64
                  ": they have no step",
                  epochs->others, epochs->total);
    if (epochs->untold > 0)
        feed_note(feed,
                  "%" PRId64 " rows count steps within an epoch without saying how many it has: "
                  "they have no step",
                  epochs->untold);
}
