#include "analysis/readers/wandbrun.h"

#include "analysis/base/limits.h"
#include "analysis/experiment.h"
#include "analysis/files.h"
#include "analysis/readers/wire.h"
#include "analysis/when.h"

/* ---- items ---- */

struct wandb_item wandb_item_read(struct str message, struct arena *arena)
{
    struct wire wire = wire_of(message);
    struct wire_field field;
    struct wandb_item item = {0};
    struct str nested = {0};

    while (wire_next(&wire, &field)) {
        if (!wire_has_bytes(&field))
            continue;
        if (wire_number(&field) == 1)
            item.name = field.bytes;
        else if (wire_number(&field) == 2 && !nested.p)
            nested = field.bytes;
        else if (wire_number(&field) == 2)
            nested =
                str_of(arena_printf(arena, "%.*s.%.*s", STR_FMT(nested), STR_FMT(field.bytes)));
        else if (wire_number(&field) == 16)
            item.json = field.bytes;
    }
    if (item.name.n == 0)
        item.name = nested;
    return wire.fault ? (struct wandb_item){0} : item;
}

/* Some writers put the whole summary behind each row, so a value that fits takes no more room. */
static void keep(struct wandb_run *run, struct wandb_kept *kept, struct str json)
{
    if (json.n > kept->room) {
        kept->room = json.n * 2;
        kept->bytes = arena_alloc(run->arena, kept->room);
    }
    if (json.n > 0)
        memcpy(kept->bytes, json.p, json.n);
    kept->item.json = (struct str){kept->bytes, json.n};
}

static void put_item(struct wandb_run *run, struct wandb_items *items, struct str message)
{
    struct wandb_item item = wandb_item_read(message, run->scratch);
    struct wandb_kept fresh = {0};
    struct err err;

    if (item.name.n == 0 || str_starts(item.name, STR("_wandb")) ||
        !json_parse(run->scratch, item.json, JSON_STRICT, DATA_DEPTH_MAX, &err))
        return;
    for (size_t i = 0; i < items->list.n; i++) {
        if (str_eq(items->list.v[i].item.name, item.name)) {
            keep(run, &items->list.v[i], item.json);
            return;
        }
    }
    if (items->list.n == KEYS_MAX) {
        items->dropped++;
        return;
    }
    fresh.item.name = arena_str(run->arena, item.name);
    keep(run, &fresh, item.json);
    VEC_PUSH(run->arena, &items->list, fresh);
}

static void put_items(struct wandb_run *run, struct wandb_items *items, struct str record)
{
    struct wire wire = wire_of(record);
    struct wire_field field;

    while (wire_next(&wire, &field)) {
        if (wire_is(&field, 1, WIRE_BYTES))
            put_item(run, items, field.bytes);
    }
}

void wandb_take_config(struct wandb_run *run, struct str record)
{
    put_items(run, &run->config, record);
}

void wandb_take_summary(struct wandb_run *run, struct str record)
{
    put_items(run, &run->summary, record);
}

/* ---- the run and its end ---- */

/* google.protobuf.Timestamp as ms; 0 if it is none. */
static int64_t timestamp(struct str message)
{
    struct wire_field seconds, nanos;

    if (!wire_find(message, 1, WIRE_VARINT, &seconds) || seconds.value > 253402300799u)
        return 0;
    if (!wire_find(message, 2, WIRE_VARINT, &nanos) || nanos.value > 999999999)
        nanos.value = 0;
    return (int64_t)(seconds.value * 1000 + nanos.value / 1000000);
}

void wandb_take_run(struct wandb_run *run, struct str record)
{
    static const struct {
        uint32_t number;
        enum fact fact;
    } facts[] = {{1, FACT_RUN_ID},   {3, FACT_PROJECT},  {6, FACT_GROUP},
                 {7, FACT_JOB_TYPE}, {8, FACT_RUN_NAME}, {13, FACT_HOST}};
    struct wire wire = wire_of(record);
    struct wire_field field;
    struct buf tags = {0};

    wandb_take_config(run, wire_bytes(record, 4));
    if (run->has_run) /* written again when it is updated */
        return;
    run->has_run = true;
    while (wire_next(&wire, &field)) {
        if (!wire_has_bytes(&field) || field.bytes.n == 0)
            continue;
        for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
            if (wire_number(&field) == facts[i].number)
                feed_fact(run->feed, facts[i].fact, field.bytes);
        }
        if (wire_number(&field) == 10) {
            buf_puts(&tags, tags.n ? ", " : "");
            buf_add(&tags, field.bytes);
        }
    }
    if (tags.n > 0)
        feed_fact(run->feed, FACT_TAGS, buf_str(&tags));
    buf_fini(&tags);
    run->started = timestamp(wire_bytes(record, 17));
    if (run->started > 0)
        feed_fact_number(run->feed, FACT_STARTED, run->started);
}

void wandb_take_exit(struct wandb_run *run, struct str record)
{
    struct wire_field code, runtime;

    if (run->has_exit)
        return;
    run->has_exit = true;
    if (!wire_find(record, 1, WIRE_VARINT, &code))
        code.value = 0;
    feed_fact_number(run->feed, FACT_EXIT_CODE, (int32_t)(uint32_t)code.value);
    if (run->started > 0 && wire_find(record, 2, WIRE_VARINT, &runtime) &&
        runtime.value < UINT32_MAX)
        feed_fact_number(run->feed, FACT_ENDED, run->started + (int64_t)runtime.value * 1000);
}

/* ---- neighbours ---- */

/* A file of the run: below files/ beside the log, or beside it. Empty if it is not there. */
static struct str neighbour(const struct wandb_run *run, const struct source *source,
                            const char *name)
{
    static const char *const folders[] = {"files/", ""};
    const char *slash = strrchr(source->path, '/');
    int n = slash ? (int)(slash - source->path) + 1 : 0;
    struct str text;
    struct err err;

    for (size_t i = 0; i < 2; i++) {
        bool found;
        const char *path =
            arena_printf(run->scratch, "%.*s%s%s", n, source->path, folders[i], name);
        if (file_read(source->dir, path, SMALL_FILE_MAX, run->scratch, &text, NULL, &found, &err) &&
            found)
            return text;
    }
    return (struct str){0};
}

/* config.yaml: {name: {desc, value}}. */
static void tell_yaml(struct wandb_run *run, struct str text)
{
    struct str json;
    struct err err;

    if (text.n == 0 || !config_to_json(text, run->scratch, &json, &err))
        return;
    const struct json *all = json_parse(run->scratch, json, JSON_STRICT, DATA_DEPTH_MAX, &err);
    if (!all || all->kind != JSON_OBJECT)
        return;
    json_each (member, all) {
        const struct json *value = json_get(member, "value");
        if (value && !str_is(member->key, "_wandb"))
            feed_setting(run->feed, "config.yaml", member->key, value->raw);
    }
}

static void tell_text(struct wandb_run *run, enum fact fact, const struct json *value)
{
    struct str text = json_text(run->scratch, value);

    if (text.n > 0)
        feed_fact(run->feed, fact, text);
}

/* The program with its arguments, as one would type it. */
static void tell_command(struct wandb_run *run, const struct json *all)
{
    const struct json *args = json_get(all, "args");
    struct buf line = {0};

    buf_add(&line, json_text(run->scratch, json_get(all, "program")));
    if (args && args->kind == JSON_ARRAY) {
        json_each (arg, args) {
            buf_byte(&line, ' ');
            buf_add(&line, json_text(run->scratch, arg));
        }
    }
    if (line.n > 0)
        feed_fact(run->feed, FACT_COMMAND, buf_str(&line));
    buf_fini(&line);
}

static void tell_metadata(struct wandb_run *run, struct str text, bool has_diff)
{
    struct err err;
    int64_t ms;
    const struct json *all =
        text.n ? json_parse(run->scratch, text, JSON_DATA, DATA_DEPTH_MAX, &err) : NULL;

    if (!all || all->kind != JSON_OBJECT)
        return;
    const struct json *git = json_get(all, "git"), *host = json_get(all, "host");
    if (!run->has_run) {
        tell_text(run, FACT_HOST, host);
        if (when_read(json_text(run->scratch, json_get(all, "startedAt")), &ms, NULL))
            feed_fact_number(run->feed, FACT_STARTED, ms);
    }
    tell_text(run, FACT_USER, json_get(all, "username"));
    tell_text(run, FACT_PROGRAM, json_get(all, "program"));
    tell_text(run, FACT_GIT_COMMIT, json_get(git, "commit"));
    tell_text(run, FACT_GIT_REMOTE, json_get(git, "remote"));
    tell_command(run, all);
    if (git) /* W&B writes diff.patch when the tree differs from the commit */
        feed_fact(run->feed, FACT_GIT_DIFF, has_diff ? STR("present") : STR("none"));
}

void wandb_tell(struct wandb_run *run, const struct source *source)
{
    for (size_t i = 0; i < run->config.list.n; i++)
        feed_setting(run->feed, "config", run->config.list.v[i].item.name,
                     run->config.list.v[i].item.json);
    if (run->config.dropped > 0)
        feed_note(run->feed, "the configuration has more than %d keys", KEYS_MAX);
    if (run->config.list.n == 0)
        tell_yaml(run, neighbour(run, source, "config.yaml"));
    tell_metadata(run, neighbour(run, source, "wandb-metadata.json"),
                  neighbour(run, source, "diff.patch").n > 0);
}
