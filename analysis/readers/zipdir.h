#ifndef ZIPDIR_H
#define ZIPDIR_H
/*
 * The members of a zip file that was read into memory, by its central directory
 * (PKWARE's APPNOTE 6.3.10, sections 4.3 and 4.5): stored or deflated. Names
 * are only names; nothing is written anywhere. Pure functions.
 */

#include "analysis/base/arena.h"
#include "analysis/base/err.h"

#include <stdint.h>

struct zipdir {
    struct str file;
    size_t at, left; /* of the next entry; entries left */
};

struct zipmember {
    struct str name;
    int method;
    uint32_t crc;
    uint64_t packed, size, offset; /* offset: of the member's own header */
};

NODISCARD bool zipdir_open(struct zipdir *dir, struct str file, struct err *err);
/* False at the end, or with *err set where the directory is damaged. */
NODISCARD bool zipdir_next(struct zipdir *dir, struct zipmember *member, struct err *err);
/* Its bytes, checked against their CRC: borrowed from the file, or in the arena. */
NODISCARD bool zipmember_read(const struct zipdir *dir, const struct zipmember *member, size_t most,
                              struct arena *arena, struct str *out, struct err *err);

#endif
