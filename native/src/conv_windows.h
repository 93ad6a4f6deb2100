// The maximum over positions of a convolution as a few large operations, for devices where each is
// dear to start and cheap to do.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>

namespace codonfuse {

/// Whether maximum_of_windows can be computed: padding is shorter than the kernel, and the windows of
/// the input take no more memory than they are worth.
bool has_windows(const at::Tensor &x, const at::Tensor &weight, int64_t left, int64_t right);

/// What cf_conv_max computes, in GradMode recorded for the backward pass. Nothing is empty; products
/// have operands of the type `stored`.
at::Tensor maximum_of_windows(const at::Tensor &x, const at::Tensor &weight, const at::Tensor &bias,
                              int64_t left, int64_t right, const std::optional<at::Tensor> &mask,
                              at::ScalarType stored);

}  // namespace codonfuse
