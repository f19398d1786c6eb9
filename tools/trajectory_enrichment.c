/* What failures do more often, as JSON: of trajectory_answer.h, in a file of its own. */
#include "analysis/trajectories/enrich.h"
#include "analysis/trajectories/solved.h"
#include "tools/trajectory_answer.h"

enum { SHOWN = 8 };

static void put_feature(struct buf *out, const struct enriched *e)
{
    json_put_comma(out);
    buf_byte(out, '{');
    put_word(out, "kind", str_of(e->kind));
    put_word(out, "name", str_of(e->name));
    put_rate(out, "failures", e->in_failures, e->failures);
    put_rate(out, "passes", e->in_passes, e->passes);
    put_figure(out, "odds_ratio", e->odds);
    put_bounds(out, "ci95", !isnan(e->low), (struct interval){e->low, e->high});
    put_figure(out, "p", e->p);
    put_figure(out, "q", e->q);
    buf_byte(out, '}');
}

struct str enrichment_json(struct call *call, const struct trajectory_args *args, struct err *err)
{
    struct trajectory_args all = *args;
    struct trajectory_common common;
    struct selection s;
    struct buf out = {0};
    size_t shown = 0;

    /* passes are needed, too: no filter may be about the reward */
    all.f.reward_min = all.f.reward_max = (double)NAN;
    if (!trajectories_open(call, &all, &s, &common, err))
        return (struct str){0};
    struct enrichment e = enrichment_of(&s, call->arena);
    buf_puts(&out, "{\"features\":[");
    for (size_t i = 0; i < e.n && shown < SHOWN; i++) {
        if (enriched_stands_out(&e.v[i])) {
            put_feature(&out, &e.v[i]);
            shown++;
        }
    }
    buf_byte(&out, ']');
    put_count(&out, "tested", e.tested);
    put_count(&out, "questions_with_both_outcomes", e.questions);
    put_word(&out, "rule", STR("odds > 1 and q < 0.10, within questions (Mantel-Haenszel, BH)"));
    const char *why = trials_why(s.t, s.rows, s.n);
    if (why)
        put_word(&out, "caution", str_of(arena_printf(call->arena, "%s: q is too small", why)));
    buf_byte(&out, '}');
    return finish(&out, call->arena);
}
