// Depthwise convolution and its gradients.
#include "pack.h"
#include "window.h"

namespace nascent {
namespace {

struct DepthwiseBackward : Node {
  SavedVariable x, weight;
  Window window;
  bool relu;

  variable_list apply(variable_list&& gradients) override {
    refuse_second_derivative();
    if (!gradients[0].defined()) return {Tensor(), Tensor()};
    const Tensor g = image_gradient(gradients[0]);
    const Tensor input = x.unpack(shared_from_this()), taps_of = weight.unpack(shared_from_this());
    const bool wants_input = task_should_compute_output(0), wants_weight = task_should_compute_output(1);
    const Tensor input_gradient = wants_input ? at::empty_like(input) : Tensor();
    const Tensor weight_gradient = wants_weight ? at::empty_like(taps_of) : Tensor();
    run(input, taps_of, g, input_gradient, weight_gradient);
    return {input_gradient, weight_gradient};
  }

  void run(const Tensor& input, const Tensor& taps_of, const Tensor& g, const Tensor& input_gradient,
           const Tensor& weight_gradient) const {
    const Window& w = window;
    const long images = input.size(0), lanes = kernels().lanes, blocks = divided_up(w.channels, lanes);
    const long packed_size = blocks * taps(w) * lanes;
    const Packed flipped = pack_taps(data(taps_of), w.channels, taps(w), true);
    // One gradient of the weight per image; their sum does not depend on the number of threads.
    Packed parts(weight_gradient.defined() ? images * packed_size : 0);
    each_block(w, images, [&](long image, long block, float* scratch) {
      const long at = block * taps(w) * lanes;
      kernels().depthwise_backward(w, data(input) + image * pixels(w), data(g) + image * out_pixels(w),
                                   flipped.data() + at,
                                   input_gradient.defined() ? data_of(input_gradient) + image * pixels(w) : nullptr,
                                   parts.empty() ? nullptr : parts.data() + image * packed_size + at, block * lanes,
                                   relu, scratch);
    });
    if (parts.empty()) return;
    for (long image = 1; image < images; image++) {
      for (long i = 0; i < packed_size; i++) parts[i] += parts[image * packed_size + i];
    }
    unpack_taps(parts.data(), w.channels, taps(w), data_of(weight_gradient));
  }

  void release_variables() override {
    x.reset_data();
    weight.reset_data();
  }

  std::string name() const override { return "NascentDepthwiseBackward"; }
};

}  // namespace

MaybeTensor depthwise(const Tensor& x, const Tensor& weight, Pair stride, Pair padding, Pair dilation, bool relu) {
  if (!image(x) || !plain(weight) || weight.dim() != 4 || weight.size(0) != x.size(1) || weight.size(1) != 1 ||
      !weight.is_contiguous()) {
    return std::nullopt;
  }
  const auto sized = window(x, {weight.size(2), weight.size(3)}, stride, padding, dilation);
  if (!sized) return std::nullopt;
  const Window w = *sized;
  const Tensor y = new_image(x, w.channels, w.out_height, w.out_width);
  const Packed packed = pack_taps(data(weight), w.channels, taps(w), false);
  const float *from = data(x);
  float* to = data_of(y);
  each_block(w, x.size(0), [&](long image, long block, float* scratch) {
    const long lanes = kernels().lanes;
    kernels().depthwise_forward(w, from + image * pixels(w), packed.data() + block * taps(w) * lanes,
                                to + image * out_pixels(w), block * lanes, relu, scratch);
  });
  record(y, {x, weight}, [&] {
    auto node = std::make_shared<DepthwiseBackward>();
    node->x = SavedVariable(x, false);
    node->weight = SavedVariable(weight, false);
    node->window = w;
    node->relu = relu;
    return node;
  });
  return y;
}

}  // namespace nascent
