#include "analysis/checks.h"

#include "analysis/anchors/anchor.h"
#include "tests/support/made.h"

#include <criterion/criterion.h>
#include <math.h>

static bool read_text(struct arena *arena, const char *text, struct checks *out, struct err *err)
{
    const struct json *object = json_parse(arena, str_of(text), JSON_STRICT, 64, err);

    cr_assert(object != NULL, "%s", text);
    return checks_read(object, arena, out, err);
}

Test(checks, nothing_given_leaves_the_defaults)
{
    struct arena arena;
    struct checks checks;
    const char *said[ROLES + THRESHOLDS];
    struct err err;

    arena_init(&arena);
    cr_assert(checks_read(NULL, &arena, &checks, &err));
    cr_expect(checks.role[ROLE_TRAIN_LOSS] == NULL && isnan(checks.threshold[THRESHOLD_STALL]));
    cr_expect(checks_say(&checks, &arena, said) == 0);
    arena_fini(&arena);
}

Test(checks, a_role_and_a_threshold_are_taken_and_said)
{
    struct arena arena;
    struct checks checks;
    const char *said[ROLES + THRESHOLDS];
    struct err err;

    arena_init(&arena);
    cr_assert(read_text(&arena,
                        "{\"roles\":{\"train_loss\":\"my/loss\"},"
                        "\"thresholds\":{\"plateau.per_doubling\":0.02}}",
                        &checks, &err));
    cr_expect_str_eq(checks.role[ROLE_TRAIN_LOSS], "my/loss");
    cr_expect(checks.threshold[THRESHOLD_STALL] == 0.02);
    cr_assert(checks_say(&checks, &arena, said) == 2);
    cr_expect_str_eq(said[0], "set by checks: 'my/loss' is taken as train_loss");
    cr_expect(strstr(said[1], "plateau.per_doubling is 0.02 (default 0.005)") != NULL, "%s",
              said[1]);
    arena_fini(&arena);
}

Test(checks, what_is_not_known_or_out_of_bounds_is_refused_with_what_is)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"[]", "checks must be an object"},
        {"{\"rules\":{}}", "checks has the members roles and thresholds, not 'rules'"},
        {"{\"roles\":[]}", "checks.roles must be an object"},
        {"{\"roles\":{\"train_lose\":\"x\"}}", "did you mean 'train_loss'?"},
        {"{\"roles\":{\"approx_kl\":\"kl\"}}", /* an alias, not a role */
         "did you mean 'policy_kl'?; the roles are train_loss, validation_loss,"},
        {"{\"roles\":{\"zz\":\"kl\"}}", "no role 'zz'; the roles are train_loss"},
        {"{\"roles\":{\"train_loss\":3}}", "checks.roles.train_loss must be the name of a series"},
        {"{\"thresholds\":{\"plateau.per_doublin\":1}}", "did you mean 'plateau.per_doubling'?"},
        {"{\"thresholds\":{\"plateau.per_doubling\":-1}}", "must be a number from 1e-06 to 1"},
        {"{\"thresholds\":{\"plateau.per_doubling\":\"a\"}}", "must be a number"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena arena;
        struct checks checks;
        struct err err;

        arena_init(&arena);
        cr_expect(!read_text(&arena, rows[i].text, &checks, &err), "%s", rows[i].text);
        cr_expect(err.code == ERR_ARGUMENT && strstr(err.msg, rows[i].says), "%s: %s", rows[i].text,
                  err.msg);
        arena_fini(&arena);
    }
}

Test(checks, each_threshold_has_a_default_within_its_bounds)
{
    for (int i = 0; i < THRESHOLDS; i++) {
        char text[200];
        struct arena arena;
        struct checks checks;
        struct err err;

        arena_init(&arena);
        snprintf(text, sizeof(text), "{\"thresholds\":{\"%s\":%.17g}}",
                 threshold_name((enum threshold)i), threshold_default((enum threshold)i));
        cr_expect(read_text(&arena, text, &checks, &err), "%s", text);
        arena_fini(&arena);
    }
}

/* The settings of deepfix's TrainingDynamicsConfig are the defaults of its rules. */
Test(checks, the_plain_rules_honour_what_the_user_sets)
{
    static const double train[] = {1, .8, .6, .5, .4}, val[] = {1, .85, .7, .55, .45};
    static const struct {
        enum threshold threshold;
        double value;
        bool fires;
    } rows[] = {{THRESHOLD_DEEPFIX_GAP, NAN, true}, /* largest gap .1 / .6 = .167 */
                {THRESHOLD_DEEPFIX_GAP, 0.2, false},
                {THRESHOLD_DEEPFIX_GAP, 0.16, true}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct checks checks;
        struct anchors anchors;
        struct made made;
        struct err err;

        made_init(&made, EXPERIMENT_LM);
        cr_assert(checks_read(NULL, &made.arena, &checks, &err));
        checks.threshold[rows[i].threshold] = rows[i].value;
        made.subject.checks = &checks;
        made_series(&made, ROLE_TRAIN_LOSS, NULL, train, 5);
        made_series(&made, ROLE_VALIDATION_LOSS, NULL, val, 5);
        anchors_of(&made.subject, &made.arena, &anchors);
        for (size_t k = 0; k < anchors.list.n; k++) {
            const struct anchor *a = &anchors.list.v[k];
            if (strcmp(a->name, "deepfix_gap") == 0)
                cr_expect(a->applicable && a->fired == rows[i].fires, "%g: %g against %g",
                          rows[i].value, a->value, a->threshold);
        }
        made_fini(&made);
    }
}
