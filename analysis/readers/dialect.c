#include "analysis/readers/dialect.h"

#include <math.h>

#include "analysis/base/limits.h"
#include "analysis/base/number.h"
#include "analysis/readers/sniff.h"

enum { LOOK_ROWS = 32 };

/* ---- cells ---- */

struct cells dialect_cells(const struct dialect *dialect, struct str line)
{
    return (struct cells){line.p, line.p + line.n, dialect->separator, true, false};
}

/* p stands behind a quote; the cell's end, and *p behind it. */
static const char *quoted(struct cells *cells)
{
    const char *p = cells->p;

    while (p < cells->end) {
        p = memchr(p, '"', (size_t)(cells->end - p));
        if (!p)
            break;
        if (p + 1 == cells->end || p[1] != '"') {
            cells->p = p + 1;
            return p;
        }
        p += 2;
    }
    cells->open = true;
    cells->p = cells->end;
    return cells->end;
}

bool dialect_cell(struct cells *cells, struct str *cell)
{
    if (!cells->more)
        return false;
    const char *p = cells->p, *end = cells->end;
    while (p < end && *p == ' ' && *p != cells->separator)
        p++;
    if (p < end && *p == '"') {
        cells->p = p + 1;
        const char *last = quoted(cells);
        *cell = str_trim((struct str){p + 1, (size_t)(last - p - 1)});
        p = cells->p;
    } else {
        *cell = (struct str){p, 0};
    }
    const char *next = p < end ? memchr(p, cells->separator, (size_t)(end - p)) : NULL;
    const char *stop = next ? next : end;
    if (cell->p == p) {
        while (stop > p && (unsigned char)stop[-1] <= ' ')
            stop--;
        cell->n = (size_t)(stop - p);
    }
    cells->more = next != NULL;
    cells->p = next ? next + 1 : end;
    return true;
}

/*
 * At the beginning of a cell: what stands behind it if it is a plain number, in
 * quotes or not, else NULL. Its digits say where it ends, so nothing is searched
 * for. value NULL: not wanted.
 */
static inline const char *plain_number(const char *p, const char *end, char separator,
                                       struct str *cell, double *value)
{
    bool quote = p < end && *p == '"';
    struct str rest = {p + quote, (size_t)(end - p) - quote};
    size_t n = value ? number_read(rest, value) : number_skip(rest);
    const char *behind = rest.p + n;

    if (n == 0 || (quote && (behind == end || *behind++ != '"')) ||
        (behind < end && *behind != separator))
        return NULL;
    *cell = (struct str){rest.p, n};
    return behind;
}

static bool is_word(struct str cell, const char *const *words)
{
    for (; *words; words++) {
        size_t i = 0;
        while (i < cell.n && (*words)[i] && (cell.p[i] | 0x20) == ((*words)[i] | 0x20))
            i++;
        if (i == cell.n && !(*words)[i])
            return true;
    }
    return false;
}

static enum cell_value odd_value(struct str cell, double *value)
{
    static const char *const empty[] = {"na", "n/a", "none", "null", "<na>", "-", NULL};
    static const char *const nan[] = {"nan", "-nan", "+nan", NULL};
    static const char *const plus[] = {"inf", "+inf", "infinity", "+infinity", NULL};
    static const char *const minus[] = {"-inf", "-infinity", NULL};
    char text[64], first = cell.n ? *cell.p | 0x20 : '\0';
    size_t n = 0;

    *value = (double)NAN;
    if ((unsigned char)(first - '0') > 9 && !strchr("ni<+-.", first))
        return CELL_TEXT; /* most words; all that is anything else begins with one of these */
    if (is_word(cell, empty))
        return CELL_EMPTY;
    if (is_word(cell, nan))
        return CELL_NUMBER;
    if (is_word(cell, plus) || is_word(cell, minus)) {
        *value = *cell.p == '-' ? -HUGE_VAL : HUGE_VAL;
        return CELL_NUMBER;
    }
    if (axis_duration(cell, value))
        return CELL_NUMBER;
    /* "+1", ".5", "-.5", "5.", "007": mended to what number_read takes. */
    if (cell.n > 0 && cell.n < sizeof(text) - 4) {
        bool sign = *cell.p == '+' || *cell.p == '-';
        if (*cell.p == '-')
            text[n++] = '-';
        cell = str_from(cell, sign);
        while (cell.n > 1 && cell.p[0] == '0' && (unsigned char)(cell.p[1] - '0') <= 9)
            cell = str_from(cell, 1);
        if (cell.n > 1 && *cell.p == '.')
            text[n++] = '0';
        memcpy(text + n, cell.p, cell.n);
        n += cell.n;
        if (cell.n > 1 && text[n - 1] == '.')
            text[n++] = '0';
        if (cell.n > 0 && number_read((struct str){text, n}, value) == n)
            return CELL_NUMBER;
    }
    return CELL_TEXT;
}

enum cell_value dialect_value(struct str cell, double *value)
{
    if (cell.n == 0)
        return CELL_EMPTY;
    return number_read(cell, value) == cell.n ? CELL_NUMBER : odd_value(cell, value);
}

/* ---- header ---- */

/* Doubled quotes become one. */
static struct str unquoted(struct str cell, struct arena *arena)
{
    char *out = arena_alloc(arena, cell.n + 1);
    size_t n = 0;

    for (size_t i = 0; i < cell.n; i++) {
        out[n++] = cell.p[i];
        i += cell.p[i] == '"' && i + 1 < cell.n && cell.p[i + 1] == '"';
    }
    return (struct str){out, n};
}

/* The most frequent of , \t and ; and how often it stands there. */
static char separator_of(struct str line, size_t *times)
{
    size_t commas = 0, tabs = 0, semicolons = 0;

    for (size_t i = 0; i < line.n; i++) {
        commas += line.p[i] == ',';
        tabs += line.p[i] == '\t';
        semicolons += line.p[i] == ';';
    }
    *times = commas;
    if (tabs > *times)
        *times = tabs;
    if (semicolons > *times)
        *times = semicolons;
    return *times == commas ? ',' : *times == tabs ? '\t' : ';';
}

bool dialect_header(struct str line, struct arena *arena, struct dialect *dialect)
{
    struct str cell;
    double value;
    size_t separators, named = 0;

    *dialect = (struct dialect){0};
    dialect->separator = separator_of(line, &separators);
    if (separators >= DIALECT_COLUMNS_MAX)
        return false;
    dialect->name = ARENA_ARRAY(arena, separators + 1, struct str);
    struct cells cells = dialect_cells(dialect, line);
    while (dialect_cell(&cells, &cell)) {
        if (cell.n > 0 && dialect_value(cell, &value) != CELL_TEXT)
            return false;
        named += cell.n > 0;
        dialect->name[dialect->n++] = unquoted(cell, arena);
    }
    return named > 0 && !cells.open;
}

size_t dialect_find(const struct dialect *dialect, const char *const *names)
{
    for (; *names; names++) {
        const char *const one[] = {*names, NULL};
        for (size_t i = 0; i < dialect->n; i++) {
            if (is_word(dialect->name[i], one))
                return i;
        }
    }
    return SIZE_MAX;
}

bool dialect_decimal_comma(struct str cell)
{
    size_t commas = 0, digits = 0;

    if (cell.n > 0 && (*cell.p == '-' || *cell.p == '+'))
        cell = str_from(cell, 1);
    for (size_t i = 0; i < cell.n; i++) {
        commas += cell.p[i] == ',' && i > 0;
        digits += cell.p[i] >= '0' && cell.p[i] <= '9';
    }
    return commas == 1 && digits + 1 == cell.n && digits > 0 && cell.p[cell.n - 1] != ',';
}

/* ---- the first rows ---- */

static void look_row(struct table_look *look, struct str line, struct arena *arena)
{
    struct cells cells = dialect_cells(&look->dialect, line);
    struct str cell;
    double value;

    look->rows++;
    look->axis.rows++;
    for (size_t i = 0;; i++) {
        for (; cells.p < cells.end && *cells.p == cells.separator; cells.p++)
            i++; /* sparse tables are mostly separators */
        if (i >= look->dialect.n || !cells.more)
            break;
        bool is_step = look->rank[i] >= 0;
        enum cell_value kind = CELL_NUMBER;
        const char *behind =
            plain_number(cells.p, cells.end, cells.separator, &cell, is_step ? &value : NULL);
        if (behind) {
            cells.more = behind < cells.end;
            cells.p = behind + cells.more;
        } else {
            (void)dialect_cell(&cells, &cell);
            kind = dialect_value(cell, &value);
        }
        look->numbers += kind == CELL_NUMBER;
        look->texts += kind == CELL_TEXT;
        look->commas += kind == CELL_TEXT && dialect_decimal_comma(cell);
        if (kind == CELL_NUMBER && is_step)
            axis_count_ranked(&look->axis, arena, look->rank[i], look->dialect.name[i], value);
    }
}

/* The header is known. */
static void look_header(struct table_look *look, struct arena *arena)
{
    const struct dialect *dialect = &look->dialect;
    int *rank = ARENA_ARRAY(arena, dialect->n, int);

    for (size_t i = 0; i < dialect->n; i++) {
        rank[i] = axis_rank(dialect->name[i]);
        look->metrics += rank[i] < 0 && sniff_metric(dialect->name[i]);
    }
    look->rank = rank;
    look->refused = NULL;
}

/* A header that is longer than the head: its names but the last, which may be cut. */
static void look_wide(struct table_look *look, struct str line, struct arena *arena)
{
    size_t times;
    char separator = separator_of(line, &times);
    const char *last = memrchr(line.p, separator, line.n);

    if (!last || !dialect_header(str_cut(line, (size_t)(last - line.p)), arena, &look->dialect))
        return;
    look_header(look, arena);
    look->wide = true;
}

static void look_line(struct table_look *look, struct str line, struct arena *arena)
{
    if (*line.p == '#') {
        look->comment = look->comment.n ? look->comment : line;
    } else if (look->dialect.n > 0) {
        look_row(look, line, arena);
    } else if (dialect_header(line, arena, &look->dialect)) {
        look_header(look, arena);
    } else {
        look->dialect.n = 0;
        look->refused = "its first line does not name columns";
    }
}

/* More of the same rows would say nothing new: a step was found, and cells are numbers. */
static bool has_shown(const struct table_look *look)
{
    return look->rows >= LOOK_ROWS && look->texts * 4 <= look->numbers &&
           axis_best(&look->axis) >= 0;
}

static void look_at(struct str head, bool whole, struct arena *arena, struct table_look *look)
{
    struct str line;
    bool cut = false;

    *look = (struct table_look){.refused = "it is empty"};
    head = sniff_text(head);
    if (str_starts(head, STR("{")) || str_starts(head, STR("["))) {
        look->refused = "it is JSON, no table";
        return;
    }
    while (!cut && !has_shown(look) && str_next(&head, '\n', &line)) {
        cut = !whole && head.n == 0;
        if (line.n > 0 && line.p[line.n - 1] == '\r')
            line.n--;
        if (str_trim(line).n == 0)
            continue;
        if (cut && look->dialect.n == 0)
            look_wide(look, line, arena);
        else if (!cut)
            look_line(look, line, arena);
        if (look->refused && look->dialect.n == 0 && look->comment.n == 0)
            return;
    }
}

const struct table_look *table_look_of(const struct probe *probe, struct arena *arena)
{
    if (probe->made && probe->made->table)
        return probe->made->table;
    struct table_look *look = ARENA_NEW(arena, struct table_look);
    look_at(probe->head, probe->size <= (int64_t)probe->head.n, arena, look);
    if (probe->made)
        probe->made->table = look;
    return look;
}
