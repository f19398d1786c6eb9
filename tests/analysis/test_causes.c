#include "analysis/causes.h"

#include "analysis/advised.h"
#include "tests/support/made.h"

#include <criterion/criterion.h>

struct one {
    const char *class, *series;
    int64_t from, to;
};

static struct arena arena;
static struct findings found;

static void start(void)
{
    arena_init(&arena);
    found = (struct findings){.arena = &arena};
}

static void stop(void)
{
    arena_fini(&arena);
}

TestSuite(causes, .init = start, .fini = stop);

static void add(const struct one *one)
{
    struct finding *f = finding_add(&found, one->class, FINDING_FOUND);

    f->sentence = "It is so.";
    f->severity = SEVERITY_MEDIUM;
    f->confidence = .9;
    f->evidence.from = one->from;
    f->evidence.to = one->to;
    finding_column(&found, f, str_of(one->series));
}

Test(causes, what_another_finding_explains_is_taken_back)
{
    static const struct {
        struct one cause, effect;
        enum finding_status want;
    } rows[] = {
        {{"divergence", "a", 100, 200}, {"overfitting", "b", 50, 200}, FINDING_NOT_FOUND},
        {{"divergence", "a", 100, 200}, {"overfitting", "b", 50, 90}, FINDING_FOUND},
        {{"divergence", "a", 100, 200}, {"plateau", "a", 100, 200}, FINDING_NOT_APPLICABLE},
        {{"divergence", "a", 100, 200}, {"oscillation", "a", 100, 200}, FINDING_NOT_APPLICABLE},
        {{"divergence", "a", 100, 200}, {"spikes", "a", 120, 140}, FINDING_NOT_APPLICABLE},
        {{"divergence", "a", 100, 200}, {"spikes", "a", 20, 140}, FINDING_FOUND},
        {{"divergence", "a", 100, 200}, {"level_shift", "a", 30, 30}, FINDING_FOUND},
        {{"restart", "a", 100, 130}, {"spikes", "a", 105, 110}, FINDING_NOT_APPLICABLE},
        {{"restart", "a", 100, 130}, {"level_shift", "a", 105, 300}, FINDING_FOUND},
        {{"overfitting", "v", 100, 200}, {"val_plateau", "v", 150, 200}, FINDING_NOT_APPLICABLE},
        {{"overfitting", "v", 100, 200}, {"plateau", "v", 150, 200}, FINDING_NOT_APPLICABLE},
        {{"overfitting", "v", 100, 200}, {"plateau", "t", 150, 200}, FINDING_FOUND},
        {{"schedule_end", "v", 100, 200}, {"val_plateau", "v", 150, 200}, FINDING_NOT_APPLICABLE},
        {{"plateau", "v", 100, 200}, {"val_plateau", "v", 150, 200}, FINDING_NOT_APPLICABLE},
        {{"plateau", "v", 100, 200}, {"val_plateau", "v", 50, 120}, FINDING_FOUND},
        {{"no_progress", "v", 1, 200}, {"plateau", "t", 100, 200}, FINDING_NOT_APPLICABLE},
        {{"no_progress", "v", 1, 200}, {"stalled_early", "v", 50, 200}, FINDING_NOT_APPLICABLE},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (int order = 0; order < 2; order++) { /* which was found first does not matter */
            found.list.n = 0;
            add(order ? &rows[i].effect : &rows[i].cause);
            add(order ? &rows[i].cause : &rows[i].effect);
            causes_apply(&found);
            const struct finding *cause = made_find(&found, rows[i].cause.class);
            const struct finding *f = made_find(&found, rows[i].effect.class);
            cr_expect(cause->status == FINDING_FOUND && cause->severity == SEVERITY_MEDIUM);
            cr_expect(f->status == rows[i].want, "row %zu: %s by %s", i, f->class, cause->class);
            if (rows[i].want == FINDING_FOUND)
                continue;
            cr_expect(f->severity == SEVERITY_INFO && f->confidence == 0 && !f->advice);
            cr_expect(f->explained_by && strstr(f->sentence, f->explained_by), "row %zu", i);
        }
    }
}

Test(causes, a_part_that_lies_behind_the_onset_is_noted)
{
    add(&(struct one){"divergence", "a", 100, 200});
    add(&(struct one){"spikes", "a", 20, 140});
    causes_apply(&found);
    const struct finding *f = made_find(&found, "spikes");
    cr_expect(f->caveats.n == 1 && strstr(f->caveats.v[0], "after step 100"));
}

Test(causes, what_was_taken_back_explains_nothing)
{
    add(&(struct one){"divergence", "a", 100, 200});
    add(&(struct one){"overfitting", "v", 110, 200});
    add(&(struct one){"val_plateau", "v", 20, 90});
    causes_apply(&found);
    cr_expect(made_find(&found, "overfitting")->status == FINDING_NOT_FOUND);
    cr_expect(made_find(&found, "val_plateau")->status == FINDING_FOUND);
}

/* All groups alike: no gradient is left for the steps that were planned. */
Test(causes, a_batch_that_teaches_nothing_wants_no_more_steps)
{
    for (int teaches = 0; teaches < 2; teaches++) {
        struct advice more = {.key = "continue to the planned end", .from = "250", .to = "500"};

        found.list.n = 0;
        add(&(struct one){"advantage_starvation", "z", 200, 250});
        finding_value(&found, &found.list.v[0], EFFECTIVE_BATCH, teaches ? .3 : .01, "");
        add(&(struct one){"stopped_early", "r", 250, 250});
        found.list.v[1].advice = &more;
        causes_apply(&found);
        cr_expect((made_find(&found, "stopped_early")->advice != NULL) == teaches);
    }
}

/* Most programs have one rate: it is not told to rise and to fall at once. */
Test(causes, one_rate_is_advised_one_way)
{
    for (int fast = 0; fast < 2; fast++) {
        struct advice higher = {.key = VALUE_RATE_KEY, .to = TIMES_THREE};
        struct advice lower = {.key = POLICY_RATE_KEY, .from = "3e-4", .to = "1e-4"};

        found.list.n = 0;
        add(&(struct one){"explained_variance", "e", 200, 250});
        found.list.v[0].advice = &higher;
        add(&(struct one){"policy_kl", "k", 200, 250});
        found.list.v[1].advice = fast ? &lower : NULL;
        causes_apply(&found);
        cr_expect((made_find(&found, "explained_variance")->advice == NULL) == fast);
        cr_expect((made_find(&found, "policy_kl")->advice != NULL) == fast);
    }
}

/* Past its best a loss wants no higher rate; while a score rises, no fewer steps either. */
Test(causes, a_turned_loss_wants_no_higher_rate)
{
    for (int rises = 0; rises < 2; rises++) {
        struct advice higher = {.key = "learning rate", .from = "1e-4", .to = "3e-4"};
        struct advice lower = {.key = "learning rate", .from = "3e-4", .to = "1e-4"};
        struct advice fewer = {.key = "max_steps", .from = "300", .to = "100"};

        found.list.n = 0;
        add(&(struct one){"overfitting", "v", 100, 300});
        if (rises)
            finding_value(&found, &found.list.v[0], SCORE_SINCE_BEST, .03, "");
        add(&(struct one){"no_progress", "t", 1, 300});
        found.list.v[1].advice = &higher;
        add(&(struct one){"spikes", "t", 50, 60});
        found.list.v[2].advice = &lower;
        add(&(struct one){"stopped_early", "t", 300, 300});
        found.list.v[3].advice = &fewer;
        add(&(struct one){"efficiency", "v", 100, 300});
        causes_apply(&found);
        cr_expect(!made_find(&found, "no_progress")->advice);
        cr_expect(made_find(&found, "spikes")->advice == &lower);
        cr_expect((made_find(&found, "stopped_early")->advice == NULL) == rises);
        cr_expect((made_find(&found, "efficiency")->status == FINDING_FOUND) == !rises);
    }
}
