#include "analysis/readers/tfrecord.h"

#include <stdlib.h>
#include <unistd.h>

#include "analysis/base/limits.h"
#include "analysis/files.h"
#include "analysis/readers/crc32c.h"
#include "analysis/readers/lines.h"

static uint32_t u32(const char *p)
{
    uint32_t value;

    memcpy(&value, p, sizeof(value)); /* the tables are little-endian as well */
    return value;
}

static uint64_t u64(const char *p)
{
    return u32(p) | (uint64_t)u32(p + 4) << 32;
}

static bool fits(const char *bytes, size_t n, const char *crc)
{
    return crc32c_masked(crc32c(bytes, n)) == u32(crc);
}

bool tfrecord_starts(struct str text, uint64_t *length, struct str *data)
{
    if (text.n < RECORD_HEAD || !fits(text.p, 8, text.p + 8))
        return false;
    *length = u64(text.p);
    *data = str_cut(str_from(text, RECORD_HEAD), *length < SIZE_MAX ? (size_t)*length : SIZE_MAX);
    return true;
}

bool tfrecords_open(struct tfrecords *records, const struct source *source, struct err *err)
{
    *records = (struct tfrecords){.fd = -1};
    return tfrecords_go_on(records, source, err);
}

bool tfrecords_go_on(struct tfrecords *records, const struct source *source, struct err *err)
{
    records->fd = source_open(source, err);
    if (records->fd < 0)
        return false;
    records->cancelled = source->cancelled;
    records->room = READ_BLOCK;
    records->block = heap_alloc(records->room);
    return true;
}

void tfrecords_pause(struct tfrecords *records)
{
    if (records->block && records->fd >= 0)
        close(records->fd);
    free(records->block);
    *records = (struct tfrecords){
        .fd = -1, .offset = tfrecords_offset(records), .number = records->number};
}

void tfrecords_close(struct tfrecords *records)
{
    tfrecords_pause(records);
    *records = (struct tfrecords){.fd = -1};
}

int64_t tfrecords_offset(const struct tfrecords *records)
{
    return records->offset + (int64_t)records->at;
}

/* Reads on until n bytes from `at` on are there; how many there are, -1 with err. */
static int64_t read_on(struct tfrecords *records, size_t n, struct err *err)
{
    struct source asked = {.cancelled = records->cancelled};

    if (!source_wanted(&asked, err))
        return -1;
    records->n -= records->at;
    memmove(records->block, records->block + records->at, records->n);
    records->offset += (int64_t)records->at;
    records->at = 0;
    if (n > records->room) {
        records->room = n + READ_BLOCK;
        records->block = heap_grow(records->block, records->room);
    }
    int64_t got = file_fill(records->fd, records->block + records->n, records->room - records->n,
                            records->offset + (int64_t)records->n);
    if (got < 0) {
        err_errno(err, "cannot read on");
        return -1;
    }
    records->n += (size_t)got;
    return (int64_t)(records->n < n ? records->n : n);
}

static inline int64_t need(struct tfrecords *records, size_t n, struct err *err)
{
    return records->n - records->at >= n ? (int64_t)n : read_on(records, n, err);
}

/* Goes over a record that is not read; what follows it is looked for in the file. */
static enum record pass(struct tfrecords *records, uint64_t length)
{
    if (length > (uint64_t)1 << 48)
        return RECORD_CUT;
    records->offset = tfrecords_offset(records) + RECORD_HEAD + (int64_t)length + RECORD_TAIL;
    records->at = records->n = 0;
    return RECORD_LARGE;
}

enum record tfrecords_next(struct tfrecords *records, struct str *data, struct err *err)
{
    int64_t have = need(records, RECORD_HEAD, err);

    if (have < RECORD_HEAD)
        return have < 0 ? RECORD_FAILED : have == 0 ? RECORD_END : RECORD_CUT;
    const char *p = records->block + records->at;
    records->number++;
    if (!fits(p, 8, p + 8))
        return RECORD_LOST;
    uint64_t length = u64(p);
    if (length > RECORD_MAX)
        return pass(records, length);
    size_t whole = RECORD_HEAD + (size_t)length + RECORD_TAIL;
    have = need(records, whole, err);
    if (have < (int64_t)whole) {
        records->number--;
        return have < 0 ? RECORD_FAILED : RECORD_CUT;
    }
    p = records->block + records->at;
    *data = (struct str){p + RECORD_HEAD, (size_t)length};
    records->at += whole;
    return fits(data->p, data->n, data->p + data->n) ? RECORD_GOOD : RECORD_BAD;
}
