// Batch norm by the batch's own statistics, and its gradients.
#include "statistics.h"

namespace nascent {
namespace {

struct NormBackward : Node {
  SavedVariable x;
  Coefficients c;
  bool relu;

  variable_list apply(variable_list&& gradients) override {
    refuse_second_derivative();
    if (!gradients[0].defined()) return {Tensor(), Tensor(), Tensor()};
    const Tensor g = image_gradient(gradients[0]), input = x.unpack(shared_from_this());
    const Rows rows(input);
    const std::vector<double> all = sums(data(input), data(g), rows);
    const std::vector<double> plain_sums(all.begin(), all.begin() + rows.channels);
    std::vector<double> with_sums(all.begin() + rows.channels, all.end());
    Tensor input_gradient, weight_gradient, bias_gradient;
    if (task_should_compute_output(0)) {
      input_gradient = at::empty_like(input);
      const Slopes s = slopes(c, static_cast<double>(rows.count), plain_sums, with_sums);
      spread(data(input), data(g), rows, s, data_of(input_gradient));
    }
    if (task_should_compute_output(1)) {
      for (long i = 0; i < rows.channels; i++) with_sums[i] *= c.inverse_deviation[i];
      weight_gradient = vector_of(with_sums, input);
    }
    if (task_should_compute_output(2)) bias_gradient = vector_of(plain_sums, input);
    return {input_gradient, weight_gradient, bias_gradient};
  }

  // Per channel: the sums of the gradient, then of the gradient times the distance from the mean.
  std::vector<double> sums(const float* input, const float* g, const Rows& rows) const {
    const long width = 2 * rows.channels;
    std::vector<float> parts(rows.tasks() * width);
    parallel(rows.tasks(), [&](long task) {
      const long at = rows.first(task) * rows.channels;
      kernels().norm_sums(input + at, g + at, rows.rows(task), rows.channels, c.mean.data(), c.factor.data(),
                          c.offset.data(), relu, parts.data() + task * width);
    });
    return totals(parts, rows.tasks(), width);
  }

  void spread(const float* input, const float* g, const Rows& rows, const Slopes& s, float* to) const {
    parallel(rows.tasks(), [&](long task) {
      const long at = rows.first(task) * rows.channels;
      kernels().norm_backward(input + at, g + at, rows.rows(task), rows.channels, c.factor.data(), c.offset.data(),
                              s.slope.data(), s.level.data(), relu, to + at);
    });
  }

  void release_variables() override { x.reset_data(); }

  std::string name() const override { return "NascentBatchNormBackward"; }
};

}  // namespace

bool normable(const Tensor& x, const Norm& norm) {
  // libtorch says what is wrong with a batch of one value per channel.
  return image(x) && x.numel() > x.size(1) && vector_or_nothing(norm.weight) && vector_or_nothing(norm.bias) &&
         vector_or_nothing(norm.running_mean) && vector_or_nothing(norm.running_var);
}

Coefficients settle(const Tensor& x, const Norm& norm) {
  const Rows rows(x);
  const double count = static_cast<double>(rows.count);
  const Statistics s = statistics(data(x), rows);
  move_running(norm.running_mean, s.mean, 1, norm.momentum);
  move_running(norm.running_var, s.squares, 1 / (count - 1), norm.momentum);
  return coefficients(s, count, norm.eps, norm.weight, norm.bias);
}

MaybeTensor batch_norm(const Tensor& x, const Norm& norm, bool relu) {
  if (!normable(x, norm)) return std::nullopt;
  const Rows rows(x);
  Coefficients c = settle(x, norm);
  const Tensor y = at::empty_like(x);
  const float* from = data(x);
  float* to = data_of(y);
  parallel(rows.tasks(), [&](long task) {
    const long at = rows.first(task) * rows.channels;
    kernels().affine(from + at, rows.rows(task), rows.channels, c.factor.data(), c.offset.data(), relu, to + at);
  });
  record(y, {x, norm.weight, norm.bias}, [&] {
    auto node = std::make_shared<NormBackward>();
    node->x = SavedVariable(x, false);
    node->c = std::move(c);
    node->relu = relu;
    return node;
  });
  return y;
}

}  // namespace nascent
