// The maximum over positions of a convolution. For every member and channel one position has the
// gradient, so that the backward pass is sums over few windows instead of products of all of them.
#include <ATen/Parallel.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <vector>

#include "conv_max_kernel.h"
#include "conv_windows.h"
#include "convolution.h"
#include "guard.h"
#include "kernel_choice.h"
#include "products.h"
#include "segments.h"

using namespace codonfuse;

namespace {

/// Rows of a product: many enough to be fast, few enough to stay in the caches until their maximum.
constexpr int64_t ROWS_AT_ONCE = 1024;
/// Channels whose weights stay in the second-level cache, and how many are at least a thread's work.
constexpr int64_t CHANNELS_AT_ONCE = 32;

}  // namespace

template <>
const ConvMaxKernels<float, float> &codonfuse::conv_max_kernels() {
  return CODONFUSE_CHOOSE(conv_max_float32);
}

template <>
const ConvMaxKernels<double, double> &codonfuse::conv_max_kernels() {
  return CODONFUSE_CHOOSE(conv_max_float64);
}

template <>
const ConvMaxKernels<uint16_t, float> &codonfuse::conv_max_kernels() {
  return CODONFUSE_CHOOSE(conv_max_bfloat16);
}

namespace {

/// The valid positions of every member.
class Positions {
 public:
  Positions(const std::optional<at::Tensor> &mask, int64_t batch, int64_t positions) {
    const at::Tensor valid = mask ? mask->contiguous() : at::Tensor();
    const bool *flags = mask ? valid.const_data_ptr<bool>() : nullptr;
    for (int64_t b = 0; b < batch; b++) {
      for (int64_t t = 0; t < positions; t++) {
        if (flags == nullptr || flags[b * positions + t]) {
          all_.push_back(static_cast<int32_t>(t));
        }
      }
      ends_.push_back(static_cast<int64_t>(all_.size()));
    }
  }

  int64_t begin(int64_t member) const { return member == 0 ? 0 : ends_[member - 1]; }
  int64_t end(int64_t member) const { return ends_[member]; }
  int32_t operator[](int64_t row) const { return all_[row]; }

  /// The member after the last one that is computed together with this one.
  int64_t block_end(int64_t member) const {
    int64_t last = member + 1;
    while (last < static_cast<int64_t>(ends_.size()) &&
           end(last) - begin(member) <= ROWS_AT_ONCE) {
      last++;
    }
    return last;
  }

 private:
  std::vector<int32_t> all_;
  std::vector<int64_t> ends_;
};

/// What the backward pass needs of the forward one.
struct Maxima {
  at::Tensor values;   ///< [batch, out]
  at::Tensor places;   ///< int32 [batch, out]: the position of the maximum, -1 without one
  at::Tensor padded;   ///< [batch, left + position + right, in]
  at::Tensor weights;  ///< [out, kernel * in], a window's order
};

/// S as LibTorch calls it.
template <typename S>
S *data(const at::Tensor &x) {
  return static_cast<S *>(x.mutable_data_ptr());
}

template <typename S, typename A>
at::Tensor window_weights(const at::Tensor &weight, at::ScalarType stored) {
  const int64_t in = weight.size(1);
  const int64_t kernel = weight.size(2);
  const at::Tensor source = weight.contiguous();
  const at::Tensor result =
      at::empty({weight.size(0), kernel * in}, weight.options().dtype(stored));
  const auto &kernels = conv_max_kernels<S, A>();
  const A *from = data<A>(source);
  S *to = data<S>(result);
  at::parallel_for(0, weight.size(0), CHANNELS_AT_ONCE, [&](int64_t first, int64_t last) {
    for (int64_t o = first; o < last; o++) {
      kernels.transpose(from + o * kernel * in, in, kernel, to + o * kernel * in);
    }
  });
  return result;
}

template <typename S, typename A>
Maxima maxima(const at::Tensor &x, const at::Tensor &weight, const at::Tensor &bias, int64_t left,
              int64_t right, const std::optional<at::Tensor> &mask, at::ScalarType stored) {
  const int64_t batch = x.size(0);
  const int64_t in = x.size(2);
  const int64_t out = weight.size(0);
  const int64_t length = weight.size(2) * in;
  const auto &kernels = conv_max_kernels<S, A>();
  Maxima result;
  result.padded = at::constant_pad_nd(x.to(stored), {0, 0, left, right}).contiguous();
  result.weights = window_weights<S, A>(weight, stored);
  result.values =
      at::full({batch, out}, -std::numeric_limits<A>::infinity(), weight.options());
  result.places = at::full({batch, out}, -1, weight.options().dtype(at::kInt));
  const int64_t padded_positions = result.padded.size(1);
  const Positions positions(mask, batch, padded_positions - weight.size(2) + 1);
  int64_t most = 0;
  for (int64_t b = 0; b < batch; b = positions.block_end(b)) {
    most = std::max(most, positions.end(positions.block_end(b) - 1) - positions.begin(b));
  }
  const at::Tensor windows = at::empty({most, length}, result.padded.options());
  const at::Tensor products = at::empty({most, out}, result.padded.options());
  const S *padded = data<S>(result.padded);
  for (int64_t b = 0; b < batch;) {
    const int64_t end = positions.block_end(b);
    const int64_t begin = positions.begin(b);
    const int64_t rows = positions.end(end - 1) - begin;
    at::parallel_for(b, end, 1, [&](int64_t first, int64_t last) {
      for (int64_t member = first; member < last; member++) {
        for (int64_t r = positions.begin(member); r < positions.end(member); r++) {
          std::memcpy(data<S>(windows) + (r - begin) * length,
                      padded + (member * padded_positions + positions[r]) * in,
                      static_cast<size_t>(length) * sizeof(S));
        }
      }
    });
    at::Tensor product = products.narrow(0, 0, rows);
    at::mm_out(product, windows.narrow(0, 0, rows), result.weights.t());
    const int64_t parts = (out + CHANNELS_AT_ONCE * 8 - 1) / (CHANNELS_AT_ONCE * 8);
    at::parallel_for(0, (end - b) * parts, 1, [&](int64_t first, int64_t last) {
      for (int64_t i = first; i < last; i++) {
        const int64_t member = b + i / parts;
        const int64_t from = i % parts * CHANNELS_AT_ONCE * 8;
        const int64_t width = std::min(CHANNELS_AT_ONCE * 8, out - from);
        const int64_t row = positions.begin(member);
        int32_t *places = data<int32_t>(result.places) + member * out + from;
        kernels.maximum(data<S>(products) + (row - begin) * out + from,
                        positions.end(member) - row, out, width,
                        data<A>(result.values) + member * out + from, places);
        for (int64_t o = 0; o < width; o++) {
          places[o] = places[o] < 0 ? -1 : positions[row + places[o]];
        }
      }
    });
    b = end;
  }
  // A constant moves no maximum.
  result.values.add_(bias);
  return result;
}

/// The gradient of the weight [out, in, kernel].
template <typename S, typename A>
at::Tensor weight_gradient(const Maxima &m, const at::Tensor &gradient, int64_t kernel) {
  const int64_t batch = gradient.size(0);
  const int64_t out = gradient.size(1);
  const int64_t in = m.padded.size(2);
  const int64_t length = kernel * in;
  const at::Tensor result = at::empty({out, in, kernel}, gradient.options());
  const auto &kernels = conv_max_kernels<S, A>();
  const A *factors = data<A>(gradient);
  const int32_t *places = data<int32_t>(m.places);
  const S *padded = data<S>(m.padded);
  at::parallel_for(0, out, CHANNELS_AT_ONCE, [&](int64_t first, int64_t last) {
    std::vector<const S *> windows(static_cast<size_t>(batch));
    std::vector<A> weights(static_cast<size_t>(batch));
    std::vector<A> sum(static_cast<size_t>(length));
    for (int64_t o = first; o < last; o++) {
      size_t count = 0;
      for (int64_t b = 0; b < batch; b++) {
        if (factors[b * out + o] != 0 && places[b * out + o] >= 0) {
          windows[count] = padded + (b * m.padded.size(1) + places[b * out + o]) * in;
          weights[count++] = factors[b * out + o];
        }
      }
      kernels.gather(windows.data(), weights.data(), static_cast<int64_t>(count), in, kernel,
                     sum.data(), data<A>(result) + o * length);
    }
  });
  return result;
}

/// The gradient of x [batch, position, in].
template <typename S, typename A>
at::Tensor input_gradient(const Maxima &m, const at::Tensor &gradient, int64_t kernel,
                          int64_t left, int64_t right) {
  const int64_t batch = gradient.size(0);
  const int64_t out = gradient.size(1);
  const int64_t in = m.padded.size(2);
  const int64_t positions = m.padded.size(1);
  const int64_t length = kernel * in;
  const at::Tensor result = at::zeros({batch, positions, in}, gradient.options());
  const auto &kernels = conv_max_kernels<S, A>();
  const A *factors = data<A>(gradient);
  const int32_t *places = data<int32_t>(m.places);
  at::parallel_for(0, batch, 1, [&](int64_t first, int64_t last) {
    for (int64_t begin = 0; begin < out; begin += CHANNELS_AT_ONCE) {
      const int64_t end = std::min(out, begin + CHANNELS_AT_ONCE);
      for (int64_t b = first; b < last; b++) {
        for (int64_t o = begin; o < end; o++) {
          const A factor = factors[b * out + o];
          const int64_t place = places[b * out + o];
          if (factor != 0 && place >= 0) {
            kernels.scatter(data<S>(m.weights) + o * length, factor, length,
                            data<A>(result) + (b * positions + place) * in);
          }
        }
      }
    }
  });
  return result.narrow(1, left, positions - left - right);
}

/// Calls a template for the way in which values are stored and summed.
template <typename Body>
auto as_stored(at::ScalarType stored, Body &&body) {
  switch (stored) {
    case at::kDouble:
      return body.template operator()<double, double>();
    case at::kBFloat16:
      return body.template operator()<uint16_t, float>();
    default:
      return body.template operator()<float, float>();
  }
}

Maxima maxima(const at::Tensor &x, const at::Tensor &weight, const at::Tensor &bias, int64_t left,
              int64_t right, const std::optional<at::Tensor> &mask, at::ScalarType stored) {
  return as_stored(stored, [&]<typename S, typename A>() {
    return maxima<S, A>(x, weight, bias, left, right, mask, stored);
  });
}

class RecordedMaxima : public torch::autograd::Function<RecordedMaxima> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext *context, const at::Tensor &x,
                            const at::Tensor &weight, const at::Tensor &bias, int64_t left,
                            int64_t right, const std::optional<at::Tensor> &mask,
                            at::ScalarType stored) {
    const Maxima m = maxima(x, weight, bias, left, right, mask, stored);
    context->save_for_backward({m.places, m.padded, m.weights});
    context->saved_data["kernel"] = weight.size(2);
    context->saved_data["left"] = left;
    context->saved_data["right"] = right;
    return m.values;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext *context,
                                                 const torch::autograd::variable_list &gradients) {
    const auto saved = context->get_saved_variables();
    const Maxima m{{}, saved[0], saved[1], saved[2]};
    const int64_t kernel = context->saved_data["kernel"].toInt();
    const at::Tensor gradient = gradients[0].contiguous();
    torch::autograd::variable_list results(7);
    as_stored(m.padded.scalar_type(), [&]<typename S, typename A>() {
      if (context->needs_input_grad(0)) {
        results[0] = input_gradient<S, A>(m, gradient, kernel, context->saved_data["left"].toInt(),
                                          context->saved_data["right"].toInt());
      }
      if (context->needs_input_grad(1)) {
        results[1] = weight_gradient<S, A>(m, gradient, kernel);
      }
    });
    if (context->needs_input_grad(2)) {
      results[2] = at::where(m.places.ge(0), gradient, at::zeros({}, gradient.options())).sum(0);
    }
    return results;
  }
};

}  // namespace

cf_status *cf_conv_max(int32_t mode, const cf_tensor *x, const cf_tensor *weight,
                       const cf_tensor *bias, int64_t left, int64_t right, const cf_tensor *mask,
                       cf_tensor **out) {
  return compute(mode, out, [&] {
    at::Tensor input = value(x);
    at::Tensor kernel = value(weight);
    const at::Tensor &shift = value(bias);
    const int64_t positions = convolution_positions(input, kernel, shift, left, right);
    require(mask == nullptr ||
                (mask->value.scalar_type() == at::kBool &&
                 mask->value.sizes() == at::IntArrayRef{input.size(0), positions}),
            "the mask is not bool [batch, position of the result]");
    const at::ScalarType type = input.scalar_type();
    require(type == kernel.scalar_type() && type == shift.scalar_type(),
            "x, weight and bias differ in type");
    const bool large = !input.device().is_cpu() && !has_windows(input, kernel, left, right);
    if (large || (type != at::kFloat && type != at::kDouble) || positions == 0 ||
        input.numel() == 0 || kernel.numel() == 0) {
      return masked_max(convolution(mode, input, kernel, shift, left, right),
                        mask == nullptr ? nullptr : &mask->value);
    }
    const at::ScalarType stored = operand_type(mode, input);
    if (stored == type) {
      input = operand(mode, input);
      kernel = operand(mode, kernel);
    }
    const std::optional<at::Tensor> valid =
        mask == nullptr ? std::optional<at::Tensor>() : mask->value;
    if (!input.device().is_cpu()) {
      return maximum_of_windows(input, kernel, shift, left, right, valid, stored);
    }
    if (c10::GradMode::is_enabled()) {
      return RecordedMaxima::apply(input, kernel, shift, left, right, valid, stored);
    }
    return maxima(input, kernel, shift, left, right, valid, stored).values;
  });
}
