/* One member of a zip file, unpacked: one half of zip.h. */
#include <unistd.h>
#include <zlib.h>

#include "analysis/base/limits.h"
#include "analysis/files.h"
#include "analysis/unpack.h"
#include "analysis/zip.h"

enum { LOCAL = 30, BLOCK = 64 * 1024 };

/* Packed bytes on their way from the file to the unpacker. */
struct feed {
    int fd;
    uint64_t at, end; /* of what is still in the file */
    struct unpack *unpack;
    char *block; /* heap */
    struct str in;
    bool dry; /* the file ended, or could not be read, before `end` */
};

static bool feed_open(struct feed *f, int fd, const struct zip_member *member, const char **why)
{
    uint64_t data = zip_data(fd, member);

    *f = (struct feed){.fd = fd, .at = data, .end = UINT64_MAX};
    *why = "has no local header where it should be";
    if (data == 0)
        return false;
    if (member->packed != ZIP_NOT_SAID)
        f->end = data + member->packed;
    *why = "is stored without its length";
    if (member->packed == ZIP_NOT_SAID && member->method == UNPACK_STORED)
        return false;
    f->unpack = unpack_new(member->method, why);
    f->block = f->unpack ? heap_alloc(BLOCK) : NULL;
    return f->unpack != NULL;
}

static void feed_close(struct feed *f)
{
    unpack_free(f->unpack);
    free(f->block);
}

static void feed_fill(struct feed *f)
{
    size_t room = BLOCK - f->in.n;
    uint64_t left = f->end - f->at;

    if (f->in.n >= 4 || f->dry || left == 0)
        return;
    if (f->in.n)
        memmove(f->block, f->in.p, f->in.n);
    if (left < room)
        room = (size_t)left;
    int64_t got = file_fill(f->fd, f->block + f->in.n, room, (int64_t)f->at);
    if (got < 0)
        got = 0;
    f->dry = (size_t)got < room;
    f->at += (uint64_t)got;
    f->in = (struct str){f->block, f->in.n + (size_t)got};
}

/* A piece of the member; false at its end, or with *fault set. */
static bool feed_next(struct feed *f, char *out, size_t room, size_t *put, const char **fault)
{
    for (;;) {
        feed_fill(f);
        bool last = f->dry || f->at == f->end;
        size_t before = f->in.n;
        switch (unpack_some(f->unpack, &f->in, last, out, room, put)) {
        case UNPACK_BROKEN:
            *fault = "does not unpack";
            return false;
        case UNPACK_ENDED:
            if (*put)
                return true; /* it will say so again */
            return false;
        case UNPACK_MORE:
            if (*put)
                return true;
            if (last && before == f->in.n) {
                *fault = "ends in the middle";
                return false;
            }
        }
    }
}

uint64_t zip_data(int fd, const struct zip_member *member)
{
    unsigned char head[LOCAL];

    if (member->header > INT64_MAX / 2 ||
        file_fill(fd, (char *)head, LOCAL, (int64_t)member->header) != LOCAL ||
        memcmp(head, "PK\3\4", 4) != 0)
        return 0;
    return member->header + LOCAL + (head[26] | (unsigned)head[27] << 8) +
           (head[28] | (unsigned)head[29] << 8);
}

uint64_t zip_data_end(int fd, const struct zip_member *member)
{
    struct feed f;
    const char *fault = NULL;
    char *out = heap_alloc(BLOCK);
    size_t put;
    uint64_t end = 0;

    if (feed_open(&f, fd, member, &fault)) {
        fault = NULL;
        while (feed_next(&f, out, BLOCK, &put, &fault))
            ;
        end = fault ? 0 : f.at - f.in.n;
    }
    feed_close(&f);
    free(out);
    return end;
}

static bool unpack_all(struct feed *f, size_t most, const atomic_bool *cancelled, struct buf *out,
                       uint32_t *crc, struct err *err)
{
    const char *fault = NULL;
    size_t begun = out->n, put;

    for (;;) {
        if (cancelled && atomic_load(cancelled))
            return err_set(err, ERR_CANCELLED, "cancelled while reading");
        buf_reserve(out, BLOCK);
        if (!feed_next(f, out->p + out->n, BLOCK, &put, &fault))
            break;
        *crc = (uint32_t)crc32(*crc, (const Bytef *)out->p + out->n, (uInt)put);
        out->n += put;
        if (out->n - begun > most)
            return err_set(err, ERR_TOO_LARGE, "is larger than the %zu MiB that are read",
                           most / MIB);
    }
    if (fault)
        return err_set(err, ERR_FORMAT, "%s", fault);
    return true;
}

bool zip_read(int fd, const struct zip_member *member, size_t most, const atomic_bool *cancelled,
              struct buf *out, struct err *err)
{
    struct feed f;
    const char *why;
    size_t begun = out->n;
    uint32_t crc = 0;

    bool ok = feed_open(&f, fd, member, &why);
    if (!ok)
        err_set(err, ERR_FORMAT, "%s", why);
    ok = ok && unpack_all(&f, most, cancelled, out, &crc, err);
    if (ok && member->size != ZIP_NOT_SAID && member->size != out->n - begun)
        ok = err_set(err, ERR_FORMAT, "unpacks to %zu bytes, not to %llu", out->n - begun,
                     (unsigned long long)member->size);
    if (ok && member->checked && member->crc != crc)
        ok = err_set(err, ERR_FORMAT, "does not have its checksum");
    feed_close(&f);
    if (!ok)
        out->n = begun;
    return ok;
}
