#include "tools/answer.h"
#include "analysis/sources.h"
#include "analysis/when.h"

#include <math.h>
#include <sys/stat.h>

bool open_experiment(struct call *call, const char *id, const struct experiment **out,
                     struct err *err)
{
    struct experiment *copy = ARENA_NEW(call->arena, struct experiment);

    if (call->known && strcmp(call->known->id, id) == 0)
        *out = call->known;
    else if (!catalog_find(call->desk->catalog, id, call->arena, out, err))
        return false;
    *copy = **out;
    copy->cancelled = call->cancelled;
    experiment_learn(copy, 0, call->arena);
    *out = copy;
    return true;
}

bool experiment_known(struct call *call, const char *id, const struct experiment **out)
{
    if (!catalog_known(call->desk->catalog, id, call->arena, out))
        return false;
    call->known = *out;
    return true;
}

bool experiment_ready(struct call *call, const void *args)
{
    const char *id; /* the first member: F_EXP_ID's */
    const struct experiment *experiment;

    memcpy(&id, args, sizeof(id));
    return experiment_known(call, id, &experiment) && experiment->sources_n == 0;
}

struct str finish(struct buf *buf, struct arena *arena)
{
    struct str text = arena_str(arena, buf_str(buf));

    buf_fini(buf);
    return text;
}

/* ---- named values ---- */

void put_integer(struct buf *out, const char *name, int64_t value)
{
    json_put_key(out, name);
    json_put_integer(out, value);
}

void put_number(struct buf *out, const char *name, double value)
{
    if (isnan(value))
        return;
    json_put_key(out, name);
    json_put_number(out, value);
}

void put_strings(struct buf *out, const struct strs *list)
{
    buf_byte(out, '[');
    for (size_t i = 0; i < list->n; i++) {
        json_put_comma(out);
        json_put_string(out, str_of(list->v[i]));
    }
    buf_byte(out, ']');
}

/* ---- coverage ---- */

static void put_sources(struct buf *out, const struct coverage *c)
{
    if (c->sources.n == 0)
        return;
    json_put_key(out, "sources");
    buf_byte(out, '[');
    for (size_t i = 0; i < c->sources.n; i++) {
        const struct coverage_source *s = &c->sources.v[i];
        json_put_comma(out);
        buf_puts(out, "{\"path\":");
        json_put_string(out, str_of(s->path));
        buf_puts(out, ",\"format\":");
        json_put_string(out, str_of(s->format));
        buf_puts(out, ",\"why\":");
        json_put_string(out, str_of(s->why));
        buf_byte(out, '}');
    }
    buf_byte(out, ']');
}

static void put_troubles(struct buf *out, const struct coverage *c)
{
    if (c->non_finite.n) {
        json_put_key(out, "nonFinite");
        buf_byte(out, '[');
        for (size_t i = 0; i < c->non_finite.n; i++) {
            json_put_comma(out);
            buf_puts(out, "{\"key\":");
            json_put_string(out, str_of(c->non_finite.v[i].key));
            put_integer(out, "count", c->non_finite.v[i].count);
            put_integer(out, "firstStep", c->non_finite.v[i].first_step);
            buf_byte(out, '}');
        }
        buf_byte(out, ']');
    }
    if (c->malformed.count) {
        buf_printf(out, "%s\"malformed\":{\"count\":%lld,\"first\":{\"path\":",
                   out->p[out->n - 1] == '{' ? "" : ",", (long long)c->malformed.count);
        json_put_string(out, str_of(c->malformed.path));
        if (c->malformed.line != NOT_GIVEN) /* read from the end, lines have no numbers */
            put_integer(out, "line", c->malformed.line);
        buf_puts(out, ",\"reason\":");
        json_put_string(out, str_of(c->malformed.reason));
        buf_puts(out, "}}");
    }
    if (c->restarts.n) {
        json_put_key(out, "restarts");
        buf_byte(out, '[');
        for (size_t i = 0; i < c->restarts.n; i++)
            buf_printf(out, "%s{\"step\":%lld,\"previousStep\":%lld}", i ? "," : "",
                       (long long)c->restarts.v[i].step, (long long)c->restarts.v[i].previous_step);
        buf_byte(out, ']');
        if (c->restarts_total > (int64_t)c->restarts.n)
            put_integer(out, "restartsTotal", c->restarts_total);
    }
    if (c->duplicates)
        put_integer(out, "duplicates", c->duplicates);
}

static void put_texts(struct buf *out, const char *name, const char *const *v, size_t n)
{
    const struct strs list = {v, n};

    if (n == 0)
        return;
    json_put_key(out, name);
    put_strings(out, &list);
}

struct str coverage_json(const struct coverage *c, struct arena *arena)
{
    struct buf out = {0};

    buf_byte(&out, '{');
    put_sources(&out, c);
    if (c->points_read != NOT_GIVEN)
        put_integer(&out, "pointsRead", c->points_read);
    if (c->points_returned != NOT_GIVEN)
        put_integer(&out, "pointsReturned", c->points_returned);
    put_troubles(&out, c);
    put_texts(&out, "notLogged", c->not_logged.v, c->not_logged.n);
    put_texts(&out, "notes", c->notes.v, c->notes.n);
    buf_byte(&out, '}');
    return finish(&out, arena);
}

/* ---- summaries, texts, values ---- */

void put_summary(struct buf *out, struct str key, const struct summary *s)
{
    json_put_comma(out);
    json_put_string(out, key);
    buf_puts(out, ":{\"n\":");
    json_put_integer(out, s->n);
    put_integer(out, "finite", s->finite);
    if (s->finite > 0) {
        const struct {
            const char *name;
            double value;
        } numbers[] = {{"first", s->first}, {"last", s->last}, {"min", s->min}, {"max", s->max}};
        for (size_t i = 0; i < 4; i++) {
            json_put_key(out, numbers[i].name);
            json_put_number(out, numbers[i].value);
            if (i >= 2)
                put_integer(out, i == 2 ? "minStep" : "maxStep",
                            i == 2 ? s->min_step : s->max_step);
        }
        json_put_key(out, "meanLast10pct");
        json_put_number(out, s->mean_last_tenth);
    }
    if (s->ends_non_finite)
        buf_puts(out, ",\"endsNonFinite\":true");
    buf_byte(out, '}');
}

/* Length of an escape sequence (ECMA-48 CSI, or a lone ESC with its letter) at the start. */
static size_t escape_sequence(struct str s)
{
    size_t n = 1;

    if (s.p[0] != 0x1b)
        return 0;
    if (s.n > 1 && s.p[1] == '[') {
        n = 2;
        while (n < s.n && ((unsigned char)s.p[n] < 0x40 || (unsigned char)s.p[n] > 0x7e))
            n++;
        return n < s.n ? n + 1 : n;
    }
    return s.n > 1 ? 2 : 1;
}

const char *clean_text(struct arena *arena, struct str text, size_t most)
{
    struct buf out = {0};

    while (text.n && out.n < most) {
        size_t n = utf8_length(text), skip = escape_sequence(text);
        if (skip) {
            text = str_from(text, skip);
            continue;
        }
        unsigned char c = (unsigned char)text.p[0];
        if (n == 0)
            buf_puts(&out, "\xef\xbf\xbd");
        else if (c >= 0x20 ? c != 0x7f : (c == '\n' || c == '\t'))
            buf_add(&out, str_cut(text, n));
        text = str_from(text, n ? n : 1);
    }
    if (text.n)
        buf_printf(&out, "… [%zu bytes more]", text.n);
    return finish(&out, arena).p;
}

void put_data(struct buf *out, const struct json *value)
{
    if (value->kind == JSON_OBJECT || value->kind == JSON_ARRAY) {
        buf_byte(out, value->kind == JSON_OBJECT ? '{' : '[');
        json_each (item, value) {
            json_put_comma(out);
            if (value->kind == JSON_OBJECT) {
                json_put_string(out, item->key);
                buf_byte(out, ':');
            }
            put_data(out, item);
        }
        buf_byte(out, value->kind == JSON_OBJECT ? '}' : ']');
        return;
    }
    char sign_or_first =
        value->raw.n ? value->raw.p[value->raw.p[0] == '-' && value->raw.n > 1] : 0;
    if (value->kind == JSON_NUMBER && (sign_or_first == 'N' || sign_or_first == 'I')) {
        json_put_string(out, value->raw);
        return;
    }
    if (value->kind == JSON_STRING &&
        (!utf8_valid(value->raw) || str_has(value->raw, STR("\\ud")) ||
         str_has(value->raw, STR("\\uD")))) {
        struct arena arena; /* what no strict reader takes is written anew */
        arena_init(&arena);
        json_put_string(out, json_text(&arena, value));
        arena_fini(&arena);
        return;
    }
    buf_add(out, value->raw);
}

const char *date_text(struct arena *arena, int64_t ms)
{
    char text[WHEN_TEXT_MAX];

    if (ms == NOT_GIVEN)
        return "unknown";
    when_print(ms, text);
    return arena_text(arena, str_of(text));
}

void fingerprint_metrics(const struct experiment *experiment, struct buf *key)
{
    if (experiment->sources_n == 0) {
        fingerprint_file(experiment, "dashboard_metrics/metrics.jsonl", key);
        return;
    }
    struct sources_state state =
        sources_look(experiment->dir, experiment->sources, experiment->sources_n);
    buf_printf(key, "%llx.%zx;", (unsigned long long)state.print, experiment->sources_n);
}

void fingerprint_file(const struct experiment *experiment, const char *path, struct buf *key)
{
    struct stat st;

    if (fstatat(experiment->dir, path, &st, 0) != 0) {
        buf_puts(key, "-;");
        return;
    }
    buf_printf(key, "%llx.%llx.%llx.%llx.%lx;", (unsigned long long)st.st_dev,
               (unsigned long long)st.st_ino, (unsigned long long)st.st_size,
               (unsigned long long)st.st_mtim.tv_sec, (unsigned long)st.st_mtim.tv_nsec);
}
