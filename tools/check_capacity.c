/* Can a LoRA adapter hold what a data set teaches, and is its learning rate a usual one? */
#include "analysis/stats/lora.h"
#include "tools/tool.h"

#include <inttypes.h>
#include <math.h>

struct args {
    int64_t rank, hidden_dim, num_layers, dataset_tokens;
    const char *model;
    struct strs modules;
    int64_t intermediate_size, kv_dim, vocab_size;
    double nats_per_token, learning_rate;
};

struct plain {
    const char *status, *message;
    int64_t suggested_rank, parameters, capacity_bits, required_bits, deficit_bits;
    double headroom_percent;
};

struct exact {
    const char *shapes;
    int64_t parameters;
    double required_bits, ratio;
    const char *band;
    int64_t minimum_rank;
    const char *assumption;
};

struct rate {
    double anchor, given, ratio;
    const char *message;
};

struct result {
    const char *status, *message;
    int64_t suggested_rank;
    const char *basis;
    const void *exact, *plainRule, *learningRate;
    struct strs notes;
};

/* What is known of the model behind the arguments. */
struct known {
    const struct lora_model *model;
    struct lora_shape shape; /* hidden and layers always; the rest where `exact` */
    bool exact;
    const char *name;
    unsigned matrices;
};

/* ---- the arguments ---- */

static bool agrees(const char *argument, int64_t given, int64_t known, const char *model,
                   struct err *err)
{
    if (given == NOT_GIVEN || given == known)
        return true;
    return err_set(err, ERR_ARGUMENT,
                   "%s %" PRId64 " is not that of %s, which has %" PRId64
                   "; leave it out, or leave out model.",
                   argument, given, model, known);
}

static bool unknown_shape(const struct args *args, const char *argument, struct err *err)
{
    const char *near = args->model ? lora_model_nearest(str_of(args->model)) : NULL;

    if (!args->model)
        return err_set(err, ERR_ARGUMENT, "%s is required unless model names a known one.",
                       argument);
    return err_set(err, ERR_ARGUMENT,
                   "%s is required: the shapes of model '%.100s' are not known%s%s%s.", argument,
                   args->model, near ? "; did you mean '" : "", near ? near : "", near ? "'" : "");
}

static bool take_model(const struct args *args, struct known *known, struct err *err)
{
    const struct lora_shape *s = &known->model->shape;

    known->shape = *s;
    known->exact = true;
    known->name = known->model->name;
    return agrees("hidden_dim", args->hidden_dim, s->hidden, known->name, err) &&
           agrees("num_layers", args->num_layers, s->layers, known->name, err) &&
           agrees("intermediate_size", args->intermediate_size, s->intermediate, known->name,
                  err) &&
           agrees("kv_dim", args->kv_dim, s->kv, known->name, err) &&
           agrees("vocab_size", args->vocab_size, s->vocabulary, known->name, err);
}

/* Exact needs both widths that hidden_dim does not tell; queries are taken as hidden_dim wide. */
static bool take_numbers(const struct args *args, struct known *known, struct err *err)
{
    if (args->hidden_dim == NOT_GIVEN)
        return unknown_shape(args, "hidden_dim", err);
    if (args->num_layers == NOT_GIVEN)
        return unknown_shape(args, "num_layers", err);
    known->shape = (struct lora_shape){.hidden = args->hidden_dim,
                                       .layers = args->num_layers,
                                       .query = args->hidden_dim,
                                       .intermediate = args->intermediate_size,
                                       .kv = args->kv_dim,
                                       .vocabulary = args->vocab_size};
    known->exact = args->intermediate_size != NOT_GIVEN && args->kv_dim != NOT_GIVEN;
    known->name = "the given sizes";
    if (known->exact && args->vocab_size == NOT_GIVEN &&
        (known->matrices & (LORA_EMBED | LORA_UNEMBED)))
        return err_set(err, ERR_ARGUMENT,
                       "vocab_size is required where the unembedding is adapted.");
    return true;
}

static bool take_modules(const struct args *args, struct known *known, struct err *err)
{
    if (!args->modules.v) {
        known->matrices = LORA_ATTENTION | LORA_MLP;
        return true;
    }
    for (size_t i = 0; i < args->modules.n; i++) {
        unsigned matrices = lora_matrices(str_of(args->modules.v[i]));
        if (matrices == 0)
            return err_set(err, ERR_ARGUMENT,
                           "modules: '%.100s' is not known; use mlp, attention, unembed, or names "
                           "such as q_proj, up_proj, lm_head.",
                           args->modules.v[i]);
        known->matrices |= matrices;
    }
    if (known->matrices == 0)
        return err_set(err, ERR_ARGUMENT,
                       "modules is empty: at least one of mlp, attention and "
                       "unembed must be adapted.");
    return true;
}

static bool know(const struct args *args, struct known *known, struct err *err)
{
    *known = (struct known){0};
    if (!take_modules(args, known, err))
        return false;
    known->model = args->model ? lora_model_find(str_of(args->model)) : NULL;
    return known->model ? take_model(args, known, err) : take_numbers(args, known, err);
}

/* ---- capacity ---- */

static const struct plain *plain_of(struct call *call, const struct args *args,
                                    const struct known *known)
{
    struct plain *p = ARENA_NEW(call->arena, struct plain);
    struct plain_capacity c = plain_capacity_of(args->rank, known->shape.hidden,
                                                known->shape.layers, args->dataset_tokens);

    *p = (struct plain){.status = c.ok ? "OK" : "UNDERCAPACITY",
                        .suggested_rank = c.suggested_rank,
                        .parameters = c.parameters,
                        .capacity_bits = c.capacity_bits,
                        .required_bits = c.required_bits,
                        .deficit_bits = c.ok ? NOT_GIVEN : c.deficit_bits,
                        .headroom_percent = c.ok ? c.headroom_percent : (double)NAN};
    p->message =
        c.ok ? arena_printf(call->arena, "Capacity OK with %.1f%% headroom", c.headroom_percent)
             : arena_printf(call->arena,
                            "Insufficient capacity. Increase rank from %" PRId64 " to %" PRId64 "+",
                            args->rank, c.suggested_rank);
    return p;
}

static void by_shapes(struct call *call, const struct args *args, const struct known *known,
                      struct result *result)
{
    struct exact *e = ARENA_NEW(call->arena, struct exact);
    int64_t per_rank = lora_parameters(&known->shape, known->matrices);
    double needed = lora_bits_needed((double)args->dataset_tokens, args->nats_per_token);
    struct lora_capacity c = lora_capacity_of(&known->shape, per_rank, args->rank, needed);
    bool ok = c.ratio >= 1;

    *e = (struct exact){.shapes = known->name,
                        .parameters = per_rank * args->rank,
                        .required_bits = needed,
                        .ratio = c.ratio,
                        .band = c.band,
                        .minimum_rank = c.least_rank,
                        .assumption = isnan(args->nats_per_token)
                                          ? "2 bits a parameter; 1 bit a token is assumed"
                                          : "2 bits a parameter; loss/ln 2 bits a token"};
    result->exact = e;
    result->status = ok ? "OK" : "UNDERCAPACITY";
    result->basis = arena_printf(call->arena, "the shapes of %s", known->name);
    result->suggested_rank = ok ? args->rank : c.advised_rank ? c.advised_rank : NOT_GIVEN;
    if (ok)
        result->message =
            arena_printf(call->arena, "Capacity OK with %.1f%% headroom", 100 * (c.ratio - 1));
    else if (c.advised_rank)
        result->message = arena_printf(
            call->arena, "Insufficient capacity. Increase rank from %" PRId64 " to %" PRId64 "+",
            args->rank, c.advised_rank);
    else
        result->message = arena_printf(
            call->arena,
            "Insufficient capacity. It would take a rank of %" PRId64
            ", above a quarter of the width: fine-tune all weights, or use fewer tokens",
            c.least_rank);
}

static void capacity(struct call *call, const struct args *args, const struct known *known,
                     struct result *result)
{
    bool none = args->dataset_tokens == NOT_GIVEN;

    if (none || args->dataset_tokens == 0) {
        result->status = "SKIPPED";
        result->basis = "no tokens";
        result->message = none ? "Capacity not checked: dataset_tokens is not given, so there is "
                                 "nothing to compare the adapter with"
                               : "Capacity not checked: dataset_tokens is 0, an empty data set "
                                 "needs no capacity";
        result->suggested_rank = NOT_GIVEN;
        return;
    }
    const struct plain *plain = plain_of(call, args, known);
    result->plainRule = plain;
    if (known->exact) {
        by_shapes(call, args, known, result);
        return;
    }
    result->status = plain->status;
    result->message = plain->message;
    result->suggested_rank = plain->suggested_rank;
    result->basis = "the plain rule: an MLP 4 times as wide, full-width keys and values, a "
                    "vocabulary of 128000, all modules";
}

/* ---- learning rate ---- */

static const struct rate *learning_rate(struct call *call, const struct args *args,
                                        const struct known *known)
{
    struct rate *rate = ARENA_NEW(call->arena, struct rate);
    const char *family = args->model ? lora_family(str_of(args->model)) : NULL;

    *rate = (struct rate){lora_rate_anchor(family, (double)known->shape.hidden),
                          args->learning_rate, (double)NAN, NULL};
    if (!args->model)
        rate->message = "No anchor: model is not given, and the usual rate depends on its family";
    else if (!family)
        rate->message = arena_printf(
            call->arena,
            "No anchor: for the family of '%.100s' no exponent is known, and none is guessed",
            args->model);
    else if (isnan(args->learning_rate))
        rate->message =
            arena_printf(call->arena,
                         "The usual LoRA rate of %s models of this width is %.3g, 10 times that "
                         "of full fine-tuning, whatever the rank",
                         family, rate->anchor);
    else {
        rate->ratio = args->learning_rate / rate->anchor;
        rate->message =
            lora_rate_text(call->arena, args->learning_rate, family, (double)known->shape.hidden);
    }
    return rate;
}

static struct strs notes_of(struct call *call, const struct args *args, const struct known *known)
{
    const char **notes = ARENA_ARRAY(call->arena, 3, const char *);
    size_t n = 0;

    if (!(known->matrices & LORA_MLP))
        notes[n++] = "No MLP matrix is adapted: adapters of attention alone do worse even at equal "
                     "size, so add the MLP before raising the rank.";
    if (!known->exact && args->modules.v)
        notes[n++] = "The plain rule counts all modules, whatever is named: name a known model, or "
                     "give intermediate_size and kv_dim.";
    if (known->exact)
        notes[n++] = "The need prices memorising every token: a low ratio is a risk, no proof.";
    return (struct strs){notes, n};
}

static bool run(struct call *call, const void *in, void *out, struct err *err)
{
    const struct args *args = in;
    struct result *result = out;
    struct known known;

    if (!know(args, &known, err))
        return false;
    capacity(call, args, &known, result);
    result->learningRate = learning_rate(call, args, &known);
    result->notes = notes_of(call, args, &known);
    return true;
}

#define A_SIZE(most) .has_min = true, .min = 1, .has_max = true, .max = (most)

static const struct field in[] = {
    F_INT(struct args, rank, .doc = "The adapter's rank.", .required = true, A_SIZE(65536)),
    F_INT(struct args, hidden_dim, .doc = "Width of the model; needed unless model is known.",
          A_SIZE(1e6)),
    F_INT(struct args, num_layers, .doc = "Its layers; needed unless model is known.", A_SIZE(1e4)),
    F_INT(struct args, dataset_tokens, .doc = "Trained tokens (with loss), each once.",
          .has_min = true, .min = 0, .has_max = true, .max = 1e14),
    F_STR(struct args, model, .doc = "Such as meta-llama/Llama-3.1-8B: exact shapes, rate anchor."),
    F_STRS(struct args, modules,
           .doc = "mlp, attention, unembed, or q_proj …; else mlp and attention."),
    F_INT(struct args, intermediate_size, .doc = "Width of the MLP, for an unknown model.",
          A_SIZE(1e7)),
    F_INT(struct args, kv_dim, .doc = "Key/value heads times their width, for an unknown model.",
          A_SIZE(1e6)),
    F_INT(struct args, vocab_size, .doc = "For an unknown model with unembed.", A_SIZE(1e8)),
    F_NUM(struct args, nats_per_token, .doc = "Mean loss of the first pass; else 1 bit a token.",
          .has_min = true, .min = 1e-6, .has_max = true, .max = 100),
    F_NUM(struct args, learning_rate, .doc = "The run's, to compare with the usual one.",
          .has_min = true, .min = 1e-12, .has_max = true, .max = 100),
};

static const struct field plain_fields[] = {
    F_STR(struct plain, status, .doc = "", .required = true),
    F_STR(struct plain, message, .doc = "", .required = true),
    F_INT(struct plain, suggested_rank, .doc = "", .required = true),
    F_INT(struct plain, parameters, .doc = "", .required = true),
    F_INT(struct plain, capacity_bits, .doc = "", .required = true),
    F_INT(struct plain, required_bits, .doc = "", .required = true),
    F_INT(struct plain, deficit_bits, .doc = ""),
    F_NUM(struct plain, headroom_percent, .doc = ""),
};
static const struct shape plain_shape = SHAPE(struct plain, plain_fields);

static const struct field exact_fields[] = {
    F_STR(struct exact, shapes, .doc = "", .required = true),
    F_INT(struct exact, parameters, .doc = "", .required = true),
    F_NUM(struct exact, required_bits, .doc = "", .required = true),
    F_NUM(struct exact, ratio, .doc = "", .required = true),
    F_STR(struct exact, band, .doc = "", .required = true),
    F_INT(struct exact, minimum_rank, .doc = "", .required = true),
    F_STR(struct exact, assumption, .doc = "", .required = true),
};
static const struct shape exact_shape = SHAPE(struct exact, exact_fields);

static const struct field rate_fields[] = {
    F_NUM(struct rate, anchor, .doc = "", .nullable = true),
    F_NUM(struct rate, given, .doc = ""),
    F_NUM(struct rate, ratio, .doc = ""),
    F_STR(struct rate, message, .doc = "", .required = true),
};
static const struct shape rate_shape = SHAPE(struct rate, rate_fields);

static const struct field out[] = {
    F_STR(struct result, status, .doc = "OK, UNDERCAPACITY or SKIPPED", .required = true),
    F_STR(struct result, message, .doc = "", .required = true),
    F_INT(struct result, suggested_rank, .doc = "null: none", .nullable = true),
    F_STR(struct result, basis, .doc = "What status rests on", .required = true),
    F_ONE(struct result, exact, .doc = "Where the shapes are known", .of = &exact_shape),
    F_ONE(struct result, plainRule, .doc = "The plugin's formula", .of = &plain_shape),
    F_ONE(struct result, learningRate, .doc = "", .of = &rate_shape, .required = true),
    F_STRS(struct result, notes, .doc = "", .required = true),
};

const struct tool tool_check_capacity = {
    .name = "check_capacity",
    .title = "The capacity of a LoRA adapter",
    .doc = "Whether a LoRA adapter can hold a data set, the rank that could, and the usual "
           "learning rate. Exact for a known model (name it), else by the plain rule of hidden_dim "
           "and num_layers. Call it when a fine-tune plateaus early, or before choosing a rank.",
    .flags = TOOL_READ_ONLY | TOOL_IDEMPOTENT | TOOL_QUICK,
    .in = SHAPE(struct args, in),
    .out = SHAPE(struct result, out),
    .run = run,
    .example = "{\"rank\":64,\"hidden_dim\":4096,\"num_layers\":32,\"dataset_tokens\":1000000,"
               "\"model\":\"meta-llama/Llama-3.1-8B\"}",
};
