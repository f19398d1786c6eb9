#include "analysis/readers/rowcut.h"

#include "analysis/base/number.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { STRIDE = 16 };
_Static_assert((int)STRIDE <= (int)ROWCUT_AHEAD, "a stride that begins in a row may end behind it");

/* ---- where cells end ---- */

/* A bit for each byte of a stride. */
struct marks {
    uint32_t separators, quotes;
};

#ifdef __SSE2__

static inline struct marks marks_in(const char *p, char separator)
{
    __m128i bytes = _mm_loadu_si128((const void *)p);
    __m128i separators = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(separator));
    __m128i quotes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));

    return (struct marks){(uint32_t)_mm_movemask_epi8(separators),
                          (uint32_t)_mm_movemask_epi8(quotes)};
}

#else

static inline struct marks marks_in(const char *p, char separator)
{
    struct marks marks = {0};

    for (unsigned i = 0; i < STRIDE; i++) {
        marks.separators |= (uint32_t)(p[i] == separator) << i;
        marks.quotes |= (uint32_t)(p[i] == '"') << i;
    }
    return marks;
}

#endif

/* ---- what stands in them ---- */

/* Without the blanks around it, as dialect_cell gives it. */
static struct str bare(struct str cell)
{
    while (cell.n > 0 && *cell.p == ' ')
        cell = str_from(cell, 1);
    while (cell.n > 0 && (unsigned char)cell.p[cell.n - 1] <= ' ')
        cell.n--;
    return cell;
}

/* Is all of the cell a number? end: of the row, so that digits are read in strides. */
static inline bool is_number(const char *p, size_t n, const char *end, double *number)
{
    /* The longest number from there on ends with the cell, or it is none: a separator does. */
    return number_read((struct str){p, (size_t)(end - p)}, number) == n;
}

static unsigned char form_of(struct str *cell, const char *end, double *number)
{
    *cell = bare(*cell);
    if (cell->n == 0)
        return FORM_NOTHING;
    return is_number(cell->p, cell->n, end, number) ? FORM_NUMBER : FORM_OTHER;
}

/*
 * Cells up to the one in which the first quote stands. Ends are searched for
 * although numbers say themselves where they end: where one begins then does not
 * have to wait for the one before it, and a processor reads several at a time.
 */
static inline size_t cut_unquoted(struct cells *cells, const struct rowcut *row)
{
    const char *begin = cells->p, *end = cells->end;
    const char separator = cells->separator;
    size_t n = 0, room = row->room;
    bool last = false;

    for (const char *p = begin; !last; p += STRIDE) {
        struct marks marks = marks_in(p, separator);
        last = end - p < STRIDE;
        if (last) { /* the row's end is that of a cell, too */
            uint32_t behind = UINT32_C(1) << (end - p);
            marks.separators = (marks.separators & (behind - 1)) | behind;
            marks.quotes &= behind - 1;
        }
        if (marks.quotes) {
            marks.separators &= (marks.quotes & -marks.quotes) - 1;
            last = true;
        }
        for (; marks.separators; marks.separators &= marks.separators - 1) {
            const char *stop = p + __builtin_ctz(marks.separators);
            size_t length = (size_t)(stop - begin);
            if (n == room) {
                cells->p = begin;
                return n;
            }
            row->cell[n] = (struct str){begin, length};
            row->form[n] = length == 0 ? FORM_NOTHING
                           : is_number(begin, length, end, &row->number[n])
                               ? FORM_NUMBER
                               : form_of(&row->cell[n], end, &row->number[n]);
            n++;
            begin = stop + 1;
        }
    }
    cells->more = begin <= end;
    cells->p = begin;
    return n;
}

size_t rowcut(struct cells *cells, const struct rowcut *row)
{
    size_t n = cells->more ? cut_unquoted(cells, row) : 0;

    for (; n < row->room && dialect_cell(cells, &row->cell[n]); n++)
        row->form[n] = form_of(&row->cell[n], cells->end, &row->number[n]);
    return n;
}
