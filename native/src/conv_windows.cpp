#include "conv_windows.h"

#include <ATen/ops/add.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/embedding_bag.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/logical_not.h>
#include <ATen/ops/max.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/sum.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/autograd/custom_function.h>

#include <limits>

using namespace codonfuse;

namespace {

constexpr int64_t MOST_WINDOW_BYTES = int64_t{1} << 30;
/// Positions up to which a product with all windows, nearly all of them times zero, is faster than a
/// sum of the few that count.
constexpr int64_t DENSE_POSITIONS = 48;
constexpr int64_t DENSE_POSITIONS_BFLOAT16 = 512;

/// x between kernel - 1 zeros at either end, so that forward and backward have the same windows: each
/// that touches x. The result's position t is window kernel - 1 - left + t.
struct Layout {
  int64_t batch, length, in, out, kernel, left, right;

  Layout(const at::Tensor &x, const at::Tensor &weight, int64_t left, int64_t right)
      : batch(x.size(0)),
        length(x.size(1)),
        in(x.size(2)),
        out(weight.size(0)),
        kernel(weight.size(2)),
        left(left),
        right(right) {}

  int64_t padded() const { return length + 2 * (kernel - 1); }
  int64_t windows() const { return length + kernel - 1; }
  int64_t first() const { return kernel - 1 - left; }
  int64_t positions() const { return length + left + right - kernel + 1; }

  bool dense(at::ScalarType stored) const {
    return positions() <=
           (stored == at::kBFloat16 ? DENSE_POSITIONS_BFLOAT16 : DENSE_POSITIONS);
  }
};

/// [batch * window, kernel * in]
at::Tensor windows(const at::Tensor &padded, const Layout &layout) {
  return padded
      .as_strided({layout.batch, layout.windows(), layout.kernel * layout.in},
                  {layout.padded() * layout.in, layout.in, 1})
      .reshape({layout.batch * layout.windows(), layout.kernel * layout.in});
}

at::Tensor padded(const at::Tensor &x, const Layout &layout, at::ScalarType stored) {
  const at::Tensor result =
      at::zeros({layout.batch, layout.padded(), layout.in}, x.options().dtype(stored));
  result.narrow(1, layout.kernel - 1, layout.length).copy_(x);
  return result;
}

/// [out, kernel, in], as a window has them.
at::Tensor window_weights(const at::Tensor &weight, at::ScalarType stored) {
  const at::Tensor result = at::empty({weight.size(0), weight.size(2), weight.size(1)},
                                      weight.options().dtype(stored));
  return result.copy_(weight.transpose(1, 2));
}

/// What the backward pass needs of the forward one.
struct Maxima {
  at::Tensor values;   ///< [batch, out], without bias
  at::Tensor places;   ///< int64 [batch, out]: a position of the result
  at::Tensor padded;   ///< [batch, padded, in]
  at::Tensor windows;  ///< [batch * window, kernel * in]
  at::Tensor weights;  ///< [out, kernel, in]
};

Maxima maxima(const at::Tensor &x, const at::Tensor &weight, const Layout &layout,
              const std::optional<at::Tensor> &mask, at::ScalarType stored) {
  Maxima m;
  m.padded = padded(x, layout, stored);
  m.windows = windows(m.padded, layout);
  m.weights = window_weights(weight, stored);
  const at::Tensor products = at::mm(m.windows, m.weights.flatten(1).t())
                                  .view({layout.batch, layout.windows(), layout.out})
                                  .narrow(1, layout.first(), layout.positions());
  if (mask) {
    products.masked_fill_(at::logical_not(*mask).unsqueeze(2),
                          -std::numeric_limits<double>::infinity());
  }
  std::tie(m.values, m.places) = at::max(products, 1);
  return m;
}

/// The gradient of every window's products, nearly all zero: [batch * window, out].
at::Tensor scattered(const Maxima &m, const at::Tensor &gradient, const Layout &layout) {
  const at::Tensor all =
      at::zeros({layout.batch, layout.windows(), layout.out}, gradient.options());
  all.narrow(1, layout.first(), layout.positions())
      .scatter_(1, m.places.unsqueeze(1), gradient.unsqueeze(1));
  return all.flatten(0, 1);
}

/// Sums over the windows that are some member's maximum, for every channel: [out, kernel * in].
at::Tensor gathered(const Maxima &m, const at::Tensor &gradient, const Layout &layout) {
  const auto longs = m.places.options();
  const at::Tensor offsets =
      at::arange(layout.first(), layout.first() + layout.batch * layout.padded(),
                 layout.padded(), longs);
  const at::Tensor rows = m.places.t().add(offsets).flatten();
  const at::Tensor bags = at::arange(0, layout.out * layout.batch + 1, layout.batch, longs);
  // Also those that reach from one member into the next, which nothing points to.
  const at::Tensor table = m.padded.as_strided(
      {layout.batch * layout.padded() - layout.kernel + 1, layout.kernel * layout.in},
      {layout.in, 1});
  return std::get<0>(at::embedding_bag(table, rows, bags, /*scale_grad_by_freq=*/false, /*mode=*/0,
                                       /*sparse=*/false, gradient.t().flatten(),
                                       /*include_last_offset=*/true));
}

/// The gradient of x: a window's position k has that of x's position window - (kernel - 1) + k. With
/// the weights in reverse these lie at one distance, so that one sum adds them up.
at::Tensor input_gradient(const Maxima &m, const at::Tensor &by_window, const Layout &layout,
                          at::ScalarType type) {
  const int64_t width = layout.kernel * layout.in;
  return at::mm(by_window, m.weights.flip(1).flatten(1))
      .as_strided({layout.batch, layout.length, layout.kernel, layout.in},
                  {layout.windows() * width, width, width + layout.in, 1})
      .sum(2, /*keepdim=*/false, type);
}

/// A gradient as the weight [out, in, kernel] has it, from one in a window's order.
at::Tensor as_weight(const at::Tensor &gradient, const Layout &layout, at::ScalarType type) {
  const at::Tensor result =
      at::empty({layout.out, layout.in, layout.kernel}, gradient.options().dtype(type));
  return result.copy_(
      gradient.view({layout.out, layout.kernel, layout.in}).transpose(1, 2));
}

class RecordedMaxima : public torch::autograd::Function<RecordedMaxima> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext *context, const at::Tensor &x,
                            const at::Tensor &weight, const at::Tensor &bias, int64_t left,
                            int64_t right, const std::optional<at::Tensor> &mask,
                            at::ScalarType stored) {
    const Layout layout(x, weight, left, right);
    const Maxima m = maxima(x, weight, layout, mask, stored);
    context->save_for_backward({m.values, m.places, m.padded,
                                layout.dense(stored) ? m.windows : at::Tensor(), m.weights});
    context->saved_data["left"] = left;
    context->saved_data["right"] = right;
    context->saved_data["length"] = x.size(1);
    context->saved_data["masked"] = mask.has_value();
    return at::add(m.values, bias);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext *context,
                                                 const torch::autograd::variable_list &gradients) {
    const auto saved = context->get_saved_variables();
    const Maxima m{saved[0], saved[1], saved[2], saved[3], saved[4]};
    const at::ScalarType type = gradients[0].scalar_type();
    const at::ScalarType stored = m.padded.scalar_type();
    const int64_t length = context->saved_data["length"].toInt();
    const Layout layout(m.padded.narrow(1, 0, length), m.weights.transpose(1, 2),
                        context->saved_data["left"].toInt(), context->saved_data["right"].toInt());
    // The maximum of nothing has no position.
    const at::Tensor exact =
        context->saved_data["masked"].toBool()
            ? gradients[0].masked_fill(m.values.isneginf(), 0)
            : gradients[0];
    const at::Tensor gradient = exact.to(stored);
    torch::autograd::variable_list results(7);
    at::Tensor by_window;
    if (context->needs_input_grad(0) || m.windows.defined()) {
      by_window = scattered(m, gradient, layout);
    }
    if (context->needs_input_grad(0)) {
      results[0] = input_gradient(m, by_window, layout, type);
    }
    if (context->needs_input_grad(1)) {
      const at::Tensor sums = m.windows.defined() ? at::mm(by_window.t(), m.windows)
                                                  : gathered(m, gradient, layout);
      results[1] = as_weight(sums, layout, type);
    }
    if (context->needs_input_grad(2)) {
      results[2] = exact.sum(0);
    }
    return results;
  }
};

}  // namespace

bool codonfuse::has_windows(const at::Tensor &x, const at::Tensor &weight, int64_t left,
                            int64_t right) {
  const Layout layout(x, weight, left, right);
  return left < layout.kernel && right < layout.kernel &&
         layout.batch * layout.windows() * layout.kernel * layout.in * x.element_size() <=
             MOST_WINDOW_BYTES;
}

at::Tensor codonfuse::maximum_of_windows(const at::Tensor &x, const at::Tensor &weight,
                                         const at::Tensor &bias, int64_t left, int64_t right,
                                         const std::optional<at::Tensor> &mask,
                                         at::ScalarType stored) {
  if (c10::GradMode::is_enabled()) {
    return RecordedMaxima::apply(x, weight, bias, left, right, mask, stored);
  }
  return at::add(maxima(x, weight, Layout(x, weight, left, right), mask, stored).values, bias);
}
