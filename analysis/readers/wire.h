#ifndef WIRE_H
#define WIRE_H
/*
 * Protocol buffers' wire format, field by field: no schema, no allocation.
 * Unknown fields are the caller's to ignore; groups (wire types 3 and 4) are a
 * fault, as are lengths beyond the message.
 *
 *     struct wire wire = wire_of(message);
 *     while (wire_next(&wire, &field))
 *         ...
 *     if (wire.fault)  the message is not one
 */

#include "analysis/base/str.h"

#include <stdint.h>

enum wire_type { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2, WIRE_FIXED32 = 5 };

struct wire {
    const char *p, *end;
    bool fault;
};

struct wire_field {
    uint64_t tag;     /* number and type in one, as on the wire: one load compares both */
    uint64_t value;   /* of all types but bytes: as it stands, not sign-extended */
    struct str bytes; /* of WIRE_BYTES */
};

static inline uint32_t wire_number(const struct wire_field *field)
{
    return (uint32_t)(field->tag >> 3);
}

static inline bool wire_is(const struct wire_field *field, uint32_t number, enum wire_type type)
{
    return field->tag == ((uint64_t)number << 3 | (uint64_t)type);
}

static inline bool wire_has_bytes(const struct wire_field *field)
{
    return (field->tag & 7) == WIRE_BYTES;
}

/* A varint at p: what stands behind it, NULL if it does not end within 10 bytes. */
const char *wire_long_varint(const char *p, const char *end, uint64_t *value);

static inline const char *wire_varint(const char *p, const char *end, uint64_t *value)
{
    if (p < end && (unsigned char)*p < 0x80) { /* most are of one byte */
        *value = (unsigned char)*p;
        return p + 1;
    }
    return wire_long_varint(p, end, value);
}

static inline struct wire wire_of(struct str message)
{
    return (struct wire){message.p, message.n ? message.p + message.n : message.p, false};
}

static inline bool wire_fault(struct wire *wire)
{
    wire->fault = true;
    wire->p = wire->end;
    return false;
}

/* Always inline: a field that goes through memory costs more than reading it. */
static inline __attribute__((always_inline)) bool wire_next(struct wire *wire,
                                                            struct wire_field *out)
{
    uint64_t tag, n;
    const char *p = wire->p;

    if (p >= wire->end)
        return false;
    p = wire_varint(p, wire->end, &tag);
    if (!p || tag >> 3 == 0 || tag >> 3 > UINT32_MAX)
        return wire_fault(wire);
    out->tag = tag;
    out->value = 0;
    out->bytes = (struct str){0};
    switch (tag & 7) {
    case WIRE_VARINT:
        p = wire_varint(p, wire->end, &out->value);
        break;
    case WIRE_FIXED64:
    case WIRE_FIXED32:
        n = (tag & 7) == WIRE_FIXED64 ? 8 : 4;
        if ((size_t)(wire->end - p) < n)
            return wire_fault(wire);
        memcpy(&out->value, p, n); /* little-endian, as the format has it */
        p += n;
        break;
    case WIRE_BYTES:
        p = wire_varint(p, wire->end, &n);
        if (!p || n > (size_t)(wire->end - p))
            return wire_fault(wire);
        out->bytes = (struct str){p, n};
        p += n;
        break;
    default:
        return wire_fault(wire);
    }
    if (!p)
        return wire_fault(wire);
    wire->p = p;
    return true;
}

/* The first field of that number and type; false if there is none. */
bool wire_find(struct str message, uint32_t number, enum wire_type type, struct wire_field *out);
/* The bytes of a field, empty if it is not there. */
struct str wire_bytes(struct str message, uint32_t number);

double wire_double(uint64_t value);
float wire_float(uint64_t value);

#endif
