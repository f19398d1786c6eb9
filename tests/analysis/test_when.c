#include "analysis/when.h"

#include <criterion/criterion.h>
#include <math.h>

/* `date -u -d … +%s` gives the seconds. */
Test(when, reads_the_times_that_programs_write)
{
    static const struct {
        const char *text;
        int64_t ms;
        bool zone;
    } rows[] = {
        {"1970-01-01T00:00:00Z", 0, true},
        {"2024-06-01T00:00:00+00:00", 1717200000000, true},
        {"2024-06-01T02:00:00+02:00", 1717200000000, true},
        {"2024-05-31T18:30:00-0530", 1717200000000, true},
        {"2024-06-01", 1717200000000, false},
        {"20240601T000000", 1717200000000, false},
        {"2024-06-01 00:00:00.123456", 1717200000123, false},
        {"2024-02-29T12:00:00Z", 1709208000000, true},
        {"1969-12-31T23:59:59.5Z", -500, true},
        {"0001-01-01T00:00:00Z", -62135596800000, true},
        {"9999-12-31T23:59:59.999Z", 253402300799999, true},
        {" 2024-06-01T00:00Z ", 1717200000000, true},
        {"2024-05-31T24:00:00Z", 1717200000000, true},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int64_t ms = 1;
        bool zone = !rows[i].zone;
        cr_expect(when_read(str_of(rows[i].text), &ms, &zone), "%s", rows[i].text);
        cr_expect(ms == rows[i].ms && zone == rows[i].zone, "%s: %lld", rows[i].text,
                  (long long)ms);
    }
}

Test(when, refuses_what_is_no_time)
{
    static const char *const rows[] = {"",
                                       "2024",
                                       "2024-13-01",
                                       "2024-02-30",
                                       "2023-02-29",
                                       "1900-02-29",
                                       "2024-06-01T25:00",
                                       "2024-06-01T10:61:00",
                                       "2024-06-01Tx",
                                       "2024-06-01T10:00:00+",
                                       "2024-06-01T10:00:00Zzz",
                                       "0000-01-01",
                                       "yesterday",
                                       "2024-06-01T24:00:01Z",
                                       "2024-6-1",
                                       "-2024-06-01"};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int64_t ms = 7;
        cr_expect(!when_read(str_of(rows[i]), &ms, NULL) && ms == 7, "'%s'", rows[i]);
    }
}

/* T-09: below 1e10 seconds, never doubled. */
Test(when, tells_seconds_from_milliseconds)
{
    static const struct {
        double value;
        bool ok;
        int64_t ms;
    } rows[] = {
        {1707900000, true, 1707900000000},
        {1707900000000, true, 1707900000000},
        {1707900000.5, true, 1707900000500},
        {0, true, 0},
        {9999999999.0, true, 9999999999000},
        {1e10, true, 10000000000},
        {NAN, false, 0},
        {INFINITY, false, 0},
        {1e18, false, 0},
        {-1e18, false, 0},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int64_t ms = 0;
        cr_expect(when_number(rows[i].value, &ms) == rows[i].ok && ms == rows[i].ms, "%g: %lld",
                  rows[i].value, (long long)ms);
    }
}

Test(when, an_id_begins_with_its_time)
{
    int64_t ms;

    cr_expect(when_in_id(STR("20241025-104710-commit_nogit-config_27feb538a6"), &ms) &&
              ms == 1729853230000);
    cr_expect(when_in_id(STR("20241025-104710"), &ms));
    cr_expect(!when_in_id(STR("20241025-1047100"), &ms), "seven digits of time");
    cr_expect(!when_in_id(STR("20241325-104710-x"), &ms), "month 13");
    cr_expect(!when_in_id(STR("run-20241025-104710"), &ms));
    cr_expect(!when_in_id(STR(""), &ms));
}

Test(when, prints_what_it_reads)
{
    static const int64_t rows[] = {0,
                                   -1,
                                   -500,
                                   1717200000000,
                                   951782400000 /* 2000-02-29 */,
                                   253402300799999,
                                   -62135596800000,
                                   4102444799001};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[WHEN_TEXT_MAX];
        int64_t back = 7;
        size_t n = when_print(rows[i], text);
        cr_expect(n == strlen(text) && when_read(str_of(text), &back, NULL) && back == rows[i],
                  "%lld: %s", (long long)rows[i], text);
    }
    char text[WHEN_TEXT_MAX];
    when_print(951782400000, text);
    cr_expect_str_eq(text, "2000-02-29T00:00:00Z");
    when_print(-1, text);
    cr_expect_str_eq(text, "1969-12-31T23:59:59.999Z");
}
