/* Which runs a set is made of. */
#include "tests/bench/detection/draft.h"

#include <assert.h>
#include <math.h>

#define X(name) extern const struct family family_##name;
#include "tests/bench/detection/families.def"
#undef X

const struct family *const families[] = {
#define X(name) &family_##name,
#include "tests/bench/detection/families.def"
#undef X
    NULL};

/* A set's seed is its own and that of the suite's version: other sets tell nothing of it. */
static const struct {
    const char *name;
    size_t size;
    uint64_t seed;
    enum laws laws;
    bool open;
    enum { MIXED, CONFIGURED, SCORES } of;
} sets[SETS] = {
    [SET_DEV] = {"dev", 3000, 0x706f7374000101, LAWS_PLAIN, true, MIXED},
    [SET_DEV_B] = {"dev-b", 3000, 0x706f7374000104, LAWS_PLAIN, true, MIXED},
    [SET_DEV_C] = {"dev-c", 6000, 0x706f7374000105, LAWS_PLAIN, true, MIXED},
    [SET_DEV_OTHER] = {"dev-other", 2000, 0x706f7374000106, LAWS_OTHER, true, MIXED},
    [SET_FROZEN] = {"frozen", 6000, 0x706f7374000302, LAWS_PLAIN, false, MIXED},
    [SET_SHIFTED] = {"shifted", 1000, 0x706f7374000303, LAWS_SHIFTED, false, MIXED},
    [SET_DEV_CONFIGURED] = {"dev-configured", 2000, 0x706f7374000107, LAWS_PLAIN, true, CONFIGURED},
    [SET_FROZEN_CONFIGURED] = {"frozen-configured", 4400, 0x706f737400020b, LAWS_PLAIN, false,
                               CONFIGURED},
    [SET_DEV_SCORES] = {"dev-scores", 1600, 0x706f7374000108, LAWS_PLAIN, true, SCORES},
    [SET_FROZEN_SCORES] = {"frozen-scores", 1600, 0x706f7374000208, LAWS_PLAIN, false, SCORES},
};

size_t set_size(enum set set)
{
    return sets[set].size;
}

const char *set_name(enum set set)
{
    return sets[set].name;
}

bool set_is_open(enum set set)
{
    return sets[set].open;
}

static size_t family_count(enum channel channel)
{
    size_t n = 0;

    for (size_t i = 0; families[i]; i++)
        n += families[i]->channel == channel;
    return n;
}

static const struct family *family_at(enum channel channel, size_t k)
{
    size_t n = family_count(channel);
    const struct family *found = &family_clean;

    assert(n > 0);
    k %= n;
    for (size_t i = 0; families[i]; i++) {
        if (families[i]->channel == channel && k-- == 0)
            found = families[i];
    }
    return found;
}

/* Three tenths are tiny: 20 or 60 points. Very long ones are few: they are for the clock. */
static size_t length_of(struct draft *d, bool lm)
{
    static const double tiny[] = {20, 60}, rl[] = {200, 600, 2000};
    double u = dice_uniform(&d->dice);

    d->tiny = dice_uniform(&d->dice) < .3;
    if (d->tiny)
        return (size_t)dice_pick(&d->dice, tiny, 2);
    if (!lm)
        return (size_t)dice_pick(&d->dice, rl, 3);
    return u < .30 ? 200 : u < .72 ? 1000 : u < .92 ? 5000 : u < .997 ? 20000 : 200000;
}

static void note(struct run *run, const struct family *family)
{
    run->families[run->families_n++] = family->name;
    run->faulty |= family->nature == NATURE_FAULT;
    run->decoy |= family->nature == NATURE_DECOY;
}

/* The loss takes its families in turn; gradients are clean in two of five runs. */
static void set_make_lm(struct draft *d, size_t k)
{
    const struct family *loss = family_at(CHANNEL_LOSS, k), *gradient;

    gradient = dice_below(&d->dice, 5) < 2
                   ? family_at(CHANNEL_GRADIENT, 0)
                   : family_at(CHANNEL_GRADIENT, (size_t)dice_below(&d->dice, 1000));
    note(d->run, loss);
    note(d->run, gradient);
    d->n = length_of(d, true);
    make_lm(d, loss, gradient);
}

static void set_iterations(struct draft *d)
{
    d->n = length_of(d, false);
    d->step = ARENA_ARRAY(d->arena, d->n, int64_t);
    for (size_t i = 0; i < d->n; i++)
        d->step[i] = (int64_t)i + 1;
}

static void set_make_rl(struct draft *d, size_t k)
{
    /* the policy's families in turn, the rest by lot; three in five of the sound ones sound
     * throughout */
    struct dice *r = &d->dice;
    bool sound = family_at(CHANNEL_POLICY, k)->nature == NATURE_CLEAN && dice_below(r, 2);
    uint64_t lot[3];
    for (size_t i = 0; i < 3; i++)
        lot[i] = sound ? 0 : dice_below(r, 1200);
    const struct family *picked[] = {
        family_at(CHANNEL_POLICY, k),
        family_at(CHANNEL_REWARD, (size_t)lot[0]),
        family_at(CHANNEL_VALUE, (size_t)lot[1]),
        family_at(CHANNEL_CONSTRAINT, sound ? 0 : k / 8),
        family_at(CHANNEL_GROUPS, (size_t)lot[2]),
    };
    size_t n = sizeof(picked) / sizeof(picked[0]);

    set_iterations(d);
    for (size_t i = 0; i < n; i++) {
        note(d->run, picked[i]);
        picked[i]->apply(d);
    }
}

static void set_make_scores(struct draft *d, size_t k)
{
    const struct family *family = family_at(CHANNEL_SCORE, k);

    set_iterations(d);
    note(d->run, family);
    family->apply(d);
}

void set_make(enum set set, size_t i, struct arena *arena, struct run *out)
{
    struct draft *d = ARENA_NEW(arena, struct draft);
    int of = sets[set].of;
    bool lm = of == CONFIGURED || (of == MIXED && i % 15 < 11); /* 11 of 15 */

    run_init(out, lm ? FOR_LM : FOR_RL, arena);
    d->run = out;
    d->arena = arena;
    d->laws = sets[set].laws;
    dice_init(&d->dice, sets[set].seed + (uint64_t)i * 0x9E3779B97F4A7C15);
    if (of == CONFIGURED) {
        set_make_lm(d, i);
        make_configured(d);
    } else if (of == SCORES)
        set_make_scores(d, i);
    else if (lm)
        set_make_lm(d, i / 15 * 11 + i % 15);
    else
        set_make_rl(d, i / 15 * 4 + (i % 15 - 11));
}
