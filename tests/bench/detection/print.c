/* The table. */
#include "analysis/stats/moments.h"
#include "tests/bench/detection/judge.h"
#include "tests/bench/detection/score.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void put_share(double x)
{
    if (isfinite(x))
        printf(" %5.3f", x);
    else
        printf("     -");
}

static void put_wilson(size_t hits, size_t n)
{
    struct wilson w = wilson_of(hits, n);

    if (n)
        printf(" [%.2f-%.2f]", w.low, w.high);
    else
        printf("            ");
}

static void put_onset(const struct tally *t, struct arena *scratch)
{
    size_t n = t->onsets.n;

    if (n)
        printf(" %6.1f %6.1f", median_of(t->onsets.v, n, scratch),
               quantile_of(t->onsets.v, n, .9, scratch));
    else
        printf("      -      -");
}

/* The findings made, as rows; each weighs as if the share of the runs with the class were a user's.
 */
struct rows {
    double *p, *weight;
    bool *is;
    size_t n;
};

static void add_found(struct rows *rows, const struct tally *t, double share)
{
    size_t with = t->true_hits + t->missed, without = t->false_hits + t->right_no;
    double all = (double)(with + without);

    for (size_t i = 0; i < t->samples.n; i++) {
        const struct sample *s = &t->samples.v[i];

        if (!(s->p > 0) || with == 0 || without == 0)
            continue;
        rows->p[rows->n] = s->p;
        rows->is[rows->n] = s->is;
        rows->weight[rows->n++] =
            s->is ? share * all / (double)with : (1 - share) * all / (double)without;
    }
}

static struct rows rows_for(size_t n, struct arena *scratch)
{
    return (struct rows){ARENA_ARRAY(scratch, n + 1, double), ARENA_ARRAY(scratch, n + 1, double),
                         ARENA_ARRAY(scratch, n + 1, bool), 0};
}

/* Over all classes, and the worst one with 20 findings. */
static void put_overall(const struct bench *b, struct arena *scratch)
{
    enum { LEAST = 20 };
    size_t n = 0;
    double worst = 0;
    const char *name = "none";

    for (size_t c = 0; c < CLASSES; c++)
        n += b->class[c].samples.n;
    struct rows all = rows_for(n, scratch);
    for (size_t c = 0; c < CLASSES; c++) {
        struct rows one = rows_for(b->class[c].samples.n, scratch);

        add_found(&all, &b->class[c], class_rows[c].share);
        add_found(&one, &b->class[c], class_rows[c].share);
        double ece = ece_of(one.p, one.is, one.weight, one.n, 10);
        if (one.n >= LEAST && ece > worst) {
            worst = ece;
            name = class_rows[c].shown;
        }
    }
    printf("\ncalibration at a user's shares: ECE %.3f over all findings, worst class %s %.3f\n",
           ece_of(all.p, all.is, all.weight, all.n, 10), name, worst);
}

static void put_calibration(const struct tally *t, double share, struct arena *scratch)
{
    size_t n = t->samples.n;
    double *p = ARENA_ARRAY(scratch, n, double);
    bool *is = ARENA_ARRAY(scratch, n, bool);
    struct rows rows = rows_for(n, scratch);

    for (size_t i = 0; i < n; i++) {
        p[i] = t->samples.v[i].p;
        is[i] = t->samples.v[i].is;
    }
    double brier = brier_of(p, is, n);
    add_found(&rows, t, share);
    if (rows.n)
        printf("  %.3f", ece_of(rows.p, rows.is, rows.weight, rows.n, 10));
    else
        printf("      -");
    printf("  %.3f", brier);
}

/* The precision if half of the runs had it, as in suites made for one class alone. */
static void put_balanced(const struct tally *t)
{
    size_t with = t->true_hits + t->missed, without = t->false_hits + t->right_no;
    double hit = with ? (double)t->true_hits / (double)with : (double)NAN;
    double wrong = without ? (double)t->false_hits / (double)without : (double)NAN;

    put_share(hit / (hit + wrong));
}

static void put_class(const struct bench *b, enum class_id c, struct arena *scratch)
{
    const struct tally *t = &b->class[c];
    struct ratio r = ratio_of(t->true_hits, t->false_hits, t->missed);
    size_t said = 0;

    printf("%-23s", class_rows[c].shown);
    if (!t->built) {
        printf(" not built (%zu with, %zu without)\n", t->true_hits + t->missed,
               t->false_hits + t->right_no);
        return;
    }
    for (size_t i = 0; i < SAID_KINDS; i++)
        said += t->said[i];
    printf(" %5zu %5zu", t->true_hits + t->missed, t->false_hits + t->right_no);
    put_share(r.precision);
    put_wilson(t->true_hits, t->true_hits + t->false_hits);
    put_share(r.recall);
    put_wilson(t->true_hits, t->true_hits + t->missed);
    put_share(r.f1);
    put_balanced(t);
    put_onset(t, scratch);
    put_calibration(t, class_rows[c].share, scratch);
    double n = said ? (double)said : 1;
    printf("  %3.0f%% %3.0f%%", 100 * (double)t->said[FINDING_INCONCLUSIVE] / n,
           100 * (double)t->said[FINDING_INSUFFICIENT_DATA] / n);
    printf("  %zu/%zu  %zu/%zu/%zu\n", t->unclear_found, t->unclear, t->tiny_sure, t->tiny_found,
           t->tiny);
}

static void put_blames(const char *name, const struct blames *blames)
{
    bool first = true;

    for (size_t i = 0; i < blames->list.n; i++) {
        const struct blame *b = &blames->list.v[i];

        if (b->false_hits + b->missed < BLAMED_MIN)
            continue;
        if (first)
            printf("  %-22s", name);
        first = false;
        printf(" %s", b->family);
        if (b->false_hits)
            printf(" +%zu", b->false_hits);
        if (b->missed)
            printf(" -%zu", b->missed);
    }
    if (!first)
        printf("\n");
}

/* +: wrongly found, -: missed. */
static void put_errors(const struct bench *b)
{
    printf("\nerrors by family (+ found and not there, - there and not found; %d or more)\n",
           BLAMED_MIN);
    for (size_t c = 0; c < CLASSES; c++) {
        if (b->class[c].built)
            put_blames(class_rows[c].shown, &b->class[c].blames);
    }
    put_blames("spikes, events", &b->events.blames);
}

static int by_p(const void *a, const void *b)
{
    const struct sample *x = a, *y = b;

    return (x->p > y->p) - (x->p < y->p);
}

/* What a stated confidence was worth: the isotonic fit of the findings made, block by block. */
static void put_map(const char *name, const struct tally *t, struct arena *scratch)
{
    size_t n = 0;
    struct sample *found = ARENA_ARRAY(scratch, t->samples.n, struct sample);
    double *p = ARENA_ARRAY(scratch, t->samples.n, double);
    double *fit = ARENA_ARRAY(scratch, t->samples.n, double);
    bool *is = ARENA_ARRAY(scratch, t->samples.n, bool);

    for (size_t i = 0; i < t->samples.n; i++) {
        if (t->samples.v[i].p > 0)
            found[n++] = t->samples.v[i];
    }
    if (n < 20)
        return;
    qsort(found, n, sizeof(*found), by_p);
    for (size_t i = 0; i < n; i++) {
        p[i] = found[i].p;
        is[i] = found[i].is;
    }
    isotonic_of(p, is, n, fit);
    printf("  %-22s", name);
    for (size_t i = 0, j = 0; i < n; i = j) {
        while (j < n && fit[j] == fit[i])
            j++;
        if (p[i] == p[j - 1])
            printf("  %.2f: %.2f (%zu)", p[i], fit[i], j - i);
        else
            printf("  %.2f-%.2f: %.2f (%zu)", p[i], p[j - 1], fit[i], j - i);
    }
    printf("\n");
}

static void put_maps(const struct bench *b, struct arena *scratch)
{
    printf("\nconfidence said: share that was right (findings), isotonic; 20 findings or more\n");
    for (size_t c = 0; c < CLASSES; c++)
        put_map(class_rows[c].shown, &b->class[c], scratch);
}

static void put_rules(const struct bench *b)
{
    printf("\nplain rules, at their own settings (analysis/anchors), on the same runs\n");
    printf("%-26s %-15s %5s %6s %6s %6s %12s\n", "rule", "class", "runs", "P", "R", "F1",
           "false rate");
    for (size_t k = 0; anchor_rules[k]; k++) {
        const struct rule_tally *t = &b->rule[k];
        struct ratio r = ratio_of(t->true_hits, t->false_hits, t->missed);
        size_t without = t->false_hits + t->right_no;

        if (t->applicable == 0)
            continue;
        printf("%-26s %-15s %5zu ", anchor_rules[k]->name, anchor_rules[k]->class, t->applicable);
        put_share(r.precision);
        put_share(r.recall);
        put_share(r.f1);
        printf("  %10.3f\n", without ? (double)t->false_hits / (double)without : (double)NAN);
    }
}

static void put_event_row(const char *name, const struct event_tally *t)
{
    struct ratio r = ratio_of(t->true_hits, t->false_hits, t->missed);

    printf("%-26s", name);
    put_share(r.precision);
    put_wilson(t->true_hits, t->true_hits + t->false_hits);
    put_share(r.recall);
    put_wilson(t->true_hits, t->true_hits + t->missed);
    put_share(r.f1);
    printf("  %6.2f\n",
           t->clean_runs ? (double)t->clean_false / (double)t->clean_runs : (double)NAN);
}

static void put_events(const struct bench *b)
{
    printf("\nspikes, event by event\n%-26s %5s %12s %5s %12s %6s %s\n", "", "P", "", "R", "", "F1",
           "false a clean run");
    put_event_row("analysis/stats/spikes.h", &b->events);
    for (size_t k = 0; anchor_rules[k]; k++) {
        if (b->rule_events[k].true_hits + b->rule_events[k].missed > 0)
            put_event_row(anchor_rules[k]->name, &b->rule_events[k]);
    }
}

static void put_count(const struct count *c)
{
    printf("  %-34s %5zu runs  %.3f a run\n", c->name, c->runs,
           c->runs ? (double)c->found / (double)c->runs : 0);
}

static void put_unwanted(const struct bench *b)
{
    printf("\nfalse findings of medium severity or more, all detectors\n");
    put_count(&b->clean);
    put_count(&b->decoys);
    put_count(&b->faulty);
    printf("  by class (in runs without a fault):");
    for (size_t i = 0; i < b->unwanted_n; i++) {
        if (b->unwanted[i].runs)
            printf(" %s %zu", b->unwanted[i].name, b->unwanted[i].runs);
    }
    printf("\n  by family, above .05 a run:");
    for (size_t i = 0; i < b->family_n; i++) {
        const struct count *c = &b->family[i];
        if ((double)c->found > .05 * (double)c->runs)
            printf(" %s %.2f", c->name, (double)c->found / (double)c->runs);
    }
    printf("\n");
}

static void put_schedules(const struct bench *b)
{
    if (b->schedules == 0)
        return;
    printf("\nlearning-rate schedule: %.3f", (double)b->schedules_right / (double)b->schedules);
    put_wilson(b->schedules_right, b->schedules);
    printf(" of %zu; mistaken:", b->schedules);
    for (int t = 0; t <= SCHEDULE_OTHER; t++) {
        for (int s = 0; s <= SCHEDULE_OTHER; s++) {
            if (s != t && b->schedule[t][s] > b->schedules / 500)
                printf(" %s as %s %zu", schedule_name((enum schedule_kind)t),
                       schedule_name((enum schedule_kind)s), b->schedule[t][s]);
        }
    }
    printf("\n");
}

void bench_print(const struct bench *b, const char *title)
{
    struct arena scratch;

    arena_init(&scratch);
    printf("== %s: %zu runs (%zu of at most 60 points), %zu rows\n\n", title, b->runs, b->tiny_runs,
           b->rows);
    printf("%-23s %5s %5s %5s %12s %5s %12s %5s %5s %6s %6s  %5s  %5s  %4s %4s  %s  %s\n", "class",
           "with", "w/o", "P", "", "R", "", "F1", "P 1:1", "onset", "p90 %", "ECE", "Brier", "inc.",
           "ins.", "band", "tiny");
    for (size_t c = 0; c < CLASSES; c++) {
        const struct tally *t = &b->class[c];
        if (t->true_hits + t->missed + t->false_hits + t->right_no > 0)
            put_class(b, (enum class_id)c, &scratch);
    }
    put_overall(b, &scratch);
    put_errors(b);
    put_maps(b, &scratch);
    put_events(b);
    put_rules(b);
    put_unwanted(b);
    advice_print(b);
    put_schedules(b);
    if (b->states)
        printf("reward state: %.3f of %zu\n", (double)b->states_right / (double)b->states,
               b->states);
    if (b->bands)
        printf("loss at twice the steps: in the band %.3f of %zu, mean error %.2f%%\n",
               (double)b->bands_hit / (double)b->bands, b->bands,
               100 * b->band_error / (double)b->bands);
    else
        printf("loss at twice the steps: not built\n");
    printf("time: %.2f s in analyses, %.2f s per 1e6 rows\n\n", b->seconds,
           b->rows ? 1e6 * b->seconds / (double)b->rows : 0);
    arena_fini(&scratch);
}
