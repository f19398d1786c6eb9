/* `postrun check`: what is found where, what can be read, what cannot and why. For people. */
#include "tools/answer.h"

/* `arena` ends with this experiment, and its descriptors with it. */
static void put_experiment(struct desk *desk, const struct listed *listed, struct arena *arena,
                           int64_t now_ms, struct buf *out)
{
    const struct experiment *e;
    const struct rows_view *tail;
    struct assessed state;
    struct document document;
    struct err err;

    if (!catalog_get(desk->catalog, listed, arena, &e, &err)) {
        buf_printf(out, "  %s: %s\n", listed->id, err.msg);
        return;
    }
    experiment_assess(e, now_ms, arena, &state);
    buf_printf(out, "  %s\n    %s (%s), %s: %s\n    created %s (%s)\n", e->id,
               experiment_type_name(e->type), e->type_why, state.state, state.why,
               date_text(arena, e->created_ms), e->created_from ? e->created_from : "no evidence");
    if (!experiment_tail(e, 1, arena, &tail, &err))
        buf_printf(out, "    metrics.jsonl: %s\n", err.msg);
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
    if (!reports)
        buf_puts(out, "no reports directory: start with --reports DIR to save reports\n");
    else if (!store_list(desk->store, 1, 0, arena, &stored, &err))
        buf_printf(out, "reports in %s: %s\n", reports, err.msg);
    else
        buf_printf(out, "%zu reports in %s\n", stored.total, reports);
    return listing.n > 0;
}
