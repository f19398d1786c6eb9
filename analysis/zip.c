#include "analysis/zip.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "analysis/base/limits.h"
#include "analysis/base/vec.h"
#include "analysis/files.h"

enum {
    LOCAL = 30,   /* local header */
    ENTRY = 46,   /* of the central directory */
    END = 22,     /* of the central directory */
    LOCATOR = 20, /* of the zip64 end */
    END64 = 56,   /* zip64 end of the central directory */
    COMMENT = 65535,
    STREAMED = 8 /* flag: sizes stand behind the data */
};

#define FULL32 UINT32_C(0xffffffff)

static uint16_t u16(const unsigned char *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

static uint32_t u32(const unsigned char *p)
{
    return (uint32_t)u16(p) | (uint32_t)u16(p + 2) << 16;
}

static uint64_t u64(const unsigned char *p)
{
    return (uint64_t)u32(p) | (uint64_t)u32(p + 4) << 32;
}

static bool fill(int fd, void *into, size_t n, uint64_t at)
{
    return at <= INT64_MAX / 2 && file_fill(fd, into, n, (int64_t)at) == (int64_t)n;
}

/* Takes the 64-bit values that the full 32-bit ones stand for, in the order of the format. */
static bool take_extra(const unsigned char *p, size_t n, uint64_t **value, size_t values)
{
    while (n >= 4) {
        size_t length = u16(p + 2);
        if (length + 4 > n)
            return false;
        if (u16(p) != 1) {
            p += length + 4;
            n -= length + 4;
            continue;
        }
        p += 4;
        for (size_t i = 0; i < values; i++) {
            if (*value[i] != FULL32)
                continue;
            if (length < 8)
                return false;
            *value[i] = u64(p);
            p += 8;
            length -= 8;
        }
        return true;
    }
    return true;
}

/* ---- the central directory ---- */

struct directory {
    uint64_t at, size, entries;
};

static bool find_end(int fd, uint64_t size, struct arena *arena, uint64_t *at,
                     unsigned char end[END])
{
    size_t n = size < COMMENT + END ? (size_t)size : COMMENT + END;
    unsigned char *tail = arena_alloc(arena, n);

    if (n < END || !fill(fd, tail, n, size - n))
        return false;
    for (size_t i = n - END + 1; i-- > 0;) {
        if (memcmp(tail + i, "PK\5\6", 4) != 0 || i + END + u16(tail + i + 20) != n)
            continue;
        memcpy(end, tail + i, END);
        *at = size - n + i;
        return true;
    }
    return false;
}

static bool find_directory(int fd, uint64_t size, struct arena *arena, struct directory *out)
{
    unsigned char end[END], locator[LOCATOR], end64[END64];
    uint64_t at;

    if (!find_end(fd, size, arena, &at, end))
        return false;
    *out = (struct directory){u32(end + 16), u32(end + 12), u16(end + 10)};
    if (at >= LOCATOR && fill(fd, locator, LOCATOR, at - LOCATOR) &&
        memcmp(locator, "PK\6\7", 4) == 0) {
        if (!fill(fd, end64, END64, u64(locator + 8)) || memcmp(end64, "PK\6\6", 4) != 0)
            return false;
        *out = (struct directory){u64(end64 + 48), u64(end64 + 40), u64(end64 + 32)};
    }
    return out->at <= size && out->size <= size - out->at;
}

struct members {
    VEC(struct zip_member) list;
};

static bool take_entry(struct str *rest, uint64_t size, struct arena *arena, struct members *m)
{
    const unsigned char *p = (const unsigned char *)rest->p;

    if (rest->n < ENTRY || memcmp(p, "PK\1\2", 4) != 0)
        return false;
    size_t name = u16(p + 28), extra = u16(p + 30), all = ENTRY + name + extra + u16(p + 32);
    if (all > rest->n)
        return false;
    struct zip_member member = {.name = arena_str(arena, (struct str){rest->p + ENTRY, name}),
                                .header = u32(p + 42),
                                .packed = u32(p + 20),
                                .size = u32(p + 24),
                                .crc = u32(p + 16),
                                .checked = true,
                                .method = u16(p + 10)};
    uint64_t *values[] = {&member.size, &member.packed, &member.header};
    if (!take_extra(p + ENTRY + name, extra, values, 3) || member.header > size ||
        member.packed > size)
        return false;
    VEC_PUSH(arena, &m->list, member);
    *rest = str_from(*rest, all);
    return true;
}

static bool by_directory(int fd, uint64_t size, struct arena *arena, struct members *m)
{
    struct directory d;

    if (!find_directory(fd, size, arena, &d) || d.size > ZIP_DIRECTORY_MAX)
        return false;
    char *bytes = heap_alloc((size_t)d.size + 1);
    struct str rest = {bytes, (size_t)d.size};
    bool ok = fill(fd, bytes, (size_t)d.size, d.at);
    while (ok && rest.n > 0)
        ok = take_entry(&rest, size, arena, m);
    free(bytes);
    return ok && (m->list.n & 0xffff) == (d.entries & 0xffff);
}

/* ---- local headers ---- */

bool zip_member_at(int fd, uint64_t header, struct arena *arena, struct zip_member *out,
                   struct err *err)
{
    unsigned char p[LOCAL], rest[2 * 65535];

    if (!fill(fd, p, LOCAL, header) || memcmp(p, "PK\3\4", 4) != 0)
        return err_set(err, ERR_FORMAT, "no member of a zip file stands at byte %llu",
                       (unsigned long long)header);
    size_t name = u16(p + 26), extra = u16(p + 28);
    if (!fill(fd, rest, name + extra, header + LOCAL))
        return err_set(err, ERR_FORMAT, "the file ends inside a member's name");
    *out = (struct zip_member){.name = arena_str(arena, (struct str){(char *)rest, name}),
                               .header = header,
                               .packed = u32(p + 18),
                               .size = u32(p + 22),
                               .crc = u32(p + 14),
                               .checked = true,
                               .method = u16(p + 8)};
    uint64_t *values[] = {&out->size, &out->packed};
    if (!take_extra(rest + name, extra, values, 2))
        return err_set(err, ERR_FORMAT, "a member's header does not hold");
    /* No packed stream is empty: the writer meant to fill that in and never did. */
    if ((u16(p + 6) & STREAMED) || (out->packed == 0 && out->method != 0)) {
        out->packed = out->size = ZIP_NOT_SAID;
        out->checked = false;
    }
    return true;
}

/* Behind the data of a stream stand its checksum and lengths, of 4 or 8 bytes, after a mark or not.
 */
static uint64_t behind_lengths(int fd, uint64_t at)
{
    static const unsigned behind[] = {16, 24, 12, 20};
    unsigned char p[28] = {0};

    (void)file_fill(fd, (char *)p, sizeof(p), (int64_t)at);
    for (size_t i = 0; i < sizeof(behind) / sizeof(behind[0]); i++) {
        if (memcmp(p + behind[i], "PK", 2) == 0)
            return at + behind[i];
    }
    return at;
}

/* Where the next header should stand; 0 if that cannot be known. */
static uint64_t next_header(int fd, const struct zip_member *member)
{
    uint64_t data = zip_data(fd, member);

    if (member->packed != ZIP_NOT_SAID)
        return member->packed > INT64_MAX / 2 ? 0 : data + member->packed;
    data = zip_data_end(fd, member);
    return data ? behind_lengths(fd, data) : 0;
}

static void by_headers(int fd, uint64_t size, struct arena *arena, struct members *m)
{
    struct err err;
    struct zip_member member = {.packed = ZIP_NOT_SAID};
    uint64_t at = 0;

    while (at + LOCAL <= size && m->list.n < ZIP_DIRECTORY_MAX / ENTRY &&
           zip_member_at(fd, at, arena, &member, &err)) {
        VEC_PUSH(arena, &m->list, member);
        at = next_header(fd, &member);
        if (at == 0)
            return;
    }
}

static int by_place(const void *a, const void *b)
{
    const struct zip_member *x = a, *y = b;

    return (x->header > y->header) - (x->header < y->header);
}

static int by_name(const void *a, const void *b)
{
    int order =
        str_order(((const struct zip_member *)a)->name, ((const struct zip_member *)b)->name);

    return order ? order : by_place(a, b);
}

static void mark_replaced(struct zip_member *v, size_t n)
{
    qsort(v, n, sizeof(*v), by_name);
    for (size_t i = 0; i + 1 < n; i++)
        v[i].replaced = str_eq(v[i].name, v[i + 1].name);
}

/* No two members share bytes: a small file that claims much more would never be done with. */
static size_t without_overlap(struct zip_member *v, size_t n)
{
    size_t kept = 0;
    uint64_t end = 0;

    for (size_t i = 0; i < n; i++) {
        if (v[i].header < end)
            continue;
        end = v[i].header + LOCAL + v[i].name.n + (v[i].packed == ZIP_NOT_SAID ? 0 : v[i].packed);
        v[kept++] = v[i];
    }
    return kept;
}

bool zip_open(int fd, struct arena *arena, struct zip *out, struct err *err)
{
    struct members m = {0};
    struct stat about;

    if (fstat(fd, &about) != 0 || about.st_size < 0)
        return err_errno(err, "cannot read");
    *out = (struct zip){0};
    if (!by_directory(fd, (uint64_t)about.st_size, arena, &m)) {
        m.list.n = 0;
        by_headers(fd, (uint64_t)about.st_size, arena, &m);
        out->fault = "has no whole directory of its members (its writer was stopped, or it was "
                     "cut): they were found one by one";
    }
    if (m.list.n == 0)
        return err_set(err, ERR_FORMAT, "holds no member that can be found");
    mark_replaced(m.list.v, m.list.n);
    qsort(m.list.v, m.list.n, sizeof(*m.list.v), by_place);
    out->v = m.list.v;
    out->n = without_overlap(m.list.v, m.list.n);
    if (out->n < m.list.n)
        out->fault = "lists members that share bytes: the later ones are left out";
    return true;
}
