#include "tests/bench/detection/judge.h"

#include <assert.h>
#include <math.h>
#include <time.h>

void bench_init(struct bench *bench, struct arena *arena)
{
    *bench = (struct bench){.arena = arena,
                            .listed = CLASSES,
                            .clean = {"clean runs", 0, 0},
                            .decoys = {"runs with a harmless oddity only", 0, 0},
                            .faulty = {"runs with a fault, beside it", 0, 0}};
}

/* ---- findings of a class ---- */

static bool is_about(const struct finding *f, const struct run *run, enum role role)
{
    const struct series *s = role == ROLES ? NULL : run_series(run, role);

    if (!s || f->evidence.columns.n == 0)
        return true;
    for (size_t i = 0; i < f->evidence.columns.n; i++) {
        if (str_is(s->name, f->evidence.columns.v[i]))
            return true;
    }
    return false;
}

static bool is_of(const struct finding *f, const struct run *run, enum class_id class)
{
    const struct class_row *row = &class_rows[class];

    if (row->kind != run->kind)
        return false;
    for (size_t i = 0; i < CLASS_NAMES_MAX && row->names[i]; i++) {
        if (strcmp(f->class, row->names[i]) == 0)
            return is_about(f, run, row->role);
    }
    return false;
}

/* What is found at severity info is a description; of a shift that is all there may be to say. */
static bool is_found(const struct finding *f, enum class_id class)
{
    return f && f->status == FINDING_FOUND && (f->severity > SEVERITY_INFO || class == CLASS_SHIFT);
}

const struct finding *judge_finding(const struct analysis *analysis, const struct run *run,
                                    enum class_id class)
{
    static const int weight[] = {[FINDING_FOUND] = 5,
                                 [FINDING_INCONCLUSIVE] = 4,
                                 [FINDING_NOT_FOUND] = 3,
                                 [FINDING_INSUFFICIENT_DATA] = 2,
                                 [FINDING_NOT_APPLICABLE] = 1};
    const struct finding *best = NULL;

    for (size_t i = 0; i < analysis->findings.list.n; i++) {
        const struct finding *f = &analysis->findings.list.v[i];
        bool of = is_of(f, run, class);

        if (!of || (best && weight[f->status] < weight[best->status]))
            continue;
        if (!best || weight[f->status] > weight[best->status] || f->severity > best->severity ||
            (f->severity == best->severity && f->confidence > best->confidence))
            best = f;
    }
    return best;
}

static double span_of(const struct run *run)
{
    const struct series *longest = &run->series[0];

    for (size_t i = 1; i < run->series_n; i++) {
        if (run->series[i].n > longest->n)
            longest = &run->series[i];
    }
    return fmax(1, (double)(longest->step[longest->n - 1] - longest->step[0]));
}

/* The first families of a run are its loss and its gradient, or its policy and its reward … */
static const char *family_for(const struct run *run, enum class_id class)
{
    bool gradient = class >= CLASS_GRAD_EXPLOSION && class <= CLASS_GRAD_CLIPPING;
    size_t channel = run->kind == FOR_LM                 ? gradient
                     : class >= CLASS_REWARD_HACKING     ? 0
                     : class == CLASS_STARVATION         ? 4
                     : class >= CLASS_MULTIPLIER         ? 3
                     : class == CLASS_EXPLAINED_VARIANCE ? 2
                     : class <= CLASS_REWARD_PLATEAU     ? 1
                                                         : 0;

    return channel < run->families_n ? run->families[channel] : run->families[0];
}

static void judge_class(struct bench *b, const struct run *run, const struct analysis *a,
                        enum class_id class)
{
    struct tally *t = &b->class[class];
    const struct label *l = &run->label[class];
    const struct finding *f = judge_finding(a, run, class);
    size_t points = run_points(run, class_rows[class].role), needs = class_rows[class].needs;
    bool found = is_found(f, class);

    t->built |= f != NULL;
    if (l->truth == TRUTH_SKIP || points == 0)
        return;
    t->said[f ? (size_t)f->status : SAID_KINDS - 1]++;
    if (2 * points < 3 * needs) {
        t->tiny++;
        t->tiny_found += found;
        t->tiny_sure += found && f->confidence > 0.85 + 1e-9;
    }
    if (points < needs)
        return;
    if (l->truth == TRUTH_UNCLEAR) {
        t->unclear++;
        t->unclear_found += found;
        return;
    }
    bool is = l->truth == TRUTH_YES;
    t->true_hits += is && found;
    t->missed += is && !found;
    t->false_hits += !is && found;
    t->right_no += !is && !found;
    if (is != found)
        judge_blame(&t->blames, b->arena, family_for(run, class), found, is);
    if (is != found && b->listed == class)
        judge_list(b, run, class, f);
    if (f && (found || f->status == FINDING_NOT_FOUND || f->status == FINDING_FOUND))
        VEC_PUSH(b->arena, &t->samples, (struct sample){found ? f->confidence : 0, is});
    if (is && found && isfinite(l->onset) && f->evidence.from != NOT_GIVEN)
        VEC_PUSH(b->arena, &t->onsets,
                 100 * fabs((double)f->evidence.from - l->onset) / span_of(run));
}

/* ---- findings that should not be there ---- */

struct count *count_of(struct count *counts, size_t *n, size_t room, const char *name)
{
    for (size_t i = 0; i < *n; i++) {
        if (strcmp(counts[i].name, name) == 0)
            return &counts[i];
    }
    assert(*n < room);
    counts[*n] = (struct count){name, 0, 0};
    return &counts[(*n)++];
}

/* Of medium severity or more, and of a class that is not the case (nor follows from what is). */
static bool is_unwanted(const struct finding *f, const struct run *run)
{
    bool known = false;

    if (f->status != FINDING_FOUND || f->severity < SEVERITY_MEDIUM)
        return false;
    for (size_t c = 0; c < CLASSES; c++) {
        if (!is_of(f, run, (enum class_id)c))
            continue;
        known = true;
        if (run->label[c].truth != TRUTH_NO)
            return false;
    }
    return known || !run->faulty;
}

static void judge_unwanted(struct bench *b, const struct run *run, const struct analysis *a)
{
    struct count *of_run = run->faulty ? &b->faulty : run->decoy ? &b->decoys : &b->clean;
    size_t found = 0;

    for (size_t i = 0; i < a->findings.list.n; i++) {
        const struct finding *f = &a->findings.list.v[i];

        if (!is_unwanted(f, run))
            continue;
        found++;
        struct count *c = count_of(b->unwanted, &b->unwanted_n, UNWANTED_MAX,
                                   arena_printf(b->arena, "%s", f->class));
        c->found++;
        c->runs += !run->faulty;
    }
    of_run->runs++;
    of_run->found += found;
    for (size_t i = 0; i < run->families_n; i++) {
        struct count *c = count_of(b->family, &b->family_n, FAMILIES_MAX, run->families[i]);
        c->runs++;
        c->found += found;
    }
}

/* ---- plain rules ---- */

static enum class_id class_of_rule(const struct anchor *a)
{
    for (size_t c = 0; c < CLASSES; c++) {
        if (strcmp(class_rows[c].shown, a->class) == 0)
            return (enum class_id)c;
    }
    return CLASSES;
}

static void judge_rule(struct rule_tally *t, const struct run *run, const struct anchor *a)
{
    enum class_id class = class_of_rule(a);

    if (class == CLASSES || !a->applicable)
        return;
    const struct label *l = &run->label[class];
    bool judged = l->truth == TRUTH_YES || l->truth == TRUTH_NO;
    if (!judged || run_points(run, class_rows[class].role) < class_rows[class].needs)
        return;
    bool is = l->truth == TRUTH_YES;
    t->applicable++;
    t->true_hits += is && a->fired;
    t->missed += is && !a->fired;
    t->false_hits += !is && a->fired;
    t->right_no += !is && !a->fired;
}

/* ---- schedules, rewards, extrapolations ---- */

static void judge_schedule(struct bench *b, const struct run *run)
{
    const struct series *s = run_series(run, ROLE_LEARNING_RATE);

    if (run->schedule == SCHEDULE_UNKNOWN || !s)
        return;
    enum schedule_kind kind = schedule_of(s->step, s->value, s->n, run->arena).kind;
    b->schedules++;
    b->schedules_right += kind == run->schedule;
    b->schedule[run->schedule][kind]++;
}

/* Decline, nothing learnt, plateau, or none of them: all three right. */
static void judge_reward(struct bench *b, const struct run *run, const struct analysis *a)
{
    static const enum class_id states[] = {CLASS_REWARD_DECLINE, CLASS_REWARD_NONE,
                                           CLASS_REWARD_PLATEAU};
    bool right = true, judged = false;

    if (run->kind != FOR_RL || run_points(run, ROLE_REWARD) < 20)
        return;
    for (size_t i = 0; i < 3; i++) {
        enum truth truth = run->label[states[i]].truth;

        if (truth == TRUTH_UNCLEAR)
            return;
        judged |= truth != TRUTH_SKIP;
        if (truth != TRUTH_SKIP)
            right &= is_found(judge_finding(a, run, states[i]), states[i]) == (truth == TRUTH_YES);
    }
    b->states += judged;
    b->states_right += judged && right;
}

static double value_of(const struct finding *f, const char *const *names)
{
    for (size_t k = 0; names[k]; k++) {
        for (size_t i = 0; i < f->evidence.values.n; i++) {
            if (strcmp(f->evidence.values.v[i].name, names[k]) == 0)
                return f->evidence.values.v[i].value;
        }
    }
    return (double)NAN;
}

static void judge_extrapolation(struct bench *b, const struct run *run, const struct analysis *a)
{
    static const char *const middle[] = {"predicted_at_double", NULL};
    static const char *const low[] = {"predicted_low", NULL};
    static const char *const high[] = {"predicted_high", NULL};

    for (size_t i = 0; isfinite(run->at_double) && i < a->findings.list.n; i++) {
        const struct finding *f = &a->findings.list.v[i];

        if (strcmp(f->class, "continued_training") != 0)
            continue;
        double m = value_of(f, middle), lo = value_of(f, low), hi = value_of(f, high);
        if (!isfinite(lo) || !isfinite(hi))
            continue;
        b->bands++;
        b->bands_hit += lo <= run->at_double && run->at_double <= hi;
        b->band_error += isfinite(m) ? fabs(m / run->at_double - 1) : 0;
        return;
    }
}

/* Of the processor: others may use the machine, too. */
static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void bench_judge(struct bench *b, const struct run *run)
{
    struct anchors anchors;
    double start = now();
    const struct subject *subject = run_subject(run);
    const struct analysis *a = analyze_subject(subject, run->arena);

    b->seconds += now() - start;
    b->rows += run->rows;
    b->runs++;
    b->tiny_runs += run->rows <= 60;
    for (size_t c = 0; c < CLASSES; c++) {
        if (class_rows[c].kind == run->kind)
            judge_class(b, run, a, (enum class_id)c);
    }
    judge_unwanted(b, run, a);
    judge_advice(b, run, a);
    anchors_of(subject, run->arena, &anchors);
    assert(anchors.list.n <= RULES_MAX);
    for (size_t k = 0; k < anchors.list.n; k++)
        judge_rule(&b->rule[k], run, &anchors.list.v[k]);
    judge_spikes(b, run, subject, &anchors);
    judge_schedule(b, run);
    judge_reward(b, run, a);
    judge_extrapolation(b, run, a);
}
