#pragma once

#include <cstdint>

namespace codonfuse {

/// Number of usable CUDA devices.
int32_t cuda_device_count();

/// Fails with CF_DEVICE_UNAVAILABLE unless there is such a device. The first success switches TF32 off.
void require_cuda_device(int32_t index);

}  // namespace codonfuse
