#ifndef LOGSAID_H
#define LOGSAID_H
/*
 * What the lines of a printed log say that are no rows: how it ended (a traceback, memory that
 * ran out, a scheduler that cancelled the job), how many steps were planned, how large the
 * model is. An end counts only behind the last row: what rows follow was survived.
 */

#include "analysis/base/str.h"

#include <stdint.h>

struct feed;

enum log_end { LOG_GOES_ON, LOG_FAILED, LOG_BROKEN_OFF };

enum { LOG_END_TEXT = 120 };

struct log_said {
    enum log_end end;
    int weight;         /* of two lines that say it the lighter one stands, else the first */
    int64_t line, rows; /* where it stands, and how many rows stand before it */
    char text[LOG_END_TEXT + 1];
    bool traced;                     /* within a traceback: its last line says what it is */
    size_t trace_front;              /* bytes in front of each of its lines: "[rank0]: " */
    int64_t trace_rows, trace_line;  /* rows before it; its last line so far */
    bool passed_over;                /* the next traceback is one that Python ignores */
    int64_t planned;                 /* steps; 0: not said */
    int64_t bar;                     /* of them, as the last progress bar shows; 0: none did */
    bool parameters, tokens, epochs; /* were said */
};

/* cut: the file ends in it, without a newline. */
void logsaid_see(struct log_said *said, struct str line, int64_t number, int64_t rows, bool cut,
                 struct feed *feed);

/* How the log ends, if it says so behind all its rows. any_step: its rows have steps. */
void logsaid_tell(const struct log_said *said, int64_t rows, bool any_step, struct feed *feed);

#endif
