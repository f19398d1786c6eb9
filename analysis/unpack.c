#include "analysis/unpack.h"

#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>
#define ZLIB_CONST /* it reads what it is given */
#include <zlib.h>

#include "analysis/base/arena.h"

enum { MAGIC = 4, BLOCK_MOST = 1 << 30 };

/* The part of libzstd's stable interface that is used (zstd.h, since 1.0). */
struct zstd_in {
    const void *p;
    size_t n, at;
};

struct zstd_out {
    void *p;
    size_t n, at;
};

struct zstd {
    void *library;
    void *stream;
    void *(*open)(void);
    size_t (*close)(void *stream);
    size_t (*take)(void *stream, struct zstd_out *out, struct zstd_in *in);
    unsigned (*failed)(size_t result);
    bool between; /* at the end of a frame, or before the first */
};

struct unpack {
    unsigned method;
    z_stream deflate;
    struct zstd zstd;
};

/* ---- zstd ---- */

/* ISO C has no cast from an object pointer to a function pointer. */
static bool find(void *library, const char *name, void *function)
{
    void *symbol = dlsym(library, name);

    memcpy(function, &symbol, sizeof(symbol));
    return symbol != NULL;
}

static bool zstd_open(struct zstd *z)
{
    /* NODELETE: many members are read, one after another. */
    z->library = dlopen("libzstd.so.1", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!z->library || !find(z->library, "ZSTD_createDStream", &z->open) ||
        !find(z->library, "ZSTD_freeDStream", &z->close) ||
        !find(z->library, "ZSTD_decompressStream", &z->take) ||
        !find(z->library, "ZSTD_isError", &z->failed))
        return false;
    z->stream = z->open();
    z->between = true;
    return z->stream != NULL;
}

/* A frame, or one that is to be skipped, begins here (RFC 8878, 3.1). */
static bool is_frame(struct str in)
{
    uint32_t magic;

    if (in.n < MAGIC)
        return false;
    memcpy(&magic, in.p, sizeof(magic)); /* x86-64 and arm64 are little-endian */
    return magic == UINT32_C(0xfd2fb528) || (magic & ~UINT32_C(15)) == UINT32_C(0x184d2a50);
}

static enum unpack_state zstd_some(struct zstd *z, struct str *in, bool last, char *out,
                                   size_t room, size_t *put)
{
    struct zstd_in from = {in->p, in->n, 0};
    struct zstd_out into = {out, room, 0};

    if (z->between && in->n < MAGIC && !last)
        return UNPACK_MORE;
    if (z->between && !is_frame(*in))
        return UNPACK_ENDED;
    size_t result = z->take(z->stream, &into, &from);
    if (z->failed(result))
        return UNPACK_BROKEN;
    *put = into.at;
    *in = str_from(*in, from.at);
    z->between = result == 0;
    if (z->between && last && in->n == 0)
        return UNPACK_ENDED;
    return UNPACK_MORE;
}

/* ---- deflate, stored ---- */

static enum unpack_state inflate_some(z_stream *z, struct str *in, char *out, size_t room,
                                      size_t *put)
{
    uInt given = (uInt)(in->n < BLOCK_MOST ? in->n : BLOCK_MOST);
    uInt space = (uInt)(room < BLOCK_MOST ? room : BLOCK_MOST);

    z->next_in = (const Bytef *)in->p;
    z->avail_in = given;
    z->next_out = (Bytef *)out;
    z->avail_out = space;
    int result = inflate(z, Z_NO_FLUSH);
    *put = space - z->avail_out;
    *in = str_from(*in, given - z->avail_in);
    if (result == Z_STREAM_END)
        return UNPACK_ENDED;
    return result == Z_OK || result == Z_BUF_ERROR ? UNPACK_MORE : UNPACK_BROKEN;
}

static enum unpack_state copy_some(struct str *in, bool last, char *out, size_t room, size_t *put)
{
    *put = in->n < room ? in->n : room;
    if (*put)
        memcpy(out, in->p, *put);
    *in = str_from(*in, *put);
    return last && in->n == 0 ? UNPACK_ENDED : UNPACK_MORE;
}

/* ---- all ---- */

struct unpack *unpack_new(unsigned method, const char **why)
{
    struct unpack *u = heap_alloc(sizeof(*u));
    bool ok = true;

    u->method = method;
    if (method == UNPACK_DEFLATE) {
        ok = inflateInit2(&u->deflate, -MAX_WBITS) == Z_OK;
        *why = "zlib cannot be used";
    } else if (method == UNPACK_ZSTD) {
        ok = zstd_open(&u->zstd);
        *why = "is packed by zstd, and libzstd.so.1 is not installed here";
    } else if (method != UNPACK_STORED) {
        ok = false;
        *why = "is packed in a way that is neither deflate nor zstd";
    }
    if (ok)
        return u;
    unpack_free(u);
    return NULL;
}

void unpack_free(struct unpack *u)
{
    if (!u)
        return;
    if (u->method == UNPACK_DEFLATE)
        (void)inflateEnd(&u->deflate);
    if (u->zstd.stream)
        (void)u->zstd.close(u->zstd.stream);
    if (u->zstd.library)
        dlclose(u->zstd.library);
    free(u);
}

enum unpack_state unpack_some(struct unpack *u, struct str *in, bool last, char *out, size_t room,
                              size_t *put)
{
    *put = 0;
    if (u->method == UNPACK_DEFLATE)
        return inflate_some(&u->deflate, in, out, room, put);
    if (u->method == UNPACK_ZSTD)
        return zstd_some(&u->zstd, in, last, out, room, put);
    return copy_some(in, last, out, room, put);
}
