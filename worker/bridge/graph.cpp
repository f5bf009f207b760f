#include "graph.h"

#include <torch/csrc/jit/frontend/tracer.h>

#include <cstdlib>

namespace nascent {

bool plain(const Tensor& x) {
  return x.defined() && x.scalar_type() == at::kFloat && x.layout() == at::kStrided && x.device().is_cpu() &&
         !x.is_neg() && !torch::jit::tracer::isTracing() && x.numel() > 0;
}

bool image(const Tensor& x) {
  return plain(x) && x.dim() == 4 && x.is_contiguous(at::MemoryFormat::ChannelsLast);
}

Tensor new_image(const Tensor& x, int64_t channels, int64_t height, int64_t width) {
  return at::empty({x.size(0), channels, height, width}, x.options().memory_format(at::MemoryFormat::ChannelsLast));
}

Tensor image_gradient(const Tensor& gradient) {
  return gradient.to(at::kFloat).contiguous(at::MemoryFormat::ChannelsLast);
}

void refuse_second_derivative() {
  TORCH_CHECK(!at::GradMode::is_enabled(), "these layers have no second derivative on the CPU in 32 bit");
}

float* scratch(long floats) {
  struct Memory {
    float* data = nullptr;
    long size = 0;
    ~Memory() { std::free(data); }
  };
  thread_local Memory memory;
  if (memory.size < floats) {
    std::free(memory.data);
    memory.size = divided_up(floats, 16) * 16;
    memory.data = static_cast<float*>(std::aligned_alloc(64, memory.size * sizeof(float)));
    if (!memory.data) memory.size = 0;
    TORCH_CHECK(memory.data, "no memory for ", floats, " numbers");
  }
  return memory.data;
}

}  // namespace nascent
