#ifndef LAYERS_H
#define LAYERS_H
/*
 * Gradient norms by layer, where a trainer logs one for each parameter or layer
 * (layers.def has the names they give them). The parameters of one layer are
 * taken together at each step, the root of the sum of squares, of infinity norms
 * the largest; a layer is the name up to its first number
 * ("transformer.blocks.3"), a name without a number is a layer of its own. A layer
 * that is logged under two of those names counts once, by the first. Part of a subject; read
 * only.
 */

#include "analysis/experiment.h"
#include "analysis/hygiene.h"

enum { LAYER_SERIES_MAX = 1000 };

enum norm_together { ROOT_OF_SQUARES, LARGEST };

struct layer_name {
    struct str name;
    struct str stack; /* the name before the number; layers of one stack follow one another */
    int64_t number;   /* NOT_GIVEN: none */
    enum norm_together together;
    size_t naming; /* the row of layers.def it is named by */
};

struct layer {
    struct layer_name id;
    size_t members; /* series in it */
    struct series norm;
    bool smoothed;
};

struct layers {
    struct layer *v; /* stack by stack as they are logged, each by number */
    size_t n;
    size_t series_n; /* logged */
    size_t left_out; /* of them: other steps than the rest of the layer, or beyond the most */
};

/* The layer of a logged name; false: it is no norm of a layer. */
bool layer_of(struct str logged, struct layer_name *out);

NODISCARD bool layers_load(const struct experiment *experiment, const struct rows_view *rows,
                           struct arena *arena, struct layers *out, struct err *err);

#endif
