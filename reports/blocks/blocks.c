#include "reports/blocks/block.h"
#include "analysis/base/limits.h"
#include "analysis/base/vec.h"

#include <stdio.h>
#include <stdlib.h>

#define X(name) extern const struct block_kind block_##name;
#include "reports/blocks/blocks.def"
#undef X

const struct block_kind *const block_kinds[] = {
#define X(name) &block_##name,
#include "reports/blocks/blocks.def"
#undef X
    NULL};

const struct block_kind *block_kind_find(struct str type)
{
    for (size_t i = 0; block_kinds[i]; i++) {
        if (str_is(type, block_kinds[i]->type))
            return block_kinds[i];
    }
    return NULL;
}

/* ---- props ---- */

/* The members that the shape knows: a shape refuses all others, a block keeps them. */
static const struct json *known_members(const struct shape *shape, const struct json *props,
                                        struct arena *arena)
{
    struct json *object = ARENA_NEW(arena, struct json);
    const struct json **tail = &object->first;

    object->kind = JSON_OBJECT;
    for (size_t i = 0; i < shape->n; i++) {
        const struct json *v = json_get(props, shape->fields[i].name);
        if (!v)
            continue;
        struct json *copy = ARENA_NEW(arena, struct json);
        *copy = *v;
        copy->next = NULL;
        *tail = copy;
        tail = &copy->next;
        object->count++;
    }
    return object;
}

const void *block_props(const struct block_kind *kind, const struct json *block,
                        struct arena *arena)
{
    const struct json *known = known_members(&kind->props, json_get(block, "props"), arena);
    void *out = arena_alloc(arena, kind->props.size);
    struct err err;

    if (kind->props.n > 0 && !shape_decode(&kind->props, known, arena, out, &err) &&
        !shape_decode(&kind->props, NULL, arena, out, &err))
        memset(out, 0, kind->props.size);
    return out;
}

/* ---- what is checked ---- */

struct check {
    struct arena arena;
    size_t count;
    VEC(struct str) ids;
};

/* Where we are, for sentences: "block 3.2" is the second child of the third block. */
struct place {
    const struct place *parent;
    size_t number;
};

static size_t place_text(const struct place *place, char *out, size_t room)
{
    size_t n = place->parent ? place_text(place->parent, out, room) : 0;

    if (n >= room)
        return n;
    return n + (size_t)snprintf(out + n, room - n, "%s%zu", place->parent ? "." : "block ",
                                place->number);
}

static bool wrong(const struct place *place, const struct json *id, const char *what,
                  struct err *err)
{
    char where[160], known[100] = "";

    place_text(place, where, sizeof(where));
    if (id && id->kind == JSON_STRING)
        snprintf(known, sizeof(known), " (id %.*s)", STR_FMT(str_cut(id->raw, 80)));
    return err_set(err, ERR_ARGUMENT, "%s%s, %s", where, known, what);
}

bool inline_check(const struct json *content, const char *where, struct err *err)
{
    size_t n = 0;

    if (content->kind != JSON_ARRAY)
        return err_set(err, ERR_ARGUMENT, "%s: must be a list of texts and links, not %s.", where,
                       json_kind_name(content));
    json_each (item, content) {
        const struct json *type = json_get(item, "type");
        const struct json *text = json_get(item, "text"), *styles = json_get(item, "styles");
        const struct json *href = json_get(item, "href"), *inner = json_get(item, "content");
        char at[256];

        snprintf(at, sizeof(at), "%.200s[%zu]", where, n++);
        if (item->kind != JSON_OBJECT)
            return err_set(err, ERR_ARGUMENT, "%s: must be an object, not %s.", at,
                           json_kind_name(item));
        if (!type || type->kind != JSON_STRING)
            return err_set(err, ERR_ARGUMENT, "%s.type: must be \"text\" or \"link\", not %s.", at,
                           json_kind_name(type));
        if (str_eq(type->raw, STR("\"text\""))) {
            if (!text || text->kind != JSON_STRING)
                return err_set(err, ERR_ARGUMENT, "%s.text: must be a string, not %s.", at,
                               json_kind_name(text));
            if (styles && styles->kind != JSON_OBJECT)
                return err_set(err, ERR_ARGUMENT, "%s.styles: must be an object, not %s.", at,
                               json_kind_name(styles));
        } else if (str_eq(type->raw, STR("\"link\""))) {
            if (!href || href->kind != JSON_STRING)
                return err_set(err, ERR_ARGUMENT, "%s.href: must be a string, not %s.", at,
                               json_kind_name(href));
            snprintf(at + strlen(at), sizeof(at) - strlen(at), ".content");
            if (!inner)
                return err_set(err, ERR_ARGUMENT, "%s: must be a list of texts, not nothing.", at);
            if (!inline_check(inner, at, err))
                return false;
        }
    }
    return true;
}

static bool check_props(const struct block_kind *kind, const struct json *props,
                        struct arena *arena, struct err *err)
{
    void *out = arena_alloc(arena, kind->props.size + 1);
    char clause[sizeof(err->msg)];

    if (props->kind == JSON_NULL)
        return true;
    if (props->kind != JSON_OBJECT)
        return err_set(err, ERR_ARGUMENT, "props: must be an object, not %s.",
                       json_kind_name(props));
    if (kind->props.n == 0 ||
        shape_decode(&kind->props, known_members(&kind->props, props, arena), arena, out, err))
        return true;
    /* "'level' must be …" becomes "props.level: must be …" */
    memcpy(clause, err->msg, sizeof(clause));
    const char *end = clause[0] == '\'' ? strchr(clause + 1, '\'') : NULL;
    if (!end)
        return err_wrap(err, "props");
    return err_set(err, ERR_ARGUMENT, "props.%.*s:%s", (int)(end - clause - 1), clause + 1,
                   end + 1);
}

static bool check_kind(const struct block_kind *kind, const struct json *block, struct arena *arena,
                       struct err *err)
{
    const struct json *props = json_get(block, "props"), *content = json_get(block, "content");

    if (props && !check_props(kind, props, arena, err))
        return false;
    if (kind->inline_content && content && content->kind != JSON_NULL &&
        !inline_check(content, "content", err))
        return false;
    return !kind->check || kind->check(block, err);
}

static bool check_list(struct check *check, const struct json *blocks, const struct place *parent,
                       size_t depth, struct err *err);

static bool check_block(struct check *check, const struct json *block, const struct place *place,
                        size_t depth, struct err *err)
{
    const struct json *id = json_get(block, "id"), *type = json_get(block, "type");
    const struct json *children = json_get(block, "children");
    char what[160];
    struct arena scratch;

    if (block->kind != JSON_OBJECT) {
        snprintf(what, sizeof(what), "must be an object, not %s.", json_kind_name(block));
        return wrong(place, NULL, what, err);
    }
    if (!id || id->kind != JSON_STRING || id->raw.n == 2) {
        snprintf(what, sizeof(what), "id: must be a string of its own, not %s.",
                 id && id->kind == JSON_STRING ? "an empty one" : json_kind_name(id));
        return wrong(place, NULL, what, err);
    }
    if (!type || type->kind != JSON_STRING) {
        snprintf(what, sizeof(what), "type: must be a string, not %s.", json_kind_name(type));
        return wrong(place, id, what, err);
    }
    if (!children || children->kind != JSON_ARRAY) {
        snprintf(what, sizeof(what), "children: must be a list ([] if there are none), not %s.",
                 json_kind_name(children));
        return wrong(place, id, what, err);
    }
    VEC_PUSH(&check->arena, &check->ids, json_text(&check->arena, id));

    arena_init(&scratch);
    const struct block_kind *kind = block_kind_find(json_text(&scratch, type));
    bool ok = !kind || check_kind(kind, block, &scratch, err);
    arena_fini(&scratch);
    if (!ok) {
        char clause[sizeof(err->msg)];
        memcpy(clause, err->msg, sizeof(clause));
        return wrong(place, id, clause, err);
    }
    if (children->count > 0 && depth == BLOCK_DEPTH_MAX) {
        snprintf(what, sizeof(what), "children: blocks are nested more than %d deep.",
                 BLOCK_DEPTH_MAX);
        return wrong(place, id, what, err);
    }
    return check_list(check, children, place, depth + 1, err);
}

static bool check_list(struct check *check, const struct json *blocks, const struct place *parent,
                       size_t depth, struct err *err)
{
    struct place place = {parent, 0};

    json_each (block, blocks) {
        place.number++;
        if (++check->count > BLOCKS_MAX)
            return err_set(err, ERR_TOO_LARGE,
                           "A report has at most %d blocks, nested ones counted; these are more. "
                           "Split it into several reports.",
                           BLOCKS_MAX);
        if (!check_block(check, block, &place, depth, err))
            return false;
    }
    return true;
}

static int by_text(const void *a, const void *b)
{
    const struct str *x = a, *y = b;

    return str_order(*x, *y);
}

static bool ids_differ(struct check *check, struct err *err)
{
    if (check->ids.n > 1)
        qsort(check->ids.v, check->ids.n, sizeof(check->ids.v[0]), by_text);
    for (size_t i = 1; i < check->ids.n; i++) {
        if (str_eq(check->ids.v[i - 1], check->ids.v[i]))
            return err_set(err, ERR_ARGUMENT,
                           "Two blocks have the id \"%.*s\": each block needs its own.",
                           STR_FMT(str_cut(check->ids.v[i], 80)));
    }
    return true;
}

bool blocks_check(const struct json *blocks, struct err *err)
{
    struct check check = {0};

    if (!blocks || blocks->kind != JSON_ARRAY)
        return err_set(err, ERR_ARGUMENT, "'blocks' must be a list of blocks, not %s.",
                       json_kind_name(blocks));
    if (blocks->raw.n > REPORT_MAX)
        return err_set(err, ERR_TOO_LARGE,
                       "A report has at most %zu bytes of blocks; these are %zu. Split it into "
                       "several reports.",
                       REPORT_MAX, blocks->raw.n);
    arena_init(&check.arena);
    bool ok = check_list(&check, blocks, NULL, 1, err) && ids_differ(&check, err);
    arena_fini(&check.arena);
    return ok;
}
