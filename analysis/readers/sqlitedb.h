#ifndef SQLITEDB_H
#define SQLITEDB_H
/*
 * SQLite files of other programs, read and never written. The library is
 * loaded when such a file is met and not before; without it the file is refused
 * with a sentence. A store that is being written (write-ahead log, journal) is
 * copied with its log to a folder of our own and read there, so that nothing
 * changes beside the original; one that is not is opened read-only. The schema
 * is not trusted: no function of it runs, and every query can be cancelled.
 * One thread.
 */

#include "analysis/readers/reader.h"

struct sqlitedb;
struct sqliterows;

bool sqlitedb_magic(struct str head);

/* NULL with err. feed: told if the store changed while it was copied; may be NULL. */
NODISCARD struct sqlitedb *sqlitedb_open(const struct source *source, struct feed *feed,
                                         struct err *err);
void sqlitedb_close(struct sqlitedb *db);

/* Is there a table with that column? */
bool sqlitedb_has(struct sqlitedb *db, const char *table, const char *column);

/*
 * A query with up to two texts for its `?`; NULL: not bound. NULL with err if the file does not
 * answer it.
 */
NODISCARD struct sqliterows *sqlitedb_query(struct sqlitedb *db, const char *sql, const char *one,
                                            const char *two, struct err *err);
/* False at the end, or with *err set if the file is damaged there. */
bool sqliterows_next(struct sqliterows *rows, struct err *err);
void sqliterows_free(struct sqliterows *rows);

/* Of the row: good until the next one. Empty, false: NULL or of another type. */
struct str sqliterows_text(struct sqliterows *rows, int column);
bool sqliterows_integer(struct sqliterows *rows, int column, int64_t *out);
bool sqliterows_number(struct sqliterows *rows, int column, double *out);

#endif
