#include "reports/blocks/block.h"

#include <stdio.h>

/* A cell is a list of texts, an object that holds one as `content`, or a string. */
static const struct json *cell_content(const struct json *cell)
{
    return cell->kind == JSON_OBJECT ? json_get(cell, "content") : cell;
}

static bool check_row(const struct json *row, size_t at, struct err *err)
{
    const struct json *cells = json_get(row, "cells");
    size_t n = 0;

    if (!cells || cells->kind != JSON_ARRAY)
        return err_set(err, ERR_ARGUMENT, "content.rows[%zu].cells: must be a list, not %s.", at,
                       json_kind_name(cells));
    json_each (cell, cells) {
        char where[80];
        const struct json *content = cell_content(cell);

        snprintf(where, sizeof(where), "content.rows[%zu].cells[%zu]", at, n++);
        if (!content)
            return err_set(err, ERR_ARGUMENT, "%s.content: is missing.", where);
        if (content->kind != JSON_STRING && !inline_check(content, where, err))
            return false;
    }
    return true;
}

static bool check(const struct json *block, struct err *err)
{
    const struct json *content = json_get(block, "content"), *rows = json_get(content, "rows");
    size_t n = 0;

    if (!content || content->kind != JSON_OBJECT)
        return err_set(err, ERR_ARGUMENT, "content: must be an object with rows, not %s.",
                       json_kind_name(content));
    if (!rows || rows->kind != JSON_ARRAY)
        return err_set(err, ERR_ARGUMENT, "content.rows: must be a list, not %s.",
                       json_kind_name(rows));
    json_each (row, rows) {
        if (!check_row(row, n++, err))
            return false;
    }
    return true;
}

/* A row has as many cells as the widest, or Markdown drops the rest. */
static void line(struct markdown *out, const struct json *row, uint32_t columns)
{
    const struct json *cells = json_get(row, "cells");
    const struct json *cell = cells && cells->kind == JSON_ARRAY ? cells->first : NULL;

    markdown_indent(out);
    buf_byte(out->buf, '|');
    for (uint32_t i = 0; i < columns; i++) {
        buf_byte(out->buf, ' ');
        if (cell) {
            markdown_cell(out, cell_content(cell));
            cell = cell->next;
        }
        buf_puts(out->buf, " |");
    }
    buf_byte(out->buf, '\n');
}

static void markdown(struct markdown *out, const void *props, const struct json *block)
{
    const struct json *rows = json_get(json_get(block, "content"), "rows");
    uint32_t columns = 0;

    (void)props;
    if (!rows || rows->kind != JSON_ARRAY)
        return;
    json_each (row, rows) {
        const struct json *cells = json_get(row, "cells");
        if (cells && cells->kind == JSON_ARRAY && cells->count > columns)
            columns = cells->count;
    }
    if (columns == 0)
        return;
    json_each (row, rows) {
        line(out, row, columns);
        if (row != rows->first)
            continue;
        markdown_indent(out);
        for (uint32_t i = 0; i < columns; i++)
            buf_puts(out->buf, "| --- ");
        buf_puts(out->buf, "|\n");
    }
}

const struct block_kind block_table = {
    .type = "table",
    .what = "Rows of cells; the first row is the head.",
    .check = check,
    .markdown = markdown,
};
