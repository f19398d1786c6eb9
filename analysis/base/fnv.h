#ifndef FNV_H
#define FNV_H
/*
 * FNV-1a with 64 bits (Fowler, Noll, Vo): tells names and texts apart
 * quickly. No secret is safe behind it. Of something in several pieces: begin
 * with FNV_BASIS and add them; "ab", "c" is then the same as "a", "bc".
 */

#include "analysis/base/str.h"

#include <stdint.h>

#define FNV_BASIS UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

static inline uint64_t fnv_add(uint64_t hash, struct str bytes)
{
    for (size_t i = 0; i < bytes.n; i++)
        hash = (hash ^ (unsigned char)bytes.p[i]) * FNV_PRIME;
    return hash;
}

static inline uint64_t fnv_of(struct str bytes)
{
    return fnv_add(FNV_BASIS, bytes);
}

#endif
