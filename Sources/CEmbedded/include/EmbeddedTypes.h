#ifndef PAVE_EMBEDDED_TYPES_H
#define PAVE_EMBEDDED_TYPES_H

#include "EmbeddedBytes.h"

/// The types of the Kubernetes API: `served-types.txt`, written by `scripts/served-types.py`.
PaveEmbeddedBytes pave_embedded_types(void);

#endif
