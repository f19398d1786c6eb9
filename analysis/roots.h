#ifndef ROOTS_H
#define ROOTS_H
/*
 * The directories that experiments are looked for below: resolved anew at each
 * look, so that one which appears, goes or is exchanged is noticed.
 */

#include "analysis/coverage.h"
#include "analysis/walk.h"

struct root {
    const char *given;
    char *real;        /* heap; NULL while it is not there */
    const char *fault; /* why it cannot be walked, a sentence; NULL if it can */
    int dir;           /* -1 while it is not there */
    dev_t dev;
    ino_t ino;
    struct walk *walk; /* NULL also for a root that lies in another one */
};

/* Looks at all of them; true if an experiment came, went or changed. */
bool roots_look(struct root *roots, size_t n);
void root_close(struct root *root);

/* For messages: resolved, or what would have been. */
const char *root_shown(const struct root *root, struct arena *arena);

/* What could not be seen, as notes. */
void roots_cover(const struct root *roots, size_t n, struct coverage *coverage);

#endif
