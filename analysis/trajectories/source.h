#ifndef SOURCE_H
#define SOURCE_H
/*
 * The records of a file, whatever holds them: the text itself (records.h), or
 * the members of a zip, each unpacked by blocks when it is its turn. A record is
 * found again by offset and length; in a zip the offset is of the member's local
 * header (36 bits) and, below it, of the record inside the member (28 bits).
 */

#include "analysis/trajectories/reader.h"
#include "analysis/trajectories/records.h"

struct source;

/* fd stays the caller's; cancelled may be NULL. */
struct source *source_new(int fd, const struct trajectory_reader *reader,
                          const atomic_bool *cancelled);
void source_free(struct source *source);

/* What `begin` of the reader is shown; empty if there is nothing of that kind. */
struct str source_head(struct source *source, struct arena *arena);

/* As records_next. */
bool source_next(struct source *source, struct record *out, struct err *err);

/* What is odd about the container: a static sentence, or NULL. */
const char *source_remark(const struct source *source);

/* A record again; false if it cannot be had. */
bool source_fetch(int fd, const struct trajectory_reader *reader, uint64_t offset, uint32_t length,
                  struct arena *arena, struct str *out);

#endif
