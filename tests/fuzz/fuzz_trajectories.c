/* A file of trajectories: cut into records, each given to every reader. Nothing may crash. */
#include "analysis/trajectories/source.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void end(struct sink *sink, const struct trajectory *trajectory)
{
    (void)watch_rules(&sink->watch, end_class_of("inspect", trajectory->reason));
}

/* As a page of steps is shown. */
static void step(struct sink *sink, const struct step *step)
{
    struct str shown = attachments_filled(&sink->attachments, step->observation, sink->scratch);

    if (attachments_filled(&sink->attachments, step->thought, sink->scratch).n > 0 &&
        step->thought.n == 0)
        abort();
    if (shown.n > step->observation.n + (128 << 10))
        abort();
}

static void say(struct sink *sink, struct str id, const char *what)
{
    (void)sink;
    if (id.n > 0 && !id.p)
        abort();
    if (!what || !*what)
        abort();
}

static void read_all(int fd, const struct trajectory_reader *reader)
{
    static struct sink sink;
    struct arena scratch;
    struct record record;
    struct err err;
    struct source *source = source_new(fd, reader, NULL);
    struct arena front;

    arena_init(&scratch);
    arena_init(&front);
    sink = (struct sink){.origin = {.epoch = NO_NUMBER, .iteration = NO_NUMBER},
                         .file = trajectory_none(),
                         .scratch = &scratch,
                         .iteration = NO_NUMBER,
                         .step = step,
                         .end = end,
                         .refuse = say,
                         .remark = say};
    watch_reset(&sink.watch);
    if (reader->begin) {
        sink.scratch = &front;
        reader->begin(source_head(source, &front), &sink);
        sink.scratch = &scratch;
    }
    while (source_next(source, &record, &err)) {
        arena_reset(&scratch);
        sink.place++;
        if (!record.fault)
            reader->read(record.text, &sink);
    }
    arena_fini(&scratch);
    arena_fini(&front);
    source_free(source);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *why;
    int fd = memfd_create("records", MFD_CLOEXEC);

    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        abort();
    (void)trajectory_reader_of(
        &(struct candidate){.head = {(const char *)data, size}, .whole = true, .path = "f.json"},
        &why);
    for (size_t i = 0; trajectory_readers[i]; i++)
        read_all(fd, trajectory_readers[i]);
    close(fd);
    return 0;
}
