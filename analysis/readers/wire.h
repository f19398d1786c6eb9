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
    uint32_t number;
    enum wire_type type;
    uint64_t value;   /* of all types but bytes: as it stands, not sign-extended */
    struct str bytes; /* of WIRE_BYTES */
};

struct wire wire_of(struct str message);
bool wire_next(struct wire *wire, struct wire_field *out);

/* The first field of that number and type; false if there is none. */
bool wire_find(struct str message, uint32_t number, enum wire_type type, struct wire_field *out);
/* The bytes of a field, empty if it is not there. */
struct str wire_bytes(struct str message, uint32_t number);

/* A varint at the start of *bytes, which it is taken off; false if it does not end. */
bool wire_varint(struct str *bytes, uint64_t *value);
double wire_double(uint64_t value);
float wire_float(uint64_t value);

#endif
