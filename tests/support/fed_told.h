#ifndef FED_TOLD_H
#define FED_TOLD_H
/* All that a feed got, as text: two readings that give the same text gave the same. */

#include "tests/support/fed_points.h"

#include <inttypes.h>

#include "analysis/base/buf.h"

static inline void told_texts(struct buf *out, const char *what, const char *const *text, size_t n)
{
    for (size_t i = 0; i < n && i < FED_TEXTS_MAX; i++)
        buf_printf(out, "%s %s\n", what, text[i]);
    buf_printf(out, "%zu %s\n", n, what);
}

static inline void told_column(struct buf *out, const struct fed *fed, const struct column *column,
                               struct arena *scratch)
{
    struct fed_points p = fed_points(fed, arena_text(scratch, column->name), scratch);

    if (column->points_n + column->nulls + column->others == 0)
        return; /* as if it were not there */
    buf_printf(out, "%.*s: %" PRId64 " points, %" PRId64 " nulls, %" PRId64 " others\n",
               STR_FMT(column->name), column->points_n, column->nulls, column->others);
    for (size_t i = 0; i < p.n; i++)
        buf_printf(out, "%" PRId64 ":%.17g ", p.step[i], p.value[i]);
}

static inline struct str fed_told(const struct fed *fed, struct arena *scratch)
{
    const struct tally *tally = &fed->table->tally;
    struct buf out = {0};

    buf_printf(&out, "%zu rows, %" PRId64 " malformed (%" PRId64 " %s), %" PRId64 " duplicates, ",
               tally->rows, tally->malformed, tally->bad_line,
               tally->bad_reason ? tally->bad_reason : "", tally->duplicates);
    buf_printf(&out, "%" PRId64 " restarts, %" PRId64 " stepless, %" PRId64 " odd; axis %s: %s\n",
               tally->restarts_n, tally->stepless, tally->odd_steps, fed->axis ? fed->axis : "",
               fed->axis ? fed->axis_why : "");
    for (size_t i = 0; i < fed->table->columns_n; i++)
        told_column(&out, fed, fed->table->column[i], scratch);
    for (int f = 0; f < FACTS; f++)
        buf_printf(&out, "%s ", fed->fact[f] ? fed->fact[f] : "-");
    for (size_t i = 0; i < fed->configs.n; i++)
        buf_printf(&out, "config %s %.*s\n", fed->configs.v[i].from,
                   STR_FMT(fed->configs.v[i].json));
    for (size_t i = 0; i < fed->evaluations.n; i++)
        buf_printf(&out, "evaluation %s %.*s\n", fed->evaluations.v[i].from,
                   STR_FMT(fed->evaluations.v[i].json));
    told_texts(&out, "damages", fed->damage, fed->damage_n);
    told_texts(&out, "notes", fed->note, fed->notes_n);
    struct str text = arena_str(scratch, buf_str(&out));
    buf_fini(&out);
    return text;
}

#endif
