#include "analysis/comparison.h"

#include <math.h>

#include "analysis/claims.h"
#include "analysis/stats/moments.h"

/* ---- the metric ---- */

/* The primary series of most runs decides; a run may have it under another alias of its role. */
static enum role primary_of(const struct comparison_request *in, struct arena *arena,
                            struct err *err)
{
    size_t votes[ROLES + 1] = {0}, validated = 0;
    enum role best = ROLES;

    for (size_t i = 0; i < in->n; i++) {
        struct subject subject;
        if (!subject_load(in->experiments[i], arena, NULL, &subject, err))
            return ROLES;
        enum role role = subject_primary(&subject);
        if (subject.role[role].logged)
            votes[role]++;
        validated += subject.role[ROLE_VALIDATION_LOSS].logged;
    }
    for (int role = 0; role < ROLES; role++) {
        if (votes[role] > 0 && (best == ROLES || votes[role] > votes[best]))
            best = (enum role)role;
    }
    if (best == ROLE_TRAIN_LOSS && validated == in->n)
        return ROLE_VALIDATION_LOSS; /* training losses may be of other data or other masks */
    if (best == ROLES)
        (void)err_set(err, ERR_ARGUMENT,
                      "none of these runs has a metric to be judged by; name one as metric "
                      "(describe_experiment lists what is logged)");
    return best;
}

static bool load_metric(const struct comparison *c, enum role role, struct compared_run *run,
                        struct arena *arena, struct err *err)
{
    struct series series = {0};

    if (c->metric && !experiment_series(run->experiment, str_of(c->metric), arena, &series, err))
        return false;
    hygiene_clean(&series, arena, &run->clean);
    if (series.n == 0 && role != ROLES) {
        struct subject subject;
        if (!subject_load(run->experiment, arena, NULL, &subject, err))
            return false;
        const struct role_series *played = &subject.role[role];
        if (played->logged &&
            !experiment_series(run->experiment, played->name, arena, &series, err))
            return false;
        hygiene_clean(&series, arena, &run->clean);
        if (played->logged && series.n == 0) { /* made of what is logged: a sum of its parts */
            run->clean = played->clean;
            series.name = played->name;
        }
    }
    run->n = run->clean.active.n;
    run->logged = run->n > 0;
    run->metric = arena_str(arena, series.name);
    return true;
}

double run_value_at(const struct compared_run *run, int64_t step)
{
    const struct series *s = &run->clean.active;
    size_t n = s->n;

    while (n > 0 && s->step[n - 1] > step)
        n--;
    size_t tenth = (n + 9) / 10;
    return n ? mean_of(s->value + n - tenth, tenth) : (double)NAN;
}

static void measure(struct compared_run *run, enum direction direction)
{
    const struct series *s = &run->clean.active;
    size_t best = 0;

    if (!run->logged)
        return;
    for (size_t i = 1; i < s->n; i++) {
        bool better = direction == DIRECTION_HIGHER_IS_BETTER ? s->value[i] > s->value[best]
                                                              : s->value[i] < s->value[best];
        if (better)
            best = i;
    }
    run->first = s->value[0];
    run->last = s->value[s->n - 1];
    run->last_step = s->step[s->n - 1];
    run->final = run_value_at(run, run->last_step);
    run->best = s->value[best];
    run->best_step = s->step[best];
}

/* A twentieth of its best above it, and a quarter of what it had fallen. */
static bool rose(const struct series *s)
{
    enum { POINTS_MIN = 8 };
    double best = INFINITY;
    size_t tenth = (s->n + 9) / 10;

    if (s->n < POINTS_MIN)
        return false;
    for (size_t i = 0; i < s->n; i++)
        best = fmin(best, s->value[i]);
    double rise = mean_of(s->value + s->n - tenth, tenth) - best;
    return rise > 0.05 * fabs(best) && rise >= 0.25 * (s->value[0] - best);
}

/* A validation loss that rises while the training loss falls is overfitting, no blow-up. */
static bool find_blow_up(struct compared_run *run, enum role role, struct arena *arena,
                         struct err *err)
{
    struct subject subject;
    bool is_loss = role == ROLE_TRAIN_LOSS || role == ROLE_VALIDATION_LOSS;

    run->blew_up = run->clean.trailing_non_finite > 0;
    if (run->blew_up || !is_loss || !rose(&run->clean.active))
        return true;
    run->blew_up = true;
    if (role == ROLE_TRAIN_LOSS)
        return true;
    if (!subject_load(run->experiment, arena, NULL, &subject, err))
        return false;
    run->blew_up = subject.role[ROLE_TRAIN_LOSS].logged
                       ? rose(&subject.role[ROLE_TRAIN_LOSS].clean.active)
                       : run->final > run->first;
    return true;
}

/* What a log of another program says; NULL if it does not. */
static const char *commit_in_log(const struct experiment *e, struct arena *arena)
{
    const struct run_fact *fact;
    size_t n;

    experiment_facts(e, arena, &fact, &n);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(fact[i].name, "git_commit") == 0)
            return fact[i].value;
    }
    return NULL;
}

/* The commit the id names (…-commit_<hash>-…), else the log's, the configuration's or the
 * metadata's. */
static const char *commit_of(const struct compared_run *run, struct arena *arena)
{
    static const char *const keys[] = {"git_commit", "commit", "git_hash", "git.commit"};
    const char *at = strstr(run->experiment->id, "commit_");

    if (at) {
        struct str hash = {at + 7, strcspn(at + 7, "-/")};
        return str_is(hash, "nogit") ? NULL : arena_text(arena, hash);
    }
    const char *told = commit_in_log(run->experiment, arena);
    for (size_t i = 0; !told && i < sizeof(keys) / sizeof(keys[0]); i++) {
        struct str json = settings_get(&run->settings, keys[i]);
        if (json.n > 2 && json.p[0] == '"')
            return arena_text(arena, (struct str){json.p + 1, json.n - 2});
    }
    return told;
}

static bool load(const struct comparison_request *in, struct arena *arena, struct comparison *c,
                 struct err *err)
{
    enum role role = in->metric ? role_like(str_of(in->metric), NULL) : primary_of(in, arena, err);
    size_t logged = 0;

    if (!in->metric && role == ROLES)
        return false;
    c->metric = in->metric;
    c->direction = role == ROLES ? DIRECTION_UNKNOWN : role_direction(role);
    c->runs_n = in->n;
    c->run = ARENA_ARRAY(arena, in->n, struct compared_run);
    for (size_t i = 0; i < in->n; i++) {
        struct compared_run *run = &c->run[i];
        run->experiment = in->experiments[i];
        settings_load(run->experiment, arena, &run->settings);
        run->commit = commit_of(run, arena);
        if (!load_metric(c, role, run, arena, err))
            return err_wrap(err, "%s", run->experiment->id);
        measure(run, c->direction);
        if (!find_blow_up(run, role, arena, err))
            return err_wrap(err, "%s", run->experiment->id);
        logged += run->logged;
    }
    if (logged == 0)
        return err_set(
            err, ERR_ARGUMENT, "no run of these logs %s; describe_experiment lists what is logged",
            in->metric ? arena_printf(arena, "'%s'", in->metric) : subject_role_word(role));
    for (size_t i = 0; !c->metric && i < in->n; i++) {
        if (c->run[i].logged)
            c->metric = arena_text(arena, c->run[i].metric);
    }
    return true;
}

/* ---- configuration ---- */

static bool known_key(const struct comparison *c, const char *key)
{
    for (size_t i = 0; i < c->differs_n; i++) {
        if (strcmp(c->differs[i].key, key) == 0)
            return true;
    }
    return false;
}

static void note_key(struct comparison *c, const char *key)
{
    struct differing_key *d = &c->differs[c->differs_n];
    bool same = true;

    *d = (struct differing_key){.key = key,
                                .seed = setting_is_seed(key),
                                .label = setting_is_label(key),
                                .problem = setting_is_problem(key)};
    for (size_t i = 0; i < c->runs_n; i++) {
        d->value[i] = settings_get(&c->run[i].settings, key);
        same &= str_eq(d->value[i], d->value[0]);
    }
    if (same)
        c->same_n++;
    else
        c->differs_n++;
}

/* Keys in the order of the first run that has them. */
static void find_differences(struct comparison *c, struct arena *arena)
{
    size_t most = 1;

    for (size_t i = 0; i < c->runs_n; i++)
        most += c->run[i].settings.n;
    c->differs = ARENA_ARRAY(arena, most, struct differing_key);
    for (size_t i = 0; i < c->runs_n; i++) {
        const struct settings *s = &c->run[i].settings;
        for (size_t k = 0; k < s->n; k++) {
            bool seen = known_key(c, s->v[k].key);
            for (size_t before = 0; before < i && !seen; before++)
                seen = settings_get(&c->run[before].settings, s->v[k].key).n > 0;
            if (!seen)
                note_key(c, s->v[k].key);
        }
    }
}

bool compare_runs(const struct comparison_request *in, struct arena *arena,
                  struct coverage *coverage, struct comparison *out, struct err *err)
{
    *out = (struct comparison){0};
    if (in->n < 2 || in->n > RUNS_MAX)
        return err_set(err, ERR_ARGUMENT, "expIds must name 2 to %d experiments", RUNS_MAX);
    if (!load(in, arena, out, err))
        return false;
    find_differences(out, arena);
    if (!group_runs(out, in->group_by, arena, err))
        return false;
    note_pooled_tasks(out, coverage);
    make_claims(out, arena);
    for (size_t i = 0; i < out->groups_n && out->pairs_n == 0; i++) {
        const struct run_group *g = &out->group[i];
        if (g->n > 1)
            coverage_note(coverage,
                          "one group of %zu runs: mean %.6g, sd %.3g; nothing to compare with",
                          g->n, g->mean, g->sd);
    }
    sweep_rates(out, arena);
    correlate_parameters(out, arena);
    if (!out->next_run)
        suggest_next(out, arena);
    for (size_t i = 0; i < out->runs_n; i++) {
        const struct compared_run *run = &out->run[i];
        if (run->part_of)
            coverage_note(coverage,
                          "%s goes on from step %lld of %s, alike in all settings and the seed: "
                          "parts of one run, and only the later one counts",
                          run->part_of->experiment->id,
                          (long long)run->part_of->clean.active.step[0], run->experiment->id);
        if (!run->logged)
            coverage_note(coverage, "%s does not log '%s' and takes part in no claim",
                          run->experiment->id, out->metric);
        else if (run->settings.n == 0)
            coverage_note(coverage, "%s keeps no configuration: what sets it apart is not known",
                          run->experiment->id);
    }
    return true;
}

const char *claim_kind_name(enum claim_kind kind)
{
    static const char *const names[] = {"better",  "worse", "within_noise",  "cannot_tell",
                                        "differs", "equal", "not_comparable"};

    return names[kind];
}
