#include "packed_weight.h"

#include <ATen/Context.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/silu.h>

#include <string>

#include "elementwise.h"
#include "encoder_kernels.h"
#include "guard.h"
#include "products.h"

namespace codonfuse {
namespace {

// LibTorch's compiler uses these operators; their C++ signatures differ between versions, their
// schemas do not, so they are called boxed.
using Operator = std::optional<c10::OperatorHandle>;

Operator find(const char *name, const char *overload = "") {
  return c10::Dispatcher::singleton().findSchema({name, overload});
}

struct OneDnn {
  Operator reorder = find("mkldnn::_reorder_linear_weight");
  Operator linear = find("mkldnn::_linear_pointwise");
  Operator linear_binary = find("mkldnn::_linear_pointwise", "binary");

  static const OneDnn &instance() {
    static const OneDnn operators;
    return operators;
  }

  bool packs(const at::Tensor &weight) const {
    return reorder && linear && linear_binary && weight.device().is_cpu() && weight.numel() > 0 &&
           at::globalContext().userEnabledMkldnn() &&
           (weight.scalar_type() == at::kFloat ||
            (weight.scalar_type() == at::kBFloat16 && has_bfloat16_products()));
  }
};

at::Tensor call(const c10::OperatorHandle &op, torch::jit::Stack stack) {
  op.callBoxed(stack);
  return stack.back().toTensor();
}

/// oneDNN's name of a function that it applies to a product before storing it; empty if none.
std::string post_operation(int32_t function) {
  switch (function) {
    case CF_IDENTITY:
      return "none";
    case CF_RELU:
      return "relu";
    case CF_GELU:
      return "gelu";
    case CF_SILU:
      return "swish";
    case CF_TANH:
      return "tanh";
    case CF_SIGMOID:
      return "sigmoid";
    default:
      return "";
  }
}

std::string post_combination(int32_t combination) {
  switch (combination) {
    case CF_ADD:
      return "add";
    case CF_MULTIPLY:
      return "mul";
    default:
      return "";
  }
}

}  // namespace

at::Tensor combined(int32_t function, int32_t combination, at::Tensor result,
                    const at::Tensor *other) {
  // Nobody else has the product yet. On a device it is changed where it lies, still in the cache.
  const bool ours = result.is_cuda() && !(c10::GradMode::is_enabled() && result.requires_grad());
  if (ours && function == CF_GELU && gelu_on_device(result)) {
    function = CF_IDENTITY;
  } else if (ours && function == CF_SILU) {
    at::silu_(result);
    function = CF_IDENTITY;
  }
  if (function != CF_IDENTITY) {
    result = unary(function, result);
  }
  if (other == nullptr) {
    return result;
  }
  if (ours && other->sizes() == result.sizes() && other->scalar_type() == result.scalar_type() &&
      !(c10::GradMode::is_enabled() && other->requires_grad())) {
    if (combination == CF_ADD) {
      return result.add_(*other);
    }
    if (combination == CF_MULTIPLY) {
      return result.mul_(*other);
    }
  }
  return binary(combination, result, *other);
}

bool can_be_packed(const at::Tensor &weight) { return OneDnn::instance().packs(weight); }

at::Tensor packed(const at::Tensor &weight, int64_t rows) {
  return call(*OneDnn::instance().reorder, {weight.contiguous(), rows});
}

at::Tensor packed_linear(const at::Tensor &x, const at::Tensor &weight,
                         const std::optional<at::Tensor> &bias, int32_t function,
                         int32_t combination, const at::Tensor *other) {
  const OneDnn &one = OneDnn::instance();
  auto sizes = x.sizes().vec();
  require(!sizes.empty() && sizes.back() == weight.size(1), "x does not fit the weight");
  require(x.scalar_type() == weight.scalar_type(), "x and the weight differ in type");
  require(!bias || (bias->dim() == 1 && bias->size(0) == weight.size(0)),
          "the bias does not fit the weight");
  sizes.back() = weight.size(0);
  if (x.numel() == 0) {
    return at::empty(sizes, x.options());
  }
  const std::string combine = other == nullptr ? "" : post_combination(combination);
  const bool alike = !combine.empty() && other->sizes() == at::IntArrayRef(sizes) &&
                     other->scalar_type() == x.scalar_type() && other->device() == x.device();
  if (function == CF_IDENTITY && alike) {
    return call(*one.linear_binary,
                {x.contiguous(), other->contiguous(), weight, bias, c10::IValue(combine)});
  }
  const std::string post = post_operation(function);
  const bool fused = !post.empty();
  const at::Tensor result =
      call(*one.linear, {x.contiguous(), weight, bias, c10::IValue(fused ? post : "none"),
                         c10::List<std::optional<at::Scalar>>(), c10::IValue(std::string("none"))});
  return combined(fused ? CF_IDENTITY : function, combination, result, other);
}

}  // namespace codonfuse
