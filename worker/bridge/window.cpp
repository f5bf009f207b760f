#include "window.h"

namespace nascent {

std::optional<Window> window(const Tensor& x, Pair kernel, Pair stride, Pair padding, Pair dilation) {
  long size[2], out[2];
  for (int axis = 0; axis < 2; axis++) {
    size[axis] = x.size(2 + axis);
    const long reach = (kernel[axis] - 1) * dilation[axis];
    const bool known = kernel[axis] >= 1 && (stride[axis] == 1 || stride[axis] == 2) && dilation[axis] >= 1 &&
                       padding[axis] >= 0 && padding[axis] <= reach;
    if (!known || size[axis] + 2 * padding[axis] <= reach) return std::nullopt;
    out[axis] = (size[axis] + 2 * padding[axis] - reach - 1) / stride[axis] + 1;
  }
  return Window{x.size(1),  size[0],    size[1],    out[0],     out[1],      kernel[0],  kernel[1],
                stride[0],  stride[1],  padding[0], padding[1], dilation[0], dilation[1]};
}

}  // namespace nascent
