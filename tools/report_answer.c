#include "tools/report_answer.h"
#include "analysis/base/limits.h"

bool report_answer(const struct report *report, const struct json *blocks, enum echo echo,
                   struct arena *arena, struct report_row *out, struct err *err)
{
    struct outline outline;

    if (!blocks)
        blocks = json_parse(arena, report->blocks, JSON_STRICT, REQUEST_DEPTH_MAX, err);
    if (!blocks)
        return err_wrap(err, "report %s", report->id);
    report_outline(blocks, arena, &outline);
    struct outline_row *rows = ARENA_ARRAY(arena, outline.n, struct outline_row);
    for (size_t i = 0; i < outline.n; i++)
        rows[i] = (struct outline_row){outline.headings[i].id, outline.headings[i].text,
                                       outline.headings[i].level};
    *out = (struct report_row){.id = report->id,
                               .title = report->title,
                               .createdAt = report->created_ms,
                               .updatedAt = report->updated_ms,
                               .blockCount = outline.block_count,
                               .pattern = report->pattern,
                               .experimentId = report->experiment_id,
                               .outline = {rows, outline.n}};
    if (echo == ECHO_ALWAYS || (echo == ECHO_IF_IT_FITS && report->blocks.n <= ANSWER_CHARS - 4000))
        out->blocks = report->blocks;
    return true;
}

const char *report_file(const struct desk *desk, const char *id, struct arena *arena)
{
    const char *directory = store_path(desk->store);

    return directory ? arena_printf(arena, "%s/%s.json", directory, id) : NULL;
}

const char *report_url(const struct desk *desk, const char *id, struct arena *arena)
{
    if (!desk->dashboard_url)
        return NULL;
    struct str base = str_of(desk->dashboard_url);
    while (base.n && base.p[base.n - 1] == '/')
        base.n--;
    return arena_printf(arena, "%.*s/reports/%s", STR_FMT(base), id);
}

static const struct field outline_fields[] = {
    F_STR(struct outline_row, id, .doc = "", .required = true),
    F_STR(struct outline_row, text, .doc = "", .required = true),
    F_INT(struct outline_row, level, .doc = "", .required = true),
};
static const struct shape outline_shape = SHAPE(struct outline_row, outline_fields);

const struct field report_row_fields[REPORT_ROW_FIELDS] = {
    F_STR(struct report_row, id, .doc = "", .required = true),
    F_STR(struct report_row, title, .doc = "", .required = true),
    F_RAW(struct report_row, blocks, .doc = "Left out when they do not fit", .type = "array"),
    F_INT(struct report_row, createdAt, .doc = "ms UTC", .required = true),
    F_INT(struct report_row, updatedAt, .doc = "ms UTC", .required = true),
    F_INT(struct report_row, blockCount, .doc = "", .required = true),
    F_STR(struct report_row, pattern, .doc = ""),
    F_STR(struct report_row, experimentId, .doc = ""),
    F_LIST(struct report_row, outline, .doc = "Headings", .of = &outline_shape, .required = true),
};
const struct shape report_row_shape = SHAPE(struct report_row, report_row_fields);
