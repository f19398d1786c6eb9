/*
 * The head of a .safetensors file: names, types and shapes of its tensors, none
 * of their bytes (8 bytes of length, little-endian, then JSON; the format's own
 * description). Of an adapter it says which modules are trained, at which rank.
 */
#include "analysis/readers/reader.h"

#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analysis/base/limits.h"
#include "analysis/base/vec.h"
#include "analysis/files.h"
#include "analysis/readers/lines.h"
#include "analysis/readers/sniff.h"

enum { LENGTH_BYTES = 8, MODULES_MAX = 200 };

static uint64_t length_of(const char *p)
{
    uint64_t n = 0;

    for (int i = LENGTH_BYTES; i-- > 0;)
        n = n << 8 | (unsigned char)p[i];
    return n;
}

static struct bid bid(const struct probe *probe, struct arena *arena)
{
    (void)arena;
    if (!str_ends(str_of(probe->name), STR(".safetensors")))
        return (struct bid){0, NULL};
    if (sniff_pointer(probe->head))
        return (struct bid){0, POINTER_WHY};
    if (probe->head.n < LENGTH_BYTES + 2 || probe->head.p[LENGTH_BYTES] != '{' ||
        length_of(probe->head.p) > (uint64_t)probe->size)
        return (struct bid){0, "its head is not that of a safetensors file"};
    return (struct bid){90, "its head is that of a safetensors file"};
}

struct model {
    struct arena *arena;
    int64_t tensors, parameters, lora, rank, bytes;
    VEC(struct str) modules; /* that an adapter trains: "q_proj" */
};

/* "…layers.0.self_attn.q_proj.lora_A.weight": the module in front of the mark; empty: none. */
static struct str lora_module(struct str name)
{
    const char *at = memmem(name.p, name.n, ".lora_", 6);

    if (!at)
        return (struct str){0};
    struct str front = str_cut(name, (size_t)(at - name.p));
    const char *dot = front.n ? memrchr(front.p, '.', front.n) : NULL;
    return dot ? str_from(front, (size_t)(dot - front.p) + 1) : front;
}

static void add_module(struct model *m, struct str module)
{
    for (size_t i = 0; i < m->modules.n; i++) {
        if (str_eq(m->modules.v[i], module))
            return;
    }
    if (m->modules.n < MODULES_MAX)
        VEC_PUSH(m->arena, &m->modules, module);
}

/* False if its shape or place is none. */
static bool take_tensor(struct model *m, const struct json *tensor)
{
    const struct json *shape = json_get(tensor, "shape"), *place = json_get(tensor, "data_offsets");
    int64_t n = 1, least = INT64_MAX, size, end;

    if (!shape || shape->kind != JSON_ARRAY || !place || place->kind != JSON_ARRAY ||
        place->count != 2 || !json_integer(place->first->next, &end) || end < 0)
        return false;
    json_each (item, shape) {
        if (!json_integer(item, &size) || size < 0 || __builtin_mul_overflow(n, size, &n))
            return false;
        least = size < least ? size : least;
    }
    if (__builtin_add_overflow(m->parameters, n, &m->parameters))
        return false;
    m->tensors++;
    m->bytes = end > m->bytes ? end : m->bytes;
    struct str module = lora_module(tensor->key);
    if (module.n > 0) {
        m->lora += n;
        if (shape->count == 2 && (m->rank == 0 || least < m->rank))
            m->rank = least;
        add_module(m, module);
    }
    return true;
}

static void setting(struct feed *feed, const char *from, const char *name, int64_t value,
                    struct arena *arena)
{
    feed_setting(feed, from, str_of(name), str_of(arena_printf(arena, "%" PRId64, value)));
}

static void tell(const struct model *m, const char *path, struct feed *feed)
{
    const char *slash = strrchr(path, '/'), *from = slash ? slash + 1 : path;
    struct buf list = {0};

    setting(feed, from, "tensors", m->tensors, m->arena);
    setting(feed, from, "parameters", m->parameters, m->arena);
    if (m->lora == 0) {
        feed_note(feed, "%s holds %" PRId64 " parameters in %" PRId64 " tensors", from,
                  m->parameters, m->tensors);
        return;
    }
    setting(feed, from, "lora_rank", m->rank, m->arena);
    setting(feed, from, "lora_parameters", m->lora, m->arena);
    buf_byte(&list, '[');
    for (size_t i = 0; i < m->modules.n; i++) {
        json_put_comma(&list);
        json_put_string(&list, m->modules.v[i]);
    }
    buf_byte(&list, ']');
    feed_setting(feed, from, STR("lora_modules"), buf_str(&list));
    feed_note(feed,
              "%s: a LoRA of rank %" PRId64 " on %zu kinds of modules, %" PRId64 " parameters",
              from, m->rank, m->modules.n, m->lora);
    buf_fini(&list);
}

static bool read_head(const struct source *source, struct str head, int64_t size, struct feed *feed,
                      struct arena *arena, struct err *err)
{
    struct model m = {.arena = arena};
    const struct json *all = json_parse(arena, head, JSON_STRICT, DATA_DEPTH_MAX, err);

    if (!all)
        return err_wrap(err, "the head of %s", source->path);
    if (all->kind != JSON_OBJECT)
        return err_set(err, ERR_FORMAT, "the head of %s is no JSON object", source->path);
    json_each (member, all) {
        if (!str_is(member->key, "__metadata__") && !take_tensor(&m, member))
            feed_damage(feed, "%s: the tensor '%.*s' has no shape or place", source->path,
                        STR_FMT(str_cut(member->key, 80)));
    }
    tell(&m, source->path, feed);
    if (m.bytes > size)
        feed_damage(feed,
                    "%s is cut off: %" PRId64 " of %" PRId64 " bytes of its tensors are there",
                    source->path, size, m.bytes);
    return true;
}

static bool read_source(const struct source *source, struct feed *feed, struct err *err)
{
    char start[LENGTH_BYTES];
    struct stat about;
    struct arena arena;
    int fd = source_wanted(source, err) ? source_open(source, err) : -1;

    if (fd < 0)
        return false;
    bool ok = fstat(fd, &about) == 0 && file_fill(fd, start, LENGTH_BYTES, 0) == LENGTH_BYTES;
    uint64_t n = ok ? length_of(start) : 0;
    if (!ok || n < 2)
        ok = err_set(err, ERR_FORMAT, "%s has no head", source->path);
    else if (n > SMALL_FILE_MAX)
        ok = err_set(err, ERR_TOO_LARGE, "the head of %s is larger than %zu bytes", source->path,
                     SMALL_FILE_MAX);
    if (ok) {
        arena_init(&arena);
        char *text = arena_alloc(&arena, (size_t)n + 1);
        if (file_fill(fd, text, (size_t)n, LENGTH_BYTES) == (int64_t)n)
            ok = read_head(source, (struct str){text, (size_t)n},
                           about.st_size - LENGTH_BYTES - (int64_t)n, feed, &arena, err);
        else
            ok = err_set(err, ERR_FORMAT, "the head of %s is cut off", source->path);
        arena_fini(&arena);
    }
    close(fd);
    return ok;
}

const struct reader reader_safetensors = {
    .name = "safetensors",
    .what = "The head of a .safetensors file: parameters, and what an adapter trains.",
    .unit = UNIT_PART,
    .bid = bid,
    .read = read_source,
};
