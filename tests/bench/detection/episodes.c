#include "tests/bench/detection/episodes.h"

#include "analysis/trajectories/enrich.h"
#include "analysis/trajectories/library.h"
#include "analysis/trajectories/passes.h"
#include "tests/bench/detection/score.h"
#include "tests/bench/detection/tale.h"
#include "tests/support/tmpdir.h"

enum { QUESTIONS = 40, TRIALS = 8, ROWS = QUESTIONS * TRIALS };

static const char *const rule_of[TALE_FAULTS] = {
    [TALE_LOOP] = "loop", [TALE_ERRORS] = "repeated_tool_error", [TALE_REPEATS] = "repeater"};

struct hits {
    size_t right, wrong, missed;
};

struct scores {
    size_t rows, read, clean_rows;
    struct hits fault[TALE_FAULTS], returns;
    size_t clean_rules; /* that hold in clean sets */
    size_t sets, flagged_clean, enriched[TALE_FAULTS];
    size_t easy, medium, hard;
};

static size_t rule_named(const char *name)
{
    size_t i = 0;

    while (i < failure_rules_n && strcmp(failure_rules[i].name, name) != 0)
        i++;
    return i;
}

/* Bimodal: one half of the questions is solved 94 times of 100, the other 6. A fault: twice. */
static void write_set(struct dice *dice, const struct tmpdir *dir, bool faulty, struct tale *tales)
{
    struct buf lines = {0};

    for (size_t i = 0; i < ROWS; i++) {
        size_t q = i / TRIALS;
        double p = q % 2 ? .94 : .06;

        tale_draw(dice, faulty, &tales[i]);
        p = tales[i].faulty ? .02 : p;
        buf_printf(&lines,
                   "{\"trajectory_id\":\"t%zu\",\"data_id\":\"q%zu\",\"training_id\":\"run\","
                   "\"epoch_id\":0,\"sample_id\":%zu,\"reward\":%d,",
                   i, q, i % TRIALS, dice_uniform(dice) < p);
        tale_put(dice, &tales[i], &lines);
        buf_printf(&lines, "}\n");
    }
    tmpdir_file(dir, "agents.jsonl", buf_text(&lines));
    buf_fini(&lines);
}

static void add(struct hits *h, bool is, bool found)
{
    h->right += is && found;
    h->wrong += !is && found;
    h->missed += is && !found;
}

/* The rows of the file come back in its order. */
static void score_rows(struct scores *s, const struct trajectories *t, const struct tale *tales,
                       bool faulty)
{
    for (size_t i = 0; i < t->n && i < ROWS; i++) {
        size_t bad = 0;

        for (size_t f = 0; f < TALE_FAULTS; f++) {
            bool found = t->rules[i] >> rule_named(rule_of[f]) & 1;
            add(&s->fault[f], tales[i].has[f], found);
            s->clean_rules += !faulty && found;
        }
        for (uint32_t k = 0; k < t->tools_n[i]; k++) {
            const struct tool_calls *c = &t->tool_calls[t->tools[i] + k];
            bad += c->count[RETURN_TIMEOUT] + c->count[RETURN_CONNECTION] + c->count[RETURN_ERROR];
        }
        s->returns.right += bad < tales[i].bad ? bad : tales[i].bad;
        s->returns.wrong += bad > tales[i].bad ? bad - tales[i].bad : 0;
        s->returns.missed += bad < tales[i].bad ? tales[i].bad - bad : 0;
        s->clean_rows += !faulty;
    }
}

static void score_failing(struct scores *s, const struct selection *all, bool faulty,
                          struct arena *arena)
{
    struct enrichment e = enrichment_of(all, arena);
    bool any = false, rule[TALE_FAULTS] = {0};

    for (size_t i = 0; i < e.n; i++) {
        if (!enriched_stands_out(&e.v[i]))
            continue;
        any = true;
        for (size_t f = 0; f < TALE_FAULTS; f++)
            rule[f] |= strcmp(e.v[i].kind, "rule") == 0 && strcmp(e.v[i].name, rule_of[f]) == 0;
    }
    s->flagged_clean += !faulty && any;
    for (size_t f = 0; f < TALE_FAULTS; f++)
        s->enriched[f] += faulty && rule[f];
}

static void one_set(struct dice *dice, struct scores *s, bool faulty)
{
    struct tale *tales = calloc(ROWS, sizeof(*tales));
    struct trajectory_filter none = trajectory_filter_none();
    const struct trajectories *t;
    struct selection all;
    struct coverage coverage;
    struct tmpdir dir;
    struct arena arena;
    struct err err;

    arena_init(&arena);
    tmpdir_make(&dir);
    write_set(dice, &dir, faulty, tales);
    const char *roots[] = {dir.path};
    struct library *library = library_new(&(struct strs){roots, 1});
    coverage_init(&coverage, &arena);
    if (library_look(library, NULL, &arena, &t, &coverage, &err) &&
        trajectories_select(t, &none, NULL, &arena, &all, &err)) {
        struct questions q = questions_of(t, all.rows, all.n, NAN, &arena);
        struct difficulty d = difficulty_of(&q);

        s->read += t->n;
        score_rows(s, t, tales, faulty);
        score_failing(s, &all, faulty, &arena);
        s->easy += faulty ? 0 : d.easy;
        s->medium += faulty ? 0 : d.medium;
        s->hard += faulty ? 0 : d.hard;
    }
    s->rows += ROWS;
    arena_fini(&arena);
    library_free(library);
    tmpdir_remove(&dir);
    free(tales);
}

static void put_hits(const char *name, const struct hits *h)
{
    struct ratio r = ratio_of(h->right, h->wrong, h->missed);
    struct wilson p = wilson_of(h->right, h->right + h->wrong);
    struct wilson c = wilson_of(h->right, h->right + h->missed);

    printf("%-24s %6zu  %5.3f [%.2f-%.2f]  %5.3f [%.2f-%.2f]\n", name, h->right + h->missed,
           r.precision, p.low, p.high, r.recall, c.low, c.high);
}

void episodes_print(const char *title, uint64_t seed, size_t sets)
{
    struct scores s = {.sets = sets};
    struct dice dice;

    dice_init(&dice, seed);
    for (size_t i = 0; i < sets; i++) {
        one_set(&dice, &s, false);
        one_set(&dice, &s, true);
    }
    printf("== %s: %zu sets, %zu trajectories, %zu read\n\n%-24s %6s  %5s %11s  %5s\n", title,
           2 * sets, s.rows, s.read, "", "there", "P", "", "R");
    for (size_t f = 0; f < TALE_FAULTS; f++)
        put_hits(rule_of[f], &s.fault[f]);
    put_hits("tool errors, by call", &s.returns);
    printf("rules that hold in clean sets: %zu of %zu trajectories\n", s.clean_rules, s.clean_rows);
    printf("said to go with failing: anything in %zu of %zu clean sets; in as many with faults",
           s.flagged_clean, sets);
    for (size_t f = 0; f < TALE_FAULTS; f++)
        printf(", %s %zu", rule_of[f], s.enriched[f]);
    printf("\nerrors not taken for one:");
    for (const char *const *text = tale_errors; *text; text++) {
        if (return_of_text(str_of(*text)) == RETURN_NORMAL)
            printf(" \"%s\"", *text);
    }
    printf("\nquestions of clean sets, half of them easy and half hard: easy %.3f, medium %.3f, "
           "hard %.3f\n\n",
           (double)s.easy / (double)(sets * QUESTIONS),
           (double)s.medium / (double)(sets * QUESTIONS),
           (double)s.hard / (double)(sets * QUESTIONS));
}
