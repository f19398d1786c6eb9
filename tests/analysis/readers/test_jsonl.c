#include "analysis/readers/jsonrow.h"
#include "analysis/readers/axis.h"
#include "analysis/readers/lines.h"
#include "tests/support/place.h"

#include <math.h>

static struct place place;

static void set_up(void)
{
    place_init(&place);
}

static void tear_down(void)
{
    place_fini(&place);
}

TestSuite(jsonl, .init = set_up, .fini = tear_down);
TestSuite(axis, .init = set_up, .fini = tear_down);

/* Lines read with and without remembered kinds give the same rows. */
static void feed_lines(struct feed *feed, const char *const *lines, size_t n, bool plain)
{
    struct jsonrow row;

    jsonrow_init(&row, feed, &place.arena, (struct axis_name){STR("step"), false});
    row.plain = plain;
    for (size_t i = 0; i < n; i++) {
        size_t length = strlen(lines[i]);
        char *padded = arena_alloc(&place.arena, length + LINES_PAD);
        memcpy(padded, lines[i], length);
        const char *fault = jsonrow_line(&row, (struct str){padded, length});
        if (fault)
            feed_malformed(feed, (int64_t)i + 1, fault);
    }
    jsonrow_fini(&row);
}

Test(jsonl, remembered_lines_give_the_rows_of_the_plain_way)
{
    static const char *const lines[] = {
        "{\"step\": 1, \"loss\": 0.5, \"s\": \"x\", \"n\": null, \"in\": {\"a\": 1, \"b\": [1]}}",
        "{\"step\": 2, \"loss\": 0.25, \"s\": \"x\", \"n\": null, \"in\": {\"a\": 2, \"b\": [1]}}",
        "{\"step\": 3, \"loss\": NaN, \"s\": \"x\", \"n\": null, \"in\": {\"a\": 3, \"b\": [1]}}",
        "{\"step\": 4, \"loss\": null, \"s\": \"x\", \"n\": null, \"in\": {\"a\": 4, \"b\": [1]}}",
        "{\"step\": 5, \"loss\": 01, \"s\": \"x\", \"n\": null, \"in\": {\"a\": 5, \"b\": [1]}}",
        "{\"step\": 6, \"loss\": 1, \"s\": \"x\", \"n\": null, \"in\": {\"a\": 6, \"b\": [1]}} x",
        "{\"step\": 7.5, \"loss\": 1, \"s\": \"x\", \"n\": null, \"in\": {\"a\": 7, \"b\": [1]}}",
        "{\"step\": 8, \"loss\": 1, \"loss\": 2}",
        "{\"step\": 9, \"loss\": 3, \"loss\": 4}",
        "{\"step\": 10, \"timestamp\": 1700000000, \"loss\": 5}",
        "{\"step\": 11, \"timestamp\": 12, \"loss\": 6}",
        "{\"step\": 12, \"timestamp\": 1700000000123, \"loss\": -1e-5}",
        "{\"step\": 13, \"timestamp\": 1700000000124, \"loss\": -1e-6",
        "{\"loss\": 7}",
        "{\"step\": 14, \"time\": \"2024-06-01T10:47:10\", \"elapsed_time\": \"0:01:00\", \"l\": "
        "1}",
        "{\"step\": 15, \"time\": \"2024-06-01T10:47:11\", \"elapsed_time\": \"0:02:00\", \"l\": "
        "2}",
        "{\"step\": 16, \"time\": \"later\", \"elapsed_time\": \"0:02:00\", \"l\": 2}",
        "{\"step\": 17, \"time\": \"2024-06-01T10:47:12\", \"elapsed_time\": \"long\", \"l\": 2}",
    };
    const size_t n = sizeof(lines) / sizeof(lines[0]);
    struct feed *quick = feed_new(), *plain = feed_new();

    feed_lines(quick, lines, n, false);
    feed_lines(plain, lines, n, true);
    const struct fed *a = feed_end(quick), *b = feed_end(plain);
    cr_expect(a->table->tally.rows == 15 && b->table->tally.rows == 15, "%zu rows",
              a->table->tally.rows);
    cr_expect(a->table->tally.malformed == 3 && b->table->tally.malformed == 3);
    cr_assert(a->table->columns_n == b->table->columns_n);
    for (size_t i = 0; i < a->table->columns_n; i++) {
        const struct column *x = a->table->column[i], *y = b->table->column[i];
        const char *name = arena_text(&place.arena, x->name);
        cr_assert(str_eq(x->name, y->name));
        cr_expect(x->nulls == y->nulls && x->others == y->others, "%s", name);
        struct fed_points p = fed_points(a, name, &place.arena);
        struct fed_points q = fed_points(b, name, &place.arena);
        cr_assert(p.n == q.n, "%s", name);
        for (size_t k = 0; k < p.n; k++)
            cr_expect(p.step[k] == q.step[k] &&
                          (p.value[k] == q.value[k] || (isnan(p.value[k]) && isnan(q.value[k]))),
                      "%s, point %zu", name, k);
    }
    feed_free(quick);
    feed_free(plain);
}

Test(jsonl, a_log_of_many_blocks_is_read_to_its_end)
{
    struct buf text = {0};

    for (int i = 0; i < 60000; i++)
        buf_printf(&text, "{\"step\": %d, \"loss\": %d.5%s}\n", i, i % 7,
                   i % 1000 == 999 ? ", \"eval_loss\": 1" : "");
    const struct fed *fed = place_read(&place, "metrics.jsonl", buf_str(&text));
    cr_assert(fed && place.ok);
    struct fed_points loss = fed_points(fed, "loss", &place.arena);
    cr_assert(loss.n == 60000 && fed_points(fed, "eval_loss", &place.arena).n == 60);
    for (size_t i = 0; i < loss.n; i++)
        cr_expect(loss.step[i] == (int64_t)i && loss.value[i] == (double)(i % 7) + 0.5);
    buf_fini(&text);
}

Test(jsonl, cut_at_every_byte_of_the_last_line_keeps_the_others)
{
    static const char text[] = "{\"step\": 1, \"loss\": 0.5}\n{\"step\": 2, \"loss\": 0.25}";

    for (size_t n = 27; n < sizeof(text) - 2; n++) {
        const struct fed *fed = place_read(&place, "metrics.jsonl", (struct str){text, n});
        cr_assert(fed && place.ok, "cut at %zu", n);
        cr_expect(fed->table->tally.rows == 1 && fed->damage_n == 1, "cut at %zu", n);
    }
}

Test(axis, the_step_is_chosen_among_known_names)
{
    static const struct {
        const char *what, *line, *axis;
    } rows[] = {
        {"a step before anything else", "{\"epoch\": 1, \"step\": 2, \"loss\": 1}", "step"},
        {"fractions of an epoch are none", "{\"epoch\": 0.5, \"iter\": 2, \"loss\": 1}", "iter"},
        {"environment steps before iterations",
         "{\"training_iteration\": 1, \"timesteps_total\": 2, \"loss\": 1}", "timesteps_total"},
        {"below a name", "{\"trainer\": {\"global_step\": 7}, \"loss\": 1}", "trainer/global_step"},
        {"in any case", "{\"Step\": 1, \"loss\": 1}", "Step"},
        {"nothing", "{\"x\": 1, \"loss\": 1}", "row"},
        {"whole numbers before others", "{\"step\": 0.5, \"epoch\": 1, \"loss\": 1}", "epoch"},
        {"no whole number at all", "{\"step\": 0.5, \"loss\": 1}", "row"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct fed *fed =
            place_read(&place, "metrics.jsonl",
                       str_of(arena_printf(&place.arena, "%s\n%s\n", rows[i].line, rows[i].line)));
        cr_assert(fed, "%s: %s", rows[i].what, place.bid.why);
        cr_expect_str_eq(fed->axis, rows[i].axis, "%s: %s", rows[i].what, fed->axis_why);
    }
}

Test(axis, numbers_that_are_no_whole_ones_are_a_step_all_the_same)
{
    static const struct {
        const char *name, *text;
        size_t odd, kept; /* rows whose step is odd; values of "epoch" */
        const char *why;
    } rows[] = {
        {"metrics.jsonl", "{\"step\":0.5,\"loss\":2}\n{\"step\":1.5,\"loss\":1}\n", 2, 0,
         "step: all of the first 2 rows have it, none as a whole number"},
        {"metrics.jsonl", "{\"epoch\":0.5,\"loss\":2}\n{\"epoch\":1,\"loss\":1}\n", 1, 2,
         "epoch: all of the first 2 rows have it, 1 as a whole number"},
        {"log.csv", "step,loss\n0.5,2\n1.5,1\n", 2, 0,
         "step: all of the first 2 rows have it, none as a whole number"},
        {"log.csv", "epoch,loss\n0.5,2\n1,1.5\n1.5,1\n", 2, 3,
         "epoch: all of the first 3 rows have it, 1 as a whole number"},
        {"train.log", "step 0.5: loss 2, lr 1\nstep 1.5: loss 1, lr 1\n", 2, 0,
         "step: 2 of 2 rows have one that is no whole number"},
        {"train.log",
         "{'loss': 2, 'step': 0.5, 'epoch': 1}\n{'loss': 1, 'step': 1.5, 'epoch': 1}\n", 2, 2,
         "step: 2 of 2 rows have one that is no whole number"},
        {"trainer_state.json",
         "{\"global_step\":1,\"log_history\":[{\"step\":0.5,\"loss\":2},{\"step\":1.5,\"loss\":1}]"
         "}",
         2, 0, "the rows of log_history have it"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct fed *fed = place_read(&place, rows[i].name, str_of(rows[i].text));
        cr_assert(fed && place.ok, "%s: %s", rows[i].text, place.bid.why);
        cr_expect_str_eq(fed->axis_why, rows[i].why);
        cr_expect(fed->table->tally.odd_steps == (int64_t)rows[i].odd, "%s", rows[i].text);
        cr_expect(fed_points(fed, "epoch", &place.arena).n == rows[i].kept, "%s", rows[i].text);
    }
}

Test(jsonl, of_a_key_that_stands_twice_in_a_row_the_last_counts)
{
    static const struct {
        const char *line;
        int64_t repeats;
        size_t points;
    } rows[] = {
        {"{\"step\": 1, \"loss\": 3, \"loss\": 2}", 1, 1},
        {"{\"step\": 1, \"loss\": null, \"loss\": 2}", 1, 1},
        {"{\"step\": 1, \"loss\": 2, \"loss\": null}", 1, 0},
        {"{\"step\": 0, \"step\": 1, \"loss\": 2}", 1, 1},
        {"{\"step\": 1, \"a\": {\"b\": 1, \"b\": 1, \"b\": 1}, \"loss\": 2}", 1, 1},
        {"{\"step\": 1, \"time\": 1700000000, \"time\": 1700000001, \"loss\": 2}", 1, 1},
        {"{\"step\": 1, \"time\": 1700000000, \"timestamp\": 1700000000, \"loss\": 2}", 0, 1},
        {"{\"step\": 1, \"a\": {\"loss\": 1}, \"loss\": 2}", 0, 1},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *const lines[] = {rows[i].line, rows[i].line};
        struct feed *feed = feed_new();
        feed_lines(feed, lines, 2, false);
        const struct fed *fed = feed_end(feed);
        struct fed_points loss = fed_points(fed, "loss", &place.arena);
        cr_expect(fed->table->tally.repeats == 2 * rows[i].repeats, "%s", rows[i].line);
        cr_expect(loss.n == 2 * rows[i].points, "%s", rows[i].line);
        cr_expect(loss.n == 0 || (loss.value[0] == 2 && loss.step[0] == 1), "%s", rows[i].line);
        feed_free(feed);
    }
}

Test(axis, durations_are_seconds_and_only_durations_are)
{
    static const struct {
        const char *text;
        double seconds;
    } rows[] = {{"00:12", 12},
                {"1:02:03", 3723},
                {"9 days, 21:39:23", 855563},
                {"1 day, 0:00:00", 86400},
                {"0:00:01.5", 1.5},
                {"12", -1},
                {"a:b", -1},
                {"1:2:3:4", -1},
                {"-1:00", -1},
                {"12:", -1},
                {"10:30 am", -1},
                {"", -1}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        double seconds = -1;
        bool is = axis_duration(str_of(rows[i].text), &seconds);
        cr_expect(is == (rows[i].seconds >= 0), "%s", rows[i].text);
        cr_expect(!is || seconds == rows[i].seconds, "%s: %g", rows[i].text, seconds);
    }
}
