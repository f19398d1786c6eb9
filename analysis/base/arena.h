#ifndef ARENA_H
#define ARENA_H
/*
 * A region: everything taken from it ends together, with the request or the
 * experiment it was made for. Memory comes zeroed and aligned to 16 bytes.
 * Allocation does not fail: running out ends the program with a sentence, and
 * the client starts it again; sizes that come from outside are capped where
 * they enter (limits.h). One thread at a time.
 *
 * Under AddressSanitizer each block ends in a poisoned redzone, so an overrun
 * inside a region is caught as if the block had been malloc'd.
 */

#include "analysis/base/base.h"
#include "analysis/base/str.h"

#include <stdarg.h>

struct arena {
    struct arena_chunk *chunks; /* newest first */
    struct arena_owned *owned;  /* newest first */
    struct arena_stock *stock;  /* large blocks for the next one that wants them; may be NULL */
};

void arena_init(struct arena *arena);

/*
 * Of many arenas that come and go beside one that stays, each gets its large blocks
 * from those before it: fresh pages cost more than what is computed in them.
 * arena_keep_stock is called on the one that stays, which has to end last.
 */
void arena_keep_stock(struct arena *arena);
void arena_init_beside(struct arena *arena, const struct arena *beside);

void arena_fini(struct arena *arena); /* releases what it owns, newest first, then its memory */

/* The same, but keeps a small piece of memory, so that an arena in a loop costs no malloc. */
void arena_reset(struct arena *arena);

void *arena_alloc(struct arena *arena, size_t size);

/* Room for `count` things; a product that overflows ends the program as running out does. */
void *arena_array(struct arena *arena, size_t count, size_t size);
#define ARENA_NEW(arena, type) ((type *)arena_alloc(arena, sizeof(type)))
#define ARENA_ARRAY(arena, count, type) ((type *)arena_array(arena, count, sizeof(type)))

/* A copy that ends in NUL. Bytes after a NUL in the text are kept but a C string ends there. */
char *arena_text(struct arena *arena, struct str text);
struct str arena_str(struct arena *arena, struct str text);
char *arena_printf(struct arena *arena, const char *format, ...) PRINTF(2, 3);
char *arena_vprintf(struct arena *arena, const char *format, va_list args) PRINTF(2, 0);

/* The arena calls release(thing) when it ends: a reference, a descriptor, a buffer. */
void arena_own(struct arena *arena, void *thing, void (*release)(void *thing));

/* malloc and realloc that do not fail; the few files that need heap memory use these. */
void *heap_alloc(size_t size); /* zeroed */
void *heap_grow(void *old, size_t size);

#endif
