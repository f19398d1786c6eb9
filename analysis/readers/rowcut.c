#include "analysis/readers/rowcut.h"

#include "analysis/base/number.h"

/* What dialect_cell gives. */
static unsigned char form_of(struct str cell, const char *end, double *number)
{
    if (cell.n == 0)
        return FORM_NOTHING;
    /* The longest number from there on ends with the cell, or it is none: a separator does. */
    size_t n = number_read_ahead((struct str){cell.p, (size_t)(end - cell.p)}, number);
    return n == cell.n ? FORM_NUMBER : FORM_OTHER;
}

/*
 * A number says itself where it ends, and most cells are numbers or nothing: no
 * ends are searched for. What has blanks, quotes or letters goes the long way,
 * and so does the last cell, as nothing stands behind it.
 */
size_t rowcut(struct cells *cells, const struct rowcut *row)
{
    struct str *cell = row->cell;
    double *number = row->number;
    unsigned char *form = row->form;
    const char *p = cells->p, *end = cells->end;
    const char separator = cells->separator;
    size_t n = 0, room = cells->more ? row->room : 0;

    for (; n < room; n++) {
        if (*p == separator && p < end) {
            cell[n] = (struct str){p++, 0};
            form[n] = FORM_NOTHING;
            continue;
        }
        size_t length = number_read_ahead((struct str){p, (size_t)(end - p)}, &number[n]);
        if (p + length < end && length > 0 && p[length] == separator) {
            cell[n] = (struct str){p, length};
            form[n] = FORM_NUMBER;
            p += length + 1;
            continue;
        }
        cells->p = p;
        (void)dialect_cell(cells, &cell[n]);
        form[n] = form_of(cell[n], end, &number[n]);
        p = cells->p;
        if (!cells->more)
            room = n + 1;
    }
    cells->p = p;
    return n;
}

size_t rowcut_unread(struct cells *cells, const struct rowcut *row)
{
    const char *p = cells->p, *end = cells->end;
    const char separator = cells->separator;
    size_t n = 0;

    for (; n < row->room && cells->more; n++) {
        bool empty = p < end && *p == separator;
        const char *next = empty ? p : p < end ? memchr(p, separator, (size_t)(end - p)) : NULL;
        if (empty || (next && *p > ' ' && *p != '"' && next[-1] > ' ')) {
            row->cell[n] = (struct str){p, (size_t)(next - p)};
            p = next + 1;
        } else {
            cells->p = p;
            (void)dialect_cell(cells, &row->cell[n]);
            p = cells->p;
        }
        row->form[n] = row->cell[n].n > 0 ? FORM_OTHER : FORM_NOTHING;
    }
    cells->p = p;
    return n;
}
