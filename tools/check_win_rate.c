/* What a judge's counts carry: rate, interval, band, and whether it differs from even. */
#include "analysis/stats/win_rate.h"
#include "tools/tool.h"

#include <math.h>

struct args {
    int64_t wins, losses, ties;
};

struct plain {
    double rate;
    const char *note;
};

struct result {
    double rate, low, high, score;
    int64_t decided;
    const char *band, *verdict, *strength, *sample;
    bool distinguishable;
    int64_t needed;
    const char *message;
    const void *plainRule;
};

/* The interval leaves out 50 %, at a number that would miss such a rate more than once in five. */
static bool is_narrow(const struct win_rate *w)
{
    return w->told_apart && w->needed != NOT_GIVEN && w->decided < w->needed;
}

static const char *verdict_of(const struct win_rate *w)
{
    if (w->decided == 0)
        return "nothing decided";
    if (!w->told_apart)
        return "not distinguishable from even";
    if (is_narrow(w))
        return w->rate > 0.5 ? "above even, on fewer than the number needed"
                             : "below even, on fewer than the number needed";
    return w->rate > 0.5 ? "better than the baseline" : "worse than the baseline";
}

/* What follows, in the doctrine's words where the numbers carry them. */
static const char *next_step(const struct win_rate *w)
{
    if (w->decided == 0)
        return "Every comparison was a tie or there was none: nothing follows.";
    if (!w->told_apart)
        return "No conclusion follows.";
    if (w->rate < 0.5)
        return "Investigate the failure modes, then iterate.";
    if (strncmp(w->band, "success", 7) != 0)
        return "Better than even, and below the 55 % that the rule calls a success.";
    if (is_narrow(w))
        return "The interval just leaves out 50 %: decide more before acting on it.";
    return w->low > 0.55 ? "A success by the rule over the whole interval: consider deployment."
                         : "Better than even; the interval reaches below the 55 % that the rule "
                           "calls a success.";
}

static const char *message_of(struct arena *arena, const struct args *args,
                              const struct win_rate *w)
{
    struct buf out = {0};

    if (w->decided > 0)
        buf_printf(&out,
                   "%lld of %lld decided comparisons won: %.1f %%, 95 %% interval "
                   "[%.1f, %.1f] %% (Wilson), band: %s, %s. ",
                   (long long)args->wins, (long long)w->decided, 100 * w->rate, 100 * w->low,
                   100 * w->high, w->band, verdict_of(w));
    buf_puts(&out, next_step(w));
    if (w->decided > 0 && (!w->told_apart || is_narrow(w)) && w->needed != NOT_GIVEN)
        buf_printf(&out,
                   " To tell a true rate of %.1f %% from 50 %% with 80 %% power takes %lld decided "
                   "comparisons.",
                   100 * w->rate, (long long)w->needed);
    if (w->decided > 0 && w->decided < 100)
        buf_puts(&out, " Fewer than 100 were decided, the least the rule asks for.");
    const char *text = arena_text(arena, buf_str(&out));
    buf_fini(&out);
    return text;
}

/* Ties counted as not won, as the rule was first written: 45/10/45 then reads as a loss. */
static const struct plain *plain_of(struct arena *arena, const struct args *args,
                                    const struct win_rate *w)
{
    struct plain *plain = ARENA_NEW(arena, struct plain);

    if (args->ties == 0 || w->decided == 0)
        return NULL;
    plain->rate = w->share_of_all;
    plain->note = "wins of all comparisons, ties counted as not won; shown, not used";
    return plain;
}

static bool run(struct call *call, const void *in, void *out, struct err *err)
{
    const struct args *args = in;
    struct result *result = out;

    if (args->wins + args->losses + args->ties == 0)
        return err_set(err, ERR_ARGUMENT,
                       "wins, losses and ties are all 0: give the counts of a judged comparison.");
    struct win_rate w = win_rate_of(args->wins, args->losses, args->ties);
    *result = (struct result){
        .rate = w.rate,
        .low = w.decided ? w.low : (double)NAN,
        .high = w.decided ? w.high : (double)NAN,
        .score = w.score,
        .decided = w.decided,
        .band = w.band,
        .verdict = verdict_of(&w),
        .strength = w.strength,
        .sample = w.sample,
        .distinguishable = w.told_apart,
        .needed = w.needed,
        .message = message_of(call->arena, args, &w),
        .plainRule = plain_of(call->arena, args, &w),
    };
    return true;
}

#define A_COUNT .has_min = true, .min = 0, .has_max = true, .max = 1e12

static const struct field in[] = {
    F_INT(struct args, wins, .doc = "Comparisons the tested model won.", .required = true, A_COUNT),
    F_INT(struct args, losses, .doc = "Comparisons it lost.", .required = true, A_COUNT),
    F_INT(struct args, ties, .doc = "Undecided ones; they count for neither side.", .has_def = true,
          .def = 0, A_COUNT),
};

static const struct field plain_fields[] = {
    F_NUM(struct plain, rate, .doc = "", .required = true),
    F_STR(struct plain, note, .doc = "", .required = true),
};
static const struct shape plain_shape = SHAPE(struct plain, plain_fields);

static const struct field out[] = {
    F_NUM(struct result, rate, .doc = "Wins of the decided ones", .nullable = true),
    F_NUM(struct result, low, .doc = "95 % Wilson interval", .nullable = true),
    F_NUM(struct result, high, .doc = "", .nullable = true),
    F_NUM(struct result, score, .doc = "(wins + ties/2) of all", .nullable = true),
    F_INT(struct result, decided, .doc = "wins + losses", .required = true),
    F_STR(struct result, band, .doc = "By the rate alone", .required = true),
    F_STR(struct result, verdict, .doc = "What the counts carry", .required = true),
    F_STR(struct result, strength, .doc = "The doctrine's word for the rate", .required = true),
    F_STR(struct result, sample, .doc = "Whether there are enough", .required = true),
    F_BOOL(struct result, distinguishable, .doc = "The interval leaves out 50 %", .required = true),
    F_INT(struct result, needed, .doc = "Decided ones to tell this rate from 50 %",
          .nullable = true),
    F_STR(struct result, message, .doc = "All of it in words", .required = true),
    F_ONE(struct result, plainRule, .doc = "Where ties change it", .of = &plain_shape),
};

const struct tool tool_check_win_rate = {
    .name = "check_win_rate",
    .title = "What a win rate carries",
    .doc = "Judges wins, losses and ties of a model against a baseline: rate of the decided "
           "comparisons, 95 % Wilson interval, band (above 55 % success, below 50 % investigate), "
           "and whether it differs from even. Call it before calling a fine-tune better or worse.",
    .flags = TOOL_READ_ONLY | TOOL_IDEMPOTENT | TOOL_QUICK,
    .in = SHAPE(struct args, in),
    .out = SHAPE(struct result, out),
    .run = run,
    .example = "{\"wins\":110,\"losses\":90}",
};
