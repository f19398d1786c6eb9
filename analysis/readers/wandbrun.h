#ifndef WANDBRUN_H
#define WANDBRUN_H
/* What a W&B run says about itself, in its records and in the files beside the log. */

#include "analysis/base/vec.h"
#include "analysis/readers/reader.h"

/* Named JSON values of which later ones replace earlier ones: configuration, summary. */
struct wandb_item {
    struct str name, json;
};
struct wandb_kept {
    struct wandb_item item;
    char *bytes; /* of its value, which is replaced in place */
    size_t room;
};
struct wandb_items {
    VEC(struct wandb_kept) list;
    int64_t dropped; /* beyond KEYS_MAX */
};

struct wandb_run {
    struct feed *feed;
    struct arena *arena;
    struct arena *scratch; /* of one record */
    struct wandb_items config, summary;
    bool has_run, has_exit;
    int64_t started; /* ms; 0: not known */
};

/* An item of a record: `key`, or `nested_key`s joined by "."; the value's text. */
struct wandb_item wandb_item_read(struct str message, struct arena *arena);

/* The records 17, 5, 3 and 18. */
void wandb_take_run(struct wandb_run *run, struct str record);
void wandb_take_config(struct wandb_run *run, struct str record);
void wandb_take_summary(struct wandb_run *run, struct str record);
void wandb_take_exit(struct wandb_run *run, struct str record);

/* Gives the configuration to the feed, and what config.yaml and wandb-metadata.json add. */
void wandb_tell(struct wandb_run *run, const struct source *source);

#endif
