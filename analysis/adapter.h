#ifndef ADAPTER_H
#define ADAPTER_H
/*
 * The LoRA adapter a run trains, from the run's own files: adapter_config.json
 * (PEFT; also below best/ and final/), config.json (tinker-cookbook, or the
 * model's), and its YAML copies. Keys are taken by exact name; what is not
 * written is not known, and nothing is filled in from habit.
 */

#include "analysis/experiment.h"
#include "analysis/stats/lora.h"

struct adapter {
    const char *source;       /* the file that says an adapter is trained; NULL: none does */
    int64_t rank;             /* NOT_GIVEN */
    double alpha;             /* NAN */
    const char *model;        /* the base model's name; NULL */
    unsigned matrices;        /* 0: not known */
    const char *modules_from; /* who says which modules; NULL: nobody */
    struct lora_shape shape;
    const char *shape_from; /* "config.json", "the published shapes of …"; NULL: not known */
    const char *odd;        /* why its parameters cannot be counted; NULL: they can */
    double learning_rate;   /* as configured; NAN */
    int64_t epochs, batch;  /* NOT_GIVEN */
};

/* Adds the files it used to the coverage (may be NULL). */
void adapter_load(const struct experiment *experiment, struct arena *arena,
                  struct coverage *coverage, struct adapter *out);

#endif
