#include "analysis/experiment.h"

#include "analysis/base/limits.h"
#include "analysis/files.h"
#include "analysis/held.h"
#include "analysis/open.h"

static const char *const places[][2] = {
    [FILE_METADATA] = {"metadata.json", NULL},
    [FILE_STATUS] = {"dashboard_metrics/status.json", NULL},
    [FILE_LATEST] = {"dashboard_metrics/latest.json", NULL},
    /* Tidal's evaluator writes to the first, its server reads the second */
    [FILE_EVALUATION] = {"evaluation_results/evaluation_results.json", "evaluation_results.json"},
    [FILE_ABLATION] = {"ablation_results.json", NULL},
    [FILE_GPU] = {"gpu_instance.json", NULL},
};

/*
 * The trainer truncates and rewrites its status for each point, so a reader can
 * meet it empty or cut. What was good last is then better than nothing.
 */
static void last_good(const struct experiment *experiment, enum held_text which,
                      struct arena *arena, struct document *out)
{
    struct err err;
    struct str text =
        experiment->held ? held_kept(experiment->held, which, arena) : (struct str){0};

    if (text.n == 0)
        return;
    out->json = json_parse(arena, text, JSON_DATA, DATA_DEPTH_MAX, &err);
    out->why = arena_printf(arena, "%s; this is its last good version, read before", out->why);
}

static void parse(const struct experiment *experiment, enum experiment_file file, struct str text,
                  struct arena *arena, struct document *out)
{
    bool rewritten = file == FILE_STATUS || file == FILE_LATEST;
    enum held_text which = file == FILE_STATUS ? HELD_STATUS : HELD_LATEST;
    struct err err;

    if (str_trim(text).n == 0)
        out->why = arena_printf(arena, "%s is empty (it may just be being written)", out->path);
    else if (!(out->json = json_parse(arena, text, JSON_DATA, DATA_DEPTH_MAX, &err)))
        out->why =
            arena_printf(arena, "%s is %s; it may just be being written", out->path, err.msg);
    if (rewritten && out->json && experiment->held)
        held_keep(experiment->held, which, text);
    else if (rewritten && !out->json)
        last_good(experiment, which, arena, out);
}

void experiment_document(const struct experiment *experiment, enum experiment_file file,
                         struct arena *arena, struct document *out)
{
    *out = (struct document){.path = places[file][0], .modified_ms = NOT_GIVEN};
    if (experiment->sources_n > 0) {
        if (file == FILE_EVALUATION)
            sources_evaluation(experiment, arena, out);
        return; /* files of these names are not Tidal's here */
    }
    for (size_t i = 0; i < 2 && places[file][i]; i++) {
        struct stat about = {0};
        struct str text = {0};
        struct err err;
        bool found;
        bool ok = file_read(experiment->dir, places[file][i], SMALL_FILE_MAX, arena, &text, &about,
                            &found, &err);

        if (!found)
            continue;
        out->exists = true;
        out->path = places[file][i];
        if (ok) {
            out->modified_ms = file_modified_ms(&about);
            parse(experiment, file, text, arena, out);
        } else {
            out->why = arena_text(arena, str_of(err.msg));
        }
        return;
    }
}
