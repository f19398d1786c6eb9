#include "analysis/readers/lmresults.h"

#include "analysis/base/limits.h"
#include "analysis/readers/sniff.h"

bool lmresults_fit(struct str head)
{
    head = sniff_text(head);
    return str_starts(head, STR("{")) && str_has(str_cut(head, 64), STR("\"results\"")) &&
           (str_has(head, STR("_stderr")) || str_has(head, STR("\"alias\"")));
}

bool lmresults_step_in(struct str text, int64_t *step)
{
    static const char *const marks[] = {"step", "checkpoint-", "checkpoint_"};

    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        const char *at = text.n ? memmem(text.p, text.n, marks[i], strlen(marks[i])) : NULL;
        if (!at)
            continue;
        at += strlen(marks[i]);
        if (at < text.p + text.n && (*at == '_' || *at == '-' || *at == '='))
            at++;
        int digits = 0;
        for (*step = 0; at < text.p + text.n && (unsigned char)(*at - '0') < 10 && digits < 15;
             at++, digits++)
            *step = *step * 10 + (*at - '0');
        if (digits > 0)
            return true;
    }
    return false;
}

const struct json *lmresults_parse(struct str text, const char *path, struct arena *arena,
                                   struct err *err)
{
    const struct json *all = json_parse(arena, text, JSON_DATA, DATA_DEPTH_MAX, err);
    const struct json *results = json_get(all, "results");

    if (!all) {
        err_wrap(err, "%s", path);
        return NULL;
    }
    if (!results || results->kind != JSON_OBJECT) {
        err_set(err, ERR_FORMAT, "%s has no results", path);
        return NULL;
    }
    return all;
}

struct str lmresults_model(const struct json *all, struct arena *arena)
{
    const struct json *args = json_get(json_get(all, "config"), "model_args");

    return args && args->kind == JSON_OBJECT ? args->raw : json_text(arena, args);
}

bool lmresults_step(const char *name, const struct json *all, struct arena *arena, int64_t *step)
{
    return lmresults_step_in(str_of(name), step) ||
           lmresults_step_in(lmresults_model(all, arena), step);
}

const char *lmresults_leaf(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}
