#include "analysis/readers/dialect.h"
#include "analysis/readers/sniff.h"
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

TestSuite(csv, .init = set_up, .fini = tear_down);
TestSuite(dialect, .init = set_up, .fini = tear_down);
TestSuite(long_table, .init = set_up, .fini = tear_down);

Test(dialect, cells_mean_numbers_nothing_or_text)
{
    static const struct {
        const char *cell;
        enum cell_value kind;
        double value;
    } rows[] = {
        {"1.5", CELL_NUMBER, 1.5},
        {"+1", CELL_NUMBER, 1},
        {".5", CELL_NUMBER, 0.5},
        {"-.5e1", CELL_NUMBER, -5},
        {"5.", CELL_NUMBER, 5},
        {"007", CELL_NUMBER, 7},
        {"nan", CELL_NUMBER, NAN},
        {"NaN", CELL_NUMBER, NAN},
        {"-nan", CELL_NUMBER, NAN},
        {"inf", CELL_NUMBER, HUGE_VAL},
        {"-Infinity", CELL_NUMBER, -HUGE_VAL},
        {"00:12", CELL_NUMBER, 12},
        {"", CELL_EMPTY, 0},
        {"NA", CELL_EMPTY, 0},
        {"None", CELL_EMPTY, 0},
        {"null", CELL_EMPTY, 0},
        {"1.5x", CELL_TEXT, 0},
        {"True", CELL_TEXT, 0},
        {"1 2", CELL_TEXT, 0},
        {"--1", CELL_TEXT, 0},
        {"-", CELL_EMPTY, 0},
        {".", CELL_TEXT, 0},
        {"e5", CELL_TEXT, 0},
        {"2018-10-03", CELL_TEXT, 0},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        double value = 0;
        enum cell_value kind = dialect_value(str_of(rows[i].cell), &value);
        cr_expect(kind == rows[i].kind, "'%s': kind %d", rows[i].cell, (int)kind);
        cr_expect(kind != CELL_NUMBER || value == rows[i].value ||
                      (isnan(value) && isnan(rows[i].value)),
                  "'%s': %g", rows[i].cell, value);
    }
}

Test(dialect, cells_are_cut_at_separators_outside_quotes)
{
    static const struct {
        const char *line, *cells; /* joined by '|' */
        bool open;
    } rows[] = {
        {"a,b", "a|b|", false},
        {" a , b ", "a|b|", false},
        {"a,,", "a|||", false},
        {"\"a,b\",c", "a,b|c|", false},
        {"\"a\"\"b\",c", "a\"\"b|c|", false},
        {"\"\",\"\"", "||", false},
        {"\"a,b", "a,b|", true},
        {"", "|", false},
        {"\"a\"x,b", "a|b|", false},
        {"\"a\"\"", "a\"\"|", true},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct dialect dialect = {.separator = ','};
        struct cells cells = dialect_cells(&dialect, str_of(rows[i].line));
        struct str cell;
        struct buf out = {0};
        while (dialect_cell(&cells, &cell)) {
            buf_add(&out, cell);
            buf_byte(&out, '|');
        }
        cr_expect(str_is(buf_str(&out), rows[i].cells), "%s: %.*s", rows[i].line,
                  STR_FMT(buf_str(&out)));
        cr_expect(cells.open == rows[i].open, "%s", rows[i].line);
        buf_fini(&out);
    }
}

Test(sniff, names_of_metrics_are_known_by_their_words)
{
    static const struct {
        const char *name;
        bool is;
    } rows[] = {{"loss", true},
                {"train_loss_step", true},
                {"eprewmean", true},
                {"lr", true},
                {"lr/pg0", true},
                {"optim/lr", true},
                {"mean_kl", true},
                {"KL", true},
                {"metrics/mAP50(B)", true},
                {"color", false},
                {"place", false},
                {"klingon", false},
                {"accident", false},
                {"acc", true},
                {"Top1 Acc", true},
                {"x", false},
                {"Volume", false},
                {"Age", false}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        cr_expect(sniff_metric(str_of(rows[i].name)) == rows[i].is, "%s", rows[i].name);
}

Test(csv, cut_at_every_byte_of_the_last_row_never_makes_up_a_row_of_too_few_cells)
{
    static const char text[] = "step,loss,acc\n1,0.5,0.25\n2,0.125,0.75";

    for (size_t n = 26; n < sizeof(text); n++) {
        bool whole = n > (size_t)(strrchr(text, ',') - text) && text[n - 1] != '.';
        const struct fed *fed = place_read(&place, "metrics.csv", (struct str){text, n});
        cr_assert(fed && place.ok, "cut at %zu: %s", n, place.bid.why);
        cr_expect(fed->table->tally.rows == 1u + whole, "cut at %zu: %zu rows", n,
                  fed->table->tally.rows);
        cr_expect(fed->damage_n == !whole, "cut at %zu", n);
    }
}

Test(csv, D_18_a_number_that_breaks_off_is_no_number)
{
    static const struct {
        const char *end;
        size_t rows;
    } rows[] = {{"3,0.", 2},   {"3,1e-", 2}, {"3,2e", 2}, {"3,-", 3}, {"3,0.2", 3},
                {"3,0.\n", 3}, {"3,nan", 3}, {"3,e", 3},  {"", 2}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buf text = {0};

        buf_printf(&text, "step,loss\n1,0.5\n2,0.25\n%s", rows[i].end);
        const struct fed *fed = place_read(&place, "metrics.csv", buf_str(&text));
        cr_assert(fed && place.ok, "%s", rows[i].end);
        cr_expect(fed->table->tally.rows == rows[i].rows, "'%s': %zu rows", rows[i].end,
                  fed->table->tally.rows);
        cr_expect((fed->damage_n > 0) == (rows[i].rows == 2 && *rows[i].end), "'%s'", rows[i].end);
        buf_fini(&text);
    }
}

Test(csv, a_table_of_many_blocks_is_read_to_its_end)
{
    struct buf text = {0};

    buf_puts(&text, "epoch,loss\n");
    for (int i = 0; i < 60000; i++)
        buf_printf(&text, "%d,%d.25\r\n", i, i % 5);
    const struct fed *fed = place_read(&place, "x.csv", buf_str(&text));
    cr_assert(fed && place.ok);
    struct fed_points loss = fed_points(fed, "loss", &place.arena);
    cr_assert(loss.n == 60000);
    for (size_t i = 0; i < loss.n; i++)
        cr_expect(loss.step[i] == (int64_t)i && loss.value[i] == (double)(i % 5) + 0.25);
    buf_fini(&text);
}

Test(csv, a_cell_whose_quote_does_not_end_costs_its_row)
{
    const struct fed *fed =
        place_read(&place, "x.csv", STR("step,loss\n1,\"0.5\n2,0.25\n3,\"0.125\"\n"));

    cr_assert(fed && place.ok);
    cr_expect(fed->table->tally.rows == 2 && fed->table->tally.malformed == 1);
    cr_expect(fed->table->tally.bad_line == 2);
}

Test(long_table, the_runs_are_those_of_the_rows_and_each_has_its_own)
{
    static const char text[] = "method,env,seed,step,return\nA,x,1,0,1\nA,x,2,0,2\nA,x,1,10,3\n"
                               "B,x,1,0,4\nA,x,2,10,5\n";
    static const char *const names[] = {"A x seed=1", "A x seed=2", "B x seed=1"};
    static const double last[] = {3, 5, 4};
    struct source source = {.dir = place.dir, .path = "all.csv"};
    struct strs runs;

    (void)place_read(&place, "all.csv", str_of(text));
    cr_assert(place.reader && strcmp(place.reader->name, "long_table") == 0);
    cr_assert(place.reader->runs(&source, &place.arena, &runs, &place.err));
    cr_assert(runs.n == 3);
    for (size_t i = 0; i < runs.n; i++) {
        cr_expect_str_eq(runs.v[i], names[i]);
        const struct fed *fed = read_file(place.reader, place.dir, "all.csv", runs.v[i],
                                          &place.arena, &place.ok, &place.err);
        struct fed_points p = fed_points(fed, "return", &place.arena);
        cr_expect(place.ok && p.n == (i == 2 ? 1 : 2) && p.value[p.n - 1] == last[i]);
    }
    read_file(place.reader, place.dir, "all.csv", "C", &place.arena, &place.ok, &place.err);
    cr_expect(!place.ok && place.err.code == ERR_NOT_FOUND);
}
