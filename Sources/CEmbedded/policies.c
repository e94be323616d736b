#include "EmbeddedPolicies.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char archive[] = {
#embed "policies.archive"
};

PaveEmbeddedBytes pave_embedded_policies(void) {
  return (PaveEmbeddedBytes){archive, sizeof archive};
}
