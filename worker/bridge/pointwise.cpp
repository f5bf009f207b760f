// Convolution of one pixel and its gradients.
#include "functions.h"
#include "pack.h"

namespace nascent {
namespace {

// Pixels of a task. The gradient of the weight is summed per task and then over tasks, whatever the threads.
constexpr long ROWS = 512;

long rows_of(const Tensor& x) { return x.size(0) * x.size(2) * x.size(3); }

// `y = x W` over all pixels.
void product(const float* x, const Packed& weight, const float* bias, Pointwise all, float* y) {
  parallel(divided_up(all.rows, ROWS), [&](long task) {
    const long first = task * ROWS;
    const Pointwise part{std::min(ROWS, all.rows - first), all.inputs, all.outputs};
    kernels().pointwise(part, x + first * all.inputs, weight.data(), bias, y + first * all.outputs);
  });
}

// The sum over pixels of the products of outputs' gradients and inputs: `[outputs, inputs]`.
void weight_sums(const float* x, const float* g, Pointwise all, float* to) {
  const long tasks = divided_up(all.rows, ROWS), size = all.inputs * all.outputs;
  Packed parts(tasks * size);
  parallel(tasks, [&](long task) {
    const long first = task * ROWS;
    const Pointwise part{std::min(ROWS, all.rows - first), all.outputs, all.inputs};
    kernels().pointwise_weight(part, g + first * all.outputs, x + first * all.inputs, parts.data() + task * size);
  });
  for (long i = 0; i < size; i++) to[i] = parts[i];
  for (long task = 1; task < tasks; task++) {
    for (long i = 0; i < size; i++) to[i] += parts[task * size + i];
  }
}

struct PointwiseBackward : Node {
  SavedVariable x, weight;

  variable_list apply(variable_list&& gradients) override {
    refuse_second_derivative();
    if (!gradients[0].defined()) return {Tensor(), Tensor(), Tensor()};
    const Tensor g = image_gradient(gradients[0]);
    const Tensor input = x.unpack(shared_from_this()), factors = weight.unpack(shared_from_this());
    const Pointwise sizes{rows_of(input), input.size(1), g.size(1)};
    Tensor input_gradient, weight_gradient, bias_gradient;
    if (task_should_compute_output(0)) {
      input_gradient = at::empty_like(input);
      const Packed packed = pack_matrix(data(factors), sizes.outputs, sizes.inputs, false);
      product(data(g), packed, nullptr, {sizes.rows, sizes.outputs, sizes.inputs}, data_of(input_gradient));
    }
    if (task_should_compute_output(1)) {
      weight_gradient = at::empty(factors.sizes(), factors.options());
      weight_sums(data(input), data(g), sizes, data_of(weight_gradient));
    }
    if (task_should_compute_output(2)) bias_gradient = g.sum(at::IntArrayRef{0, 2, 3});
    return {input_gradient, weight_gradient, bias_gradient};
  }

  void release_variables() override {
    x.reset_data();
    weight.reset_data();
  }

  std::string name() const override { return "NascentPointwiseBackward"; }
};

// From here on libtorch's matrix products, which cut their operands into cache-sized blocks, are faster.
constexpr int64_t MOST_CHANNELS = 256;

}  // namespace

MaybeTensor pointwise(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  const bool fits = image(x) && plain(weight) && weight.dim() == 4 && weight.size(1) == x.size(1) &&
                    weight.size(2) == 1 && weight.size(3) == 1 && weight.is_contiguous() &&
                    std::max(weight.size(0), weight.size(1)) <= MOST_CHANNELS &&
                    (!bias.defined() || (plain(bias) && bias.is_contiguous()));
  if (!fits) return std::nullopt;
  const Pointwise sizes{rows_of(x), x.size(1), weight.size(0)};
  const Tensor y = new_image(x, sizes.outputs, x.size(2), x.size(3));
  const Packed packed = pack_matrix(data(weight), sizes.outputs, sizes.inputs, true);
  Packed offsets;
  if (bias.defined()) offsets = pack_matrix(data(bias), 1, sizes.outputs, false);
  product(data(x), packed, bias.defined() ? offsets.data() : nullptr, sizes, data_of(y));
  record(y, {x, weight, bias}, [&] {
    auto node = std::make_shared<PointwiseBackward>();
    node->x = SavedVariable(x, false);
    node->weight = SavedVariable(weight, false);
    return node;
  });
  return y;
}

}  // namespace nascent
