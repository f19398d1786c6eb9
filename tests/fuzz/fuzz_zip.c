/* A file that may be a zip: walked, its members unpacked, its records read. Nothing may crash. */
#include "analysis/trajectories/source.h"
#include "analysis/zip.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

extern const struct trajectory_reader trajectory_reader_inspect_eval;

static void end(struct sink *sink, const struct trajectory *trajectory)
{
    (void)sink;
    if (trajectory->id.n > 0 && !trajectory->id.p)
        abort();
}

static void say(struct sink *sink, struct str id, const char *what)
{
    (void)sink;
    (void)id;
    if (!what || !*what)
        abort();
}

static void read_records(int fd)
{
    static struct sink sink;
    struct arena scratch, front;
    struct record record;
    struct err err;
    struct source *source = source_new(fd, &trajectory_reader_inspect_eval, NULL);

    arena_init(&scratch);
    arena_init(&front);
    sink = (struct sink){.file = trajectory_none(), .end = end, .refuse = say, .remark = say};
    sink.scratch = &front;
    watch_reset(&sink.watch);
    trajectory_reader_inspect_eval.begin(source_head(source, &front), &sink);
    sink.scratch = &scratch;
    while (source_next(source, &record, &err)) {
        struct str again;
        arena_reset(&scratch);
        if (record.fault)
            continue;
        trajectory_reader_inspect_eval.read(record.text, &sink);
        if (source_fetch(fd, &trajectory_reader_inspect_eval, record.offset,
                         (uint32_t)record.text.n, &scratch, &again) &&
            !str_eq(again, record.text))
            abort(); /* what is found again is what was read */
    }
    source_free(source);
    arena_fini(&scratch);
    arena_fini(&front);
}

static void unpack_all(int fd)
{
    struct arena arena;
    struct zip zip;
    struct buf out = {0};
    struct err err;

    arena_init(&arena);
    if (zip_open(fd, &arena, &zip, &err)) {
        for (size_t i = 0; i < zip.n; i++) {
            out.n = 0;
            if (zip_read(fd, &zip.v[i], 1 << 20, NULL, &out, &err) && out.n > 1 << 20)
                abort();
        }
    }
    buf_fini(&out);
    arena_fini(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int fd = memfd_create("zip", MFD_CLOEXEC);

    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        abort();
    unpack_all(fd);
    read_records(fd);
    close(fd);
    return 0;
}
