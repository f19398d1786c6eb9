#include "analysis/trajectories/dict.h"

#include <stdlib.h>

#include "analysis/base/arena.h"

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

/* FNV-1a by eight bytes, then mixed: names differ in their last digits. */
static size_t hash(struct str text)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325) ^ text.n, word;
    size_t i = 0;

    for (; i + 8 <= text.n; i += 8) {
        memcpy(&word, text.p + i, 8);
        h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
        h ^= h >> 32;
    }
    for (; i < text.n; i++)
        h = (h ^ (unsigned char)text.p[i]) * UINT64_C(0x100000001b3);
    h = (h ^ h >> 29) * UINT64_C(0xbf58476d1ce4e5b9);
    return (size_t)(h ^ h >> 32);
}

/* Where the text stands, or the free slot where it would. */
static size_t slot_of(const struct dict *dict, struct str text)
{
    size_t mask = dict->slots - 1, i = hash(text) & mask;

    while (dict->slot[i] && !str_eq(dict_text(dict, dict->slot[i] - 1), text))
        i = (i + 1) & mask;
    return i;
}

static void grow(struct dict *dict)
{
    if (dict->n == dict->room) {
        dict->room *= 2;
        dict->at = heap_grow(dict->at, ((size_t)dict->room + 1) * sizeof(*dict->at));
    }
    if ((size_t)dict->n * 3 < dict->slots * 2)
        return;
    free(dict->slot);
    dict->slots *= 2;
    dict->slot = heap_alloc(dict->slots * sizeof(*dict->slot));
    for (uint32_t i = 0; i < dict->n; i++)
        dict->slot[slot_of(dict, dict_text(dict, i))] = i + 1;
}

uint32_t dict_add(struct dict *dict, struct str text)
{
    size_t at = slot_of(dict, text);

    if (dict->slot[at])
        return dict->slot[at] - 1;
    grow(dict);
    at = slot_of(dict, text); /* the slots may have moved */
    if (dict->bytes_n + text.n > dict->bytes_room) {
        dict->bytes_room = (dict->bytes_n + text.n) * 2;
        dict->bytes = heap_grow(dict->bytes, dict->bytes_room);
    }
    if (text.n)
        memcpy(dict->bytes + dict->bytes_n, text.p, text.n);
    dict->at[dict->n] = dict->bytes_n;
    dict->bytes_n += text.n;
    dict->at[dict->n + 1] = dict->bytes_n;
    dict->slot[at] = ++dict->n;
    return dict->n - 1;
}

uint32_t dict_find(const struct dict *dict, struct str text)
{
    uint32_t number = dict->slot[slot_of(dict, text)];

    return number ? number - 1 : UINT32_MAX;
}

size_t dict_held(const struct dict *dict)
{
    return dict->bytes_room + ((size_t)dict->room + 1) * sizeof(*dict->at) +
           dict->slots * sizeof(*dict->slot);
}
