#include "analysis/base/limits.h"
#include "analysis/trajectories/records.h"
#include "tests/support/tmpdir.h"

#include <criterion/criterion.h>

struct want {
    const char *name, *text, *within;
    const char *records[6]; /* "!why" for a fault */
    int64_t lines[6];
};

static void expect(const struct want *want, bool alone, int fd)
{
    struct records *records = records_new(fd, want->within, alone, NULL);
    struct record record;
    struct err err;
    size_t n = 0;

    for (; records_next(records, &record, &err); n++) {
        cr_assert(n < 6 && want->records[n], "%s: record %zu '%.*s'", want->name, n,
                  STR_FMT(record.text));
        const char *text = want->records[n];
        if (text[0] == '!')
            cr_expect(record.fault && strcmp(record.fault, text + 1) == 0, "%s: %s", want->name,
                      record.fault ? record.fault : "no fault");
        else
            cr_expect(!record.fault && str_is(record.text, text), "%s: '%.*s'", want->name,
                      STR_FMT(record.text));
        cr_expect(record.line == want->lines[n], "%s: line %lld", want->name,
                  (long long)record.line);
        char back[64];
        ssize_t got = pread(fd, back, record.text.n, (off_t)record.offset);
        cr_expect(record.fault || ((size_t)got == record.text.n &&
                                   memcmp(back, record.text.p, record.text.n) == 0),
                  "%s: the offset finds it again", want->name);
    }
    cr_expect(err.code == ERR_NONE && !want->records[n], "%s: %zu records", want->name, n);
    records_free(records);
}

static void expect_all(const struct want *rows, size_t n, bool alone)
{
    struct tmpdir dir;

    tmpdir_make(&dir);
    for (size_t i = 0; i < n; i++) {
        tmpdir_file(&dir, "f", rows[i].text);
        int fd = open(tmpdir_path(&dir, "f"), O_RDONLY | O_CLOEXEC);
        cr_assert(fd >= 0);
        expect(&rows[i], alone, fd);
        close(fd);
    }
    tmpdir_remove(&dir);
}

Test(records, every_shape_of_file)
{
    static const struct want rows[] = {
        {"empty", "", NULL, {0}, {0}},
        {"lines",
         "{\"a\":1}\n\n{\"b\":\"}\\\"\"}\n",
         NULL,
         {"{\"a\":1}", "{\"b\":\"}\\\"\"}"},
         {1, 3}},
        {"no last newline", "{\"a\":1}\n{\"b\":2}", NULL, {"{\"a\":1}", "{\"b\":2}"}, {1, 2}},
        {"a broken line costs itself",
         "{\"a\":1}\n{\"b\n{\"c\":3}\nx\n",
         NULL,
         {"{\"a\":1}", "{\"b", "{\"c\":3}", "!is not a JSON object"},
         {1, 2, 3, 4}},
        {"pretty objects",
         "{\n \"a\": 1\n}\n{\n \"b\": 2\n}\n",
         NULL,
         {"{\n \"a\": 1\n}", "{\n \"b\": 2\n}"},
         {1, 4}},
        {"array",
         "[\n {\"a\": [1]},\n {\"b\": \"]\"}\n]\n",
         NULL,
         {"{\"a\": [1]}", "{\"b\": \"]\"}"},
         {2, 3}},
        {"within",
         "{\"x\": \"t\", \"t\":\n [{\"a\":1},\n {\"t\":[2]}], \"y\": [3]}",
         "t",
         {"{\"a\":1}", "{\"t\":[2]}"},
         {2, 3}},
        {"a text of that name is no key",
         "{\"k\": \"t\", \"l\": [1]\n}",
         "t",
         {"{\"k\": \"t\", \"l\": [1]\n}"},
         {1}},
        {"cut array", "[{\"a\":1},\n{\"b\":", NULL, {"{\"a\":1}", "!ends inside a value"}, {1, 2}},
        {"byte order mark", "\xef\xbb\xbf[{\"a\":1}]", NULL, {"{\"a\":1}"}, {1}},
    };

    expect_all(rows, sizeof(rows) / sizeof(rows[0]), false);
}

Test(records, one_line_may_be_the_whole_file)
{
    static const struct want alone[] = {
        {"one line that ends",
         "{\"x\":1,\"t\":[{\"a\":1},{\"b\":2}]}\n \n",
         "t",
         {"{\"a\":1}", "{\"b\":2}"},
         {1, 1}},
        {"two lines",
         "{\"t\":[{\"a\":1}]}\n{\"t\":[{\"b\":2}]}\n",
         "t",
         {"{\"t\":[{\"a\":1}]}", "{\"t\":[{\"b\":2}]}"},
         {1, 2}},
    };
    static const struct want of_several[] = {
        {"one line", "{\"t\":[{\"a\":1}]}\n", "t", {"{\"t\":[{\"a\":1}]}"}, {1}},
    };

    expect_all(alone, 2, true);
    expect_all(of_several, 1, false);
}

/* Records around the size of a block, in all three kinds of file: nothing is cut or lost. */
Test(records, blocks_do_not_show)
{
    static const char *const frames[][3] = {
        {"", "\n", ""}, {"[", ",\n", "]"}, {"{\"t\": [", ",", "]}"}};
    struct tmpdir dir;

    tmpdir_make(&dir);
    for (size_t f = 0; f < 3; f++) {
        FILE *file = fopen(tmpdir_path(&dir, "f"), "w");
        cr_assert(file && fputs(frames[f][0], file) >= 0);
        for (int i = 0; i < 40; i++) {
            fprintf(file, "%s{\"n\":%d,\"s\":\"%*s\\\\\\\"\"}", i ? frames[f][1] : "", i,
                    (int)READ_BLOCK / 7 * (i % 9), "x");
        }
        cr_assert(fputs(frames[f][2], file) >= 0 && fclose(file) == 0);
        int fd = open(tmpdir_path(&dir, "f"), O_RDONLY | O_CLOEXEC);
        struct records *records = records_new(fd, "t", false, NULL);
        struct record record;
        struct err err;
        int n = 0;
        while (records_next(records, &record, &err)) {
            char want[16];
            snprintf(want, sizeof(want), "{\"n\":%d,", n++);
            cr_expect(!record.fault && str_starts(record.text, str_of(want)) &&
                          str_ends(record.text, STR("\\\\\\\"\"}")),
                      "kind %zu record %d", f, n);
        }
        cr_expect(n == 40 && err.code == ERR_NONE, "kind %zu: %d", f, n);
        records_free(records);
        close(fd);
    }
    tmpdir_remove(&dir);
}
