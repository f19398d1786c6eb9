#include "analysis/trajectories/usual.h"

#include "analysis/base/buf.h"
#include "analysis/stats/rng.h"

#include <criterion/criterion.h>

static const char *const names[] = {"id", "reward", "action", "observation", "done", NULL};

static void put_value(struct buf *out, struct rng *rng)
{
    static const char *const values[] = {"1",
                                         "-0.5e3",
                                         "0",
                                         "12345678901234567890",
                                         "null",
                                         "true",
                                         "false",
                                         "NaN",
                                         "-Infinity",
                                         "\"\"",
                                         "\"a \\\"b\\\" c\"",
                                         "{}",
                                         "[1, [2]]",
                                         "0.083",
                                         "{\"id\": 1}",
                                         "\"\\\\\"",
                                         "\"a text that takes more than one block of sixteen\""};

    buf_printf(out, "%s", values[rng_below(rng, sizeof(values) / sizeof(values[0]))]);
}

/* Mostly the same members in the same order, as a program writes them. */
static void put_object(struct buf *out, struct rng *rng)
{
    static const char *const keys[] = {
        "\"id\": ",          "\"reward\":",
        "\"action\" : ",     "\"obser\\u0076ation\":",
        "\"observation\": ", "\"a name that is longer than what is kept of it\": ",
        "\"done\":"};
    bool first = true;

    buf_printf(out, "{");
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (rng_below(rng, 8) == 0)
            continue;
        const char *key = keys[rng_below(rng, 20) == 0 ? rng_below(rng, 7) : i];
        buf_printf(out, "%s%s", first ? "" : rng_below(rng, 30) ? ", " : ",", key);
        put_value(out, rng);
        first = false;
    }
    buf_printf(out, "}");
}

/* [object, object, …], in every second round with a byte that is another. */
static void put_text(struct buf *out, struct rng *rng, bool spoilt)
{
    static const char bytes[] = "\"\\{}[],: x0-n\n";

    out->n = 0;
    buf_printf(out, "[");
    for (size_t i = 0; i < 20; i++) {
        buf_printf(out, i ? "," : "");
        put_object(out, rng);
    }
    buf_printf(out, "]");
    if (spoilt)
        out->p[rng_below(rng, out->n)] = bytes[rng_below(rng, sizeof(bytes) - 1)];
}

static int place_of(const struct scan_member *member)
{
    for (int i = 0; names[i] && !member->escaped; i++) {
        if (str_is(member->key, names[i]))
            return i;
    }
    return USUAL_OTHER;
}

static bool same(const struct scan_member *a, const struct scan_member *b)
{
    return a->kind == b->kind && a->value.p == b->value.p && a->value.n == b->value.n &&
           a->key.p == b->key.p && a->key.n == b->key.n && a->escaped == b->escaped;
}

/* Both over one object; true if nothing was different. */
static bool compare(struct usual *usual, struct tape *tape, struct scan *a, struct scan *b)
{
    struct usual_place place = {.tape = tape};
    struct scan_member one = {0}, other = {0};

    for (;;) {
        bool given = usual_next(usual, &place, names, a, &one);
        if (given != scan_next_open(b, &other) || a->fault != b->fault || a->p != b->p)
            return false;
        if (!given)
            return true;
        if (!same(&one, &other) || place.name != place_of(&other))
            return false;
        if (scan_pass(a, &one) != scan_pass(b, &other) || !same(&one, &other))
            return false;
    }
}

Test(usual, gives_what_the_scanner_gives_and_finds_what_it_finds)
{
    static struct usual usual;
    static struct tape tape;
    struct rng rng = rng_of(11);
    struct buf text = {0};
    size_t faults = 0, objects = 0;

    for (int round = 0; round < 3000; round++) {
        put_text(&text, &rng, round % 2);
        struct scan a = scan_array(buf_str(&text)), b = a;
        struct scan_member one, other;
        tape_begin(&tape);
        while (scan_element_open(&a, &one)) {
            cr_assert(scan_element_open(&b, &other));
            if (*one.value.p != '{')
                break;
            struct scan in_a = scan_enter(&a), in_b = scan_enter(&b);
            cr_assert(compare(&usual, &tape, &in_a, &in_b), "round %d: %.*s", round, (int)text.n,
                      text.p);
            scan_leave(&a, &in_a);
            scan_leave(&b, &in_b);
            objects++;
        }
        faults += a.fault != NULL;
    }
    cr_expect(faults > 300 && objects > 30000, "%zu faults, %zu objects", faults, objects);
    buf_fini(&text);
}

/* A lead that was learned behind a value is none at the beginning, and the other way round. */
Test(usual, a_comma_stands_between_members_and_nowhere_else)
{
    static const char *const rows[] = {"{,\"id\":1}", "{\"id\":1\"reward\":2}", "{\"id\":1,}",
                                       "{\"id\":1,,\"reward\":2}"};
    static struct usual usual;
    static struct tape tape;
    struct scan_member member;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct usual_place place = {.tape = &tape};
        struct scan scan = scan_object(STR("{\"id\":1,\"reward\":2,\"id\":3}"));
        tape_begin(&tape);
        while (usual_next(&usual, &place, names, &scan, &member))
            ;
        cr_assert(!scan.fault);
        scan = scan_object(str_of(rows[i]));
        place = (struct usual_place){.tape = &tape};
        tape_begin(&tape);
        while (usual_next(&usual, &place, names, &scan, &member))
            ;
        cr_expect(scan.fault, "%s", rows[i]);
    }
}
