#include "CEmbedded.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char served_types[] = {
#embed "served-types.txt"
};

const unsigned char *pave_served_types(unsigned long *count) {
  *count = sizeof served_types;
  return served_types;
}
