#ifndef ZIP_H
#define ZIP_H
/*
 * The members of a zip file (PKWARE APPNOTE 6.3): by its central directory, with
 * zip64; where that is missing or does not hold, because the writer was killed,
 * by the local headers, as far as they can be followed. Nothing in the file is
 * believed before it was compared with the file's size.
 */

#include "analysis/base/arena.h"
#include "analysis/base/buf.h"
#include "analysis/base/err.h"

#include <stdatomic.h>
#include <stdint.h>

#define ZIP_NOT_SAID UINT64_MAX

struct zip_member {
    struct str name;
    uint64_t header;       /* where its local header stands */
    uint64_t packed, size; /* ZIP_NOT_SAID: written as a stream */
    uint32_t crc;
    bool checked;  /* there is a crc */
    bool replaced; /* a later member has the same name: logs are rewritten by appending */
    uint16_t method;
};

struct zip {
    struct zip_member *v; /* in the order of the file */
    size_t n;
    const char *fault; /* NULL; or why there may be more members: a static sentence */
};

/* False when these are no members at all. */
NODISCARD bool zip_open(int fd, struct arena *arena, struct zip *out, struct err *err);

/* The member whose local header stands there, as that header has it. */
NODISCARD bool zip_member_at(int fd, uint64_t header, struct arena *arena, struct zip_member *out,
                             struct err *err);

/*
 * Appends the unpacked bytes, at most `most`; what is larger is ERR_TOO_LARGE.
 * Length and checksum must be right. cancelled may be NULL.
 */
NODISCARD bool zip_read(int fd, const struct zip_member *member, size_t most,
                        const atomic_bool *cancelled, struct buf *out, struct err *err);

/* ---- between the two files of this room ---- */

/* Where the packed bytes begin; 0 if no local header stands there. */
uint64_t zip_data(int fd, const struct zip_member *member);
/* Where they end, by unpacking them: for members that do not say how long they are. 0: never. */
uint64_t zip_data_end(int fd, const struct zip_member *member);

#endif
