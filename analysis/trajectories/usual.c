#include "analysis/trajectories/usual.h"

#include "analysis/base/number.h"

enum { AHEAD = 3 }; /* members that may be missing now and then */

/* The bytes at p begin with the lead, and something follows. */
static bool leads(const struct usual_member *m, const char *p, const char *end)
{
#ifdef __SSE2__
    if (end - p > USUAL_LEAD) { /* a call of memcmp costs more than the rest */
        const char *lead = m->lead;
        __m128i a =
            _mm_cmpeq_epi8(_mm_loadu_si128((const void *)p), _mm_loadu_si128((const void *)lead));
        __m128i b = _mm_cmpeq_epi8(_mm_loadu_si128((const void *)(p + 16)),
                                   _mm_loadu_si128((const void *)(lead + 16)));
        uint64_t same = (uint64_t)(unsigned)_mm_movemask_epi8(a) |
                        (uint64_t)(unsigned)_mm_movemask_epi8(b) << 16;
        return (~same & ((UINT64_C(1) << m->n) - 1)) == 0;
    }
#endif
    return end - p > m->n && memcmp(p, m->lead, m->n) == 0;
}

static bool is_word(const char *p, const char *end, struct str word)
{
    return (size_t)(end - p) > word.n && memcmp(p, word.p, word.n) == 0;
}

/* Most numbers are a few digits: what ends in a digit and goes on like none. */
static size_t digits(const char *p, const char *end)
{
    size_t n = 0;

    while (p + n < end && (unsigned char)(p[n] - '0') <= 9)
        n++;
    return n == 0 || p + n == end || (*p == '0' && n > 1) ||
                   (p[n] != ',' && p[n] != '}' && p[n] != ']')
               ? 0
               : n;
}

/* A value whose end is beyond doubt; NULL if it is not. */
static const char *end_of(struct tape *tape, const char *p, const char *end, enum scan_kind *kind)
{
    size_t n;

    switch (*p) {
    case '"':
        *kind = SCAN_STRING;
        return tape_close(tape, p, end);
    case 't':
        *kind = SCAN_BOOL;
        return is_word(p, end, STR("true")) ? p + 4 : NULL;
    case 'f':
        *kind = SCAN_BOOL;
        return is_word(p, end, STR("false")) ? p + 5 : NULL;
    case 'n':
        *kind = SCAN_NULL;
        return is_word(p, end, STR("null")) ? p + 4 : NULL;
    default:
        *kind = SCAN_NUMBER;
        n = digits(p, end);
        if (n == 0)
            n = number_skip((struct str){p, (size_t)(end - p)});
        return n ? p + n : NULL;
    }
}

static bool as_usual(const struct usual_member *m, struct tape *tape, struct scan *scan,
                     struct scan_member *out)
{
    const char *before = scan->p, *p = before + m->n, *end = scan->end;

    out->key = (struct str){before + m->key, m->key_n};
    out->escaped = false;
    if (*p == '[' || *p == '{') {
        out->kind = SCAN_NESTED;
        out->value = (struct str){p, 1};
        scan->p = p;
    } else {
        const char *behind = end_of(tape, p, end, &out->kind);
        if (!behind)
            return false;
        out->value = (struct str){p, (size_t)(behind - p)};
        scan->p = behind;
    }
    scan->begun = true;
    return true;
}

static int name_of(const char *const *names, const struct scan_member *member)
{
    for (int i = 0; names[i] && !member->escaped; i++) {
        if (str_is(member->key, names[i]))
            return i;
    }
    return USUAL_OTHER;
}

static void learn(struct usual_member *m, const char *before, const struct scan_member *member,
                  int name)
{
    size_t n = (size_t)(member->value.p - before);

    m->n = 0;
    if (n > USUAL_LEAD || member->escaped)
        return;
    memcpy(m->lead, before, n);
    m->n = (unsigned char)n;
    m->key = (unsigned char)(member->key.p - before);
    m->key_n = (unsigned char)member->key.n;
    m->name = (short)name;
}

bool usual_next(struct usual *usual, struct usual_place *place, const char *const *names,
                struct scan *scan, struct scan_member *out)
{
    const char *before = scan->p;
    size_t at = place->at;

    /* A lead holds a comma unless it is the first. */
    if (!scan->fault && !scan->ended && scan->begun == (at > 0)) {
        for (size_t i = at; i < USUAL_MEMBERS && i < at + AHEAD && usual->v[i].n; i++) {
            const struct usual_member *m = &usual->v[i];
            if (leads(m, before, scan->end) && as_usual(m, place->tape, scan, out)) {
                place->name = m->name;
                place->at = i + 1;
                return true;
            }
            if (at == 0)
                break;
        }
        if (scan->inside && before < scan->end && *before == '}') {
            scan->ended = true;
            scan->p++;
            return false;
        }
    }
    if (!scan_next_open(scan, out))
        return false;
    place->name = name_of(names, out);
    place->at++;
    if (at < USUAL_MEMBERS)
        learn(&usual->v[at], before, out, place->name);
    return true;
}
