// Weighted sums of tensors and their gradients.
#include <algorithm>

#include "functions.h"

namespace nascent {
namespace {

constexpr long LENGTH = 16384;

using Pointers = std::vector<const float*>;

Pointers from(const Pointers& x, long offset) {
  Pointers moved = x;
  for (auto& pointer : moved) pointer += offset;
  return moved;
}

Pointers pointers(const variable_list& x) {
  Pointers all;
  for (const Tensor& each : x) all.push_back(data(each));
  return all;
}

// A gradient in the order of memory of the tensors that were added up.
Tensor arranged(const Tensor& g, const std::vector<int64_t>& sizes, const std::vector<int64_t>& strides) {
  if (g.scalar_type() == at::kFloat && g.strides() == at::IntArrayRef(strides)) return g;
  return at::empty_strided(sizes, strides, g.options().dtype(at::kFloat)).copy_(g);
}

struct WeightedSumBackward : Node {
  std::vector<SavedVariable> x;
  SavedVariable weights;
  std::vector<int64_t> picks;
  std::vector<int64_t> sizes, strides;
  bool weighted;

  variable_list apply(variable_list&& gradients) override {
    refuse_second_derivative();
    variable_list results(x.size() + 1);
    if (!gradients[0].defined()) return results;
    if (!weighted) {
      for (size_t i = 0; i < x.size(); i++) results[i] = gradients[0];
      return results;
    }
    const Tensor g = arranged(gradients[0], sizes, strides), factors = weights.unpack(shared_from_this());
    for (size_t i = 0; i < x.size(); i++) {
      if (task_should_compute_output(i)) results[i] = scaled(g, data(factors)[picks[i]]);
    }
    if (task_should_compute_output(x.size())) results[x.size()] = weight_gradient(g, factors);
    return results;
  }

  static Tensor scaled(const Tensor& g, float factor) {
    const Tensor to = at::empty_like(g);
    const float* source = data(g);
    float* target = data_of(to);
    parallel(divided_up(g.numel(), LENGTH), [&](long task) {
      const long at = task * LENGTH;
      kernels().scale(source + at, factor, std::min<long>(LENGTH, g.numel() - at), target + at);
    });
    return to;
  }

  Tensor weight_gradient(const Tensor& g, const Tensor& factors) {
    variable_list inputs;
    for (auto& saved : x) inputs.push_back(saved.unpack(shared_from_this()));
    const Pointers all = pointers(inputs);
    const long count = static_cast<long>(all.size()), tasks = divided_up(g.numel(), LENGTH);
    std::vector<float> parts(tasks * count);
    const float* source = data(g);
    parallel(tasks, [&](long task) {
      const long at = task * LENGTH;
      kernels().dots(from(all, at).data(), source + at, count, std::min<long>(LENGTH, g.numel() - at),
                     parts.data() + task * count);
    });
    const Tensor to = at::zeros(factors.sizes(), factors.options());
    for (long i = 0; i < count; i++) {
      double sum = 0;
      for (long task = 0; task < tasks; task++) sum += parts[task * count + i];
      data_of(to)[picks[i]] += static_cast<float>(sum);
    }
    return to;
  }

  void release_variables() override {
    for (auto& saved : x) saved.reset_data();
    weights.reset_data();
  }

  std::string name() const override { return "NascentWeightedSumBackward"; }
};

bool fits(const variable_list& x, const Tensor& weights, const std::vector<int64_t>& picks) {
  if (x.empty() || !plain(x[0]) || !x[0].is_non_overlapping_and_dense()) return false;
  for (const Tensor& each : x) {
    if (!plain(each) || each.sizes() != x[0].sizes() || each.strides() != x[0].strides()) return false;
  }
  return picks_fit(weights, picks, x.size());
}

}  // namespace

bool picks_fit(const Tensor& weights, const std::vector<int64_t>& picks, size_t count) {
  if (!weights.defined()) return true;
  const auto inside = [&](int64_t pick) { return pick >= 0 && pick < weights.size(0); };
  return plain(weights) && weights.dim() == 1 && weights.is_contiguous() && picks.size() == count &&
         std::all_of(picks.begin(), picks.end(), inside);
}

MaybeTensor weighted_sum(const variable_list& x, const Tensor& weights, const std::vector<int64_t>& picks) {
  if (!fits(x, weights, picks)) return std::nullopt;
  const Tensor y = at::empty_like(x[0]);
  const Pointers all = pointers(x);
  std::vector<float> factors;
  for (const int64_t pick : picks) factors.push_back(weights.defined() ? data(weights)[pick] : 1.0f);
  float* to = data_of(y);
  parallel(divided_up(y.numel(), LENGTH), [&](long task) {
    const long at = task * LENGTH;
    kernels().weighted_sum(from(all, at).data(), weights.defined() ? factors.data() : nullptr,
                           static_cast<long>(all.size()), std::min<long>(LENGTH, y.numel() - at), to + at);
  });
  variable_list inputs = x;
  inputs.push_back(weights);
  record(y, inputs, [&] {
    auto node = std::make_shared<WeightedSumBackward>();
    node->weighted = weights.defined();
    if (!node->weighted) {
      node->x.resize(x.size());
      return node;
    }
    for (const Tensor& each : x) node->x.emplace_back(weights.requires_grad() ? each : Tensor(), false);
    node->weights = SavedVariable(weights, false);
    node->picks = picks;
    node->sizes = y.sizes().vec();
    node->strides = y.strides().vec();
    return node;
  });
  return y;
}

}  // namespace nascent
