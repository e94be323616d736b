#include "EmbeddedTypes.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char text[] = {
#embed "served-types.txt"
};

PaveEmbeddedBytes pave_embedded_types(void) {
  return (PaveEmbeddedBytes){text, sizeof text};
}
