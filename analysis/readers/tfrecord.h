#ifndef TFRECORD_H
#define TFRECORD_H
/*
 * TFRecord framing: u64 length | masked CRC-32C of it | data | masked CRC-32C
 * of the data, little-endian. A record whose data are damaged is passed over;
 * behind a damaged length nothing can be found again, so that is the end.
 */

#include "analysis/readers/reader.h"

enum { RECORD_HEAD = 12, RECORD_TAIL = 4, RECORD_MAX = 64 * 1024 * 1024 };

enum record {
    RECORD_GOOD,
    RECORD_BAD,    /* the checksum of the data does not fit */
    RECORD_LARGE,  /* more than RECORD_MAX: not read */
    RECORD_END,    /* the file ends behind a whole record */
    RECORD_CUT,    /* … inside one */
    RECORD_LOST,   /* the checksum of a length does not fit */
    RECORD_FAILED, /* err says why */
};

struct tfrecords {
    int fd;
    const atomic_bool *cancelled;
    char *block;
    size_t room, n, at;
    int64_t offset; /* of block[0] in the file */
    int64_t number; /* of the record given last, 1-based */
};

NODISCARD bool tfrecords_open(struct tfrecords *records, const struct source *source,
                              struct err *err);
void tfrecords_close(struct tfrecords *records);
/* For a file that may grow: lets go of it, and opens it again behind the last whole record. */
void tfrecords_pause(struct tfrecords *records);
NODISCARD bool tfrecords_go_on(struct tfrecords *records, const struct source *source,
                               struct err *err);
/* data: good until the next call. Behind RECORD_CUT the same record comes again. */
enum record tfrecords_next(struct tfrecords *records, struct str *data, struct err *err);
int64_t tfrecords_offset(const struct tfrecords *records); /* of what comes next */

/* Is text the start of a record, as far as it goes? Its data as far as they are there. */
bool tfrecord_starts(struct str text, uint64_t *length, struct str *data);

#endif
