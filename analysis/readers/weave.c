#include "analysis/readers/weave.h"

#include <math.h>
#include <stdlib.h>

#include "analysis/readers/splice.h"
#include "analysis/side.h"

enum { NOTES_MAX = 24 };

/* ---- life ---- */

struct woven *woven_ref(struct woven *woven)
{
    woven->refs++;
    return woven;
}

void woven_unref(void *thing)
{
    struct woven *woven = thing;

    if (!woven || --woven->refs > 0)
        return;
    version_unref(woven->rows);
    arena_fini(&woven->arena);
    free(woven);
}

static void drop_origin(struct origin *origin)
{
    woven_unref(origin); /* its first member */
}

/* ---- what the sources say ---- */

static const char *copy(struct woven *w, const char *text)
{
    return text ? arena_text(&w->arena, str_of(text)) : NULL;
}

static struct strs copy_all(struct woven *w, const char *const *texts, size_t n, size_t most)
{
    size_t kept = n < most ? n : most;
    const char **v = ARENA_ARRAY(&w->arena, kept, const char *);

    for (size_t i = 0; i < kept; i++)
        v[i] = copy(w, texts[i]);
    return (struct strs){v, kept};
}

/* The first source that knows it; of a resumed run's start the earliest. */
static bool is_better(const struct woven *w, enum fact fact, const char *value, bool resumes)
{
    if (!w->fact[fact])
        return true;
    return resumes && fact == FACT_STARTED &&
           strtoll(value, NULL, 10) < strtoll(w->fact[fact], NULL, 10);
}

static void take_source(struct woven *w, const struct weave_source *source)
{
    struct woven_source *out = &w->sources[w->sources_n++];
    const struct fed *fed = source->fed;

    *out = (struct woven_source){.path = copy(w, source->path),
                                 .format = copy(w, source->format),
                                 .why = copy(w, source->why),
                                 .failed = copy(w, source->failed)};
    if (!fed)
        return;
    out->axis = copy(w, fed->axis);
    out->axis_why = copy(w, fed->axis_why);
    out->tally = fed->table->tally; /* its one text is static */
    out->damage = copy_all(w, fed->damage, fed->damage_n, FED_TEXTS_MAX);
    out->damage_n = fed->damage_n;
    out->notes = copy_all(w, fed->note, fed->notes_n, FED_TEXTS_MAX);
    for (int fact = 0; fact < FACTS; fact++) {
        if (!fed->fact[fact] || !is_better(w, (enum fact)fact, fed->fact[fact], source->resumes))
            continue;
        w->fact[fact] = copy(w, fed->fact[fact]);
        w->fact_from[fact] = out->path;
    }
}

static void take_texts(struct woven *w, const struct weave_source *sources, size_t n)
{
    size_t configs = 0, evaluations = 0;

    for (size_t i = 0; i < n; i++) {
        configs += sources[i].fed ? sources[i].fed->configs.n : 0;
        evaluations += sources[i].fed ? sources[i].fed->evaluations.n : 0;
    }
    w->configs = ARENA_ARRAY(&w->arena, configs, struct woven_text);
    w->evaluations = ARENA_ARRAY(&w->arena, evaluations, struct woven_text);
    for (size_t i = 0; i < n; i++) {
        const struct fed *fed = sources[i].fed;
        for (size_t k = 0; fed && !sources[i].history && k < fed->configs.n; k++)
            w->configs[w->configs_n++] =
                (struct woven_text){w->sources[i].path, copy(w, fed->configs.v[k].from), NOT_GIVEN,
                                    arena_str(&w->arena, fed->configs.v[k].json)};
        for (size_t k = 0; fed && !sources[i].history && k < fed->evaluations.n; k++)
            w->evaluations[w->evaluations_n++] = (struct woven_text){
                w->sources[i].path, copy(w, fed->evaluations.v[k].from), fed->evaluations.v[k].step,
                arena_str(&w->arena, fed->evaluations.v[k].json)};
    }
}

/* ---- strands ---- */

static const char *folder_of(struct arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? arena_text(arena, (struct str){path, (size_t)(slash - path)}) : "";
}

static bool tell_the_same(const struct strand *a, const struct strand *b)
{
    for (size_t i = 0; i < a->keys_n; i++) {
        if (!str_is(a->key[i].name, "timestamp") && strand_find(b, a->key[i].name))
            return true;
    }
    return false;
}

/* Files of one format in one folder that tell the same metrics: written one after the other. */
static struct strand *before(const struct splice *s, const struct strand *next, size_t *at)
{
    for (size_t i = 0; i < s->n; i++) {
        struct strand *a = s->strand[i];
        *at = i;
        if (next->follows && strcmp(a->format, next->format) == 0 &&
            strcmp(a->folder, next->folder) == 0 && a->side == next->side && tell_the_same(a, next))
            return a;
    }
    return NULL;
}

static void add_strand(struct splice *s, struct strand *next)
{
    size_t at;
    struct strand *a = before(s, next, &at);

    if (!a) {
        s->strand[s->n++] = next;
        return;
    }
    struct strand *both = strand_interleave(a, next, s->arena);
    if (both) {
        s->strand[at] = both;
        s->workers++;
        return;
    }
    bool later = !(strand_begins(next) < strand_begins(a));
    s->strand[at] = later ? strand_chain(a, next, s->arena) : strand_chain(next, a, s->arena);
    s->strand[at]->label = a->label;
}

/* With the source that stands, for those who judge the metric. */
static void take_conflicts(struct woven *w, const struct splice *s)
{
    w->conflicts = ARENA_ARRAY(&w->arena, s->conflicts.n, struct woven_conflict);
    for (size_t i = 0; i < s->conflicts.n; i++) {
        const struct splice_conflict *c = &s->conflicts.v[i];

        w->conflicts[w->conflicts_n++] = (struct woven_conflict){
            arena_str(&w->arena, c->name), arena_printf(&w->arena, "%s; %s stands, and is judged",
                                                        s->notes.v[c->note], c->stands)};
    }
}

static void take_put(struct woven *w, const struct splice *s)
{
    for (size_t i = 0; i < s->n; i++) {
        for (size_t k = 0; k < w->sources_n; k++)
            w->sources[k].put |=
                s->strand[i]->put && strcmp(w->sources[k].path, s->strand[i]->label) == 0;
    }
}

static struct table *splice_all(struct woven *w, const struct weave_source *sources, size_t n)
{
    struct arena scratch;
    struct splice s = {.arena = &scratch};

    arena_init(&scratch);
    s.strand = ARENA_ARRAY(&scratch, n, struct strand *);
    for (size_t i = 0; i < n; i++) {
        const struct fed *fed = sources[i].fed;
        if (!fed || fed->table->tally.rows == 0)
            continue;
        struct strand *strand =
            strand_of(fed->table, sources[i].float32, sources[i].printed, &scratch);
        strand->label = sources[i].path;
        strand->folder = sources[i].resumes ? "" : folder_of(&scratch, sources[i].path);
        const char *slash = strrchr(sources[i].path, '/');
        strand->side = side_of_file(slash ? slash + 1 : sources[i].path);
        strand->format = sources[i].format;
        strand->history = sources[i].history;
        strand->follows = sources[i].follows;
        strand->workers = sources[i].workers;
        add_strand(&s, strand);
    }
    if (s.workers)
        VEC_PUSH(&scratch, &s.notes,
                 arena_printf(&scratch,
                              "files of %zu workers are merged by time; their steps are added up",
                              s.workers + 1));
    splice_prefix(&s);
    splice_align(&s);
    splice_choose(&s);
    struct table *table = splice_rows(&s);
    take_put(w, &s);
    w->notes = copy_all(w, s.notes.v, s.notes.n, NOTES_MAX);
    w->notes_n = s.notes.n;
    take_conflicts(w, &s);
    arena_fini(&scratch);
    return table;
}

/* ---- coverage ---- */

static void cover_one(const struct woven_source *s, bool alone, struct coverage *coverage)
{
    coverage_source(coverage, s->path, s->format, s->why);
    if (s->failed)
        coverage_note(coverage, "%s was not read: %s", s->path, s->failed);
    coverage_malformed(coverage, s->path, s->tally.bad_line,
                       s->tally.bad_reason ? s->tally.bad_reason : "", s->tally.malformed);
    for (size_t i = 0; i < s->damage.n; i++)
        coverage_note(coverage, "%s: %s", s->path, s->damage.v[i]);
    if (s->damage_n > s->damage.n)
        coverage_note(coverage, "%s: %zu more places are damaged", s->path,
                      s->damage_n - s->damage.n);
    for (size_t i = 0; i < s->notes.n; i++)
        coverage_note(coverage, "%s: %s", s->path, s->notes.v[i]);
    if (!s->axis || s->put || strcmp(s->axis, "step") == 0)
        return; /* as everybody expects, or told with what it was put to */
    if (alone)
        coverage_note(coverage, "steps are %s (%s)", s->axis, s->axis_why);
    else
        coverage_note(coverage, "%s: steps are %s (%s)", s->path, s->axis, s->axis_why);
}

void woven_cover(const struct woven *w, struct coverage *coverage)
{
    for (size_t i = 0; i < w->sources_n; i++) {
        const struct woven_source *s = &w->sources[i];
        cover_one(s, w->sources_n == 1, coverage);
        if (w->merged && s->tally.rows > 0 && !s->put) /* else the rows' own cover says it */
            tally_cover(&s->tally, false, s->path, coverage);
    }
    for (size_t i = 0; i < w->notes.n; i++)
        coverage_note(coverage, "%s", w->notes.v[i]);
    if (w->notes_n > w->notes.n)
        coverage_note(coverage, "%zu more sentences about the sources are left out",
                      w->notes_n - w->notes.n);
    if (w->unread)
        coverage_note(coverage, "%zu more files of this run were not read", w->unread);
}

static void cover(const struct origin *origin, struct coverage *coverage)
{
    woven_cover((const struct woven *)origin, coverage); /* its first member */
}

/* ---- the whole ---- */

static struct table *as_it_is(struct table *table, bool float32)
{
    for (size_t i = 0; i < table->columns_n; i++) {
        if (table->column[i]->float32 != float32) /* else others may look at it by now */
            table->column[i]->float32 = float32;
    }
    return table_ref(table);
}

struct woven *weave(const struct weave_source *sources, size_t n, size_t unread)
{
    struct woven *w = heap_alloc(sizeof(*w));
    struct table *only = NULL, *table = NULL;
    bool float32 = false;
    size_t with_rows = 0;

    *w = (struct woven){.origin = {cover, drop_origin}, .refs = 1, .unread = unread};
    arena_init(&w->arena);
    w->sources = ARENA_ARRAY(&w->arena, n, struct woven_source);
    for (size_t i = 0; i < n; i++) {
        take_source(w, &sources[i]);
        if (!sources[i].fed || sources[i].fed->table->tally.rows == 0)
            continue;
        only = sources[i].fed->table;
        float32 = sources[i].float32;
        with_rows++;
    }
    take_texts(w, sources, n);
    w->bytes = sizeof(*w);
    if (with_rows == 1)
        table = as_it_is(only, float32);
    else if (with_rows > 1)
        table = splice_all(w, sources, n);
    w->merged = with_rows > 1;
    if (table) { /* rows may be added to a log's own table while this run is looked at */
        w->rows = version_new(table, NULL);
        w->bytes += table_bytes(table) + w->rows->bytes;
        table_unref(table);
    }
    for (size_t i = 0; i < w->configs_n; i++)
        w->bytes += w->configs[i].json.n;
    for (size_t i = 0; i < w->evaluations_n; i++)
        w->bytes += w->evaluations[i].json.n;
    return w;
}

/* ---- views ---- */

struct rows_view *woven_rows(struct woven *w, const struct strs *keys)
{
    return view_of_values(version_of_keys(w->rows, keys), &woven_ref(w)->origin);
}

/* The rows [from, rows) as a table of their own. */
static struct table *last_rows(struct woven *w, size_t from)
{
    struct rows_view *view = woven_rows(w, NULL);
    const struct table *table = w->rows->table;
    size_t n = rows_count(view) - from, columns = rows_keys(view);
    struct feed *feed = feed_new();
    int *key = heap_alloc((columns + 1) * sizeof(*key));

    for (size_t k = 0; k < rows_keys(view); k++)
        key[k] = feed_key(feed, rows_key(view, k));
    for (size_t i = from; i < from + n; i++) {
        int64_t step;
        rows_steps(view, i, 1, &step);
        feed_row(feed, step);
        for (size_t k = 0; k < rows_keys(view); k++) {
            const struct chunk *chunk = view_chunk(view, k, i / CHUNK_ROWS);
            uint32_t at = (uint32_t)(i % CHUNK_ROWS);
            double value;
            if (chunk && chunk_points(chunk, at, at + 1, &value, NULL) == 1)
                feed_value(feed, key[k], value);
        }
    }
    struct table *last = table_ref(feed_end(feed)->table);
    for (size_t k = 0; k < rows_keys(view); k++) {
        if (key[k] >= 0)
            last->column[key[k]]->float32 = table->column[view->version->key[k]]->float32;
    }
    free(key);
    feed_free(feed);
    rows_view_unref(view);
    return last;
}

struct rows_view *woven_tail(struct woven *w, size_t window)
{
    size_t rows = w->rows->tally.rows;

    if (window >= rows)
        return woven_rows(w, NULL);
    struct table *last = last_rows(w, rows - window);
    struct version *version = version_new(last, NULL);

    version->tail = true;
    table_unref(last);
    return view_of_values(version, &woven_ref(w)->origin);
}
