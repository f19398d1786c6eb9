/*
 * Any bytes as an event file or a .wandb file. The checksums would keep the
 * fuzzer out: the second bit of the first byte says whether they are made right first.
 */
#include "tests/fuzz/readers.h"

#include <zlib.h>

#include "analysis/readers/crc32c.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void put32(uint8_t *p, uint32_t value)
{
    memcpy(p, &value, sizeof(value));
}

static void mend_events(uint8_t *p, size_t n)
{
    while (n >= 16) {
        uint64_t length;
        memcpy(&length, p, sizeof(length));
        length %= n - 15;
        memcpy(p, &length, sizeof(length));
        put32(p + 8, crc32c_masked(crc32c(p, 8)));
        put32(p + 12 + length, crc32c_masked(crc32c(p + 12, length)));
        p += length + 16;
        n -= length + 16;
    }
}

static void mend_wandb(uint8_t *p, size_t n)
{
    static const uint8_t start[7] = {':', 'W', '&', 'B', 0xe1, 0xbe, 0};
    size_t at = sizeof(start);

    if (n > sizeof(start))
        memcpy(p, start, sizeof(start));
    while (n >= 7 && at <= n - 7) {
        size_t left = 32768 - at % 32768, most = n - at < left ? n - at : left;
        if (left < 7) {
            at += left;
            continue;
        }
        size_t length = (p[at + 4] | (size_t)p[at + 5] << 8) % (most - 6);
        p[at + 4] = (uint8_t)length;
        p[at + 5] = (uint8_t)(length >> 8);
        p[at + 6] %= 5;
        put32(p + at, (uint32_t)crc32(0, p + at + 6, (unsigned)length + 1));
        at += 7 + length;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    uint8_t *bytes = malloc(size);
    if (!bytes)
        abort();
    memcpy(bytes, data + 1, size - 1);
    bool events = fuzz_format(data[0], 2);
    if (data[0] & 2 && events)
        mend_events(bytes, size - 1);
    else if (data[0] & 2)
        mend_wandb(bytes, size - 1);
    read_as(events ? "events.out.tfevents.1700000000.host.1.0" : "run-x.wandb", bytes, size - 1);
    free(bytes);
    return 0;
}
