#include "analysis/readers/wire.h"

#include <assert.h>

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "fixed fields are copied");

/* What is beyond 64 bits falls off, as in every implementation. */
const char *wire_long_varint(const char *p, const char *end, uint64_t *value)
{
    uint64_t sum = 0;

    for (unsigned shift = 0; p < end && shift < 70; shift += 7) {
        uint64_t byte = (unsigned char)*p++;
        if (shift < 64)
            sum |= (byte & 0x7f) << shift;
        if (byte < 0x80) {
            *value = sum;
            return p;
        }
    }
    return NULL;
}

bool wire_find(struct str message, uint32_t number, enum wire_type type, struct wire_field *out)
{
    struct wire wire = wire_of(message);

    while (wire_next(&wire, out)) {
        if (wire_is(out, number, type))
            return true;
    }
    return false;
}

struct str wire_bytes(struct str message, uint32_t number)
{
    struct wire_field field;

    return wire_find(message, number, WIRE_BYTES, &field) ? field.bytes : (struct str){0};
}

double wire_double(uint64_t value)
{
    double out;

    memcpy(&out, &value, sizeof(out));
    return out;
}

float wire_float(uint64_t value)
{
    uint32_t bits = (uint32_t)value;
    float out;

    memcpy(&out, &bits, sizeof(out));
    return out;
}
