// Element-wise functions by their CF_* number.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace codonfuse {

/// A function of one tensor.
at::Tensor unary(int32_t function, const at::Tensor &x);

/// A function of two tensors.
at::Tensor binary(int32_t function, const at::Tensor &a, const at::Tensor &b);

}  // namespace codonfuse
