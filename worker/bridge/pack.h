// Weights in the order that the kernels read them in.
#pragma once

#include <cstdint>
#include <vector>

namespace nascent {

using Packed = std::vector<float>;

// `[channels, taps]` as `[blocks of channels][taps][lanes]`, last tap first where asked for.
Packed pack_taps(const float* weight, int64_t channels, int64_t taps, bool flipped);

// Back from that.
void unpack_taps(const float* packed, int64_t channels, int64_t taps, float* weight);

// `[rows, columns]` with the columns padded to the lanes, or its transpose with the rows padded.
Packed pack_matrix(const float* weight, int64_t rows, int64_t columns, bool transposed);

}  // namespace nascent
