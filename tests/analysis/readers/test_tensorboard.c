#include "analysis/base/buf.h"
#include "analysis/readers/crc32c.h"
#include "analysis/readers/wire.h"
#include "tests/support/place.h"

#include <math.h>

#define CASES "tests/analysis/readers/cases/tensorboard/"
#define NAME "events.out.tfevents.1700000000.node.7.0"

static struct place place;

static void set_up(void)
{
    place_init(&place);
}

static void tear_down(void)
{
    place_fini(&place);
}

TestSuite(tensorboard, .init = set_up, .fini = tear_down);

Test(crc32c, gives_the_vectors_of_rfc_3720_either_way)
{
    unsigned char bytes[32];
    static const struct {
        const char *what;
        int first, by;
        uint32_t crc;
    } rows[] = {{"zeros", 0, 0, 0x8a9136aa},
                {"ones", 255, 0, 0x62a8ab43},
                {"rising", 0, 1, 0x46dd794e},
                {"falling", 31, -1, 0x113fdb5c}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (int k = 0; k < 32; k++)
            bytes[k] = (unsigned char)(rows[i].first + k * rows[i].by);
        cr_expect(crc32c(bytes, 32) == rows[i].crc, "%s", rows[i].what);
        cr_expect(crc32c_plain(bytes, 32) == rows[i].crc, "%s, plainly", rows[i].what);
    }
    cr_expect(crc32c("123456789", 9) == 0xe3069283);
    for (size_t n = 0; n < 32; n++)
        cr_expect(crc32c(bytes, n) == crc32c_plain(bytes, n), "%zu bytes", n);
}

Test(wire, reads_each_type_and_stops_at_what_is_none)
{
    const struct {
        const char *what;
        struct str bytes;
        size_t fields;
        bool fault;
    } rows[] = {
        {"nothing", STR(""), 0, false},
        {"a varint of two bytes", STR("\x08\x96\x01"), 1, false},
        {"64 bits, a text, 32 bits", STR("\x09\1\2\3\4\5\6\7\x08\x12\3abc\x1d\1\2\3\4"), 3, false},
        {"a length beyond the end", STR("\x12\4abc"), 0, true},
        {"a varint that does not end", STR("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"), 0,
         true},
        {"a group", STR("\x0b\x0c"), 0, true},
        {"field number 0", STR("\x00\x01"), 0, true},
        {"32 bits of which one is missing", STR("\x0d\1\2\3"), 0, true},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct wire wire = wire_of(rows[i].bytes);
        struct wire_field field;
        size_t n = 0;
        while (wire_next(&wire, &field))
            n++;
        cr_expect(n == rows[i].fields && wire.fault == rows[i].fault, "%s: %zu fields",
                  rows[i].what, n);
    }
    struct wire_field field;
    cr_expect(wire_find(STR("\x08\x96\x01"), 1, WIRE_VARINT, &field) && field.value == 150);
}

static uint64_t length_at(struct str file, size_t at)
{
    uint64_t n;

    memcpy(&n, file.p + at, sizeof(n));
    return n;
}

/* Where each record begins, and the end. */
static size_t records_of(struct str file, size_t *starts, size_t max)
{
    size_t n = 0, at = 0;

    while (at < file.n && n < max) {
        starts[n++] = at;
        at += length_at(file, at) + 16;
    }
    starts[n] = at;
    return n;
}

Test(tensorboard, cut_at_every_byte_of_the_last_record_keeps_the_others)
{
    struct str file = place_slurp(&place.arena, CASES "tf1/input.tfevents");
    size_t starts[200], n = records_of(file, starts, 199);
    size_t all = fed_points(place_read(&place, NAME, file), "strict/foo", &place.arena).n;

    for (size_t cut = starts[n - 1]; cut < file.n; cut++) {
        const struct fed *fed = place_read(&place, NAME, str_cut(file, cut));
        cr_assert(fed && place.ok, "cut at %zu", cut);
        cr_expect(fed_points(fed, "strict/foo", &place.arena).n == all - 1, "cut at %zu", cut);
        cr_expect(fed->damage_n == (cut > starts[n - 1]), "cut at %zu", cut);
    }
}

Test(tensorboard, a_flipped_bit_costs_one_record_or_what_is_behind_a_length)
{
    struct str file = place_slurp(&place.arena, CASES "tf1/input.tfevents");
    size_t starts[200], n = records_of(file, starts, 199);
    size_t all = fed_points(place_read(&place, NAME, file), "strict/foo", &place.arena).n;

    for (size_t i = 1; i < n; i++) {
        size_t length = starts[i + 1] - starts[i];
        char *bytes = arena_text(&place.arena, file);
        bytes[starts[i] + 12 + i % (length - 12)] ^= (char)(1 << i % 8); /* its data or their CRC */
        const struct fed *fed = place_read(&place, NAME, (struct str){bytes, file.n});
        cr_expect(fed_points(fed, "strict/foo", &place.arena).n == all - 1, "data of record %zu",
                  i);
        cr_expect(fed->damage_n == 1, "data of record %zu", i);

        bytes = arena_text(&place.arena, file);
        bytes[starts[i] + i % 12] ^= (char)(1 << i % 8);
        fed = place_read(&place, NAME, (struct str){bytes, file.n});
        cr_expect(fed_points(fed, "strict/foo", &place.arena).n == all - (n - i),
                  "length of record %zu", i);
        cr_expect(fed->damage_n == 1 && place.ok, "length of record %zu", i);
    }
}

static void put_record(struct buf *file, struct str data)
{
    uint64_t length = data.n;
    uint32_t crc = crc32c_masked(crc32c(&length, sizeof(length)));

    buf_add(file, (struct str){(const char *)&length, sizeof(length)});
    buf_add(file, (struct str){(const char *)&crc, sizeof(crc)});
    crc = crc32c_masked(crc32c(data.p, data.n));
    buf_add(file, data);
    buf_add(file, (struct str){(const char *)&crc, sizeof(crc)});
}

/* The message with `value` in the place of FFFF as a float, or of DDDDDDDD as a double. */
static struct str filled(struct str message, double value, struct arena *arena)
{
    char *out = arena_text(arena, message);
    char *single = memmem(out, message.n, "FFFF", 4), *whole = memmem(out, message.n, "DDDD", 4);
    float f = (float)value;

    if (single)
        memcpy(single, &f, sizeof(f));
    if (whole)
        memcpy(whole, &value, sizeof(value));
    return (struct str){out, message.n};
}

/* An event of time 1.0 and that step; usual: the summary last, as writers have it. */
static void put_event(struct buf *file, uint8_t step, bool usual, struct str value)
{
    static const char time[] = "\x09\0\0\0\0\0\0\xf0\x3f";
    const char steps[] = {0x10, (char)step};
    struct buf data = {0};

    if (usual) {
        buf_add(&data, (struct str){time, 9});
        buf_add(&data, (struct str){steps, 2});
    }
    buf_byte(&data, 0x2a);
    buf_byte(&data, (char)(value.n + 2));
    buf_byte(&data, 0x0a);
    buf_byte(&data, (char)value.n);
    buf_add(&data, value);
    if (!usual) {
        buf_add(&data, (struct str){steps, 2});
        buf_add(&data, (struct str){time, 9});
    }
    put_record(file, buf_str(&data));
    buf_fini(&data);
}

#define TENSOR(fields, n) "\x0a\1a\x42" n fields
#define PLUGIN(name) "\x4a\x0b\x0a\x09\x0a\x07" name

Test(tensorboard, a_tag_may_be_written_in_any_way_after_any_other)
{
    const struct {
        const char *what;
        struct str message;
        double value;
        const char *tag; /* NULL: it is no scalar */
    } rows[] = {
        {"a number",
         STR("\x0a\1a\x15"
             "FFFF"),
         0.5, "a"},
        {"the same",
         STR("\x0a\1a\x15"
             "FFFF"),
         0.25, "a"},
        {"the number first",
         STR("\x15"
             "FFFF\x0a\1a"),
         2, "a"},
        {"the same",
         STR("\x15"
             "FFFF\x0a\1a"),
         4, "a"},
        {"another tag of that length",
         STR("\x15"
             "FFFF\x0a\1b"),
         8, "b"},
        {"no number is one",
         STR("\x15"
             "FFFF\x0a\1a"),
         NAN, "a"},
        {"a tensor", STR(TENSOR("\x08\1\x12\0\x22\4FFFF", "\x0a")), 1.5, "a"},
        {"the same", STR(TENSOR("\x08\1\x12\0\x22\4FFFF", "\x0a")), -1.5, "a"},
        {"a tensor of a double",
         STR(TENSOR("\x08\2\x12\0\x22\x08"
                    "DDDDDDDD",
                    "\x0e")),
         0.1, "a"},
        {"the same",
         STR(TENSOR("\x08\2\x12\0\x22\x08"
                    "DDDDDDDD",
                    "\x0e")),
         0.2, "a"},
        {"its value packed", STR(TENSOR("\x08\1\x12\0\x2a\4FFFF", "\x0a")), 3, "a"},
        {"the same", STR(TENSOR("\x08\1\x12\0\x2a\4FFFF", "\x0a")), 5, "a"},
        {"twice: the last counts",
         STR("\x0a\1a\x15\0\0\x80?\x15"
             "FFFF"),
         7, "a"},
        {"twice, another first",
         STR("\x0a\1a\x15\0\0\x80@\x15"
             "FFFF"),
         9, "a"},
        {"of a plugin", STR(TENSOR("\x08\1\x12\0\x22\4FFFF", "\x0a") PLUGIN("scalars")), 11, "a"},
        {"of another plugin", STR(TENSOR("\x08\1\x12\0\x22\4FFFF", "\x0a") PLUGIN("imagery")), 1,
         NULL},
        {"a number of a plugin of that length",
         STR("\x0a\1a\x15"
             "FFFF" PLUGIN("imagery")),
         1, NULL},
    };
    enum { ROWS = sizeof(rows) / sizeof(rows[0]) };
    struct buf file = {0};

    put_record(&file, STR("\x09\0\0\0\0\0\0\xf0\x3f\x1a\x0d"
                          "brain.Event:2"));
    for (uint8_t i = 0; i < ROWS; i++)
        put_event(&file, (uint8_t)(i + 1), i % 3 != 1,
                  filled(rows[i].message, rows[i].value, &place.arena));
    const struct fed *fed = place_read(&place, NAME, buf_str(&file));
    cr_assert(fed && place.ok && fed->damage_n == 0, "%s", place.bid.why);
    size_t at[2] = {0};
    for (size_t i = 0; i < ROWS; i++) {
        if (!rows[i].tag)
            continue;
        struct fed_points points = fed_points(fed, rows[i].tag, &place.arena);
        size_t k = at[*rows[i].tag - 'a']++;
        cr_assert(k < points.n, "%s: no point", rows[i].what);
        cr_expect(points.step[k] == (int64_t)i + 1, "%s: step %d", rows[i].what,
                  (int)points.step[k]);
        cr_expect(points.value[k] == rows[i].value ||
                      (isnan(points.value[k]) && isnan(rows[i].value)),
                  "%s: %g", rows[i].what, points.value[k]);
    }
    cr_expect(fed_points(fed, "a", &place.arena).n == at[0] && at[0] == ROWS - 3);
    buf_fini(&file);
}

Test(tensorboard, a_summary_that_is_longer_than_its_event_is_damage)
{
    struct buf file = {0};

    put_record(&file, STR("\x09\0\0\0\0\0\0\xf0\x3f\x1a\x0d"
                          "brain.Event:2"));
    put_event(&file, 1, true, STR("\x0a\1a\x15\0\0\x80?"));
    put_record(&file, STR("\x09\0\0\0\0\0\0\xf0\x3f\x10\2\x2a\x0b\x0a\x08\x0a\1a\x15\0\0\x80?"));
    const struct fed *fed = place_read(&place, NAME, buf_str(&file));
    cr_assert(fed && place.ok);
    cr_expect(fed->damage_n == 1 && fed_points(fed, "a", &place.arena).n == 1);
    buf_fini(&file);
}
