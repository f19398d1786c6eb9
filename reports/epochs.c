/* The part of trainings.h from epoch to epoch, or from iteration to iteration. */
#include "analysis/trajectories/progression.h"
#include "reports/rate_chart.h"
#include "reports/trainings.h"
#include "reports/words.h"

enum { EPOCHS_SHOWN = 40 };

/* What is gone through: every point, or every 2nd, 4th … and the last. */
struct course {
    const struct trainings *t;
    struct progression p;
    bool by_epoch;
    size_t stride;
};

static bool is_shown(const struct course *c, size_t i)
{
    return i % c->stride == 0 || i == c->p.n - 1;
}

static const char *name_of(const struct course *c, size_t i)
{
    const struct trajectories *all = c->t->v[0].s.t;
    uint32_t row = c->p.group[i].rows[0];

    return arena_printf(c->t->arena, "%d", (c->by_epoch ? all->epoch : all->iteration)[row]);
}

/* ---- success ---- */

/* Of trials that are no samples, in the same columns: what may be said. */
static void put_tries(const struct course *course, size_t i)
{
    const struct trainings *t = course->t;
    const struct progression *p = &course->p;
    const struct row_group *g = &p->group[i];
    struct reward_figures f = reward_figures(t->v[0].s.t, g->rows, g->n, t->v[0].s.threshold);
    struct solved solved = solved_of(&p->q[i]);
    const char *cells[] = {
        name_of(course, i),
        arena_printf(t->arena, "%zu", g->n),
        arena_printf(t->arena, "%zu", p->q[i].n),
        solved_text(t->arena, &solved),
        f.n ? word_number(t->arena, f.mean) : "none",
        i ? arena_printf(t->arena, "%zu / %zu", p->c[i].gained, p->c[i].lost) : "-",
    };

    blocks_table_row(t->out, cells, sizeof(cells) / sizeof(cells[0]));
}

static double pass_at_common_k(const struct progression *p, size_t i, struct arena *arena)
{
    size_t used;

    return pass_mean(pass_at_k, trials_of(&p->q[i], arena), p->q[i].n, p->k, &used);
}

static void put_samples(const struct course *course, size_t i)
{
    const struct trainings *t = course->t;
    const struct progression *p = &course->p;
    const struct row_group *g = &p->group[i];
    const struct questions *q = &p->q[i];
    const struct contrast *c = &p->c[i];
    struct reward_figures f = reward_figures(t->v[0].s.t, g->rows, g->n, t->v[0].s.threshold);
    struct interval rate = {0};
    const char *why;
    bool known = pass_rate_interval(q, t->arena, &rate, &why);
    const char *cells[] = {
        name_of(course, i),
        arena_printf(t->arena, "%zu", g->n),
        arena_printf(t->arena, "%zu", q->n),
        bounds_text(t->arena, share_text(t->arena, pass_rate(q, t->arena)), known, rate),
        share_text(t->arena, pass_at_common_k(p, i, t->arena)),
        f.n ? word_number(t->arena, f.mean) : "none",
        i ? difference_text(t->arena, &c->rate, c->known) : "the first",
        i ? chance_text(t->arena, p->p_adjusted[i]) : "-",
        i ? arena_printf(t->arena, "%zu / %zu", c->gained, c->lost) : "-",
        i ? contrast_word(c, p->p_adjusted[i]) : "-",
    };

    blocks_table_row(t->out, cells, sizeof(cells) / sizeof(cells[0]));
}

/* pass@1 with its interval for new questions, or pass@k: those of the table. */
static void draw(const struct course *course, bool of_one)
{
    const struct progression *p = &course->p;
    struct arena *arena = course->t->arena;
    struct rate_line *lines = ARENA_ARRAY(arena, p->n + 1, struct rate_line);
    const char *why;
    size_t n = 0;

    for (size_t i = 0; i < p->n; i++) {
        struct rate_line *line = &lines[n];
        if (!is_shown(course, i))
            continue;
        n++;
        line->name = name_of(course, i);
        line->value = of_one ? pass_rate(&p->q[i], arena) : pass_at_common_k(p, i, arena);
        line->known = of_one && pass_rate_interval(&p->q[i], arena, &line->interval, &why);
    }
    blocks_rates(course->t->out, of_one ? "pass@1" : arena_printf(arena, "pass@%u", p->k), lines,
                 n);
}

static void put_points(const struct course *course)
{
    const struct trainings *t = course->t;
    const struct progression *p = &course->p;
    const char *const head[] = {course->by_epoch ? "Epoch" : "Iteration",
                                "Trajectories",
                                "Questions",
                                "pass@1 (new questions)",
                                arena_printf(t->arena, "pass@%u", p->k),
                                "Mean reward",
                                "pass@1 against the first",
                                "q",
                                "Questions gained / lost",
                                "Says"};
    const char *const of_tries[] = {head[0], head[1], head[2], "Questions solved in it (95 %)",
                                    head[5], head[8]};

    blocks_table_begin(t->out);
    if (p->why)
        blocks_table_row(t->out, of_tries, sizeof(of_tries) / sizeof(of_tries[0]));
    else
        blocks_table_row(t->out, head, sizeof(head) / sizeof(head[0]));
    for (size_t i = 0; i < p->n; i++) {
        if (is_shown(course, i))
            (p->why ? put_tries : put_samples)(course, i);
    }
    blocks_table_end(t->out);
    if (p->n > 1 && !p->why)
        draw(course, true);
    if (p->n > 1 && !p->why && p->k > 1)
        draw(course, false);
    if (course->stride > 1)
        blocks_paragraph(t->out, "Of %zu every %zu. and the last are shown; q is over all of them.",
                         p->n, course->stride);
}

/* ---- endings ---- */

static void put_endings(const struct course *course)
{
    const struct trainings *t = course->t;
    const char *cells[ENDINGS_N + 1] = {course->by_epoch ? "Epoch" : "Iteration"};

    for (size_t i = 0; i < ENDINGS_N; i++)
        cells[i + 1] = ending_names[i];
    blocks_bold(t->out, "How they ended", ", trajectories (share).");
    blocks_table_begin(t->out);
    blocks_table_row(t->out, cells, ENDINGS_N + 1);
    for (size_t i = 0; i < course->p.n; i++) {
        const struct row_group *g = &course->p.group[i];
        if (!is_shown(course, i))
            continue;
        struct ending_figures f = ending_figures(t->v[0].s.t, g->rows, g->n);
        cells[0] = name_of(course, i);
        for (size_t e = 0; e < ENDINGS_N; e++)
            cells[e + 1] = count_text(t->arena, f.count[e], f.total);
        blocks_table_row(t->out, cells, ENDINGS_N + 1);
    }
    blocks_table_end(t->out);
}

/* ---- what it says ---- */

static void say_differences(const struct course *course)
{
    const struct trainings *t = course->t;
    const struct contrast *last = &course->p.c[course->p.n - 1];

    if (course->p.why) {
        blocks_paragraph(t->out, "No difference is tested: tries go on from one another. Gained: "
                                 "not solved in the first, but in this one; lost the other way.");
        return;
    }
    blocks_paragraph(
        t->out,
        "Each is compared with the first on the questions that both have: mean difference with its "
        "95 %% t interval over questions, p by sign flips, q by Benjamini and Hochberg over all of "
        "them. Below 10 common questions, or with q of 0.05 or more, the word is 'cannot tell'. "
        "Gained: no trial passed at first, some do now; lost the other way.");
    if (last->known && last->rate.mde > 0)
        blocks_paragraph(t->out,
                         "With these questions a difference of %.3f would be found four times of "
                         "five; smaller ones may hide.",
                         last->rate.mde);
    if (last->only_a || last->only_b)
        blocks_paragraph(t->out,
                         "The questions change: %zu are in the first and the last, %zu only in the "
                         "first, %zu only in the last.",
                         last->common, last->only_a, last->only_b);
}

/* From epoch to epoch; where there is only one, from iteration to iteration. */
static struct course course_of(const struct trainings *t)
{
    struct course c = {.t = t, .by_epoch = true, .stride = 1};

    c.p = progression_of(&t->v[0].s, BY_EPOCH, t->arena);
    if (c.p.n < 2) {
        struct progression finer = progression_of(&t->v[0].s, BY_ITERATION, t->arena);
        c.by_epoch = finer.n < 2;
        c.p = c.by_epoch ? c.p : finer;
    }
    while (c.p.n / c.stride > EPOCHS_SHOWN)
        c.stride *= 2;
    return c;
}

void write_epochs(const struct trainings *t)
{
    struct course c = course_of(t);

    blocks_heading(t->out, 2, c.by_epoch ? "From Epoch to Epoch" : "From Iteration to Iteration");
    if (c.p.n == 0) {
        blocks_paragraph(t->out, "Its trajectories name no epochs: not assessed.");
        return;
    }
    put_points(&c);
    blocks_bold(t->out, "Result: ", "%s.", progression_says(&c.p, t->arena));
    if (c.p.n < 2)
        return;
    say_differences(&c);
    put_endings(&c);
}
