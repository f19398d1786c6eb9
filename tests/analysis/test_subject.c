#include "analysis/analyze.h"
#include "analysis/catalog.h"
#include "tests/support/tmpdir.h"

#include <criterion/criterion.h>
#include <math.h>

static struct tmpdir t;
static struct arena arena;
static struct catalog *catalog;
static const struct experiment *experiment;

static const char id[] = "20240101-000000-commit_nogit-config_0123456789";

static void put(const char *name, const char *text)
{
    char path[256];

    snprintf(path, sizeof(path), "%s/%s", id, name);
    tmpdir_file(&t, path, text);
}

static void set_up(void)
{
    char folder[128];

    tmpdir_make(&t);
    arena_init(&arena);
    snprintf(folder, sizeof(folder), "%s/dashboard_metrics", id);
    tmpdir_folder(&t, folder);
    put("metadata.json", "{\"type\": \"lm\"}");
    put("config.yaml", "BATCH_SIZE: 64\nMAX_GRAD_NORM: 1.0\nLEARNING_RATE_SCHEDULER:\n"
                       "  WARMUP_RATIO: 0.1\n  BASE_LR: 0.001\n  MIN_LR: 1.0e-6\n");
    put("dashboard_metrics/metrics.jsonl",
        "{\"step\": 1, \"loss\": 9, \"Losses/Total\": 5.0, \"Learning Rate\": 0.001}\n"
        "{\"step\": 2, \"loss\": 9, \"Losses/Total\": 4.0}\n"
        "{\"step\": 3, \"loss\": 9, \"Losses/Total\": NaN}\n"
        "{\"step\": 2, \"loss\": 9, \"Losses/Total\": 4.5}\n");
    const char *roots[] = {t.path};
    catalog = catalog_open(&(struct strs){roots, 1});
}

static void tear_down(void)
{
    arena_fini(&arena);
    catalog_close(catalog);
    tmpdir_remove(&t);
}

TestSuite(subject_load, .init = set_up, .fini = tear_down);

Test(subject_load, takes_what_was_logged_by_role_and_the_settings_of_the_run)
{
    struct coverage coverage;
    struct subject s;
    struct err err = {0};

    coverage_init(&coverage, &arena);
    cr_assert(catalog_find(catalog, id, &arena, &experiment, &err), "%s", err.msg);
    cr_assert(subject_load(experiment, &arena, &coverage, &s, &err), "%s", err.msg);

    const struct role_series *loss = &s.role[ROLE_TRAIN_LOSS];
    cr_assert(loss->logged);
    cr_expect(str_is(loss->name, "Losses/Total"), "the alias that stands first, not `loss`");
    cr_expect(loss->clean.active.n == 2 && loss->clean.active.value[1] == 4.5);
    cr_expect(loss->clean.restarts_n == 1 && loss->clean.non_finite_superseded == 1);
    cr_expect(!s.role[ROLE_PERPLEXITY].logged, "derived, not logged");
    cr_expect(!s.role[ROLE_VALIDATION_LOSS].logged && !s.lagrangian);
    cr_expect(subject_primary(&s) == ROLE_TRAIN_LOSS);

    cr_expect(subject_setting(&s, "BASE_LR") == 0.001, "from its section");
    cr_expect(subject_setting(&s, "MIN_LR") == 1e-6);
    cr_expect(subject_setting(&s, "WARMUP_RATIO") == 0.1);
    cr_expect(subject_setting(&s, "MAX_GRAD_NORM") == 1);
    cr_expect(isnan(subject_setting(&s, "RL_LEARNING_RATE")));
    cr_expect(coverage.sources.n >= 1 && coverage.non_finite.n == 1);
}

Test(subject_load, a_perplexity_alone_is_turned_into_a_loss)
{
    static const struct {
        const char *log;
        bool loss;
        double last;
    } rows[] = {
        {"{\"step\":1,\"ppl\":20.0}\n{\"step\":2,\"ppl\":7.38905609893065}\n", true, 2},
        {"{\"step\":1,\"ppl\":20.0}\n{\"step\":2,\"ppl\":1.0}\n", false, 0},
        {"{\"step\":1,\"ppl\":20.0,\"loss\":5}\n{\"step\":2,\"ppl\":9,\"loss\":4}\n", true, 4},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct coverage coverage;
        struct subject s;
        struct err err;

        put("dashboard_metrics/metrics.jsonl", rows[i].log);
        coverage_init(&coverage, &arena);
        cr_assert(catalog_find(catalog, id, &arena, &experiment, &err), "%s", err.msg);
        cr_assert(subject_load(experiment, &arena, &coverage, &s, &err), "%s", err.msg);
        const struct role_series *loss = &s.role[ROLE_TRAIN_LOSS];
        cr_expect(loss->logged == rows[i].loss && s.loss_of_perplexity == (i == 0), "row %zu", i);
        if (loss->logged)
            cr_expect(fabs(loss->clean.active.value[1] - rows[i].last) < 1e-12, "row %zu", i);
        cr_expect(i > 0 || str_is(loss->name, "ln(ppl)"));
    }
}

static bool says(const struct strs *notes, const char *words)
{
    for (size_t i = 0; i < notes->n; i++) {
        if (strstr(notes->v[i], words))
            return true;
    }
    return false;
}

static bool misses(const struct subject *s, enum role role)
{
    enum role missing[ROLES];
    size_t n = subject_missing(s, missing);

    for (size_t i = 0; i < n; i++) {
        if (missing[i] == role)
            return true;
    }
    return false;
}

static bool load_log(const char *log, struct subject *s)
{
    struct err err = {0};

    put("dashboard_metrics/metrics.jsonl", log);
    return catalog_find(catalog, id, &arena, &experiment, &err) &&
           subject_load(experiment, &arena, NULL, s, &err);
}

/* Only where no series has the role as it stands, and only if a single one may. */
Test(subject_load, the_only_series_that_is_spelled_like_a_role_plays_it)
{
    static const struct {
        const char *log, *train, *val, *says;
        double last;
        bool misses; /* the training loss */
    } rows[] = {
        {"{\"step\":1,\"Train Loss\":3,\"Val Loss\":4}\n{\"step\":2,\"Train Loss\":2}\n",
         "Train Loss", "Val Loss",
         "'Train Loss' is taken as train_loss: it is 'train/loss' but for", 2, false},
        {"{\"step\":1,\"loss\":5,\"Train Loss\":3}\n", "loss", NULL, NULL, 5, false},
        {"{\"step\":1,\"Loss\":5,\"Train Loss\":3}\n", NULL, NULL,
         "2 series may be train_loss by their names ('Loss', …), so none is taken", 0, false},
        {"{\"step\":1,\"eval_c4_loss\":5,\"Val Loss\":3}\n{\"step\":2,\"eval_c4_loss\":4}\n", NULL,
         "eval_c4_loss", NULL, 0, true},
        {"{\"step\":1,\"my loss\":5}\n", NULL, NULL, NULL, 0, true},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct subject s;

        cr_assert(load_log(rows[i].log, &s));
        const struct role_series *train = &s.role[ROLE_TRAIN_LOSS];
        const struct role_series *val = &s.role[ROLE_VALIDATION_LOSS];
        cr_expect(train->logged == (rows[i].train != NULL), "row %zu", i);
        cr_expect(!rows[i].train || str_is(train->name, rows[i].train), "row %zu", i);
        cr_expect(!train->logged ||
                      train->clean.active.value[train->clean.active.n - 1] == rows[i].last,
                  "row %zu", i);
        cr_expect(val->logged == (rows[i].val != NULL), "row %zu", i);
        cr_expect(!rows[i].val || str_is(val->name, rows[i].val), "row %zu", i);
        cr_expect(rows[i].says ? says(&s.cast_notes, rows[i].says) : s.cast_notes.n == 0, "row %zu",
                  i);
        cr_expect(misses(&s, ROLE_TRAIN_LOSS) == rows[i].misses, "row %zu", i);
    }
}

/* Ultralytics: each part as it enters the total. 1.5 + .5 + .25 and 1.25 + .5 + .25. */
Test(subject_load, a_loss_that_is_logged_by_its_parts_is_their_sum)
{
    static const char boxes[] = "{\"step\":1,\"train/box_loss\":1.5,\"train/cls_loss\":0.5,"
                                "\"train/dfl_loss\":0.25,\"val/box_loss\":2,\"val/cls_loss\":1}\n"
                                "{\"step\":2,\"train/box_loss\":1.25,\"train/cls_loss\":0.5,"
                                "\"train/dfl_loss\":0.25,\"val/box_loss\":1,\"val/cls_loss\":1}\n";
    static const char uneven[] = "{\"step\":1,\"train/box_loss\":1.5,\"train/cls_loss\":0.5}\n"
                                 "{\"step\":2,\"train/box_loss\":1.25}\n";
    struct subject s;

    cr_assert(load_log(boxes, &s));
    const struct role_series *train = &s.role[ROLE_TRAIN_LOSS];
    cr_assert(train->logged && train->clean.active.n == 2);
    cr_expect(str_is(train->name, "train/box_loss + train/cls_loss + train/dfl_loss"));
    cr_expect(train->clean.active.value[0] == 2.25 && train->clean.active.value[1] == 2);
    cr_expect(s.role[ROLE_VALIDATION_LOSS].clean.active.value[0] == 3);
    cr_expect(says(&s.cast_notes, "no total of train_loss is logged: it is the sum of its parts"));
    cr_expect(!misses(&s, ROLE_TRAIN_LOSS) && !misses(&s, ROLE_VALIDATION_LOSS));

    cr_assert(load_log(uneven, &s));
    cr_expect(!s.role[ROLE_TRAIN_LOSS].logged && misses(&s, ROLE_TRAIN_LOSS));

    cr_assert(load_log("{\"step\":1,\"train/lm_part_loss\":1.5,\"train/aux_loss\":0.5}\n", &s));
    cr_expect(!s.role[ROLE_TRAIN_LOSS].logged, "no parts of a known program");
}

/* Stable-Baselines3: minus the entropy. It is neither judged as one nor said to be missing. */
Test(subject_load, an_entropy_loss_is_no_entropy_and_no_lack_of_it)
{
    struct subject s;

    cr_assert(load_log("{\"step\":1,\"rollout/ep_rew_mean\":1,\"train/entropy_loss\":-2,"
                       "\"train/approx_kl\":0.01}\n",
                       &s));
    cr_expect(!s.role[ROLE_ENTROPY].logged && s.role[ROLE_ENTROPY].hinted);
    cr_expect(!misses(&s, ROLE_ENTROPY) && says(&s.cast_notes, "is minus the entropy"));
    cr_assert(load_log("{\"step\":1,\"rollout/ep_rew_mean\":1,\"train/approx_kl\":0.01}\n", &s));
    cr_expect(!s.role[ROLE_ENTROPY].hinted && s.cast_notes.n == 0);
}

/* An accuracy on held-out data is the score where a reward is trained on; a likely name is kept. */
Test(subject_load, the_held_out_score_may_have_another_name)
{
    static const struct {
        const char *log, *score, *may;
    } rows[] = {
        {"{\"step\":1,\"reward\":1,\"eval/accuracy\":0.5}\n", "eval/accuracy", NULL},
        {"{\"step\":1,\"reward\":1,\"test/score\":0.5}\n", "test/score", NULL},
        {"{\"step\":1,\"loss\":1,\"eval/accuracy\":0.5}\n", NULL, NULL},
        {"{\"step\":1,\"reward\":1,\"eval/math500/accuracy\":0.5,\"eval/reward_std\":1}\n", NULL,
         "eval/math500/accuracy"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct coverage coverage;
        struct subject s;
        struct err err;

        put("dashboard_metrics/metrics.jsonl", rows[i].log);
        coverage_init(&coverage, &arena);
        cr_assert(catalog_find(catalog, id, &arena, &experiment, &err), "%s", err.msg);
        cr_assert(subject_load(experiment, &arena, &coverage, &s, &err), "%s", err.msg);
        const struct role_series *score = &s.role[ROLE_HELD_OUT_SCORE];
        cr_expect(score->logged == (rows[i].score != NULL), "row %zu", i);
        cr_expect(!rows[i].score || str_is(score->name, rows[i].score), "row %zu", i);
        cr_expect(rows[i].may ? str_is(s.may_score, rows[i].may) : !s.may_score.p, "row %zu", i);
    }
}

Test(subject_load, settings_may_be_texts_and_the_rate_may_have_another_name)
{
    static const struct {
        const char *config, *key;
        double want;
    } rows[] = {
        {"lr: '0.2'\n", "lr", .2},
        {"learning_rate: 3e-4\nlr: '9'\n", "learning_rate", 3e-4},
        {"training: {learning_rate: ' 1e-3 '}\n", "learning_rate", 1e-3},
        {"LEARNING_RATE_SCHEDULER: {BASE_LR: '0.01'}\nlr: 1\n", "LEARNING_RATE_SCHEDULER.BASE_LR",
         .01},
        {"lr: fast\n", "learning rate", (double)NAN},
        {"lr: '0.2x'\n", "learning rate", (double)NAN},
        {"lr: ''\n", "learning rate", (double)NAN},
        {"lr: [0.2]\n", "learning rate", (double)NAN},
        {"lr: true\n", "learning rate", (double)NAN},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct coverage coverage;
        const char *key;
        struct subject s;
        struct err err;

        put("config.yaml", rows[i].config);
        coverage_init(&coverage, &arena);
        cr_assert(catalog_find(catalog, id, &arena, &experiment, &err), "%s", err.msg);
        cr_assert(subject_load(experiment, &arena, &coverage, &s, &err), "%s", err.msg);
        double rate = subject_base_rate(&s, &key);
        cr_expect(isnan(rate) ? isnan(rows[i].want) : rate == rows[i].want, "%s: %g",
                  rows[i].config, rate);
        cr_expect_str_eq(key, rows[i].key, "%s: %s", rows[i].config, key);
        cr_expect(!s.unconfigured);
    }
}

Test(subject_load, a_short_run_is_analysed_and_says_that_it_is_short)
{
    const struct analysis *a;
    struct coverage coverage;
    struct err err = {0};

    coverage_init(&coverage, &arena);
    cr_assert(catalog_find(catalog, id, &arena, &experiment, &err), "%s", err.msg);
    cr_assert(analyze(experiment, &arena, &coverage, &a, &err), "%s", err.msg);
    cr_expect_str_eq(a->verdict, "Undetermined");
    cr_expect(analysis_find(a, "divergence", FINDING_INSUFFICIENT_DATA));
    cr_expect(coverage.not_logged.n == a->not_logged.n && a->not_logged.n == 3);
}

/* Both modes are judged by the run's own words and numbers. */
Test(subject_load, takes_the_words_of_a_constrained_run)
{
    struct coverage coverage;
    struct subject s;
    struct err err = {0};

    tmpdir_file(&t, "rl/metadata.json", "{\"type\":\"rl\"}");
    tmpdir_file(&t, "rl/rl_metrics/rl_training_metrics.json",
                "{\"global_step\":1,\"history\":{\"episode_rewards\":[1,2],"
                "\"lagrange_multiplier\":[1,1.03],\"mean_cost\":[0.1,0.1]},\"timestamp\":\"\"}");
    tmpdir_file(&t, "rl/rl_config.yaml",
                "RL_ENTROPY_SCHEDULE: \"homeostasis\"\nRL_CONSTRAINT_MODE: lagrangian\n"
                "RL_REWARD_DIVERSITY_WEIGHT: 0.1875\nRL_LAGRANGE_MULTIPLIER_LR: 0.05\n");
    coverage_init(&coverage, &arena);
    cr_assert(catalog_find(catalog, "rl", &arena, &experiment, &err), "%s", err.msg);
    cr_assert(subject_load(experiment, &arena, &coverage, &s, &err), "%s", err.msg);
    cr_expect(s.lagrangian);
    cr_expect_str_eq(s.entropy_schedule, "homeostasis");
    cr_expect_str_eq(s.constraint_mode, "lagrangian");
    cr_expect(subject_setting(&s, "RL_REWARD_DIVERSITY_WEIGHT") == 0.1875);
    cr_expect(subject_setting(&s, "RL_LAGRANGE_MULTIPLIER_LR") == 0.05);
}

/* `means` rows have a mean, each of 100 rows an episode's reward. */
static void write_episodes(const char *at, size_t means)
{
    struct buf text = {0};

    for (size_t i = 0; i < 100; i++) {
        buf_printf(&text, "{\"step\":%zu,\"r\":%zu", i + 1, i);
        if (i < means)
            buf_printf(&text, ",\"eval/mean_reward\":%zu", 2 * i);
        buf_puts(&text, "}\n");
    }
    tmpdir_file(&t, arena_printf(&arena, "%s/metrics.jsonl", at), buf_text(&text));
    buf_fini(&text);
}

Test(subject_load, takes_episodes_for_the_reward_where_their_mean_is_no_curve)
{
    static const struct {
        const char *at;
        size_t means;
        const char *name;
    } rows[] = {{"none", 0, "r"}, {"few", 19, "r"}, {"enough", 20, "eval/mean_reward"}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct coverage coverage;
        struct subject s;
        struct err err = {0};

        write_episodes(rows[i].at, rows[i].means);
        coverage_init(&coverage, &arena);
        cr_assert(catalog_find(catalog, rows[i].at, &arena, &experiment, &err), "%s", err.msg);
        cr_assert(subject_load(experiment, &arena, &coverage, &s, &err), "%s", err.msg);
        cr_expect(str_is(s.role[ROLE_REWARD].name, rows[i].name), "%s: %.*s", rows[i].at,
                  STR_FMT(s.role[ROLE_REWARD].name));
        cr_expect(subject_primary(&s) == ROLE_REWARD, "%s", rows[i].at);
    }
}
