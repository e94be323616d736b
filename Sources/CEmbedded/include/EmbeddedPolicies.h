#ifndef PAVE_EMBEDDED_POLICIES_H
#define PAVE_EMBEDDED_POLICIES_H

#include "EmbeddedBytes.h"

/// The built-in pack: an archive of the folder `policies/`, written by `scripts/embed`.
PaveEmbeddedBytes pave_embedded_policies(void);

#endif
