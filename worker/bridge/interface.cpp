// The bridge's functions as the worker calls them: tensors by pointer, a fault as text that the caller frees.
#include <cstring>

#include "functions.h"

namespace {

using nascent::MaybeTensor;
using nascent::Pair;
using nascent::Tensor;

// Runs `make`; `*out` becomes its tensor, or null where the kernels do not know the case. Gives the fault's text.
template <class Make>
char* give(Tensor** out, Make make) {
  *out = nullptr;
  try {
    const MaybeTensor made = make();
    if (made) *out = new Tensor(*made);
    return nullptr;
  } catch (const std::exception& fault) {
    return strdup(fault.what());
  }
}

Tensor maybe(const Tensor* tensor) { return tensor ? *tensor : Tensor(); }

// A batch norm as the worker describes it; null for none.
struct NormArguments {
  const Tensor *weight, *bias, *running_mean, *running_var;
  double momentum, eps;
};

std::optional<nascent::Norm> norm_of(const NormArguments* norm) {
  if (!norm) return std::nullopt;
  return nascent::Norm{maybe(norm->weight), maybe(norm->bias), maybe(norm->running_mean), maybe(norm->running_var),
                       norm->momentum,      norm->eps};
}

std::vector<int64_t> picked(const Tensor* weights, const int64_t* picks, size_t count) {
  return weights ? std::vector<int64_t>(picks, picks + count) : std::vector<int64_t>();
}

Pair pair(const int64_t* from) { return {from[0], from[1]}; }

}  // namespace

extern "C" {

void nascent_free_text(char* text) { std::free(text); }

const char* nascent_instructions() { return nascent::kernels().instructions; }

char* nascent_depthwise(Tensor** out, const Tensor* x, const Tensor* weight, const int64_t* stride,
                        const int64_t* padding, const int64_t* dilation, bool relu) {
  return give(out, [&] {
    return nascent::depthwise(*x, *weight, pair(stride), pair(padding), pair(dilation), relu);
  });
}

char* nascent_pointwise(Tensor** out, const Tensor* x, const Tensor* weight, const Tensor* bias) {
  return give(out, [&] { return nascent::pointwise(*x, *weight, maybe(bias)); });
}

char* nascent_batch_norm(Tensor** out, const Tensor* x, const NormArguments* norm, bool relu) {
  return give(out, [&] { return nascent::batch_norm(*x, *norm_of(norm), relu); });
}

char* nascent_average_pool(Tensor** out, const Tensor* x, const int64_t* kernel, const int64_t* stride,
                           const int64_t* padding, bool count_padding) {
  return give(out,
              [&] { return nascent::average_pool(*x, pair(kernel), pair(stride), pair(padding), count_padding); });
}

char* nascent_max_pool(Tensor** out, const Tensor* x, const int64_t* kernel, const int64_t* stride,
                       const int64_t* padding) {
  return give(out, [&] { return nascent::max_pool(*x, pair(kernel), pair(stride), pair(padding)); });
}

char* nascent_weighted_sum(Tensor** out, const Tensor* const* x, size_t count, const Tensor* weights,
                           const int64_t* picks) {
  return give(out, [&] {
    nascent::variable_list all;
    for (size_t i = 0; i < count; i++) all.push_back(*x[i]);
    return nascent::weighted_sum(all, maybe(weights), picked(weights, picks, count));
  });
}

char* nascent_normed_sum(Tensor** out, const Tensor* const* x, const NormArguments* const* norms, size_t count,
                         const Tensor* weights, const int64_t* picks) {
  return give(out, [&] {
    std::vector<nascent::Term> terms;
    for (size_t i = 0; i < count; i++) terms.push_back({*x[i], norm_of(norms[i])});
    return nascent::normed_sum(terms, maybe(weights), picked(weights, picks, count));
  });
}

}  // extern "C"
