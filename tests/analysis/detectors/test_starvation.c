/* Groups that teach nothing, and completions that are cut off. */
#include "analysis/detectors/detector.h"
#include "analysis/stats/moments.h"
#include "tests/support/curves.h"
#include "tests/support/made.h"

#include <criterion/criterion.h>

extern const struct detector detector_advantage_starvation, detector_truncated;

enum { N = 100 };

/* From a to b until the share `until` of the run, then on to c; noise of the given width. */
struct course {
    double a, b, c, until, scatter;
};

static void follow(const struct course *course, double *x, size_t n, uint64_t seed)
{
    struct noise noise = {seed};

    for (size_t i = 0; i < n; i++) {
        double u = (double)i / (double)(n - 1), t = course->until;

        x[i] = (u < t ? course->a + (course->b - course->a) * u / t
                      : course->b + (course->c - course->b) * (u - t) / (1 - t)) +
               course->scatter * noise_next(&noise);
    }
}

static void put(struct made *made, enum role role, const struct course *course, size_t n)
{
    double x[N];

    follow(course, x, n, (uint64_t)role + 1);
    made_series(made, role, NULL, x, n);
}

Test(advantage_starvation, groups_that_teach_nothing)
{
    static const struct {
        const char *what;
        enum role role;
        double from, to;
        enum finding_status want;
        enum severity severity;
    } rows[] = {
        {"few", ROLE_ZERO_VARIANCE, .2, .3, FINDING_NOT_FOUND, SEVERITY_INFO},
        {"more than half", ROLE_ZERO_VARIANCE, .2, .7, FINDING_FOUND, SEVERITY_MEDIUM},
        {"nearly all", ROLE_ZERO_VARIANCE, .2, .9, FINDING_FOUND, SEVERITY_HIGH},
        {"mixed groups", ROLE_MIXED_SHARE, .8, .7, FINDING_NOT_FOUND, SEVERITY_INFO},
        {"few mixed groups", ROLE_MIXED_SHARE, .8, .1, FINDING_FOUND, SEVERITY_HIGH},
    };
    static const struct setting group[] = {{"num_generations", 8}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct made made;
        double late[25];

        made_init(&made, EXPERIMENT_RL);
        made_settings(&made, group, 1);
        put(&made, rows[i].role, &(struct course){rows[i].from, rows[i].to, rows[i].to, .5, .02},
            100);
        put(&made, ROLE_REWARD, &(struct course){.5, .5, .5, .5, 0}, 100);
        detector_advantage_starvation.run(&made.subject, &made.found);
        const struct finding *f = made_find(&made.found, "advantage_starvation");
        cr_expect(f->status == rows[i].want && f->severity == rows[i].severity, "%s: %s",
                  rows[i].what, f->sentence);
        for (size_t k = 0; k < 25; k++) {
            double x = made.subject.role[rows[i].role].clean.active.value[75 + k];

            late[k] = rows[i].role == ROLE_MIXED_SHARE ? 1 - x : x;
        }
        double share = median_of(late, 25, &made.arena);
        cr_expect(near_to(made_value(f, "zero_variance_share_last_quarter"), share, 1e-12) &&
                  near_to(made_value(f, "effective_batch"), 1 - share, 1e-12));
        cr_expect(near_to(made_value(f, "expected_at_least"), 1.0 / 128, 1e-12));
        made_fini(&made);
    }
}

/* From step 71 of 100 on no group has two rewards; what the rewards are says why. */
Test(advantage_starvation, says_whether_they_are_solved_or_fail)
{
    static const struct {
        struct course reward;
        double cut_off;
        const char *says, *advises; /* NULL: nothing */
    } rows[] = {
        {{.3, .95, .95, .5, 0}, 0, "because they are solved: the mean reward is 0.95", "harder"},
        {{0, 0, 0, .5, 0}, 0, "because they fail: the mean reward is 0.", "easier"},
        {{.3, .5, .5, .5, 0}, 0, "some prompts are always solved and others never", "between"},
        {{.8, 1.9, 1.9, .5, 0}, 0, "solved, if no more can be earned", "harder"},
        {{1, -3, -3, .5, 0}, 0, "they fail, if no less can be earned", "easier"},
        {{1, 3, 2, .5, 0}, 0, "0% of the batch teaches.", "between"},
        {{0, 0, 0, .5, 0}, 1, "because they fail", NULL},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct made made;
        double share[100];

        made_init(&made, EXPERIMENT_RL);
        for (size_t k = 0; k < 100; k++)
            share[k] = k < 70 ? .2 : 1;
        made_series(&made, ROLE_ZERO_VARIANCE, NULL, share, 100);
        put(&made, ROLE_REWARD, &rows[i].reward, 100);
        put(&made, ROLE_TRUNCATED_SHARE,
            &(struct course){rows[i].cut_off, rows[i].cut_off, rows[i].cut_off, .5, 0}, 100);
        detector_advantage_starvation.run(&made.subject, &made.found);
        const struct finding *f = made_find(&made.found, "advantage_starvation");
        cr_expect(f->status == FINDING_FOUND && strstr(f->sentence, rows[i].says), "row %zu: %s", i,
                  f->sentence);
        cr_expect(strstr(f->sentence, "all from step 71 on"), "%s", f->sentence);
        cr_expect((f->advice == NULL) == (rows[i].advises == NULL), "row %zu", i);
        if (f->advice && rows[i].advises)
            cr_expect(strstr(f->advice->to, rows[i].advises), "row %zu: %s", i, f->advice->to);
        made_fini(&made);
    }
}

Test(truncated, completions_that_are_cut_off)
{
    static const struct course learns = {.1, .5, .5, .5, .02}, stuck = {0, 0, 0, .5, 0};
    static const struct {
        const char *what;
        double from, to;
        const struct course *reward;
        enum finding_status want;
        enum severity severity;
        const char *now; /* NULL: the limit is not known */
    } rows[] = {
        {"few", .02, .05, &learns, FINDING_NOT_FOUND, SEVERITY_INFO, NULL},
        {"a seventh", .02, .15, &learns, FINDING_FOUND, SEVERITY_LOW, NULL},
        {"a third, rising", .02, .36, &learns, FINDING_FOUND, SEVERITY_MEDIUM, NULL},
        {"all of a fixed length", 1, 1, &learns, FINDING_FOUND, SEVERITY_MEDIUM, "about 512"},
        {"all, and no reward", 1, 1, &stuck, FINDING_FOUND, SEVERITY_HIGH, "about 512"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct made made;

        made_init(&made, EXPERIMENT_RL);
        put(&made, ROLE_REWARD, rows[i].reward, 100);
        put(&made, ROLE_RESPONSE_LENGTH, &(struct course){512, 512, 512, .5, 0}, 100);
        put(&made, ROLE_TRUNCATED_SHARE,
            &(struct course){rows[i].from, rows[i].to, rows[i].to, .5, 0}, 100);
        detector_truncated.run(&made.subject, &made.found);
        const struct finding *f = made_find(&made.found, "truncated");
        cr_expect(f->status == rows[i].want && f->severity == rows[i].severity, "%s: %s",
                  rows[i].what, f->sentence);
        cr_expect(near_to(made_value(f, "truncated_share_last_quarter"), rows[i].to, 1e-9));
        cr_expect((f->advice != NULL) == (rows[i].want == FINDING_FOUND));
        if (f->advice && rows[i].now)
            cr_expect_str_eq(f->advice->from, rows[i].now);
        else if (f->advice)
            cr_expect(!f->advice->from, "%s", rows[i].what);
        made_fini(&made);
    }
}

Test(truncated, a_task_without_answers_is_not_asked_for_their_length)
{
    struct made made;

    made_init(&made, EXPERIMENT_RL);
    put(&made, ROLE_REWARD, &(struct course){0, 1, 1, .5, 0}, 100);
    detector_truncated.run(&made.subject, &made.found);
    cr_expect(made.found.list.n == 0);
    put(&made, ROLE_RESPONSE_LENGTH, &(struct course){512, 512, 512, .5, 0}, 100);
    detector_truncated.run(&made.subject, &made.found);
    cr_expect(made_find(&made.found, "truncated")->status == FINDING_NOT_APPLICABLE);
    made_fini(&made);
}
