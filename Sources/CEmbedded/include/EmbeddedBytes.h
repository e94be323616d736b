#ifndef PAVE_EMBEDDED_BYTES_H
#define PAVE_EMBEDDED_BYTES_H

#include <stddef.h>

/// Bytes that are part of the binary: they live as long as the process.
typedef struct {
  const void *start;
  size_t count;
} PaveEmbeddedBytes;

#endif
