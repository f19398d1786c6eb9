#include "analysis/base/tape.h"

enum { BLOCK = TAPE_BLOCK };

struct tape_masks tape_masks_twin(const char *p)
{
    struct tape_masks masks = {0};

    for (unsigned i = 0; i < BLOCK; i++) {
        masks.quotes |= (uint64_t)(p[i] == '"') << i;
        masks.slashes |= (uint64_t)(p[i] == '\\') << i;
        masks.control |= (unsigned char)p[i] < 0x20;
    }
    return masks;
}

#ifdef __SSE2__

struct four {
    __m128i a, b, c, d;
};

static inline uint64_t bits_of(struct four v, char c)
{
    const __m128i wanted = _mm_set1_epi8(c);
    uint64_t low = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v.a, wanted)) |
                   (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v.b, wanted)) << 16;
    uint64_t high = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v.c, wanted)) |
                    (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v.d, wanted)) << 16;

    return low | high << 32;
}

static inline struct tape_masks masks_of(const char *p)
{
    const __m128i *from = (const void *)p, low = _mm_set1_epi8(0x1f);
    struct four v = {_mm_loadu_si128(from), _mm_loadu_si128(from + 1), _mm_loadu_si128(from + 2),
                     _mm_loadu_si128(from + 3)};
    __m128i least = _mm_min_epu8(_mm_min_epu8(v.a, v.b), _mm_min_epu8(v.c, v.d));

    return (struct tape_masks){
        .quotes = bits_of(v, '"'),
        .slashes = bits_of(v, '\\'),
        .control = _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(least, low), least)) != 0};
}

#else

static inline struct tape_masks masks_of(const char *p)
{
    return tape_masks_twin(p);
}

#endif

struct tape_masks tape_masks_of(const char *p)
{
    return masks_of(p);
}

/* What one look at a window finds, block by block. */
struct found {
    uint64_t *quotes; /* of the tape */
    uint64_t slashes[TAPE_BLOCKS + 1];
    unsigned char with[TAPE_BLOCKS]; /* blocks that hold backslashes */
    unsigned with_n;
};

/* Which blocks hold backslashes is noted without a branch: it would mostly be foreseen wrongly. */
static inline bool take_block(struct found *found, unsigned block, const char *bytes)
{
    struct tape_masks masks = masks_of(bytes);

    found->quotes[block] = masks.quotes;
    found->slashes[block] = masks.slashes;
    found->with[found->with_n] = (unsigned char)block;
    found->with_n += masks.slashes != 0;
    return !masks.control;
}

/*
 * Takes the quotes of escapes out of the first n blocks; returns the first block
 * with one in doubt, or n. *escaped_at: the block whose first byte belongs to an
 * escape that begins in the block before it; 0: none so far.
 */
static unsigned take_escapes(struct found *found, unsigned n, const char *from, const char *end,
                             unsigned *escaped_at)
{
    *escaped_at = 0;
    for (unsigned k = 0; k < found->with_n && found->with[k] < n; k++) {
        unsigned block = found->with[k];
        uint64_t slashes = found->slashes[block], over = 0;
        while (slashes) {
            unsigned i = (unsigned)__builtin_ctzll(slashes);
            uint64_t both = UINT64_C(3) << i;
            if (quoted_escape(from + (size_t)block * BLOCK + i, end) == 0)
                return block;
            slashes &= ~both;
            found->quotes[block] &= ~both;
            over = i == BLOCK - 1;
        }
        found->quotes[block + 1] &= ~over;
        found->slashes[block + 1] &= ~over;
        *escaped_at = over ? block + 1 : *escaped_at;
    }
    return n;
}

/* The window begins at p, and ends before anything that is in doubt. */
static void look(struct tape *tape, const char *p, const char *end)
{
    struct found found;
    size_t whole = (size_t)(end - p) / BLOCK, rest = (size_t)(end - p) % BLOCK;
    unsigned n = 0, escaped_at;

    found.quotes = tape->quotes;
    found.with_n = 0;
    whole = whole > TAPE_BLOCKS ? TAPE_BLOCKS : whole;
    while (n < whole && take_block(&found, n, p + (size_t)n * BLOCK))
        n++;
    if (n == whole && n < TAPE_BLOCKS && rest) {
        char last[BLOCK];
        memset(last, ' ', sizeof(last));
        memcpy(last, p + (size_t)n * BLOCK, rest);
        n += take_block(&found, n, last);
    }
    found.slashes[n] = found.quotes[n] = 0;
    if (n > 0 && tape->escaped) {
        found.quotes[0] &= ~UINT64_C(1);
        found.slashes[0] &= ~UINT64_C(1);
    }
    n = take_escapes(&found, n, p, end, &escaped_at);
    tape->escaped = n > 0 && escaped_at == n;
    tape->from = p;
    tape->to = (size_t)(end - p) < (size_t)n * BLOCK ? end : p + (size_t)n * BLOCK;
    tape->quotes[n] = UINT64_MAX; /* a search ends here at the latest */
}

/* The first quote of the window, which goes on in a string; NULL: there is none in it. */
static const char *first_quote(const struct tape *tape)
{
    size_t block = 0;

    while (tape->quotes[block] == 0)
        block++;
    const char *quote = tape->from + block * BLOCK + (size_t)__builtin_ctzll(tape->quotes[block]);
    return quote < tape->to ? quote : NULL;
}

const char *tape_close_far(struct tape *tape, const char *p, const char *end)
{
    const char *quote;

    if (p < tape->from || p >= tape->to) {
        tape->escaped = false;
        look(tape, p, end);
        if (tape->to > p)
            return tape_close(tape, p, end);
    }
    while (tape->to > tape->from && tape->to < end) { /* the string goes on behind the window */
        look(tape, tape->to, end);
        quote = first_quote(tape);
        if (quote)
            return quote + 1;
    }
    return quoted_end(p + 1, end);
}
