#ifndef SFT_H
#define SFT_H
/*
 * What a fine-tuning run left beside its series: its adapter, the tokens it
 * trained on, the judge's result, saved samples. Part of a subject; read only.
 */

#include "analysis/adapter.h"
#include "analysis/judge.h"
#include "analysis/samples.h"

struct sft {
    const char *why; /* it is a fine-tuning run, because …; NULL: nothing says so */
    struct adapter adapter;
    struct judge judge;
    struct samples samples;
    double tokens;           /* trained, all passes; NAN if not logged */
    const char *tokens_from; /* the series that says so */
    bool loss_tokens;        /* only those that have a loss are counted */
};

NODISCARD bool sft_load(const struct experiment *experiment, struct arena *arena,
                        struct coverage *coverage, struct sft *out, struct err *err);

#endif
