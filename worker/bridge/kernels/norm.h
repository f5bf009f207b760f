// Batch norm over pixels. Every function goes through a short run of pixels ("rows"), a block of channels at a time.
#pragma once

#include "simd.h"

namespace {

void moments(const float* x, long rows, long channels, float* statistics) {
  for (long channel = 0; channel < channels; channel += LANES) {
    const long lanes = smaller(LANES, channels - channel);
    const float* first = x + channel;
    vec sums[4] = {};
    long row = 0;
    for (; row + 4 <= rows; row += 4) {
      for (int i = 0; i < 4; i++) sums[i] += load_some(first + (row + i) * channels, lanes);
    }
    for (; row < rows; row++) sums[0] += load_some(first + row * channels, lanes);
    const vec mean = ((sums[0] + sums[1]) + (sums[2] + sums[3])) / (float)rows;
    vec squares[4] = {};
    for (row = 0; row + 4 <= rows; row += 4) {
      for (int i = 0; i < 4; i++) {
        const vec difference = load_some(first + (row + i) * channels, lanes) - mean;
        squares[i] += difference * difference;
      }
    }
    for (; row < rows; row++) {
      const vec difference = load_some(first + row * channels, lanes) - mean;
      squares[0] += difference * difference;
    }
    store_some(statistics + channel, mean, lanes);
    store_some(statistics + channels + channel, (squares[0] + squares[1]) + (squares[2] + squares[3]), lanes);
  }
}

template <bool RELU>
INLINE void affine_rows(const float* x, long rows, long channels, const float* factor, const float* offset, float* y) {
  for (long channel = 0; channel < channels; channel += LANES) {
    const long lanes = smaller(LANES, channels - channel);
    const vec a = load_some(factor + channel, lanes), b = load_some(offset + channel, lanes);
    for (long row = 0; row < rows; row++) {
      const vec value = load_some(x + row * channels + channel, lanes) * a + b;
      store_some(y + row * channels + channel, RELU ? relu(value) : value, lanes);
    }
  }
}

void affine(const float* x, long rows, long channels, const float* factor, const float* offset, bool with_relu,
            float* y) {
  if (with_relu) {
    affine_rows<true>(x, rows, channels, factor, offset, y);
  } else {
    affine_rows<false>(x, rows, channels, factor, offset, y);
  }
}

template <bool RELU>
INLINE void norm_sums_rows(const float* x, const float* g, long rows, long channels, const float* mean,
                           const float* factor, const float* offset, float* sums) {
  for (long channel = 0; channel < channels; channel += LANES) {
    const long lanes = smaller(LANES, channels - channel);
    const vec m = load_some(mean + channel, lanes);
    const vec a = RELU ? load_some(factor + channel, lanes) : vec{};
    const vec b = RELU ? load_some(offset + channel, lanes) : vec{};
    vec plain[4] = {}, with[4] = {};
    const auto add = [&](long row, int i) __attribute__((always_inline)) {
      const vec value = load_some(x + row * channels + channel, lanes);
      vec gradient = load_some(g + row * channels + channel, lanes);
      if (RELU) gradient = relu_gradient(value * a + b, gradient);
      plain[i] += gradient;
      with[i] += gradient * (value - m);
    };
    long row = 0;
    for (; row + 4 <= rows; row += 4) {
      for (int i = 0; i < 4; i++) add(row + i, i);
    }
    for (; row < rows; row++) add(row, 0);
    store_some(sums + channel, (plain[0] + plain[1]) + (plain[2] + plain[3]), lanes);
    store_some(sums + channels + channel, (with[0] + with[1]) + (with[2] + with[3]), lanes);
  }
}

void norm_sums(const float* x, const float* g, long rows, long channels, const float* mean, const float* factor,
               const float* offset, bool with_relu, float* sums) {
  if (with_relu) {
    norm_sums_rows<true>(x, g, rows, channels, mean, factor, offset, sums);
  } else {
    norm_sums_rows<false>(x, g, rows, channels, mean, factor, offset, sums);
  }
}

template <bool RELU>
INLINE void norm_backward_rows(const float* x, const float* g, long rows, long channels, const float* factor,
                               const float* offset, const float* slope, const float* level, float* x_gradient) {
  for (long channel = 0; channel < channels; channel += LANES) {
    const long lanes = smaller(LANES, channels - channel);
    const vec a = load_some(factor + channel, lanes), b = load_some(offset + channel, lanes);
    const vec s = load_some(slope + channel, lanes), l = load_some(level + channel, lanes);
    for (long row = 0; row < rows; row++) {
      const long at = row * channels + channel;
      const vec value = load_some(x + at, lanes);
      vec gradient = load_some(g + at, lanes);
      if (RELU) gradient = relu_gradient(value * a + b, gradient);
      store_some(x_gradient + at, a * gradient + (s * value + l), lanes);
    }
  }
}

void norm_backward(const float* x, const float* g, long rows, long channels, const float* factor, const float* offset,
                   const float* slope, const float* level, bool with_relu, float* x_gradient) {
  if (with_relu) {
    norm_backward_rows<true>(x, g, rows, channels, factor, offset, slope, level, x_gradient);
  } else {
    norm_backward_rows<false>(x, g, rows, channels, factor, offset, slope, level, x_gradient);
  }
}

// Adds `COUNT` tensors, each times a factor per channel, to `y`, or starts it from the offset.
template <int COUNT>
INLINE void normed_sum_some(const float* const* x, const float* factors, const float* offset, bool start, long rows,
                            long channels, float* y) {
  for (long channel = 0; channel < channels; channel += LANES) {
    const long lanes = smaller(LANES, channels - channel);
    vec factor[COUNT];
    for (int i = 0; i < COUNT; i++) factor[i] = load_some(factors + i * channels + channel, lanes);
    const vec first = load_some(offset + channel, lanes);
    for (long row = 0; row < rows; row++) {
      const long at = row * channels + channel;
      vec sum = start ? first : load_some(y + at, lanes);
#pragma GCC unroll 8
      for (int i = 0; i < COUNT; i++) sum += load_some(x[i] + at, lanes) * factor[i];
      store_some(y + at, sum, lanes);
    }
  }
}

void normed_sum(const float* const* x, const float* factors, const float* offset, long count, long rows, long channels,
                float* y) {
  long i = 0;
  const auto rest = [&](long from) { return factors + from * channels; };
  for (; i + 8 <= count; i += 8) normed_sum_some<8>(x + i, rest(i), offset, i == 0, rows, channels, y);
  for (; i + 4 <= count; i += 4) normed_sum_some<4>(x + i, rest(i), offset, i == 0, rows, channels, y);
  for (; i + 2 <= count; i += 2) normed_sum_some<2>(x + i, rest(i), offset, i == 0, rows, channels, y);
  for (; i < count; i++) normed_sum_some<1>(x + i, rest(i), offset, i == 0, rows, channels, y);
}

}  // namespace
