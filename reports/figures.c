#include "reports/figures.h"

#include "analysis/base/shape.h"
#include "reports/words.h"

#include <math.h>

/* ---- which ---- */

enum when { ALWAYS, IF_LOGGED, IF_LAGRANGIAN, IF_EXPECTED };

struct plan {
    const char *title;
    enum role role;
    enum when when;
};

static const struct plan lm_plan[] = {
    {"Training Loss", ROLE_TRAIN_LOSS, ALWAYS},
    {"Perplexity", ROLE_PERPLEXITY, ALWAYS},
    {"Learning Rate", ROLE_LEARNING_RATE, ALWAYS},
    {"Throughput", ROLE_THROUGHPUT, ALWAYS},
    {"Validation Loss", ROLE_VALIDATION_LOSS, IF_LOGGED},
    {"Gradient Norm", ROLE_GRADIENT_NORM, IF_LOGGED},
};

/* In Lagrangian mode the constraint's figures stand there even if one is empty. */
static const struct plan rl_plan[] = {
    {"Episode Rewards", ROLE_REWARD, ALWAYS},
    {"Policy Loss", ROLE_POLICY_LOSS, IF_EXPECTED},
    {"Value Loss", ROLE_VALUE_LOSS, IF_EXPECTED},
    {"Policy Entropy", ROLE_ENTROPY, IF_EXPECTED},
    {"Gate Modulation", ROLE_GATE, IF_EXPECTED},
    {"Explained Variance", ROLE_EXPLAINED_VARIANCE, IF_EXPECTED},
    {"Reward Component: Perplexity", ROLE_REWARD_PERPLEXITY, IF_LOGGED},
    {"Reward Component: Diversity", ROLE_REWARD_DIVERSITY, IF_LOGGED},
    {"Reward Component: Coherence", ROLE_REWARD_COHERENCE, IF_LOGGED},
    {"Reward Component: Repetition", ROLE_REWARD_REPETITION, IF_LOGGED},
    {"Reward Component: Sampling", ROLE_REWARD_SAMPLING, IF_LOGGED},
    {"Lagrange Multiplier", ROLE_MULTIPLIER, IF_LAGRANGIAN},
    {"Constraint Cost", ROLE_COST, IF_LAGRANGIAN},
    {"Cost Value Loss", ROLE_COST_VALUE_LOSS, IF_LAGRANGIAN},
    {"Entropy Coefficient", ROLE_ENTROPY_COEFFICIENT, IF_LAGRANGIAN},
    {"Diversity Weight", ROLE_DIVERSITY_WEIGHT, IF_LAGRANGIAN},
};

/* An empty figure says that something is missing: only where a run of this kind would have it. */
static bool is_expected(const struct account *a, enum role role)
{
    enum role missing[ROLES];
    size_t n = subject_missing(a->analysis->subject, missing);

    for (size_t i = 0; i < n; i++) {
        if (missing[i] == role)
            return true;
    }
    return a->experiment->sources_n == 0; /* Tidal's own figures stand in each of its reports */
}

/* Is exp of its loss a perplexity? Not of a detector's or a classifier's loss. */
static bool has_perplexity(const struct account *a)
{
    return a->experiment->sources_n == 0 ||
           (a->experiment->type == EXPERIMENT_LM &&
            !a->analysis->subject->role[ROLE_VALIDATION_ACCURACY].logged);
}

static bool wanted(const struct account *a, const struct plan *plan)
{
    const struct subject *subject = a->analysis->subject;

    if (plan->role == ROLE_PERPLEXITY && !subject->role[plan->role].logged && !has_perplexity(a))
        return false;
    return plan->when == ALWAYS || subject->role[plan->role].logged ||
           (plan->when == IF_LAGRANGIAN && subject->lagrangian) ||
           (plan->when == IF_EXPECTED && is_expected(a, plan->role));
}

/* exp of the training loss, point by point, under whatever name it was logged. */
static void derive_perplexity(struct account *a, struct figure *f)
{
    const struct figure *loss = figure_of(a, ROLE_TRAIN_LOSS);

    if (!loss)
        return;
    double *value = ARENA_ARRAY(a->arena, loss->series.n, double);
    for (size_t i = 0; i < loss->series.n; i++)
        value[i] = exp(loss->series.value[i]);
    f->series = loss->series;
    f->series.value = value;
    f->series.name = str_of(f->key);
    f->derived = true;
}

static bool take(struct account *a, const struct plan *plan, struct err *err)
{
    const struct role_series *logged = &a->analysis->subject->role[plan->role];
    struct figure *f = &a->figures[a->figures_n++];

    *f = (struct figure){.role = plan->role,
                         .title = plan->title,
                         .mode = a->rl ? "rl" : "lm",
                         .key = logged->logged
                                    ? arena_text(a->arena, logged->name)
                                    : subject_usual_name(a->analysis->subject, plan->role)};
    if (logged->logged) {
        if (!experiment_series(a->experiment, logged->name, a->arena, &f->series, err))
            return err_wrap(err, "%s", f->key);
        f->derived = f->series.n == 0;
        if (f->derived)
            f->series = logged->clean.active;
    } else if (plan->role == ROLE_PERPLEXITY) {
        derive_perplexity(a, f);
    }
    series_summary(&f->series, &f->summary);
    return true;
}

bool figures_choose(struct account *a, struct err *err)
{
    const struct plan *plan = a->rl ? rl_plan : lm_plan;
    size_t n = a->rl ? sizeof(rl_plan) / sizeof(rl_plan[0]) : sizeof(lm_plan) / sizeof(lm_plan[0]);

    a->figures_n = 0;
    for (size_t i = 0; i < n; i++) {
        if (wanted(a, &plan[i]) && !take(a, &plan[i], err))
            return false;
    }
    if (a->experiment->has_ablation)
        a->figures[a->figures_n++] = (struct figure){
            .role = ROLES, .title = "Ablation Study", .mode = "ablation", .key = "mean_reward"};
    return true;
}

const struct figure *figure_of(const struct account *a, enum role role)
{
    for (size_t i = 0; i < a->figures_n; i++) {
        if (a->figures[i].role == role && a->figures[i].series.n > 0)
            return &a->figures[i];
    }
    return NULL;
}

const struct finding *primary_finding(const struct account *a, const char *class,
                                      enum finding_status status)
{
    const struct subject *subject = a->analysis->subject;
    struct str primary = subject->role[subject_primary(subject)].name;

    for (size_t i = 0; i < a->analysis->findings.list.n; i++) {
        const struct finding *f = &a->analysis->findings.list.v[i];

        if (f->status == status && strcmp(f->class, class) == 0 && f->evidence.columns.n > 0 &&
            str_is(primary, f->evidence.columns.v[0]))
            return f;
    }
    return NULL;
}

/* ---- what is said below one ---- */

static const char *non_finite_kinds(struct arena *arena, const struct summary *s)
{
    return arena_printf(arena, "%lld NaN, %lld Infinity, %lld -Infinity", (long long)s->nan,
                        (long long)s->pos_inf, (long long)s->neg_inf);
}

static void put_facts(struct buf *out, const struct account *a, const struct figure *f)
{
    const struct summary *s = &f->summary;
    struct arena *arena = a->arena;
    const char *unit = a->history ? "iteration" : "step";

    if (s->finite == 0) {
        buf_printf(out,
                   "'%s' has %s (%s), and none is finite (%s), from %s %lld on: no level or "
                   "trend can be given. ",
                   f->key, word_count(arena, s->n, "point"), f->derived ? "derived" : "logged",
                   non_finite_kinds(arena, s), unit, (long long)s->first_non_finite_step);
        return;
    }
    if (s->n == 1) {
        buf_printf(out, "'%s' has a single point: %s at %s %lld. One point has no trend. ", f->key,
                   word_number(arena, s->first), unit, (long long)s->first_step);
        return;
    }
    buf_printf(out,
               "%s from %s %lld to %lld: first %s, last %s, lowest %s (%s %lld), highest %s (%s "
               "%lld), mean of the last 10 %% %s.",
               word_count(arena, s->n, "point"), unit, (long long)s->first_step,
               (long long)s->last_step, word_number(arena, s->first), word_number(arena, s->last),
               word_number(arena, s->min), unit, (long long)s->min_step, word_number(arena, s->max),
               unit, (long long)s->max_step, word_number(arena, s->mean_last_tenth));
    if (s->finite < s->n)
        buf_printf(out,
                   " %s not finite (%s), the first at %s %lld%s; the figures above are of the "
                   "finite ones.",
                   word_count(arena, s->n - s->finite, "point"), non_finite_kinds(arena, s), unit,
                   (long long)s->first_non_finite_step,
                   s->ends_non_finite ? ", and the last point is one of them" : "");
    buf_byte(out, ' ');
}

static void put_restarts(struct buf *out, const struct account *a, const struct figure *f)
{
    const struct hygiene *clean = &a->analysis->subject->role[f->role].clean;

    if (clean->several_a_step)
        buf_puts(out, "The log has several values a step; the median a step was analysed. ");
    if (clean->restarts_n == 0)
        return;
    const struct restart *last = &clean->restarts[clean->restarts_n - 1];
    buf_printf(
        out,
        "The log goes back %s (last from step %lld to %lld): %lld superseded points count in "
        "the figures above, not in the findings. ",
        clean->restarts_n == 1 ? "once" : arena_printf(a->arena, "%zu times", clean->restarts_n),
        (long long)last->previous_step, (long long)last->step, (long long)clean->superseded);
}

static bool names(const struct finding *f, const char *key, size_t *at)
{
    for (*at = 0; *at < f->evidence.columns.n; (*at)++) {
        if (strcmp(f->evidence.columns.v[*at], key) == 0)
            return true;
    }
    return false;
}

/* One that a graver finding explains (causes.h) is not judged on its own: only by what. */
static bool put_explained(struct buf *out, const struct finding *f)
{
    if (f->explained_by)
        buf_printf(out, "Not judged on its own (%s): explained by %s. ", f->class, f->explained_by);
    return f->explained_by != NULL;
}

static void put_found(struct buf *out, const struct account *a, const struct finding *f)
{
    buf_printf(out, "%s (%s): %s ", f->severity == SEVERITY_INFO ? "Noted" : "Found",
               word_weight(a->arena, f), f->sentence);
    for (size_t i = 0; i < f->caveats.n; i++)
        buf_printf(out, "Caveat: %.*s. ", STR_FMT(word_clause(f->caveats.v[i])));
}

/* Said in words even where nothing is wrong: the shape of the series, and what readers ask for. */
static bool is_asked_for(const struct finding *f)
{
    static const char *const classes[] = {"plateau", "overfitting", "val_rising", "entropy_control",
                                          NULL};

    for (size_t i = 0; classes[i]; i++) {
        if (strcmp(f->class, classes[i]) == 0)
            return f->status == FINDING_NOT_FOUND;
    }
    return false;
}

static bool put_in_words(struct buf *out, const struct account *a, const struct finding *f)
{
    if (put_explained(out, f))
        return true;
    if (f->status == FINDING_FOUND)
        put_found(out, a, f);
    else if (f->status == FINDING_INCONCLUSIVE)
        buf_printf(out, "Cannot tell (%s): %s ", f->class, f->sentence);
    else if (is_asked_for(f))
        buf_printf(out, "No problem found (%s): %s ", f->class, f->sentence);
    else
        return false;
    return true;
}

/* The checks of one outcome that need no words, by name; their numbers are in analyze_experiment.
 */
static void put_names(struct buf *out, const struct account *a, const struct figure *f,
                      enum finding_status status, const char *outcome)
{
    size_t n = 0;

    for (size_t i = 0; i < a->analysis->findings.list.n; i++) {
        const struct finding *x = &a->analysis->findings.list.v[i];
        size_t at = 0;

        if (x->status != status || !names(x, f->key, &at) || at > 0 || is_asked_for(x) ||
            x->explained_by)
            continue;
        buf_printf(out, "%s%s", n++ ? ", " : outcome, x->class);
    }
    if (n > 0)
        buf_puts(out, ". ");
}

/* What the findings say of this series: each status in its own words. */
static void put_findings(struct buf *out, const struct account *a, const struct figure *f)
{
    size_t before = out->n;

    for (size_t i = 0; i < a->analysis->findings.list.n; i++) {
        const struct finding *x = &a->analysis->findings.list.v[i];
        size_t at = 0;

        if (strcmp(x->class, "missing_metrics") == 0 || !names(x, f->key, &at))
            continue;
        if (at == 0)
            (void)put_in_words(out, a, x);
        else if (x->status == FINDING_FOUND)
            buf_printf(out, "This series is part of the evidence of %s. ", x->id);
    }
    put_names(out, a, f, FINDING_NOT_FOUND, "Looked for and not found: ");
    put_names(out, a, f, FINDING_INSUFFICIENT_DATA, "Not assessed for lack of points: ");
    put_names(out, a, f, FINDING_NOT_APPLICABLE, "Not applicable: ");
    if (out->n == before)
        buf_puts(out, f->derived
                          ? "Not assessed by itself: the findings about the loss hold for it."
                          : "Not assessed: no analysis of this version judges this series.");
}

static const char *paragraph(const struct account *a, const struct figure *f)
{
    struct buf out = {0};

    if (f->role == ROLES)
        return ablation_text(a);
    if (f->series.n == 0) {
        if (f->role == ROLE_DIVERSITY_WEIGHT && a->analysis->subject->lagrangian)
            return "Not logged: 'diversity_weight' has no point. In Lagrangian mode the multiplier "
                   "takes the place of that controller, so this is expected.";
        return arena_printf(a->arena,
                            "Not logged: '%s' has no point in this run, so nothing is said of it; "
                            "that is not a statement that it was fine.",
                            f->key);
    }
    const struct figure *loss = figure_of(a, ROLE_TRAIN_LOSS);
    if (f->derived && f->role != ROLE_PERPLEXITY)
        buf_puts(&out,
                 "Not logged as such: computed from the series in its name, point by point. ");
    else if (f->derived && loss)
        buf_printf(&out, "Not logged; derived as exp of '%s', point by point. ", loss->key);
    put_facts(&out, a, f);
    if (!f->derived)
        put_restarts(&out, a, f);
    if (f->summary.finite > 1)
        buf_puts(&out, figure_shape(a, f));
    put_findings(&out, a, f);
    const char *text = arena_text(a->arena, str_trim(buf_str(&out)));
    buf_fini(&out);
    return text;
}

void figures_write(const struct account *a)
{
    for (size_t i = 0; i < a->figures_n; i++) {
        const struct figure *f = &a->figures[i];

        blocks_bold(a->out, arena_printf(a->arena, "Figure %zu: %s", i + 1, f->title), "%s", "");
        blocks_chart(a->out, f->mode, f->key);
        blocks_paragraph(a->out, "%s", paragraph(a, f));
    }
}
