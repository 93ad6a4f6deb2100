// Weights of linear layers in the layout that oneDNN multiplies fastest, where LibTorch has it.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>

namespace codonfuse {

/// Whether there is such a layout for a weight [out, in].
bool can_be_packed(const at::Tensor &weight);

/// The weight for products with about so many rows, good for nothing but packed_linear.
at::Tensor packed(const at::Tensor &weight, int64_t rows);

/// What cf_linear computes, without a gradient.
at::Tensor packed_linear(const at::Tensor &x, const at::Tensor &weight,
                         const std::optional<at::Tensor> &bias, int32_t function,
                         int32_t combination, const at::Tensor *other);

/// A product's result with what cf_linear does to it afterwards.
at::Tensor combined(int32_t function, int32_t combination, at::Tensor result,
                    const at::Tensor *other);

}  // namespace codonfuse
