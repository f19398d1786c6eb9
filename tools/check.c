/* `postrun check`: what is found where, what can be read, what cannot and why. For people. */
#include "analysis/readers/reader.h"
#include "analysis/walk.h"
#include "tools/answer.h"

enum { SOURCES_SHOWN = 12, REFUSED_SHOWN = 100 };

/* `arena` ends with this experiment, and its descriptors with it. */
static void put_experiment(struct desk *desk, const struct listed *listed, struct arena *arena,
                           int64_t now_ms, struct buf *out)
{
    const struct experiment *found;
    const struct rows_view *tail;
    struct assessed state;
    struct document document;
    struct err err;

    if (!catalog_get(desk->catalog, listed, arena, &found, &err)) {
        buf_printf(out, "  %s: %s\n", listed->id, err.msg);
        return;
    }
    struct experiment mine = *found;
    const struct experiment *e = &mine;
    experiment_learn(&mine, 0, arena);
    experiment_assess(e, now_ms, arena, &state);
    buf_printf(out, "  %s\n    %s (%s), %s: %s\n    created %s (%s)\n", e->id,
               experiment_type_name(e->type), e->type_why, state.state, state.why,
               date_text(arena, e->created_ms), e->created_from ? e->created_from : "no evidence");
    for (size_t i = 0; i < e->sources_n && i < SOURCES_SHOWN; i++)
        buf_printf(out, "    %s: %s (%s)\n", e->sources[i].path, e->sources[i].reader->name,
                   e->sources[i].why);
    if (e->sources_n > SOURCES_SHOWN)
        buf_printf(out, "    and %zu more files\n", e->sources_n - SOURCES_SHOWN);
    if (!experiment_tail(e, 1, arena, &tail, &err))
        buf_printf(out, "    %s: %s\n", e->sources_n ? "its log" : "metrics.jsonl", err.msg);
    for (int file = FILE_METADATA; file <= FILE_GPU; file++) {
        experiment_document(e, (enum experiment_file)file, arena, &document);
        if (document.exists && document.why)
            buf_printf(out, "    %s: %s\n", document.path, document.why);
    }
}

static void put_one(struct desk *desk, const struct listed *listed, int64_t now_ms, struct buf *out)
{
    struct arena one;

    arena_init(&one);
    put_experiment(desk, listed, &one, now_ms, out);
    arena_fini(&one);
}

/* Names lie: files that are called like a log and are none, and those that cannot be read. */
static void put_refused(struct desk *desk, struct arena *arena, struct buf *out)
{
    const struct walk_refused *refused;
    size_t n, total = catalog_refused(desk->catalog, arena, REFUSED_SHOWN, &refused, &n);

    if (total == 0)
        return;
    buf_printf(out, "%zu file%s not a run:\n", total, total == 1 ? " is" : "s are");
    for (size_t i = 0; i < n; i++)
        buf_printf(out, "  %s: not a run, because %s\n", refused[i].path, refused[i].why);
    if (total > n)
        buf_printf(out, "  and %zu more\n", total - n);
}

bool desk_check(struct desk *desk, struct arena *arena, int64_t now_ms, struct buf *out)
{
    struct listing listing;
    struct coverage coverage;
    struct strs roots = catalog_roots(desk->catalog);
    const char *reports = store_path(desk->store);
    struct report_list stored;
    struct err err;

    coverage_init(&coverage, arena);
    catalog_list(desk->catalog, arena, &listing, &coverage);
    for (size_t i = 0; i < roots.n; i++)
        buf_printf(out, "experiments below %s\n", roots.v[i]);
    for (size_t i = 0; i < coverage.notes.n; i++)
        buf_printf(out, "  %s\n", coverage.notes.v[i]);
    buf_printf(out, "%zu experiments found\n", listing.n);
    for (size_t i = 0; i < listing.n; i++)
        put_one(desk, &listing.v[i], now_ms, out);
    put_refused(desk, arena, out);
    if (!reports)
        buf_puts(out, "no reports directory: start with --reports DIR to save reports\n");
    else if (!store_list(desk->store, 1, 0, arena, &stored, &err))
        buf_printf(out, "reports in %s: %s\n", reports, err.msg);
    else
        buf_printf(out, "%zu reports in %s\n", stored.total, reports);
    return listing.n > 0;
}
