#pragma once

#include <cstdint>

namespace codonfuse {

/// Number of usable CUDA devices.
int32_t cuda_device_count();

/// Fails with CF_DEVICE_UNAVAILABLE unless there is such a device. From the first success on
/// float32 means float32, until cf_allow_tf32.
void require_cuda_device(int32_t index);

}  // namespace codonfuse
