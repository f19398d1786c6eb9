#ifndef RENDER_H
#define RENDER_H
/*
 * A report as text. Markdown: the title is the only heading of its level,
 * charts are notes that name what they show, children stand indented below
 * their block, kinds we do not know are named in a note. It never fails: what
 * is odd in a report that nobody checked is left out.
 */

#include "reports/report.h"

/* blocks: the tree of report->blocks. */
void render_markdown(const struct report *report, const struct json *blocks, struct arena *arena,
                     struct buf *out);

struct heading {
    const char *id, *text;
    int64_t level;
};

struct outline {
    const struct heading *headings; /* in order, nested ones, too */
    size_t n;
    int64_t block_count; /* of the list: nested blocks are not counted */
};

void report_outline(const struct json *blocks, struct arena *arena, struct outline *out);

#endif
