#ifndef REPORT_ANSWER_H
#define REPORT_ANSWER_H
/* A report as the tools answer it. */

#include "reports/render.h"
#include "tools/answer.h"

struct outline_row {
    const char *id, *text;
    int64_t level;
};

struct report_row {
    const char *id, *title;
    struct str blocks; /* p NULL: left out because it would not fit */
    int64_t createdAt, updatedAt, blockCount;
    const char *pattern, *experimentId;
    struct list outline;
};

enum { REPORT_ROW_FIELDS = 9 };
extern const struct field report_row_fields[REPORT_ROW_FIELDS];
extern const struct shape report_row_shape;

enum echo { ECHO_NEVER, ECHO_IF_IT_FITS, ECHO_ALWAYS };

/* blocks may be NULL: then they are parsed from the report. */
NODISCARD bool report_answer(const struct report *report, const struct json *blocks, enum echo echo,
                             struct arena *arena, struct report_row *out, struct err *err);

/* Where the report's file is; NULL if there is no reports directory. */
const char *report_file(const struct desk *desk, const char *id, struct arena *arena);
/* Its page below --dashboard-url; NULL without one. */
const char *report_url(const struct desk *desk, const char *id, struct arena *arena);

#endif
