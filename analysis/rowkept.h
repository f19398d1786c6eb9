#ifndef ROWKEPT_H
#define ROWKEPT_H
/*
 * The texts of the rows that were copied out of a table last. While a run goes
 * on, the same question is asked again and again, and most rows that are chosen
 * were chosen before: a system call and a scan less for each.
 */

#include "analysis/base/buf.h"

#include <pthread.h>
#include <stdint.h>

enum { KEPT_BYTES = 1024 * 1024 }; /* of text; answers with more are not kept */

/* n rows, ascending; the text of row[i] is text[end[i - 1] .. end[i]). */
struct kept_rows {
    size_t n, columns_n;
    uint16_t *column; /* whose members are in the texts, ascending */
    size_t *row;
    uint32_t *end;
    char *text;
};

struct kept {
    pthread_mutex_t lock;
    struct kept_rows rows; /* n 0: none */
};

void kept_init(struct kept *kept);
void kept_fini(struct kept *kept);
size_t kept_bytes(struct kept *kept);

/*
 * Lends what is kept for these columns to one user, who gives something back:
 * these rows or others. Empty if there is nothing or it is lent.
 */
struct kept_rows kept_take(struct kept *kept, const uint16_t *column, size_t columns_n);
void kept_give(struct kept *kept, struct kept_rows *rows); /* empties *rows */
void kept_rows_fini(struct kept_rows *rows);

/* The text of a row, NULL in .p if it is not there; *at moves on over ascending rows, from 0. */
struct str kept_find(const struct kept_rows *rows, size_t row, size_t *at);

#endif
