#ifndef RECORD_H
#define RECORD_H
/*
 * A report as a file: one JSON object whose blocks stand last, byte for byte
 * as they were given, so that a list needs only the beginning of each file.
 * Files of other programs, with members in another order, missing or unknown,
 * are read, too, as long as `blocks` is an array.
 */

#include "reports/report.h"

enum { RECORD_HEAD = 4096 }; /* enough of a file for its head, whatever the title */

void record_write(const struct report *report, struct buf *buf);

/*
 * Everything but the blocks, from the beginning of a file that record_write
 * made. False if it is another's or the title is too long for this: read it whole.
 */
bool record_head(struct str start, struct arena *arena, struct report *out);

/* A title that is not there becomes "Untitled Report", a time modified_ms. */
NODISCARD bool record_read(struct str text, int64_t modified_ms, struct arena *arena,
                           struct report *out, const struct json **blocks, struct err *err);

#endif
