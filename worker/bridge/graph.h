// What every differentiable function of the bridge needs: which tensors are ours, a place in autograd's graph, threads.
#pragma once

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/functions/utils.h>
#include <torch/csrc/autograd/saved_variable.h>

#include <memory>
#include <optional>
#include <vector>

#include "kernels.h"

namespace nascent {

using at::Tensor;
using torch::autograd::Node;
using torch::autograd::SavedVariable;
using torch::autograd::variable_list;

// Nothing where the tensors are not the kernels' business: libtorch's own operators then do it.
using MaybeTensor = std::optional<Tensor>;

// A dense 32-bit tensor in the memory of the CPU, and nobody is recording operators (for TorchScript).
bool plain(const Tensor& x);

// The same for images `[batch, channels, height, width]` with their channels innermost.
bool image(const Tensor& x);

// An uninitialised image like `x`, of other channels and another size.
Tensor new_image(const Tensor& x, int64_t channels, int64_t height, int64_t width);

// The gradient of an image in the order of its memory.
Tensor image_gradient(const Tensor& gradient);

inline const float* data(const Tensor& x) { return x.const_data_ptr<float>(); }
inline float* data_of(const Tensor& x) { return x.mutable_data_ptr<float>(); }

// Puts a result of `inputs` into autograd's graph. `make` makes the backward node, only where gradients are recorded.
template <class Make>
void record(const Tensor& output, const variable_list& inputs, Make make) {
  if (!at::GradMode::is_enabled() || !torch::autograd::any_variable_requires_grad(inputs)) return;
  const auto node = make();
  node->set_next_edges(torch::autograd::collect_next_edges(inputs));
  torch::autograd::set_history(output, node);
}

// Gradients of gradients are not offered; a clear word instead of a wrong number.
void refuse_second_derivative();

// Memory of this thread, 64-byte aligned, that is kept for the next call.
float* scratch(long floats);

// `work(task)` for every task on libtorch's threads. Results must not depend on which thread does a task.
template <class Work>
void parallel(long tasks, Work work) {
  at::parallel_for(0, tasks, 1, [&](int64_t begin, int64_t end) {
    for (int64_t task = begin; task < end; task++) work(task);
  });
}

inline long divided_up(long count, long by) { return (count + by - 1) / by; }

}  // namespace nascent
