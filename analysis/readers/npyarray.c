#include "analysis/readers/npyarray.h"

#include <math.h>

#include "analysis/base/number.h"

enum { MAGIC_BYTES = 8 };

/* What stands behind `'name':` in the header, a Python dictionary. */
static struct str value_of(struct str header, const char *name)
{
    const char *at = memmem(header.p, header.n, name, strlen(name));

    if (!at)
        return (struct str){0};
    struct str rest = str_from(header, (size_t)(at - header.p) + strlen(name));
    const char *colon = rest.n ? memchr(rest.p, ':', rest.n) : NULL;
    return colon ? str_trim(str_from(rest, (size_t)(colon - rest.p) + 1)) : (struct str){0};
}

static bool take_descr(struct npyarray *array, struct str text, struct err *err)
{
    if (text.n < 5 || (*text.p != '\'' && *text.p != '"'))
        return err_set(err, ERR_FORMAT, "its elements are records, not numbers");
    char order = text.p[1];
    array->kind = text.p[2];
    array->bytes = text.p[3] - '0';
    if (array->kind == 'O' || order == 'O')
        return err_set(err, ERR_FORMAT,
                       "its elements are Python objects, that is a pickle, which is never opened");
    if (!strchr("<>|=", order) || !strchr("fiub", array->kind) || !array->kind ||
        (text.p[4] != '\'' && text.p[4] != '"'))
        return err_set(err, ERR_FORMAT, "its elements are no numbers that are read ('%.*s')",
                       STR_FMT(str_cut(str_from(text, 1), 4)));
    array->big_endian = order == '>';
    bool good = array->kind == 'f'   ? array->bytes == 2 || array->bytes == 4 || array->bytes == 8
                : array->kind == 'b' ? array->bytes == 1
                                     : array->bytes == 1 || array->bytes == 2 ||
                                           array->bytes == 4 || array->bytes == 8;
    return good || err_set(err, ERR_FORMAT, "its numbers have %d bytes", array->bytes);
}

static bool take_shape(struct npyarray *array, struct str text, struct err *err)
{
    array->n = 1;
    if (text.n == 0 || *text.p != '(')
        return err_set(err, ERR_FORMAT, "it has no shape");
    for (text = str_from(text, 1); text.n > 0 && *text.p != ')';) {
        double value = 0;
        size_t n = number_read(text, &value), size = value > 0 && value < 1e15 ? (size_t)value : 0;
        if (n == 0) {
            text = str_from(text, 1); /* a comma or a blank */
            continue;
        }
        if (array->dimensions == NPY_DIMENSIONS_MAX || value < 0 || value >= 1e15 ||
            __builtin_mul_overflow(array->n, size, &array->n) || array->n > SIZE_MAX / 16)
            return err_set(err, ERR_FORMAT, "its shape is not one that is read");
        array->shape[array->dimensions++] = size;
        text = str_from(text, n);
    }
    return true;
}

bool npyarray_open(struct npyarray *array, struct str file, struct err *err)
{
    *array = (struct npyarray){0};
    if (file.n < MAGIC_BYTES + 4 || memcmp(file.p, "\x93NUMPY", 6) != 0)
        return err_set(err, ERR_FORMAT, "it does not begin as NumPy's files do");
    const unsigned char *p = (const unsigned char *)file.p;
    size_t length = p[8] | (size_t)p[9] << 8, start = MAGIC_BYTES + 2;
    if (p[6] >= 2) {
        length |= (size_t)p[10] << 16 | (size_t)p[11] << 24;
        start += 2;
    }
    if (p[6] < 1 || p[6] > 3 || length > file.n - start)
        return err_set(err, ERR_FORMAT, "its header is cut off or of an unknown version");
    struct str header = {file.p + start, length};
    array->fortran = str_starts(value_of(header, "'fortran_order'"), STR("True"));
    array->data = str_from(file, start + length);
    return take_descr(array, value_of(header, "'descr'"), err) &&
           take_shape(array, value_of(header, "'shape'"), err);
}

size_t npyarray_there(const struct npyarray *array)
{
    size_t whole = array->data.n / (size_t)array->bytes;

    return whole < array->n ? whole : array->n;
}

/* IEEE 754 binary16: 1 sign, 5 exponent, 10 fraction bits. */
static double half(uint64_t bits)
{
    int exponent = (int)(bits >> 10 & 31);
    double fraction = (double)(bits & 1023), value;

    if (exponent == 31)
        value = fraction > 0 ? (double)NAN : (double)INFINITY;
    else
        value = exponent == 0 ? ldexp(fraction, -24) : ldexp(fraction + 1024, exponent - 25);
    return bits >> 15 ? -value : value;
}

double npyarray_at(const struct npyarray *array, size_t i)
{
    const unsigned char *p = (const unsigned char *)array->data.p + i * (size_t)array->bytes;
    uint64_t bits = 0;
    double real;
    float single;

    for (int k = 0; k < array->bytes; k++)
        bits |= (uint64_t)p[array->big_endian ? array->bytes - 1 - k : k] << (8 * k);
    if (array->kind == 'f' && array->bytes == 8) {
        memcpy(&real, &bits, sizeof(real));
        return real;
    }
    if (array->kind == 'f' && array->bytes == 4) {
        uint32_t low = (uint32_t)bits;
        memcpy(&single, &low, sizeof(single));
        return (double)single;
    }
    if (array->kind == 'f')
        return half(bits);
    if (array->kind != 'i')
        return (double)bits;
    int shift = 64 - 8 * array->bytes;
    return (double)((int64_t)(bits << shift) >> shift);
}
