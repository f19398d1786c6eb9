/*
 * Whether a run is over, from what it left. A status file alone is not
 * believed: the trainer's last flush can write "training" over "completed", and
 * a killed run says "training" for ever.
 */
#include "analysis/evidence.h"

#include <fcntl.h>
#include <math.h>
#include <unistd.h>

#include "analysis/files.h"
#include "analysis/held.h"
#include "analysis/when.h"

static const int64_t minute_ms = 60000, fresh_ms = 10 * 60000, day_ms = 86400000;

static void newer(struct evidence *ev, const struct json *at, const char *from, struct arena *arena)
{
    double number;
    int64_t ms;
    bool known = json_number(at, &number)
                     ? when_number(number, &ms)
                     : at && at->kind == JSON_STRING && when_read(json_text(arena, at), &ms, NULL);

    if (known && (ev->last_ms == NOT_GIVEN || ms > ev->last_ms)) {
        ev->last_ms = ms;
        ev->last_from = from;
    }
}

static void newer_file(struct evidence *ev, int64_t modified_ms)
{
    if (modified_ms != NOT_GIVEN && modified_ms > ev->newest_file_ms)
        ev->newest_file_ms = modified_ms;
}

static bool is_word(struct str word, const char *const *words)
{
    for (; *words; words++) {
        if (str_is(word, *words))
            return true;
    }
    return false;
}

static void ask_status(const struct experiment *e, struct arena *arena, struct evidence *ev)
{
    static const char *const over[] = {"completed", "complete", "finished", "done", NULL};
    static const char *const failed[] = {"failed", "crashed", "error", NULL};
    struct document status, latest;

    experiment_document(e, FILE_STATUS, arena, &status);
    experiment_document(e, FILE_LATEST, arena, &latest);
    newer_file(ev, status.modified_ms);
    newer_file(ev, latest.modified_ms);
    const struct json *word = json_get(status.json, "status");
    if (word && word->kind == JSON_STRING)
        ev->status = arena_text(arena, json_text(arena, word));
    if (ev->status && is_word(str_of(ev->status), over))
        ev->end_marker = arena_printf(arena, "status.json says %s", ev->status);
    if (ev->status && is_word(str_of(ev->status), failed))
        ev->failed = arena_printf(arena, "status.json says %s", ev->status);
    newer(ev, json_get(status.json, "start_time"), "status.start_time", arena);
    newer(ev, json_get(status.json, "last_update"), "status.last_update", arena);
    newer(ev, json_get(status.json, "end_time"), "status.end_time", arena);
    newer(ev, json_get(latest.json, "timestamp"), "latest.json", arena);
    double at, total;
    if (json_number(json_get(status.json, "current_step"), &at) &&
        json_number(json_get(status.json, "total_steps"), &total) && total > 0 && at / total >= 0 &&
        at / total <= 1)
        ev->progress = at / total;
}

static void ask_checkpoints(const struct experiment *e, struct arena *arena, struct evidence *ev)
{
    const struct checkpoint *c;
    size_t n;

    experiment_checkpoints(e, arena, &c, &n);
    for (size_t i = 0; i < n; i++) {
        newer_file(ev, c[i].modified_ms);
        if (strcmp(c[i].phase, "final") == 0 ||
            strcmp(c[i].filename, "rl_checkpoint_final.pth") == 0) {
            ev->final_checkpoint = c[i].filename;
            ev->final_ms = c[i].modified_ms;
        }
        if (strcmp(c[i].filename, "rl_checkpoint_interrupted.pth") == 0)
            ev->broken_off = arena_printf(arena, "checkpoint %s", c[i].filename);
    }
}

bool evidence_last(const struct rows_view *view, const char *key, double *value, int64_t *step)
{
    size_t at = rows_find(view, str_of(key));

    for (size_t row = rows_count(view); at != SIZE_MAX && row-- > 0;) {
        struct arena arena;
        struct series one;
        arena_init(&arena);
        rows_series(view, at, row, row + 1, &arena, &one);
        bool there = one.n == 1;
        if (there) {
            *value = one.value[0];
            *step = one.step[0];
        }
        arena_fini(&arena);
        if (there)
            return true;
    }
    return false;
}

/*
 * Epoch/Progress runs from 0 to 1 in each epoch while steps count on, so two
 * rows of one epoch tell how long an epoch is, and the step how many are done.
 */
static double epoch_progress(const struct experiment *e, const struct rows_view *view,
                             struct arena *arena)
{
    static const char *const names[] = {"EPOCHS", "NUM_EPOCHS", "epochs", "num_epochs",
                                        "num_train_epochs"};
    size_t key = rows_find(view, STR("Epoch/Progress"));
    double epochs = NAN;
    struct series s;

    if (key == SIZE_MAX)
        return NAN;
    rows_series(view, key, 0, rows_count(view), arena, &s);
    if (s.n < 2)
        return NAN;
    epochs = experiment_setting_of(e, names, sizeof(names) / sizeof(names[0]), arena);
    if (!(epochs >= 1))
        return NAN;
    double forward = s.value[s.n - 1] - s.value[s.n - 2];
    double steps = (double)(s.step[s.n - 1] - s.step[s.n - 2]);
    if (!(forward > 0) || !(steps > 0))
        return NAN;
    double done = (double)(s.step[s.n - 1] + 1) * forward / steps / epochs;
    return done >= 0 && done <= 1 ? done : (double)NAN;
}

void evidence_losses(const struct rows_view *view, struct arena *arena, struct evidence *ev)
{
    static const char *const losses[] = {"Losses/Total", "loss", "train_loss", "train/loss"};
    double value;
    int64_t step;

    for (size_t i = 0; i < sizeof(losses) / sizeof(losses[0]); i++) {
        if (!evidence_last(view, losses[i], &value, &step))
            continue;
        if (!isfinite(value))
            ev->non_finite =
                arena_printf(arena, "%s is %s in the last logged row (step %lld)", losses[i],
                             isnan(value) ? "NaN"
                             : value > 0  ? "Infinity"
                                          : "-Infinity",
                             (long long)step);
        break;
    }
}

static void ask_log(const struct experiment *e, int64_t now_ms, struct arena *arena,
                    struct evidence *ev)
{
    const struct rows_view *view;
    struct stat about;
    struct err err;
    double value;
    int64_t step, ms;

    int fd = file_open(e->dir, "dashboard_metrics/metrics.jsonl", O_PATH);
    if (fd >= 0 && fstat(fd, &about) == 0) {
        newer_file(ev, file_modified_ms(&about));
        ev->grows = e->held && held_grows(e->held, about.st_size, now_ms, fresh_ms);
    }
    if (fd >= 0)
        close(fd);
    if (!experiment_tail(e, 2, arena, &view, &err) || !view || rows_count(view) == 0)
        return;
    if (evidence_last(view, "timestamp", &value, &step) && when_number(value, &ms) &&
        (ev->last_ms == NOT_GIVEN || ms >= ev->last_ms)) {
        ev->last_ms = ms;
        ev->last_from = "the last point";
    }
    evidence_losses(view, arena, ev);
    if (isnan(ev->progress) && !ev->end_marker) /* at its end it is 1, whatever the epochs */
        ev->progress = epoch_progress(e, view, arena);
}

/* The trainer writes the history's timestamp last, so the file's end is enough. */
static void ask_history(const struct experiment *e, struct arena *arena, struct evidence *ev)
{
    char tail[256];
    struct stat about;
    struct err err;
    int fd = file_open(e->dir, "rl_metrics/rl_training_metrics.json", O_RDONLY);

    if (fd < 0)
        return;
    int64_t n = -1;
    if (fstat(fd, &about) == 0 && S_ISREG(about.st_mode)) {
        int64_t from =
            about.st_size > (int64_t)sizeof(tail) ? about.st_size - (int64_t)sizeof(tail) : 0;
        n = file_fill(fd, tail, sizeof(tail), from);
        newer_file(ev, file_modified_ms(&about));
    }
    close(fd);
    struct str text = str_trim((struct str){tail, n > 0 ? (size_t)n : 0}),
               mark = STR("\"timestamp\"");
    const char *at = memmem(text.p, text.n, mark.p, mark.n);
    if (!at || !str_ends(text, STR("}")))
        return;
    const char *object = arena_printf(arena, "{%.*s", (int)(text.p + text.n - at), at);
    const struct json *json = json_parse(arena, str_of(object), JSON_DATA, 4, &err);
    newer(ev, json_get(json, "timestamp"), "the RL history's timestamp", arena);
}

static const char *ago(struct arena *arena, int64_t ms)
{
    if (ms < 2 * minute_ms)
        return arena_printf(arena, "%lld seconds", (long long)(ms / 1000));
    if (ms < 120 * minute_ms)
        return arena_printf(arena, "%lld minutes", (long long)(ms / minute_ms));
    if (ms < 2 * day_ms)
        return arena_printf(arena, "%lld hours", (long long)(ms / (60 * minute_ms)));
    return arena_printf(arena, "%lld days", (long long)(ms / day_ms));
}

static const char *last_seen(const struct evidence *ev, int64_t now_ms, struct arena *arena)
{
    if (ev->last_ms == NOT_GIVEN)
        return "no time is inside the files";
    return arena_printf(arena, "%s is %s old", ev->last_from, ago(arena, now_ms - ev->last_ms));
}

/* A final checkpoint older than fresh points was left by a run that goes on since. */
static bool goes_on(const struct evidence *ev, int64_t now_ms)
{
    return !ev->end_marker && ev->last_ms != NOT_GIVEN && now_ms - ev->last_ms < fresh_ms &&
           ev->final_ms < ev->last_ms - fresh_ms;
}

static void finished(const struct evidence *ev, int64_t now_ms, struct arena *arena,
                     struct assessed *out)
{
    const char *why = ev->end_marker;

    out->state = "finished";
    if (ev->final_checkpoint)
        why = arena_printf(arena, "%s%sfinal checkpoint %s", why ? why : "", why ? "; " : "",
                           ev->final_checkpoint);
    if (!ev->end_marker && ev->status)
        why = arena_printf(arena, "%s; status.json still says %s, but %s", why, ev->status,
                           last_seen(ev, now_ms, arena));
    if (ev->non_finite)
        why = arena_printf(arena, "%s; %s", why, ev->non_finite);
    out->why = why;
}

/* No end marker: what its last time says. */
static void unfinished(const struct evidence *ev, int64_t now_ms, struct arena *arena,
                       struct assessed *out)
{
    int64_t age = ev->last_ms == NOT_GIVEN ? 0 : now_ms - ev->last_ms;
    const char *why = last_seen(ev, now_ms, arena);

    if (ev->grows) {
        out->state = "running";
        why = arena_printf(arena, "%s has grown between two looks", ev->log);
    } else if (ev->broken_off) {
        out->state = "interrupted";
        why = arena_printf(arena, "%s; %s", ev->broken_off, why);
    } else if (ev->last_ms == NOT_GIVEN) {
        out->state = "unknown";
        if (ev->newest_file_ms > 0 && ev->newest_file_ms <= now_ms)
            why =
                arena_printf(arena, "%s; its newest file was written %s ago, which copying changes",
                             why, ago(arena, now_ms - ev->newest_file_ms));
    } else if (age < -fresh_ms) {
        out->state = "unknown";
        why = arena_printf(arena, "%s lies in the future", ev->last_from);
    } else if (age >= day_ms && ev->mute) {
        out->state = "unknown";
        why = arena_printf(arena, "%s, and %s", why, ev->mute);
    } else {
        out->state = age < fresh_ms ? "running" : age < day_ms ? "stalled" : "interrupted";
        if (age >= fresh_ms)
            why =
                arena_printf(arena, "%s, and there is no end marker and no final checkpoint", why);
        else if (age < 0)
            why = arena_printf(arena, "%s is of just now", ev->last_from);
    }
    if (ev->status)
        why = arena_printf(arena, "%s; %s %s", why, ev->status_from, ev->status);
    out->why = why;
}

void experiment_assess(const struct experiment *e, int64_t now_ms, struct arena *arena,
                       struct assessed *out)
{
    struct evidence ev = {.last_ms = NOT_GIVEN,
                          .final_ms = INT64_MAX,
                          .progress = NAN,
                          .status_from = "status.json says",
                          .log = "metrics.jsonl"};

    if (e->sources_n > 0) {
        evidence_of_sources(e, now_ms, arena, &ev);
    } else {
        ask_status(e, arena, &ev);
        ask_checkpoints(e, arena, &ev);
        ask_log(e, now_ms, arena, &ev);
        ask_history(e, arena, &ev);
    }
    *out = (struct assessed){.as_of_ms = now_ms,
                             .last_update_ms = ev.last_ms,
                             .progress = ev.progress,
                             .written = ev.status};
    if ((ev.end_marker || ev.final_checkpoint) && !goes_on(&ev, now_ms)) {
        finished(&ev, now_ms, arena, out);
        out->ended = ev.end_marker ? ev.end_marker
                                   : arena_printf(arena, "checkpoint %s", ev.final_checkpoint);
        if (ev.end_marker)
            out->progress = 1;
    } else if (ev.failed) {
        out->state = "crashed";
        out->why = ev.failed;
    } else if (ev.non_finite && !ev.grows &&
               !(ev.last_ms != NOT_GIVEN && now_ms - ev.last_ms < fresh_ms)) {
        out->state = "crashed";
        out->why = arena_printf(arena, "%s; no end marker and no final checkpoint; %s",
                                ev.non_finite, last_seen(&ev, now_ms, arena));
    } else {
        unfinished(&ev, now_ms, arena, out);
    }
}
