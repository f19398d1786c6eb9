/* One episode: its facts and a page of its steps. */
#include "analysis/base/limits.h"
#include "tools/trajectory_answer.h"

enum { COUNT = 20, STEPS_CHARS = 18000 };

struct args {
    const char *trajectory_id, *training_id;
    int64_t from, count;
};

struct result {
    const char *trajectory_id, *training_id, *data_id, *question, *agent_name;
    const char *termination_reason, *termination_class, *source;
    int64_t epoch_id, iteration_id, sample_id, step_count, steps_total, messages, next_from;
    double reward, mean_step_reward;
    struct str steps;
    int64_t line_offset;
};

/* The only one of that id; ERR_ARGUMENT names the trainings if there are several. */
static bool find(struct call *call, const struct args *args, const struct trajectories **out,
                 size_t *row, struct err *err)
{
    const struct trajectories *t;
    struct coverage coverage;
    uint32_t training = UINT32_MAX;
    size_t found = 0, other = 0;

    coverage_init(&coverage, call->arena);
    if (!library_look(call->desk->library, call->cancelled, call->arena, &t, &coverage, err) ||
        (args->training_id && !training_find(t, args->training_id, &training, err)))
        return false;
    *out = t;
    uint32_t id = dict_find(&t->ids, str_of(args->trajectory_id));
    for (size_t i = 0; i < t->n && id != UINT32_MAX; i++) {
        if (t->id[i] != id || (args->training_id && t->training[i] != training))
            continue;
        if (found++ == 0)
            *row = i;
        else
            other = i;
    }
    if (found == 0)
        return err_set(err, ERR_NOT_FOUND,
                       "no trajectory '%.200s' among %zu; list_failure_cases names some",
                       args->trajectory_id, t->n);
    if (found > 1)
        return err_set(err, ERR_ARGUMENT,
                       "%zu trainings have a trajectory '%.200s' ('%s' and '%s' are two): give "
                       "training_id",
                       found, args->trajectory_id, training_name(t, *row, call->arena),
                       training_name(t, other, call->arena));
    return true;
}

static void put_part(struct buf *out, const char *name, struct str text, size_t most,
                     struct arena *arena)
{
    if (!text.n)
        return;
    json_put_key(out, name);
    json_put_string(out, str_of(clean_text(arena, text, most)));
}

static void put_steps(struct buf *out, const struct episode *episode, size_t most,
                      struct arena *arena)
{
    buf_byte(out, '[');
    for (size_t i = 0; i < episode->n; i++) {
        const struct episode_step *s = &episode->steps[i];
        json_put_comma(out);
        buf_puts(out, "{\"step_id\":");
        json_put_integer(out, s->id);
        put_part(out, "thought", s->thought, most, arena);
        put_part(out, "action", s->action, most, arena);
        put_part(out, "observation", s->observation, most, arena);
        if (s->returned) {
            json_put_key(out, "returned");
            json_put_string(out, str_of(s->returned));
        }
        if (!isnan(s->reward))
            put_figure(out, "reward", s->reward);
        buf_byte(out, '}');
    }
    buf_byte(out, ']');
}

/* The longest texts with which the page fits; fewer steps if none do. */
static struct str steps_json(struct call *call, struct episode *episode)
{
    static const size_t cuts[] = {SAMPLE_CHARS_MAX, 800, 300, 120};

    for (;;) {
        for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
            struct buf out = {0};
            put_steps(&out, episode, cuts[i], call->arena);
            if (out.n <= STEPS_CHARS || episode->n <= 1)
                return finish(&out, call->arena);
            buf_fini(&out);
        }
        episode->n = episode->n / 2;
    }
}

static const char *word(struct call *call, struct str text, size_t most)
{
    return text.n ? clean_text(call->arena, text, most) : NULL;
}

static int64_t wide(int32_t number)
{
    return number == NO_SMALL ? NOT_GIVEN : number;
}

static bool run(struct call *call, const void *in, void *out, struct err *err)
{
    const struct args *args = in;
    struct result *result = out;
    const struct trajectories *t;
    struct episode episode;
    size_t row = 0;

    if (!find(call, args, &t, &row, err) ||
        !episode_read(t, row, (size_t)args->from, (size_t)args->count, call->arena, &episode, err))
        return false;
    const struct dict *words = &t->words;
    struct str steps = steps_json(call, &episode);
    size_t next = (size_t)args->from + episode.n;
    *result = (struct result){
        .trajectory_id = word(call, dict_text(&t->ids, t->id[row]), 500),
        .training_id = word(call, dict_text(words, t->training[row]), 500),
        .data_id = word(call, dict_text(words, t->question[row]), 500),
        .question = word(call, dict_text(words, t->text[row]), SAMPLE_CHARS_MAX),
        .agent_name = word(call, dict_text(words, t->agent[row]), 500),
        .termination_reason = word(call, dict_text(words, t->reason[row]), 500),
        .termination_class = ending_names[t->ending[row]],
        .source = t->files[t->file[row]].shown,
        .line_offset = (int64_t)t->offset[row],
        .epoch_id = wide(t->epoch[row]),
        .iteration_id = wide(t->iteration[row]),
        .sample_id = wide(t->sample[row]),
        .step_count = t->steps[row],
        .steps_total = (int64_t)episode.total,
        .messages = (int64_t)episode.messages,
        .reward = t->reward[row],
        .mean_step_reward = t->step_reward[row],
        .next_from = episode.n > 0 && next < episode.total ? (int64_t)next : NOT_GIVEN,
        .steps = steps};
    return true;
}

static const struct field in[] = {
    F_STR(struct args, trajectory_id, .doc = "As list_failure_cases gives it.", .required = true),
    F_STR(struct args, training_id, .doc = "If several trainings have that id."),
    F_INT(struct args, from, .doc = "Skip so many steps.", .has_min = true, .min = 0,
          .has_max = true, .max = 1e9, .has_def = true, .def = 0),
    F_INT(struct args, count, .doc = "At most so many steps.", .has_min = true, .min = 1,
          .has_max = true, .max = 1000, .has_def = true, .def = COUNT),
};

static const struct field out[] = {
    F_STR(struct result, trajectory_id, .doc = "", .required = true),
    F_STR(struct result, training_id, .doc = "", .nullable = true),
    F_STR(struct result, data_id, .doc = "", .nullable = true),
    F_STR(struct result, question, .doc = "", .nullable = true),
    F_STR(struct result, agent_name, .doc = "", .nullable = true),
    F_INT(struct result, epoch_id, .doc = "", .nullable = true),
    F_INT(struct result, iteration_id, .doc = "", .nullable = true),
    F_INT(struct result, sample_id, .doc = "", .nullable = true),
    F_NUM(struct result, reward, .doc = "", .nullable = true),
    F_NUM(struct result, mean_step_reward, .doc = "", .nullable = true),
    F_STR(struct result, termination_reason, .doc = "As written", .nullable = true),
    F_STR(struct result, termination_class, .doc = "", .required = true),
    F_INT(struct result, step_count, .doc = "", .required = true),
    F_INT(struct result, steps_total, .doc = "That the file holds", .required = true),
    F_INT(struct result, messages, .doc = "", .required = true),
    F_RAW(struct result, steps, .doc = "", .type = "array", .required = true),
    F_INT(struct result, next_from, .doc = "For the next page"),
    F_STR(struct result, source, .doc = "The file", .required = true),
    F_INT(struct result, line_offset, .doc = "Byte of its record", .required = true),
};

const struct tool tool_get_trajectory = {
    .name = "get_trajectory",
    .title = "One episode, step by step",
    .doc = "One agent episode: question, reward, why it ended, and a page of its steps with "
           "thought, action, observation and what kind of return it was. Call it to look at a case "
           "from list_failure_cases.",
    .flags = TOOL_READ_ONLY,
    .in = SHAPE(struct args, in),
    .out = SHAPE(struct result, out),
    .run = run,
    .example = "{\"trajectory_id\":\"q1-run1-0-0\",\"count\":5}",
};
