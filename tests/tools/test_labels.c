/*
 * Real runs that a person has labelled from their plots, where the collection
 * is at hand ($POSTRUN_SHARED, else ../shared): agreement label by label, as a
 * table on stdout, and what must hold whatever else does.
 */
#include "tests/support/client.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "analysis/base/limits.h"
#include "analysis/files.h"

static struct client client;
static struct arena arena; /* of the truth, longer than a call */
static const struct json *listing;

static const struct json *read_json(const char *path)
{
    struct str text;
    struct stat about;
    struct err err = {0};
    bool found;
    int dir = open("/", O_PATH | O_DIRECTORY);

    char *real = realpath(path, NULL);
    cr_assert(real && file_read(dir, real + 1, SMALL_FILE_MAX, &arena, &text, &about, &found, &err),
              "%s: %s", path, err.msg);
    free(real);
    close(dir);
    const struct json *value = json_parse(&arena, text, JSON_DATA, DATA_DEPTH_MAX, &err);
    cr_assert(value, "%s: %s", path, err.msg);
    return value;
}

static bool is_id(const char *id, struct str path)
{
    struct str whole = str_of(id);

    return str_eq(whole, path) || (str_starts(whole, path) && whole.p[path.n] == '/');
}

/* The experiment that a file below files/ became: itself, a run in it, or the folder around it. */
static const char *experiment_of(struct str file)
{
    struct str path = str_from(file, sizeof("files/") - 1);

    for (int up = 0; up < 2; up++) {
        json_each (e, json_get(listing, "experiments")) {
            const char *id = member_text(&client, e, "id");
            if (is_id(id, path))
                return arena_text(&arena, str_of(id));
        }
        const char *slash = memrchr(path.p, '/', path.n);
        path.n = slash ? (size_t)(slash - path.p) : 0;
    }
    return NULL;
}

/* ---- what the analysis says ---- */

static const struct json *analysis;

static bool has(const char *class, const char *status)
{
    json_each (f, json_get(analysis, "findings")) {
        if (str_is(json_text(&arena, json_get(f, "class")), class) &&
            str_is(json_text(&arena, json_get(f, "status")), status))
            return true;
    }
    return false;
}

static const struct json *found(const char *class)
{
    json_each (f, json_get(analysis, "findings")) {
        if (str_is(json_text(&arena, json_get(f, "class")), class) &&
            str_is(json_text(&arena, json_get(f, "status")), "found"))
            return f;
    }
    return NULL;
}

static bool is_grave(const struct json *f)
{
    struct str severity = f ? json_text(&arena, json_get(f, "severity")) : STR("info");

    return !str_is(severity, "info") && !str_is(severity, "low");
}

static bool any_flag(void)
{
    static const char *const classes[] = {"overfitting", "val_rising", "divergence", "oscillation"};

    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        if (is_grave(found(classes[i])))
            return true;
    }
    return false;
}

static int64_t first_step(const struct json *f)
{
    int64_t step = INT64_MIN;
    const struct json *steps = json_get(json_get(f, "evidence"), "steps");

    if (steps && steps->first)
        (void)json_integer(steps->first, &step);
    return step;
}

static bool near_step(const struct json *f, const struct json *label, const char *name)
{
    int64_t wanted;

    if (!f || !json_integer(json_get(label, name), &wanted))
        return f != NULL;
    double off = fabs((double)(first_step(f) - wanted));
    return off <= 0.1 * (double)wanted + 5; /* a few points either way */
}

enum agreement { AGREES, DIFFERS, CANNOT_TELL, NOT_JUDGED };

static enum agreement yes(bool agrees)
{
    return agrees ? AGREES : DIFFERS;
}

static bool levelled_off(void)
{
    return found("plateau") || found("val_plateau") || found("schedule_end") ||
           found("stalled_early") || has("plateau", "inconclusive") ||
           str_has(json_text(&arena, json_get(analysis, "verdictRule")), STR("levelled off"));
}

static enum agreement judge(struct str word, const struct json *label)
{
    struct str verdict = json_text(&arena, json_get(analysis, "verdict"));

    if (str_is(word, "healthy") || str_is(word, "noisy_but_fine"))
        return yes(!any_flag());
    if (str_is(word, "overfitting"))
        return yes(is_grave(found("overfitting")) &&
                   near_step(found("overfitting"), label, "onset_step"));
    if (str_is(word, "divergence"))
        return yes(is_grave(found("divergence")) &&
                   near_step(found("divergence"), label, "onset_step"));
    if (str_is(word, "loss_spike"))
        return yes(found("spikes") != NULL);
    if (str_is(word, "lr_schedule_visible"))
        return found("lr_schedule") ? AGREES : CANNOT_TELL; /* where no rate is logged */
    if (str_is(word, "plateau"))
        return levelled_off()                        ? AGREES
               : has("plateau", "insufficient_data") ? CANNOT_TELL
                                                     : DIFFERS;
    if (str_is(word, "no_learning"))
        return str_is(verdict, "Ineffective")    ? AGREES
               : str_is(verdict, "Undetermined") ? CANNOT_TELL
                                                 : DIFFERS;
    if (str_is(word, "collapse"))
        return yes(found("reward_decline") != NULL);
    return NOT_JUDGED;
}

static void show(const char *key, const struct json *label, const char *id)
{
    static const char *const words[] = {"agrees", "DIFFERS", "cannot tell", "not judged"};

    printf("%s\n    %s: %s\n", key, id ? id : "(no experiment)",
           id ? member_text(&client, analysis, "verdict") : "");
    json_each (word, json_get(label, "labels")) {
        struct str text = json_text(&arena, word);
        enum agreement a = id ? judge(text, label) : CANNOT_TELL;
        printf("    %-20.*s %s\n", STR_FMT(text), words[a]);
        /* what must hold */
        bool flagged = (str_is(text, "healthy") || str_is(text, "noisy_but_fine")) && a == DIFFERS;
        bool missed = (str_is(text, "overfitting") || str_is(text, "divergence")) && a != AGREES;
        cr_expect(!flagged, "%s is %.*s and gets a medium or worse finding", key, STR_FMT(text));
        cr_expect(!missed, "%s: %.*s is not found", key, STR_FMT(text));
    }
}

Test(labels, no_sound_run_is_flagged_and_what_a_person_saw_is_found, .timeout = 600)
{
    const char *shared = getenv("POSTRUN_SHARED") ? getenv("POSTRUN_SHARED") : "../shared";

    arena_init(&arena);
    const char *path = arena_printf(&arena, "%s/data/truth/labels.json", shared);
    if (access(path, R_OK) == 0) {
        const struct json *labels = json_get(read_json(path), "labels");
        const struct json *series =
            read_json(arena_printf(&arena, "%s/data/truth/series.json", shared));
        client_open(&client, arena_printf(&arena, "%s/data/files", shared));
        json_each (label, labels) {
            listing = client_call(&client, "list_experiments", "{\"limit\":1000}");
            cr_assert(listing, "%s", client.err.msg);
            const char *key = arena_text(&arena, label->key);
            struct str file = json_text(&arena, json_get(json_get(series, key), "file"));
            const char *id = file.n ? experiment_of(file) : NULL;
            if (id) {
                analysis =
                    client_call(&client, "analyze_experiment",
                                arena_printf(&arena, "{\"expId\":\"%s\",\"detail\":\"full\"}", id));
                cr_assert(analysis, "%s: %s", id, client.err.msg);
            }
            show(key, label, id);
        }
        client_close(&client);
    }
    arena_fini(&arena);
}
