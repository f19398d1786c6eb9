#include "analysis/trajectories/attachments.h"

#include <stdlib.h>

#include "analysis/base/buf.h"
#include "analysis/base/vec.h"

enum { TEXT_SHOWN = 16 << 10, ALL_SHOWN = 64 << 10, KIND_MAX = 100 };

struct attachments attachments_of(struct str object)
{
    return (struct attachments){.object = object};
}

/* ---- the map ---- */

static int by_hash(const void *a, const void *b)
{
    const struct scan_member *x = a, *y = b;

    return str_order(x->key, y->key);
}

static void sort(struct attachments *a, struct arena *scratch)
{
    VEC(struct scan_member) all = {0};
    struct scan scan = scan_object(a->object);
    struct scan_member m;

    while (scan_next(&scan, &m)) {
        if (m.kind == SCAN_STRING && !m.escaped)
            VEC_PUSH(scratch, &all, m);
    }
    if (all.n > 1)
        qsort(all.v, all.n, sizeof(*all.v), by_hash);
    a->v = all.v;
    a->n = all.n;
    a->sorted = true;
}

/* The text of that hash with its quotes; empty if there is none. */
static struct str find(struct attachments *a, struct str hash, struct arena *scratch)
{
    const struct scan_member key = {.key = hash};

    if (!a->sorted)
        sort(a, scratch);
    const struct scan_member *found = a->n ? bsearch(&key, a->v, a->n, sizeof(key), by_hash) : NULL;
    return found ? found->value : (struct str){0};
}

/* The hash of a reference, which a JSON string without escapes is; empty if it is none. */
static struct str hash_of(struct str value)
{
    static const char *const schemes[] = {"\"attachment://", "\"tc://"};

    for (size_t i = 0; i < 2; i++) {
        struct str scheme = str_of(schemes[i]);
        if (str_starts(value, scheme) && value.n > scheme.n + 1)
            return (struct str){value.p + scheme.n, value.n - scheme.n - 1};
    }
    return (struct str){0};
}

struct str attachment_text(struct attachments *a, struct str value, struct arena *scratch)
{
    struct str hash = a->object.n ? hash_of(value) : (struct str){0};
    struct str text = hash.n ? find(a, hash, scratch) : (struct str){0};

    return text.n ? text : value;
}

/* ---- inside of values ---- */

/* The most bytes behind the quote, up to `most`, that end between two characters. */
static size_t whole_characters(struct str text, size_t most)
{
    size_t n = 0, next = 0;

    while (next <= most) {
        n = next;
        next += text.p[1 + n] != '\\' ? 1 : text.p[2 + n] == 'u' ? 6 : 2;
        while (((unsigned char)text.p[1 + next] & 0xc0) == 0x80)
            next++;
    }
    return n;
}

/* text: with its quotes */
static void put_text(struct buf *out, struct str text)
{
    static const char mark[] = "\xe2\x80\xa6";
    size_t inside = text.n - 2;
    const char *comma = memchr(text.p, ',', text.n < KIND_MAX ? text.n : KIND_MAX);

    if (str_starts(text, STR("\"data:")) && comma) {
        buf_add(out, (struct str){text.p, (size_t)(comma - text.p) + 1});
        buf_printf(out, "%s (%zu bytes)\"", mark, inside);
        return;
    }
    if (inside <= TEXT_SHOWN) {
        buf_add(out, text);
        return;
    }
    size_t n = whole_characters(text, TEXT_SHOWN);
    buf_add(out, (struct str){text.p, 1 + n});
    buf_printf(out, "%s\"", mark);
}

/* The next string of the JSON text from *at on, with its quotes; empty: no more. */
static struct str next_string(struct str json, size_t *at)
{
    const char *begin = *at < json.n ? memchr(json.p + *at, '"', json.n - *at) : NULL;

    if (!begin)
        return (struct str){0};
    size_t from = (size_t)(begin - json.p), i = from + 1;
    while (i < json.n && json.p[i] != '"')
        i += json.p[i] == '\\' ? 2 : 1;
    *at = i + 1;
    return i < json.n ? (struct str){begin, i + 1 - from} : (struct str){0};
}

struct str attachments_filled(struct attachments *a, struct str value, struct arena *scratch)
{
    struct buf out = {0};
    struct str string;
    size_t at = 0, done = 0;

    if (a->object.n == 0 || value.n == 0 || (value.p[0] != '[' && value.p[0] != '{'))
        return value;
    while (out.n < ALL_SHOWN && (string = next_string(value, &at)).n) {
        struct str hash = hash_of(string);
        struct str text = hash.n ? find(a, hash, scratch) : (struct str){0};
        size_t begin = (size_t)(string.p - value.p);
        if (text.n == 0)
            continue;
        buf_add(&out, (struct str){value.p + done, begin - done});
        put_text(&out, text);
        done = begin + string.n;
    }
    if (done == 0)
        return value;
    buf_add(&out, str_from(value, done));
    struct str filled = arena_str(scratch, buf_str(&out));
    buf_fini(&out);
    return filled;
}
