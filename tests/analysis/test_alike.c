#include "analysis/alike.h"

#include <criterion/criterion.h>

enum { BYTES_MAX = 40 };

Test(alike, are_bytes_that_differ_in_their_digits_only)
{
    static const char bytes[] = "0123456789/:a-";
    unsigned seed = 7;

    for (int round = 0; round < 100000; round++) {
        char a[BYTES_MAX + 16] = "", b[BYTES_MAX + 16] = "";
        size_t n = (seed >> 8) % BYTES_MAX;
        bool want = true;
        for (size_t i = 0; i < n; i++) {
            seed = seed * 1103515245u + 12345u;
            a[i] = bytes[(seed >> 16) % (sizeof(bytes) - 1)];
            bool digit = a[i] >= '0' && a[i] <= '9', odd = (seed >> 22) % 64 == 0;
            b[i] = odd ? '/' : digit ? (char)('0' + (seed >> 24) % 10) : a[i];
            want &= !odd || a[i] == '/';
        }
        cr_assert(like_bytes(a, b, n) == want, "'%s' and '%s'", a, b);
        cr_assert(like16(a, b) == like16_plain(a, b), "'%s' and '%s'", a, b);
        seed = seed * 1103515245u + 12345u;
    }
}
