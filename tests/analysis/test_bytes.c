#include "analysis/bytes.h"

#include <criterion/criterion.h>

/* Bytes that may be read for more than are meant. */
struct padded {
    char p[64 + BYTES_AHEAD];
};

static struct padded pad(const char *text)
{
    struct padded out = {0};

    memcpy(out.p, text, strlen(text));
    return out;
}

Test(bytes, comparing_sees_every_byte_and_none_behind)
{
    const struct padded a = pad("0123456789abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJ");

    for (size_t n = 0; n <= 50; n++) {
        struct padded b = a;
        b.p[n] ^= 1;
        cr_expect(same_bytes(a.p, b.p, n), "%zu bytes", n);
        for (size_t i = 0; i < n; i++) {
            b = a;
            b.p[i] ^= 1;
            cr_expect(!same_bytes(a.p, b.p, n), "byte %zu of %zu", i, n);
            if (n < 16)
                cr_expect(!same_short_plain(a.p, b.p, n), "byte %zu of %zu", i, n);
            if (i < 16)
                cr_expect(!same16_plain(a.p, b.p));
        }
        if (n < 16) {
            b = a;
            b.p[n] ^= 1;
            cr_expect(same_short_plain(a.p, b.p, n), "%zu bytes", n);
        }
    }
}

Test(bytes, going_over_a_number_is_what_number_skip_does)
{
    static const char *const rows[] = {
        "0",
        "-0",
        "1",
        "01",
        "00.5",
        "0.5",
        "-0.5",
        "0.",
        ".5",
        "1.5.5",
        "1..5",
        "-",
        "--1",
        "+1",
        "",
        "12345678901234567890",
        "1234567890.1234567890",
        "12345678901234567890123456789012345",
        "0.12345678901234567890123456789",
        "0.1234567890123456789012345678901",
        "1e5",
        "1E+5",
        "1e-5",
        "1e",
        "1e+",
        "1.5e-300",
        "1ee5",
        "1e5e5",
        "1.e5",
        "-1.25e-3",
        "1e12345678901234567890",
        "9",
        "123456789012345",
        "1234567890123456",
        "12345678901234567",
        "NaN",
        "x",
        "1x",
        "1 ",
        "-x",
        "e5",
        "3.0000000000000004e-08",
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct padded text = pad(rows[i]);
        size_t n = strlen(rows[i]), want = number_skip((struct str){text.p, n});
        cr_expect(number_pass(text.p, text.p + n) == want, "'%s': %zu, not %zu", rows[i],
                  number_pass(text.p, text.p + n), want);
        cr_expect(number_pass_plain(text.p, text.p + n) == want, "'%s'", rows[i]);
    }
}

Test(bytes, going_over_random_bytes_is_what_number_skip_does)
{
    static const char bytes[] = "0123456789.-+eE,}";
    unsigned seed = 1;

    for (int round = 0; round < 200000; round++) {
        struct padded text = {0};
        size_t n = (seed >> 8) % 40;
        for (size_t i = 0; i < n; i++) {
            seed = seed * 1103515245u + 12345u;
            text.p[i] = bytes[(seed >> 16) % ((seed >> 28) ? 11 : sizeof(bytes) - 1)];
        }
        size_t want = number_skip((struct str){text.p, n}), got = number_pass(text.p, text.p + n);
        cr_assert(got == want, "'%s': %zu, not %zu", text.p, got, want);
        seed = seed * 1103515245u + 12345u;
    }
}
