#ifndef LORA_H
#define LORA_H
/*
 * LoRA adapters in numbers: how many parameters, whether they can hold what a
 * data set teaches, and which learning rate is usual.
 *
 * A rank r adapter of a d_in x d_out matrix has r (d_in + d_out) parameters (Hu
 * et al. 2021). Capacity: about 2 bits are stored a parameter, about 1 bit is
 * to be learnt a trained token where its loss is not known, loss/ln 2 bits where
 * it is (Schulman et al. 2025, "LoRA Without Regret"). That prices memorising,
 * so it is an upper bound of the need: a low ratio is a risk, no proof.
 *
 * Learning rate: the best one of LoRA is about 10 times that of full
 * fine-tuning, hardly depends on the rank, and is anchored at
 * 5e-5 * 10 * (2000/hidden)^p, p .781 for Llama and .0775 for Qwen (the formula
 * of tinker-cookbook). For other families no exponent is known and none guessed.
 */

#include "analysis/base/arena.h"

#include <stdint.h>

enum lora_matrix {
    LORA_QUERY = 1,
    LORA_KEY = 2,
    LORA_VALUE = 4,
    LORA_OUTPUT = 8,
    LORA_GATE = 16,
    LORA_UP = 32,
    LORA_DOWN = 64,
    LORA_EMBED = 128,
    LORA_UNEMBED = 256,
    LORA_ATTENTION = LORA_QUERY | LORA_KEY | LORA_VALUE | LORA_OUTPUT,
    LORA_MLP = LORA_GATE | LORA_UP | LORA_DOWN,
};

/* By the names configurations use ("q_proj", "mlp", "all-linear"); 0 for an unknown one. */
unsigned lora_matrices(struct str module);

struct lora_shape {
    int64_t hidden, intermediate, query, kv; /* query, kv: heads times their width */
    int64_t layers, vocabulary;
    int64_t experts; /* each with its own MLP; 0: one MLP a layer */
};

struct lora_model {
    const char *name;
    struct lora_shape shape;
};

/*
 * The row of a known model: "meta-llama/Llama-3.1-8B-Instruct" is "Llama-3.1-8B".
 * NULL: not known. Variants of other shape (Coder, VL, distilled) are not.
 */
const struct lora_model *lora_model_find(struct str name);

/* The known model nearest to the name, for errors; NULL if none is near. */
const char *lora_model_nearest(struct str name);

/* Parameters at rank 1 of the adapted matrices; 0 if none is. Multiply by the rank. */
int64_t lora_parameters(const struct lora_shape *shape, unsigned matrices);

/* What is needed to store `tokens` at `nats` of loss each; nats NAN: 1 bit a token. */
double lora_bits_needed(double tokens, double nats);

struct lora_capacity {
    double ratio;         /* 2 * parameters over the bits needed */
    int64_t least_rank;   /* the least with ratio >= 1 */
    int64_t advised_rank; /* the least power of two with it, if at most hidden/4; else 0 */
    const char *band;     /* "ample" from 4, "adequate" from 1, "tight" from .25, "undercapacity" */
};

/* needed > 0, per_rank = lora_parameters() > 0. */
struct lora_capacity lora_capacity_of(const struct lora_shape *shape, int64_t per_rank,
                                      int64_t rank, double needed);

/*
 * The rule of the plugin this check comes from, for scripts that know its
 * numbers: per layer 2rh + 2r 4h + 2rh (MLP as if 4h wide) and 4 * 2rh
 * (attention), unembedding 2 * 128000 r always, capacity 2 bits a parameter,
 * 1 bit a token. It counts 2rd where r(d_in + d_out) is right: 4.5 % too many
 * for Llama-3.1-8B.
 */
struct plain_capacity {
    int64_t parameters, capacity_bits, required_bits;
    bool ok;
    double headroom_percent; /* where ok */
    int64_t deficit_bits;    /* where not */
    int64_t suggested_rank;  /* floor(rank required/capacity) + 1 where not ok, else rank */
};

/* rank <= 65,536, hidden <= 1,000,000, layers <= 10,000, 0 < tokens <= 1e14. */
struct plain_capacity plain_capacity_of(int64_t rank, int64_t hidden, int64_t layers,
                                        int64_t tokens);

/* "Llama", "Qwen"; NULL: no exponent is known for the family of this model. */
const char *lora_family(struct str model);
double lora_rate_anchor(const char *family, double hidden); /* NAN for a NULL family */

/* A rate within [1/5, 5] of the anchor is a usual one. */
#define LORA_RATE_FACTOR 5.0

/* "The learning rate 2.9e-05 is about 10x too low: …", with the rule and its numbers. */
const char *lora_rate_text(struct arena *arena, double rate, const char *family, double hidden);

#endif
