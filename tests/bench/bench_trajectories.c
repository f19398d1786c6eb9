/*
 * What agent trajectories cost, beside reading and counting the lines of the
 * same file with memchr in the same run (the floor):
 * bench_trajectories DIR N writes N trajectories (seeded, 3.7 kB each) into
 * DIR/agents.jsonl unless they are there, looks at them for the first time, and
 * asks every tool about them. DIR must hold nothing else. The first call has as
 * many threads as the process may use processors (taskset -c 0: one), so its time
 * and that of the floor is the clock's, and that of all threads stands beside it;
 * all others are of this thread's processor. Floor and first call take turns.
 */
#include "analysis/stats/rng.h"
#include "analysis/trajectories/store.h"
#include "tools/answer.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { RUNS = 9, CALLS = 41, TRAININGS = 4, EPOCHS = 5, TEXT = 1 << 18, BIG = 100000 };

static double ms_of(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double now_ms(void)
{
    return ms_of(CLOCK_THREAD_CPUTIME_ID); /* of this thread: machines are shared */
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double quantile(double *ms, size_t n, double q)
{
    qsort(ms, n, sizeof(*ms), by_value);
    return ms[(size_t)(q * (double)(n - 1) + 0.5)];
}

/* ---- what is written ---- */

struct writer {
    FILE *file;
    struct rng rng;
    char *text; /* words as they stand in JSON, an escape now and then */
};

static char *words(struct rng *rng)
{
    char *text = heap_alloc(TEXT);

    for (size_t i = 0; i + 16 < TEXT;) {
        size_t n = 2 + rng_below(rng, 9);
        for (size_t k = 0; k < n; k++)
            text[i++] = (char)('a' + rng_below(rng, 26));
        text[i++] = ' ';
        uint64_t kind = rng_below(rng, 40);
        if (kind < 2) {
            text[i++] = '\\';
            text[i++] = kind ? 'n' : '"';
        }
    }
    return text;
}

/* About n bytes from the start of a word. */
static void put_text(struct writer *w, size_t n)
{
    size_t from = rng_below(&w->rng, TEXT - 4096);

    n = n / 2 + rng_below(&w->rng, n);
    while (w->text[from] != ' ')
        from++;
    from++;
    while (w->text[from + n] != ' ')
        n++;
    fwrite(w->text + from, 1, n, w->file);
}

static void put_step(struct writer *w, int number)
{
    static const char *const names[] = {"search", "open_page", "calculator", "python", "finish"};
    uint64_t kind = rng_below(&w->rng, 20);

    fprintf(w->file, "%s{\"step_id\":%d,\"thought\":\"", number ? "," : "", number + 1);
    put_text(w, 160);
    fprintf(w->file, "\",\"action\":\"%s[", names[rng_below(&w->rng, 5)]);
    put_text(w, 24);
    fputs("]\",\"observation\":\"", w->file);
    fputs(kind == 0 ? "timeout: " : kind == 1 ? "Error: not found " : "", w->file);
    put_text(w, 320);
    fprintf(w->file, "\",\"reward\":%.3f,\"done\":false}", rng_uniform(&w->rng));
}

static void put_trajectory(struct writer *w, size_t i, size_t questions, size_t samples)
{
    size_t sample = i % samples, question = i / samples % questions;
    size_t epoch = i / samples / questions % EPOCHS, training = i / samples / questions / EPOCHS;
    static const char *const ends[] = {"env_done", "env_done", "finish", "max_steps", "timeout"};
    double passes = (double)(question % 10) / 12 + 0.03 * (double)epoch;

    fprintf(w->file,
            "{\"trajectory_id\":\"q%zu-run%zu-%zu-0-%zu\",\"data_id\":\"q%zu\",\"training_id\":"
            "\"run%zu\",\"epoch_id\":%zu,\"iteration_id\":%zu,\"sample_id\":%zu,\"agent_name\":"
            "\"agent\",\"reward\":%d,\"termination_reason\":\"%s\",\"question\":\"",
            question, training, epoch, sample, question, training, epoch, epoch * 10, sample,
            rng_uniform(&w->rng) < passes, ends[rng_below(&w->rng, 5)]);
    fprintf(w->file, "What is the answer to question number %zu of the set?\",\"steps\":[",
            question);
    int steps = 2 + (int)rng_below(&w->rng, 9);
    for (int s = 0; s < steps; s++)
        put_step(w, s);
    fputs("]}\n", w->file);
}

static void write_runs(const char *path, size_t n)
{
    struct writer w = {.file = fopen(path, "wx"), .rng = rng_of(7)};
    size_t samples = n < BIG ? 1 : 5, questions = n / samples / TRAININGS / EPOCHS;

    if (!w.file)
        return; /* it is there already */
    w.text = words(&w.rng);
    for (size_t i = 0; i < n; i++)
        put_trajectory(&w, i, questions ? questions : 1, samples);
    if (fclose(w.file) != 0)
        exit(1);
    struct timespec old[2] = {{.tv_sec = 1700000000}, {.tv_sec = 1700000000}};
    utimensat(AT_FDCWD, path, old, 0); /* young files are not trusted to stay */
    free(w.text);
}

/* ---- what is measured ---- */

static double floor_of(const char *path, size_t *lines)
{
    static char block[256 * 1024];
    double t = ms_of(CLOCK_MONOTONIC);
    int fd = open(path, O_RDONLY);
    ssize_t got;

    *lines = 0;
    while ((got = read(fd, block, sizeof(block))) > 0) {
        for (char *p = block; (p = memchr(p, '\n', (size_t)(block + got - p))); p++)
            ++*lines;
    }
    close(fd);
    return ms_of(CLOCK_MONOTONIC) - t;
}

/* One call as a server makes it, without its cache of answers. */
static size_t ask(struct desk *desk, const char *name, const char *arguments)
{
    const struct tool *tool = tool_find(tools, str_of(name));
    struct arena arena;
    struct err err = {0};
    struct buf out = {0};

    arena_init(&arena);
    struct call call = {.desk = desk, .arena = &arena};
    const struct json *json = json_parse(&arena, str_of(arguments), JSON_STRICT, 16, &err);
    void *in = arena_alloc(&arena, tool->in.size + 1);
    void *result = arena_alloc(&arena, tool->out.size + 1);
    if (!json || !shape_decode(&tool->in, json, &arena, in, &err) ||
        !tool->run(&call, in, result, &err)) {
        fprintf(stderr, "%s: %s\n", name, err.msg);
        exit(1);
    }
    shape_encode(&tool->out, result, &out);
    size_t n = out.n;
    buf_fini(&out);
    arena_fini(&arena);
    return n;
}

static struct desk *desk_of(const char *dir)
{
    return desk_open(&(struct desk_options){.experiments = {&dir, 1}});
}

static void tell_held(struct desk *desk)
{
    const struct trajectories *all;
    struct coverage coverage;
    struct arena arena;
    struct err err;

    arena_init(&arena);
    coverage_init(&coverage, &arena);
    if (!library_look(desk->library, NULL, &arena, &all, &coverage, &err))
        exit(1);
    size_t names = dict_held(&all->ids) + dict_held(&all->words);
    printf("%zu trajectories, %.1f bytes each and %.1f of names\n", all->n,
           (double)(trajectories_held(all) - names) / (double)all->n,
           (double)names / (double)all->n);
    arena_fini(&arena);
}

/* Returns the floor. */
static double first_calls(const char *dir, const char *path, size_t n)
{
    double ms[RUNS], cpu[RUNS], floors[RUNS];
    size_t runs = n > BIG ? 2 : RUNS, lines = 0;
    struct rusage usage;

    for (size_t i = 0; i < runs; i++) {
        floors[i] = floor_of(path, &lines);
        struct desk *desk = desk_of(dir);
        double t = ms_of(CLOCK_MONOTONIC), used = ms_of(CLOCK_PROCESS_CPUTIME_ID);
        ask(desk, "get_reward_stats", "{}");
        ms[i] = ms_of(CLOCK_MONOTONIC) - t;
        cpu[i] = ms_of(CLOCK_PROCESS_CPUTIME_ID) - used;
        if (i == runs - 1)
            tell_held(desk);
        desk_close(desk);
    }
    getrusage(RUSAGE_SELF, &usage);
    double first = quantile(ms, runs, 0.5), floor_ms = quantile(floors, runs, 0.5);
    printf("%zu lines, floor %.2f ms (%.2f to %.2f)\n", lines, floor_ms, floors[0],
           floors[runs - 1]);
    printf("%-30s %9.2f ms (%.2f to %.2f)  %5.2f x floor, peak RSS %.0f MiB\n", "first call", first,
           ms[0], ms[runs - 1], first / floor_ms, (double)usage.ru_maxrss / 1024);
    printf("%-30s %9.2f ms  %5.2f x floor\n", "of the processors", quantile(cpu, runs, 0.5),
           quantile(cpu, runs, 0.5) / floor_ms);
    return floor_ms;
}

static void further_calls(const char *dir, size_t n)
{
    static const struct {
        const char *tool, *arguments;
    } rows[] = {
        {"list_trainings", "{}"},
        {"list_epochs", "{\"training_id\":\"run1\"}"},
        {"get_epoch_progression", "{\"training_id\":\"run1\"}"},
        {"compare_trainings", "{\"training_ids\":\"run0,run1\"}"},
        {"list_failure_cases", "{\"limit\":10}"},
        {"list_failure_cases", "{\"limit\":10,\"offset\":2000}"},
        {"get_trajectory", "{\"trajectory_id\":\"q3-run1-2-0-0\"}"},
        {"get_termination_stats", "{}"},
        {"get_termination_stats", "{\"group_by\":\"epoch_id\"}"},
        {"get_tool_return_stats", "{}"},
        {"get_reward_stats", "{}"},
        {"get_reward_stats", "{\"group_by\":\"training_id\"}"},
        {"get_process_reward_correlation", "{}"},
        {"list_unexpected_tool_contexts", "{\"limit\":5}"},
        {"get_pass_at_k", "{}"},
        {"get_pass_at_k", "{\"training_id\":\"run2\"}"},
    };
    struct desk *desk = desk_of(dir);
    int calls = n > BIG ? 5 : CALLS;
    double ms[CALLS];

    ask(desk, "list_trainings", "{}");
    for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
        size_t bytes = 0;
        for (int i = 0; i < calls; i++) {
            double t = now_ms();
            bytes = ask(desk, rows[r].tool, rows[r].arguments);
            ms[i] = now_ms() - t;
        }
        char what[96];
        snprintf(what, sizeof(what), "%s %s", rows[r].tool, rows[r].arguments);
        printf("%-64.64s p50 %8.2f  p99 %8.2f ms  %6zu B\n", what, quantile(ms, (size_t)calls, 0.5),
               quantile(ms, (size_t)calls, 0.99), bytes);
    }
    desk_close(desk);
}

/* The file grows by a copy of its first line under another id; it is cut back at the end. */
static void growing(const char *dir, const char *path, double floor_ms)
{
    struct desk *desk = desk_of(dir);
    struct stat about;
    double ms[RUNS];

    if (stat(path, &about) != 0)
        exit(1);
    ask(desk, "get_termination_stats", "{}");
    for (int i = 0; i < RUNS; i++) {
        FILE *file = fopen(path, "a");
        struct timespec old[2] = {{.tv_sec = 1700000001 + i}, {.tv_sec = 1700000001 + i}};
        if (!file)
            exit(1);
        fprintf(file, "{\"trajectory_id\":\"new%d\",\"data_id\":\"q1\",\"reward\":1}\n", i);
        fclose(file);
        utimensat(AT_FDCWD, path, old, 0);
        double t = now_ms();
        ask(desk, "get_termination_stats", "{}");
        ms[i] = now_ms() - t;
    }
    if (truncate(path, about.st_size) != 0)
        exit(1);
    struct timespec old[2] = {{.tv_sec = 1700000000}, {.tv_sec = 1700000000}};
    utimensat(AT_FDCWD, path, old, 0);
    double grown = quantile(ms, RUNS, 0.5);
    printf("%-30s %9.2f ms  %5.2f x floor\n", "a line more", grown, grown / floor_ms);
    desk_close(desk);
}

int main(int argc, char **argv)
{
    size_t n = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
    char path[4096];
    struct stat about;

    if (n == 0) {
        fprintf(stderr, "usage: bench_trajectories DIR N\n");
        return 1;
    }
    mkdir(argv[1], 0777);
    snprintf(path, sizeof(path), "%s/agents.jsonl", argv[1]);
    write_runs(path, n);
    if (stat(path, &about) != 0)
        return 1;
    printf("%.1f MB\n", (double)about.st_size / 1e6);
    double floor_ms = first_calls(argv[1], path, n);
    further_calls(argv[1], n);
    growing(argv[1], path, floor_ms);
    return 0;
}
