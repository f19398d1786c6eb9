/*
 * Inspect's .eval: a zip of _journal/start.json, samples/ID_epoch_N.json,
 * _journal/summaries/N.json, and, once it is done, summaries.json and header.json.
 * Samples are read in full; a summary stands in where its sample is missing or
 * broken.
 */
#include "analysis/trajectories/inspect.h"

static bool is_ours(struct str name)
{
    return str_starts(name, STR("_journal/")) || str_starts(name, STR("samples/")) ||
           str_starts(name, STR("header.json")) || str_starts(name, STR("summaries.json")) ||
           str_starts(name, STR("reductions.json"));
}

static int bid(const struct candidate *file, const char **why)
{
    enum { NAME = 30 }; /* in a local header */

    if (!str_starts(file->head, STR("PK\3\4")) || !is_ours(str_from(file->head, NAME)))
        return 0;
    *why = "a zip whose first member is one of an Inspect log";
    return 95;
}

static enum member_use member(struct str name)
{
    if (str_is(name, "header.json"))
        return MEMBER_HEADER;
    if (str_is(name, "_journal/start.json"))
        return MEMBER_START;
    if (!str_ends(name, STR(".json")))
        return MEMBER_OTHER;
    if (str_starts(name, STR("samples/")))
        return MEMBER_RECORD;
    return str_is(name, "summaries.json") || str_starts(name, STR("_journal/summaries/"))
               ? MEMBER_SUMMARIES
               : MEMBER_OTHER;
}

static const char *const names[] = {".eval", NULL};

const struct trajectory_reader trajectory_reader_inspect_eval = {
    .name = "inspect", /* the words for endings are the same */
    .what = "Inspect logs as .eval: a zip of samples, deflate or zstd.",
    .extensions = names,
    .member = member,
    .bid = bid,
    .begin = inspect_begin,
    .read = inspect_read,
};
