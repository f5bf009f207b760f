// The kernels as plain functions over pointers. Each is compiled once per instruction set (isa_*.cpp); `kernels()` are
// those for this machine. Images are `[batch, height, width, channels]` in memory, channels innermost, all in 32 bit.
#pragma once

namespace nascent {

// A window that slides over an image: of a depthwise convolution or of a pooling.
struct Window {
  long channels;
  long height, width;
  long out_height, out_width;
  long kernel_height, kernel_width;
  long stride_height, stride_width;
  long padding_height, padding_width;
  long dilation_height, dilation_width;
};

// `rows` pixels of `inputs` channels each become pixels of `outputs` channels.
struct Pointwise {
  long rows, inputs, outputs;
};

struct Kernels {
  // The instruction set: `portable`, `avx2`, `avx512`.
  const char* instructions;
  // Floats in a vector: channels are worked on in blocks of so many, packed weights are padded to it.
  long lanes;

  // Floats of scratch memory that the window kernels need.
  long (*window_scratch)(const Window&);

  // One block of channels (the first is `channel`) of one image. `weight` is packed `[tap][lanes]`.
  // With `relu` the window slides over relu(x).
  void (*depthwise_forward)(const Window&, const float* x, const float* weight, float* y, long channel, bool relu,
                            float* scratch);
  // `flipped`: the packed weight, last tap first. `x_gradient` or `weight_gradient` (packed) may be null.
  void (*depthwise_backward)(const Window&, const float* x, const float* y_gradient, const float* flipped,
                             float* x_gradient, float* weight_gradient, long channel, bool relu, float* scratch);

  // Pooling of one block of channels of one image. `inverse_counts` `[out_height, out_width]`: what a sum over a
  // window is multiplied by.
  void (*average_forward)(const Window&, const float* x, const float* inverse_counts, float* y, long channel,
                          float* scratch);
  void (*average_backward)(const Window&, const float* y_gradient, const float* inverse_counts, float* x_gradient,
                           long channel, float* scratch);
  void (*max_forward)(const Window&, const float* x, float* y, long channel, float* scratch);
  void (*max_backward)(const Window&, const float* x, const float* y_gradient, float* x_gradient, long channel,
                       float* scratch);

  // `y = x W`: `weight` is packed `[inputs][outputs, padded to lanes]`. `bias` (padded likewise) may be null.
  void (*pointwise)(const Pointwise&, const float* x, const float* weight, const float* bias, float* y);
  // `y = x^T g`, `[inputs, outputs]`: the gradient of the weight over `rows` pixels.
  void (*pointwise_weight)(const Pointwise&, const float* x, const float* gradient, float* y);

  // Mean and sum of squared differences from it, per channel, over `rows` pixels: `statistics` is `[2, channels]`.
  void (*moments)(const float* x, long rows, long channels, float* statistics);
  // `y = x * factor + offset` per channel, then ReLU where asked for.
  void (*affine)(const float* x, long rows, long channels, const float* factor, const float* offset, bool relu,
                 float* y);
  // Sums of `g` and of `g * (x - mean)`: `sums` is `[2, channels]`. With `relu`, `g` passes where
  // `x * factor + offset` is positive.
  void (*norm_sums)(const float* x, const float* g, long rows, long channels, const float* mean, const float* factor,
                    const float* offset, bool relu, float* sums);
  // `dx = factor * g + slope * x + level` per channel: the gradient of a norm over its own statistics.
  void (*norm_backward)(const float* x, const float* g, long rows, long channels, const float* factor,
                        const float* offset, const float* slope, const float* level, bool relu, float* x_gradient);

  // `y = offset + sum_i factors[i] * x[i]` per channel; `factors` is `[count, channels]`.
  void (*normed_sum)(const float* const* x, const float* factors, const float* offset, long count, long rows,
                     long channels, float* y);

  // `y = sum_i weights[i] * x[i]`; `weights` may be null (all 1).
  void (*weighted_sum)(const float* const* x, const float* weights, long count, long length, float* y);
  // `dots[i] = sum(x[i] * g)`.
  void (*dots)(const float* const* x, const float* g, long count, long length, float* dots);
  // `y = g * factor`.
  void (*scale)(const float* g, float factor, long length, float* y);
};

const Kernels& kernels();

}  // namespace nascent
