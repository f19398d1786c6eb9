#ifndef SHAPE_H
#define SHAPE_H
/*
 * What a struct looks like as JSON, said once: from one table of fields come
 * the JSON Schema, validation with sentences, defaults, the decoded struct, the
 * encoded answer and the manual. A field's C type is checked against its kind
 * when the table compiles.
 *
 * Left out or unknown: NULL for strings, objects and raw text, NOT_GIVEN for
 * integers, NAN for numbers. When encoding, such a field is left out, or null
 * if it is `.nullable`.
 */

#include "analysis/base/json.h"

#define NOT_GIVEN INT64_MIN

struct strs {
    const char *const *v;
    size_t n;
};

struct list {
    const void *items; /* an array of the struct that `.of` describes */
    size_t n;
};

enum field_kind {
    FIELD_BOOL, /* bool */
    FIELD_INT,  /* int64_t */
    FIELD_NUM,  /* double, finite */
    FIELD_STR,  /* const char * */
    FIELD_STRS, /* struct strs */
    FIELD_ONE,  /* const void *: one struct of shape `.of` */
    FIELD_LIST, /* struct list of structs of shape `.of` */
    FIELD_RAW,  /* struct str: finished JSON text, copied as it is */
};

struct field {
    const char *name, *doc;
    enum field_kind kind;
    size_t offset;
    bool required;         /* arguments: must be given; results: always there */
    bool nullable;         /* results: null instead of left out */
    bool has_min, has_max; /* so that 0 is a bound and a value */
    bool has_def;
    double min, max, def;
    const char *def_text;      /* FIELD_STR */
    const char *const *one_of; /* FIELD_STR: NULL-ended */
    const struct shape *of;    /* FIELD_ONE, FIELD_LIST */
    const char *type;          /* FIELD_RAW: "object", "array" … NULL: any value */
};

struct shape {
    const struct field *fields;
    size_t n, size; /* of the struct */
};

#define SHAPE(type, table)                                                                         \
    {                                                                                              \
        .fields = (table), .n = sizeof(table) / sizeof((table)[0]), .size = sizeof(type)           \
    }

/* The member's C type is checked against the kind when this compiles. */
#define FIELD_AS(type_, member, ctype, kind_, ...)                                                 \
    {                                                                                              \
        .name = #member, .kind = kind_,                                                            \
        .offset = _Generic(((type_ *)0)->member, ctype                                             \
                           : offsetof(type_, member)),                                             \
        __VA_ARGS__                                                                                \
    }
#define F_BOOL(t, m, ...) FIELD_AS(t, m, bool, FIELD_BOOL, __VA_ARGS__)
#define F_INT(t, m, ...) FIELD_AS(t, m, int64_t, FIELD_INT, __VA_ARGS__)
#define F_NUM(t, m, ...) FIELD_AS(t, m, double, FIELD_NUM, __VA_ARGS__)
#define F_STR(t, m, ...) FIELD_AS(t, m, const char *, FIELD_STR, __VA_ARGS__)
#define F_STRS(t, m, ...) FIELD_AS(t, m, struct strs, FIELD_STRS, __VA_ARGS__)
#define F_ONE(t, m, ...) FIELD_AS(t, m, const void *, FIELD_ONE, __VA_ARGS__)
#define F_LIST(t, m, ...) FIELD_AS(t, m, struct list, FIELD_LIST, __VA_ARGS__)
#define F_RAW(t, m, ...) FIELD_AS(t, m, struct str, FIELD_RAW, __VA_ARGS__)

/*
 * Fills *out (of shape->size bytes) from an object; NULL stands for {}. Strings
 * are copied into the arena; raw fields borrow the text the object was read
 * from. On failure err (ERR_ARGUMENT) names the argument and what is allowed.
 */
NODISCARD bool shape_decode(const struct shape *shape, const struct json *object,
                            struct arena *arena, void *out, struct err *err);

/* Writes the struct as one JSON object, members in table order. */
void shape_encode(const struct shape *shape, const void *in, struct buf *buf);

/* The JSON Schema of arguments: everything a caller must know. */
void shape_schema_in(const struct shape *shape, struct buf *buf);
/* The JSON Schema of a result: types and `required`, to depth 2. */
void shape_schema_out(const struct shape *shape, struct buf *buf);

/* "a string", "a whole number" … for the manual and for errors. */
const char *shape_type_name(const struct field *field);

#endif
