// Sums of tensors some of which are normed on the way: the normed values themselves are never written to memory.
#include "statistics.h"

namespace nascent {
namespace {

// A term as the backward pass needs it. A plain term has a factor per channel as well, all the same.
struct Part {
  SavedVariable x;
  bool normed;
  Coefficients c;
};

struct NormedSumBackward : Node {
  std::vector<Part> parts;
  SavedVariable weights;
  std::vector<float> factors;
  std::vector<int64_t> picks;
  bool weights_defined = false;
  // Whether the weights of the sum want a gradient.
  bool weighted_gradient = false;

  // By term the gradients of its value, its norm's weight and bias; then that of the sum's weights.
  variable_list apply(variable_list&& gradients) override {
    refuse_second_derivative();
    variable_list results(3 * parts.size() + 1);
    if (!gradients[0].defined()) return results;
    const Tensor g = image_gradient(gradients[0]);
    variable_list inputs;
    for (auto& part : parts) inputs.push_back(part.x.unpack(shared_from_this()));
    const Rows rows(g);
    weighted_gradient = weights_defined && task_should_compute_output(3 * parts.size());
    const auto [plain_sums, with_sums] = sums(inputs, data(g), rows);
    for (size_t i = 0; i < parts.size(); i++) norm_gradients(i, plain_sums, with_sums[i], g, results);
    spread(inputs, g, rows, plain_sums, with_sums, results);
    if (weighted_gradient) results.back() = weight_gradient(with_sums);
    return results;
  }

  using Sums = std::vector<double>;

  // Per channel the sums of the gradient; by term those of the gradient times the distance from the term's mean.
  std::pair<Sums, std::vector<Sums>> sums(const variable_list& inputs, const float* g, const Rows& rows) const {
    const long c = rows.channels, width = 2 * c * static_cast<long>(parts.size());
    std::vector<float> found(rows.tasks() * width);
    parallel(rows.tasks(), [&](long task) {
      const long at = rows.first(task) * c;
      for (size_t i = 0; i < parts.size(); i++) {
        if (!summed(i)) continue;
        kernels().norm_sums(data(inputs[i]) + at, g + at, rows.rows(task), c, parts[i].c.mean.data(), nullptr, nullptr,
                            false, found.data() + task * width + i * 2 * c);
      }
    });
    const Sums all = totals(found, rows.tasks(), width);
    Sums plain(c, 0.0);
    std::vector<Sums> with;
    for (size_t i = 0; i < parts.size(); i++) {
      const auto start = all.begin() + 2 * i * c;
      if (summed(i)) plain.assign(start, start + c);
      with.emplace_back(start + c, start + 2 * c);
    }
    return {plain, with};
  }

  // Whether the sums over a term are needed: for its norm or for the weight of the term.
  bool summed(size_t i) const { return parts[i].normed || weighted_gradient; }

  void norm_gradients(size_t i, const Sums& plain, Sums with, const Tensor& g, variable_list& results) {
    if (task_should_compute_output(3 * i + 1)) {
      for (size_t j = 0; j < with.size(); j++) with[j] *= factors[i] * parts[i].c.inverse_deviation[j];
      results[3 * i + 1] = vector_of(with, g);
    }
    if (task_should_compute_output(3 * i + 2)) {
      Sums bias = plain;
      for (double& value : bias) value *= factors[i];
      results[3 * i + 2] = vector_of(bias, g);
    }
  }

  void spread(const variable_list& inputs, const Tensor& g, const Rows& rows, const Sums& plain_sums,
              const std::vector<Sums>& with_sums, variable_list& results) {
    const long c = rows.channels;
    std::vector<std::vector<float>> factor(parts.size());
    std::vector<Slopes> steep(parts.size());
    for (size_t i = 0; i < parts.size(); i++) {
      if (!task_should_compute_output(3 * i)) continue;
      results[3 * i] = at::empty_like(g);
      Coefficients scaled = parts[i].c;
      for (float& value : scaled.factor) value *= factors[i];
      if (parts[i].normed) steep[i] = slopes(scaled, static_cast<double>(rows.count), plain_sums, with_sums[i]);
      factor[i] = std::move(scaled.factor);
    }
    const float* from = data(g);
    std::vector<float*> to;
    for (size_t i = 0; i < parts.size(); i++) to.push_back(results[3 * i].defined() ? data_of(results[3 * i]) : nullptr);
    parallel(rows.tasks(), [&](long task) {
      const long at = rows.first(task) * c, count = rows.rows(task);
      for (size_t i = 0; i < parts.size(); i++) {
        if (!to[i]) continue;
        if (parts[i].normed) {
          kernels().norm_backward(data(inputs[i]) + at, from + at, count, c, factor[i].data(), factor[i].data(),
                                  steep[i].slope.data(), steep[i].level.data(), false, to[i] + at);
        } else {
          kernels().scale(from + at, factors[i], count * c, to[i] + at);
        }
      }
    });
  }

  // Of a term: the sum over everything of the gradient times the term's normed value.
  Tensor weight_gradient(const std::vector<Sums>& with_sums) {
    const Tensor known = weights.unpack(shared_from_this());
    const Tensor to = at::zeros(known.sizes(), known.options());
    for (size_t i = 0; i < parts.size(); i++) {
      double sum = 0;
      for (size_t j = 0; j < with_sums[i].size(); j++) sum += with_sums[i][j] * parts[i].c.inverse_deviation[j];
      data_of(to)[picks[i]] += static_cast<float>(sum);
    }
    return to;
  }

  void release_variables() override {
    for (auto& part : parts) part.x.reset_data();
    weights.reset_data();
  }

  std::string name() const override { return "NascentNormedSumBackward"; }
};

// Whether the kernels take the terms. Norms with a weight of their own have it inside the sums over channels, so they
// are taken only where the sum itself has no weights.
bool fits(const std::vector<Term>& terms, const Tensor& weights, const std::vector<int64_t>& picks) {
  for (const Term& term : terms) {
    if (!image(term.x) || term.x.sizes() != terms[0].x.sizes()) return false;
    if (term.norm && !normable(term.x, *term.norm)) return false;
    if (term.norm && term.norm->weight.defined() && weights.defined()) return false;
  }
  return !terms.empty() && picks_fit(weights, picks, terms.size());
}

Part part_of(const Term& term) {
  const size_t channels = term.x.size(1);
  if (term.norm) return {SavedVariable(term.x, false), true, settle(term.x, *term.norm)};
  const std::vector<float> ones(channels, 1.0f), zeros(channels, 0.0f);
  return {SavedVariable(term.x, false), false, {zeros, ones, ones, zeros}};
}

}  // namespace

MaybeTensor normed_sum(const std::vector<Term>& terms, const Tensor& weights, const std::vector<int64_t>& picks) {
  if (!fits(terms, weights, picks)) return std::nullopt;
  const Tensor y = at::empty_like(terms[0].x);
  const Rows rows(y);
  const long c = rows.channels;
  auto node = std::make_shared<NormedSumBackward>();
  std::vector<const float*> x;
  std::vector<float> scaled, offset(c, 0.0f);
  variable_list inputs;
  for (size_t i = 0; i < terms.size(); i++) {
    const Term& term = terms[i];
    node->parts.push_back(part_of(term));
    node->factors.push_back(weights.defined() ? data(weights)[picks[i]] : 1.0f);
    const Coefficients& known = node->parts.back().c;
    for (long j = 0; j < c; j++) {
      scaled.push_back(node->factors[i] * known.factor[j]);
      offset[j] += node->factors[i] * known.offset[j];
    }
    x.push_back(data(term.x));
    inputs.push_back(term.x);
    inputs.push_back(term.norm ? term.norm->weight : Tensor());
    inputs.push_back(term.norm ? term.norm->bias : Tensor());
  }
  inputs.push_back(weights);
  float* to = data_of(y);
  parallel(rows.tasks(), [&](long task) {
    const long at = rows.first(task) * c;
    std::vector<const float*> moved = x;
    for (auto& pointer : moved) pointer += at;
    kernels().normed_sum(moved.data(), scaled.data(), offset.data(), static_cast<long>(moved.size()), rows.rows(task),
                         c, to + at);
  });
  record(y, inputs, [&] {
    node->weights_defined = weights.defined();
    node->weights = SavedVariable(weights, false);
    node->picks = picks;
    return node;
  });
  return y;
}

}  // namespace nascent
