#include "analysis/stats/lora.h"

#include <math.h>
#include <strings.h>

#include "analysis/base/nearest.h"

static const struct lora_model models[] = {
#define X(name, hidden, intermediate, query, kv, layers, vocabulary, experts)                      \
    {name, {hidden, intermediate, query, kv, layers, vocabulary, experts}},
#include "analysis/stats/lora_models.def"
#undef X
};

enum { MODELS = sizeof(models) / sizeof(models[0]) };

/* ---- names ---- */

unsigned lora_matrices(struct str module)
{
    static const struct {
        const char *name;
        unsigned matrices;
    } names[] = {
        {"attention", LORA_ATTENTION},
        {"attn", LORA_ATTENTION},
        {"mlp", LORA_MLP},
        {"all-linear", LORA_ATTENTION | LORA_MLP},
        {"unembed", LORA_UNEMBED},
        {"unembedding", LORA_UNEMBED},
        {"lm_head", LORA_UNEMBED},
        {"embed_tokens", LORA_EMBED},
        {"q_proj", LORA_QUERY},
        {"k_proj", LORA_KEY},
        {"v_proj", LORA_VALUE},
        {"o_proj", LORA_OUTPUT},
        {"qkv_proj", LORA_QUERY | LORA_KEY | LORA_VALUE},
        {"gate_proj", LORA_GATE},
        {"up_proj", LORA_UP},
        {"down_proj", LORA_DOWN},
        {"gate_up_proj", LORA_GATE | LORA_UP},
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (str_is(module, names[i].name))
            return names[i].matrices;
    }
    return 0;
}

static bool starts_alike(struct str s, const char *with)
{
    size_t n = strlen(with);

    return s.n >= n && strncasecmp(s.p, with, n) == 0;
}

/* Behind the last '/', without the "Meta-" that some copies of Llama have in front. */
static struct str base_name(struct str name)
{
    const char *slash = name.n ? memrchr(name.p, '/', name.n) : NULL;

    if (slash)
        name = str_from(name, (size_t)(slash - name.p) + 1);
    return starts_alike(name, "Meta-") ? str_from(name, 5) : name;
}

/* Endings that change what a model says and not its shape. */
static bool same_shape(struct str rest)
{
    static const char *const endings[] = {"-Instruct", "-Base", "-Chat", "-hf", "-it",
                                          "-Thinking", "-GPTQ", "-AWQ",  "-bnb"};

    if (rest.n == 0)
        return true;
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        if (starts_alike(rest, endings[i]))
            return true;
    }
    return false;
}

const struct lora_model *lora_model_find(struct str name)
{
    struct str base = base_name(name);

    for (size_t i = 0; i < MODELS; i++) {
        size_t n = strlen(models[i].name);

        if (starts_alike(base, models[i].name) && same_shape(str_from(base, n)))
            return &models[i];
    }
    return NULL;
}

const char *lora_model_nearest(struct str name)
{
    struct str base = base_name(name);
    const char *best = NULL;
    size_t least = SIZE_MAX;

    for (size_t i = 0; i < MODELS; i++) {
        struct str known = str_of(models[i].name);
        size_t distance = name_distance(base, known);

        if (distance < least && name_is_near(base, known, distance)) {
            least = distance;
            best = models[i].name;
        }
    }
    return best;
}

/* ---- parameters and capacity ---- */

int64_t lora_parameters(const struct lora_shape *s, unsigned matrices)
{
    int64_t mlps = s->experts > 0 ? s->experts : 1;
    const struct {
        unsigned matrix;
        int64_t count, sum; /* how many of them, d_in + d_out */
    } rows[] = {
        {LORA_QUERY, s->layers, s->hidden + s->query},
        {LORA_KEY, s->layers, s->hidden + s->kv},
        {LORA_VALUE, s->layers, s->hidden + s->kv},
        {LORA_OUTPUT, s->layers, s->query + s->hidden},
        {LORA_GATE, s->layers * mlps, s->hidden + s->intermediate},
        {LORA_UP, s->layers * mlps, s->hidden + s->intermediate},
        {LORA_DOWN, s->layers * mlps, s->intermediate + s->hidden},
        {LORA_EMBED, 1, s->vocabulary + s->hidden},
        {LORA_UNEMBED, 1, s->hidden + s->vocabulary},
    };
    int64_t parameters = 0;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (matrices & rows[i].matrix)
            parameters += rows[i].count * rows[i].sum;
    }
    return parameters;
}

double lora_bits_needed(double tokens, double nats)
{
    return tokens * (isnan(nats) ? 1 : nats / log(2));
}

struct lora_capacity lora_capacity_of(const struct lora_shape *shape, int64_t per_rank,
                                      int64_t rank, double needed)
{
    struct lora_capacity c = {.ratio = 2 * (double)per_rank * (double)rank / needed};
    double least = ceil(needed / (2 * (double)per_rank));
    int64_t power = 1;

    c.least_rank = least < 1 ? 1 : least < 1e15 ? (int64_t)least : INT64_MAX;
    while (power < c.least_rank && power <= shape->hidden)
        power *= 2;
    if (power >= c.least_rank && power <= shape->hidden / 4)
        c.advised_rank = power;
    c.band = c.ratio >= 4      ? "ample"
             : c.ratio >= 1    ? "adequate"
             : c.ratio >= 0.25 ? "tight"
                               : "undercapacity";
    return c;
}

struct plain_capacity plain_capacity_of(int64_t rank, int64_t hidden, int64_t layers,
                                        int64_t tokens)
{
    int64_t mlp = 2 * rank * hidden + 2 * rank * 4 * hidden + 2 * rank * hidden;
    int64_t attention = 4 * 2 * rank * hidden;
    struct plain_capacity c = {.parameters = layers * (mlp + attention) + 2 * 128000 * rank,
                               .required_bits = tokens,
                               .suggested_rank = rank};

    c.capacity_bits = 2 * c.parameters;
    c.ok = c.capacity_bits >= c.required_bits;
    if (c.ok) {
        c.headroom_percent = 100 * ((double)c.capacity_bits / (double)tokens - 1);
        return c;
    }
    /* rank * tokens is below 2^63 within the stated bounds */
    c.deficit_bits = tokens - c.capacity_bits;
    c.suggested_rank = rank * tokens / c.capacity_bits + 1;
    return c;
}

/* ---- learning rate ---- */

static const struct {
    const char *family;
    double exponent;
} families[] = {{"Llama", 0.781}, {"Qwen", 0.0775}};

const char *lora_family(struct str model)
{
    struct str base = base_name(model);

    for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
        if (starts_alike(base, families[i].family))
            return families[i].family;
    }
    return NULL;
}

double lora_rate_anchor(const char *family, double hidden)
{
    for (size_t i = 0; family && i < sizeof(families) / sizeof(families[0]); i++) {
        if (strcmp(family, families[i].family) == 0)
            return 5e-5 * 10 * pow(2000 / hidden, families[i].exponent);
    }
    return (double)NAN;
}

const char *lora_rate_text(struct arena *arena, double rate, const char *family, double hidden)
{
    double anchor = lora_rate_anchor(family, hidden), ratio = rate / anchor;
    const char *is = "is within a factor of 5 of the usual one";

    if (ratio < 1 / LORA_RATE_FACTOR)
        is = arena_printf(arena, "is about %.0fx too low", 1 / ratio);
    else if (ratio > LORA_RATE_FACTOR)
        is = arena_printf(arena, "is about %.0fx too high", ratio);
    return arena_printf(arena,
                        "The learning rate %.3g %s: LoRA does best at about 10 times the rate of "
                        "full fine-tuning, for %s models %.0f wide near %.3g (tinker-cookbook's "
                        "5e-5 * 10 * (2000/hidden)^p)",
                        rate, is, family, hidden, anchor);
}
