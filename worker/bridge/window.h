// Windows of depthwise convolutions and poolings: their sizes, and the tasks that they are cut into.
#pragma once

#include "functions.h"

namespace nascent {

// The window of a layer on `x`; nothing where the kernels do not know it.
std::optional<Window> window(const Tensor& x, Pair kernel, Pair stride, Pair padding, Pair dilation);

inline long taps(const Window& w) { return w.kernel_height * w.kernel_width; }
inline long pixels(const Window& w) { return w.height * w.width * w.channels; }
inline long out_pixels(const Window& w) { return w.out_height * w.out_width * w.channels; }

// `work(image, block, scratch)` for every image and block of channels.
template <class Work>
void each_block(const Window& w, long images, Work work) {
  const long blocks = divided_up(w.channels, kernels().lanes);
  const long floats = kernels().window_scratch(w);
  parallel(images * blocks, [&](long task) { work(task / blocks, task % blocks, scratch(floats)); });
}

}  // namespace nascent
