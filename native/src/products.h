// The precision of products: what CF_BFLOAT16_PRODUCTS in a mode changes.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace codonfuse {

/// Whether products with x have operands rounded to bfloat16 under a mode.
bool rounds(int32_t mode, const at::Tensor &x);

/// The type in which x takes part in products: float32 with rounded values where the device would be
/// slow with bfloat16.
at::ScalarType operand_type(int32_t mode, const at::Tensor &x);

/// x as it takes part in products. Results are to be brought back to the type of x.
at::Tensor operand(int32_t mode, const at::Tensor &x);

/// Whether LibTorch multiplies matrices of bfloat16 on this processor with instructions for that.
bool has_bfloat16_products();

}  // namespace codonfuse
