/* Which files of a tree are one experiment, as the catalog finds them. */
#include "analysis/units.h"

#include <criterion/criterion.h>

#include "analysis/catalog.h"
#include "tests/support/tmpdir.h"

static struct tmpdir t;
static struct arena arena;

#define CSV "step,train/loss,lr\n1,0.5,0.1\n2,0.4,0.1\n3,0.3,0.1\n"
#define LINES "{\"step\":1,\"loss\":0.5}\n{\"step\":2,\"loss\":0.4}\n{\"step\":3,\"loss\":0.25}\n"
#define STATE                                                                                      \
    "{\"global_step\":2,\"log_history\":[{\"loss\":0.5,\"step\":1},{\"loss\":0.4,\"step\":2}]}"

static void set_up(void)
{
    tmpdir_make(&t);
    arena_init(&arena);
}

static void tear_down(void)
{
    arena_fini(&arena);
    tmpdir_remove(&t);
}

TestSuite(units, .init = set_up, .fini = tear_down);

/* "id=source,source id=…" of all that is found, by id. */
static const char *found_by(struct catalog *catalog)
{
    struct listing listing;
    const char *best[64] = {0}, *text = "";

    catalog_list(catalog, &arena, &listing, NULL);
    cr_assert(listing.n < 64);
    for (size_t i = 0; i < listing.n; i++)
        best[i] = listing.v[i].id;
    for (size_t i = 0; i < listing.n; i++) {
        size_t least = i;
        for (size_t k = i; k < listing.n; k++)
            least = strcmp(best[k], best[least]) < 0 ? k : least;
        const char *id = best[least];
        best[least] = best[i];
        best[i] = id;
        const struct experiment *e;
        struct err err;
        cr_assert(catalog_find(catalog, id, &arena, &e, &err), "%s", err.msg);
        text = arena_printf(&arena, "%s%s%s=", text, i ? " " : "", id);
        for (size_t s = 0; s < e->sources_n; s++)
            text = arena_printf(&arena, "%s%s%s", text, s ? "," : "", e->sources[s].path);
    }
    return text;
}

static struct catalog *open_tree(void)
{
    const char *root = t.path;

    return catalog_open(&(struct strs){&root, 1});
}

/* Experiments that were found are let go first. */
static void close_tree(struct catalog *catalog)
{
    arena_reset(&arena);
    catalog_close(catalog);
}

static void expect_tree(const char *what, const char *want)
{
    struct catalog *catalog = open_tree();
    const char *got = found_by(catalog);

    cr_expect_str_eq(got, want, "%s: %s", what, got);
    close_tree(catalog);
    tmpdir_remove(&t);
    tmpdir_make(&t);
}

Test(units, what_holds_together_is_one_experiment)
{
    tmpdir_file(&t, "a/metrics.csv", CSV);
    expect_tree("a file alone makes its folder the run", "a=metrics.csv");

    tmpdir_file(&t, "a/metrics.csv", CSV);
    tmpdir_file(&t, "a/metrics.jsonl", LINES);
    expect_tree("two formats in a folder are one run", "a=metrics.csv,metrics.jsonl");

    tmpdir_file(&t, "a/one.csv", CSV);
    tmpdir_file(&t, "a/two.csv", CSV);
    expect_tree("two of a format are two runs", "a/one.csv=one.csv a/two.csv=two.csv");

    tmpdir_file(&t, "a/measurements.csv", CSV);
    tmpdir_file(&t, "a/eval_measurements.csv", CSV);
    expect_tree("a side of a file belongs to it", "a=eval_measurements.csv,measurements.csv");

    tmpdir_file(&t, "a/train.jsonl", LINES);
    tmpdir_file(&t, "a/eval.jsonl", LINES);
    expect_tree("two sides of no whole, too", "a=eval.jsonl,train.jsonl");

    tmpdir_file(&t, "a/train_one.csv", CSV);
    tmpdir_file(&t, "a/test_two.csv", CSV);
    expect_tree("sides of two names are two runs",
                "a/test_two.csv=test_two.csv a/train_one.csv=train_one.csv");

    tmpdir_file(&t, "out/trainer_state.json", STATE);
    tmpdir_file(&t, "out/checkpoint-1/trainer_state.json", STATE);
    tmpdir_file(&t, "out/checkpoint-2/trainer_state.json", STATE);
    expect_tree("checkpoints belong to the run above",
                "out=trainer_state.json,checkpoint-1/trainer_state.json,"
                "checkpoint-2/trainer_state.json");

    tmpdir_file(&t, "out/checkpoint-1/trainer_state.json", STATE);
    tmpdir_file(&t, "out/checkpoint-2/trainer_state.json", STATE);
    expect_tree("checkpoints alone make the run above",
                "out=checkpoint-1/trainer_state.json,checkpoint-2/trainer_state.json");

    tmpdir_file(&t, "k/train/metrics.csv", CSV);
    tmpdir_file(&t, "k/validation/metrics.csv", CSV);
    expect_tree("two sides are one run", "k=train/metrics.csv,validation/metrics.csv");

    tmpdir_file(&t, "k/train/metrics.csv", CSV);
    expect_tree("one side is a run where it stands", "k/train=metrics.csv");

    tmpdir_file(&t, "k/train/results.csv", CSV);
    tmpdir_file(&t, "k/train2/results.csv", CSV);
    expect_tree("train2 is another run", "k/train=results.csv k/train2=results.csv");

    tmpdir_file(&t, "lightning_logs/version_0/metrics.csv", CSV);
    tmpdir_file(&t, "lightning_logs/version_1/metrics.csv", CSV);
    expect_tree("versions are runs of their own",
                "lightning_logs/version_0=metrics.csv lightning_logs/version_1=metrics.csv");

    tmpdir_file(&t, "out/trainer_state.json", STATE);
    tmpdir_file(&t, "out/runs/Dec01_host/metrics.csv", CSV);
    expect_tree("runs/ beside a run's own log belongs to it",
                "out=trainer_state.json,runs/Dec01_host/metrics.csv");

    tmpdir_file(&t, "runs/one/metrics.csv", CSV);
    tmpdir_file(&t, "runs/two/metrics.csv", CSV);
    expect_tree("runs/ alone holds runs", "runs/one=metrics.csv runs/two=metrics.csv");

    tmpdir_file(&t, "a/metrics.csv", CSV);
    tmpdir_file(&t, "a/other/metrics.csv", CSV);
    expect_tree("a folder of another name is a run of its own",
                "a=metrics.csv a/other=metrics.csv");

    tmpdir_file(&t, "metrics.csv", CSV);
    tmpdir_file(&t, "other.csv", CSV);
    expect_tree("files in the root go by their names",
                "metrics.csv=metrics.csv other.csv=other.csv");
}

/* Enough for a bid: the first bytes of a .wandb file. */
static void write_wandb(const char *name, char tail)
{
    static const char head[] = {':', 'W', '&', 'B', '\xe1', '\xbe', '\0'};
    char folder[256];

    snprintf(folder, sizeof(folder), "%.*s", (int)(strrchr(name, '/') - name), name);
    tmpdir_folder(&t, folder);
    FILE *file = fopen(tmpdir_path(&t, name), "wb");
    cr_assert(file && fwrite(head, 1, sizeof(head), file) == sizeof(head) &&
              fputc(tail, file) != EOF && fclose(file) == 0);
}

Test(units, folders_of_wandb)
{
    write_wandb("p/wandb/run-20230101_000000-aa/run-aa.wandb", 1);
    write_wandb("p/wandb/run-20230102_000000-bb/run-bb.wandb", 2);
    write_wandb("p/wandb/latest-run/run-bb.wandb", 2);
    expect_tree("each run once, also if latest-run is a copy",
                "p/wandb/run-20230101_000000-aa=run-aa.wandb "
                "p/wandb/run-20230102_000000-bb=run-bb.wandb");

    write_wandb("p/wandb/run-20230102_000000-aa/run-aa.wandb", 2);
    write_wandb("p/wandb/offline-run-20230101_000000-aa/run-aa.wandb", 1);
    write_wandb("p/wandb/run-20230103_000000-aa/run-aa.wandb", 3);
    write_wandb("p/wandb/run-20230102_120000-bb/run-bb.wandb", 4);
    write_wandb("p/wandb/latest-run/run-aa.wandb", 3);
    expect_tree("a run that was resumed is one, called as its first folder, the last one first",
                "p/wandb/offline-run-20230101_000000-aa=run-20230103_000000-aa/run-aa.wandb,"
                "run-20230102_000000-aa/run-aa.wandb,"
                "offline-run-20230101_000000-aa/run-aa.wandb "
                "p/wandb/run-20230102_120000-bb=run-bb.wandb");

    tmpdir_file(&t, "p/trainer_state.json", STATE);
    write_wandb("p/wandb/offline-run-20230101_000000-aa/run-aa.wandb", 1);
    expect_tree("one run of W&B beside a run's own log belongs to it",
                "p=trainer_state.json,wandb/offline-run-20230101_000000-aa/run-aa.wandb");

    tmpdir_file(&t, "p/trainer_state.json", STATE);
    write_wandb("p/wandb/run-20230101_000000-aa/run-aa.wandb", 1);
    write_wandb("p/wandb/run-20230102_000000-bb/run-bb.wandb", 2);
    expect_tree("several are nobody's",
                "p=trainer_state.json p/wandb/run-20230101_000000-aa=run-aa.wandb "
                "p/wandb/run-20230102_000000-bb=run-bb.wandb");
}

Test(units, a_file_of_many_runs_is_many)
{
    tmpdir_file(&t, "c/curves.csv",
                "agent,task,seed,frame,episode_reward\na,walk,1,0,1.5\na,walk,1,10,2.5\n"
                "a,walk,2,0,1.25\na,walk,2,10,3.5\n");
    struct catalog *catalog = open_tree();
    struct listing listing;
    struct err err;
    catalog_list(catalog, &arena, &listing, NULL);
    cr_assert(listing.n == 2, "%zu", listing.n);
    for (size_t i = 0; i < 2; i++) {
        const struct experiment *e;
        const struct rows_view *view;
        cr_expect(strncmp(listing.v[i].id, "c/curves.csv/", 13) == 0, "%s", listing.v[i].id);
        cr_assert(catalog_find(catalog, listing.v[i].id, &arena, &e, &err), "%s", err.msg);
        cr_assert(experiment_rows(e, NULL, &arena, &view, &err), "%s", err.msg);
        cr_expect(view && rows_count(view) == 2);
    }
    close_tree(catalog);
}

Test(units, tidal_keeps_the_first_word)
{
    tmpdir_file(&t, "x/metadata.json", "{\"type\":\"lm\"}");
    tmpdir_file(&t, "x/metrics.csv", CSV);
    tmpdir_file(&t, "x/train/metrics.csv", CSV);
    tmpdir_file(&t, "y/dashboard_metrics/metrics.jsonl", LINES);
    tmpdir_file(&t, "y/log.csv", CSV);
    expect_tree("no reader is asked about a Tidal run", "x= y=");
}

Test(units, names_are_looked_at_before_anything_is_opened)
{
    static const char *const logs[] = {"metrics.jsonl",
                                       "progress.csv",
                                       "Progress.CSV",
                                       "a.wandb",
                                       "events.out.tfevents.1.host.2",
                                       "x.tfevents.v2",
                                       "meta.yaml",
                                       "results.npz",
                                       "slurm-1.out",
                                       "metrics.jsonl.gz",
                                       "train.log.ZST"};
    static const char *const others[] = {"model.pth",         "image.png",  "README.md",
                                         "training_args.bin", "config.ini", "x.yaml",
                                         "data.parquet",      "jsonl",      "a.py",
                                         "model.tar.gz",      "a.yaml.xz",  "config.yaml.gz"};

    for (size_t i = 0; i < sizeof(logs) / sizeof(logs[0]); i++)
        cr_expect(name_could_be_log(str_of(logs[i])), "%s", logs[i]);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        cr_expect(!name_could_be_log(str_of(others[i])), "%s", others[i]);
}

/* The reason for a file, NULL if it is not among those refused. */
static const char *why_not(struct catalog *catalog, const char *path)
{
    const struct walk_refused *refused;
    size_t n;

    catalog_refused(catalog, &arena, 100, &refused, &n);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(refused[i].path, path) == 0)
            return refused[i].why;
    }
    return NULL;
}

Test(units, what_is_no_run_says_why)
{
    tmpdir_file(&t, "a/run.csv",
                "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n");
    tmpdir_file(&t, "a/progress.csv", "name,street\nann,main\nbob,side\n");
    tmpdir_file(&t, "a/empty.jsonl", "");
    tmpdir_file(&t, "a/wide.csv", "\xff\xfes");
    tmpdir_file(&t, "b/metrics.jsonl.gz", "\x1f\x8b\x08");
    tmpdir_file(&t, "b/metrics.csv.bz2", CSV);
    tmpdir_file(&t, "good/metrics.csv", CSV);
    struct catalog *catalog = open_tree();
    cr_expect_str_eq(found_by(catalog), "good=metrics.csv");
    cr_expect(why_not(catalog, "a/run.csv") && strstr(why_not(catalog, "a/run.csv"), "LFS"));
    cr_expect(why_not(catalog, "a/progress.csv") != NULL);
    cr_expect_str_eq(why_not(catalog, "a/empty.jsonl"), "it is empty");
    cr_expect(why_not(catalog, "good/metrics.csv") == NULL);
    cr_expect(strstr(why_not(catalog, "a/wide.csv"), "UTF-16"), "%s",
              why_not(catalog, "a/wide.csv"));
    cr_expect_str_eq(why_not(catalog, "b/metrics.jsonl.gz"),
                     "it is compressed: unpack it to have it read");
    cr_expect_str_eq(why_not(catalog, "b/metrics.csv.bz2"),
                     "its name is that of a compressed file, and it is none");
    close_tree(catalog);
}

/* What bears a log's name and is no file, or lies outside, is named, never read. */
Test(units, what_is_no_file_says_what_it_is)
{
    tmpdir_file(&t, "good/metrics.csv", CSV);
    tmpdir_folder(&t, "folder/metrics.jsonl");
    tmpdir_folder(&t, "links");
    tmpdir_link(&t, "/dev/zero", "links/zero.jsonl");
    tmpdir_link(&t, "again.jsonl", "links/again.jsonl");
    cr_assert(mkfifo(tmpdir_path(&t, "links/pipe.jsonl"), 0600) == 0);
    struct catalog *catalog = open_tree();
    cr_expect_str_eq(found_by(catalog), "good=metrics.csv");
    cr_expect_str_eq(why_not(catalog, "folder/metrics.jsonl"), "it is a folder");
    cr_expect_str_eq(why_not(catalog, "links/pipe.jsonl"), "it is a fifo");
    cr_expect_str_eq(why_not(catalog, "links/again.jsonl"), "it is a link that leads to itself");
    cr_expect_str_eq(why_not(catalog, "links/zero.jsonl"),
                     "it is a link that leads out of its folder");
    close_tree(catalog);
}

Test(units, a_file_that_becomes_a_log_is_found_without_a_new_name)
{
    tmpdir_file(&t, "a/metrics.jsonl", "");
    tmpdir_age(&t, "a", 1500000000); /* the folder's own time does not change from now on */
    struct catalog *catalog = open_tree();
    cr_expect_str_eq(found_by(catalog), "");
    FILE *file = fopen(tmpdir_path(&t, "a/metrics.jsonl"), "w");
    cr_assert(file && fputs(LINES, file) >= 0 && fclose(file) == 0);
    cr_expect_str_eq(found_by(catalog), "a=metrics.jsonl");
    tmpdir_file(&t, "b/metrics.csv", CSV);
    cr_expect_str_eq(found_by(catalog), "a=metrics.jsonl b=metrics.csv");
    unlink(tmpdir_path(&t, "a/metrics.jsonl"));
    cr_expect_str_eq(found_by(catalog), "b=metrics.csv");
    close_tree(catalog);
}

Test(units, links_make_no_second_experiment)
{
    tmpdir_file(&t, "runs/one/metrics.csv", CSV);
    tmpdir_link(&t, "one", "runs/latest");
    tmpdir_link(&t, "..", "runs/one/up");
    struct catalog *catalog = open_tree();
    cr_expect_str_eq(found_by(catalog), "runs/one=metrics.csv");
    close_tree(catalog);
}
