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
    struct str bits; /* of a scalar that is one float or double in the message: where it stands */
};

/* One Summary.Value. */
void summary_value_read(struct str message, struct summary_value *out);

/*
 * How a tag's scalars were written last. A writer gives all values of a tag the
 * same bytes but for the number, so that a comparison does instead of reading.
 */
enum { SUMMARY_FORM_MAX = 256 };
struct summary_form {
    char *bytes; /* of the message; NULL: none yet */
    size_t n, room;
    size_t at, size; /* of the number in it */
};

/* Keeps the form of that scalar, if it has one; `message` is what it was read from. */
void summary_form_keep(struct summary_form *form, struct str message,
                       const struct summary_value *value, struct arena *arena);

/* True if the message has the form: *value is then what summary_value_read would give. */
static inline bool summary_form_fits(const struct summary_form *form, struct str message,
                                     double *value)
{
    size_t behind = form->at + form->size;
    float single;

    if (!form->bytes || message.n != form->n || memcmp(message.p, form->bytes, form->at) != 0 ||
        (behind < form->n &&
         memcmp(message.p + behind, form->bytes + behind, form->n - behind) != 0))
        return false;
    if (form->size == sizeof(*value)) {
        memcpy(value, message.p + form->at, sizeof(*value));
        return true;
    }
    memcpy(&single, message.p + form->at, sizeof(single));
    *value = (double)single;
    return true;
}

/* Hyper-parameters as settings of "hparams"; how a session began and ended as facts. */
void summary_hparams(struct str message, struct feed *feed);
/*
 * A text that is a table of two columns in Markdown or a JSON object becomes
 * configuration `tag`. False for any other text.
 */
bool summary_text(struct str tag, struct str text, struct feed *feed, struct arena *arena);

#endif
