// Reductions over valid positions.
#pragma once

#include <ATen/core/Tensor.h>

namespace codonfuse {

/// x [batch, position, width] to [batch, width]; mask bool [batch, position] or nullptr.
at::Tensor masked_max(const at::Tensor &x, const at::Tensor *mask);

}  // namespace codonfuse
