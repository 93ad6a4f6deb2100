#include "products.h"

#include <ATen/core/dispatch/Dispatcher.h>

#include "guard.h"

namespace codonfuse {
namespace {

bool is_fast(const at::Device &device) { return !device.is_cpu() || has_bfloat16_products(); }

}  // namespace

bool has_bfloat16_products() {
  static const bool has = [] {
    const auto op =
        c10::Dispatcher::singleton().findSchema({"mkldnn::_is_mkldnn_bf16_supported", ""});
    if (!op) {
      return false;
    }
    torch::jit::Stack stack;
    op->callBoxed(stack);
    return stack.back().toBool();
  }();
  return has;
}

bool rounds(int32_t mode, const at::Tensor &x) {
  return (mode & CF_BFLOAT16_PRODUCTS) != 0 && x.scalar_type() == at::kFloat;
}

at::ScalarType operand_type(int32_t mode, const at::Tensor &x) {
  return rounds(mode, x) && is_fast(x.device()) ? at::kBFloat16 : x.scalar_type();
}

at::Tensor operand(int32_t mode, const at::Tensor &x) {
  return rounds(mode, x) ? x.to(at::kBFloat16).to(operand_type(mode, x)) : x;
}

}  // namespace codonfuse
