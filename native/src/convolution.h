// Convolution along positions.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace codonfuse {

/// Checks the arguments of a convolution and returns the number of positions of its result.
int64_t convolution_positions(const at::Tensor &x, const at::Tensor &weight,
                              const at::Tensor &bias, int64_t left, int64_t right);

/// x [batch, position, in], weight [out, in, kernel], bias [out]; products as the mode has them.
at::Tensor convolution(int32_t mode, const at::Tensor &x, const at::Tensor &weight,
                       const at::Tensor &bias, int64_t left, int64_t right);

}  // namespace codonfuse
