/*
 * trainer_state.json of the Hugging Face Trainer: one JSON object whose
 * log_history is the log, one flat object a row. Several rows of one step are
 * normal (training, each evaluation set, the summary of a run that came to its
 * end). The writer dies in the middle of a number that is not JSON, so a file
 * that is cut off is read up to the cut. Each checkpoint holds the whole
 * history so far; merging those is not a reader's affair.
 */
#include "analysis/readers/reader.h"

#include <inttypes.h>

#include "analysis/base/limits.h"
#include "analysis/base/scan.h"
#include "analysis/base/vec.h"
#include "analysis/readers/lines.h"
#include "analysis/readers/sniff.h"

struct cell {
    int key;
    enum scan_kind kind;
    double value;
};

struct reading {
    struct feed *feed;
    struct arena *arena;
    int64_t row; /* 1-based */
    VEC(struct cell) cells;
};

static struct bid bid(const struct probe *probe, struct arena *arena)
{
    struct str head = sniff_text(probe->head);
    bool named = strcmp(probe->name, "trainer_state.json") == 0;

    (void)arena;
    if (sniff_pointer(head))
        return (struct bid){0, named ? POINTER_WHY : NULL};
    if (!str_starts(head, STR("{")) || !str_has(head, STR("\"log_history\"")))
        return (struct bid){0, named ? "it has no log_history" : NULL};
    if (named)
        return (struct bid){80, "its name fits and it has a log_history"};
    return (struct bid){60, "it has a log_history"};
}

/* ---- rows ---- */

static int key_of(struct reading *r, const struct scan_member *member)
{
    if (!member->escaped)
        return feed_key(r->feed, member->key);
    char *name = arena_alloc(r->arena, member->key.n + 1);
    return feed_key(r->feed, (struct str){name, scan_unescape(member->key, name)});
}

static void feed_cell(struct feed *feed, const struct cell *cell)
{
    if (cell->kind == SCAN_NUMBER || cell->kind == SCAN_NON_FINITE)
        feed_value(feed, cell->key, cell->value);
    else if (cell->kind == SCAN_NULL)
        feed_missing(feed, cell->key);
    else
        feed_other(feed, cell->key);
}

/* The keys are sorted by the writer, so the step stands behind most of its values. */
static void take_row(struct reading *r, struct str text)
{
    struct scan scan = scan_object(text);
    struct scan_member member;
    bool has_step = false, odd_step = false, has_runtime = false;
    int64_t step = 0;

    r->row++;
    r->cells.n = 0;
    while (scan_next(&scan, &member)) {
        double value = member.kind <= SCAN_NON_FINITE ? scan_double(&member) : 0;
        if (str_is(member.key, "step") && member.kind == SCAN_NUMBER) {
            has_step = feed_step(value, &step);
            odd_step = !has_step;
            continue;
        }
        has_runtime |= str_is(member.key, "train_runtime");
        struct cell cell = {key_of(r, &member), member.kind, value};
        VEC_PUSH(r->arena, &r->cells, cell);
    }
    if (scan.fault) {
        feed_malformed(r->feed, r->row, scan.fault);
        return;
    }
    if (has_step)
        feed_row(r->feed, step);
    else
        feed_row_stepless(r->feed);
    if (odd_step)
        feed_step_odd(r->feed);
    for (size_t i = 0; i < r->cells.n; i++)
        feed_cell(r->feed, &r->cells.v[i]);
    if (has_runtime) {
        feed_fact(r->feed, FACT_FINAL_ROW,
                  str_of(arena_printf(r->arena, "train_runtime at step %" PRId64, step)));
    }
}

/* How many bytes the object at the start takes, 0 if it does not end. */
static size_t object_bytes(struct str text)
{
    size_t depth = 0;
    bool quoted = false;

    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (quoted) {
            i += c == '\\';
            quoted = c != '"';
            continue;
        }
        quoted = c == '"';
        depth += c == '{';
        if (c == '}' && --depth == 0)
            return i + 1;
    }
    return 0;
}

/* text begins behind the list's bracket. True if the list ends. */
static bool take_rows(struct reading *r, const struct source *source, struct str text,
                      struct err *err)
{
    *err = (struct err){.code = ERR_NONE};
    while (text.n > 0 && *text.p != ']') {
        if (*text.p != '{') {
            text = str_from(text, 1); /* a comma or a blank */
            continue;
        }
        size_t n = object_bytes(text);
        if (n == 0)
            return false;
        take_row(r, str_cut(text, n));
        text = str_from(text, n);
        if (r->row % 4096 == 0 && !source_wanted(source, err))
            return false;
    }
    return text.n > 0;
}

/* ---- the object around them ---- */

static bool is_plan(struct str key)
{
    static const char *const keys[] = {"max_steps",  "num_train_epochs", "train_batch_size",
                                       "eval_steps", "logging_steps",    "save_steps",
                                       "total_flos", "trial_name",       NULL};

    for (size_t i = 0; keys[i]; i++) {
        if (str_is(key, keys[i]))
            return true;
    }
    return false;
}

static void take_member(struct reading *r, const struct scan_member *member)
{
    double value;
    int64_t whole;

    if (!is_plan(member->key) || member->kind == SCAN_NON_FINITE || member->kind == SCAN_NESTED)
        return;
    feed_setting(r->feed, "trainer_state.json", member->key, member->value);
    if (!str_is(member->key, "max_steps") || member->kind != SCAN_NUMBER)
        return;
    value = scan_double(member);
    if (feed_step(value, &whole) && whole > 0)
        feed_fact_number(r->feed, FACT_TOTAL_STEPS, whole);
}

/* What stands behind the bracket of log_history; empty if there is none. */
static struct str history_of(struct str text)
{
    static const char name[] = "\"log_history\"";
    const char *at = memmem(text.p, text.n, name, sizeof(name) - 1);

    if (!at)
        return (struct str){0};
    struct str rest = str_from(text, (size_t)(at - text.p) + sizeof(name) - 1);
    while (rest.n > 0 && *rest.p != '[' && *rest.p != '{')
        rest = str_from(rest, 1);
    return rest.n > 0 && *rest.p == '[' ? str_from(rest, 1) : (struct str){0};
}

static bool read_text(struct reading *r, const struct source *source, struct str text,
                      struct err *err)
{
    struct str history = history_of(text);
    struct scan scan = scan_object(text);
    struct scan_member member;

    if (!history.p)
        return err_set(err, ERR_FORMAT, "%s has no log_history", source->path);
    while (scan_next(&scan, &member))
        take_member(r, &member);
    feed_axis(r->feed, "step", "the rows of log_history have it");
    bool ended = take_rows(r, source, history, err);
    if (err->code)
        return false;
    if (!ended)
        feed_damage(r->feed, "%s is cut off inside log_history, behind row %" PRId64, source->path,
                    r->row);
    else if (scan.fault)
        feed_damage(r->feed, "%s behind log_history: it %s", source->path, scan.fault);
    return true;
}

static bool read_source(const struct source *source, struct feed *feed, struct err *err)
{
    struct arena arena;
    struct reading r = {.feed = feed, .arena = &arena};
    struct str text;

    arena_init(&arena);
    bool ok = source_text(source, HISTORY_FILE_MAX, &arena, &text, err) &&
              read_text(&r, source, text, err);
    arena_fini(&arena);
    return ok;
}

const struct reader reader_trainer_state = {
    .name = "trainer_state",
    .what = "trainer_state.json of the Hugging Face Trainer: the rows of its log_history.",
    .unit = UNIT_FILE,
    .tells_end = true,
    .bid = bid,
    .read = read_source,
};
