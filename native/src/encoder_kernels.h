// What an encoder's layers compute in 16 bits, by kernels of our own on CUDA: cuda/encoder.cu. Each
// returns nothing where they are not for these tensors or cannot be had; LibTorch's operators compute the
// same then. Results cannot be differentiated.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace codonfuse {

/// Why the kernels cannot be had on a CUDA device; empty where they can. Compiles one of them.
std::string kernels_missing(int32_t device);

/// What cf_layer_norm computes: x 16 bits [..., width], weight and bias float32 [width].
std::optional<at::Tensor> normalise_on_device(const at::Tensor &x, const at::Tensor &weight,
                                              const at::Tensor &bias, double epsilon);

/// GELU in place.
/// @return whether it was done
bool gelu_on_device(const at::Tensor &x);

/// What cf_self_attention computes of qkv in 16 bits.
std::optional<at::Tensor> attend_on_device(const at::Tensor &qkv,
                                           const std::vector<int64_t> &offsets,
                                           const std::optional<at::Tensor> &cos,
                                           const std::optional<at::Tensor> &sin, int64_t heads,
                                           double scale);

}  // namespace codonfuse
