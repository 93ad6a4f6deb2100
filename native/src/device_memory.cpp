// What LibTorch's allocator holds of a device's memory.
#include <c10/core/CachingDeviceAllocator.h>

#include "arguments.h"
#include "guard.h"

using namespace codonfuse;

namespace {

/// The allocator of a device, or NULL while it holds nothing: it has no figures before its first use.
c10::DeviceAllocator *allocator_of(const at::Device &device) {
  require(!device.is_cpu(), "LibTorch does not count the memory of the CPU");
  auto *allocator = c10::getDeviceAllocator(device.type());
  return allocator->initialized() ? allocator : nullptr;
}

}  // namespace

cf_status *cf_memory_use(int32_t device, int32_t device_index, int64_t *used_bytes,
                         int64_t *held_bytes, int64_t *peak_bytes) {
  return guarded([&] {
    require(used_bytes != nullptr && held_bytes != nullptr && peak_bytes != nullptr,
            "an out-parameter is NULL");
    const at::Device place = device_of(device, device_index);
    int64_t used = 0;
    int64_t held = 0;
    int64_t peak = 0;
    if (auto *allocator = allocator_of(place)) {
      constexpr auto all = static_cast<size_t>(c10::CachingAllocator::StatType::AGGREGATE);
      const auto stats = allocator->getDeviceStats(place.index());
      used = stats.allocated_bytes[all].current;
      held = stats.reserved_bytes[all].current;
      peak = stats.reserved_bytes[all].peak;
    }
    *used_bytes = used;
    *held_bytes = held;
    *peak_bytes = peak;
  });
}

cf_status *cf_memory_forget_peak(int32_t device, int32_t device_index) {
  return guarded([&] {
    const at::Device place = device_of(device, device_index);
    if (auto *allocator = allocator_of(place)) {
      allocator->emptyCache();
      allocator->resetPeakStats(place.index());
    }
  });
}
