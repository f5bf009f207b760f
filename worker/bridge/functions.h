// The differentiable functions that the bridge offers. Each gives nothing where the tensors are not 32-bit images in
// the CPU's memory with their channels innermost, or the sizes are none that its kernels know.
#pragma once

#include <array>

#include "graph.h"

namespace nascent {

using Pair = std::array<int64_t, 2>;

// `[batch, channels, height, width]` by a weight `[channels, 1, rows, columns]`, each channel for itself; of relu(x)
// where asked for.
MaybeTensor depthwise(const Tensor& x, const Tensor& weight, Pair stride, Pair padding, Pair dilation, bool relu);

// A convolution of one pixel: `[batch, inputs, height, width]` by `[outputs, inputs, 1, 1]`.
MaybeTensor pointwise(const Tensor& x, const Tensor& weight, const Tensor& bias);

// A batch norm in training. All its tensors may be undefined.
struct Norm {
  Tensor weight, bias, running_mean, running_var;
  double momentum, eps;
};

// Whether the kernels know the norm of `x`.
bool normable(const Tensor& x, const Norm& norm);

// Batch norm by the batch's own statistics, which move the running ones; then ReLU where asked for.
MaybeTensor batch_norm(const Tensor& x, const Norm& norm, bool relu);

MaybeTensor average_pool(const Tensor& x, Pair kernel, Pair stride, Pair padding, bool count_padding);
MaybeTensor max_pool(const Tensor& x, Pair kernel, Pair stride, Pair padding);

// `sum_i weights[picks[i]] * x[i]`; all 1 where the weights are undefined. The tensors have one shape.
MaybeTensor weighted_sum(const variable_list& x, const Tensor& weights, const std::vector<int64_t>& picks);

// Whether `picks` choose one of the weights for each of `count` terms, or there are no weights.
bool picks_fit(const Tensor& weights, const std::vector<int64_t>& picks, size_t count);

// A value, or the norm of one.
struct Term {
  Tensor x;
  std::optional<Norm> norm;
};

// The sum of terms, weighted likewise.
MaybeTensor normed_sum(const std::vector<Term>& terms, const Tensor& weights, const std::vector<int64_t>& picks);

}  // namespace nascent
