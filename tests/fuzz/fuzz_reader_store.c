/*
 * Any bytes as a database, an array, an archive or the head of a model, under
 * the name that the first byte chooses. The CRC of a zip's members would keep
 * the fuzzer out: those that are stored get the right one first.
 */
#include "tests/fuzz/readers.h"

#include <zlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint32_t get(const uint8_t *p, int bytes)
{
    uint32_t value = 0;

    for (int i = bytes; i-- > 0;)
        value = value << 8 | p[i];
    return value;
}

/* Every entry of a central directory that points to bytes that are there. */
static void mend_zip(uint8_t *p, size_t n)
{
    for (size_t at = 0; at + 46 <= n; at++) {
        if (memcmp(p + at, "PK\1\2", 4) != 0)
            continue;
        uint64_t local = get(p + at + 42, 4), packed = get(p + at + 20, 4);
        if (local + 30 > n)
            continue;
        uint64_t first = local + 30 + get(p + local + 26, 2) + get(p + local + 28, 2);
        if (first + packed > n)
            continue;
        uint32_t crc = (uint32_t)crc32_z(0, p + first, packed);
        memcpy(p + at + 16, &crc, sizeof(crc));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"mlflow.db",        "chat.db",           "evaluations.npz",
                                        "eval_returns.npy", "model.safetensors", "curves.npz"};
    enum { NAMES = sizeof(names) / sizeof(names[0]) };

    if (size == 0)
        return 0;
    uint8_t *bytes = malloc(size);
    if (!bytes)
        abort();
    memcpy(bytes, data + 1, size - 1);
    const char *name = names[fuzz_format(data[0], NAMES)];
    if (str_ends(str_of(name), STR(".npz")))
        mend_zip(bytes, size - 1);
    read_as(name, bytes, size - 1);
    free(bytes);
    return 0;
}
