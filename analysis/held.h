#ifndef HELD_H
#define HELD_H
/*
 * What is kept of an experiment between calls: the columns of its log, its RL
 * history, the run woven of other programs' files, the last good text of the files a trainer
 * truncates and rewrites. The shelf holds them by key and bounds them in bytes: the least recently
 * used that no call is using goes first. The most recently used one stays whatever its size, or a
 * large log would be read anew by each call.
 *
 * Threads: any. A call keeps what it uses by its reference. Only held_history
 * and held_measure wait for files that are being read; texts never do.
 */

#include "analysis/base/err.h"
#include "analysis/history.h"
#include "analysis/rows.h"
#include "analysis/sources.h"

struct shelf;
struct held;

struct shelf *shelf_new(size_t bytes_max);
void shelf_free(struct shelf *shelf); /* nothing of it may be in use */

/* The one of that key, made if there is none; with a reference for the caller. */
struct held *shelf_get(struct shelf *shelf, const char *key);
void held_unref(void *held); /* void: fits arena_own */

struct rows *held_rows(struct held *held);

/* Measures what it holds, after columns were read; others may have to go. */
void held_measure(struct held *held);

/* The RL history below dir, read again only if its files changed; *out with a reference, or NULL.
 */
NODISCARD bool held_history(struct held *held, int dir, const atomic_bool *cancelled,
                            struct history **out, struct err *err);

/* The run woven of these files, read again only if one of them changed; with a reference. */
NODISCARD bool held_woven(struct held *held, int dir, const struct walk_source *sources, size_t n,
                          const atomic_bool *cancelled, struct woven **out, struct err *err);

/* Likewise about the first rows of each, or all if that is kept. For sources that stream. */
NODISCARD bool held_head(struct held *held, int dir, const struct walk_source *sources, size_t n,
                         size_t rows, struct woven **out, struct err *err);

enum held_text { HELD_STATUS, HELD_LATEST, HELD_TEXTS };

void held_keep(struct held *held, enum held_text which, struct str text);
/* A copy of what was kept last; empty if nothing was. */
struct str held_kept(struct held *held, enum held_text which, struct arena *arena);

/* Whether a log that has `size` bytes now was seen growing in the `within_ms` before `now_ms`. */
bool held_grows(struct held *held, int64_t size, int64_t now_ms, int64_t within_ms);

#endif
