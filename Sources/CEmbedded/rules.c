#include "EmbeddedRules.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char archive[] = {
#embed "rules.archive"
};

PaveEmbeddedBytes pave_embedded_rules(void) {
  return (PaveEmbeddedBytes){archive, sizeof archive};
}
