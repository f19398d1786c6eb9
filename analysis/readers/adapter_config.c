/*
 * adapter_config.json of PEFT: what an adapter trains. The weights beside it are
 * not opened here (safetensors.c reads the head of theirs), pickles never.
 */
#include "analysis/readers/reader.h"

#include "analysis/base/limits.h"
#include "analysis/readers/lines.h"
#include "analysis/readers/sniff.h"

static struct bid bid(const struct probe *probe, struct arena *arena)
{
    struct str head = sniff_text(probe->head);

    (void)arena;
    if (strcmp(probe->name, "adapter_config.json") != 0)
        return (struct bid){0, NULL};
    if (!str_starts(head, STR("{")) ||
        !(str_has(head, STR("\"peft_type\"")) || str_has(head, STR("\"target_modules\""))))
        return (struct bid){0, "it has neither a peft_type nor target_modules"};
    return (struct bid){90, "its name fits, and it has a peft_type or target_modules"};
}

/* "q_proj, v_proj" of a list, or the text itself. */
static struct str names_of(const struct json *value, struct arena *arena, struct buf *out)
{
    if (value && value->kind == JSON_ARRAY) {
        json_each (item, value) {
            buf_puts(out, out->n ? ", " : "");
            buf_add(out, str_cut(json_text(arena, item), 80));
        }
    } else {
        buf_add(out, str_cut(json_text(arena, value), 400));
    }
    return buf_str(out);
}

static void tell(const struct json *all, struct feed *feed, struct arena *arena)
{
    struct buf modules = {0};
    struct str model = json_text(arena, json_get(all, "base_model_name_or_path"));
    struct str type = json_text(arena, json_get(all, "peft_type"));
    int64_t rank;

    feed_config(feed, "adapter_config.json", all->raw);
    if (model.n > 0)
        feed_fact(feed, FACT_MODEL, model);
    struct str names = names_of(json_get(all, "target_modules"), arena, &modules);
    if (json_integer(json_get(all, "r"), &rank))
        feed_note(feed, "an adapter (%.*s) of rank %lld on %.*s",
                  STR_FMT(type.n ? type : STR("of an unknown kind")), (long long)rank,
                  STR_FMT(names.n ? str_cut(names, 400) : STR("modules that are not named")));
    buf_fini(&modules);
}

static bool read_source(const struct source *source, struct feed *feed, struct err *err)
{
    struct arena arena;
    struct str text;

    arena_init(&arena);
    bool ok = source_text(source, SMALL_FILE_MAX, &arena, &text, err);
    const struct json *all = ok ? json_parse(&arena, text, JSON_STRICT, DATA_DEPTH_MAX, err) : NULL;
    if (all && all->kind == JSON_OBJECT)
        tell(all, feed, &arena);
    else if (ok)
        ok = all ? err_set(err, ERR_FORMAT, "%s is no JSON object", source->path)
                 : err_wrap(err, "%s", source->path);
    arena_fini(&arena);
    return ok;
}

const struct reader reader_adapter_config = {
    .name = "adapter_config",
    .what = "adapter_config.json of PEFT: an adapter's rank, modules and base model.",
    .unit = UNIT_PART,
    .bid = bid,
    .read = read_source,
};
