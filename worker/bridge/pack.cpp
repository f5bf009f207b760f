#include "pack.h"

#include "kernels.h"

namespace nascent {

Packed pack_taps(const float* weight, int64_t channels, int64_t taps, bool flipped) {
  const int64_t lanes = kernels().lanes;
  Packed packed((channels + lanes - 1) / lanes * lanes * taps, 0.0f);
  for (int64_t channel = 0; channel < channels; channel++) {
    float* block = packed.data() + channel / lanes * taps * lanes + channel % lanes;
    for (int64_t tap = 0; tap < taps; tap++) {
      block[(flipped ? taps - 1 - tap : tap) * lanes] = weight[channel * taps + tap];
    }
  }
  return packed;
}

void unpack_taps(const float* packed, int64_t channels, int64_t taps, float* weight) {
  const int64_t lanes = kernels().lanes;
  for (int64_t channel = 0; channel < channels; channel++) {
    const float* block = packed + channel / lanes * taps * lanes + channel % lanes;
    for (int64_t tap = 0; tap < taps; tap++) weight[channel * taps + tap] = block[tap * lanes];
  }
}

Packed pack_matrix(const float* weight, int64_t rows, int64_t columns, bool transposed) {
  const int64_t lanes = kernels().lanes;
  const int64_t lines = transposed ? columns : rows, length = transposed ? rows : columns;
  const int64_t pitch = (length + lanes - 1) / lanes * lanes;
  Packed packed(lines * pitch, 0.0f);
  for (int64_t row = 0; row < rows; row++) {
    for (int64_t column = 0; column < columns; column++) {
      packed[transposed ? column * pitch + row : row * pitch + column] = weight[row * columns + column];
    }
  }
  return packed;
}

}  // namespace nascent
