// Average and max pooling and their gradients.
#include <algorithm>

#include "window.h"

namespace nascent {
namespace {

using Inverse = std::vector<float>;

// One over the number of values that count in each window.
Inverse inverse_counts(const Window& w, bool count_padding) {
  const auto inside = [&](long start, long kernel, long size, long padding) {
    const long lowest = count_padding ? -padding : 0, end = count_padding ? size + padding : size;
    return std::min(start + kernel, end) - std::max(start, lowest);
  };
  Inverse inverse(w.out_height * w.out_width);
  for (long row = 0; row < w.out_height; row++) {
    const long high = inside(row * w.stride_height - w.padding_height, w.kernel_height, w.height, w.padding_height);
    for (long column = 0; column < w.out_width; column++) {
      const long wide = inside(column * w.stride_width - w.padding_width, w.kernel_width, w.width, w.padding_width);
      inverse[row * w.out_width + column] = 1.0f / static_cast<float>(high * wide);
    }
  }
  return inverse;
}

struct AverageBackward : Node {
  Window window;
  Inverse inverse;

  variable_list apply(variable_list&& gradients) override {
    refuse_second_derivative();
    if (!gradients[0].defined()) return {Tensor()};
    const Window& w = window;
    const Tensor g = image_gradient(gradients[0]);
    const Tensor to = new_image(g, w.channels, w.height, w.width);
    const float* from = data(g);
    float* at = data_of(to);
    each_block(w, g.size(0), [&](long image, long block, float* scratch) {
      kernels().average_backward(w, from + image * out_pixels(w), inverse.data(), at + image * pixels(w),
                                 block * kernels().lanes, scratch);
    });
    return {to};
  }

  std::string name() const override { return "NascentAveragePoolBackward"; }
};

struct MaxBackward : Node {
  SavedVariable x;
  Window window;

  variable_list apply(variable_list&& gradients) override {
    refuse_second_derivative();
    if (!gradients[0].defined()) return {Tensor()};
    const Window& w = window;
    const Tensor g = image_gradient(gradients[0]), input = x.unpack(shared_from_this());
    const Tensor to = at::empty_like(input);
    const float *from = data(g), *values = data(input);
    float* at = data_of(to);
    each_block(w, g.size(0), [&](long image, long block, float* scratch) {
      kernels().max_backward(w, values + image * pixels(w), from + image * out_pixels(w), at + image * pixels(w),
                             block * kernels().lanes, scratch);
    });
    return {to};
  }

  void release_variables() override { x.reset_data(); }

  std::string name() const override { return "NascentMaxPoolBackward"; }
};

// Windows over the whole of large images are libtorch's: the kernels go through every tap for every pixel.
constexpr long MOST_TAPS = 49;

std::optional<Window> pool_window(const Tensor& x, Pair kernel, Pair stride, Pair padding) {
  if (!image(x) || kernel[0] * kernel[1] > MOST_TAPS) return std::nullopt;
  return window(x, kernel, stride, padding, {1, 1});
}

}  // namespace

MaybeTensor average_pool(const Tensor& x, Pair kernel, Pair stride, Pair padding, bool count_padding) {
  const auto sized = pool_window(x, kernel, stride, padding);
  if (!sized) return std::nullopt;
  const Window w = *sized;
  const Tensor y = new_image(x, w.channels, w.out_height, w.out_width);
  Inverse inverse = inverse_counts(w, count_padding);
  const float* from = data(x);
  float* to = data_of(y);
  each_block(w, x.size(0), [&](long image, long block, float* scratch) {
    kernels().average_forward(w, from + image * pixels(w), inverse.data(), to + image * out_pixels(w),
                              block * kernels().lanes, scratch);
  });
  record(y, {x}, [&] {
    auto node = std::make_shared<AverageBackward>();
    node->window = w;
    node->inverse = std::move(inverse);
    return node;
  });
  return y;
}

MaybeTensor max_pool(const Tensor& x, Pair kernel, Pair stride, Pair padding) {
  const auto sized = pool_window(x, kernel, stride, padding);
  if (!sized) return std::nullopt;
  const Window w = *sized;
  const Tensor y = new_image(x, w.channels, w.out_height, w.out_width);
  const float* from = data(x);
  float* to = data_of(y);
  each_block(w, x.size(0), [&](long image, long block, float* scratch) {
    kernels().max_forward(w, from + image * pixels(w), to + image * out_pixels(w), block * kernels().lanes, scratch);
  });
  record(y, {x}, [&] {
    auto node = std::make_shared<MaxBackward>();
    node->x = SavedVariable(x, false);
    node->window = w;
    return node;
  });
  return y;
}

}  // namespace nascent
