#include "transfer.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/zeros.h>
#include <c10/core/StreamGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <c10/util/accumulate.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <mutex>

#include "device_graph.h"
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

/// Elements that the host looks at sooner than a device is asked to.
constexpr int64_t MOST_FOR_THE_HOST = 1024;

at::Tensor pinned_like(const at::Tensor &x) {
  return at::empty(x.sizes(), at::TensorOptions().dtype(x.scalar_type()).pinned_memory(true));
}

/// The maximum norm: one pass, in which NaN wins.
at::Tensor magnitude(const at::Tensor &x) {
  return x.numel() == 0
             ? at::zeros({}, x.options())
             : at::linalg_vector_norm(x, std::numeric_limits<double>::infinity());
}

/// One for each device: copies take turns anyway.
c10::Stream stream_of_copies(const c10::impl::VirtualGuardImpl &implementation, c10::Device device) {
  static std::mutex lock;
  static std::map<std::pair<c10::DeviceType, c10::DeviceIndex>, c10::Stream> streams;
  const std::lock_guard<std::mutex> held(lock);
  const auto key = std::make_pair(device.type(), device.index());
  auto known = streams.find(key);
  if (known == streams.end()) {
    known = streams.emplace(key, implementation.getStreamFromGlobalPool(device)).first;
  }
  return known->second;
}

}  // namespace

at::Tensor codonfuse::copy_to(const at::Device &device, const at::Tensor &host) {
  if (by_pinned_memory(host, device)) {
    return pinned_like(host).copy_(host).to(device, host.scalar_type(), /*non_blocking=*/true,
                                            /*copy=*/true);
  }
  return host.to(device, host.scalar_type(), /*non_blocking=*/false, /*copy=*/true);
}

void codonfuse::copy_into(const at::Tensor &x, const void *data) {
  const at::Tensor host = pinned_like(x);
  std::memcpy(host.mutable_data_ptr(), data, x.nbytes());
  x.copy_(host, /*non_blocking=*/true);
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

cf_read::cf_read(const at::Tensor &x, at::ScalarType dtype) : x_(x), dtype_(dtype) {
  if (cf_graph *graph = recording()) {
    graph->reads.push_back(this);
  } else {
    begin();
    x_.reset();
  }
}

void cf_read::begin() {
  const at::Tensor elements = x_.to(dtype_).contiguous();
  const bool converted = x_.scalar_type() != dtype_;
  const at::Tensor largest =
      converted || x_.numel() > MOST_FOR_THE_HOST ? magnitude(x_) : at::Tensor();
  if (by_pinned_memory(elements, elements.device())) {
    copy_beside(elements, largest);
  } else {
    host_ = elements.cpu();
    largest_ = largest.defined() ? largest.cpu() : largest;
  }
  if (!largest.defined()) {
    largest_ = largest;
  }
  source_ = converted ? x_ : host_;
}

/// Copies on a stream of its own, so that the device computes what it is asked for next meanwhile.
void cf_read::copy_beside(const at::Tensor &elements, const at::Tensor &largest) {
  const c10::Device device = elements.device();
  const c10::impl::VirtualGuardImpl implementation(device.type());
  const c10::Stream copies = stream_of_copies(implementation, device);
  c10::Event computed(device.type());
  computed.record(implementation.getStream(device));
  const c10::StreamGuard guard(copies);
  computed.block(copies);
  // Their memory is for others to take once they are released, but not before they are copied. Of
  // pinned memory LibTorch knows by itself which copies use it.
  elements.record_stream(copies);
  host_ = pinned_like(elements).copy_(elements, /*non_blocking=*/true);
  if (largest.defined()) {
    largest.record_stream(copies);
    largest_ = pinned_like(largest).copy_(largest, /*non_blocking=*/true);
  }
  ready_.emplace(device.type());
  ready_->record(copies);
}

const at::Tensor &cf_read::await() {
  if (ready_) {
    ready_->synchronize();
    ready_.reset();
  }
  if (!largest_.defined()) {
    largest_ = magnitude(host_);
  }
  if (std::isfinite(largest_.to(host_.scalar_type()).item<float>())) {
    source_ = host_;  // Nobody will ask what was lost, and a device has better use for the memory.
  }
  return host_;
}
