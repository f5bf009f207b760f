// Convolutions of one pixel: products of a tall matrix of pixels with a small matrix of weights.
#pragma once

#include "simd.h"

namespace {

using nascent::Pointwise;

// Pixels and vectors of outputs that a block of the product keeps in registers.
#if defined(__AVX512F__)
constexpr int BLOCK_ROWS = 8, BLOCK_VECTORS = 2;
#else
constexpr int BLOCK_ROWS = 4, BLOCK_VECTORS = 2;
#endif

INLINE long padded(long count) { return (count + LANES - 1) / LANES * LANES; }

template <int ROWS, int VECTORS>
INLINE void product_block(const Pointwise& p, const float* x, const float* weight, const float* bias, long output,
                          float* y) {
  const long pitch = padded(p.outputs);
  vec sums[ROWS][VECTORS];
  for (int v = 0; v < VECTORS; v++) {
    const vec start = bias ? load(bias + output + v * LANES) : vec{};
    for (int row = 0; row < ROWS; row++) sums[row][v] = start;
  }
  for (long input = 0; input < p.inputs; input++) {
    vec factors[VECTORS];
    for (int v = 0; v < VECTORS; v++) factors[v] = load(weight + input * pitch + output + v * LANES);
#pragma GCC unroll 8
    for (int row = 0; row < ROWS; row++) {
      const vec value = same(x[row * p.inputs + input]);
#pragma GCC unroll 2
      for (int v = 0; v < VECTORS; v++) sums[row][v] += value * factors[v];
    }
  }
  for (int row = 0; row < ROWS; row++) {
    for (int v = 0; v < VECTORS; v++) {
      const long at = output + v * LANES;
      store_some(y + row * p.outputs + at, sums[row][v], p.outputs - at);
    }
  }
}

template <int ROWS>
INLINE void product_rows(const Pointwise& p, const float* x, const float* weight, const float* bias, float* y) {
  long output = 0;
  for (; output + (BLOCK_VECTORS - 1) * LANES < p.outputs; output += BLOCK_VECTORS * LANES) {
    product_block<ROWS, BLOCK_VECTORS>(p, x, weight, bias, output, y);
  }
  for (; output < p.outputs; output += LANES) product_block<ROWS, 1>(p, x, weight, bias, output, y);
}

void pointwise(const Pointwise& p, const float* x, const float* weight, const float* bias, float* y) {
  long row = 0;
  for (; row + BLOCK_ROWS <= p.rows; row += BLOCK_ROWS) {
    product_rows<BLOCK_ROWS>(p, x + row * p.inputs, weight, bias, y + row * p.outputs);
  }
  for (; row < p.rows; row++) product_rows<1>(p, x + row * p.inputs, weight, bias, y + row * p.outputs);
}

// `INPUTS` rows of the weight's gradient, one vector of outputs.
template <int INPUTS>
INLINE void outer_block(const Pointwise& p, const float* x, const float* g, long input, long output, float* y) {
  const long lanes = smaller(LANES, p.outputs - output);
  vec sums[INPUTS] = {};
  for (long row = 0; row < p.rows; row++) {
    const vec gradient = load_some(g + row * p.outputs + output, lanes);
    const float* pixel = x + row * p.inputs + input;
#pragma GCC unroll 16
    for (int i = 0; i < INPUTS; i++) sums[i] += same(pixel[i]) * gradient;
  }
  for (int i = 0; i < INPUTS; i++) store_some(y + (input + i) * p.outputs + output, sums[i], lanes);
}

void pointwise_weight(const Pointwise& p, const float* x, const float* g, float* y) {
#if defined(__AVX512F__)
  constexpr int INPUTS = 16;
#else
  constexpr int INPUTS = 8;
#endif
  for (long output = 0; output < p.outputs; output += LANES) {
    long input = 0;
    for (; input + INPUTS <= p.inputs; input += INPUTS) outer_block<INPUTS>(p, x, g, input, output, y);
    for (; input + 4 <= p.inputs; input += 4) outer_block<4>(p, x, g, input, output, y);
    for (; input < p.inputs; input++) outer_block<1>(p, x, g, input, output, y);
  }
}

}  // namespace
