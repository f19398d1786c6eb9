/*
 * A table below DVCLive's plots/metrics: no run by itself. dvclive.c reads it
 * with the metrics.json of its folder, so that it must not be taken for a log.
 */
#include "analysis/readers/lines.h"

static struct bid bid(const struct probe *probe, struct arena *arena)
{
    (void)arena;
    if (!str_ends(str_of(probe->name), STR(".tsv")) || !strstr(probe->path, "plots/metrics/") ||
        !str_starts(probe->head, STR("step\t")))
        return (struct bid){0, NULL};
    return (struct bid){90, "it is a table of DVCLive, read with the metrics.json of its folder"};
}

static bool read_source(const struct source *source, struct feed *feed, struct err *err)
{
    (void)feed; /* nothing: the folder's metrics.json stands for all of it */
    return source_there(source, err);
}

const struct reader reader_dvclive_table = {
    .name = "dvclive_table",
    .what = "A metric of DVCLive's folder: read with its metrics.json.",
    .unit = UNIT_PART,
    .bid = bid,
    .read = read_source,
};
