#include "frozen_weight.h"

#include <torch/csrc/autograd/custom_function.h>

#include <utility>

#include "guard.h"
#include "packed_weight.h"
#include "products.h"

namespace codonfuse {
namespace {

at::Tensor multiply(int32_t mode, FrozenWeight &weight, bool transposed, const at::Tensor &x,
                    const std::optional<at::Tensor> &bias,
                    const std::optional<at::Tensor> &summand) {
  const at::Tensor pack = weight.pack(mode, transposed);
  const at::Tensor *other = summand ? &*summand : nullptr;
  if (!rounds(mode, x)) {
    return packed_linear(x, pack, bias, CF_IDENTITY, CF_ADD, other);
  }
  at::Tensor result =
      packed_linear(operand(mode, x), pack, {}, CF_IDENTITY, CF_ADD, nullptr).to(at::kFloat);
  result = bias ? result.add_(*bias) : result;
  return other == nullptr ? result : result.add_(*other);
}

/// A weight as a recorded operation can save it.
struct Saved : torch::CustomClassHolder {
  explicit Saved(std::shared_ptr<FrozenWeight> frozen) : weight(std::move(frozen)) {}
  std::shared_ptr<FrozenWeight> weight;
};

class RecordedProduct : public torch::autograd::Function<RecordedProduct> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext *context, const at::Tensor &x,
                            const std::optional<at::Tensor> &bias,
                            const std::optional<at::Tensor> &summand,
                            const std::shared_ptr<FrozenWeight> &weight, int64_t mode) {
    // Nothing but the weight is saved: no gradient needs the input.
    context->saved_data["weight"] = c10::IValue::make_capsule(c10::make_intrusive<Saved>(weight));
    context->saved_data["mode"] = mode;
    context->saved_data["bias"] = bias && bias->requires_grad();
    context->saved_data["summand"] = summand && summand->requires_grad();
    return multiply(static_cast<int32_t>(mode), *weight, false, x, bias, summand);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext *context,
                                                 const torch::autograd::variable_list &gradients) {
    const at::Tensor &g = gradients[0];
    torch::autograd::variable_list results(5);
    if (context->needs_input_grad(0)) {
      const auto saved =
          c10::static_intrusive_pointer_cast<Saved>(context->saved_data["weight"].toCapsule());
      const auto mode = static_cast<int32_t>(context->saved_data["mode"].toInt());
      results[0] = multiply(mode, *saved->weight, true, g, {}, {});
    }
    if (context->saved_data["bias"].toBool()) {
      results[1] = g.flatten(0, -2).sum(0);
    }
    if (context->saved_data["summand"].toBool()) {
      results[2] = g;
    }
    return results;
  }
};

}  // namespace

FrozenWeight::FrozenWeight(const at::Tensor &weight, int64_t rows)
    : forward_(packed(weight, rows)), rows_(rows) {
  packs_[0][0] = forward_;
}

at::Tensor FrozenWeight::pack(int32_t mode, bool transposed) {
  const bool rounded = rounds(mode, forward_);
  const std::lock_guard<std::mutex> lock(mutex_);
  at::Tensor &pack = packs_[rounded][transposed];
  if (!pack.defined()) {
    // The weight as it came is not kept; unpacking it once is cheaper than another copy.
    const at::Tensor plain = operand(mode, forward_.to_dense());
    pack = packed(transposed ? plain.t() : plain, rows_);
  }
  return pack;
}

at::Tensor FrozenWeight::product(int32_t mode, const at::Tensor &x,
                                 const std::optional<at::Tensor> &bias,
                                 const std::optional<at::Tensor> &summand) {
  return RecordedProduct::apply(x, bias, summand, shared_from_this(), static_cast<int64_t>(mode));
}

}  // namespace codonfuse
