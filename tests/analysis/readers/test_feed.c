#include "analysis/readers/fed.h"

#include <criterion/criterion.h>
#include <math.h>

static size_t points(const struct fed *fed, const char *name)
{
    size_t key = table_find(fed->table, str_of(name));

    return key == SIZE_MAX ? 0 : (size_t)fed->table->column[key]->points_n;
}

Test(feed, rows_keep_their_order_and_what_a_row_lacks_is_no_point)
{
    struct feed *feed = feed_new();
    int loss = feed_key(feed, STR("loss")), lr = feed_key(feed, STR("lr"));

    feed_row(feed, 10);
    feed_value(feed, loss, 2.5);
    feed_value(feed, lr, 1e-3);
    feed_row(feed, 20);
    feed_value(feed, loss, NAN);
    feed_missing(feed, lr);
    feed_row(feed, 5);
    feed_value(feed, loss, 1.0);
    feed_value(feed, loss, 3.0); /* the last stands */
    const struct fed *fed = feed_end(feed);
    cr_expect(fed->table->tally.rows == 3);
    cr_expect(fed->table->tally.restarts_n == 1 && fed->table->tally.restart[0].step == 5);
    cr_expect(points(fed, "loss") == 3 && points(fed, "lr") == 1);
    cr_expect(fed->table->column[lr]->nulls == 1);
    cr_expect(fed->table->column[loss]->points.value[2] == 3.0);
    feed_free(feed);
}

Test(feed, points_of_one_step_share_a_row_until_a_key_comes_again)
{
    struct feed *feed = feed_new();
    int a = feed_key(feed, STR("a")), b = feed_key(feed, STR("b"));

    feed_point(feed, 1, a, 1, 100.5);
    feed_point(feed, 1, b, 2, 100.5);
    feed_point(feed, 1, a, 3, NAN); /* again: a second row of step 1 */
    feed_point(feed, 2, b, 4, NAN);
    const struct fed *fed = feed_end(feed);
    cr_expect(fed->table->tally.rows == 3, "%zu", fed->table->tally.rows);
    cr_expect(fed->table->tally.duplicates == 1);
    cr_expect(points(fed, "a") == 2 && points(fed, "b") == 2 && points(fed, "timestamp") == 1);
    feed_free(feed);
}

Test(feed, settings_that_come_in_pieces_make_one_object_an_origin)
{
    struct feed *feed = feed_new();

    feed_setting(feed, "params", STR("lr"), STR("0.1"));
    feed_setting(feed, "tags", STR("user"), STR("\"me\""));
    feed_setting(feed, "params", STR("a\"b"), STR("[1]"));
    const struct fed *fed = feed_end(feed);
    cr_assert(fed->configs.n == 2);
    cr_expect_str_eq(fed->configs.v[0].from, "params");
    cr_expect(str_is(fed->configs.v[0].json, "{\"lr\":0.1,\"a\\\"b\":[1]}"), "%.*s",
              STR_FMT(fed->configs.v[0].json));
    cr_expect(str_is(fed->configs.v[1].json, "{\"user\":\"me\"}"));
    feed_free(feed);
}

Test(feed, a_fact_given_differently_again_is_noted_and_the_first_stands)
{
    struct feed *feed = feed_new();

    feed_fact(feed, FACT_RUN_NAME, STR("one"));
    feed_fact(feed, FACT_RUN_NAME, STR("one"));
    cr_expect(feed_end(feed)->notes_n == 0);
    feed_fact(feed, FACT_RUN_NAME, STR("two"));
    feed_fact_number(feed, FACT_EXIT_CODE, -1);
    const struct fed *fed = feed_end(feed);
    cr_expect(fed->notes_n == 1);
    cr_expect_str_eq(fed->fact[FACT_RUN_NAME], "one");
    cr_expect_str_eq(fed->fact[FACT_EXIT_CODE], "-1");
    feed_free(feed);
}

Test(feed, a_step_is_a_whole_number_that_a_double_holds)
{
    int64_t step;

    cr_expect(feed_step(3e5, &step) && step == 300000);
    cr_expect(!feed_step(0.5, &step) && !feed_step(NAN, &step) && !feed_step(1e17, &step));
}
