/*
 * Which claims of the tree's files make one experiment: the smallest folder
 * that holds together. Made anew from the tree whenever something changed in
 * it; touches no disk.
 */
#include <ctype.h>

#include "analysis/base/vec.h"
#include "analysis/side.h"
#include "analysis/walk_tree.h"
#include "analysis/walk_wandb.h"
#include "analysis/when.h"

/* What the name of a folder makes of it, below a folder that is a run. */
enum part {
    PART_NONE,       /* may be a run of its own */
    PART_SPLIT,      /* train, validation …: one side of a run */
    PART_CHECKPOINT, /* holds the run's history so far */
    PART_SIDE,       /* where programs put a run's logs, next to the run's own files */
};

struct member {
    const struct folder *folder;
    const struct claim *claim;
};

/* A run while its files are gathered. */
struct unit {
    const struct folder *home;
    VEC(struct member) members;
};

struct gathering {
    struct arena *arena;
    VEC(struct walk_found) found;
};

/* ---- names ---- */

static bool is_one_of(const char *name, const char *const *words)
{
    for (; *words; words++) {
        if (strcmp(name, *words) == 0)
            return true;
    }
    return false;
}

/* "checkpoint-500", "checkpoint_1000" */
static bool is_checkpoint(const char *name)
{
    const size_t n = strlen("checkpoint");

    return strncmp(name, "checkpoint", n) == 0 && (name[n] == '-' || name[n] == '_') &&
           isdigit((unsigned char)name[n + 1]);
}

static enum part part_of(const struct folder *f)
{
    static const char *const sides[] = {
        "tensorboard_logs", "tensorboard", "tb",       "tb_logs", "logs",    "log",
        "events",           "files",       "runs",     "wandb",   "dvclive", "plots",
        "metrics",          "vis_data",    "csv_logs", NULL};
    const char *above = f->parent ? f->parent->name : "";

    if (side_is_name(str_of(f->name)))
        return PART_SPLIT;
    if (is_checkpoint(f->name))
        return PART_CHECKPOINT;
    if (is_one_of(f->name, sides) || (strcmp(above, "wandb") == 0 && wandb_run_folder(f->name)) ||
        strcmp(above, "runs") == 0)
        return PART_SIDE;
    return PART_NONE;
}

/* The id of a folder: names from the root down; a link counts by its own name. */
static const char *id_of(struct arena *arena, const struct folder *f)
{
    const char *id = walk_shown(arena, str_of(f->name));

    for (const struct folder *up = f->parent; up && up->parent; up = up->parent)
        id = arena_printf(arena, "%s/%s", walk_shown(arena, str_of(up->name)), id);
    return id;
}

/* The id of something in a folder; in the root it stands alone. */
static const char *id_in(struct arena *arena, const struct folder *f, const char *name)
{
    const char *shown = walk_shown(arena, str_of(name));

    return f->parent ? arena_printf(arena, "%s/%s", id_of(arena, f), shown) : shown;
}

/* ---- times ---- */

/* The seconds in "events.out.tfevents.1622543341.host…" */
static bool time_in_file(const char *name, int64_t *ms)
{
    static const char mark[] = "tfevents.";
    const char *at = strstr(name, mark);
    double seconds = 0;
    int digits = 0;

    if (!at)
        return false;
    for (at += sizeof(mark) - 1; isdigit((unsigned char)*at) && digits < 11; at++, digits++)
        seconds = seconds * 10 + (*at - '0');
    return digits == 10 && when_number(seconds, ms);
}

/* "run-20230723_013750-mxaehod4" */
static bool time_in_folder(const char *name, int64_t *ms)
{
    char text[16] = {0};
    const char *at = wandb_run_folder(name) ? strstr(name, "run-") : NULL;

    if (when_in_id(str_of(name), ms))
        return true;
    if (!at || strlen(at + 4) < 15 || at[12] != '_')
        return false;
    memcpy(text, at + 4, 15);
    text[8] = '-';
    return when_in_id(str_of(text), ms);
}

static struct created created_of(const struct unit *unit)
{
    struct created out = {.ms = INT64_MAX, .from = "id"};
    int64_t ms;

    if (time_in_folder(unit->home->name, &out.ms))
        return out;
    out.from = "a file's name";
    for (size_t i = 0; i < unit->members.n; i++) {
        const struct member *m = &unit->members.v[i];
        if ((time_in_file(m->claim->name, &ms) || time_in_folder(m->folder->name, &ms)) &&
            ms < out.ms)
            out.ms = ms;
    }
    if (out.ms < INT64_MAX)
        return out;
    out.from = "oldest file";
    for (size_t i = 0; i < unit->members.n; i++) {
        ms = unit->members.v[i].claim->modified_ns / 1000000;
        out.ms = ms < out.ms ? ms : out.ms;
    }
    return out;
}

/* ---- emitting ---- */

/* The file's path below the unit's folder, in real names. */
static const char *path_below(struct arena *arena, const struct folder *home,
                              const struct member *m)
{
    const char *path = m->claim->name;

    for (const struct folder *f = m->folder; f != home; f = f->parent)
        path = arena_printf(arena, "%s/%s", f->name, path);
    return path;
}

/* Another member is a log of W&B of the same name: the same run, resumed. */
static bool is_continued(const struct unit *unit, const struct claim *claim)
{
    for (size_t i = 0; str_ends(str_of(claim->name), STR(".wandb")) && i < unit->members.n; i++) {
        const struct claim *other = unit->members.v[i].claim;
        if (other != claim && strcmp(other->name, claim->name) == 0)
            return true;
    }
    return false;
}

static void emit(struct gathering *g, const struct unit *unit, const char *id, const char *part,
                 const char *run)
{
    struct walk_source *sources = ARENA_ARRAY(g->arena, unit->members.n, struct walk_source);

    for (size_t i = 0; i < unit->members.n; i++) {
        const struct member *m = &unit->members.v[i];
        sources[i] = (struct walk_source){path_below(g->arena, unit->home, m),
                                          m->claim->reader,
                                          run,
                                          arena_text(g->arena, str_of(m->claim->why)),
                                          m->claim->score,
                                          is_continued(unit, m->claim)};
    }
    VEC_PUSH(g->arena, &g->found,
             (struct walk_found){.id = id,
                                 .path = arena_text(g->arena, str_of(unit->home->path)),
                                 .part = part,
                                 .created = created_of(unit),
                                 .sources = sources,
                                 .sources_n = unit->members.n});
}

/* One file that is a run by itself; run: which of those in it, or NULL. */
static void emit_file(struct gathering *g, const struct folder *f, const struct claim *claim,
                      const char *run)
{
    struct unit unit = {.home = f};
    const char *id = id_in(g->arena, f, claim->name), *part = claim->name;

    VEC_PUSH(g->arena, &unit.members, (struct member){f, claim});
    if (run) {
        run = arena_text(g->arena, str_of(run));
        id = arena_printf(g->arena, "%s/%s", id, walk_shown(g->arena, str_of(run)));
        part = arena_printf(g->arena, "%s\n%s", claim->name, run);
    }
    emit(g, &unit, id, arena_text(g->arena, str_of(part)), run);
}

/* ---- one folder ---- */

static bool is_part(const struct claim *claim)
{
    return claim->reader && claim->reader->unit == UNIT_PART;
}

/* Not alone in its folder: there is another file of the format, each a run. */
static bool has_twin(const struct folder *f, const struct claim *claim)
{
    for (size_t i = 0; i < claims_count(f->claims); i++) {
        const struct claim *other = claims_get(f->claims, i);
        if (other != claim && other->reader == claim->reader &&
            !side_joins(other->name, claim->name))
            return true;
    }
    return false;
}

/* A claim that makes its folder a run. */
static bool makes_run(const struct folder *f, const struct claim *claim)
{
    if (!claim->reader || is_part(claim) || claim->reader->unit == UNIT_MANY)
        return false;
    return claim->reader->unit == UNIT_FOLDER || !has_twin(f, claim);
}

static bool is_run(const struct folder *f)
{
    for (size_t i = 0; i < claims_count(f->claims); i++) {
        if (makes_run(f, claims_get(f->claims, i)))
            return true;
    }
    return false;
}

/* A folder without a log of its own that is a run: two sides of one, or its checkpoints. */
static bool is_made_of_parts(const struct folder *f)
{
    size_t splits = 0, checkpoints = 0;

    for (size_t i = 0; i < f->n; i++) {
        const struct folder *child = f->child[i];
        enum part part = child->experiment || !is_run(child) ? PART_NONE : part_of(child);
        splits += part == PART_SPLIT;
        checkpoints += part == PART_CHECKPOINT;
    }
    return splits >= 2 || checkpoints >= 1;
}

static void take(struct gathering *g, struct unit *unit, const struct folder *f, bool parts_only)
{
    for (size_t i = 0; i < claims_count(f->claims); i++) {
        const struct claim *claim = claims_get(f->claims, i);
        if (is_part(claim) || (!parts_only && makes_run(f, claim)))
            VEC_PUSH(g->arena, &unit->members, (struct member){f, claim});
    }
}

/* Files that are runs by themselves, whatever the folder is. */
static void emit_files(struct gathering *g, const struct folder *f)
{
    for (size_t i = 0; i < claims_count(f->claims); i++) {
        const struct claim *claim = claims_get(f->claims, i);
        if (!claim->reader || is_part(claim) || makes_run(f, claim))
            continue;
        if (claim->reader->unit == UNIT_FILE)
            emit_file(g, f, claim, NULL);
        for (size_t r = 0; claim->reader->unit == UNIT_MANY && r < claim->runs.n; r++)
            emit_file(g, f, claim, claim->runs.v[r]);
    }
}

/* Runs of W&B in f that were resumed: called as the first folder; the last comes first, for it
 * tells how the run stands. */
static void emit_resumed(struct gathering *g, const struct folder *f,
                         const struct wandb_resumed *resumed)
{
    for (size_t i = 0, n; i < resumed->n; i += n) {
        const struct folder *first = resumed->v[i];
        struct unit unit = {.home = f};
        n = wandb_run_from(resumed, i);
        for (size_t k = n; k-- > 0;)
            take(g, &unit, resumed->v[i + k], false);
        emit(g, &unit, id_of(g->arena, first), arena_text(g->arena, str_of(first->name)), NULL);
    }
}

/* above: the run that takes in the files of its parts; NULL: f is no part of one. */
static void settle(struct gathering *g, const struct folder *f, struct unit *above)
{
    struct unit own = {.home = f}, *unit = above;
    struct wandb_resumed resumed = {0};

    if (!f->path || wandb_copy(f))
        return;
    if (f->experiment) {
        VEC_PUSH(g->arena, &g->found,
                 (struct walk_found){.id = id_of(g->arena, f),
                                     .path = arena_text(g->arena, str_of(f->path)),
                                     .created = f->created});
        return;
    }
    emit_files(g, f);
    if (!unit && (is_run(f) || is_made_of_parts(f)))
        unit = &own;
    if (unit)
        take(g, unit, f, false);
    if (!unit) {
        resumed = wandb_resumed(f, g->arena);
        emit_resumed(g, f, &resumed);
    }
    for (size_t i = 0; i < f->n; i++) {
        const struct folder *child = f->child[i];
        if (wandb_is_resumed(&resumed, child))
            continue;
        bool belongs = unit && !child->link && !child->experiment && part_of(child) != PART_NONE &&
                       !wandb_several_runs(child);
        if (unit && !belongs && !child->experiment && child->path && !is_run(child))
            take(g, unit, child, true); /* a configuration in a folder of its own */
        settle(g, child, belongs ? unit : NULL);
    }
    if (unit == &own)
        emit(g, &own, id_of(g->arena, f), NULL, NULL);
}

void walk_list(const struct walk *walk, struct arena *arena, struct walk_found **out, size_t *n)
{
    struct gathering g = {.arena = arena};

    settle(&g, walk->root, NULL);
    *out = g.found.v;
    *n = g.found.n;
}

/* ---- what is no run ---- */

struct refusing {
    struct arena *arena;
    VEC(struct walk_refused) v;
    size_t most, total;
};

static void refuse(struct refusing *r, const struct folder *f)
{
    for (size_t i = 0; i < claims_count(f->claims); i++) {
        const struct claim *claim = claims_get(f->claims, i);
        if (claim->reader || !*claim->why || r->total++ >= r->most)
            continue;
        const char *path = strcmp(f->path, ".") == 0
                               ? claim->name
                               : arena_printf(r->arena, "%s/%s", f->path, claim->name);
        VEC_PUSH(r->arena, &r->v,
                 (struct walk_refused){walk_shown(r->arena, str_of(path)),
                                       arena_text(r->arena, str_of(claim->why))});
    }
    for (size_t i = 0; i < f->n; i++)
        refuse(r, f->child[i]);
}

size_t walk_refused(const struct walk *walk, struct arena *arena, size_t most,
                    struct walk_refused **out, size_t *n)
{
    struct refusing r = {.arena = arena, .most = most};

    refuse(&r, walk->root);
    *out = r.v.v;
    *n = r.v.n;
    return r.total;
}
