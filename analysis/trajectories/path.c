#include "analysis/trajectories/path.h"

static const char *const says_nothing[] = {
    "rollouts",   "rollout",     "rollout_data", "results",
    "result",     "traces",      "trace",        "train",
    "eval",       "test",        "val",          "validation",
    "all",        "effective",   "samples",      "trajectories",
    "trajectory", "data",        "outputs",      "output",
    "logs",       "agent",       "trajs",        "simulations",
    "episodes",   "generations", "completions",  "train_rollout_summaries"};

const char *path_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static bool is_digits(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    }
    return s.n > 0;
}

/* The number behind `word` and an optional '_' or '-': "step_40". */
static bool numbered(struct str name, const char *word, int64_t *out)
{
    struct str rest = str_from(name, strlen(word));

    if (!str_starts(name, str_of(word)))
        return false;
    if (rest.n && (rest.p[0] == '_' || rest.p[0] == '-') && *word)
        rest = str_from(rest, 1);
    if (!is_digits(rest) || rest.n > 15)
        return false;
    *out = 0;
    for (size_t i = 0; i < rest.n; i++)
        *out = *out * 10 + (rest.p[i] - '0');
    return true;
}

static bool is_own_name(struct str name, struct origin *origin)
{
    static const char *const steps[] = {"iteration", "iter", "step", "global_step", ""};
    int64_t number;

    if (numbered(name, "epoch", &number) || numbered(name, "env_results_trial", &number)) {
        origin->epoch = origin->epoch == NO_NUMBER ? number : origin->epoch;
        return false;
    }
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        if (numbered(name, steps[i], &number)) {
            origin->iteration = origin->iteration == NO_NUMBER ? number : origin->iteration;
            return false;
        }
    }
    for (size_t i = 0; i < sizeof(says_nothing) / sizeof(says_nothing[0]); i++) {
        if (str_is(name, says_nothing[i]))
            return false;
    }
    return !(str_starts(name, STR("eval_")) && str_ends(name, STR("_rollout_summaries")));
}

/* Cuts components off the end of *rest up to one that is a name of its own, which it gives. */
static struct str next_name(struct str *rest, struct str not_this, struct origin *origin)
{
    while (rest->n > 0) {
        const char *slash = memrchr(rest->p, '/', rest->n);
        size_t from = slash ? (size_t)(slash - rest->p) + 1 : 0;
        struct str name = str_from(*rest, from);
        *rest = str_cut(*rest, slash ? from - 1 : 0);
        if (is_own_name(name, origin) && !str_eq(name, not_this))
            return name;
    }
    return (struct str){0};
}

struct origin path_origin(struct arena *arena, const struct trajectory_file *file)
{
    struct origin origin = {.epoch = NO_NUMBER, .iteration = NO_NUMBER};
    struct str rest = str_of(file->path), root = str_of(path_name(file->root));
    const char *dot = strrchr(path_name(file->path), '.');
    bool question = file->reader && file->reader->question_files;

    if (dot && dot > path_name(file->path))
        rest.n = (size_t)(dot - file->path);
    if (question && str_ends(rest, STR(".traj"))) /* astropy__astropy-12907.traj.json */
        rest.n -= 5;
    struct str near = next_name(&rest, (struct str){0}, &origin);
    struct origin further = origin; /* what stands above the training's name says nothing of it */
    struct str above = next_name(&rest, near, question ? &origin : &further);
    if (question)
        origin.question = arena_str(arena, near);
    origin.above = arena_str(arena, above.n ? above : root);
    origin.training = question ? origin.above : arena_str(arena, near.n ? near : root);
    return origin;
}
