#ifndef FOLLOW_H
#define FOLLOW_H
/*
 * What was read of a run's files, kept while the run goes on: a log that has grown
 * is read on from its last whole row, one that nothing happened to is not read.
 * What comes out is the same as if all had been read anew; a log that was rewritten,
 * or that later rows would have made another one, is. A rewritten one is known by its
 * size, or by other bytes at its beginning, behind its last row, or in blocks spread
 * over all of it (mark.h): a byte changed between these while rows were appended is not.
 *
 * Threads: one at a time. What follow_read gives is read by nobody else meanwhile.
 */

#include "analysis/readers/fed.h"
#include "analysis/walk.h"

struct follow;

struct follow *follow_new(void);
void follow_free(struct follow *follow);

/*
 * All of a source, good until the next look. rows > 0: about so many of its first rows will do;
 * such a look is not to be followed by another.
 */
NODISCARD bool follow_read(struct follow *follow, int dir, const struct walk_source *source,
                           size_t rows, const atomic_bool *cancelled, const struct fed **out,
                           struct err *err);

/* The look is over: lets go of sources that nobody asked for. */
void follow_looked(struct follow *follow);

/* Of what is kept, without tables that others hold as well. */
size_t follow_bytes(const struct follow *follow);
/* How often a source was read from its beginning. */
size_t follow_begun(const struct follow *follow);

#endif
