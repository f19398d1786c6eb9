#include "analysis/base/arena.h"
#include "analysis/base/banned.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#if defined(__SANITIZE_ADDRESS__)
#define WATCHED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WATCHED 1
#endif
#endif
#ifdef WATCHED
#include <sanitizer/asan_interface.h>
enum { REDZONE = 16 };
#else
#define ASAN_POISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
enum { REDZONE = 0 };
#endif

enum {
    ALIGN = 16,
    FIRST_CHUNK = 4096 - 64,
    LARGEST_CHUNK = 256 * 1024,
    HUGE_PAGE = 2 * 1024 * 1024,
    MAPPED_FROM = HUGE_PAGE / 2, /* bytes of a chunk */
};

struct arena_chunk {
    struct arena_chunk *next;
    size_t size, used;
    _Alignas(ALIGN) char bytes[];
};

struct arena_owned {
    struct arena_owned *next;
    void *thing;
    void (*release)(void *thing);
};

static NORETURN void out_of_memory(size_t size)
{
    fprintf(stderr, "postrun: out of memory (%zu bytes wanted)\n", size);
    abort();
}

void *heap_alloc(size_t size)
{
    void *p = calloc(1, size ? size : 1);

    if (!p)
        out_of_memory(size);
    return p;
}

void *heap_grow(void *old, size_t size)
{
    void *p = realloc(old, size ? size : 1);

    if (!p)
        out_of_memory(size);
    return p;
}

void arena_init(struct arena *arena)
{
    *arena = (struct arena){0};
}

/*
 * Columns of a long log are written once and end with their analysis: the faults
 * of small pages would cost as much as the arithmetic on them. Where the kernel
 * has no huge pages to give, these are small ones.
 */
static void *map_zeroed(size_t bytes)
{
    size_t advised = (bytes + HUGE_PAGE / 2) / HUGE_PAGE * HUGE_PAGE;
    char *p =
        mmap(NULL, bytes + HUGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (p == MAP_FAILED)
        out_of_memory(bytes);
    size_t before = -(uintptr_t)p % HUGE_PAGE;
    if (before > 0)
        munmap(p, before);
    munmap(p + before + bytes, HUGE_PAGE - before);
    madvise(p + before, advised < bytes ? advised : bytes, MADV_HUGEPAGE); /* or not: as good */
    return p + before;
}

static bool is_mapped(size_t size)
{
    return !REDZONE && size >= MAPPED_FROM; /* a leak checker sees into the heap only */
}

static size_t mapped_bytes(size_t size)
{
    enum { PAGE = 4096 };

    return (sizeof(struct arena_chunk) + size + PAGE - 1) / PAGE * PAGE;
}

struct arena_stock {
    struct arena_chunk *chunks;
};

/* One that fits and is not much too large; NULL: none. */
static struct arena_chunk *take_from(struct arena_stock *stock, size_t size)
{
    for (struct arena_chunk **at = &stock->chunks; *at; at = &(*at)->next) {
        struct arena_chunk *c = *at;

        if (c->size < size || c->size / 2 > size)
            continue;
        *at = c->next;
        memset(c->bytes, 0, c->used);
        c->used = 0;
        return c;
    }
    return NULL;
}

static struct arena_chunk *chunk_new(struct arena *arena, size_t size)
{
    struct arena_chunk *c = NULL;

    if (is_mapped(size) && arena->stock)
        c = take_from(arena->stock, size);
    if (c)
        return c;
    c = is_mapped(size) ? map_zeroed(mapped_bytes(size)) : heap_alloc(sizeof(*c) + size);
    c->size = size;
    ASAN_POISON_MEMORY_REGION(c->bytes, size);
    return c;
}

static void chunk_free(struct arena_chunk *c)
{
    ASAN_UNPOISON_MEMORY_REGION(c->bytes, c->size);
    if (is_mapped(c->size))
        munmap(c, mapped_bytes(c->size));
    else
        free(c);
}

static void stock_release(void *thing)
{
    struct arena_stock *stock = thing;

    for (struct arena_chunk *c = stock->chunks, *next; c; c = next) {
        next = c->next;
        chunk_free(c);
    }
}

void arena_keep_stock(struct arena *arena)
{
    if (arena->stock)
        return;
    struct arena_stock *stock = ARENA_NEW(arena, struct arena_stock);
    arena_own(arena, stock, stock_release);
    arena->stock = stock;
}

void arena_init_beside(struct arena *arena, const struct arena *beside)
{
    *arena = (struct arena){.stock = beside->stock};
}

static void release_owned(struct arena *arena)
{
    for (struct arena_owned *o = arena->owned; o; o = o->next)
        o->release(o->thing);
    arena->owned = NULL;
}

/* Does the stock belong to the arena itself? It ends with it. */
static bool keeps_stock(const struct arena *arena)
{
    for (const struct arena_owned *o = arena->owned; o; o = o->next) {
        if (o->thing == arena->stock)
            return true;
    }
    return false;
}

static void give_back(struct arena *arena)
{
    if (keeps_stock(arena))
        arena->stock = NULL;
    release_owned(arena);
    for (struct arena_chunk *c = arena->chunks, *next; c; c = next) {
        next = c->next;
        if (arena->stock && is_mapped(c->size)) {
            c->next = arena->stock->chunks;
            arena->stock->chunks = c;
        } else {
            chunk_free(c);
        }
    }
    *arena = (struct arena){.stock = arena->stock};
}

void arena_fini(struct arena *arena)
{
    give_back(arena);
    arena_init(arena);
}

void arena_reset(struct arena *arena)
{
    struct arena_chunk **at = &arena->chunks, *first;

    while (*at && (*at)->size != FIRST_CHUNK)
        at = &(*at)->next;
    first = *at;
    if (first)
        *at = first->next;
    give_back(arena);
    if (first) {
        ASAN_UNPOISON_MEMORY_REGION(first->bytes, first->size);
        memset(first->bytes, 0, first->used);
        ASAN_POISON_MEMORY_REGION(first->bytes, first->size);
        first->used = 0;
        first->next = NULL;
        arena->chunks = first;
    }
}

static struct arena_chunk *chunk_for(struct arena *arena, size_t need)
{
    struct arena_chunk *top = arena->chunks;

    if (top && top->size - top->used >= need)
        return top;
    size_t size = top ? top->size * 2 : FIRST_CHUNK;
    if (size > LARGEST_CHUNK)
        size = LARGEST_CHUNK;
    if (need <= size / 2 || !top) {
        struct arena_chunk *fresh = chunk_new(arena, need > size ? need : size);
        fresh->next = top;
        arena->chunks = fresh;
        return fresh;
    }
    /* A large block gets a chunk of its own below the top, so that the top's room is not lost. */
    struct arena_chunk *own = chunk_new(arena, need);
    own->next = top->next;
    top->next = own;
    return own;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    if (size > SIZE_MAX / 2)
        out_of_memory(size);
    size_t need = (size + REDZONE + ALIGN - 1) / ALIGN * ALIGN;
    struct arena_chunk *c = chunk_for(arena, need ? need : ALIGN);
    char *p = c->bytes + c->used;

    c->used += need ? need : ALIGN;
    ASAN_UNPOISON_MEMORY_REGION(p, size);
    return p;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(count, size, &bytes))
        out_of_memory(SIZE_MAX);
    return arena_alloc(arena, bytes);
}

char *arena_text(struct arena *arena, struct str text)
{
    char *p = arena_alloc(arena, text.n + 1);

    if (text.n)
        memcpy(p, text.p, text.n);
    return p;
}

struct str arena_str(struct arena *arena, struct str text)
{
    return (struct str){arena_text(arena, text), text.n};
}

char *arena_vprintf(struct arena *arena, const char *format, va_list args)
{
    va_list again;

    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    char *p = arena_alloc(arena, (n > 0 ? (size_t)n : 0) + 1);
    vsnprintf(p, (n > 0 ? (size_t)n : 0) + 1, format, again);
    va_end(again);
    return p;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    char *p = arena_vprintf(arena, format, args);
    va_end(args);
    return p;
}

void arena_own(struct arena *arena, void *thing, void (*release)(void *thing))
{
    struct arena_owned *o = ARENA_NEW(arena, struct arena_owned);

    *o = (struct arena_owned){arena->owned, thing, release};
    arena->owned = o;
}
