#define OPENSSL_SUPPRESS_DEPRECATED
#include "CChecksums.h"

#include <openssl/sha.h>
#include <zlib.h>

void checksum_sha1(const void *head, size_t head_count, const void *body, size_t body_count,
                   uint8_t digest[20]) {
  // The functions that OpenSSL calls old: those in their place allocate and look up an algorithm each time.
  SHA_CTX context;
  SHA1_Init(&context);
  SHA1_Update(&context, head, head_count);
  SHA1_Update(&context, body, body_count);
  SHA1_Final(digest, &context);
}

uint32_t checksum_crc32(const void *bytes, size_t count) {
  return (uint32_t)crc32_z(0, bytes, count);
}

uint32_t checksum_adler32(const void *bytes, size_t count) {
  return (uint32_t)adler32_z(1, bytes, count);
}
