#ifndef PAVE_EMBEDDED_RULES_H
#define PAVE_EMBEDDED_RULES_H

#include "EmbeddedBytes.h"

/// The pages of Pave's own rules: an archive of the folder `docs/rules/`, written by `scripts/embed`.
PaveEmbeddedBytes pave_embedded_rules(void);

#endif
