// Linear layers: with weights as they are, packed for inference, or frozen.
#include <ATen/ops/linear.h>

#include "elementwise.h"
#include "frozen_weight.h"
#include "guard.h"
#include "packed_weight.h"
#include "products.h"

using namespace codonfuse;

namespace {

bool is_recorded(const at::Tensor *x) { return x != nullptr && x->requires_grad(); }

at::Tensor frozen_linear(int32_t mode, const at::Tensor &x, FrozenWeight &weight,
                         const std::optional<at::Tensor> &bias, int32_t function,
                         int32_t combination, const at::Tensor *other) {
  const bool differentiated =
      c10::GradMode::is_enabled() &&
      (is_recorded(&x) || is_recorded(bias ? &*bias : nullptr) || is_recorded(other));
  if (!differentiated && !rounds(mode, x)) {
    return packed_linear(x, weight.forward(), bias, function, combination, other);
  }
  const bool adds = other != nullptr && function == CF_IDENTITY && combination == CF_ADD &&
                    other->dim() == x.dim() && other->scalar_type() == x.scalar_type() &&
                    other->numel() == x.numel() / x.size(-1) * weight.forward().size(0);
  const at::Tensor product =
      weight.product(mode, x, bias, adds ? std::optional<at::Tensor>(*other) : std::nullopt);
  return combined(function, combination, product, adds ? nullptr : other);
}

}  // namespace

cf_status *cf_linear(int32_t mode, const cf_tensor *x, const cf_tensor *weight,
                     const cf_tensor *bias, int32_t function, int32_t combination,
                     const cf_tensor *other, cf_tensor **out) {
  return compute(mode, out, [&] {
    const std::optional<at::Tensor> shift =
        bias == nullptr ? std::optional<at::Tensor>() : bias->value;
    const at::Tensor *second = other == nullptr ? nullptr : &other->value;
    const at::Tensor &input = value(x);
    const at::Tensor &matrix = value(weight);
    if (weight->frozen) {
      return frozen_linear(mode, input, *weight->frozen, shift, function, combination, second);
    }
    if (matrix.is_mkldnn()) {
      require(purpose(mode) == CF_INFERENCE, "a packed weight is for inference only");
      return packed_linear(input, matrix, shift, function, combination, second);
    }
    if (!rounds(mode, input)) {
      return combined(function, combination, at::linear(input, matrix, shift), second);
    }
    at::Tensor product = at::linear(operand(mode, input), operand(mode, matrix)).to(at::kFloat);
    return combined(function, combination, shift ? product.add(*shift) : product, second);
  });
}

cf_status *cf_pack_weight(const cf_tensor *weight, int64_t rows, cf_tensor **out) {
  return compute(CF_INFERENCE, out, [&] {
    const at::Tensor &original = value(weight);
    require(original.dim() == 2, "the weight is not [out, in]");
    require(rows > 0, "rows is not positive");
    return can_be_packed(original) ? packed(original, rows) : original;
  });
}

cf_status *cf_freeze_weight(const cf_tensor *weight, int64_t rows, cf_tensor **out) {
  return guarded([&] {
    const Mode inference(CF_INFERENCE);
    const at::Tensor original = value(weight).detach();
    require(original.dim() == 2, "the weight is not [out, in]");
    require(rows > 0, "rows is not positive");
    if (!can_be_packed(original)) {
      give(original, out);
      return;
    }
    auto frozen = std::make_shared<FrozenWeight>(original, rows);
    give(frozen->forward(), out);
    (*out)->frozen = std::move(frozen);
  });
}
