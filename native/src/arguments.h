// C arguments as ATen has them, checked.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>
#include <c10/util/ArrayRef.h>

#include <cstdint>

namespace codonfuse {

/// The element type of a CF_* number.
at::ScalarType scalar_type(int32_t dtype);

/// Sizes whose number, signs and product are possible.
at::IntArrayRef sizes_of(const int64_t *sizes, int32_t rank);

/// A device that exists.
at::Device device_of(int32_t device, int32_t index);

/// A mask [batch, position] with as many axes as x [batch, position, ...].
at::Tensor mask_for(const at::Tensor &mask, const at::Tensor &x);

}  // namespace codonfuse
