#include "statistics.h"

#include <cmath>

namespace nascent {

Rows::Rows(const Tensor& x)
    : count(x.numel() / x.size(1)), channels(x.size(1)), step(std::max(16L, 4096 / channels)) {}

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
    const double share = here / after, spread = before * share;
    const float* part = parts.data() + task * 2 * c;
    for (long i = 0; i < c; i++) {
      const double difference = part[i] - all.mean[i];
      all.mean[i] += difference * share;
      all.squares[i] += part[c + i] + difference * difference * spread;
    }
    before = after;
  }
  return all;
}

void move_running(const Tensor& running, const std::vector<double>& values, double scale, double momentum) {
  if (!running.defined()) return;
  float* to = data_of(running);
  for (size_t i = 0; i < values.size(); i++) {
    to[i] = static_cast<float>(momentum * values[i] * scale + (1 - momentum) * to[i]);
  }
}

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

Slopes slopes(const Coefficients& c, double count, const std::vector<double>& plain, const std::vector<double>& with) {
  Slopes s;
  for (size_t i = 0; i < plain.size(); i++) {
    const double inverse = c.inverse_deviation[i];
    const double slope = -c.factor[i] * inverse * inverse * with[i] / count;
    s.slope.push_back(static_cast<float>(slope));
    s.level.push_back(static_cast<float>(-c.factor[i] * plain[i] / count - slope * c.mean[i]));
  }
  return s;
}

std::vector<double> totals(const std::vector<float>& parts, long tasks, long width) {
  std::vector<double> sums(width, 0.0);
  for (long task = 0; task < tasks; task++) {
    for (long i = 0; i < width; i++) sums[i] += parts[task * width + i];
  }
  return sums;
}

Tensor vector_of(const std::vector<double>& values, const Tensor& like) {
  const Tensor to = at::empty({static_cast<int64_t>(values.size())},
                              like.options().memory_format(at::MemoryFormat::Contiguous));
  for (size_t i = 0; i < values.size(); i++) data_of(to)[i] = static_cast<float>(values[i]);
  return to;
}

bool vector_or_nothing(const Tensor& x) { return !x.defined() || (plain(x) && x.is_contiguous()); }

}  // namespace nascent
