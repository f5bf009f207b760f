#define NASCENT_TABLE kernels_portable
#define NASCENT_INSTRUCTIONS "portable"
#include "kernels/table.h"
