#ifndef STORE_H
#define STORE_H
/*
 * The directory of reports: one file ID.json a report, saved whole and synced
 * before a save returns. A reader sees the old version or the new one, never
 * a mixture, whatever fails or is killed; two programs on one directory do not
 * disturb each other.
 *
 * Nothing on disk is touched before the first save: that one makes the
 * directory (0700; files are 0600). Versions in the making stand in its folder
 * .tmp, so neither a save nor its cleaning ever lists the reports.
 *
 * Files that are no reports are left alone: lists count them, loading says what
 * is wrong. Threads: any.
 */

#include "analysis/base/shape.h"
#include "reports/report.h"

struct store;

/* path NULL: there is no directory. Lists are empty, and saving says how to name one. */
struct store *store_open(const char *path);
void store_close(struct store *store);
const char *store_path(const struct store *store); /* NULL if there is none */

/*
 * Saves a new report: title (NULL: "Untitled Report"), pattern, experiment_id,
 * blocks and block_count are the caller's, who has checked them
 * (blocks/block.h); id and both times are filled in.
 */
NODISCARD bool store_create(struct store *store, struct report *report, int64_t now_ms,
                            struct arena *arena, struct err *err);

struct report_change {
    const char *title; /* NULL: as it was */
    struct str blocks; /* p NULL: as they were */
    int64_t block_count;
    int64_t expected_updated_ms; /* another time in the report is ERR_CONFLICT; or NOT_GIVEN */
};

/* *out is the report as saved. updated_ms = max(now, what it was + 1). */
NODISCARD bool store_update(struct store *store, const char *id, const struct report_change *change,
                            int64_t now_ms, struct arena *arena, struct report *out,
                            struct err *err);

/* *blocks (may be NULL) gets the tree of out->blocks. */
NODISCARD bool store_load(const struct store *store, const char *id, struct arena *arena,
                          struct report *out, const struct json **blocks, struct err *err);

struct report_list {
    const struct report *v; /* without blocks; newest update first, ties by id */
    size_t n, total;
    size_t skipped;            /* files ID.json that are no reports … */
    const char *first_skipped; /* … and about one of them a sentence; NULL if there is none */
};

NODISCARD bool store_list(const struct store *store, size_t limit, size_t offset,
                          struct arena *arena, struct report_list *out, struct err *err);

NODISCARD bool store_remove(struct store *store, const char *id, struct err *err);

/*
 * A rendering beside the reports: ID.EXTENSION, whole or not at all, in place of
 * an older one. extension is ours, not a client's.
 */
NODISCARD bool store_export(struct store *store, const char *id, const char *extension,
                            struct str text, struct arena *arena, const char **path,
                            struct err *err);

/*
 * Frees the versions that saves have replaced. Freeing blocks costs many times
 * what a save does (1 ms on ext4), so the caller runs this after it has
 * answered, on a worker; left out, a later save frees them.
 */
void store_tidy(struct store *store);

#endif
