#include "analysis/readers/crc32c.h"

#include <string.h>

#include "analysis/readers/crc32c.tab.h"

uint32_t crc32c_plain(const void *bytes, size_t n)
{
    const unsigned char *p = bytes;
    uint32_t crc = UINT32_MAX;

    for (; n >= 8; n -= 8, p += 8) {
        uint64_t eight;
        memcpy(&eight, p, 8);
        eight ^= crc;
        crc = table[7][eight & 255] ^ table[6][eight >> 8 & 255] ^ table[5][eight >> 16 & 255] ^
              table[4][eight >> 24 & 255] ^ table[3][eight >> 32 & 255] ^
              table[2][eight >> 40 & 255] ^ table[1][eight >> 48 & 255] ^ table[0][eight >> 56];
    }
    for (; n > 0; n--, p++)
        crc = crc >> 8 ^ table[0][(crc ^ *p) & 255];
    return ~crc;
}

#if defined(__x86_64__) && __has_include(<sys/platform/x86.h>)
#include <nmmintrin.h>
#include <sys/platform/x86.h>

__attribute__((target("sse4.2"))) static uint32_t crc32c_sse42(const void *bytes, size_t n)
{
    const unsigned char *p = bytes;
    uint64_t crc = UINT32_MAX;

    for (; n >= 8; n -= 8, p += 8) {
        uint64_t eight;
        memcpy(&eight, p, 8);
        crc = _mm_crc32_u64(crc, eight);
    }
    uint32_t low = (uint32_t)crc;
    for (; n > 0; n--, p++)
        low = _mm_crc32_u8(low, *p);
    return ~low;
}

/*
 * What the loader has found out is asked: the compiler's own question would be put to the processor
 * at each start of the program, whether or not a checksum is ever computed, and in a virtual
 * machine each of its CPUID instructions is a trap.
 */
uint32_t crc32c(const void *bytes, size_t n)
{
    return CPU_FEATURE_ACTIVE(SSE4_2) ? crc32c_sse42(bytes, n) : crc32c_plain(bytes, n);
}

#else

uint32_t crc32c(const void *bytes, size_t n)
{
    return crc32c_plain(bytes, n);
}

#endif
