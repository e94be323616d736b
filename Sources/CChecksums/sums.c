#include "CChecksums.h"

#include <zlib.h>

uint32_t checksum_crc32(const void *bytes, size_t count) {
  return (uint32_t)crc32_z(0, bytes, count);
}

uint32_t checksum_adler32(const void *bytes, size_t count) {
  return (uint32_t)adler32_z(1, bytes, count);
}
