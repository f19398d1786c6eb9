#include "analysis/trajectories/reader.h"

#define X(name) extern const struct trajectory_reader trajectory_reader_##name;
#include "analysis/trajectories/readers.def"
#undef X

const struct trajectory_reader *const trajectory_readers[] = {
#define X(name) &trajectory_reader_##name,
#include "analysis/trajectories/readers.def"
#undef X
    NULL};

const char *const json_names[] = {".json", ".jsonl", ".ndjson", NULL};

const struct trajectory_reader *trajectory_reader_of(const struct candidate *file, const char **why)
{
    const struct trajectory_reader *best = NULL;
    int most = 0;

    for (size_t i = 0; trajectory_readers[i]; i++) {
        const char *reason = "";
        int bid = trajectory_readers[i]->bid(file, &reason);
        if (bid <= most)
            continue;
        most = bid;
        best = trajectory_readers[i];
        *why = reason;
    }
    return best;
}

bool trajectory_name_fits(const char *name)
{
    for (size_t i = 0; trajectory_readers[i]; i++) {
        for (const char *const *e = trajectory_readers[i]->extensions; *e; e++) {
            if (str_ends(str_of(name), str_of(*e)))
                return true;
        }
    }
    return false;
}

bool head_has(const struct candidate *file, const char *name)
{
    struct str rest = file->head;
    size_t n = strlen(name);

    for (const char *at; rest.n && (at = memmem(rest.p, rest.n, name, n));) {
        struct str behind = str_from(rest, (size_t)(at - rest.p) + n);
        bool opened = at > file->head.p && at[-1] == '"';
        rest = behind;
        if (!opened || behind.n == 0 || behind.p[0] != '"')
            continue;
        behind = str_trim(str_from(behind, 1));
        if (behind.n && behind.p[0] == ':')
            return true;
    }
    return false;
}

char head_first(const struct candidate *file)
{
    struct str head = str_trim(file->head);

    return head.n ? head.p[0] : '\0';
}
