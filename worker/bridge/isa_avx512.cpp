#define NASCENT_TABLE kernels_avx512
#define NASCENT_INSTRUCTIONS "avx512"
#include "kernels/table.h"
