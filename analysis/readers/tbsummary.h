#ifndef TBSUMMARY_H
#define TBSUMMARY_H
/*
 * The values inside a TensorBoard summary: Summary.Value and TensorProto of
 * tensorflow/core/framework/{summary,tensor}.proto, and what the text and
 * hparams plugins put into them.
 */

#include "analysis/readers/feed.h"

enum summary_kind {
    SUMMARY_SCALAR,
    SUMMARY_TEXT,    /* text: the first string */
    SUMMARY_HPARAMS, /* text: HParamsPluginData */
    SUMMARY_OTHER,   /* image, histogram, audio, a tensor that is no scalar */
    SUMMARY_FAULT,
};

struct summary_value {
    enum summary_kind kind;
    struct str tag, text;
    double value;
};

/* One Summary.Value. */
void summary_value_read(struct str message, struct summary_value *out);

/* Hyper-parameters as settings of "hparams"; how a session began and ended as facts. */
void summary_hparams(struct str message, struct feed *feed);
/*
 * A text that is a table of two columns in Markdown or a JSON object becomes
 * configuration `tag`. False for any other text.
 */
bool summary_text(struct str tag, struct str text, struct feed *feed, struct arena *arena);

#endif
