// Sliding windows over one block of channels: depthwise convolution and its gradients, average and max pooling.
// The block is first copied into `scratch` with its padding, where every pixel is one vector: from there on the loops
// know no borders.
#pragma once

#include "simd.h"

namespace {

using nascent::Window;

// A padded block: pixel (row, column) starts at `(row * width + column) * LANES`.
struct Padded {
  long height, width;
  float* pixels;
};

INLINE Padded padded_input(const Window& w, float* scratch) {
  return {(w.out_height - 1) * w.stride_height + (w.kernel_height - 1) * w.dilation_height + 1,
          (w.out_width - 1) * w.stride_width + (w.kernel_width - 1) * w.dilation_width + 1, scratch};
}

INLINE Padded padded_gradient(const Window& w, float* scratch) {
  return {w.height + (w.kernel_height - 1) * w.dilation_height, w.width + (w.kernel_width - 1) * w.dilation_width,
          scratch};
}

INLINE long floats(const Padded& p) { return p.height * p.width * LANES; }

long window_scratch(const Window& w) {
  return floats(padded_input(w, nullptr)) + 2 * floats(padded_gradient(w, nullptr));
}

INLINE void fill_pixels(float* to, long count, vec value) {
  for (long pixel = 0; pixel < count; pixel++) store(to + pixel * LANES, value);
}

// An image `[height, width, channels]` of which a block of channels is copied.
struct Source {
  const float* pixels;
  long height, width, channels;
};

// Puts pixel (y, x) of the source to (top + y * step_y, left + x * step_x), `change`d by `(value, pixel)`; what falls
// outside is left out, what is between is `empty`.
template <class Change>
INLINE void pad(const Source& s, long channel, const Padded& to, long top, long left, long step_y, long step_x,
                vec empty, Change change) {
  const long lanes = smaller(LANES, s.channels - channel);
  for (long row = 0; row < to.height; row++) {
    float* line = to.pixels + row * to.width * LANES;
    const long y = row - top;
    if (y < 0 || y % step_y != 0 || y / step_y >= s.height) {
      fill_pixels(line, to.width, empty);
      continue;
    }
    const float* from = s.pixels + (y / step_y) * s.width * s.channels + channel;
    if (step_x == 1) {
      const long first = left, last = smaller(to.width, left + s.width);
      fill_pixels(line, smaller(first, to.width), empty);
      for (long column = first; column < last; column++) {
        const vec value = load_some(from + (column - left) * s.channels, lanes);
        store(line + column * LANES, change(value, (y / step_y) * s.width + column - left));
      }
      if (last < to.width) fill_pixels(line + last * LANES, to.width - last, empty);
      continue;
    }
    fill_pixels(line, to.width, empty);
    for (long x = 0; x < s.width && left + x * step_x < to.width; x++) {
      const vec value = load_some(from + x * s.channels, lanes);
      store(line + (left + x * step_x) * LANES, change(value, (y / step_y) * s.width + x));
    }
  }
}

INLINE void pad_input(const Window& w, const float* x, long channel, bool with_relu, const Padded& to, vec empty) {
  const Source source{x, w.height, w.width, w.channels};
  const auto rectified = [](vec value, long) { return relu(value); };
  const auto plain = [](vec value, long) { return value; };
  if (with_relu) {
    pad(source, channel, to, w.padding_height, w.padding_width, 1, 1, empty, rectified);
  } else {
    pad(source, channel, to, w.padding_height, w.padding_width, 1, 1, empty, plain);
  }
}

// `g` spread to the pixels that its windows start at, so that the gradient of the input is a sum of window shape.
template <class Change>
INLINE void pad_gradient(const Window& w, const float* g, long channel, const Padded& to, Change change) {
  const Source source{g, w.out_height, w.out_width, w.channels};
  pad(source, channel, to, (w.kernel_height - 1) * w.dilation_height - w.padding_height,
      (w.kernel_width - 1) * w.dilation_width - w.padding_width, w.stride_height, w.stride_width, vec{}, change);
}

// How the taps of a window lie in a padded block.
struct Taps {
  long rows, row_step, column_step;
  long columns;
};

INLINE Taps taps(const Window& w, const Padded& p) {
  return {w.kernel_height, w.dilation_height * p.width * LANES, w.dilation_width * LANES, w.kernel_width};
}

// The sums of `COUNT` neighbouring windows. `COLUMNS` is the width of the kernel, or 0 for any; `weight` may be null.
template <int COLUMNS, int STRIDE, int COUNT, bool WEIGHTED>
INLINE void window_sums(const float* first, const Taps& t, const float* weight, vec* sums) {
  for (int i = 0; i < COUNT; i++) sums[i] = vec{};
  const long columns = COLUMNS ? COLUMNS : t.columns;
  for (long row = 0; row < t.rows; row++) {
    const float* line = first + row * t.row_step;
#pragma GCC unroll 8
    for (long column = 0; column < columns; column++) {
      const vec factor = WEIGHTED ? load(weight + (row * columns + column) * LANES) : vec{};
      const float* pixel = line + column * t.column_step;
#pragma GCC unroll 8
      for (int i = 0; i < COUNT; i++) {
        const vec value = load(pixel + i * STRIDE * LANES);
        sums[i] += WEIGHTED ? value * factor : value;
      }
    }
  }
}

// Window sums at every output pixel; `put(row, column, sum)` takes them.
template <int COLUMNS, int STRIDE, bool WEIGHTED, class Put>
INLINE void slide(const Padded& p, const Taps& t, const float* weight, long stride_y, long height, long width,
                  Put put) {
  for (long row = 0; row < height; row++) {
    const float* line = p.pixels + row * stride_y * p.width * LANES;
    long column = 0;
    vec sums[8];
    for (; column + 8 <= width; column += 8) {
      window_sums<COLUMNS, STRIDE, 8, WEIGHTED>(line + column * STRIDE * LANES, t, weight, sums);
      for (int i = 0; i < 8; i++) put(row, column + i, sums[i]);
    }
    for (; column + 4 <= width; column += 4) {
      window_sums<COLUMNS, STRIDE, 4, WEIGHTED>(line + column * STRIDE * LANES, t, weight, sums);
      for (int i = 0; i < 4; i++) put(row, column + i, sums[i]);
    }
    for (; column < width; column++) {
      window_sums<COLUMNS, STRIDE, 1, WEIGHTED>(line + column * STRIDE * LANES, t, weight, sums);
      put(row, column, sums[0]);
    }
  }
}

// Kernels of width 3, 5 and 7 have loops of their own.
template <int STRIDE, bool WEIGHTED, class Put>
INLINE void slide_columns(const Padded& p, const Taps& t, const float* weight, long stride_y, long height, long width,
                          Put put) {
  switch (t.columns) {
    case 3: return slide<3, STRIDE, WEIGHTED>(p, t, weight, stride_y, height, width, put);
    case 5: return slide<5, STRIDE, WEIGHTED>(p, t, weight, stride_y, height, width, put);
    case 7: return slide<7, STRIDE, WEIGHTED>(p, t, weight, stride_y, height, width, put);
    default: return slide<0, STRIDE, WEIGHTED>(p, t, weight, stride_y, height, width, put);
  }
}

template <bool WEIGHTED, class Put>
INLINE void slide_forward(const Window& w, const Padded& p, const float* weight, Put put) {
  const Taps t = taps(w, p);
  if (w.stride_width == 1) {
    slide_columns<1, WEIGHTED>(p, t, weight, w.stride_height, w.out_height, w.out_width, put);
  } else {
    slide_columns<2, WEIGHTED>(p, t, weight, w.stride_height, w.out_height, w.out_width, put);
  }
}

void depthwise_forward(const Window& w, const float* x, const float* weight, float* y, long channel, bool with_relu,
                       float* scratch) {
  const Padded p = padded_input(w, scratch);
  pad_input(w, x, channel, with_relu, p, vec{});
  const long lanes = smaller(LANES, w.channels - channel);
  slide_forward<true>(w, p, weight, [&](long row, long column, vec sum) {
    store_some(y + (row * w.out_width + column) * w.channels + channel, sum, lanes);
  });
}

// Adds to `sums[column]` the products of the output gradients of one row with the pixels under one row of the kernel.
template <int COLUMNS, int STRIDE>
INLINE void weight_row(const float* line, long column_step, const float* g, long g_step, long width, long lanes,
                       vec* sums) {
  vec even[COLUMNS] = {}, odd[COLUMNS] = {};
  long x = 0;
  for (; x + 2 <= width; x += 2) {
    const vec first = load_some(g + x * g_step, lanes), second = load_some(g + (x + 1) * g_step, lanes);
    const float* pixel = line + x * STRIDE * LANES;
#pragma GCC unroll 8
    for (int column = 0; column < COLUMNS; column++) {
      even[column] += first * load(pixel + column * column_step);
      odd[column] += second * load(pixel + column * column_step + STRIDE * LANES);
    }
  }
  if (x < width) {
    const vec last = load_some(g + x * g_step, lanes);
    for (int column = 0; column < COLUMNS; column++) {
      even[column] += last * load(line + x * STRIDE * LANES + column * column_step);
    }
  }
  for (int column = 0; column < COLUMNS; column++) sums[column] += even[column] + odd[column];
}

template <int COLUMNS, int STRIDE>
INLINE void weight_gradient(const Window& w, const Padded& p, const float* g, long channel, float* to) {
  const Taps t = taps(w, p);
  const long lanes = smaller(LANES, w.channels - channel);
  // Kernels of other widths go a column at a time.
  constexpr long STEP = COLUMNS ? COLUMNS : 1;
  for (long tap_row = 0; tap_row < t.rows; tap_row++) {
    for (long column = 0; column < t.columns; column += STEP) {
      vec sums[STEP] = {};
      for (long row = 0; row < w.out_height; row++) {
        const float* line = p.pixels + row * w.stride_height * p.width * LANES + tap_row * t.row_step;
        weight_row<STEP, STRIDE>(line + column * t.column_step, t.column_step,
                                 g + row * w.out_width * w.channels + channel, w.channels, w.out_width, lanes, sums);
      }
      for (long i = 0; i < STEP; i++) store(to + (tap_row * t.columns + column + i) * LANES, sums[i]);
    }
  }
}

template <int STRIDE>
INLINE void weight_gradient_columns(const Window& w, const Padded& p, const float* g, long channel, float* to) {
  switch (w.kernel_width) {
    case 3: return weight_gradient<3, STRIDE>(w, p, g, channel, to);
    case 5: return weight_gradient<5, STRIDE>(w, p, g, channel, to);
    default: return weight_gradient<0, STRIDE>(w, p, g, channel, to);
  }
}

void depthwise_backward(const Window& w, const float* x, const float* g, const float* flipped, float* x_gradient,
                        float* weight_to, long channel, bool with_relu, float* scratch) {
  if (weight_to) {
    const Padded p = padded_input(w, scratch);
    pad_input(w, x, channel, with_relu, p, vec{});
    if (w.stride_width == 1) {
      weight_gradient_columns<1>(w, p, g, channel, weight_to);
    } else {
      weight_gradient_columns<2>(w, p, g, channel, weight_to);
    }
  }
  if (!x_gradient) return;
  const Padded p = padded_gradient(w, scratch);
  pad_gradient(w, g, channel, p, [](vec value, long) { return value; });
  const long lanes = smaller(LANES, w.channels - channel);
  slide_columns<1, true>(p, taps(w, p), flipped, 1, w.height, w.width, [&](long row, long column, vec sum) {
    const long at = (row * w.width + column) * w.channels + channel;
    const vec passed = with_relu ? relu_gradient(load_some(x + at, lanes), sum) : sum;
    store_some(x_gradient + at, passed, lanes);
  });
}

void average_forward(const Window& w, const float* x, const float* inverse_counts, float* y, long channel,
                     float* scratch) {
  const Padded p = padded_input(w, scratch);
  pad_input(w, x, channel, false, p, vec{});
  const long lanes = smaller(LANES, w.channels - channel);
  slide_forward<false>(w, p, nullptr, [&](long row, long column, vec sum) {
    const long pixel = row * w.out_width + column;
    store_some(y + pixel * w.channels + channel, sum * inverse_counts[pixel], lanes);
  });
}

void average_backward(const Window& w, const float* g, const float* inverse_counts, float* x_gradient, long channel,
                      float* scratch) {
  const Padded p = padded_gradient(w, scratch);
  pad_gradient(w, g, channel, p, [&](vec value, long pixel) { return value * inverse_counts[pixel]; });
  const long lanes = smaller(LANES, w.channels - channel);
  slide_columns<1, false>(p, taps(w, p), nullptr, 1, w.height, w.width, [&](long row, long column, vec sum) {
    store_some(x_gradient + (row * w.width + column) * w.channels + channel, sum, lanes);
  });
}

// The largest value of a window, and the number of the first tap that has it. Without `NANS` no value may be NaN.
template <bool NANS>
INLINE vec window_max(const float* first, const Taps& t, vec* tap_of_it) {
  vec most = load(first), at = vec{};
  float tap = 0;
  for (long row = 0; row < t.rows; row++) {
    for (long column = 0; column < t.columns; column++, tap += 1) {
      const vec value = load(first + row * t.row_step + column * t.column_step);
      // A value that is no number wins, as in libtorch.
      const auto wins = NANS ? (value > most) | (value != value) : value > most;
      if (tap_of_it) at = wins ? same(tap) : at;
      most = NANS ? (wins ? value : most) : larger(value, most);
    }
  }
  if (tap_of_it) *tap_of_it = at;
  return most;
}

// Copies a block of channels with borders that no window chooses; tells whether a value is no number.
INLINE bool pad_for_max(const Window& w, const float* x, long channel, const Padded& to) {
  vec sum = vec{};
  const Source source{x, w.height, w.width, w.channels};
  pad(source, channel, to, w.padding_height, w.padding_width, 1, 1, same(-__builtin_inff()), [&](vec value, long) {
    // Not a number where a value is none; infinite values go the slow way as well.
    sum += value * 0.0f;
    return value;
  });
  return any_nan(sum);
}

template <bool NANS>
INLINE void max_windows(const Window& w, const Padded& p, float* y, long channel) {
  const Taps t = taps(w, p);
  const long lanes = smaller(LANES, w.channels - channel);
  for (long row = 0; row < w.out_height; row++) {
    for (long column = 0; column < w.out_width; column++) {
      const float* first = p.pixels + (row * w.stride_height * p.width + column * w.stride_width) * LANES;
      store_some(y + (row * w.out_width + column) * w.channels + channel, window_max<NANS>(first, t, nullptr), lanes);
    }
  }
}

void max_forward(const Window& w, const float* x, float* y, long channel, float* scratch) {
  const Padded p = padded_input(w, scratch);
  if (pad_for_max(w, x, channel, p)) {
    max_windows<true>(w, p, y, channel);
  } else {
    max_windows<false>(w, p, y, channel);
  }
}

// Writes to `to`, where a window's gradient lies in a padded gradient, the tap that its maximum came from.
template <bool NANS>
INLINE void max_taps(const Window& w, const Padded& p, const Padded& to, long top, long left) {
  const Taps t = taps(w, p);
  for (long row = 0; row < w.out_height; row++) {
    float* line = to.pixels + ((top + row * w.stride_height) * to.width + left) * LANES;
    for (long column = 0; column < w.out_width; column++) {
      vec tap;
      window_max<NANS>(p.pixels + (row * w.stride_height * p.width + column * w.stride_width) * LANES, t, &tap);
      store(line + column * w.stride_width * LANES, tap);
    }
  }
}

// The gradient of a window goes to the first of its largest values: every pixel adds up the windows that chose it.
void max_backward(const Window& w, const float* x, const float* g, float* x_gradient, long channel, float* scratch) {
  const Padded input = padded_input(w, scratch);
  const Padded gradient = padded_gradient(w, scratch + floats(input));
  const Padded chosen = padded_gradient(w, gradient.pixels + floats(gradient));
  pad_gradient(w, g, channel, gradient, [](vec value, long) { return value; });
  fill_pixels(chosen.pixels, chosen.height * chosen.width, same(-1));
  const long top = w.kernel_height - 1 - w.padding_height, left = w.kernel_width - 1 - w.padding_width;
  if (pad_for_max(w, x, channel, input)) {
    max_taps<true>(w, input, chosen, top, left);
  } else {
    max_taps<false>(w, input, chosen, top, left);
  }
  const Taps t = taps(w, gradient);
  const long lanes = smaller(LANES, w.channels - channel);
  for (long row = 0; row < w.height; row++) {
    for (long column = 0; column < w.width; column++) {
      const long first = (row * gradient.width + column) * LANES;
      vec sum = vec{};
      float tap = (float)(t.rows * t.columns - 1);
      for (long r = 0; r < t.rows; r++) {
        for (long c = 0; c < t.columns; c++, tap -= 1) {
          const long at = first + r * t.row_step + c * t.column_step;
          sum += load(chosen.pixels + at) == tap ? load(gradient.pixels + at) : vec{};
        }
      }
      store_some(x_gradient + (row * w.width + column) * w.channels + channel, sum, lanes);
    }
  }
}

}  // namespace
