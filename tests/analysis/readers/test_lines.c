#include "analysis/readers/lines.h"

#include "analysis/base/limits.h"
#include "analysis/readers/fed.h"
#include "tests/support/place.h"

static struct place place;

static void set_up(void)
{
    place_init(&place);
}

static void tear_down(void)
{
    place_fini(&place);
}

TestSuite(lines, .init = set_up, .fini = tear_down);

static struct source source_of(struct str bytes)
{
    place_put(&place, "log", bytes);
    return (struct source){.dir = place.dir, .path = "log"};
}

Test(lines, marks_carriage_returns_and_a_missing_newline_are_no_part_of_a_line)
{
    struct source source = source_of(STR("\xef\xbb\xbf"
                                         "a\r\n\nb\r\nlast"));
    static const char *const wanted[] = {"a", "", "b", "last"};
    struct lines lines;
    struct str line;
    struct err err;
    size_t n = 0;

    cr_assert(lines_open(&lines, &source, NULL, &err));
    while (lines_next(&lines, &line, &err)) {
        cr_expect(n < 4 && str_is(line, wanted[n]), "line %zu: %.*s", n, STR_FMT(line));
        cr_expect(lines.ended == (n < 3) && lines.number == (int64_t)n + 1);
        n++;
    }
    cr_expect(n == 4 && !lines.failed);
    lines_close(&lines);
}

Test(lines, longer_than_a_block_are_whole_and_longer_than_the_cap_are_told)
{
    struct buf text = {0};
    struct feed *feed = feed_new();
    struct lines lines;
    struct str line;
    struct err err;

    buf_puts(&text, "first\n");
    for (size_t i = 0; i < READ_BLOCK * 2 + 5; i++)
        buf_byte(&text, 'x');
    buf_byte(&text, '\n');
    for (size_t i = 0; i < DATA_LINE_MAX + READ_BLOCK * 3; i++)
        buf_byte(&text, 'y');
    buf_puts(&text, "\nend\n");
    struct source source = source_of(buf_str(&text));
    cr_assert(lines_open(&lines, &source, feed, &err));
    cr_assert(lines_next(&lines, &line, &err) && str_is(line, "first"));
    cr_assert(lines_next(&lines, &line, &err) && line.n == READ_BLOCK * 2 + 5);
    cr_assert(lines_next(&lines, &line, &err) && str_is(line, "end"));
    cr_expect(lines.number == 4);
    cr_expect(!lines_next(&lines, &line, &err) && !lines.failed);
    lines_close(&lines);
    const struct fed *fed = feed_end(feed);
    cr_expect(fed->table->tally.malformed == 1 && fed->table->tally.bad_line == 3);
    feed_free(feed);
    buf_fini(&text);
}

Test(lines, a_call_that_nobody_wants_any_more_ends)
{
    atomic_bool cancelled = true;
    struct source source = source_of(STR("{\"step\": 1, \"loss\": 1}\n"));
    struct feed *feed = feed_new();
    struct err err;

    source.cancelled = &cancelled;
    for (size_t i = 0; readers[i]; i++) {
        cr_expect(!reader_read(readers[i], &source, feed, &err), "%s", readers[i]->name);
        cr_expect(err.code == ERR_CANCELLED || err.code == ERR_FORMAT, "%s: %s", readers[i]->name,
                  err.msg);
    }
    feed_free(feed);
}

Test(lines, what_is_no_file_is_said)
{
    struct source source = {.dir = place.dir, .path = "none"};
    struct feed *feed = feed_new();
    struct err err;

    for (size_t i = 0; readers[i]; i++) {
        cr_expect(!reader_read(readers[i], &source, feed, &err) && err.code == ERR_IO, "%s: %s",
                  readers[i]->name, err.msg);
        cr_expect(strstr(err.msg, "none"), "%s: %s", readers[i]->name, err.msg);
    }
    tmpdir_folder(&place.tmp, "folder");
    source.path = "folder";
    for (size_t i = 0; readers[i]; i++)
        cr_expect(!reader_read(readers[i], &source, feed, &err), "%s", readers[i]->name);
    feed_free(feed);
}
