#include "analysis/readers/wire.h"

struct wire wire_of(struct str message)
{
    return (struct wire){message.p, message.p + message.n, false};
}

/* 10 bytes at most; what is beyond 64 bits falls off, as in every implementation. */
static const char *varint(const char *p, const char *end, uint64_t *value)
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

bool wire_varint(struct str *bytes, uint64_t *value)
{
    const char *p = varint(bytes->p, bytes->p + bytes->n, value);

    if (!p)
        return false;
    *bytes = str_from(*bytes, (size_t)(p - bytes->p));
    return true;
}

static bool fault(struct wire *wire)
{
    wire->fault = true;
    wire->p = wire->end;
    return false;
}

/* Little-endian, as the format has it. */
static uint64_t fixed(const char *p, size_t n)
{
    uint64_t value = 0;

    for (size_t i = n; i-- > 0;)
        value = value << 8 | (unsigned char)p[i];
    return value;
}

bool wire_next(struct wire *wire, struct wire_field *out)
{
    uint64_t tag, n;
    const char *p = wire->p;

    if (p >= wire->end)
        return false;
    p = varint(p, wire->end, &tag);
    if (!p || tag >> 3 == 0 || tag >> 3 > UINT32_MAX)
        return fault(wire);
    *out = (struct wire_field){.number = (uint32_t)(tag >> 3), .type = (enum wire_type)(tag & 7)};
    size_t left = (size_t)(wire->end - p);
    switch (tag & 7) {
    case WIRE_VARINT:
        p = varint(p, wire->end, &out->value);
        if (!p)
            return fault(wire);
        break;
    case WIRE_FIXED64:
    case WIRE_FIXED32:
        n = (tag & 7) == WIRE_FIXED64 ? 8 : 4;
        if (left < n)
            return fault(wire);
        out->value = fixed(p, n);
        p += n;
        break;
    case WIRE_BYTES:
        p = varint(p, wire->end, &n);
        if (!p || n > (size_t)(wire->end - p))
            return fault(wire);
        out->bytes = (struct str){p, n};
        p += n;
        break;
    default:
        return fault(wire);
    }
    wire->p = p;
    return true;
}

bool wire_find(struct str message, uint32_t number, enum wire_type type, struct wire_field *out)
{
    struct wire wire = wire_of(message);

    while (wire_next(&wire, out)) {
        if (out->number == number && out->type == type)
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
