#include "analysis/readers/zipdir.h"

#include <zlib.h>

enum {
    END_BYTES = 22,
    ENTRY_BYTES = 46,
    LOCAL_BYTES = 30,
    COMMENT_MAX = 65535,
    METHOD_STORED = 0,
    METHOD_DEFLATED = 8,
    ENTRIES_MAX = 100000,
};

static uint64_t number(const char *p, int bytes)
{
    uint64_t value = 0;

    for (int i = bytes; i-- > 0;)
        value = value << 8 | (unsigned char)p[i];
    return value;
}

static bool inside(struct str file, uint64_t at, uint64_t n)
{
    return at <= file.n && n <= file.n - at;
}

bool zipdir_open(struct zipdir *dir, struct str file, struct err *err)
{
    const char *end = NULL;

    *dir = (struct zipdir){.file = file};
    for (size_t back = END_BYTES; back <= file.n && back <= END_BYTES + COMMENT_MAX; back++) {
        const char *p = file.p + file.n - back;
        if (memcmp(p, "PK\5\6", 4) == 0) {
            end = p;
            break;
        }
    }
    if (!end)
        return err_set(err, ERR_FORMAT, "it has no central directory: it is cut off, or no zip");
    dir->left = (size_t)number(end + 10, 2);
    dir->at = (size_t)number(end + 16, 4);
    if (dir->left == 0xffff || dir->at == 0xffffffff) {
        const char *locator = end - 20 >= file.p ? end - 20 : NULL;
        if (!locator || memcmp(locator, "PK\6\7", 4) != 0 ||
            !inside(file, number(locator + 8, 8), 56))
            return err_set(err, ERR_FORMAT, "its zip64 directory is not where it should be");
        const char *large = file.p + number(locator + 8, 8);
        if (memcmp(large, "PK\6\6", 4) != 0 || number(large + 32, 8) > ENTRIES_MAX ||
            !inside(file, number(large + 48, 8), 0))
            return err_set(err, ERR_FORMAT, "its zip64 directory is damaged");
        dir->left = (size_t)number(large + 32, 8);
        dir->at = (size_t)number(large + 48, 8);
    }
    return true;
}

/* The 64-bit fields of an entry, of those that its 32-bit ones could not hold (4.5.3). */
static bool take_zip64(struct zipmember *member, struct str extra)
{
    uint64_t *const fields[] = {&member->size, &member->packed, &member->offset};

    while (extra.n >= 4) {
        size_t n = (size_t)number(extra.p + 2, 2);
        bool zip64 = number(extra.p, 2) == 1;
        struct str data = str_cut(str_from(extra, 4), n);
        if (data.n < n)
            return false;
        for (size_t i = 0; zip64 && i < 3; i++) {
            if (*fields[i] != 0xffffffff)
                continue;
            if (data.n < 8)
                return false;
            *fields[i] = number(data.p, 8);
            data = str_from(data, 8);
        }
        extra = str_from(extra, 4 + n);
    }
    return true;
}

bool zipdir_next(struct zipdir *dir, struct zipmember *member, struct err *err)
{
    err->code = ERR_NONE;
    if (dir->left == 0)
        return false;
    if (!inside(dir->file, dir->at, ENTRY_BYTES) || memcmp(dir->file.p + dir->at, "PK\1\2", 4) != 0)
        return err_set(err, ERR_FORMAT, "its central directory is damaged");
    const char *p = dir->file.p + dir->at;
    size_t name = (size_t)number(p + 28, 2), extra = (size_t)number(p + 30, 2);
    size_t all = ENTRY_BYTES + name + extra + (size_t)number(p + 32, 2);
    if (!inside(dir->file, dir->at, all))
        return err_set(err, ERR_FORMAT, "its central directory is damaged");
    *member = (struct zipmember){.name = {p + ENTRY_BYTES, name},
                                 .method = (int)number(p + 10, 2),
                                 .crc = (uint32_t)number(p + 16, 4),
                                 .packed = number(p + 20, 4),
                                 .size = number(p + 24, 4),
                                 .offset = number(p + 42, 4)};
    if (!take_zip64(member, (struct str){p + ENTRY_BYTES + name, extra}))
        return err_set(err, ERR_FORMAT, "its central directory is damaged");
    dir->at += all;
    dir->left--;
    return true;
}

static bool inflate_all(struct str packed, char *out, size_t size)
{
    z_stream stream = {.next_in = (Bytef *)(uintptr_t)packed.p,
                       .avail_in = (uInt)packed.n,
                       .next_out = (Bytef *)out,
                       .avail_out = (uInt)size};

    if (inflateInit2(&stream, -MAX_WBITS) != Z_OK)
        return false;
    bool ok = inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.total_out == size;
    inflateEnd(&stream);
    return ok;
}

bool zipmember_read(const struct zipdir *dir, const struct zipmember *member, size_t most,
                    struct arena *arena, struct str *out, struct err *err)
{
    struct str name = str_cut(member->name, 80);

    if (member->method != METHOD_STORED && member->method != METHOD_DEFLATED)
        return err_set(err, ERR_FORMAT, "%.*s is packed in a way that is not read (method %d)",
                       STR_FMT(name), member->method);
    if (member->size > most)
        return err_set(err, ERR_TOO_LARGE, "%.*s is larger than %zu bytes", STR_FMT(name), most);
    if (!inside(dir->file, member->offset, LOCAL_BYTES) ||
        memcmp(dir->file.p + member->offset, "PK\3\4", 4) != 0)
        return err_set(err, ERR_FORMAT, "%.*s is not where the directory says", STR_FMT(name));
    const char *p = dir->file.p + member->offset;
    uint64_t at = member->offset + LOCAL_BYTES + number(p + 26, 2) + number(p + 28, 2);
    if (!inside(dir->file, at, member->packed) ||
        (member->method == METHOD_STORED && member->packed != member->size))
        return err_set(err, ERR_FORMAT, "%.*s is cut off", STR_FMT(name));
    struct str packed = {dir->file.p + at, (size_t)member->packed};
    *out = packed;
    if (member->method == METHOD_DEFLATED) {
        char *bytes = arena_alloc(arena, (size_t)member->size + 1);
        if (!inflate_all(packed, bytes, (size_t)member->size))
            return err_set(err, ERR_FORMAT, "%.*s cannot be unpacked", STR_FMT(name));
        *out = (struct str){bytes, (size_t)member->size};
    }
    if (crc32_z(0, (const Bytef *)out->p, out->n) != member->crc)
        return err_set(err, ERR_FORMAT, "the CRC of %.*s does not fit", STR_FMT(name));
    return true;
}
