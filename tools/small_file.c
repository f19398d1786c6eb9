#include "tools/small_file.h"
#include "analysis/base/limits.h"

enum {
    TEXT_LEAST = 60,     /* shorter says nothing */
    NAME_CHARS_MAX = 80, /* of a member */
    ENTRIES_FIRST = 256, /* of a list or object, when texts alone do not suffice */
};

/* What one attempt may write, and what it left out. */
struct cut {
    size_t room, each, entries;
    struct arena *arena; /* of this attempt */
    size_t texts_cut, entries_cut;
};

static void put_text(struct buf *out, struct str text, size_t most, struct cut *cut)
{
    struct str clean = str_of(clean_text(cut->arena, text, most));

    cut->texts_cut += clean.n > most + 3; /* only the mark of a cut is longer than a character */
    json_put_string(out, clean);
}

/* Ends early when there is too much: what was written then is thrown away. */
static void put_cleaned(struct buf *out, const struct json *value, struct cut *cut)
{
    size_t n = 0;
    bool object = value->kind == JSON_OBJECT;

    if (value->kind == JSON_STRING) {
        put_text(out, json_text(cut->arena, value), cut->each, cut);
        return;
    }
    if (!object && value->kind != JSON_ARRAY) {
        if (value->raw.n > cut->each) /* a number of so many digits is read by nobody */
            put_text(out, value->raw, cut->each, cut);
        else
            put_data(out, value);
        return;
    }
    buf_byte(out, object ? '{' : '[');
    json_each (item, value) {
        if (out->n > cut->room || n++ == cut->entries)
            break;
        json_put_comma(out);
        if (object) {
            put_text(out, item->key, NAME_CHARS_MAX, cut);
            buf_byte(out, ':');
        }
        put_cleaned(out, item, cut);
    }
    if (value->count > cut->entries)
        cut->entries_cut += value->count - cut->entries;
    buf_byte(out, object ? '}' : ']');
}

static bool try_to_fit(const struct json *value, struct cut *cut, struct buf *out)
{
    struct arena arena;

    arena_init(&arena);
    cut->arena = &arena;
    cut->texts_cut = cut->entries_cut = 0;
    out->n = 0;
    put_cleaned(out, value, cut);
    arena_fini(&arena);
    cut->arena = NULL;
    return out->n <= cut->room;
}

struct str fit_data(struct arena *arena, const struct json *value, size_t room,
                    struct coverage *coverage)
{
    struct cut cut = {.room = room, .each = SAMPLE_CHARS_MAX, .entries = SIZE_MAX};
    struct buf out = {0};

    while (!try_to_fit(value, &cut, &out)) {
        if (cut.each > TEXT_LEAST)
            cut.each = cut.each / 2 > TEXT_LEAST ? cut.each / 2 : TEXT_LEAST;
        else if (cut.entries > 1)
            cut.entries = cut.entries == SIZE_MAX ? ENTRIES_FIRST : cut.entries / 2;
        else
            break;
    }
    if (cut.texts_cut)
        coverage_note(coverage, "texts are cut at %zu bytes, names at %d; each cut is marked",
                      cut.each, NAME_CHARS_MAX);
    if (cut.entries_cut)
        coverage_note(coverage,
                      "lists and objects are shown up to their first %zu entries: \xe2\x80\xa6 %zu "
                      "more in those shown",
                      cut.entries, cut.entries_cut);
    return finish(&out, arena);
}

bool small_file(struct call *call, const struct experiment *experiment, enum experiment_file file,
                size_t room, struct coverage *coverage, struct document *document, struct str *json,
                struct err *err)
{
    experiment_document(experiment, file, call->arena, document);
    *json = (struct str){0};
    if (!document->exists) {
        coverage_note(coverage, "there is no %s", document->path);
        return true;
    }
    coverage_source(coverage, document->path, "json", "by its name");
    if (!document->json)
        return err_set(err, ERR_FORMAT, "%s: %s", document->path,
                       document->why ? document->why : "it cannot be read");
    *json = fit_data(call->arena, document->json, room, coverage);
    return true;
}
