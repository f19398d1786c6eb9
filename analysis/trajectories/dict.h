#ifndef DICT_H
#define DICT_H
/*
 * Texts, each kept once and known by a number: 0 is the empty one. About 24
 * bytes and its own for each. Numbers are given in order of first appearance.
 */

#include "analysis/base/str.h"

#include <stdint.h>

struct dict_slot {
    uint32_t number; /* + 1; 0 is free */
    uint32_t hash;   /* tells most texts apart without fetching them, and where to go on growing */
};

struct dict {
    char *bytes; /* heap */
    size_t bytes_n, bytes_room;
    uint64_t *at; /* where text i begins; [n] is the end */
    uint32_t n, room;
    struct dict_slot *slot; /* open addressing */
    size_t slots;           /* a power of two */
};

void dict_init(struct dict *dict);
void dict_fini(struct dict *dict);
void dict_copy(struct dict *to, const struct dict *from); /* to: not initialised */

/* The number of a text, which is added if it is new. */
uint32_t dict_add(struct dict *dict, struct str text);
/* The same, sooner if the text is likely to be that of number `like`. */
uint32_t dict_add_like(struct dict *dict, struct str text, uint32_t like);
/* UINT32_MAX if it is not there. */
uint32_t dict_find(const struct dict *dict, struct str text);

static inline struct str dict_text(const struct dict *dict, uint32_t i)
{
    return (struct str){dict->bytes + dict->at[i], (size_t)(dict->at[i + 1] - dict->at[i])};
}

size_t dict_held(const struct dict *dict);

#endif
