#define NASCENT_TABLE kernels_avx2
#define NASCENT_INSTRUCTIONS "avx2"
#include "kernels/table.h"
