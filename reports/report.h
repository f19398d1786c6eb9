#ifndef REPORT_H
#define REPORT_H
/*
 * A report: a title and a list of BlockNote blocks. The JSON that was saved is
 * the truth: blocks are kept byte for byte, also those of kinds we do not know.
 * All of it lives in the arena it was loaded or built with.
 */

#include "analysis/base/json.h"

enum { REPORT_ID_MAX = 64 };

struct report {
    const char *id; /* [A-Za-z0-9-]{1,64}; made by report_new_id */
    const char *title;
    const char *pattern;       /* NULL if it was not made from one */
    const char *experiment_id; /* NULL if it is about none */
    struct str blocks;         /* a JSON array, as saved; empty in a list */
    int64_t block_count;       /* of the array: nested blocks are not counted */
    int64_t created_ms, updated_ms;
};

bool report_id_ok(struct str id);
/* A random UUID (version 4) as text; 37 bytes with its NUL. */
void report_new_id(char out[37]);

#endif
