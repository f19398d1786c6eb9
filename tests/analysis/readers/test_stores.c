/*
 * Stores of more than one file, and what becomes of damaged ones: MLflow's
 * folder, DVCLive's, evaluations of checkpoints, databases, arrays.
 */
#include "tests/support/place.h"

#include <dlfcn.h>
#include <math.h>
#include <sqlite3.h>

#include "analysis/base/shape.h"

#define CASES "tests/analysis/readers/cases/"
#define RUN "mlruns/0/cb0096/"
#define META                                                                                       \
    "artifact_uri: file:///E:/elsewhere\nend_time: null\nexperiment_id: '7'\n"                     \
    "lifecycle_stage: active\nname: ''\nrun_id: cb0096\nrun_name: swift-fox\n"                     \
    "start_time: 1664364007025\nstatus: 4\nuser_id: ada\n"

static struct place place;

static void set_up(void)
{
    place_init(&place);
}

static void tear_down(void)
{
    place_fini(&place);
}

TestSuite(stores, .init = set_up, .fini = tear_down);

/* ---- MLflow's folder ---- */

static const struct fed *read_run(void)
{
    return place_read(&place, RUN "meta.yaml", STR(META));
}

Test(stores, a_folder_of_mlflow_is_one_run)
{
    place_put(&place, RUN "metrics/loss",
              STR("1664364007310 0.9 1\n1664364008310 nan 2\n1664364009310 0.5 3 extra\n"));
    place_put(&place, RUN "metrics/val/acc", STR("1664364008400 0.25 2\n"));
    place_put(&place, RUN "params/LEARNING_RATE", STR("0.01"));
    place_put(&place, RUN "params/AUGMENTATION", STR("True\n"));
    place_put(&place, RUN "tags/mlflow.source.git.commit", STR("adb4974"));
    const struct fed *fed = read_run();
    cr_assert(fed && place.ok, "%s", place.bid.why);
    cr_expect_str_eq(place.reader->name, "mlflow");
    cr_expect(fed->damage_n == 0 && fed->table->tally.malformed == 0);
    cr_expect_str_eq(fed->fact[FACT_STATUS], "FAILED");
    cr_expect_str_eq(fed->fact[FACT_RUN_NAME], "swift-fox");
    cr_expect_str_eq(fed->fact[FACT_STARTED], "1664364007025");
    cr_expect_str_eq(fed->fact[FACT_GIT_COMMIT], "adb4974");
    cr_expect(fed->fact[FACT_ENDED] == NULL);
    cr_expect(str_is(fed->configs.v[0].json, "{\"AUGMENTATION\":true,\"LEARNING_RATE\":0.01}"));
    struct fed_points loss = fed_points(fed, "loss", &place.arena);
    struct fed_points acc = fed_points(fed, "val/acc", &place.arena);
    cr_assert(loss.n == 3 && acc.n == 1 && fed->table->tally.rows == 3);
    cr_expect(isnan(loss.value[1]) && fabs(loss.value[2] - 0.5) < 1e-12 && loss.step[2] == 3);
    cr_expect(acc.step[0] == 2);
}

Test(stores, the_line_that_mlflow_is_writing_is_left_out)
{
    static const char text[] = "1664364007310 0.9 1\n1664364008310 0.8125 12\n";
    const size_t last = 20;

    for (size_t cut = last; cut < sizeof(text) - 1; cut++) {
        place_put(&place, RUN "metrics/loss", (struct str){text, cut});
        const struct fed *fed = read_run();
        cr_assert(fed && place.ok);
        cr_expect(fed_points(fed, "loss", &place.arena).n == 1, "cut at %zu", cut);
        cr_expect(fed->damage_n == (cut > last), "cut at %zu", cut);
    }
}

Test(stores, lines_without_a_step_are_counted_and_others_are_malformed)
{
    place_put(&place, RUN "metrics/loss",
              STR("1664364007310 0.9\n1664364008310 0.8\nloss 1 2\n1664364008310\n"));
    const struct fed *fed = read_run();
    struct fed_points loss = fed_points(fed, "loss", &place.arena);

    cr_assert(loss.n == 2);
    cr_expect(loss.step[0] == 0 && loss.step[1] == 1);
    cr_expect(fed->table->tally.malformed == 2);
    cr_expect_str_eq(fed->axis, "row");
}

Test(stores, an_experiment_of_mlflow_is_no_run)
{
    const struct fed *fed =
        place_read(&place, "mlruns/0/meta.yaml",
                   STR("experiment_id: '0'\nlifecycle_stage: active\nname: Default\n"));

    cr_expect(fed == NULL);
}

/* ---- DVCLive ---- */

Test(stores, the_tables_of_dvclive_come_to_one_run)
{
    place_put(&place, "dvclive/plots/metrics/train/loss.tsv",
              STR("step\tloss\n0\t2.5\n1\t2.0\n2\tnan\n"));
    place_put(&place, "dvclive/plots/metrics/acc.tsv",
              STR("timestamp\tstep\tacc\n1700000000000\t0\t0.5\n1700000001000\t2\t0.75\n"));
    place_put(&place, "dvclive/params.yaml", STR("lr: 0.1\nlayers: [1, 2]\n"));
    const struct fed *fed =
        place_read(&place, "dvclive/metrics.json",
                   STR("{\"acc\": 0.75, \"train\": {\"loss\": 1}, \"step\": 2}"));
    cr_assert(fed && place.ok, "%s", place.bid.why);
    cr_expect_str_eq(place.reader->name, "dvclive");
    cr_expect(fed->table->tally.rows == 3);
    struct fed_points loss = fed_points(fed, "train/loss", &place.arena);
    cr_expect(loss.n == 3 && isnan(loss.value[2]));
    struct fed_points acc = fed_points(fed, "acc", &place.arena);
    cr_expect(acc.n == 2 && acc.step[1] == 2 && fabs(acc.value[1] - 0.75) < 1e-12);
    cr_expect(str_is(fed->configs.v[0].json, "{\"lr\":0.1,\"layers\":[1,2]}"));
    struct bid bid;
    const struct reader *table =
        reader_of_file(place.dir, "dvclive/plots/metrics/acc.tsv", &place.arena, &bid);
    cr_expect(!table || table->unit != UNIT_FILE || strcmp(table->name, "csv") == 0);
    table = reader_of_file(place.dir, "dvclive/plots/metrics/train/loss.tsv", &place.arena, &bid);
    cr_expect(table && table->unit == UNIT_PART);
}

/* ---- evaluations ---- */

#define RESULTS(acc)                                                                               \
    "{\"results\": {\"piqa\": {\"acc\": " acc ", \"acc_stderr\": 0.01}}, \"config\": "             \
    "{\"model_args\": \"pretrained=EleutherAI/pythia-160m,revision=step0\"}}"

Test(stores, evaluations_of_checkpoints_are_in_the_order_of_steps_not_of_names)
{
    place_put(&place, "e/160m_step13000.json", STR(RESULTS("0.6")));
    place_put(&place, "e/160m_step2000.json", STR(RESULTS("0.5")));
    place_put(&place, "e/410m_step1.json", STR(RESULTS("0.9")));
    const struct fed *fed = place_read(&place, "e/160m_step8.json", STR(RESULTS("0.4")));
    cr_assert(fed && place.ok, "%s", place.bid.why);
    cr_expect_str_eq(place.reader->name, "lm_eval_series");
    struct fed_points acc = fed_points(fed, "piqa/acc", &place.arena);
    cr_assert(acc.n == 3);
    cr_expect(acc.step[0] == 8 && acc.step[1] == 2000 && acc.step[2] == 13000);
    cr_expect(fabs(acc.value[2] - 0.6) < 1e-12);
    cr_expect(fed_points(fed, "piqa/acc_stderr", &place.arena).n == 0);
    cr_expect_str_eq(fed->fact[FACT_MODEL], "EleutherAI/pythia-160m");

    bool ok;
    const struct reader *one =
        reader_of_file(place.dir, "e/160m_step2000.json", &place.arena, &place.bid);
    cr_assert(one && one->unit == UNIT_PART);
    fed = read_file(one, place.dir, "e/160m_step2000.json", NULL, &place.arena, &ok, &place.err);
    cr_assert(ok && fed->evaluations.n == 1);
    cr_expect(fed->evaluations.v[0].step == 2000);
    cr_expect(str_is(fed->evaluations.v[0].json, "{\"piqa\":{\"acc\":0.5,\"acc_stderr\":0.01}}"));
}

Test(stores, an_evaluation_without_a_step_says_so)
{
    const struct fed *fed = place_read(
        &place, "results_2025-01-01T10-00-00.json",
        STR("{\"results\": {\"gsm8k\": {\"alias\": \"gsm8k\", \"exact_match,strict-match\": 0.5, "
            "\"exact_match_stderr,strict-match\": \"N/A\"}}, \"config\": {}}"));
    cr_assert(fed && place.ok && fed->evaluations.n == 1);
    cr_expect(fed->evaluations.v[0].step == NOT_GIVEN);
}

/* ---- Sacred ---- */

#define SACRED                                                                                     \
    "{\"artifacts\": [], \"command\": \"main\", \"experiment\": {\"name\": \"qmix\", "             \
    "\"mainfile\": "                                                                               \
    "\"main.py\"}, \"status\": \"COMPLETED\", \"start_time\": \"2023-01-01T00:00:00\"}"

Test(stores, a_run_of_sacred_has_its_metrics_beside_it)
{
    place_put(&place, "sacred/1/metrics.json",
              STR("{\"loss\": {\"steps\": [1, 2, 3], \"values\": [0.9, NaN, {\"dtype\": "
                  "\"float32\", \"value\": 0.5}], \"timestamps\": [\"2023-01-01T00:00:01\", "
                  "\"2023-01-01T00:00:02\", \"2023-01-01T00:00:03.5\"]}}"));
    place_put(&place, "sacred/1/config.json", STR("{\"lr\": 0.1}"));
    const struct fed *fed = place_read(&place, "sacred/1/run.json", STR(SACRED));
    cr_assert(fed && place.ok, "%s", place.bid.why);
    struct fed_points loss = fed_points(fed, "loss", &place.arena);
    cr_assert(loss.n == 3);
    cr_expect(isnan(loss.value[1]) && fabs(loss.value[2] - 0.5) < 1e-12 && loss.step[2] == 3);
    struct fed_points time = fed_points(fed, "timestamp", &place.arena);
    cr_expect(time.n == 3 && fabs(time.value[2] - 1672531203.5) < 1e-6);
    cr_expect_str_eq(fed->fact[FACT_STATUS], "COMPLETED");
    cr_expect(str_is(fed->configs.v[0].json, "{\"lr\": 0.1}"));
}

Test(stores, where_sacreds_metrics_are_empty_the_lists_of_info_are_read)
{
    place_put(&place, "sacred/2/metrics.json", STR("{}"));
    place_put(&place, "sacred/2/info.json",
              STR("{\"return_mean\": [1.5, {\"dtype\": \"float64\", \"py/object\": "
                  "\"numpy.float64\", \"value\": 2.5}], \"return_mean_T\": [400, 10400]}"));
    const struct fed *fed = place_read(&place, "sacred/2/run.json", STR(SACRED));
    struct fed_points mean = fed_points(fed, "return_mean", &place.arena);
    cr_assert(mean.n == 2);
    cr_expect(mean.step[1] == 10400 && fabs(mean.value[1] - 2.5) < 1e-12);
    cr_expect(fed_points(fed, "return_mean_T", &place.arena).n == 0);
}

/* ---- databases ---- */

static size_t points_of_run(const char *path, const char *run, const char *key, bool *ok)
{
    const struct reader *reader = reader_of_file(place.dir, path, &place.arena, &place.bid);

    if (!reader)
        return SIZE_MAX;
    const struct fed *fed = read_file(reader, place.dir, path, run, &place.arena, ok, &place.err);
    return fed_points(fed, key, &place.arena).n;
}

Test(stores, a_database_cut_anywhere_is_refused_or_read_with_a_sentence)
{
    struct str file = place_slurp(&place.arena, CASES "mlflow_db/a_run/input.db");
    size_t read = 0;

    for (size_t cut = 0; cut < file.n; cut += 97) {
        bool ok = true;
        place_put(&place, "mlflow.db", str_cut(file, cut));
        size_t n = points_of_run("mlflow.db", "0a1b", "loss", &ok);
        read += n != SIZE_MAX && ok;
        cr_expect(n == SIZE_MAX || !ok || n <= 5, "cut at %zu: %zu points", cut, n);
        cr_expect(n != SIZE_MAX || cut < 100 || *place.bid.why, "cut at %zu: no reason", cut);
    }
    cr_expect(read < 80);
}

Test(stores, a_flipped_bit_in_a_database_ends_no_reading)
{
    struct str file = place_slurp(&place.arena, CASES "trackio_db/run_ids/input.db");

    for (size_t at = 0; at < file.n; at += 41) {
        bool ok = true;
        char *bytes = arena_text(&place.arena, file);
        bytes[at] ^= (char)(1 << at % 8);
        place_put(&place, "chat.db", (struct str){bytes, file.n});
        size_t n = points_of_run("chat.db", "sft aa", "train/loss", &ok);
        cr_expect(n == SIZE_MAX || n <= 8, "bit of byte %zu: %zu points", at, n);
    }
}

/* What a program has written and not yet put into the file is read, and nothing is left beside. */
Test(stores, a_database_that_is_being_written_is_read_with_its_log)
{
    static const char *const statements[] = {
        "PRAGMA journal_mode=WAL", "PRAGMA wal_autocheckpoint=0",
        "CREATE TABLE metrics(id INTEGER, timestamp, run_name, step INTEGER, metrics TEXT)",
        "INSERT INTO metrics VALUES(1,'2025-08-01T10:00:00','one',0,'{\"loss\": 3.0}')",
        "INSERT INTO metrics VALUES(2,'2025-08-01T10:00:01','one',1,'{\"loss\": 2.0}')"};
    void *library = dlopen("libsqlite3.so.0", RTLD_NOW);
    if (!library)
        cr_skip_test("libsqlite3 is not here");
    __typeof__(&sqlite3_open) open_db;
    __typeof__(&sqlite3_exec) exec;
    __typeof__(&sqlite3_close) close_db;
    void *symbols[] = {dlsym(library, "sqlite3_open"), dlsym(library, "sqlite3_exec"),
                       dlsym(library, "sqlite3_close")};
    memcpy(&open_db, &symbols[0], sizeof(open_db));
    memcpy(&exec, &symbols[1], sizeof(exec));
    memcpy(&close_db, &symbols[2], sizeof(close_db));
    sqlite3 *db;

    cr_assert(open_db(tmpdir_path(&place.tmp, "live.db"), &db) == SQLITE_OK);
    for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++)
        cr_assert(exec(db, statements[i], NULL, NULL, NULL) == SQLITE_OK, "%s", statements[i]);
    struct stat before, after;
    cr_assert(stat(tmpdir_path(&place.tmp, "live.db-wal"), &before) == 0 && before.st_size > 0);
    bool ok = false;
    size_t n = points_of_run("live.db", "one", "loss", &ok);
    cr_expect(ok && n == 2, "%zu points: %s", n, ok ? "" : place.err.msg);
    cr_expect(stat(tmpdir_path(&place.tmp, "live.db-wal"), &after) == 0 &&
              after.st_size == before.st_size && after.st_mtim.tv_nsec == before.st_mtim.tv_nsec);
    close_db(db);
    dlclose(library);
}

/* ---- arrays ---- */

/* A zip that was cut off is read by its members' own headers: what is whole is told. */
Test(stores, a_zip_cut_anywhere_keeps_whole_members_and_says_so)
{
    struct str file = place_slurp(&place.arena, CASES "npz/evaluations/input.npz");
    size_t read = 0;

    for (size_t cut = 4; cut < file.n; cut++) {
        const struct fed *fed = place_read(&place, "evaluations.npz", str_cut(file, cut));
        cr_expect(fed || *place.bid.why, "cut at %zu", cut);
        if (!fed)
            continue;
        struct fed_points mean = fed_points(fed, "eval/mean_reward", &place.arena);
        cr_expect(fed->damage_n > 0 && place.ok, "cut at %zu", cut);
        cr_expect(mean.n == 2 && fabs(mean.value[1] - 20) < 1e-12, "cut at %zu", cut);
        read++;
    }
    cr_expect(read > 0 && read < file.n - 4, "%zu cuts are read", read);
}

Test(stores, a_flipped_bit_of_a_zip_is_found)
{
    struct str file = place_slurp(&place.arena, CASES "npz/evaluations/input.npz");
    size_t unseen = 0;

    for (size_t at = 0; at < file.n; at++) {
        char *bytes = arena_text(&place.arena, file);
        bytes[at] ^= (char)(1 << at % 8);
        const struct fed *fed = place_read(&place, "evaluations.npz", (struct str){bytes, file.n});
        struct fed_points mean =
            fed ? fed_points(fed, "eval/mean_reward", &place.arena) : (struct fed_points){0};
        bool right = mean.n == 2 && fabs(mean.value[0] - 2) < 1e-12 &&
                     fabs(mean.value[1] - 20) < 1e-12 && mean.step[1] == 20000;
        cr_expect(mean.n == 0 || right || fed->damage_n > 0, "byte %zu", at);
        unseen += fed && fed->damage_n == 0 && !right && mean.n > 0;
    }
    cr_expect(unseen == 0);
}

Test(stores, an_array_cut_anywhere_keeps_the_numbers_before_the_cut)
{
    struct str file = place_slurp(&place.arena, CASES "npy/td3/input.npy");
    size_t start = file.n - 3 * sizeof(double);

    for (size_t cut = start; cut < file.n; cut++) {
        const struct fed *fed = place_read(&place, "eval_returns.npy", str_cut(file, cut));
        cr_assert(fed && place.ok, "cut at %zu", cut);
        cr_expect(fed_points(fed, "eval_returns", &place.arena).n ==
                  (cut - start) / sizeof(double));
        cr_expect(fed->damage_n == 1, "cut at %zu", cut);
    }
    for (size_t cut = 10; cut < start; cut++)
        cr_expect(!place_read(&place, "eval_returns.npy", str_cut(file, cut)), "cut at %zu", cut);
}
