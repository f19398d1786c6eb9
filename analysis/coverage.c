#include "analysis/coverage.h"

enum { RESTARTS_SHOWN = 20 };

void coverage_init(struct coverage *c, struct arena *arena)
{
    *c = (struct coverage){.arena = arena, .points_read = INT64_MIN, .points_returned = INT64_MIN};
}

void coverage_source(struct coverage *c, const char *path, const char *format, const char *why)
{
    for (size_t i = 0; i < c->sources.n; i++) {
        if (strcmp(c->sources.v[i].path, path) == 0)
            return;
    }
    VEC_PUSH(c->arena, &c->sources,
             (struct coverage_source){arena_text(c->arena, str_of(path)), format, why});
}

void coverage_note(struct coverage *c, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    const char *note = arena_vprintf(c->arena, format, args);
    va_end(args);
    for (size_t i = 0; i < c->notes.n; i++) {
        if (strcmp(c->notes.v[i], note) == 0)
            return;
    }
    VEC_PUSH(c->arena, &c->notes, note);
}

void coverage_non_finite(struct coverage *c, struct str key, int64_t count, int64_t first_step)
{
    if (count > 0)
        VEC_PUSH(c->arena, &c->non_finite,
                 (struct coverage_non_finite){arena_text(c->arena, key), count, first_step});
}

void coverage_malformed(struct coverage *c, const char *path, int64_t line, const char *reason,
                        int64_t count)
{
    if (count <= 0)
        return;
    if (c->malformed.count == 0) {
        c->malformed.path = arena_text(c->arena, str_of(path));
        c->malformed.reason = arena_text(c->arena, str_of(reason));
        c->malformed.line = line;
    }
    c->malformed.count += count;
}

void coverage_restart(struct coverage *c, int64_t step, int64_t previous_step)
{
    c->restarts_total++;
    if (c->restarts.n < RESTARTS_SHOWN)
        VEC_PUSH(c->arena, &c->restarts, (struct coverage_restart){step, previous_step});
}

void coverage_not_logged(struct coverage *c, const char *key)
{
    VEC_PUSH(c->arena, &c->not_logged, (const char *)arena_text(c->arena, str_of(key)));
}
