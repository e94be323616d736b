#include "CChecksums.h"

#include <string.h>

typedef void compress_function(uint32_t state[5], const uint8_t *blocks, size_t count);

static uint32_t rotated(uint32_t word, int bits) { return word << bits | word >> (32 - bits); }

static void compress_portable(uint32_t state[5], const uint8_t *blocks, size_t count) {
  for (; count > 0; count--, blocks += 64) {
    uint32_t words[80];
    for (int i = 0; i < 16; i++) {
      words[i] = (uint32_t)blocks[4 * i] << 24 | (uint32_t)blocks[4 * i + 1] << 16 |
                 (uint32_t)blocks[4 * i + 2] << 8 | blocks[4 * i + 3];
    }
    for (int i = 16; i < 80; i++) {
      words[i] = rotated(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1);
    }
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
    for (int i = 0; i < 80; i++) {
      uint32_t mixed, constant;
      if (i < 20) {
        mixed = d ^ (b & (c ^ d));
        constant = 0x5A827999;
      } else if (i < 40) {
        mixed = b ^ c ^ d;
        constant = 0x6ED9EBA1;
      } else if (i < 60) {
        mixed = (b & c) | (d & (b | c));
        constant = 0x8F1BBCDC;
      } else {
        mixed = b ^ c ^ d;
        constant = 0xCA62C1D6;
      }
      uint32_t next = rotated(a, 5) + mixed + e + constant + words[i];
      e = d;
      d = c;
      c = rotated(b, 30);
      b = a;
      a = next;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
  }
}

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>

/* Four rounds: the next four words of the schedule (Intel, "Intel SHA Extensions", 2013), then the rounds. */
#define FOUR_ROUNDS(i)                                                                             \
  next = i < 4 ? _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)blocks + (i & 3)), big_endian)  \
               : _mm_sha1msg2_epu32(                                                               \
                     _mm_xor_si128(_mm_sha1msg1_epu32(words[i & 3], words[(i + 1) & 3]),           \
                                   words[(i + 2) & 3]),                                            \
                     words[(i + 3) & 3]);                                                          \
  words[i & 3] = next;                                                                             \
  e = i == 0 ? _mm_add_epi32(e, next) : _mm_sha1nexte_epu32(before, next);                         \
  before = abcd;                                                                                   \
  abcd = _mm_sha1rnds4_epu32(abcd, e, i / 5);

__attribute__((target("sha,sse4.1,ssse3"))) static void compress_x86(
    uint32_t state[5], const uint8_t *blocks, size_t count) {
  const __m128i big_endian = _mm_set_epi64x(0x0001020304050607, 0x08090A0B0C0D0E0F);
  __m128i abcd = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)state), 0x1B);
  __m128i e = _mm_set_epi32((int)state[4], 0, 0, 0);
  for (; count > 0; count--, blocks += 64) {
    const __m128i abcd_start = abcd, e_start = e;
    __m128i words[4] = {e, e, e, e}, next, before = abcd;
    FOUR_ROUNDS(0) FOUR_ROUNDS(1) FOUR_ROUNDS(2) FOUR_ROUNDS(3) FOUR_ROUNDS(4)
    FOUR_ROUNDS(5) FOUR_ROUNDS(6) FOUR_ROUNDS(7) FOUR_ROUNDS(8) FOUR_ROUNDS(9)
    FOUR_ROUNDS(10) FOUR_ROUNDS(11) FOUR_ROUNDS(12) FOUR_ROUNDS(13) FOUR_ROUNDS(14)
    FOUR_ROUNDS(15) FOUR_ROUNDS(16) FOUR_ROUNDS(17) FOUR_ROUNDS(18) FOUR_ROUNDS(19)
    e = _mm_sha1nexte_epu32(before, e_start);
    abcd = _mm_add_epi32(abcd, abcd_start);
  }
  _mm_storeu_si128((__m128i *)state, _mm_shuffle_epi32(abcd, 0x1B));
  state[4] = (uint32_t)_mm_extract_epi32(e, 3);
}

static int has_sha_instructions(void) {
  unsigned a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_SSSE3) || !(c & bit_SSE4_1)) return 0;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_SHA);
}

static compress_function *best_compress(void) {
  static _Atomic(compress_function *) known;
  compress_function *function = known;
  if (!function) {
    function = has_sha_instructions() ? compress_x86 : compress_portable;
    known = function;
  }
  return function;
}
#else
static compress_function *best_compress(void) { return compress_portable; }
#endif

static void sha1(compress_function *compress, const uint8_t *head, size_t head_count,
                 const uint8_t *body, size_t body_count, uint8_t digest[20]) {
  uint32_t state[5] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
  const uint64_t bit_count = ((uint64_t)head_count + body_count) * 8;
  uint8_t last[128];
  size_t pending = head_count;
  if (pending > 0) memcpy(last, head, pending);
  if (pending > 0 && body_count >= 64 - pending) {
    const size_t taken = 64 - pending;
    memcpy(last + pending, body, taken);
    compress(state, last, 1);
    body += taken;
    body_count -= taken;
    pending = 0;
  }
  if (pending == 0) {
    compress(state, body, body_count / 64);
    body += body_count & ~(size_t)63;
    body_count &= 63;
  }
  if (body_count > 0) memcpy(last + pending, body, body_count);
  pending += body_count;
  last[pending++] = 0x80;
  const size_t end = pending <= 56 ? 64 : 128;
  memset(last + pending, 0, end - pending);
  for (int i = 0; i < 8; i++) last[end - 1 - i] = (uint8_t)(bit_count >> 8 * i);
  compress(state, last, end / 64);
  for (int i = 0; i < 20; i++) digest[i] = (uint8_t)(state[i / 4] >> (24 - 8 * (i % 4)));
}

void checksum_sha1(const void *head, size_t head_count, const void *body, size_t body_count,
                   uint8_t digest[20]) {
  sha1(best_compress(), head, head_count, body, body_count, digest);
}

void checksum_sha1_portable(const void *head, size_t head_count, const void *body,
                            size_t body_count, uint8_t digest[20]) {
  sha1(compress_portable, head, head_count, body, body_count, digest);
}
