// Weighted sums of equal tensors, element by element.
#pragma once

#include "simd.h"

namespace {

// Adds the next `COUNT` tensors to `y`, or starts it.
template <int COUNT>
INLINE void sum_some(const float* const* x, const float* weights, bool start, long length, float* y) {
  vec factors[COUNT];
  for (int i = 0; i < COUNT; i++) factors[i] = same(weights ? weights[i] : 1.0f);
  for (long at = 0; at < length; at += LANES) {
    const long lanes = length - at;
    vec sum = start ? vec{} : load_some(y + at, lanes);
#pragma GCC unroll 8
    for (int i = 0; i < COUNT; i++) sum += load_some(x[i] + at, lanes) * factors[i];
    store_some(y + at, sum, lanes);
  }
}

void weighted_sum(const float* const* x, const float* weights, long count, long length, float* y) {
  long i = 0;
  const auto rest = [&](long from) { return weights ? weights + from : nullptr; };
  for (; i + 8 <= count; i += 8) sum_some<8>(x + i, rest(i), i == 0, length, y);
  for (; i + 4 <= count; i += 4) sum_some<4>(x + i, rest(i), i == 0, length, y);
  for (; i + 2 <= count; i += 2) sum_some<2>(x + i, rest(i), i == 0, length, y);
  for (; i < count; i++) sum_some<1>(x + i, rest(i), i == 0, length, y);
}

void dots(const float* const* x, const float* g, long count, long length, float* to) {
  for (long i = 0; i < count; i++) {
    vec sums[4] = {};
    long at = 0;
    for (; at + 4 * LANES <= length; at += 4 * LANES) {
      for (int j = 0; j < 4; j++) sums[j] += load(x[i] + at + j * LANES) * load(g + at + j * LANES);
    }
    for (; at < length; at += LANES) sums[0] += load_some(x[i] + at, length - at) * load_some(g + at, length - at);
    to[i] = total((sums[0] + sums[1]) + (sums[2] + sums[3]));
  }
}

void scale(const float* g, float factor, long length, float* y) {
  for (long at = 0; at < length; at += LANES) store_some(y + at, load_some(g + at, length - at) * factor, length - at);
}

}  // namespace
