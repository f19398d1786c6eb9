#include "analysis/trajectories/dict.h"

#include <stdlib.h>

#include "analysis/base/arena.h"
#include "analysis/base/fnv.h"

void dict_init(struct dict *dict)
{
    *dict = (struct dict){.room = 16, .slots = 32, .bytes_room = 256};
    dict->at = heap_alloc((dict->room + 1) * sizeof(*dict->at));
    dict->slot = heap_alloc(dict->slots * sizeof(*dict->slot));
    dict->bytes = heap_alloc(dict->bytes_room);
    (void)dict_add(dict, (struct str){0});
}

void dict_fini(struct dict *dict)
{
    free(dict->at);
    free(dict->slot);
    free(dict->bytes);
    *dict = (struct dict){0};
}

static void *copy_of(const void *from, size_t n)
{
    return memcpy(heap_alloc(n), from, n);
}

void dict_copy(struct dict *to, const struct dict *from)
{
    *to = *from;
    to->at = copy_of(from->at, ((size_t)from->room + 1) * sizeof(*from->at));
    to->slot = copy_of(from->slot, from->slots * sizeof(*from->slot));
    to->bytes = copy_of(from->bytes, from->bytes_room);
}

/* Eight bytes a round, then mixed (multiply and shift, as in murmur): names differ at their ends.
 */
static uint32_t hash(struct str text)
{
    uint64_t h = FNV_BASIS ^ text.n, word = 0;
    size_t i = 0;

    for (; i + 8 <= text.n; i += 8) {
        memcpy(&word, text.p + i, 8);
        h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
        h ^= h >> 32;
    }
    if (i > 0 && i < text.n) { /* some bytes twice: no loop over the last ones */
        memcpy(&word, text.p + text.n - 8, 8);
        h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    } else {
        h = fnv_add(h, str_from(text, i));
    }
    h = (h ^ h >> 29) * UINT64_C(0xbf58476d1ce4e5b9);
    return (uint32_t)(h ^ h >> 32);
}

/* Where the text stands, or the free slot where it would. */
static size_t slot_of(const struct dict *dict, struct str text, uint32_t h)
{
    size_t mask = dict->slots - 1, i = h & mask;

    while (dict->slot[i].number &&
           (dict->slot[i].hash != h || !str_eq(dict_text(dict, dict->slot[i].number - 1), text)))
        i = (i + 1) & mask;
    return i;
}

static void grow_slots(struct dict *dict)
{
    struct dict_slot *old = dict->slot;
    size_t n = dict->slots, mask = n * 2 - 1;

    dict->slots = n * 2;
    dict->slot = heap_alloc(dict->slots * sizeof(*dict->slot));
    for (size_t s = 0; s < n; s++) {
        size_t i = old[s].hash & mask;
        if (!old[s].number)
            continue;
        while (dict->slot[i].number)
            i = (i + 1) & mask;
        dict->slot[i] = old[s];
    }
    free(old);
}

uint32_t dict_add(struct dict *dict, struct str text)
{
    uint32_t h = hash(text);
    size_t at = slot_of(dict, text, h);

    if (dict->slot[at].number)
        return dict->slot[at].number - 1;
    if (dict->n == dict->room) {
        dict->room *= 2;
        dict->at = heap_grow(dict->at, ((size_t)dict->room + 1) * sizeof(*dict->at));
    }
    if ((size_t)dict->n * 3 >= dict->slots * 2) {
        grow_slots(dict);
        at = slot_of(dict, text, h);
    }
    if (dict->bytes_n + text.n > dict->bytes_room) {
        dict->bytes_room = (dict->bytes_n + text.n) * 2;
        dict->bytes = heap_grow(dict->bytes, dict->bytes_room);
    }
    if (text.n)
        memcpy(dict->bytes + dict->bytes_n, text.p, text.n);
    dict->at[dict->n] = dict->bytes_n;
    dict->bytes_n += text.n;
    dict->at[dict->n + 1] = dict->bytes_n;
    dict->slot[at] = (struct dict_slot){++dict->n, h};
    return dict->n - 1;
}

uint32_t dict_add_like(struct dict *dict, struct str text, uint32_t like)
{
    return str_eq(dict_text(dict, like), text) ? like : dict_add(dict, text);
}

uint32_t dict_find(const struct dict *dict, struct str text)
{
    uint32_t number = dict->slot[slot_of(dict, text, hash(text))].number;

    return number ? number - 1 : UINT32_MAX;
}

size_t dict_held(const struct dict *dict)
{
    return dict->bytes_room + ((size_t)dict->room + 1) * sizeof(*dict->at) +
           dict->slots * sizeof(*dict->slot);
}
