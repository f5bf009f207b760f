// Chooses the kernels for the machine that the program runs on.
#include <cstdlib>
#include <cstring>

#include "kernels.h"

namespace nascent {

extern const Kernels kernels_portable;
#if defined(__x86_64__)
extern const Kernels kernels_avx2, kernels_avx512;
#endif

// NASCENT_INSTRUCTIONS=avx2 or portable chooses a smaller set than the machine has: for tests, and to compare.
static bool allowed(const char* instructions) {
  const char* wanted = std::getenv("NASCENT_INSTRUCTIONS");
  return !wanted || std::strcmp(wanted, instructions) == 0;
}

static const Kernels& choose() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (allowed("avx512") && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")) {
    return kernels_avx512;
  }
  if (allowed("avx2") && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return kernels_avx2;
#endif
  return kernels_portable;
}

const Kernels& kernels() {
  static const Kernels& chosen = choose();
  return chosen;
}

}  // namespace nascent
