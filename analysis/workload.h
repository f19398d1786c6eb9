#ifndef WORKLOAD_H
#define WORKLOAD_H
/*
 * How large a run's model was, how much it was trained on, and what that cost:
 * as logged or configured under exact names, NAN where it is not. Nothing is
 * filled in from habit. Part of a subject; read only.
 */

#include "analysis/experiment.h"

enum { WORKLOAD_SERIES = 8 };

struct workload {
    double parameters; /* trained; of transformer blocks alone where they are counted from shapes */
    const char *parameters_from; /* NULL wherever the number is not known */
    double tokens;               /* trained on, all passes */
    const char *tokens_from;
    double
        attention; /* FLOPs a token beside 6 a parameter: 12 layers width context; 0: not known */
    double flops;  /* logged; NAN: by 6 a parameter and token */
    const char *flops_from;
    double seconds; /* for all of it */
    const char *seconds_from;
    double peak; /* FLOPs a second of all accelerators */
    const char *peak_from;
    double utilisation; /* median of a logged share of the peak */
    const char *utilisation_from;
    int64_t utilisation_n;
    const char *series[WORKLOAD_SERIES]; /* those it was read from */
    size_t series_n;
};

/* The series it asks for: in one pass with others they cost little. */
struct strs workload_names(struct arena *arena);

/* Of the loss: tokens a step are counted up to its last step. Stamps in seconds. */
struct workload_span {
    int64_t first_step, last_step;
    double first_time, last_time; /* NAN: no stamps */
};

NODISCARD bool workload_load(const struct experiment *experiment, const struct workload_span *span,
                             struct arena *arena, struct workload *out, struct err *err);

/* FLOPs of the whole run: logged, else (6 parameters + attention) tokens; NAN. */
double workload_flops(const struct workload *w);

/* Share of the peak: logged, else FLOPs over time and peak; NAN. */
double workload_utilisation(const struct workload *w);

/*
 * FLOPs a second of one such accelerator in bf16 (fp16 where it has none), dense, by its
 * vendor's data sheet; NAN for a name that is not known. Whole words: "NVIDIA A100-SXM4-80GB".
 */
double accelerator_peak(const char *name);

#endif
