#include "analysis/readers/csvrows.h"

#include <inttypes.h>

enum { SAMPLE_ROWS = 1000, HEADERS_MAX = 1000 };

static void set_dialect(struct csvrows *rows, const struct dialect *dialect, struct str line)
{
    rows->dialect = *dialect;
    rows->header = arena_str(rows->arena, line);
    rows->cell = ARENA_ARRAY(rows->arena, dialect->n, struct str);
    rows->cut = (struct rowcut){.room = dialect->n,
                                .cell = rows->cell,
                                .number = ARENA_ARRAY(rows->arena, dialect->n, double),
                                .form = ARENA_ARRAY(rows->arena, dialect->n, unsigned char)};
}

bool csvrows_open(struct csvrows *rows, const struct source *source, struct feed *feed,
                  struct arena *arena, struct err *err)
{
    struct dialect dialect;
    struct str line;

    *rows = (struct csvrows){.feed = feed, .arena = arena};
    if (!lines_open(&rows->lines, source, feed, err))
        return false;
    while (lines_next(&rows->lines, &line, err)) {
        if (str_trim(line).n == 0)
            continue;
        if (*line.p == '#') {
            if (rows->comment.n == 0)
                rows->comment = arena_str(arena, line);
            continue;
        }
        if (!dialect_header(line, arena, &dialect))
            break;
        set_dialect(rows, &dialect, line);
        rows->settled = rows->lines.ended;
        return true;
    }
    if (!rows->lines.failed)
        err_set(err, ERR_FORMAT, "%s: its first line does not name columns", source->path);
    lines_close(&rows->lines);
    return false;
}

/* The header again, as programs write it that append to what is there; or another one. */
static bool is_header(struct csvrows *rows, struct str line)
{
    struct dialect dialect;

    if (str_eq(line, rows->header)) {
        rows->count.headers++;
        return true;
    }
    /* Only a line without a number, and with as many names as a table would have. */
    for (size_t i = 0; i < line.n; i++) {
        if ((unsigned char)(line.p[i] - '0') <= 9 &&
            (i == 0 || line.p[i - 1] == rows->dialect.separator))
            return false;
    }
    if (rows->dialect.n < 2 || rows->count.headers >= HEADERS_MAX ||
        !dialect_header(line, rows->arena, &dialect))
        return false;
    size_t known = 0;
    for (size_t i = 0; i < dialect.n; i++) {
        for (size_t k = 0; k < rows->dialect.n; k++)
            known += dialect.name[i].n > 0 && str_eq(dialect.name[i], rows->dialect.name[k]);
    }
    if (known * 2 < dialect.n) /* a row of texts */
        return false;
    rows->count.headers++;
    rows->new_header = true;
    set_dialect(rows, &dialect, line);
    return true;
}

/* A last cell that no program ends like that: "0." of "0.25", "1e-" of "1e-4". */
static bool is_cut(const struct csvrows *rows)
{
    struct str cell = rows->n ? rows->cell[rows->n - 1] : (struct str){0};

    return cell.n > 1 && strchr(".eE+-", cell.p[cell.n - 1]) &&
           strchr("0123456789.eE", cell.p[cell.n - 2]);
}

/* A line that begins with no number and is no row: blank, a comment, a header. */
static bool is_passed_over(struct csvrows *rows, struct str line)
{
    if (line.n == 0 || *line.p == '#' || str_trim(line).n == 0)
        return true;
    bool letter = (unsigned char)((*line.p | 0x20) - 'a') < 26 || *line.p == '"' ||
                  *line.p == ' ' || *line.p == rows->dialect.separator;
    return letter && is_header(rows, line);
}

static bool take_line(struct csvrows *rows, struct str line)
{
    struct cells cells = dialect_cells(&rows->dialect, line);
    size_t n = rows->unread ? rowcut_unread(&cells, &rows->cut) : rowcut(&cells, &rows->cut);

    rows->n = n;
    for (struct str beyond; cells.more; n++)
        (void)dialect_cell(&cells, &beyond);
    if (!rows->lines.ended && (n < rows->dialect.n || cells.open || is_cut(rows))) {
        feed_damage(rows->feed, "line %" PRId64 ", the last one, is cut off: %zu of %zu cells%s",
                    rows->lines.number, n, rows->dialect.n,
                    n < rows->dialect.n ? "" : ", the last of them not whole");
        return false;
    }
    if (cells.open) {
        feed_malformed(rows->feed, rows->lines.number, "a quoted cell does not end");
        return false;
    }
    rows->count.shorter += n < rows->dialect.n;
    rows->count.longer += n > rows->dialect.n;
    rows->count.rows++;
    return true;
}

bool csvrows_next(struct csvrows *rows, struct err *err)
{
    struct str line;

    rows->new_header &= !rows->given; /* a log may end behind a header, for now */
    rows->given = false;
    while (lines_next(&rows->lines, &line, err)) {
        bool number = line.n > 0 && ((unsigned char)(*line.p - '0') <= 9 || *line.p == '-');
        if (!number && is_passed_over(rows, line))
            continue;
        rows->given = take_line(rows, line);
        if (rows->given)
            return true;
    }
    return false;
}

static void tell_odd(struct csvrows *rows)
{
    const struct csvrows_counts *count = &rows->count;

    if (count->shorter > 0)
        feed_note(rows->feed, "%" PRId64 " of %" PRId64 " rows have fewer cells than the header",
                  count->shorter, count->rows);
    if (count->longer > 0)
        feed_note(rows->feed,
                  "%" PRId64 " of %" PRId64
                  " rows have more cells than the header; those beyond it are left out",
                  count->longer, count->rows);
    if (count->headers > 0)
        feed_note(rows->feed, "the header stands again %" PRId64 " times: the log was appended to",
                  count->headers);
}

bool csvrows_close(struct csvrows *rows)
{
    bool ok = !rows->lines.failed;

    if (ok)
        tell_odd(rows);
    lines_close(&rows->lines);
    return ok;
}

/* ---- tables that grow ---- */

void csvrows_whole(struct csvrows *rows)
{
    rows->lines.whole = true;
}

void csvrows_rest(struct csvrows *rows)
{
    rows->whole = rows->count;
    rows->lines.whole = false;
}

bool csvrows_pause(struct csvrows *rows)
{
    bool ok = !rows->lines.failed;

    if (ok)
        tell_odd(rows);
    rows->settled &= rows->count.headers == rows->whole.headers; /* else half a line changed it */
    rows->count = rows->whole;
    lines_pause(&rows->lines);
    return ok;
}

bool csvrows_go_on(struct csvrows *rows, const struct source *source, struct err *err)
{
    return lines_go_on(&rows->lines, source, err);
}

int64_t csvrows_taken(const struct csvrows *rows)
{
    return rows->settled && !rows->lines.lost ? rows->lines.place.offset : 0;
}

/* ---- the step ---- */

/* The columns whose names are those of steps, from left to right. */
struct steps {
    size_t n;
    size_t column[DIALECT_COLUMNS_MAX];
    int rank[DIALECT_COLUMNS_MAX];
};

static void steps_of(const struct dialect *dialect, struct steps *out)
{
    out->n = 0;
    for (size_t i = 0; i < dialect->n; i++) {
        int rank = axis_rank(dialect->name[i]);
        if (rank < 0)
            continue;
        out->column[out->n] = i;
        out->rank[out->n++] = rank;
    }
}

bool csvrows_axis(const struct source *source, struct feed *feed, struct arena *arena,
                  struct axis_name *out, bool *settled, struct err *err)
{
    struct csvrows rows;
    struct axis axis = {0};
    struct feed *unheard = feed_new(); /* what is odd is told by the second look */
    bool ok = csvrows_open(&rows, source, unheard, arena, err);
    struct steps steps;

    steps.n = 0;
    rows.unread = true;
    while (ok && rows.count.rows < SAMPLE_ROWS && csvrows_next(&rows, err)) {
        if (rows.new_header || axis.rows == 0)
            steps_of(&rows.dialect, &steps);
        axis.rows++;
        for (size_t k = 0; k < steps.n && steps.column[k] < rows.n; k++) {
            double value;
            if (csvrows_value(&rows, steps.column[k], &value) == CELL_NUMBER)
                axis_count_ranked(&axis, arena, steps.rank[k], rows.dialect.name[steps.column[k]],
                                  value);
        }
    }
    if (settled)
        *settled = ok && rows.count.rows == SAMPLE_ROWS && rows.lines.ended;
    ok = ok && csvrows_close(&rows);
    if (ok)
        *out = axis_tell(&axis, feed, arena);
    feed_free(unheard);
    return ok;
}
