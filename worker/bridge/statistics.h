// What batch norms of all forms share: the statistics of a batch, and the numbers that a pass over it needs.
#pragma once

#include "functions.h"

namespace nascent {

// Pixels of an image tensor, cut into tasks that are short enough to stay in the first cache between two passes.
struct Rows {
  long count, channels, step;

  explicit Rows(const Tensor& x);

  long tasks() const { return divided_up(count, step); }
  long first(long task) const { return task * step; }
  long rows(long task) const { return std::min(step, count - first(task)); }
};

// Per channel.
struct Statistics {
  std::vector<double> mean, squares;
};

Statistics statistics(const float* x, const Rows& rows);

// `momentum * value * scale + (1 - momentum) * running`, where there are running statistics.
void move_running(const Tensor& running, const std::vector<double>& values, double scale, double momentum);

// Per channel: what the passes over the pixels multiply and add.
struct Coefficients {
  std::vector<float> mean, inverse_deviation, factor, offset;
};

Coefficients coefficients(const Statistics& s, double count, double eps, const Tensor& weight, const Tensor& bias);

// The coefficients of a norm of `x`; moves its running statistics.
Coefficients settle(const Tensor& x, const Norm& norm);

// Per channel: what the gradient of the input is made of, see `Kernels::norm_backward`.
struct Slopes {
  std::vector<float> slope, level;
};

// From the sums of the gradient, and of the gradient times the distance from the mean.
// dx = factor * (g - mean(g) - (x - mean) / variance * mean(g (x - mean)))
Slopes slopes(const Coefficients& c, double count, const std::vector<double>& plain, const std::vector<double>& with);

// Totals of `[tasks, width]` in 64 bit, in the order of the tasks.
std::vector<double> totals(const std::vector<float>& parts, long tasks, long width);

// A new vector of numbers in 32 bit.
Tensor vector_of(const std::vector<double>& values, const Tensor& like);

bool vector_or_nothing(const Tensor& x);

}  // namespace nascent
