#include "analysis/rowscan.h"

#include <math.h>
#include <stdlib.h>

#include "analysis/base/arena.h"
#include "analysis/base/number.h"
#include "analysis/bytes.h"

void rowscan_init(struct rowscan *scan, struct table *table)
{
    *scan = (struct rowscan){.table = table};
    scan->templates = heap_alloc(TEMPLATES * sizeof(*scan->templates));
    scan->members = heap_alloc((KEYS_MAX + 1) * sizeof(*scan->members));
    scan->seen = heap_alloc((KEYS_MAX + 1) * sizeof(*scan->seen));
}

void rowscan_fini(struct rowscan *scan)
{
    free(scan->templates);
    free(scan->members);
    free(scan->seen);
    free(scan->name);
}

bool step_of(double value, int64_t *step)
{
    if (!(value >= -9007199254740991.0 && value <= 9007199254740991.0))
        return false;
    *step = (int64_t)value;
    return (double)*step == value;
}

void rowscan_malformed(struct rowscan *scan, const char *reason)
{
    struct tally *tally = &scan->table->tally;

    if (tally->malformed++ == 0) {
        tally->bad_line = tally->lines;
        tally->bad_reason = reason;
    }
}

/* ---- any line ---- */

static size_t column_of(struct rowscan *scan, const struct scan_member *member)
{
    if (!member->escaped)
        return table_key(scan->table, member->key);
    if (scan->name_room < member->key.n) {
        scan->name_room = member->key.n;
        scan->name = heap_grow(scan->name, scan->name_room);
    }
    return table_key(scan->table, (struct str){scan->name, scan_unescape(member->key, scan->name)});
}

static void take_step(struct rowscan *scan, const struct scan_member *member)
{
    scan->has_step = member->kind == SCAN_NUMBER && step_of(scan_double(member), &scan->step);
    scan->odd_step = member->kind == SCAN_NUMBER && !scan->has_step;
}

/* The row at hand goes into the table. */
static void put_row(struct rowscan *scan, uint64_t start, uint64_t length)
{
    struct tally *tally = &scan->table->tally;

    tally->odd_steps += scan->odd_step;
    tally->odd_behind += scan->odd_step && tally->any_step;
    table_row(scan->table, start, length, scan->has_step, scan->step);
}

static void take_member(struct rowscan *scan, const struct scan_member *member)
{
    bool is_step = str_eq(member->key, STR("step")); /* an escaped "step" is another key's affair */
    size_t column = is_step ? KEYS_MAX : column_of(scan, member);

    if (is_step)
        take_step(scan, member);
    if (column == SIZE_MAX) {
        scan->dropped++;
        return;
    }
    size_t at = scan->members_n;
    if (scan->seen[column].serial == scan->serial) {
        at = scan->seen[column].at;
        scan->repeats = true;
    } else {
        scan->members_n++;
    }
    scan->seen[column].serial = scan->serial;
    scan->seen[column].at = at;
    scan->members[at] =
        (struct scanned){is_step ? STEP_COLUMN : (uint32_t)column, member->kind, member->value};
}

/* The line's members, of repeated ones the last; NULL if it is a row. */
static const char *read_line(struct rowscan *scan, struct str line)
{
    struct scan object = scan_object(line);
    struct scan_member member;

    scan->members_n = 0;
    scan->dropped = 0;
    scan->has_step = scan->odd_step = scan->repeats = false;
    scan->serial++;
    while (scan_next(&object, &member))
        take_member(scan, &member);
    return object.fault;
}

static bool is_value(const struct scanned *member)
{
    return member->kind == SCAN_NUMBER || member->kind == SCAN_NON_FINITE;
}

static void count(struct rowscan *scan, const struct scanned *member, int by)
{
    struct column *column = scan->table->column[member->column];

    if (is_value(member))
        column->points_n += by;
    else if (member->kind == SCAN_NULL)
        column->nulls += by;
    else
        column->others += by;
}

static void commit(struct rowscan *scan, uint64_t start, uint64_t length)
{
    struct table *table = scan->table;

    table_room(table);
    for (size_t i = 0; i < scan->members_n; i++) {
        const struct scanned *m = &scan->members[i];
        if (m->column == STEP_COLUMN)
            continue;
        count(scan, m, 1);
        if (!is_value(m) || !table->column[m->column]->loaded)
            continue;
        struct scan_member number = {.value = m->value};
        points_add(&table->column[m->column]->points, table->tally.open_rows, scan_double(&number));
    }
    table->tally.members_dropped += scan->dropped;
    table->tally.repeats += scan->repeats;
    put_row(scan, start, length);
}

/* ---- templates ---- */

static void count_hits(struct row_template *t)
{
    for (uint32_t i = 0; i < t->slots_n; i++) {
        if (t->slot[i].column)
            t->slot[i].column->points_n += (int64_t)t->hits;
    }
    t->hits = 0;
}

static bool is_simple(const struct rowscan *scan, const char *line, const char *end)
{
    const char *p = line;
    bool ok = !scan->repeats && scan->dropped == 0 && scan->members_n <= SLOTS_MAX;

    ok = ok && scan->members_n > 0 && end - line < TEMPLATE_TEXT;
    for (size_t i = 0; ok && i < scan->members_n; i++) {
        ok = is_value(&scan->members[i]) && scan->members[i].value.p - p < ROWSCAN_PAD / 2;
        p = scan->members[i].value.p + scan->members[i].value.n;
    }
    return ok && end - p < ROWSCAN_PAD / 2;
}

/* The line just read, its newline included, becomes the newest template. */
static void learn(struct rowscan *scan, const char *line, const char *end)
{
    if (scan->plain || !is_simple(scan, line, end))
        return;
    struct row_template *t = &scan->templates[scan->oldest];
    const char *p = line;
    size_t used = 0;

    count_hits(t);
    for (size_t i = 0; i < scan->members_n; i++) {
        const struct scanned *m = &scan->members[i];
        size_t n = (size_t)(m->value.p - p);
        memcpy(t->text + used, p, n);
        struct column *column = m->column == STEP_COLUMN ? NULL : scan->table->column[m->column];
        t->slot[i] = (struct slot){(uint16_t)used, (uint16_t)n, column && column->loaded, column};
        used += n;
        p = m->value.p + m->value.n;
    }
    memcpy(t->text + used, p, (size_t)(end - p));
    t->slots_n = (uint32_t)scan->members_n;
    t->last = (uint16_t)used;
    t->last_n = (uint16_t)(end - p);
    scan->newest = scan->oldest;
    scan->oldest = (scan->oldest + 1) % TEMPLATES;
    if (scan->templates_n < TEMPLATES)
        scan->templates_n++;
}

/* Steps are mostly a few digits. */
static inline size_t read_step(struct rowscan *scan, const char *p, const char *end)
{
    int64_t sum = 0;
    const char *q = p;
    double value;

    for (; q < end && (unsigned char)(*q - '0') <= 9 && q - p < 15; q++)
        sum = sum * 10 + (*q - '0');
    scan->has_step = true;
    scan->step = sum;
    if (q < end && (*q == ',' || *q == '}') && q > p && (*p != '0' || q - p == 1))
        return (size_t)(q - p);
    size_t n = number_read((struct str){p, (size_t)(end - p)}, &value);
    scan->has_step = n > 0 && step_of(value, &scan->step);
    scan->odd_step = n > 0 && !scan->has_step;
    return n;
}

static inline size_t read_value(const char *p, const char *end, double *value)
{
    struct str text = {p, (size_t)(end - p)};
    size_t n = number_read_ahead(text, value);

    return n ? n : scan_non_finite(text, value);
}

static inline size_t skip_value(const char *p, const char *end)
{
    struct str text = {p, (size_t)(end - p)};
    size_t n = number_pass(p, end);
    double value;

    return n ? n : scan_non_finite(text, &value);
}

/* The line at p fits the template: it is added, and what stands behind it returned; else NULL. */
static const char *match(struct rowscan *scan, struct row_template *t, const char *line,
                         const char *end, uint64_t start)
{
    struct table *table = scan->table;
    double *value = scan->value;
    const char *p = line;
    size_t n;

    scan->has_step = scan->odd_step = false;
    for (uint32_t i = 0; i < t->slots_n; i++) {
        const struct slot *slot = &t->slot[i];
        if (!same_bytes(p, t->text + slot->text, slot->n))
            return NULL;
        p += slot->n;
        if (p >= end)
            return NULL;
        if (slot->loaded)
            n = read_value(p, end, &value[i]);
        else if (!slot->column)
            n = read_step(scan, p, end);
        else
            n = skip_value(p, end);
        if (n == 0)
            return NULL;
        p += n;
    }
    if (!same_bytes(p, t->text + t->last, t->last_n) || p + t->last_n > end)
        return NULL;
    p += t->last_n;

    table_room(table);
    for (uint32_t i = 0; i < t->slots_n; i++) {
        if (t->slot[i].loaded)
            points_add(&t->slot[i].column->points, table->tally.open_rows, value[i]);
    }
    t->hits++;
    table->tally.lines++;
    put_row(scan, start, (uint64_t)(p - line));
    return p;
}

static const char *match_any(struct rowscan *scan, const char *p, const char *end, uint64_t start)
{
    uint32_t first = scan->newest;

    for (uint32_t i = 0; i < scan->templates_n; i++) {
        uint32_t at = (first + i) % scan->templates_n;
        const char *next = match(scan, &scan->templates[at], p, end, start);
        if (next) {
            scan->newest = at;
            return next;
        }
    }
    return NULL;
}

/* ---- lines ---- */

static bool is_blank(struct str line)
{
    return str_trim(line).n == 0;
}

static void any_line(struct rowscan *scan, const char *p, const char *newline, uint64_t start)
{
    struct str line = {p, (size_t)(newline - p)};

    scan->table->tally.lines++;
    if (is_blank(line))
        return;
    const char *fault = line.n > DATA_LINE_MAX ? "is too long" : read_line(scan, line);
    if (fault) {
        rowscan_malformed(scan, fault);
        return;
    }
    commit(scan, start, line.n + 1);
    learn(scan, p, newline + 1);
}

size_t rowscan_lines(struct rowscan *scan, const char *text, size_t n, uint64_t offset)
{
    const char *p = text, *end = text + n;

    if (offset == 0 && str_starts((struct str){text, n}, STR("\xef\xbb\xbf")))
        p += 3;
    while (p < end) {
        uint64_t start = offset + (uint64_t)(p - text);
        const char *next = match_any(scan, p, end, start);
        if (!next) {
            const char *newline = memchr(p, '\n', (size_t)(end - p));
            if (!newline)
                break;
            any_line(scan, p, newline, start);
            next = newline + 1;
        }
        p = next;
    }
    for (uint32_t i = 0; i < scan->templates_n; i++)
        count_hits(&scan->templates[i]);
    /* A mark that stands alone is left, so that the next look knows it again. */
    return p - text == 3 && offset == 0 && n > 0 && text[0] == '\xef' ? 0 : (size_t)(p - text);
}

bool rowscan_last(struct rowscan *scan, struct str line, uint64_t offset, struct row_undo *undo,
                  const char **reason)
{
    struct table *table = scan->table;

    *reason = NULL;
    if (offset == 0 && str_starts(line, STR("\xef\xbb\xbf"))) {
        line = str_from(line, 3);
        offset = 3;
    }
    if (is_blank(line))
        return false;
    *reason = read_line(scan, line);
    if (*reason)
        return false;
    table_room(table); /* these rows are complete: they stay sealed */
    undo->tally = table->tally;
    undo->length = table->tally.open_rows ? table->open.length[table->tally.open_rows - 1] : 0;
    commit(scan, offset, line.n);
    return true;
}

void rowscan_undo(struct rowscan *scan, const struct row_undo *undo)
{
    struct table *table = scan->table;
    uint32_t row = undo->tally.open_rows;

    for (size_t i = 0; i < scan->members_n; i++) {
        if (scan->members[i].column == STEP_COLUMN)
            continue;
        struct column *column = table->column[scan->members[i].column];
        count(scan, &scan->members[i], -1);
        if (points_has(&column->points, row))
            points_back(&column->points, row, column->points.n - 1);
    }
    table->tally = undo->tally;
    if (row > 0)
        table->open.length[row - 1] = undo->length;
}
