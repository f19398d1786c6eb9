#ifndef ATTACHMENTS_H
#define ATTACHMENTS_H
/*
 * Long texts and images of an Inspect sample stand once, in its map
 * `attachments`; where they are used stands "attachment://HASH" ("tc://HASH" in
 * old logs). The map is the record's own, so a resolved text borrows the record
 * and costs nothing; the hashes are sorted when the first one is asked for.
 */

#include "analysis/base/arena.h"
#include "analysis/base/scan.h"

struct attachments {
    struct str object; /* as it stands in the record; empty: there are none */
    struct scan_member *v;
    size_t n;
    bool sorted;
};

struct attachments attachments_of(struct str object);

/* What a JSON value means: the text it refers to, or itself. */
struct str attachment_text(struct attachments *a, struct str value, struct arena *scratch);

/*
 * The same of what is in an object or an array, to be shown: of each text the
 * first 16 KiB, of an image or another file (data:) its kind and size, and
 * references as they stand once 64 KiB are filled.
 */
struct str attachments_filled(struct attachments *a, struct str value, struct arena *scratch);

#endif
