// Copies between the host and a device that do not make the device wait.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Event.h>

#include <optional>

#include "handles.h"

namespace codonfuse {

/// A tensor on a device with a copy of one in host memory, which may change once this returns. Work
/// that the device has to do yet goes on.
at::Tensor copy_to(const at::Device &device, const at::Tensor &host);

/// A tensor of arbitrary values in host memory, from which the device copies while it computes, unless
/// it is very large.
at::Tensor host_memory(const at::Device &device, at::IntArrayRef sizes, at::ScalarType type);

/// A copy of a tensor in host memory, whole when this returns.
at::Tensor copy_to_host(const at::Tensor &x);

}  // namespace codonfuse

/// The elements of a tensor on their way to host memory.
struct cf_read : codonfuse::Handle {
  explicit cf_read(const at::Tensor &x);

  /// The elements, once they are there.
  const at::Tensor &await();

 private:
  at::Tensor host_;
  std::optional<c10::Event> ready_;
};
