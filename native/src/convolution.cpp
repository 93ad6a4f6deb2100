#include <ATen/ops/addmm.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/conv1d.h>
#include <ATen/ops/conv_transpose1d.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <torch/csrc/autograd/custom_function.h>

#include "convolution.h"
#include "guard.h"
#include "products.h"

using namespace codonfuse;

namespace {

/// Convolution as products of matrices, forward and backward.
class WindowConvolution {
 public:
  WindowConvolution(const at::Tensor &x, const at::Tensor &weight, int64_t left, int64_t right)
      : x_(x),
        weight_(weight),
        left_(left),
        right_(right),
        batch_(x.size(0)),
        positions_(x.size(1) + left + right - weight.size(2) + 1) {}

  /// Whether this is right where LibTorch's convolution is not (without input channels its result
  /// has another shape), or faster than oneDNN's. That loses most on the gradient of a large
  /// weight; laying out the windows costs most when there are few output channels.
  /// Measured with 640 channels in, kernels 3 to 5, forward and backward: at 27 to 60 positions in
  /// batches of 32, 1280 channels out take 0.7 to 0.9 of oneDNN's time and 100 channels 1.1 to 1.4.
  bool worthwhile() const {
    const bool empty = x_.numel() == 0 || weight_.numel() == 0;
    return empty || (x_.device().is_cpu() && 2 * weight_.size(0) >= batch_ * positions_);
  }

  at::Tensor forward(const at::Tensor &bias) const {
    return at::addmm(bias, windows(), weight_.flatten(1).t())
        .view({batch_, positions_, weight_.size(0)});
  }

  /// @param gradient [batch * position, out]
  at::Tensor input_gradient(const at::Tensor &gradient) const {
    const at::Tensor by_window = at::mm(gradient, weight_.flatten(1))
                                     .view({batch_, positions_, x_.size(2), weight_.size(2)});
    const at::Tensor padded =
        at::zeros({batch_, x_.size(1) + left_ + right_, x_.size(2)}, x_.options());
    for (int64_t k = 0; k < weight_.size(2); k++) {
      padded.narrow(1, k, positions_).add_(by_window.select(3, k));
    }
    return padded.narrow(1, left_, x_.size(1));
  }

  at::Tensor weight_gradient(const at::Tensor &gradient) const {
    return at::mm(gradient.t(), windows()).view(weight_.sizes());
  }

 private:
  /// [batch * position, in * kernel]: the order of the weight, which is never copied.
  at::Tensor windows() const {
    const at::Tensor padded =
        left_ == 0 && right_ == 0 ? x_ : at::constant_pad_nd(x_, {0, 0, left_, right_});
    return padded.unfold(1, weight_.size(2), 1)
        .reshape({batch_ * positions_, x_.size(2) * weight_.size(2)});
  }

  at::Tensor x_;
  at::Tensor weight_;
  int64_t left_;
  int64_t right_;
  int64_t batch_;
  int64_t positions_;
};

class RecordedConvolution : public torch::autograd::Function<RecordedConvolution> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext *context, const at::Tensor &x,
                            const at::Tensor &weight, const at::Tensor &bias, int64_t left,
                            int64_t right) {
    context->save_for_backward({x, weight});
    context->saved_data["left"] = left;
    context->saved_data["right"] = right;
    return WindowConvolution(x, weight, left, right).forward(bias);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext *context,
                                                 const torch::autograd::variable_list &gradients) {
    const auto saved = context->get_saved_variables();
    const at::Tensor gradient = gradients[0].flatten(0, 1);
    const WindowConvolution convolution(saved[0], saved[1], context->saved_data["left"].toInt(),
                                        context->saved_data["right"].toInt());
    torch::autograd::variable_list results(5);
    if (context->needs_input_grad(0)) {
      results[0] = convolution.input_gradient(gradient);
    }
    if (context->needs_input_grad(1)) {
      results[1] = convolution.weight_gradient(gradient);
    }
    if (context->needs_input_grad(2)) {
      results[2] = gradient.sum(0);
    }
    return results;
  }
};

at::Tensor convolve(const at::Tensor &x, const at::Tensor &weight, const at::Tensor &bias,
                    int64_t left, int64_t right) {
  const WindowConvolution convolution(x, weight, left, right);
  if (!convolution.worthwhile()) {
    const at::Tensor padded = at::constant_pad_nd(x.transpose(1, 2), {left, right});
    return at::conv1d(padded, weight, bias).transpose(1, 2);
  }
  if (c10::GradMode::is_enabled()) {
    return RecordedConvolution::apply(x, weight, bias, left, right);
  }
  return convolution.forward(bias);
}

}  // namespace

int64_t codonfuse::convolution_positions(const at::Tensor &x, const at::Tensor &weight,
                                         const at::Tensor &bias, int64_t left, int64_t right) {
  require(x.dim() == 3 && weight.dim() == 3 && bias.dim() == 1,
          "x, weight and bias are not [batch, position, in], [out, in, kernel] and [out]");
  require(x.size(2) == weight.size(1) && weight.size(0) == bias.size(0),
          "x, weight and bias do not have the same in and out");
  require(left >= 0 && right >= 0, "the padding is negative");
  const int64_t positions = x.size(1) + left + right - weight.size(2) + 1;
  require(positions >= 0 && weight.size(2) > 0, "the kernel is longer than the padded positions");
  return positions;
}

at::Tensor codonfuse::convolution(int32_t mode, const at::Tensor &x, const at::Tensor &weight,
                                  const at::Tensor &bias, int64_t left, int64_t right) {
  if (convolution_positions(x, weight, bias, left, right) == 0) {
    // LibTorch refuses this; a product without rows has the shape and the gradients, all zero.
    return at::linear(x.narrow(1, 0, 0), weight.select(2, 0), bias);
  }
  if (!rounds(mode, x)) {
    return convolve(x, weight, bias, left, right);
  }
  const at::Tensor none = at::zeros_like(bias, operand_type(mode, bias));
  return convolve(operand(mode, x), operand(mode, weight), none, left, right)
      .to(x.scalar_type())
      .add(bias);
}

cf_status *cf_conv1d(int32_t mode, const cf_tensor *x, const cf_tensor *weight,
                     const cf_tensor *bias, int64_t left, int64_t right, cf_tensor **out) {
  return compute(mode, out, [&] {
    return convolution(mode, value(x), value(weight), value(bias), left, right);
  });
}

cf_status *cf_conv_transpose1d(int32_t mode, const cf_tensor *x, const cf_tensor *weight,
                               int64_t stride, int64_t padding, cf_tensor **out) {
  return compute(mode, out, [&] {
    const at::Tensor &input = value(x);
    const at::Tensor &kernel = value(weight);
    require(input.dim() == 3 && kernel.dim() == 3 && input.size(2) == kernel.size(0),
            "x and weight are not [batch, position, in] and [in, out, kernel]");
    require(stride > 0 && padding >= 0, "the stride is not positive or the padding negative");
    const at::Tensor left = operand(mode, input);
    const at::Tensor right = operand(mode, kernel);
    if (stride != kernel.size(2) || padding != 0) {
      return at::conv_transpose1d(left.transpose(1, 2), right, {}, stride, padding)
          .transpose(1, 2)
          .to(input.scalar_type());
    }
    // Windows that do not overlap are a product: every position becomes `kernel` positions.
    return at::matmul(left, right.transpose(1, 2).flatten(1))
        .view({input.size(0), input.size(1) * stride, kernel.size(1)})
        .to(input.scalar_type());
  });
}
