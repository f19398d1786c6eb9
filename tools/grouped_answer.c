#include "tools/grouped_answer.h"

#include "analysis/base/limits.h"

const char *const group_names[] = {"training_id", "epoch_id", NULL};

const struct field grouped_in[] = {
    GROUPED_FILTERS(struct grouped_args),
};

struct str grouped(struct call *call, const struct selection *s, const char *by, put_group *put)
{
    struct buf out = {0};
    size_t groups;

    if (!by)
        return (struct str){0};
    bool training = strcmp(by, "training_id") == 0;
    const struct row_group *group =
        rows_grouped(s->t, s->rows, s->n, training ? BY_TRAINING : BY_EPOCH, call->arena, &groups);
    buf_byte(&out, '{');
    for (size_t i = 0; i < groups; i++) {
        uint32_t row = group[i].rows[0];
        const char *name = training ? training_name(s->t, row, call->arena)
                           : s->t->epoch[row] == NO_SMALL
                               ? "none"
                               : arena_printf(call->arena, "%d", s->t->epoch[row]);
        json_put_comma(&out);
        json_put_string(&out, str_of(name));
        buf_puts(&out, ":{");
        put(&out, s, group[i].rows, group[i].n);
        buf_byte(&out, '}');
        if (out.n > ANSWER_CHARS && i + 1 < groups) {
            buf_printf(&out, ",\"not shown\":{\"groups\":%zu}", groups - i - 1);
            break;
        }
    }
    buf_byte(&out, '}');
    return finish(&out, call->arena);
}

/* Sets a member to the figure of its name; without one, and where it is null, it is not known. */
static void set_member(const struct field *field, const struct json *figure, char *result)
{
    bool known = figure && figure->kind != JSON_NULL;

    if (field->kind == FIELD_RAW) {
        *(struct str *)(result + field->offset) = known ? figure->raw : (struct str){0};
    } else if (field->kind == FIELD_INT) {
        int64_t *member = (int64_t *)(result + field->offset);
        *member = NOT_GIVEN;
        (void)json_integer(figure, member);
    } else if (field->kind == FIELD_NUM) {
        double *member = (double *)(result + field->offset);
        *member = (double)NAN;
        (void)json_number(figure, member);
    }
}

static void fill(struct call *call, const struct selection *s, const struct figures *figures,
                 char *result)
{
    const struct shape *shape = figures->shape;
    struct buf out = {0};
    struct err err;

    buf_byte(&out, '{');
    figures->all(&out, s, s->rows, s->n);
    buf_byte(&out, '}');
    const struct json *written =
        json_parse(call->arena, finish(&out, call->arena), JSON_STRICT, 16, &err);
    for (size_t i = 0; i < shape->n; i++)
        set_member(&shape->fields[i], json_get(written, shape->fields[i].name), result);
}

bool figures_run(struct call *call, const struct grouped_args *args, const struct figures *figures,
                 void *result, struct err *err)
{
    struct selection s;
    struct trajectory_common common;

    if (!trajectories_open(call, &args->filter, &s, &common, err))
        return false;
    if (figures->prepare)
        figures->prepare(call, &s);
    fill(call, &s, figures, result);
    *(struct str *)((char *)result + figures->groups) =
        grouped(call, &s, args->group_by, figures->each);
    *(struct trajectory_common *)((char *)result + figures->common) = common;
    return true;
}
