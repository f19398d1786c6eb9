#include "analysis/readers/rowcut.h"

#include "analysis/base/number.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { STRIDE = 16 };
_Static_assert((int)STRIDE <= (int)ROWCUT_AHEAD, "a stride that begins in a row may end behind it");

/* A bit for each byte of a stride. */
struct stops {
    uint32_t separators, quotes;
};

#ifdef __SSE2__

static inline struct stops stops_in(const char *p, char separator)
{
    __m128i bytes = _mm_loadu_si128((const void *)p);
    __m128i separators = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(separator));
    __m128i quotes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));

    return (struct stops){(uint32_t)_mm_movemask_epi8(separators),
                          (uint32_t)_mm_movemask_epi8(quotes)};
}

#else

static inline struct stops stops_in(const char *p, char separator)
{
    struct stops stops = {0};

    for (unsigned i = 0; i < STRIDE; i++) {
        stops.separators |= (uint32_t)(p[i] == separator) << i;
        stops.quotes |= (uint32_t)(p[i] == '"') << i;
    }
    return stops;
}

#endif

static inline struct str cell_between(const char *p, const char *stop)
{
    if (p < stop && (*p == ' ' || (unsigned char)stop[-1] <= ' ')) {
        while (p < stop && *p == ' ')
            p++;
        while (p < stop && (unsigned char)stop[-1] <= ' ')
            stop--;
    }
    return (struct str){p, (size_t)(stop - p)};
}

/* Cells up to the one in which the first quote stands. */
static size_t cut_unquoted(struct cells *cells, const struct rowcut *row)
{
    const char *begin = cells->p, *end = cells->end;
    size_t n = 0;
    bool quote = false;

    for (const char *p = begin; p < end && !quote; p += STRIDE) {
        struct stops stops = stops_in(p, cells->separator);
        if (end - p < STRIDE) {
            stops.separators &= (UINT32_C(1) << (end - p)) - 1;
            stops.quotes &= (UINT32_C(1) << (end - p)) - 1;
        }
        quote = stops.quotes != 0;
        if (quote)
            stops.separators &= (stops.quotes & -stops.quotes) - 1;
        for (; stops.separators && n < row->room; stops.separators &= stops.separators - 1) {
            const char *stop = p + __builtin_ctz(stops.separators);
            row->cell[n++] = cell_between(begin, stop);
            begin = stop + 1;
        }
    }
    cells->more = quote || n == row->room;
    if (!cells->more)
        row->cell[n++] = cell_between(begin, end);
    cells->p = cells->more ? begin : end;
    return n;
}

/*
 * Ends are found before numbers are read: where a number begins then does not
 * have to wait for the end of the one before it, and a processor reads several at a time.
 */
size_t rowcut(struct cells *cells, const struct rowcut *row)
{
    size_t n = cells->more ? cut_unquoted(cells, row) : 0;

    while (n < row->room && dialect_cell(cells, &row->cell[n]))
        n++;
    for (size_t i = 0; i < n; i++) {
        struct str cell = row->cell[i];
        if (cell.n == 0) {
            row->form[i] = FORM_NOTHING;
            continue;
        }
        /* The longest number from there on ends with the cell, or it is none. */
        struct str rest = {cell.p, (size_t)(cells->end - cell.p)};
        bool plain = number_read(rest, &row->number[i]) == cell.n;
        row->form[i] = plain ? FORM_NUMBER : FORM_OTHER;
    }
    return n;
}
