#ifndef CCHECKSUMS_H
#define CCHECKSUMS_H

#include <stddef.h>
#include <stdint.h>

/// The SHA-1 (FIPS 180-4, section 6.1) of `head` followed by `body`.
void checksum_sha1(const void *head, size_t head_count, const void *body, size_t body_count,
                   uint8_t digest[20]);

/// The CRC-32 of RFC 1952, section 8.
uint32_t checksum_crc32(const void *bytes, size_t count);

/// The Adler-32 of RFC 1950, section 8.2.
uint32_t checksum_adler32(const void *bytes, size_t count);

#endif
