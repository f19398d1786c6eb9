/*
 * What all analyses of one experiment cost, beside reading all its columns:
 *
 *     bench_analysis               makes the runs below $TMPDIR/postrun-bench-analysis once
 *     bench_analysis ROOT ID...    those of one's own
 *
 * Of each: time of the first read and of analyze() on top, peak memory beside
 * the series' own arrays, a hash of all findings (of two runs: the same bytes,
 * the same hash), and the detectors that take longest.
 */
#include "analysis/analyze.h"
#include "analysis/base/fnv.h"
#include "analysis/catalog.h"
#include "analysis/detectors/detector.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { ROWS = 1000000, ITERATIONS = 100000, SHOWN = 12, DETECTORS_MAX = 128, PATH_SIZE = 512 };

/* Of this thread: the machine may have other work. */
static double now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* ---- the runs that are made ---- */

/* xorshift64* (Marsaglia 2003, Vigna 2016): the same files on every machine. */
static double uniform(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return (double)(*state * 2685821657736338717u >> 11) * 0x1p-53;
}

static double normal(uint64_t *state)
{
    double sum = -6;

    for (int i = 0; i < 12; i++)
        sum += uniform(state);
    return sum;
}

static FILE *file_in(const char *root, const char *path)
{
    char whole[PATH_SIZE];

    snprintf(whole, sizeof(whole), "%s/%s", root, path);
    for (char *p = whole + 1; (p = strchr(p, '/')); *p++ = '/') {
        *p = '\0';
        mkdir(whole, 0777);
    }
    FILE *file = fopen(whole, "w");
    if (!file) {
        perror(whole);
        exit(1);
    }
    return file;
}

static void put(const char *root, const char *path, const char *text)
{
    FILE *file = file_in(root, path);

    fputs(text, file);
    fclose(file);
}

/* rough: bursts, steps of the level and a heavy tail; else a run that goes well. */
static void make_lm(const char *root, const char *id, bool rough)
{
    char path[PATH_SIZE];
    uint64_t state = rough ? 7 : 1;
    double noise = 0, level = 0, burst = 0;

    snprintf(path, sizeof(path), "%s/metadata.json", id);
    put(root, path, "{\"type\": \"lm\", \"created_at\": \"2026-01-01T00:00:00+00:00\"}");
    snprintf(path, sizeof(path), "%s/config.yaml", id);
    put(root, path, "BASE_LR: 0.001\nMIN_LR: 0.0001\nWARMUP_RATIO: 0.1\nMAX_GRAD_NORM: 1.0\n");
    snprintf(path, sizeof(path), "%s/dashboard_metrics/metrics.jsonl", id);
    FILE *file = file_in(root, path);
    for (int i = 0; i < ROWS; i++) {
        double share = (double)i / ROWS, tail = rough ? 1 / sqrt(uniform(&state) + 1e-3) : 1;
        noise = 0.3 * noise + 0.03 * tail * normal(&state);
        burst = uniform(&state) < (rough ? 1e-3 : 2e-5) ? 1 : 0.8 * burst;
        level += rough && uniform(&state) < 2e-5 ? 0.1 * normal(&state) : 0;
        double curve = log(1.6 + 9 / pow(1 + (double)i / 50, 0.45)) + level;
        double rate =
            share < 0.1 ? share * 1e-2 : 1e-4 + 4.5e-4 * (1 + cos(M_PI * (share - 0.1) / 0.9));
        double norm = exp(-0.7 + 0.35 * tail * normal(&state) + 2 * burst);
        fprintf(
            file,
            "{\"step\": %d, \"timestamp\": %.6f, \"Losses/Total\": %.9g, \"Learning Rate\": %.17g, "
            "\"Gradient Norm\": %.9g, \"Iterations/Second\": %.17g",
            i, 1767225600 + 0.5 * i + 0.1 * uniform(&state), exp(curve + noise + 0.5 * burst), rate,
            norm, 2 + 0.1 * uniform(&state) - (uniform(&state) < 1e-4 ? 1.5 : 0));
        if (i % 1000 == 999)
            fprintf(file, ", \"Losses/Validation\": %.9g",
                    exp(curve + 0.02 + 0.003 * normal(&state)));
        fputs("}\n", file);
    }
    fclose(file);
}

static void put_list(FILE *file, const char *name, double base, double spread, double drift,
                     uint64_t *state)
{
    fprintf(file, "%s\"%s\": [", strcmp(name, "episode_rewards") == 0 ? "" : ", ", name);
    for (int i = 0; i < ITERATIONS; i++)
        fprintf(file, "%s%.17g", i ? ", " : "",
                base + spread * normal(state) + drift * (double)i / ITERATIONS);
    fputs("]", file);
}

static void make_rl(const char *root, const char *id)
{
    static const struct {
        const char *name;
        double base, spread, drift;
    } rows[] = {{"episode_rewards", .2, .1, .35},   {"policy_loss", -.01, .03, 0},
                {"value_loss", .5, .1, -.3},        {"entropy", 1.3, .1, -.4},
                {"entropy_coef", .05, .01, -.02},   {"gate_modulation", .5, .1, .1},
                {"explained_variance", .2, .1, .5}, {"reward_perplexity", .6, .1, .1},
                {"reward_diversity", .55, .1, -.1}, {"reward_sampling", .3, .1, .1},
                {"reward_repetition", -.1, .1, .1}, {"reward_coherence", .4, .1, .1},
                {"lagrange_multiplier", 1, .1, .4}, {"mean_cost", .3, .1, -.1},
                {"cost_value_loss", .2, .05, 0}};
    char path[PATH_SIZE];
    uint64_t state = 3;

    snprintf(path, sizeof(path), "%s/metadata.json", id);
    put(root, path, "{\"type\": \"rl\", \"created_at\": \"2026-01-01T00:00:00+00:00\"}");
    snprintf(path, sizeof(path), "%s/rl_metrics/rl_training_metrics.json", id);
    FILE *file = file_in(root, path);
    fprintf(file, "{\"global_step\": %d, \"history\": {", ITERATIONS * 128);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        put_list(file, rows[i].name, rows[i].base, rows[i].spread, rows[i].drift, &state);
    fputs("}, \"timestamp\": \"2026-01-02T00:00:00\"}\n", file);
    fclose(file);
}

static void make_runs(const char *root)
{
    char last[PATH_SIZE];

    snprintf(last, sizeof(last), "%s/rl", root);
    if (access(last, F_OK) == 0)
        return;
    fprintf(stderr, "making runs in %s\n", root);
    make_lm(root, "lm", false);
    make_lm(root, "lm-rough", true);
    make_rl(root, "rl");
}

/* ---- what is measured ---- */

static double mib(double bytes)
{
    return bytes / 1048576;
}

/* Peak resident bytes since the last forget_peak. */
static double peak(void)
{
    char line[256];
    double kib = 0;
    FILE *file = fopen("/proc/self/status", "r");

    while (file && fgets(line, sizeof(line), file)) {
        if (strncmp(line, "VmHWM:", 6) == 0)
            kib = strtod(line + 6, NULL);
    }
    if (file)
        fclose(file);
    return kib * 1024;
}

static void forget_peak(void)
{
    int fd = open("/proc/self/clear_refs", O_WRONLY);

    if (fd < 0 || write(fd, "5", 1) != 1)
        fprintf(stderr, "the peak cannot be set back: memory is of the whole program\n");
    close(fd);
}

static uint64_t hash(uint64_t h, const void *bytes, size_t n)
{
    return fnv_add(h, (struct str){bytes, n});
}

static uint64_t hash_of(const struct analysis *a)
{
    uint64_t h = hash(FNV_BASIS, a->verdict, strlen(a->verdict));

    for (size_t i = 0; i < a->findings.list.n; i++) {
        const struct finding *f = &a->findings.list.v[i];

        h = hash(h, f->id, strlen(f->id));
        h = hash(h, f->sentence, strlen(f->sentence));
        h = hash(h, f->what_would_change_it, strlen(f->what_would_change_it));
        h = hash(h, &f->confidence, sizeof(f->confidence));
        for (size_t k = 0; k < f->evidence.values.n; k++)
            h = hash(h, &f->evidence.values.v[k].value, sizeof(double));
        for (size_t k = 0; k < f->caveats.n; k++)
            h = hash(h, f->caveats.v[k], strlen(f->caveats.v[k]));
    }
    return h;
}

static double arrays_of(const struct subject *subject)
{
    double bytes = 0;

    for (int role = 0; role < ROLES; role++) {
        const struct series *s = &subject->role[role].clean.active;

        bytes += (double)s->n * (s->time ? 24 : 16);
    }
    return bytes;
}

struct timed {
    const char *name;
    double ms;
};

static int by_time(const void *a, const void *b)
{
    const struct timed *x = a, *y = b;

    return (x->ms < y->ms) - (x->ms > y->ms);
}

static void by_detector(const struct experiment *experiment, struct err *err)
{
    struct timed timed[DETECTORS_MAX];
    struct arena arena;
    struct subject subject;
    struct findings findings = {.arena = &arena};
    size_t n = 0;

    arena_init(&arena);
    double t = now_ms();
    if (!subject_load(experiment, &arena, NULL, &subject, err)) {
        arena_fini(&arena);
        return;
    }
    timed[n++] = (struct timed){"(loading the subject)", now_ms() - t};
    arena_keep_stock(&arena);
    for (size_t i = 0; detectors[i] && n < DETECTORS_MAX; i++) {
        if (experiment->type && !(detectors[i]->applies & (unsigned)experiment->type))
            continue;
        t = now_ms();
        detector_run(detectors[i], &subject, &findings);
        timed[n++] = (struct timed){detectors[i]->name, now_ms() - t};
    }
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += timed[i].ms;
    printf("    %-24s %9.1f ms\n", "(all of it once more)", sum);
    qsort(timed, n, sizeof(timed[0]), by_time);
    for (size_t i = 0; i < n && i < SHOWN; i++)
        printf("    %-24s %9.1f ms\n", timed[i].name, timed[i].ms);
    arena_fini(&arena);
}

static bool read_all(const struct experiment *experiment, struct arena *arena, struct err *err)
{
    const struct rows_view *rows;
    const struct history *history;

    return experiment_rows(experiment, NULL, arena, &rows, err) &&
           experiment_history(experiment, arena, &history, err);
}

static bool measure(const struct strs *roots, const char *id, struct err *err)
{
    struct catalog *catalog = catalog_open(roots);
    struct arena arena, answer;
    const struct experiment *experiment;
    const struct analysis *analysis;

    arena_init(&arena);
    arena_init(&answer);
    bool ok = catalog_find(catalog, id, &arena, &experiment, err);
    double t0 = now_ms();
    ok = ok && read_all(experiment, &arena, err);
    double read = now_ms() - t0;
    forget_peak();
    double before = peak();
    t0 = now_ms();
    if (ok && analyze(experiment, &answer, NULL, &analysis, err)) {
        double ms = now_ms() - t0, series = arrays_of(analysis->subject), more = peak() - before;

        printf(
            "%s: read %.0f ms, analyze %.0f ms, %.2f x; series %.1f MiB, peak on top of what was "
            "read %.1f MiB, %.2f x; findings %016llx\n",
            id, read, ms, ms / read, mib(series), mib(more), more / series,
            (unsigned long long)hash_of(analysis));
        arena_fini(&answer);
        by_detector(experiment, err);
    } else {
        ok = false;
    }
    arena_fini(&answer);
    arena_fini(&arena);
    catalog_close(catalog);
    return ok;
}

int main(int argc, char **argv)
{
    static const char *const made[] = {"lm", "lm-rough", "rl"};
    char root[PATH_SIZE];
    const char *tmp = getenv("TMPDIR"), *where = argc > 2 ? argv[1] : root;
    const struct strs roots = {&where, 1};
    size_t n = argc > 2 ? (size_t)argc - 2 : sizeof(made) / sizeof(made[0]);

    snprintf(root, sizeof(root), "%s/postrun-bench-analysis", tmp ? tmp : "/tmp");
    if (argc < 3)
        make_runs(root);
    for (size_t i = 0; i < n; i++) {
        struct err err;

        if (!measure(&roots, argc > 2 ? argv[i + 2] : made[i], &err)) {
            fprintf(stderr, "%s\n", err.msg);
            return 1;
        }
    }
    return 0;
}
