// Batch norm by the batch's own statistics, and its gradients.
#include <cmath>

#include "functions.h"

namespace nascent {
namespace {

// Rows per task: short enough to stay in the first cache between two passes over them.
long rows_per_task(long channels) { return std::max(16L, 4096 / channels); }

// `sums(task)` adds `width` numbers per task; their totals in 64 bit, in the order of the tasks.
struct Rows {
  long count, channels, step;

  explicit Rows(const Tensor& x)
      : count(x.numel() / x.size(1)), channels(x.size(1)), step(rows_per_task(x.size(1))) {}

  long tasks() const { return divided_up(count, step); }
  long first(long task) const { return task * step; }
  long rows(long task) const { return std::min(step, count - first(task)); }
};

struct Statistics {
  std::vector<double> mean, squares;
};

// Means and sums of squared differences of parts make those of the whole (Chan, Golub and LeVeque 1979).
Statistics statistics(const float* x, const Rows& rows) {
  const long c = rows.channels;
  std::vector<float> parts(rows.tasks() * 2 * c);
  parallel(rows.tasks(), [&](long task) {
    kernels().moments(x + rows.first(task) * c, rows.rows(task), c, parts.data() + task * 2 * c);
  });
  Statistics all{std::vector<double>(c, 0.0), std::vector<double>(c, 0.0)};
  double before = 0;
  for (long task = 0; task < rows.tasks(); task++) {
    const double here = rows.rows(task), after = before + here;
    const float* part = parts.data() + task * 2 * c;
    for (long i = 0; i < c; i++) {
      const double difference = part[i] - all.mean[i];
      all.mean[i] += difference * here / after;
      all.squares[i] += part[c + i] + difference * difference * before * here / after;
    }
    before = after;
  }
  return all;
}

// Per channel: what the passes over the pixels multiply and add.
struct Coefficients {
  std::vector<float> mean, inverse_deviation, factor, offset;
};

Coefficients coefficients(const Statistics& s, double count, double eps, const Tensor& weight, const Tensor& bias) {
  const size_t channels = s.mean.size();
  Coefficients c;
  for (auto* each : {&c.mean, &c.inverse_deviation, &c.factor, &c.offset}) each->resize(channels);
  for (size_t i = 0; i < channels; i++) {
    const double inverse = 1 / std::sqrt(s.squares[i] / count + eps);
    const double factor = weight.defined() ? inverse * data(weight)[i] : inverse;
    c.mean[i] = static_cast<float>(s.mean[i]);
    c.inverse_deviation[i] = static_cast<float>(inverse);
    c.factor[i] = static_cast<float>(factor);
    c.offset[i] = static_cast<float>((bias.defined() ? data(bias)[i] : 0.0) - s.mean[i] * factor);
  }
  return c;
}

void move_running(const Tensor& running, const std::vector<double>& values, double scale, double momentum) {
  if (!running.defined()) return;
  float* to = data_of(running);
  for (size_t i = 0; i < values.size(); i++) {
    to[i] = static_cast<float>(momentum * values[i] * scale + (1 - momentum) * to[i]);
  }
}

struct NormBackward : Node {
  SavedVariable x;
  Coefficients c;
  bool relu;

  variable_list apply(variable_list&& gradients) override {
    refuse_second_derivative();
    if (!gradients[0].defined()) return {Tensor(), Tensor(), Tensor()};
    const Tensor g = image_gradient(gradients[0]), input = x.unpack(shared_from_this());
    const Rows rows(input);
    const auto [plain_sums, with_sums] = sums(data(input), data(g), rows);
    Tensor input_gradient, weight_gradient, bias_gradient;
    if (task_should_compute_output(0)) {
      input_gradient = at::empty_like(input);
      spread(data(input), data(g), rows, plain_sums, with_sums, data_of(input_gradient));
    }
    if (task_should_compute_output(1)) {
      weight_gradient = at::empty({rows.channels}, input.options().memory_format(at::MemoryFormat::Contiguous));
      for (long i = 0; i < rows.channels; i++) {
        data_of(weight_gradient)[i] = static_cast<float>(with_sums[i] * c.inverse_deviation[i]);
      }
    }
    if (task_should_compute_output(2)) {
      bias_gradient = at::empty({rows.channels}, input.options().memory_format(at::MemoryFormat::Contiguous));
      for (long i = 0; i < rows.channels; i++) data_of(bias_gradient)[i] = static_cast<float>(plain_sums[i]);
    }
    return {input_gradient, weight_gradient, bias_gradient};
  }

  // Per channel: the sums of the gradient, and of the gradient times the distance from the mean.
  std::pair<std::vector<double>, std::vector<double>> sums(const float* input, const float* g, const Rows& rows) const {
    const long channels = rows.channels;
    std::vector<float> parts(rows.tasks() * 2 * channels);
    parallel(rows.tasks(), [&](long task) {
      const long at = rows.first(task) * channels;
      kernels().norm_sums(input + at, g + at, rows.rows(task), channels, c.mean.data(), c.factor.data(),
                          c.offset.data(), relu, parts.data() + task * 2 * channels);
    });
    std::vector<double> plain_sums(channels, 0.0), with_sums(channels, 0.0);
    for (long task = 0; task < rows.tasks(); task++) {
      const float* part = parts.data() + task * 2 * channels;
      for (long i = 0; i < channels; i++) {
        plain_sums[i] += part[i];
        with_sums[i] += part[channels + i];
      }
    }
    return {plain_sums, with_sums};
  }

  // dx = factor * (g - mean(g) - (x - mean) / variance * mean(g (x - mean)))
  void spread(const float* input, const float* g, const Rows& rows, const std::vector<double>& plain_sums,
              const std::vector<double>& with_sums, float* to) const {
    const long channels = rows.channels;
    std::vector<float> slope(channels), level(channels);
    for (long i = 0; i < channels; i++) {
      const double inverse = c.inverse_deviation[i], count = static_cast<double>(rows.count);
      const double steep = -c.factor[i] * inverse * inverse * with_sums[i] / count;
      slope[i] = static_cast<float>(steep);
      level[i] = static_cast<float>(-c.factor[i] * plain_sums[i] / count - steep * c.mean[i]);
    }
    parallel(rows.tasks(), [&](long task) {
      const long at = rows.first(task) * channels;
      kernels().norm_backward(input + at, g + at, rows.rows(task), channels, c.factor.data(), c.offset.data(),
                              slope.data(), level.data(), relu, to + at);
    });
  }

  void release_variables() override { x.reset_data(); }

  std::string name() const override { return "NascentBatchNormBackward"; }
};

bool vector_or_nothing(const Tensor& x) { return !x.defined() || (plain(x) && x.is_contiguous()); }

}  // namespace

MaybeTensor batch_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, const Tensor& running_mean,
                       const Tensor& running_var, double momentum, double eps, bool relu) {
  const bool vectors = vector_or_nothing(weight) && vector_or_nothing(bias) && vector_or_nothing(running_mean) &&
                       vector_or_nothing(running_var);
  // libtorch says what is wrong with a batch of one value per channel.
  if (!image(x) || !vectors || x.numel() == x.size(1)) return std::nullopt;
  const Rows rows(x);
  const double count = static_cast<double>(rows.count);
  const Statistics s = statistics(data(x), rows);
  Coefficients c = coefficients(s, count, eps, weight, bias);
  move_running(running_mean, s.mean, 1, momentum);
  move_running(running_var, s.squares, 1 / (count - 1), momentum);
  const Tensor y = at::empty_like(x);
  const float* from = data(x);
  float* to = data_of(y);
  parallel(rows.tasks(), [&](long task) {
    const long at = rows.first(task) * rows.channels;
    kernels().affine(from + at, rows.rows(task), rows.channels, c.factor.data(), c.offset.data(), relu, to + at);
  });
  record(y, {x, weight, bias}, [&] {
    auto node = std::make_shared<NormBackward>();
    node->x = SavedVariable(x, false);
    node->c = std::move(c);
    node->relu = relu;
    return node;
  });
  return y;
}

}  // namespace nascent
