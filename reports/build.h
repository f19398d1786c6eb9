#ifndef BUILD_H
#define BUILD_H
/*
 * Writes blocks one after another. Their ids are made from the experiment, the
 * pattern and a running number, so that the same input gives the same bytes.
 */

#include "analysis/base/arena.h"
#include "analysis/base/buf.h"

#include <stdint.h>

struct blocks {
    struct buf text; /* a JSON array; finished by blocks_end */
    const char *experiment_id;
    uint64_t seed, number;
    int64_t count;
};

void blocks_begin(struct blocks *blocks, const char *experiment_id, const char *pattern);
struct str blocks_end(struct blocks *blocks); /* good until blocks_fini */
void blocks_fini(struct blocks *blocks);

void blocks_heading(struct blocks *blocks, int level, const char *format, ...) PRINTF(3, 4);
void blocks_paragraph(struct blocks *blocks, const char *format, ...) PRINTF(2, 3);
/* "bold" and then the rest; either may be empty. */
void blocks_bold(struct blocks *blocks, const char *bold, const char *format, ...) PRINTF(3, 4);
void blocks_bullet(struct blocks *blocks, const char *format, ...) PRINTF(2, 3);
void blocks_numbered(struct blocks *blocks, const char *format, ...) PRINTF(2, 3);
void blocks_code(struct blocks *blocks, const char *language, struct str code);

/* A table: begin, rows of cells (the first is the head), end. */
void blocks_table_begin(struct blocks *blocks);
void blocks_table_row(struct blocks *blocks, const char *const *cells, size_t n);
void blocks_table_end(struct blocks *blocks);

/* mode: lm, rl or ablation */
void blocks_chart(struct blocks *blocks, const char *mode, const char *key);
void blocks_metrics_table(struct blocks *blocks);
void blocks_trajectory(struct blocks *blocks, const char *gating_mode, const char *prompt);
void blocks_cross_prompt(struct blocks *blocks, const char *gating_mode);
void blocks_sweep(struct blocks *blocks, const char *prompt);

#endif
