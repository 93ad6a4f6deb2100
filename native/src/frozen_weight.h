// Weights of linear layers that are not trained, on the CPU.
#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

namespace codonfuse {

/// A weight [out, in] packed for x weight^T, and from the first gradient of such a product on for
/// g weight, too: so long as no gradient passes, nothing is held for it. Packs of the weight rounded
/// to bfloat16 are likewise made when a product first asks for them.
class FrozenWeight : public std::enable_shared_from_this<FrozenWeight> {
 public:
  /// A weight for which can_be_packed is true, and products with about so many rows.
  FrozenWeight(const at::Tensor &weight, int64_t rows);

  /// The weight as packed_linear takes it.
  const at::Tensor &forward() const { return forward_; }

  /// The product with x [..., in] with bias [out] and summand [..., out], if any, with gradients of
  /// all three.
  at::Tensor product(int32_t mode, const at::Tensor &x, const std::optional<at::Tensor> &bias,
                     const std::optional<at::Tensor> &summand);

  /// The pack for products under a mode, transposed or not.
  at::Tensor pack(int32_t mode, bool transposed);

 private:
  at::Tensor forward_;
  int64_t rows_;
  std::mutex mutex_;
  // By precision (rounded or not) and direction.
  std::array<std::array<at::Tensor, 2>, 2> packs_;
};

}  // namespace codonfuse
