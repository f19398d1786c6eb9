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
