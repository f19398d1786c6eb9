#ifndef RECORDS_H
#define RECORDS_H
/*
 * A file of JSON cut into its records, in one pass of blocks: the lines of a
 * JSONL file, objects one after another, the elements of an array, or the
 * elements of the array under the key `within` of an object. What is in memory
 * is one record and a block.
 *
 * Records are framed, not checked: a reader finds the faults inside. In a file
 * of lines each line is on its own, so a broken one costs only itself.
 */

#include "analysis/base/err.h"
#include "analysis/base/str.h"

#include <stdatomic.h>
#include <stdint.h>

struct record {
    struct str text;   /* until the next call */
    uint64_t offset;   /* in the file */
    int64_t line;      /* where it begins, from 1 */
    uint64_t next;     /* a line: where the one behind it begins; 0: no line, or not ended yet */
    const char *fault; /* NULL; or why there is no text: a sentence, until the next call */
    bool again;        /* a summary of what earlier records may have given in full */
};

struct records;

/*
 * fd stays the caller's; within may be NULL, cancelled too. alone: the object
 * with that key is the whole file, also where it is written as one line.
 */
struct records *records_new(int fd, const char *within, bool alone, const atomic_bool *cancelled);
/* The lines of a file from `offset` on, which is the beginning of that line. */
struct records *records_resume(int fd, uint64_t offset, int64_t line, const atomic_bool *cancelled);
void records_free(struct records *records);

/*
 * From now on the lines that begin in [from, to), which is behind the first line
 * of the file: one that began before `from` is not among them. They are counted
 * from 0. What is in memory is bounded further: records_next ends, too, before a
 * line of more than PART_LINE_MAX bytes.
 */
enum { PART_LINE_MAX = 4 << 20 };
void records_part(struct records *records, uint64_t from, uint64_t to);
/* No line that begins at `to` or behind it. */
void records_until(struct records *records, uint64_t to);

/* Where records_next stopped, in lines; *offset: of the line that is too long for a part, or 0. */
int64_t records_stopped(const struct records *records, uint64_t *offset);

/* False at the end, or with err->code set on a failure; err starts with ERR_NONE. */
bool records_next(struct records *records, struct record *out, struct err *err);

#endif
