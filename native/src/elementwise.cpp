#include <ATen/ops/add.h>
#include <ATen/ops/clamp.h>
#include <ATen/ops/div.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/log.h>
#include <ATen/ops/mean.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/sub.h>
#include <ATen/ops/sum.h>
#include <ATen/ops/tanh.h>

#include "elementwise.h"
#include "guard.h"

using namespace codonfuse;

at::Tensor codonfuse::unary(int32_t function, const at::Tensor &x) {
  switch (function) {
    case CF_RELU:
      return at::relu(x);
    case CF_GELU:
      return at::gelu(x, "none");
    case CF_SILU:
      return at::silu(x);
    case CF_TANH:
      return at::tanh(x);
    case CF_SIGMOID:
      return at::sigmoid(x);
    case CF_EXP:
      return at::exp(x);
    case CF_LOG:
      return at::log(x);
    default:
      throw Failure(CF_INVALID_ARGUMENT, "unknown function " + std::to_string(function));
  }
}

at::Tensor codonfuse::binary(int32_t function, const at::Tensor &a, const at::Tensor &b) {
  switch (function) {
    case CF_ADD:
      return at::add(a, b);
    case CF_SUBTRACT:
      return at::sub(a, b);
    case CF_MULTIPLY:
      return at::mul(a, b);
    case CF_DIVIDE:
      return at::div(a, b);
    default:
      throw Failure(CF_INVALID_ARGUMENT, "unknown function " + std::to_string(function));
  }
}

cf_status *cf_unary(int32_t mode, int32_t function, const cf_tensor *x, cf_tensor **out) {
  return compute(mode, out, [&] { return unary(function, value(x)); });
}

cf_status *cf_binary(int32_t mode, int32_t function, const cf_tensor *a, const cf_tensor *b,
                     cf_tensor **out) {
  return compute(mode, out, [&] { return binary(function, value(a), value(b)); });
}

cf_status *cf_affine(int32_t mode, const cf_tensor *x, double scale, double shift,
                     cf_tensor **out) {
  return compute(mode, out, [&] {
    // Never x itself: where it is a parameter, the result would follow its updates.
    if (shift == 0) {
      return at::mul(value(x), scale);
    }
    return at::add(scale == 1 ? value(x) : at::mul(value(x), scale), shift);
  });
}

cf_status *cf_clamp(int32_t mode, const cf_tensor *x, double low, double high, cf_tensor **out) {
  return compute(mode, out, [&] { return at::clamp(value(x), low, high); });
}

cf_status *cf_sum(int32_t mode, const cf_tensor *x, int32_t axis, cf_tensor **out) {
  return compute(mode, out, [&] { return at::sum(value(x), int64_t{axis}); });
}

cf_status *cf_mean(int32_t mode, const cf_tensor *x, int32_t axis, cf_tensor **out) {
  return compute(mode, out, [&] { return at::mean(value(x), int64_t{axis}); });
}

cf_status *cf_softmax(int32_t mode, const cf_tensor *x, cf_tensor **out) {
  return compute(mode, out, [&] { return at::softmax(value(x), -1); });
}
