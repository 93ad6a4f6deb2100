#include "transfer.h"

#include <ATen/ops/empty.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <c10/util/accumulate.h>

#include "guard.h"

using namespace codonfuse;

namespace {

/// A device copies pinned memory itself, while it computes and the host goes on. From ordinary memory
/// LibTorch copies in the calling thread, after the device has done all its work, so even a few numbers
/// are pinned. LibTorch keeps pinned memory for the next time, which is why large ones are not.
constexpr size_t MOST_PINNED_BYTES = size_t{1} << 28;

bool by_pinned_memory(size_t bytes, const at::Device &device) {
  return !device.is_cpu() && bytes > 0 && bytes <= MOST_PINNED_BYTES;
}

bool by_pinned_memory(const at::Tensor &x, const at::Device &device) {
  return by_pinned_memory(x.nbytes(), device);
}

at::Tensor pinned_like(const at::Tensor &x) {
  return at::empty(x.sizes(), at::TensorOptions().dtype(x.scalar_type()).pinned_memory(true));
}

}  // namespace

at::Tensor codonfuse::copy_to(const at::Device &device, const at::Tensor &host) {
  if (by_pinned_memory(host, device)) {
    return pinned_like(host).copy_(host).to(device, host.scalar_type(), /*non_blocking=*/true,
                                            /*copy=*/true);
  }
  return host.to(device, host.scalar_type(), /*non_blocking=*/false, /*copy=*/true);
}

at::Tensor codonfuse::host_memory(const at::Device &device, at::IntArrayRef sizes,
                                  at::ScalarType type) {
  const auto bytes = static_cast<size_t>(c10::multiply_integers(sizes)) * c10::elementSize(type);
  return at::empty(sizes, at::TensorOptions().dtype(type).pinned_memory(
                              by_pinned_memory(bytes, device)));
}

at::Tensor codonfuse::copy_to_host(const at::Tensor &x) {
  return by_pinned_memory(x, x.device()) ? pinned_like(x).copy_(x) : x.cpu();
}

cf_read::cf_read(const at::Tensor &x) {
  if (by_pinned_memory(x, x.device())) {
    host_ = pinned_like(x);
    host_.copy_(x, /*non_blocking=*/true);
    ready_.emplace(x.device().type());
    ready_->record(c10::impl::VirtualGuardImpl(x.device().type()).getStream(x.device()));
  } else {
    host_ = x.cpu();
  }
}

const at::Tensor &cf_read::await() {
  if (ready_) {
    ready_->synchronize();
  }
  return host_;
}
