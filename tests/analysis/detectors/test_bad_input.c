/* Whatever is logged, a check ends with an answer, and little or nothing is no finding. */
#include "analysis/detectors/detector.h"

#include "tests/support/made.h"

#include <criterion/criterion.h>

extern const struct detector detector_grad_explosion, detector_grad_vanishing,
    detector_grad_clipping, detector_grad_distribution, detector_grad_inferred, detector_lr_warmup,
    detector_lr_effectiveness, detector_continued_training, detector_throughput,
    detector_efficiency;

static const struct detector *const checked[] = {
    &detector_grad_explosion,    &detector_grad_vanishing,     &detector_grad_clipping,
    &detector_grad_distribution, &detector_grad_inferred,      &detector_lr_warmup,
    &detector_lr_effectiveness,  &detector_continued_training, &detector_throughput,
    &detector_efficiency};

enum { CHECKED = sizeof(checked) / sizeof(checked[0]), N = 300 };

static const enum role roles[] = {ROLE_TRAIN_LOSS,    ROLE_VALIDATION_LOSS, ROLE_LEARNING_RATE,
                                  ROLE_GRADIENT_NORM, ROLE_THROUGHPUT,      ROLE_UPDATE_RATIO,
                                  ROLE_STEP_TIME,     ROLE_GPU_UTILISATION};

static double one_value(size_t i)
{
    (void)i;
    return 2;
}

static double nothing(size_t i)
{
    (void)i;
    return (double)NAN;
}

static double zero(size_t i)
{
    (void)i;
    return 0;
}

static double negative(size_t i)
{
    return -1 - (double)(i % 5);
}

static double two_values(size_t i)
{
    return i % 2 ? 1 : 2;
}

static double infinite(size_t i)
{
    return i % 3 ? 1 : (double)INFINITY;
}

static double huge(size_t i)
{
    return i % 2 ? 1e300 : 1e-300;
}

Test(bad_input, gives_an_answer_and_no_finding_that_matters)
{
    static const struct {
        const char *what;
        double (*value)(size_t i);
        size_t n;
        bool short_of_data; /* every answer: insufficient, or does not apply */
    } rows[] = {
        {"empty", one_value, 0, true},       {"one point", one_value, 1, true},
        {"two points", two_values, 2, true}, {"all NaN", nothing, N, true},
        {"constant", one_value, N, false},   {"two values", two_values, N, false},
        {"zeros", zero, N, false},           {"negative", negative, N, false},
        {"infinite", infinite, N, false},    {"huge and tiny", huge, N, false},
    };

    for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
        for (size_t d = 0; d < CHECKED; d++) {
            struct made made;
            double values[N];

            made_init(&made, EXPERIMENT_LM);
            for (size_t i = 0; i < rows[k].n; i++)
                values[i] = rows[k].value(i);
            for (size_t r = 0; r < sizeof(roles) / sizeof(roles[0]); r++)
                made_series(&made, roles[r], NULL, values, rows[k].n);
            checked[d]->run(&made.subject, &made.found);
            cr_expect(made.found.list.n > 0, "%s, %s: silence", checked[d]->name, rows[k].what);
            for (size_t i = 0; i < made.found.list.n; i++) {
                const struct finding *f = &made.found.list.v[i];
                bool none =
                    f->status == FINDING_INSUFFICIENT_DATA || f->status == FINDING_NOT_APPLICABLE;

                cr_expect(none || !rows[k].short_of_data, "%s, %s: %s", checked[d]->name,
                          rows[k].what, f->sentence);
                cr_expect(f->sentence && f->what_would_change_it && f->confidence <= .99,
                          "%s, %s: %s", checked[d]->name, rows[k].what, f->id);
                cr_expect(f->status != FINDING_INSUFFICIENT_DATA || strstr(f->sentence, "needs"),
                          "%s, %s: %s", checked[d]->name, rows[k].what, f->sentence);
                bool small = strcmp(f->class, "grad_vanishing") == 0; /* zeros are */
                cr_expect(f->severity <= SEVERITY_LOW || f->status != FINDING_FOUND || small,
                          "%s, %s: %s", checked[d]->name, rows[k].what, f->sentence);
            }
            made_fini(&made);
        }
    }
}

/* ---- all of them, whatever is logged under every role ---- */

/* What is said of an input that was lost, or that is no matter of length. */
static bool counts_anything(const struct finding *f)
{
    static const char *const classes[] = {"missing_metrics", "nonfinite",     "divergence",
                                          "zero_loss",       "entropy_range", NULL};

    for (size_t i = 0; classes[i]; i++) {
        if (strcmp(f->class, classes[i]) == 0)
            return true;
    }
    return false;
}

static void check_one(const char *what, const struct finding *f, bool short_of_data)
{
    static const char *const odd[] = {"inf%", "nan%", "-nan", " nan", "200%", NULL};
    bool none = f->status == FINDING_INSUFFICIENT_DATA || f->status == FINDING_NOT_APPLICABLE;

    cr_expect(f->what_would_change_it != NULL, "%s: %s", what, f->id);
    cr_expect(f->confidence >= 0 && f->confidence <= .99 && f->severity <= SEVERITY_CRITICAL,
              "%s: %s", what, f->id);
    cr_expect(none || !short_of_data || counts_anything(f), "%s: %s: %s", what, f->id, f->sentence);
    cr_expect(f->status != FINDING_INSUFFICIENT_DATA || strpbrk(f->sentence, "0123456789") ||
                  strstr(f->sentence, "not known"),
              "%s: %s names no count: %s", what, f->id, f->sentence);
    for (size_t i = 0; odd[i] && strcmp(what, "huge and tiny") != 0; i++)
        cr_expect(!strstr(f->sentence, odd[i]), "%s: %s: %s", what, f->id, f->sentence);
}

static void check_all(const char *what, enum experiment_type type, const double *values, size_t n,
                      bool short_of_data)
{
    unsigned kind = type == EXPERIMENT_LM ? FOR_LM : FOR_RL;
    struct made made;

    made_init(&made, type);
    for (int r = 0; r < ROLES; r++)
        made_series(&made, (enum role)r, NULL, values, n);
    for (size_t d = 0; detectors[d]; d++) {
        if (detectors[d]->applies & kind)
            detectors[d]->run(&made.subject, &made.found);
    }
    for (size_t i = 0; i < made.found.list.n; i++)
        check_one(what, &made.found.list.v[i], short_of_data);
    made_fini(&made);
}

Test(bad_input, every_check_answers_with_counts)
{
    static const struct {
        const char *what;
        double (*value)(size_t i);
        size_t n;
        bool short_of_data;
    } rows[] = {
        {"empty", one_value, 0, true},       {"one point", one_value, 1, true},
        {"two points", two_values, 2, true}, {"all NaN", nothing, N, true},
        {"constant", one_value, N, false},   {"two values", two_values, N, false},
        {"zeros", zero, N, false},           {"negative", negative, N, false},
        {"infinite", infinite, N, false},    {"huge and tiny", huge, N, false},
    };

    for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
        double values[N];

        for (size_t i = 0; i < rows[k].n; i++)
            values[i] = rows[k].value(i);
        check_all(rows[k].what, EXPERIMENT_LM, values, rows[k].n, rows[k].short_of_data);
        check_all(rows[k].what, EXPERIMENT_RL, values, rows[k].n, rows[k].short_of_data);
    }
}

/* A share of 2 is no share, a norm of -3 no norm: nothing is concluded from them. */
Test(bad_input, what_cannot_be_what_its_name_says_is_not_judged)
{
    static const struct {
        enum role role;
        const char *detector, *class;
        double (*value)(size_t i);
    } rows[] = {
        {ROLE_GATE, "gate", "gate", one_value},
        {ROLE_GATE, "gate", "gate", negative},
        {ROLE_ZERO_VARIANCE, "advantage_starvation", "advantage_starvation", one_value},
        {ROLE_MIXED_SHARE, "advantage_starvation", "advantage_starvation", negative},
        {ROLE_TRUNCATED_SHARE, "truncated", "truncated", negative},
        {ROLE_CLIP_FRACTION, "policy_update", "clip_fraction", one_value},
        {ROLE_GRADIENT_NORM, "grad_vanishing", "grad_vanishing", negative},
    };

    for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
        struct made made;
        double values[N];

        made_init(&made, EXPERIMENT_RL);
        for (size_t i = 0; i < N; i++)
            values[i] = rows[k].value(i);
        made_series(&made, rows[k].role, NULL, values, N);
        for (size_t d = 0; detectors[d]; d++) {
            if (strcmp(detectors[d]->name, rows[k].detector) == 0)
                detectors[d]->run(&made.subject, &made.found);
        }
        const struct finding *f = made_find(&made.found, rows[k].class);
        cr_expect(f->status == FINDING_NOT_APPLICABLE && strstr(f->sentence, "300 of the 300"),
                  "%s: %s", rows[k].class, f->sentence);
        made_fini(&made);
    }
}

/* ---- below the least lengths ---- */

static double falling(size_t i)
{
    return 3 - .1 * (double)i;
}

static double rising(size_t i)
{
    return .5 + .1 * (double)i;
}

static double turning(size_t i)
{
    return fabs((double)i - 7) + .5;
}

static double spiky(size_t i)
{
    return i == 9 ? 90 : 2 + .01 * (double)(i * 7 % 5);
}

static double jumping(size_t i)
{
    return i < 8 ? .2 : .9;
}

/* 1.5 times the least numbers of the specification: 6 evaluations, 8 rates, 12 iterations. */
static size_t sure_from(const struct finding *f)
{
    return strcmp(f->class, "overfitting") == 0 || strcmp(f->class, "val_rising") == 0 ? 10
           : strncmp(f->class, "lr_", 3) == 0                                          ? 12
                                                                                       : 18;
}

Test(bad_input, short_runs_have_no_finding_above_85_percent)
{
    static double (*const shapes[])(size_t i) = {falling, rising,   turning,    spiky,
                                                 jumping, negative, two_values, zero};
    static const enum experiment_type types[] = {EXPERIMENT_LM, EXPERIMENT_RL};

    for (size_t k = 0; k < sizeof(shapes) / sizeof(shapes[0]); k++) {
        for (size_t n = 3; n < 18; n++) {
            double values[20];

            for (size_t i = 0; i < n; i++)
                values[i] = shapes[k](i);
            for (size_t t = 0; t < 2; t++) {
                struct made made;

                made_init(&made, types[t]);
                for (int r = 0; r < ROLES; r++)
                    made_series(&made, (enum role)r, NULL, values, n);
                const struct analysis *a = analyze_subject(&made.subject, &made.arena);
                for (size_t i = 0; i < a->findings.list.n; i++) {
                    const struct finding *f = &a->findings.list.v[i];
                    bool fact =
                        counts_anything(f) || f->severity == SEVERITY_INFO || n >= sure_from(f);

                    cr_expect(f->status != FINDING_FOUND || f->confidence <= .85 || fact,
                              "shape %zu, %zu points: %s at %g: %s", k, n, f->id, f->confidence,
                              f->sentence);
                }
                made_fini(&made);
            }
        }
    }
}
