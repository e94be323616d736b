#ifndef CEMBEDDED_H
#define CEMBEDDED_H

#include "EmbeddedPolicies.h"
#include "EmbeddedRules.h"

/// The types of the Kubernetes API (`served-types.txt`, made by scripts/served-types.py), and how many bytes they are.
const unsigned char *pave_served_types(unsigned long *count);

#endif
