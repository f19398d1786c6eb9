/*
 * The file's bytes are kept with the values: the text of a chosen number is then
 * a copy of 20 bytes and no formatting. 100,000 updates of 16 keys hold 49 MB
 * that way (31 text, 12 values, 6 places), which fits COLUMNS_MAX once.
 */
#include "analysis/history.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "analysis/base/json.h"
#include "analysis/base/limits.h"
#include "analysis/base/number.h"
#include "analysis/files.h"
#include "analysis/history_read.h"

static const char whole_path[] = "rl_metrics/rl_training_metrics.json";
static const char lines_path[] = "dashboard_metrics/rl_metrics.jsonl";

struct kept {
    struct history history; /* first: what callers see */
    atomic_size_t refs;
    struct arena arena;
    struct raw_history raw;
    char *text; /* mapped memory, not a mapped file */
    size_t text_n, room;
    struct str view;         /* the object in the text; places of values count from its start */
    const char *path, *note; /* where it came from; what was wrong with the other place */
};

static const struct kept *kept_of(const struct history *history)
{
    return (const struct kept *)history;
}

/* ---- reading ---- */

/*
 * Room by mmap and in huge pages: for 31 MB the page faults of small pages cost
 * as much as copying the bytes.
 */
static void make_room(struct kept *k, size_t n)
{
    enum { HUGE_PAGE = 2 * 1024 * 1024 };

    if (k->text)
        munmap(k->text, k->room);
    k->room = (n + HUGE_PAGE) / HUGE_PAGE * HUGE_PAGE;
    k->text = mmap(NULL, k->room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (k->text == MAP_FAILED) {
        k->text = NULL;
        abort(); /* as heap_alloc does: the client starts us again */
    }
    if (n >= HUGE_PAGE)
        (void)madvise(k->text, k->room, MADV_HUGEPAGE);
}

static bool read_span(int fd, const char *path, struct kept *k, int64_t from, size_t n,
                      const atomic_bool *cancelled, struct err *err)
{
    make_room(k, n);
    for (k->text_n = 0; k->text_n < n;) {
        size_t part = n - k->text_n < 16 * MIB ? n - k->text_n : 16 * MIB;
        int64_t got = file_fill(fd, k->text + k->text_n, part, from + (int64_t)k->text_n);
        if (got < 0)
            return err_errno(err, "cannot read %s", path);
        k->text_n += (size_t)got;
        if ((size_t)got < part)
            break;
        if (cancelled && atomic_load(cancelled))
            return err_set(err, ERR_CANCELLED, "cancelled while %s was read", path);
    }
    return true;
}

/* The size of the file behind an open descriptor; false with a sentence if it cannot be read. */
static bool usable(int fd, const char *path, size_t *size, struct err *err)
{
    struct stat about;

    if (fstat(fd, &about) != 0)
        return err_errno(err, "cannot read %s", path);
    if (!S_ISREG(about.st_mode))
        return err_set(err, ERR_FORMAT, "%s is not a file", path);
    *size = (size_t)about.st_size;
    return true;
}

static bool too_large(const char *path, size_t size, struct err *err)
{
    return err_set(err, ERR_TOO_LARGE, "%s has %zu bytes; histories are read up to %zu", path, size,
                   HISTORY_FILE_MAX);
}

static bool parse(struct kept *k, struct str text, struct err *err)
{
    raw_fini(&k->raw);
    return history_read(text, &k->arena, &k->raw, err);
}

static bool load_whole(struct kept *k, int fd, const atomic_bool *cancelled, struct err *err)
{
    size_t size = 0;

    if (!usable(fd, whole_path, &size, err))
        return false;
    if (size > HISTORY_FILE_MAX)
        return too_large(whole_path, size, err);
    k->path = whole_path;
    if (!read_span(fd, whole_path, k, 0, size, cancelled, err))
        return false;
    k->view = (struct str){k->text, k->text_n};
    return parse(k, k->view, err);
}

/* The last line of the text that is a whole object; a cut one behind it is passed over. */
static bool last_line(struct kept *k, struct str text, bool from_start, bool *need_more,
                      struct err *err)
{
    *need_more = false;
    err_set(err, ERR_FORMAT, "%s has no complete line", lines_path);
    for (size_t end = text.n; end > 0;) {
        const char *newline = memrchr(text.p, '\n', end);
        size_t begin = newline ? (size_t)(newline - text.p) + 1 : 0;
        struct str line = str_trim((struct str){text.p + begin, end - begin});
        if (!newline && !from_start) {
            *need_more = true;
            return false;
        }
        if (line.n > 0 && parse(k, line, err) && k->raw.has_history) {
            k->view = line;
            return true;
        }
        end = newline ? begin - 1 : 0;
    }
    return false;
}

static bool load_lines(struct kept *k, int fd, const atomic_bool *cancelled, struct err *err)
{
    size_t size = 0, span = 1 * MIB;
    bool need_more = true;

    if (!usable(fd, lines_path, &size, err))
        return false;
    k->path = lines_path;
    if (size == 0)
        return false;
    while (need_more) {
        span = span * 4 < size ? span * 4 : size;
        if (span > HISTORY_FILE_MAX)
            return too_large(lines_path, span, err);
        if (!read_span(fd, lines_path, k, (int64_t)(size - span), span, cancelled, err))
            return false;
        if (last_line(k, (struct str){k->text, k->text_n}, span == size, &need_more, err))
            return true;
    }
    return false;
}

static void finish(struct kept *k)
{
    struct history_key *keys = ARENA_ARRAY(&k->arena, k->raw.keys_n, struct history_key);
    struct series all = {0}; /* steps 0, 1, … of the longest key, shared by all without gaps */
    struct arena scratch;

    arena_init(&scratch);
    for (size_t i = 0; i < k->raw.keys_n; i++) {
        const struct raw_key *raw = &k->raw.keys[i];
        struct series series;

        keys[i] = (struct history_key){raw->name, raw->n, raw->value, {0}, raw->missing};
        if (raw->missing == 0 && raw->n <= all.n) {
            series = (struct series){raw->name, raw->n, all.step, raw->value, NULL};
        } else {
            history_series(&keys[i], &scratch, &series);
            all = raw->missing == 0 ? series : all;
        }
        series_summary(&series, &keys[i].summary);
    }
    arena_fini(&scratch);
    k->history = (struct history){k->raw.keys_n, keys, k->raw.global_step, k->raw.timestamp};
}

static void kept_free(struct kept *k)
{
    raw_fini(&k->raw);
    if (k->text)
        munmap(k->text, k->room);
    arena_fini(&k->arena);
    free(k);
}

static int open_one(int dir, const char *path, struct err *err)
{
    int fd = file_open(dir, path, O_RDONLY);

    if (fd < 0 && (errno == EXDEV || errno == ELOOP))
        err_set(err, ERR_IO, "%s is a link that leads out of the experiment", path);
    else if (fd < 0 && errno != ENOENT && errno != ENOTDIR)
        err_errno(err, "cannot read %s", path);
    return fd;
}

bool history_load(int dir, const atomic_bool *cancelled, struct history **out, struct err *err)
{
    struct kept *k = heap_alloc(sizeof(*k));
    bool ok = false, any = false;

    *out = NULL;
    err->code = ERR_NONE;
    atomic_init(&k->refs, 1);
    arena_init(&k->arena);
    int fd = open_one(dir, whole_path, err);
    if (fd >= 0) {
        any = true;
        ok = load_whole(k, fd, cancelled, err);
        close(fd);
        if (!ok && err->code != ERR_CANCELLED)
            k->note = arena_printf(&k->arena, "%s was not used: %s", whole_path, err->msg);
    }
    if (!ok && !(any && err->code == ERR_CANCELLED)) {
        struct err other = {.code = ERR_NONE};
        fd = open_one(dir, lines_path, &other);
        if (fd >= 0) {
            ok = load_lines(k, fd, cancelled, &other);
            close(fd);
            if (!any)
                *err = other; /* nothing at all in an empty log: no history, no error */
        } else if (!any && other.code != ERR_NONE) {
            *err = other;
        }
    }
    if (ok) {
        finish(k);
        *out = &k->history;
        return true;
    }
    kept_free(k);
    return !any && err->code == ERR_NONE;
}

/* ---- use ---- */

struct history *history_ref(struct history *history)
{
    atomic_fetch_add(&((struct kept *)history)->refs, 1);
    return history;
}

void history_unref(void *history)
{
    struct kept *k = history;

    if (k && atomic_fetch_sub(&k->refs, 1) == 1)
        kept_free(k);
}

size_t history_held(const struct history *history)
{
    const struct kept *k = kept_of(history);
    size_t bytes = sizeof(*k) + k->room;

    for (size_t i = 0; i < k->raw.keys_n; i++)
        bytes += k->raw.keys[i].room * (sizeof(double) + sizeof(uint32_t));
    return bytes;
}

const struct history_key *history_find(const struct history *history, const char *name)
{
    for (size_t i = 0; history && i < history->keys_n; i++) {
        if (str_is(history->keys[i].name, name))
            return &history->keys[i];
    }
    return NULL;
}

void history_put(const struct history *history, const struct history_key *key,
                 const size_t *iteration, size_t n, struct buf *out)
{
    const struct kept *k = kept_of(history);
    const struct raw_key *raw = &k->raw.keys[key - history->keys];

    for (size_t i = 0; i < n; i++) {
        double value = key->value[iteration[i]];
        struct str text = str_from(k->view, raw->at[iteration[i]]);
        if (i > 0)
            buf_byte(out, ',');
        size_t length = is_missing(value) ? 0 : number_skip(text);
        if (is_missing(value))
            buf_add(out, STR("null"));
        else if (length > 0)
            buf_add(out, str_cut(text, length));
        else
            json_put_number(out, value); /* NaN, Infinity: as strings */
    }
}

void history_series(const struct history_key *key, struct arena *arena, struct series *out)
{
    size_t n = key->n - (size_t)key->missing, at = 0;
    int64_t *step = ARENA_ARRAY(arena, n, int64_t);

    *out = (struct series){.name = key->name, .n = n, .step = step, .value = key->value};
    if (key->missing == 0) {
        for (size_t i = 0; i < n; i++)
            step[i] = (int64_t)i;
        return;
    }
    double *value = ARENA_ARRAY(arena, n, double);
    for (size_t i = 0; i < key->n && at < n; i++) {
        if (is_missing(key->value[i]))
            continue;
        step[at] = (int64_t)i;
        value[at++] = key->value[i];
    }
    out->value = value;
}

void history_cover(const struct history *history, struct coverage *coverage)
{
    const struct kept *k = kept_of(history);
    size_t longest = 0;
    int64_t missing = 0;

    if (!coverage)
        return;
    coverage_source(coverage, k->path, "tidal RL history",
                    k->path == whole_path ? "one JSON object with a list for each key"
                                          : "its last complete line repeats the whole history");
    if (k->note)
        coverage_note(coverage, "%s", k->note);
    for (size_t i = 0; i < history->keys_n; i++) {
        const struct history_key *key = &history->keys[i];
        longest = key->n > longest ? key->n : longest;
        missing += key->missing;
        coverage_non_finite(coverage, key->name, key->summary.n - key->summary.finite,
                            key->summary.first_non_finite_step);
        if (key->n == 0)
            coverage_not_logged(coverage, arena_text(coverage->arena, key->name));
    }
    for (size_t i = 0; i < history->keys_n; i++) {
        const struct history_key *key = &history->keys[i];
        if (key->n > 0 && key->n != longest)
            coverage_note(coverage, "%.*s has %zu values, the longest key %zu", STR_FMT(key->name),
                          key->n, longest);
    }
    if (missing)
        coverage_note(coverage, "%lld elements of the history are null or no numbers",
                      (long long)missing);
    if (k->raw.odd)
        coverage_note(coverage, "%zu members of the history are no lists and were left out",
                      k->raw.odd);
    if (k->raw.dropped)
        coverage_note(coverage, "%zu keys beyond the first %d were left out", k->raw.dropped,
                      KEYS_MAX);
    if (coverage->points_read == INT64_MIN)
        coverage->points_read = (int64_t)longest;
}
