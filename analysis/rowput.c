#include "analysis/rows.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "analysis/base/json.h"
#include "analysis/base/scan.h"
#include "analysis/rowtext.h"
#include "analysis/rowview.h"

enum {
    GAP = 8 * 1024,    /* reading over so many bytes costs less than another call */
    WINDOW = 64 * 1024 /* … as long as not more than this is read at once */
};

struct place {
    uint64_t offset, length;
};

/* Copying chosen rows out of the file. */
struct copying {
    const struct rows_view *view;
    struct place *place; /* of each chosen row */
    size_t n;
    char *p; /* a piece of the file */
    size_t have, room;
    uint64_t offset;
    /* by column: */
    bool *keep;
    size_t *at, *row; /* the member that holds it, if `row` is this one (from 1) */
    /* the row's members that are kept */
    struct member {
        size_t column; /* columns_n: the step */
        enum scan_kind kind;
        struct str value;
    } * member;
    size_t members_n;
    /* all members of the last row: those of the next, most likely */
    size_t *order; /* columns */
    struct row_member *seen;
    size_t order_n, order_room;
    bool simple; /* numbers only, each key once */
    struct row_text like;
    char *name; /* of an escaped key */
    size_t name_room;
};

static bool changed(const struct rows_view *view, struct err *err)
{
    return err_set(err, ERR_CONFLICT, "%s was changed while it was read", view->path);
}

static bool unchanged(const struct rows_view *view, struct err *err)
{
    struct stat now;

    if (fstat(view->fd, &now) < 0)
        return err_errno(err, "%s", view->path);
    return mark_same(&view->mark, &now) || mark_holds(&view->mark, view->fd, &now) ||
           changed(view, err);
}

static void begin(struct copying *c, const struct rows_view *view, const size_t *row, size_t n)
{
    size_t columns = view->version->columns_n;

    *c = (struct copying){.view = view, .n = n};
    c->place = heap_alloc(n * sizeof(*c->place));
    for (size_t i = 0; i < n; i++)
        c->place[i].offset = places_offset(view_places(view, row[i] / CHUNK_ROWS),
                                           row[i] % CHUNK_ROWS, &c->place[i].length);
    c->keep = heap_alloc(columns * sizeof(*c->keep));
    c->at = heap_alloc((columns + 1) * sizeof(*c->at));
    c->row = heap_alloc((columns + 1) * sizeof(*c->row));
    c->member = heap_alloc((columns + 1) * sizeof(*c->member));
}

static void end(struct copying *c)
{
    free(c->place);
    free(c->p);
    free(c->keep);
    free(c->at);
    free(c->row);
    free(c->member);
    free(c->order);
    free(c->seen);
    free(c->name);
}

/* ---- the row's text ---- */

static bool fill(struct copying *c, uint64_t offset, size_t n, struct err *err)
{
    if (!c->p || c->room < n + ROWTEXT_PAD) {
        c->room = n + ROWTEXT_PAD;
        c->p = heap_grow(c->p, c->room);
    }
    c->offset = offset;
    c->have = 0;
    while (c->have < n) {
        ssize_t got = pread(c->view->fd, c->p + c->have, n - c->have, (off_t)(offset + c->have));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_errno(err, "%s", c->view->path);
        if (got == 0)
            return changed(c->view, err);
        c->have += (size_t)got;
    }
    memset(c->p + n, 0, ROWTEXT_PAD);
    return true;
}

/* One read for this row and those that stand close behind it. */
static size_t worth_reading(const struct copying *c, size_t i)
{
    uint64_t start = c->place[i].offset, stop = start + c->place[i].length;

    for (size_t k = i + 1; k < c->n; k++) {
        uint64_t next = c->place[k].offset + c->place[k].length;
        if (c->place[k].offset < stop || c->place[k].offset - stop > GAP || next - start > WINDOW)
            break;
        stop = next;
    }
    return (size_t)(stop - start);
}

static bool text_of(struct copying *c, size_t i, struct str *line, struct err *err)
{
    const struct place *place = &c->place[i];
    size_t n = (size_t)place->length;
    bool here = c->p && place->offset >= c->offset && place->offset + n <= c->offset + c->have;

    /* A row's length may cover lines behind it that are no rows: those are not wanted. */
    if (!here && n > WINDOW) {
        n = n <= DATA_LINE_MAX ? n : DATA_LINE_MAX + 1;
        if (!fill(c, place->offset, n, err))
            return false;
    } else if (!here && !fill(c, place->offset, worth_reading(c, i), err)) {
        return false;
    }
    *line = (struct str){c->p + (place->offset - c->offset), n};
    const char *newline = memchr(line->p, '\n', n);
    if (newline)
        line->n = (size_t)(newline - line->p);
    if (place->offset == 0 && str_starts(*line, STR("\xef\xbb\xbf")))
        *line = str_from(*line, 3);
    return true;
}

/* ---- its members ---- */

static size_t search(const struct version *version, struct str name)
{
    for (size_t i = 0; i < version->columns_n; i++) {
        if (str_eq(version->table->column[i]->name, name))
            return i;
    }
    return SIZE_MAX;
}

/* The column of the line's k-th member; columns_n for the step. */
static size_t column_of(struct copying *c, const struct scan_member *member, size_t k)
{
    const struct version *version = c->view->version;
    struct str name = member->key;

    if (!member->escaped && str_eq(name, STR("step")))
        return version->columns_n;
    if (!member->escaped && k < c->order_n && c->order[k] < version->columns_n &&
        str_eq(version->table->column[c->order[k]]->name, name))
        return c->order[k];
    if (member->escaped) {
        if (!c->name || c->name_room < name.n) {
            c->name_room = name.n;
            c->name = heap_grow(c->name, c->name_room);
        }
        name = (struct str){c->name, scan_unescape(name, c->name)};
    }
    return search(version, name);
}

static bool keeps(const struct copying *c, size_t column)
{
    return column == c->view->version->columns_n || (column != SIZE_MAX && c->keep[column]);
}

static struct str json_of(const struct copying *c, size_t column)
{
    const struct version *version = c->view->version;

    return column == version->columns_n ? STR("\"step\":") : version->table->column[column]->json;
}

static void remember(struct copying *c, size_t k, size_t column, const struct scan_member *member)
{
    if (k >= c->order_room) {
        c->order_room = k * 2 + 16;
        c->order = heap_grow(c->order, c->order_room * sizeof(*c->order));
        c->seen = heap_grow(c->seen, c->order_room * sizeof(*c->seen));
    }
    c->order[k] = column;
    c->seen[k].value = member->value;
    c->seen[k].json = keeps(c, column) ? json_of(c, column) : (struct str){0};
    c->order_n = c->order_n > k ? c->order_n : k + 1;
    c->simple &= column != SIZE_MAX && member->kind == SCAN_NUMBER;
}

static bool members_of(struct copying *c, size_t i, struct str line, struct err *err)
{
    struct scan_member member;
    struct scan scan = scan_object(line);
    size_t k = 0;

    c->members_n = 0;
    c->simple = true;
    for (; scan_next(&scan, &member); k++) {
        size_t column = column_of(c, &member, k);
        remember(c, k, column, &member);
        if (!keeps(c, column))
            continue;
        bool again = c->row[column] == i + 1;
        size_t at = again ? c->at[column] : c->members_n++;
        c->row[column] = i + 1;
        c->at[column] = at; /* of a key that comes twice the last counts */
        c->member[at] = (struct member){column, member.kind, member.value};
        c->simple &= !again;
    }
    if (scan.fault)
        return changed(c->view, err);
    if (c->simple)
        row_text_learn(&c->like, line, c->seen, k);
    return true;
}

static void put_value(const struct member *member, struct buf *out)
{
    if (member->kind == SCAN_NON_FINITE)
        buf_byte(out, '"');
    buf_add(out, member->value);
    if (member->kind == SCAN_NON_FINITE)
        buf_byte(out, '"');
}

static bool is_value(const struct member *member)
{
    return member->kind == SCAN_NUMBER || member->kind == SCAN_NON_FINITE;
}

static void put_members(const struct copying *c, struct buf *out)
{
    bool first = true;

    buf_byte(out, '{');
    for (size_t k = 0; k < c->members_n; k++) {
        const struct member *member = &c->member[k];
        if (!is_value(member))
            continue;
        if (!first)
            buf_byte(out, ',');
        first = false;
        buf_add(out, json_of(c, member->column));
        put_value(member, out);
    }
    buf_byte(out, '}');
}

/* ---- rows ---- */

static bool put_row(struct copying *c, size_t i, struct buf *out, struct err *err)
{
    struct str line;

    if (!text_of(c, i, &line, err))
        return false;
    if (row_text_put(&c->like, line, out))
        return true;
    if (!members_of(c, i, line, err))
        return false;
    put_members(c, out);
    return true;
}

/* The columns to put, ascending. */
static size_t columns_to_put(const struct rows_view *view, const size_t *keys, size_t keys_n,
                             uint16_t *column)
{
    const struct version *version = view->version;
    bool *keep = heap_alloc(version->columns_n);
    size_t n = 0;

    for (size_t i = 0; i < (keys ? keys_n : version->keys_n); i++)
        keep[version->key[keys ? keys[i] : i]] = true;
    for (size_t i = 0; i < version->columns_n; i++) {
        if (keep[i])
            column[n++] = (uint16_t)i;
    }
    free(keep);
    return n;
}

/* The view's last row may be a line that is still being written: always read. */
static struct str kept_text(const struct rows_view *view, const struct kept_rows *old, size_t row,
                            size_t *at)
{
    return row + 1 < rows_count(view) ? kept_find(old, row, at) : (struct str){0};
}

/* Those of the rows whose text is not kept. */
static size_t to_read(const struct rows_view *view, const struct kept_rows *old, const size_t *row,
                      size_t n, size_t *missing)
{
    size_t at = 0, count = 0;

    for (size_t i = 0; i < n; i++) {
        if (!kept_text(view, old, row[i], &at).p)
            missing[count++] = row[i];
    }
    return count;
}

/* The rows that were put, as what is kept next. */
static void keep_texts(const struct rows_view *view, struct kept_rows *next, const size_t *row,
                       size_t n, struct str text)
{
    while (n > 0 && row[n - 1] + 1 >= rows_count(view))
        n--;
    if (n == 0 || !text.p || next->end[n - 1] > KEPT_BYTES)
        return;
    next->n = n;
    next->row = heap_alloc(n * sizeof(*row));
    memcpy(next->row, row, n * sizeof(*row));
    next->text = heap_grow(NULL, next->end[n - 1]);
    memcpy(next->text, text.p, next->end[n - 1]);
}

/* Each row's text with the comma behind the row before it: pieces of `out` from `start`. */
static bool put_rows(struct copying *c, const struct kept_rows *old, const size_t *row, size_t n,
                     uint32_t *end, struct buf *out, struct err *err)
{
    size_t at = 0, read = 0, start = out->n;

    for (size_t i = 0; i < n; i++) {
        struct str kept = kept_text(c->view, old, row[i], &at);
        if (i > 0)
            buf_byte(out, ',');
        if (kept.p) /* the first row has no comma in front */
            buf_add(out, kept.p[0] == ',' ? str_from(kept, 1) : kept);
        else if (!put_row(c, read++, out, err))
            return false;
        if (out->n - start > UINT32_MAX)
            return err_set(err, ERR_TOO_LARGE, "%zu rows are too much text", n);
        end[i] = (uint32_t)(out->n - start);
    }
    return true;
}

bool rows_put(const struct rows_view *view, const size_t *row, size_t n, const size_t *keys,
              size_t keys_n, struct buf *out, struct err *err)
{
    struct kept *kept = &view->version->table->kept;
    struct kept_rows next = {0};
    struct copying c;
    size_t start = out->n;

    if (!view_has_texts(view)) {
        values_put_rows(view, row, n, keys, keys_n, out);
        return true;
    }
    if (!unchanged(view, err))
        return false;
    next.column = heap_alloc(view->version->columns_n * sizeof(*next.column));
    next.columns_n = columns_to_put(view, keys, keys_n, next.column);
    next.end = heap_alloc(n * sizeof(*next.end));
    struct kept_rows old = kept_take(kept, next.column, next.columns_n);
    size_t *missing = heap_alloc(n * sizeof(*missing));
    begin(&c, view, missing, to_read(view, &old, row, n, missing));
    for (size_t i = 0; i < next.columns_n; i++)
        c.keep[next.column[i]] = true;

    bool ok = put_rows(&c, &old, row, n, next.end, out, err) && unchanged(view, err);
    if (ok)
        keep_texts(view, &next, row, n, str_from(buf_str(out), start));
    kept_give(kept, next.n ? &next : &old);
    kept_rows_fini(&next);
    kept_rows_fini(&old);
    end(&c);
    free(missing);
    return ok;
}

/* ---- a column ---- */

static void put_step(const struct rows_view *view, size_t row, struct buf *out)
{
    int64_t step;

    rows_steps(view, row, 1, &step);
    json_put_integer(out, step);
}

bool rows_put_column(const struct rows_view *view, size_t key, const size_t *row, size_t n,
                     struct buf *steps, struct buf *values, struct err *err)
{
    size_t column = view->version->key[key];
    struct copying c;

    if (!view_has_texts(view))
        return values_put_column(view, key, row, n, steps, values, err);
    bool ok = unchanged(view, err);
    if (!ok)
        return false;
    begin(&c, view, row, n);
    c.keep[column] = true;
    for (size_t i = 0; ok && i < n; i++) {
        struct str line;
        ok = text_of(&c, i, &line, err) && members_of(&c, i, line, err);
        if (!ok)
            break;
        const struct member *member = &c.member[c.at[column]];
        if (c.row[column] != i + 1 || !is_value(member)) {
            ok = changed(view, err);
            break;
        }
        buf_puts(steps, i > 0 ? "," : "");
        buf_puts(values, i > 0 ? "," : "");
        put_step(view, row[i], steps);
        put_value(member, values);
    }
    end(&c);
    return ok && unchanged(view, err);
}
