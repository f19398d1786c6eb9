#include "analysis/readers/rowcut.h"

#include <criterion/criterion.h>
#include <math.h>

enum { ROOM = 8, LINE_MAX = 200 };

/* What stands behind a row says nothing about it. */
static struct str with_rest(char into[LINE_MAX + ROWCUT_AHEAD], struct str line)
{
    memcpy(into, line.p, line.n);
    for (size_t i = 0; i < ROWCUT_AHEAD; i++)
        into[line.n + i] = ",\"7 "[i % 4];
    return (struct str){into, line.n};
}

static bool same_value(double a, double b)
{
    uint64_t x, y;

    memcpy(&x, &a, sizeof(x));
    memcpy(&y, &b, sizeof(y));
    return x == y || (isnan(a) && isnan(b));
}

typedef size_t cut_row(struct cells *cells, const struct rowcut *row);

/* The row cut at once is the row cut cell by cell; the first difference, NULL: none. */
static const char *difference_of(cut_row *way, struct str line, char separator, size_t room)
{
    char bytes[LINE_MAX + ROWCUT_AHEAD];
    struct str cell[ROOM];
    double number[ROOM], value = 0, wanted = 0;
    unsigned char form[ROOM];
    const struct dialect dialect = {.separator = separator};
    const struct rowcut row = {room, cell, number, form};

    line = with_rest(bytes, line);
    struct cells cut = dialect_cells(&dialect, line), one = cut;
    size_t n = way(&cut, &row);
    for (size_t i = 0; i < n; i++) {
        struct str want;
        if (!dialect_cell(&one, &want))
            return "a cell too many";
        if (!str_eq(cell[i], want) || (want.n > 0 && cell[i].p != want.p))
            return "another cell";
        enum cell_value kind = dialect_value(want, &wanted);
        enum cell_value got = form[i] == FORM_NUMBER    ? CELL_NUMBER
                              : form[i] == FORM_NOTHING ? CELL_EMPTY
                                                        : dialect_value(cell[i], &value);
        if (form[i] == FORM_NUMBER)
            value = number[i];
        if (got != kind)
            return "another kind";
        if (kind == CELL_NUMBER && !same_value(value, wanted))
            return "another value";
    }
    if (n < room && one.more)
        return "a cell too few";
    return cut.more != one.more         ? "another end"
           : cut.open != one.open       ? "another quote"
           : one.more && cut.p != one.p ? "another place of the rest"
                                        : NULL;
}

static const char *difference(struct str line, char separator, size_t room)
{
    const char *what = difference_of(rowcut, line, separator, room);

    return what ? what : difference_of(rowcut_unread, line, separator, room);
}

Test(rowcut, cuts_and_reads_as_cell_by_cell)
{
    static const struct {
        const char *line;
        char separator;
    } rows[] = {
        {"1,2.5,-3e4", ','},
        {"", ','},
        {",", ','},
        {",,,,", ','},
        {"1,", ','},
        {"1,2,3,4,5,6,7,8", ','},
        {"1,2,3,4,5,6,7,8,", ','},
        {"1,2,3,4,5,6,7,8,9,10", ','},
        {",,,,,,,,,,,,,,,,,,,,,,,,,", ','},
        {" 1 ,  2,3  ", ','},
        {"   ,\t5,6\t", ','},
        {"1;2,5;3", ';'},
        {"1\t2\t\t-0.0", '\t'},
        {"007,+1,.5,5.,nan,inf,NA,None", ','},
        {"\"1\",\"2,5\",3", ','},
        {"1,2,\"a\"\"b\",4", ','},
        {"1,\"2", ','},
        {"1,2\",3", ','},
        {"\"1\" ,\"2\"x, \"3\"", ','},
        {"0.12345678901234567,0.12345678901234567,0.12345678901234567", ','},
        {"123456789012345,2", ','}, /* ends lie on and around 16 bytes */
        {"1234567890123456,2", ','},
        {"12345678901234567,2", ','},
        {"1,123456789012345678901234567890", ','},
        {"1.5x,1 2,--1,00:12,1.,e5", ','},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (size_t room = 1; room <= ROOM; room++) {
            const char *what = difference(str_of(rows[i].line), rows[i].separator, room);
            cr_expect(!what, "'%s', room for %zu: %s", rows[i].line, room, what);
        }
    }
}

Test(rowcut, cuts_and_reads_made_up_rows_as_cell_by_cell)
{
    static const char letters[] = "0123456789,,,,,..--eE\" n\t\x01";
    char line[LINE_MAX];
    uint64_t random = 1;

    for (int k = 0; k < 50000; k++) {
        size_t n = 0;
        for (size_t max = random >> 32 & 63; n < max; n++) {
            random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            size_t at = (size_t)(random >> 40) % (sizeof(letters) - 1);
            line[n] = letters[at] == '"' && random >> 33 & 3 ? '5' : letters[at];
        }
        random += UINT64_C(0x9e3779b97f4a7c15);
        const char *what = difference((struct str){line, n}, ',', 1 + (size_t)(k % ROOM));
        cr_assert(!what, "'%.*s': %s", (int)n, line, what);
    }
}
