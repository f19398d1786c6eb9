/*
 * Gradient norms layer by layer: how they are spread from the first layer to the last, which
 * layers explode, and which get next to nothing. Layers whose norm vanishes on the way back are
 * those nearest the input.
 */
#include "analysis/detectors/detector.h"
#include "analysis/layers.h"
#include "analysis/say.h"
#include "analysis/stats/gradient.h"
#include "analysis/stats/moments.h"

static const char class[] = "grad_layers";
static const char of_explosion[] = "grad_layer_explosion";
static const char of_vanishing[] = "grad_layer_vanishing";

enum { NAMES_SHOWN = 4, VALUES_SHOWN = 24 };

/* AUTOTRAINER's beta1 and beta2; an entirely dead layer. */
static const double first_over_last = 1e-3, first_below = 1e-4, zeros_from = 0.7;

struct measured {
    const struct layer *layer;
    double level;               /* median of the last tenth */
    double zeros;               /* share of the points */
    struct explosion explosion; /* not assessed where a point is 0 */
};

struct view {
    const struct subject *subject;
    struct measured *v;
    size_t n;
    size_t assessed;            /* for an explosion */
    size_t exploded, dead;      /* how many */
    size_t worst;               /* of the exploded: the largest factor */
    size_t largest, smallest;   /* by level */
    size_t faint, faint_behind; /* the first layer of a stack and its last, where it vanishes */
    bool vanishes;
    struct findings *out;
};

static struct measured measure(const struct layer *layer, struct arena *arena)
{
    const struct series *s = &layer->norm;
    struct measured m = {.layer = layer};
    double *positive = ARENA_ARRAY(arena, s->n, double);
    size_t tenth = s->n / 10, n = 0;

    m.level = median_of(s->value + s->n - tenth, tenth, arena);
    for (size_t i = 0; i < s->n; i++) {
        if (s->value[i] > 0)
            positive[n++] = s->value[i];
    }
    m.zeros = (double)(s->n - n) / (double)s->n;
    if (n == s->n) /* an index of the one is an index of the other */
        m.explosion = explosion_of(positive, n, arena);
    return m;
}

static void find_faint(struct view *v)
{
    for (size_t i = 0; i < v->n; i++) {
        const struct layer *first = v->v[i].layer;
        size_t last = i;

        if (first->id.number == NOT_GIVEN ||
            (i > 0 && str_eq(v->v[i - 1].layer->id.stack, first->id.stack)))
            continue;
        while (last + 1 < v->n && str_eq(v->v[last + 1].layer->id.stack, first->id.stack))
            last++;
        if (last == i || v->vanishes)
            continue;
        v->vanishes =
            v->v[i].level < first_below && v->v[i].level < first_over_last * v->v[last].level;
        v->faint = i;
        v->faint_behind = last;
    }
}

static void survey(struct view *v)
{
    for (size_t i = 0; i < v->n; i++) {
        const struct measured *m = &v->v[i];

        if (m->level > v->v[v->largest].level)
            v->largest = i;
        if (m->level < v->v[v->smallest].level)
            v->smallest = i;
        v->dead += m->zeros >= zeros_from;
        v->assessed += m->explosion.enough;
        if (!m->explosion.exploded)
            continue;
        if (v->exploded++ == 0 ||
            m->explosion.largest_factor > v->v[v->worst].explosion.largest_factor)
            v->worst = i;
    }
    find_faint(v);
}

/* ---- words ---- */

static struct said about(const struct view *v, const char *name, enum finding_status status,
                         size_t i)
{
    struct said said = {v->out, finding_add(v->out, name, status)};
    const struct series *s = &v->v[i].layer->norm;

    finding_column(v->out, said.finding, v->v[i].layer->id.name);
    said.finding->evidence.n_used = (int64_t)s->n;
    said.finding->evidence.from = s->step[0];
    said.finding->evidence.to = s->step[s->n - 1];
    return said;
}

static void describe(const struct view *v, const struct layers *layers)
{
    const struct measured *most = &v->v[v->largest], *least = &v->v[v->smallest];
    struct said said = about(v, class, FINDING_FOUND, v->largest);
    size_t shown = v->n < VALUES_SHOWN ? v->n : VALUES_SHOWN;

    if (v->smallest != v->largest)
        finding_column(v->out, said.finding, least->layer->id.name);
    for (size_t k = 0; k < shown; k++) { /* evenly, the first and the last among them */
        const struct measured *m = &v->v[shown > 1 ? k * (v->n - 1) / (shown - 1) : 0];
        say_value(said, say_text(said, "level_of %.*s", STR_FMT(m->layer->id.name)), m->level, "");
    }
    say_value(said, "layers", (double)v->n, "layers");
    if (least->level > 0)
        say_value(said, "largest_over_smallest", most->level / least->level, "times");
    say(said,
        "Gradient norms of %zu layers at the end of the run: largest in %.*s (%.3g), smallest in "
        "%.*s (%.3g).",
        v->n, STR_FMT(most->layer->id.name), most->level, STR_FMT(least->layer->id.name),
        least->level);
    say_method(said, "median of the last tenth; of several parameters of a layer the root of the "
                     "sum of squares at each step, of infinity norms the largest");
    say_what_would_change(said, "Nothing: this is a description.");
    say_harm(said, SEVERITY_INFO, 0.99);
    if (layers->left_out)
        say_caveat(said,
                   "%zu of %zu series are left out: they have other steps than their layer, "
                   "or come after the first %d",
                   layers->left_out, layers->series_n, (int)LAYER_SERIES_MAX);
}

/* "a, b, c and 3 more" of those that the predicate picks. */
static const char *names_of(struct said said, const struct view *v, bool dead)
{
    const char *text = "";
    size_t shown = 0, all = dead ? v->dead : v->exploded;

    for (size_t i = 0; i < v->n && shown < NAMES_SHOWN; i++) {
        const struct measured *m = &v->v[i];
        if (dead ? m->zeros >= zeros_from : m->explosion.exploded)
            text =
                say_text(said, "%s%s%.*s", text, shown++ ? ", " : "", STR_FMT(m->layer->id.name));
    }
    return all > shown ? say_text(said, "%s and %zu more", text, all - shown) : text;
}

static bool norm_explodes(const struct view *v)
{
    for (size_t i = 0; i < v->out->list.n; i++) {
        const struct finding *f = &v->out->list.v[i];
        if (f->status == FINDING_FOUND && strcmp(f->class, "grad_explosion") == 0)
            return true;
    }
    return false;
}

static void judge_explosion(const struct view *v)
{
    if (v->assessed == 0) {
        struct said said = about(v, of_explosion, FINDING_INSUFFICIENT_DATA, v->worst);
        say_not_judged(said, "each of the %zu layers has points of 0 in its gradient norm.", v->n);
        say_what_would_change(said, "A layer whose norm is above 0 throughout.");
        return;
    }
    const struct measured *m = &v->v[v->worst];
    const struct explosion *e = &m->explosion;
    bool known = norm_explodes(v); /* then this only says where */
    struct said said =
        about(v, of_explosion, v->exploded ? FINDING_FOUND : FINDING_NOT_FOUND, v->worst);

    say_value(said, "layers_exploded", (double)v->exploded, "layers");
    say_value(said, "layers", (double)v->n, "layers");
    say_value(said, "layers_assessed", (double)v->assessed, "layers");
    say_method(said, "the rule of grad_explosion on each layer");
    if (v->assessed < v->n)
        say_caveat(said, "%zu of %zu layers are not assessed: their norm is 0 at some points",
                   v->n - v->assessed, v->n);
    if (v->exploded == 0) {
        say(said, "The gradient norm explodes in none of the %zu layers assessed.", v->assessed);
        say_what_would_change(said, "A norm that stays above three times what came before.");
        return;
    }
    int64_t onset = m->layer->norm.step[e->onset];
    said.finding->evidence.from = onset;
    say_value(said, "level_before", e->level_before, "");
    say_value(said, "level_after", e->level_after, "");
    say_effect(said, e->level_after / e->level_before, "times", (double)NAN, (double)NAN,
               (double)NAN);
    say(said,
        "The gradient norm explodes in %zu of %zu layers (%s), most in %.*s: median %.3g before "
        "step %lld, %.3g from there on.",
        v->exploded, v->assessed, names_of(said, v, false), STR_FMT(m->layer->id.name),
        e->level_before, (long long)onset, e->level_after);
    say_what_would_change(said, "A norm of this layer that comes back to its level.");
    say_harm(said, known ? SEVERITY_INFO : SEVERITY_MEDIUM, capped(0.6, m->layer->norm.n, 1));
    say_caveat(said, "unvalidated rule for single layers");
}

static void judge_vanishing(const struct view *v)
{
    bool found = v->vanishes || v->dead > 0;
    struct said said = about(v, of_vanishing, found ? FINDING_FOUND : FINDING_NOT_FOUND,
                             v->vanishes ? v->faint : v->smallest);

    say_value(said, "layers_without_gradient", (double)v->dead, "layers");
    say_parameter(said, "first_over_last_below", first_over_last, "");
    say_parameter(said, "first_below", first_below, "");
    say_parameter(said, "zeros_from", zeros_from, "share of the points");
    say_method(said, "first over last layer of a stack, medians of the last tenth; share of "
                     "points at 0");
    say_what_would_change(said, "A first layer with a thousandth of the last one's norm or more.");
    if (!found) {
        say(said,
            "No layer is cut off: no first layer of a stack has less than a thousandth of "
            "its last one's gradient norm below %.0e, and none is 0 at %.0f%% of its points or "
            "more.",
            first_below, 100 * zeros_from);
        return;
    }
    if (v->vanishes) {
        const struct measured *first = &v->v[v->faint], *last = &v->v[v->faint_behind];
        say_value(said, "first", first->level, "");
        say_value(said, "last", last->level, "");
        say(said,
            "The gradient vanishes on its way to the first layers: %.3g in %.*s, %.3g in %.*s.",
            first->level, STR_FMT(first->layer->id.name), last->level,
            STR_FMT(last->layer->id.name));
    } else {
        say(said, "%zu of %zu layers get no gradient at %.0f%% of the points or more: %s.", v->dead,
            v->n, 100 * zeros_from, names_of(said, v, true));
        say_caveat(said, "a layer that is frozen on purpose looks alike");
    }
    say_harm(said, v->vanishes ? SEVERITY_MEDIUM : SEVERITY_LOW, 0.6);
    say_caveat(said, "unvalidated rule");
    say_advice(said, (struct advice){.key = "the initialisation, normalisation and residual paths "
                                            "of the first layers, frozen or dead units",
                                     .expected = "norms of one order of size in all layers",
                                     .check = "the first layer's norm over the last one's"});
}

static void run(const struct subject *subject, struct findings *out)
{
    const struct layers *layers = subject->layers;
    struct view v = {.subject = subject, .out = out};

    if (!layers || layers->n == 0) {
        struct said said = {out, finding_add(out, class, FINDING_NOT_APPLICABLE)};
        say(said, "Gradient norms by layer are not logged.");
        say_what_would_change(said, "A logged norm for each layer or parameter.");
        return;
    }
    v.v = ARENA_ARRAY(subject->arena, layers->n, struct measured);
    for (size_t i = 0; i < layers->n; i++) {
        if (layers->v[i].norm.n >= GRADIENT_POINTS_MIN)
            v.v[v.n++] = measure(&layers->v[i], subject->arena);
    }
    if (v.n == 0) {
        struct said said = {out, finding_add(out, class, FINDING_INSUFFICIENT_DATA)};
        say(said, "No layer's gradient norm has enough points: '%.*s' had %zu, needs %d.",
            STR_FMT(layers->v[0].id.name), layers->v[0].norm.n, (int)GRADIENT_POINTS_MIN);
        say_what_would_change(said, "More points of each layer.");
        return;
    }
    survey(&v);
    describe(&v, layers);
    judge_explosion(&v);
    judge_vanishing(&v);
}

const struct detector detector_grad_layers = {
    .name = "grad_layers",
    .what = "gradient norms by layer: their spread, layers that explode or get nothing",
    .applies = FOR_ANY,
    .run = run,
};
