// Attention that is differentiated, on the CPU.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>

namespace codonfuse {

/// q [batch, queries, heads * width], k and v [batch, keys, heads * width], float32; mask bool
/// [batch, keys]; operands of products are stored as `stored`. Scores of a few members at a time are
/// computed, and computed again for the gradient: they never leave the caches.
at::Tensor trained_attention(const at::Tensor &q, const at::Tensor &k, const at::Tensor &v,
                             const std::optional<at::Tensor> &mask, int64_t heads, double scale,
                             double dropout, at::ScalarType stored);

}  // namespace codonfuse
