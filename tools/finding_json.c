#include "tools/finding_json.h"

#include "tools/answer.h"

#include <math.h>

static void put_text(struct buf *out, const char *name, const char *text)
{
    if (!text || !*text)
        return;
    json_put_key(out, name);
    json_put_string(out, str_of(text));
}

/* A confidence says two digits: more would claim what nobody measured. */
static void put_confidence(struct buf *out, double confidence)
{
    if (isnan(confidence))
        return;
    json_put_key(out, "confidence");
    buf_printf(out, "%.2f", confidence);
}

static void put_quantities(struct buf *out, const char *name, const struct quantity *v, size_t n)
{
    if (n == 0)
        return;
    json_put_key(out, name);
    buf_byte(out, '{');
    for (size_t i = 0; i < n; i++) {
        json_put_key(out, v[i].name);
        if (*v[i].unit) {
            buf_byte(out, '[');
            json_put_number(out, v[i].value);
            buf_byte(out, ',');
            json_put_string(out, str_of(v[i].unit));
            buf_byte(out, ']');
        } else {
            json_put_number(out, v[i].value);
        }
    }
    buf_byte(out, '}');
}

static void put_steps(struct buf *out, const struct evidence *e)
{
    if (e->from == NOT_GIVEN && e->to == NOT_GIVEN)
        return;
    json_put_key(out, "steps");
    buf_byte(out, '[');
    if (e->from == NOT_GIVEN)
        buf_puts(out, "null");
    else
        json_put_integer(out, e->from);
    buf_byte(out, ',');
    if (e->to == NOT_GIVEN)
        buf_puts(out, "null");
    else
        json_put_integer(out, e->to);
    buf_byte(out, ']');
}

static void put_evidence(struct buf *out, const struct evidence *e)
{
    const struct strs columns = {e->columns.v, e->columns.n};

    json_put_key(out, "evidence");
    buf_byte(out, '{');
    json_put_key(out, "series");
    put_strings(out, &columns);
    put_steps(out, e);
    put_quantities(out, "values", e->values.v, e->values.n);
    put_number(out, "effect", e->effect);
    if (!isnan(e->effect))
        put_text(out, "unit", e->effect_unit);
    if (!isnan(e->ci_low) && !isnan(e->ci_high)) {
        json_put_key(out, "ci");
        buf_byte(out, '[');
        json_put_number(out, e->ci_low);
        buf_byte(out, ',');
        json_put_number(out, e->ci_high);
        buf_byte(out, ']');
        put_number(out, "level", e->level);
    }
    put_number(out, "p", e->p);
    put_number(out, "q", e->q);
    json_put_key(out, "nUsed");
    json_put_integer(out, e->n_used);
    put_text(out, "method", e->method);
    put_quantities(out, "parameters", e->parameters.v, e->parameters.n);
    buf_byte(out, '}');
}

static void put_advice(struct buf *out, const struct advice *advice)
{
    put_text(out, "key", advice->key);
    put_text(out, "from", advice->from);
    put_text(out, "to", advice->to);
    put_text(out, "expected", advice->expected);
    put_text(out, "check", advice->check);
}

void put_finding(struct buf *out, const struct finding *f, enum finding_detail detail)
{
    const struct strs caveats = {f->caveats.v, f->caveats.n};

    json_put_comma(out);
    buf_byte(out, '{');
    put_text(out, "id", f->id);
    if (detail == FINDING_IN_FULL)
        put_text(out, "class", f->class);
    put_text(out, "status", finding_status_name(f->status));
    if (f->status == FINDING_FOUND) {
        put_text(out, "severity", severity_name(f->severity));
        put_confidence(out, f->confidence);
    }
    if (detail != FINDING_BY_NAME)
        put_text(out, "sentence", f->sentence);
    if (detail == FINDING_IN_FULL) {
        put_evidence(out, &f->evidence);
        put_text(out, "whatWouldChangeIt", f->what_would_change_it);
        if (f->advice) {
            json_put_key(out, "recommendation");
            buf_byte(out, '{');
            put_advice(out, f->advice);
            buf_byte(out, '}');
        }
        if (caveats.n) {
            json_put_key(out, "caveats");
            put_strings(out, &caveats);
        }
    }
    buf_byte(out, '}');
}

void put_recommendations(struct buf *out, const struct recommendation *list, size_t n)
{
    buf_byte(out, '[');
    for (size_t i = 0; i < n; i++) {
        json_put_comma(out);
        buf_byte(out, '{');
        put_text(out, "rank", recommendation_rank_name(list[i].rank));
        put_advice(out, list[i].advice);
        put_text(out, "because", list[i].because);
        put_confidence(out, list[i].confidence);
        put_text(out, "cost", list[i].cost);
        buf_byte(out, '}');
    }
    buf_byte(out, ']');
}

void put_risk(struct buf *out, const struct analysis *a)
{
    buf_puts(out, "{\"score\":");
    if (isnan(a->risk))
        buf_puts(out, "null");
    else
        buf_printf(out, "%.3f", a->risk);
    put_text(out, "level", a->risk_level);
    json_put_key(out, "terms");
    buf_byte(out, '[');
    for (size_t i = 0; i < a->risk_terms_n; i++) {
        json_put_comma(out);
        buf_byte(out, '{');
        put_text(out, "finding", a->risk_terms[i].finding);
        json_put_key(out, "share");
        buf_printf(out, "%.3f", a->risk_terms[i].share);
        buf_byte(out, '}');
    }
    buf_puts(out, "]}");
}
