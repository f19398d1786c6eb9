#ifndef DRAFT_H
#define DRAFT_H
/*
 * A run in the making. A family of each channel changes the noise-free curves
 * and the labels; the noise comes last.
 *
 * The loss: L = E + (L0 - E) ((s + t0)/t0)^-b of the progress s (points weighted
 * by the learning rate over its peak), less a drop of up to 4% of E as the rate
 * decays. In the shifted set an exponential, a broken line or a logistic curve,
 * in dev-other three more shapes, so that a rule is not fitted to one family of curves.
 */

#include "tests/bench/detection/dice.h"
#include "tests/bench/detection/run.h"

enum curve_shape {
    SHAPE_POWER,
    SHAPE_EXPONENTIAL,
    SHAPE_BROKEN,
    SHAPE_LOGISTIC,
    /* of dev-other */
    SHAPE_STRETCHED,  /* exp of a root of the progress */
    SHAPE_LOGARITHM,  /* no floor in sight */
    SHAPE_TWO_POWERS, /* a fast and a slow one */
};

/* Of a whole set: what its curves and its noise are drawn from. */
enum laws { LAWS_PLAIN, LAWS_SHIFTED, LAWS_OTHER };

struct law {
    enum curve_shape shape;
    double floor, start, power, scale; /* E, L0, b, t0 (scale in points) */
    double drop;                       /* share of the floor */
};

struct noise_law {
    double sd, phi;
    bool heavy;     /* Student t5 */
    enum laws laws; /* shifted: one in ten Laplace of three times the spread; other: skewed */
};

struct draft {
    struct dice dice;
    struct run *run;
    struct arena *arena;
    enum laws laws;
    bool tiny;
    size_t n;      /* points */
    int64_t *step; /* of each */
    struct law law;
    struct noise_law noise;
    double progress; /* of a point at the peak rate; 1 but where the rate is too low */

    enum schedule_kind schedule;
    double *rate; /* over its peak, each point */
    double peak;
    size_t warmup;

    double *train, *spread; /* noise-free loss and its noise's factor, each point */
    size_t m;               /* evaluations */
    size_t *eval_at;        /* the point of each */
    double *val, val_sd;
    bool no_train; /* the training loss is not logged */
    size_t nans;   /* so many at the end of the training loss */
    size_t nan_at; /* one alone; n: none */
    size_t back;   /* a resume repeats so many points before nan_at's place */
    size_t resume; /* at this point; 0: none */
};

enum channel {
    CHANNEL_LOSS,
    CHANNEL_GRADIENT,
    CHANNEL_REWARD,
    CHANNEL_VALUE,
    CHANNEL_POLICY,
    CHANNEL_CONSTRAINT,
    CHANNEL_GROUPS,
    CHANNEL_SCORE, /* of the sets about hacking: reward, held-out score and length at once */
};

enum nature { NATURE_CLEAN, NATURE_FAULT, NATURE_DECOY };

enum { ANY_SCHEDULE = 0 };

struct family {
    const char *name;
    enum channel channel;
    enum nature nature;
    unsigned schedules; /* loss: bits 1 << enum schedule_kind, or ANY_SCHEDULE */
    void (*apply)(struct draft *d);
};

extern const struct family *const families[]; /* NULL-ended */

/* ---- for families ---- */

/* One draw a statement: C leaves the order of two within one to the compiler. */

double draft_u(const struct draft *d, size_t i);        /* (i + 1)/n */
size_t draft_at(struct draft *d, double lo, double hi); /* a point of that stretch of the run */
double draft_step(const struct draft *d, size_t i);
void draft_curve(struct draft *d); /* train and val anew from law and rate */
void draft_val(struct draft *d);   /* val anew from train, without its gap */
/* Both losses times a factor for each point. */
void draft_times(struct draft *d, const double *by);
double law_at(const struct law *law, double progress, double n);

/* AR(1) noise of the law, variance sd^2 whatever phi; out[i] is to be exp'd or added. */
void noise_fill(struct dice *dice, const struct noise_law *law, double *out, size_t n);

/* ---- making runs ---- */

enum set {
    SET_DEV,
    SET_DEV_B,
    SET_DEV_C,
    SET_DEV_OTHER,
    SET_FROZEN,
    SET_SHIFTED,
    SET_DEV_CONFIGURED,
    SET_FROZEN_CONFIGURED,
    SET_DEV_SCORES,
    SET_FROZEN_SCORES,
    SETS
};

size_t set_size(enum set set);
const char *set_name(enum set set);
bool set_is_open(enum set set); /* its single runs may be looked at */

/* The i-th run of a set, the same whatever was made before; all of it in the arena. */
void set_make(enum set set, size_t i, struct arena *arena, struct run *out);

/* The schedule's rates; used by its own test as well. */
void schedule_fill(struct draft *d, unsigned allowed);

/* Fills a draft whose n, dice and set are there. */
void make_lm(struct draft *d, const struct family *loss, const struct family *gradient);

/* What a configuration says of the run: its learning rate, and epochs beside the steps. */
void make_configured(struct draft *d);

#endif
