#include "analysis/created.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "analysis/files.h"
#include "analysis/when.h"

enum { HEAD = 16384, FILES_ASKED = 4096 };

static bool from_metadata(const struct json *metadata, struct created *out)
{
    const struct json *at = json_get(metadata, "created_at");
    double number;
    bool zone;

    if (json_number(at, &number))
        return when_number(number, &out->ms);
    if (!at || at->kind != JSON_STRING)
        return false;
    struct str text = {at->raw.p + 1, at->raw.n - 2}; /* a time needs no escapes */
    if (!when_read(text, &out->ms, &zone))
        return false;
    out->no_zone = !zone;
    return true;
}

/* The timestamp of the first line that has one, a number or a text. */
static bool from_first_point(int dir, struct created *out)
{
    struct arena arena;
    struct err err;
    char head[HEAD];
    bool found = false;
    int fd = file_open(dir, "dashboard_metrics/metrics.jsonl", O_RDONLY);

    if (fd < 0)
        return false;
    int64_t n = file_fill(fd, head, sizeof(head), 0);
    close(fd);
    struct str rest = {head, n > 0 ? (size_t)n : 0}, line;
    arena_init(&arena);
    while (!found && str_next(&rest, '\n', &line)) {
        const struct json *row = json_parse(&arena, line, JSON_DATA, 8, &err);
        const struct json *at = json_get(row, "timestamp");
        double number;
        if (json_number(at, &number))
            found = when_number(number, &out->ms);
        else if (at && at->kind == JSON_STRING)
            found = when_read((struct str){at->raw.p + 1, at->raw.n - 2}, &out->ms, NULL);
    }
    arena_fini(&arena);
    return found;
}

static void oldest_in(int dir, const char *path, int64_t *oldest)
{
    int fd = file_open(dir, path, O_RDONLY | O_DIRECTORY);
    DIR *list = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;

    if (!list) {
        if (fd >= 0)
            close(fd);
        return;
    }
    for (int asked = 0; asked < FILES_ASKED && (entry = readdir(list)); asked++) {
        struct stat about;
        if (fstatat(fd, entry->d_name, &about, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISREG(about.st_mode) && file_modified_ms(&about) < *oldest)
            *oldest = file_modified_ms(&about);
    }
    closedir(list);
}

struct created created_find(int root, const char *path, const char *name,
                            const struct json *metadata)
{
    static const char *const folders[] = {".", "dashboard_metrics", "rl_metrics"};
    struct created out = {.ms = INT64_MIN, .from = "metadata.created_at"};

    if (from_metadata(metadata, &out))
        return out;
    out.from = "id";
    if (when_in_id(str_of(name), &out.ms))
        return out;
    int dir = file_open(root, path, O_PATH | O_DIRECTORY);
    if (dir < 0)
        return out;
    out.from = "first point";
    if (!from_first_point(dir, &out)) {
        int64_t oldest = INT64_MAX;
        for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
            oldest_in(dir, folders[i], &oldest);
        out.from = "oldest file";
        out.ms = oldest == INT64_MAX ? INT64_MIN : oldest;
    }
    close(dir);
    return out;
}
