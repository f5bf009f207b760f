// Vectors of floats in the width of the instruction set that a file is compiled for. Nothing here may come from a
// library: code shared between files of different instruction sets could run on a machine that lacks one of them.
#pragma once

#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace {

#if defined(__AVX512F__)
constexpr long LANES = 16;
#elif defined(__AVX2__)
constexpr long LANES = 8;
#else
constexpr long LANES = 4;
#endif

typedef float vec __attribute__((vector_size(LANES * sizeof(float))));
typedef float unaligned_vec __attribute__((vector_size(LANES * sizeof(float)), aligned(sizeof(float)), may_alias));

#define INLINE static inline __attribute__((always_inline))

INLINE vec load(const float* from) { return *reinterpret_cast<const unaligned_vec*>(from); }

INLINE void store(float* to, vec value) { *reinterpret_cast<unaligned_vec*>(to) = value; }

INLINE vec same(float value) { return vec{} + value; }

// The first `count` lanes; the others read as 0. `count` may be above the number of lanes.
INLINE vec load_some(const float* from, long count) {
  if (count >= LANES) return load(from);
#if defined(__AVX512F__)
  return (vec)_mm512_maskz_loadu_ps((__mmask16)((1u << count) - 1), from);
#elif defined(__AVX2__)
  const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  return (vec)_mm256_maskload_ps(from, _mm256_cmpgt_epi32(_mm256_set1_epi32((int)count), lane));
#else
  vec value{};
  for (long lane = 0; lane < count; lane++) value[lane] = from[lane];
  return value;
#endif
}

INLINE void store_some(float* to, vec value, long count) {
  if (count >= LANES) return store(to, value);
#if defined(__AVX512F__)
  _mm512_mask_storeu_ps(to, (__mmask16)((1u << count) - 1), (__m512)value);
#elif defined(__AVX2__)
  const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  _mm256_maskstore_ps(to, _mm256_cmpgt_epi32(_mm256_set1_epi32((int)count), lane), (__m256)value);
#else
  for (long lane = 0; lane < count; lane++) to[lane] = value[lane];
#endif
}

// Values that are not numbers stay, as in libtorch.
INLINE vec relu(vec x) { return x < 0.0f ? vec{} : x; }

// The gradient of `relu(x)`.
INLINE vec relu_gradient(vec x, vec gradient) { return x <= 0.0f ? vec{} : gradient; }

// The larger value, lane by lane; the second where one is no number.
INLINE vec larger(vec a, vec b) {
#if defined(__AVX512F__)
  return (vec)_mm512_max_ps((__m512)a, (__m512)b);
#elif defined(__AVX2__)
  return (vec)_mm256_max_ps((__m256)a, (__m256)b);
#else
  return a > b ? a : b;
#endif
}

INLINE bool any_nan(vec x) {
  bool any = false;
  for (long lane = 0; lane < LANES; lane++) any |= x[lane] != x[lane];
  return any;
}

INLINE float total(vec x) {
  float sum = 0;
  for (long lane = 0; lane < LANES; lane++) sum += x[lane];
  return sum;
}

INLINE long smaller(long a, long b) { return a < b ? a : b; }

}  // namespace
