#include "analysis/trajectories/enrich.h"
#include "analysis/trajectories/failures.h"
#include "analysis/trajectories/progression.h"
#include "reports/failure_cases.h"
#include "reports/trainings.h"
#include "reports/words.h"

enum { WORDS_SHOWN = 30, TOOLS_SHOWN = 15, EPOCHS_SHOWN = 40, FEATURES_SHOWN = 12 };

/* What all parts look at. */
struct account {
    const struct trainings *t;
    const struct cohort *c;
    struct selection failed;
    size_t missing;
};

static void row_of(const struct account *a, const char *const *cells, size_t n)
{
    blocks_table_row(a->t->out, cells, n);
}

static const char *number(const struct account *a, size_t n)
{
    return arena_printf(a->t->arena, "%zu", n);
}

/* Of rows: with a reward, and failed. */
static size_t failed_of(const struct selection *s, const uint32_t *rows, size_t n, size_t *judged)
{
    struct reward_figures f = reward_figures(s->t, rows, n, s->threshold);

    *judged = f.n;
    return f.n - f.success;
}

/* ---- how many ---- */

/* Trials that are no samples: the questions that none of them solved. */
static void say_unsolved(const struct account *a)
{
    struct solved solved = solved_of(&a->c->q);

    blocks_paragraph(
        a->t->out,
        "%zu of %s are solved in none of up to %u trials (%.3f; 95 %% %.3f to %.3f, Wilson over "
        "questions). A failure rate over questions is not assessed: %s.",
        solved.questions - solved.solved,
        word_count(a->t->arena, (int64_t)solved.questions, "question"), a->c->q.n_max,
        1 - (double)solved.solved / (double)solved.questions, 1 - solved.interval.high,
        1 - solved.interval.low, a->c->why);
}

static void write_rate(const struct account *a)
{
    struct arena *arena = a->t->arena;
    const struct questions *q = &a->c->q;
    struct interval i = {0};
    const char *why = NULL;
    size_t judged, failed = failed_of(&a->c->s, a->c->s.rows, a->c->s.n, &judged);
    size_t partial = reward_figures(a->c->s.t, a->c->s.rows, a->c->s.n, a->c->s.threshold).partial;

    blocks_heading(a->t->out, 2, "How Many Failed");
    blocks_paragraph(a->t->out, "%s of the trajectories with a reward failed, %zu in all.",
                     count_text(arena, failed, judged), judged);
    if (q->n == 0) {
        blocks_paragraph(a->t->out,
                         "None has both a question and a reward: no rate over questions.");
    } else if (a->c->why) {
        say_unsolved(a);
    } else if (pass_rate_interval(q, arena, &i, &why)) {
        blocks_paragraph(a->t->out,
                         "Over %s the mean failure rate is %.3f (95 %% %.3f to %.3f for new "
                         "questions of the same kind, t on the logit over questions).",
                         word_count(arena, (int64_t)q->n, "question"), 1 - pass_rate(q, arena),
                         1 - i.high, 1 - i.low);
    } else {
        blocks_paragraph(a->t->out, "Over %s the mean failure rate is %.3f; no interval: %s.",
                         word_count(arena, (int64_t)q->n, "question"), 1 - pass_rate(q, arena),
                         why);
    }
    if (partial)
        blocks_paragraph(a->t->out,
                         "%zu have a reward between 0 and 1 and count as successes here; "
                         "list_failure_cases with reward_threshold counts them otherwise.",
                         partial);
}

/* ---- by ---- */

static void by_reason(const struct account *a)
{
    static const char *const head[] = {"Reason as written", "Class", "Failures (share)",
                                       "Of all that ended so"};
    const struct trajectories *t = a->c->s.t;
    struct arena *arena = a->t->arena;
    size_t groups;
    const struct row_group *g = rows_grouped(t, a->c->s.rows, a->c->s.n, BY_REASON, arena, &groups);

    blocks_heading(a->t->out, 2, "By Reason");
    blocks_table_begin(a->t->out);
    row_of(a, head, 4);
    for (size_t i = 0; i < groups && i < WORDS_SHOWN; i++) {
        uint32_t row = g[i].rows[0];
        size_t judged, failed = failed_of(&a->c->s, g[i].rows, g[i].n, &judged);
        const char *cells[] = {
            data_text(arena, dict_text(&t->words, t->reason[row])),
            ending_names[t->ending[row]],
            count_text(arena, failed, a->failed.n),
            arena_printf(arena, "%zu of %zu", failed, judged),
        };
        row_of(a, cells, 4);
    }
    blocks_table_end(a->t->out);
    if (groups > WORDS_SHOWN)
        blocks_paragraph(a->t->out, "%zu more words are not shown.", groups - WORDS_SHOWN);
}

static void by_reward(const struct account *a)
{
    static const char *const head[] = {"Reward", "Trajectories (share)", "Failed"};
    size_t all[REWARD_RANGES], failed[REWARD_RANGES], sum = 0;

    reward_ranges(a->c->s.t, a->c->s.rows, a->c->s.n, all);
    reward_ranges(a->c->s.t, a->failed.rows, a->failed.n, failed);
    for (size_t i = 0; i < REWARD_RANGES; i++)
        sum += all[i];
    blocks_heading(a->t->out, 2, "By Reward");
    blocks_table_begin(a->t->out);
    row_of(a, head, 3);
    for (size_t i = 0; i < REWARD_RANGES; i++) {
        const char *cells[] = {reward_range_names[i], count_text(a->t->arena, all[i], sum),
                               number(a, failed[i])};
        row_of(a, cells, 3);
    }
    blocks_table_end(a->t->out);
    blocks_paragraph(a->t->out, "A range holds its lower end: 0-1 is from 0 to below 1.");
}

static void by_tool(const struct account *a)
{
    static const char *const head[] = {"Tool", "Failed of those that used it", "Calls",
                                       "Calls that returned something unusual (share)"};
    size_t n;
    const struct tool_account *v = tool_accounts(&a->c->s, a->t->arena, &n);

    blocks_heading(a->t->out, 2, "By Tool");
    if (n == 0) {
        blocks_paragraph(a->t->out, "No tool call is in the files: not assessed.");
        return;
    }
    blocks_table_begin(a->t->out);
    row_of(a, head, 4);
    for (size_t i = 0; i < n && i < TOOLS_SHOWN; i++) {
        const char *cells[] = {
            data_text(a->t->arena, dict_text(&a->c->s.t->words, v[i].tool)),
            arena_printf(a->t->arena, "%zu of %zu", v[i].failed, v[i].used),
            number(a, v[i].calls),
            count_text(a->t->arena, v[i].unusual, v[i].calls),
        };
        row_of(a, cells, 4);
    }
    blocks_table_end(a->t->out);
    blocks_paragraph(a->t->out,
                     "By how many trajectories used it%s. Hard questions take other tools than "
                     "easy ones: what a tool has to do with failing is tested within questions "
                     "below.",
                     n > TOOLS_SHOWN
                         ? arena_printf(a->t->arena, "; %zu more are not shown", n - TOOLS_SHOWN)
                         : "");
}

/* Over the questions of an epoch: of samples the mean rate, else the share solved in no trial. */
static const char *failure_rate(const struct account *a, const struct progression *p, size_t i)
{
    const struct questions *q = &p->q[i];
    struct solved solved = solved_of(q);
    struct interval in = solved.interval;
    double rate =
        solved.questions ? 1 - (double)solved.solved / (double)solved.questions : (double)NAN;
    bool known = solved.questions > 0;
    const char *why;

    if (!p->why) {
        rate = 1 - pass_rate(q, a->t->arena);
        known = pass_rate_interval(q, a->t->arena, &in, &why);
    }
    return bounds_text(a->t->arena, share_text(a->t->arena, rate), known,
                       (struct interval){1 - in.high, 1 - in.low});
}

static void put_epoch(const struct account *a, const struct progression *p, size_t i)
{
    struct arena *arena = a->t->arena;
    size_t judged, failed = failed_of(&a->c->s, p->group[i].rows, p->group[i].n, &judged);
    const char *cells[] = {
        arena_printf(arena, "%d", a->c->s.t->epoch[p->group[i].rows[0]]),
        arena_printf(arena, "%zu of %zu", failed, judged),
        failure_rate(a, p, i),
        p->why ? "not assessed"
        : i    ? contrast_word(&p->c[i], p->p_adjusted[i])
               : "-",
    };

    row_of(a, cells, 4);
}

static void by_epoch(const struct account *a)
{
    struct progression p = progression_of(&a->c->s, BY_EPOCH, a->t->arena);
    const char *const head[] = {"Epoch", "Failed",
                                p.why ? "Questions not solved in it (95 %)"
                                      : "Rate over questions (95 %)",
                                "Against the first"};
    size_t stride = 1;

    blocks_heading(a->t->out, 2, "By Epoch");
    if (p.n == 0) {
        blocks_paragraph(a->t->out, "Its trajectories name no epochs: not assessed.");
        return;
    }
    while (p.n / stride > EPOCHS_SHOWN)
        stride *= 2;
    blocks_table_begin(a->t->out);
    row_of(a, head, 4);
    for (size_t i = 0; i < p.n; i++) {
        if (i % stride == 0 || i == p.n - 1)
            put_epoch(a, &p, i);
    }
    blocks_table_end(a->t->out);
    blocks_paragraph(a->t->out, "%s.", progression_says(&p, a->t->arena));
}

/* ---- classes ---- */

static void write_classes(const struct account *a)
{
    static const char *const head[] = {"Class", "What it is", "Failures (share)",
                                       "Successes (share)"};
    size_t *first = ARENA_ARRAY(a->t->arena, failure_rules_n + 1, size_t);
    size_t *passed = ARENA_ARRAY(a->t->arena, failure_rules_n + 1, size_t);
    size_t successes = 0;

    failure_classes(&a->failed, first);
    for (size_t i = 0; i < a->c->s.n; i++) {
        uint32_t row = a->c->s.rows[i];
        double reward = a->c->s.t->reward[row];
        if (isnan(reward) || !is_success(reward, a->c->s.threshold))
            continue;
        passed[failure_class_of(a->c->s.t, row)]++;
        successes++;
    }
    blocks_heading(a->t->out, 2, "Classes by Rule");
    blocks_table_begin(a->t->out);
    row_of(a, head, 4);
    for (size_t i = 0; i <= failure_rules_n; i++) {
        const char *cells[] = {
            failure_class_name(i),
            i < failure_rules_n ? failure_rules[i].what : "no rule holds",
            count_text(a->t->arena, first[i], a->failed.n),
            count_text(a->t->arena, passed[i], successes),
        };
        row_of(a, cells, 4);
    }
    blocks_table_end(a->t->out);
    blocks_paragraph(a->t->out,
                     "Each trajectory is in the class of the first rule that holds. A rule sees "
                     "form, not cause: one that holds for successes as often explains nothing.");
}

static void put_feature(const struct account *a, const struct enriched *e)
{
    struct arena *arena = a->t->arena;
    const char *cells[] = {
        arena_printf(arena, "%s: %s", e->kind, data_text(arena, str_of(e->name))),
        count_text(arena, e->in_failures, e->failures),
        count_text(arena, e->in_passes, e->passes),
        isnan(e->low) ? word_number(arena, e->odds)
                      : arena_printf(arena, "%s (%s to %s)", word_number(arena, e->odds),
                                     word_number(arena, e->low), word_number(arena, e->high)),
        chance_text(arena, e->p),
        chance_text(arena, e->q),
    };

    row_of(a, cells, 6);
}

static void write_enrichment(const struct account *a)
{
    static const char *const head[] = {"Feature",           "In failures", "In successes",
                                       "Odds ratio (95 %)", "p",           "q"};
    struct enrichment e = enrichment_of(&a->c->s, a->t->arena);
    size_t shown = 0, found = 0;

    blocks_heading(a->t->out, 2, "What Failures Do More Often");
    for (size_t i = 0; i < e.n; i++)
        found += enriched_stands_out(&e.v[i]);
    if (e.tested == 0) {
        blocks_paragraph(a->t->out,
                         "Not assessed: %s with both outcomes, and no feature that at least 5 of "
                         "their trajectories have and 5 lack.",
                         word_count(a->t->arena, (int64_t)e.questions, "question"));
        return;
    }
    if (found) {
        blocks_table_begin(a->t->out);
        row_of(a, head, 6);
        for (size_t i = 0; i < e.n && shown < FEATURES_SHOWN; i++) {
            if (!enriched_stands_out(&e.v[i]))
                continue;
            put_feature(a, &e.v[i]);
            shown++;
        }
        blocks_table_end(a->t->out);
    }
    blocks_paragraph(
        a->t->out,
        "%s of the %zu features tested stand%s out (odds above 1 and q below 0.10), comparing "
        "failures with successes of the same question: %s with both outcomes, Mantel-Haenszel "
        "(Fisher's exact test for one question), q by Benjamini and Hochberg.%s",
        found ? arena_printf(a->t->arena, "%zu", found) : "None", e.tested, found > 1 ? "" : "s",
        word_count(a->t->arena, (int64_t)e.questions, "question"),
        found ? " An association within questions is a place to look, not a cause." : "");
    if (a->c->why)
        blocks_bold(a->t->out, "Note: ",
                    "the test takes trials of a question for independent, and here %s: its q are "
                    "too small.",
                    a->c->why);
}

static bool build(const struct pattern_input *in, struct blocks *out, struct err *err)
{
    struct trainings *t;

    if (!trainings_open(in, out, 1, &t, err))
        return false;
    struct account a = {.t = t, .c = &t->v[0], .failed = t->v[0].s};
    a.failed.rows = ARENA_ARRAY(t->arena, a.failed.n + 1, uint32_t);
    memcpy(a.failed.rows, a.c->s.rows, a.failed.n * sizeof(uint32_t));
    failures_keep(&a.failed, false, &a.missing);
    blocks_heading(out, 1, "%s Failure Analysis", t->v[0].id);
    write_read(t);
    write_rate(&a);
    if (a.failed.n == 0)
        return true;
    by_reason(&a);
    by_reward(&a);
    by_tool(&a);
    by_epoch(&a);
    write_classes(&a);
    write_enrichment(&a);
    return write_cases(t, &a.failed, err);
}

const struct pattern pattern_failure_analysis = {
    .name = "failure-analysis",
    .description = "Why agents of a training (training_id) fail: reasons, classes, what failures "
                   "do more, cases.",
    .of_trainings = true,
    .title = "Failure Analysis",
    .build = build,
};
