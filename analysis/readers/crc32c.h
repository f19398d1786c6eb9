#ifndef CRC32C_H
#define CRC32C_H
/*
 * CRC-32C (Castagnoli), RFC 3720 B.4, reflected polynomial 0x82f63b78, as
 * TFRecord and LevelDB use it. With SSE4.2, where the processor has it, else
 * eight tables of bytes ("slicing by 8", Kounavis and Berry 2005); both give
 * the same.
 */

#include <stddef.h>
#include <stdint.h>

uint32_t crc32c(const void *bytes, size_t n);
uint32_t crc32c_plain(const void *bytes, size_t n); /* without special instructions */

/* How TFRecord stores it: a CRC of bytes that hold a CRC would be weak. */
static inline uint32_t crc32c_masked(uint32_t crc)
{
    return ((crc >> 15) | (crc << 17)) + UINT32_C(0xa282ead8);
}

#endif
