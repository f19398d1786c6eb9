/*
 * Any bytes as each small file of an experiment at once (status, metadata,
 * evaluation, ablation, RL history, configuration): looked at and judged
 * without falling over.
 */
#include "analysis/catalog.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char root[64];

static void put(const char *name, const uint8_t *data, size_t size)
{
    char path[256];

    snprintf(path, sizeof(path), "%s/e/%s", root, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, data, size) < 0)
        abort();
    close(fd);
}

static void make_root(void)
{
    static const char *const folders[] = {"", "/e", "/e/dashboard_metrics", "/e/evaluation_results",
                                          "/e/rl_metrics"};
    char path[256];

    snprintf(root, sizeof(root), "/tmp/postrun-fuzz-%d", (int)getpid());
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        snprintf(path, sizeof(path), "%s%s", root, folders[i]);
        if (mkdir(path, 0700) != 0 && access(path, W_OK) != 0)
            abort();
    }
}

static void look(const struct experiment *e, struct arena *arena)
{
    struct document document;
    struct assessed state;
    const struct history *history;
    const char *name;
    struct str text, json;
    struct err err;

    for (int file = FILE_METADATA; file <= FILE_GPU; file++)
        experiment_document(e, (enum experiment_file)file, arena, &document);
    experiment_assess(e, 1767225600000, arena, &state);
    if (!experiment_history(e, arena, &history, &err))
        err_wrap(&err, "history");
    if (experiment_config(e, NULL, arena, &name, &text, &err) &&
        !config_to_json(text, arena, &json, &err))
        err_wrap(&err, "configuration");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const files[] = {"metadata.json",
                                        "config.yaml",
                                        "dashboard_metrics/status.json",
                                        "dashboard_metrics/latest.json",
                                        "dashboard_metrics/rl_metrics.jsonl",
                                        "evaluation_results/evaluation_results.json",
                                        "ablation_results.json",
                                        "gpu_instance.json",
                                        "rl_metrics/rl_training_metrics.json"};
    struct arena arena;
    struct listing listing;
    struct coverage coverage;
    struct err err;
    const struct experiment *e;

    if (!*root)
        make_root();
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        put(files[i], data, size);
    const char *const roots[] = {root};
    struct strs where = {roots, 1};
    struct catalog *catalog = catalog_open(&where);
    arena_init(&arena);
    coverage_init(&coverage, &arena);
    catalog_list(catalog, &arena, &listing, &coverage);
    if (listing.n && catalog_get(catalog, &listing.v[0], &arena, &e, &err))
        look(e, &arena);
    arena_fini(&arena);
    catalog_close(catalog);
    return 0;
}
