#include "analysis/base/number.tab.h"

#include <criterion/criterion.h>
#include <stdbool.h>

enum { LIMBS = 40 }; /* 1,280 bits; the largest here is 128 bits times 5^342, 923 */

struct big {
    uint32_t limb[LIMBS]; /* lowest first */
};

static struct big big_shifted(const struct big *a, unsigned by)
{
    struct big sum = {{0}};
    for (unsigned bit = by; bit < LIMBS * 32; bit++) {
        unsigned from = bit - by;
        sum.limb[bit / 32] |= (a->limb[from / 32] >> from % 32 & 1) << bit % 32;
    }
    return sum;
}

static struct big big_plus(const struct big *a, const struct big *b)
{
    struct big sum;
    uint64_t carry = 0;
    for (int i = 0; i < LIMBS; i++, carry >>= 32) {
        carry += (uint64_t)a->limb[i] + b->limb[i];
        sum.limb[i] = (uint32_t)carry;
    }
    return sum;
}

static struct big big_times(const struct big *a, uint32_t factor)
{
    struct big product;
    uint64_t carry = 0;
    for (int i = 0; i < LIMBS; i++, carry >>= 32) {
        carry += (uint64_t)a->limb[i] * factor;
        product.limb[i] = (uint32_t)carry;
    }
    return product;
}

static bool big_less(const struct big *a, const struct big *b)
{
    for (int i = LIMBS; i-- > 0;)
        if (a->limb[i] != b->limb[i])
            return a->limb[i] < b->limb[i];
    return false;
}

static unsigned big_bits(const struct big *a)
{
    unsigned n = LIMBS * 32;
    while (n > 0 && !(a->limb[(n - 1) / 32] >> (n - 1) % 32 & 1))
        n--;
    return n;
}

/* row * unit: the 128 bits as four limbs, from the lowest */
static struct big row_times(const uint64_t row[2], const struct big *unit)
{
    struct big sum = {{0}};
    for (unsigned i = 0; i < 4; i++) {
        struct big part = big_times(unit, (uint32_t)(row[i < 2] >> i % 2 * 32));
        part = big_shifted(&part, 32 * i);
        sum = big_plus(&sum, &part);
    }
    return sum;
}

/* With exact integers: row <= whole / unit < row + 1, or row - 1 < whole / unit < row if rounded
 * up. */
Test(number_tab, the_table_holds_the_powers_of_five_its_comment_promises)
{
    const struct big one = {{1}};
    struct big five = one; /* 5^k */

    for (int k = 0; k <= -FIVE_MIN; k++, five = big_times(&five, 5)) {
        unsigned bits = big_bits(&five);
        for (int sign = -1; sign <= 1; sign += 2) {
            int q = sign * k;
            if (q > FIVE_MAX || (k == 0 && sign < 0))
                continue;
            /* 5^q 2^128 in units of 2^bits, or 2^(bits + 127) in units of 5^k */
            struct big whole = q < 0 ? big_shifted(&one, bits + 127) : big_shifted(&five, 128);
            struct big unit = q < 0 ? five : big_shifted(&one, bits);
            const uint64_t *row = fives[q - FIVE_MIN];
            struct big product = row_times(row, &unit);
            bool up = q < 0 && q >= -27;
            const struct big *less = up ? &whole : &product, *more = up ? &product : &whole;
            struct big above = big_plus(less, &unit);
            cr_expect(row[0] >> 63 == 1, "5^%d: the highest bit", q);
            cr_expect(!big_less(more, less) && big_less(more, &above), "5^%d", q);
        }
    }
}
