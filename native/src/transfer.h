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

/// Copies host memory, which may change once this returns, into a tensor on a device.
void copy_into(const at::Tensor &x, const void *data);

/// A copy of a tensor in host memory, whole when this returns.
at::Tensor copy_to_host(const at::Tensor &x);

}  // namespace codonfuse

/// The elements of a tensor on their way to host memory, in an element type of choice.
struct cf_read : codonfuse::Handle {
  /// Begins, or lets the thread's recording begin with every launch.
  cf_read(const at::Tensor &x, at::ScalarType dtype);

  void begin();

  /// The elements, once they are there.
  const at::Tensor &await();

  /// The largest magnitude among the elements of x; NaN if one of them is. Once `await` returned.
  float largest() const { return largest_.item<float>(); }

  /// The elements before they were converted, where that made them infinite; else those in host memory,
  /// once `await` returned.
  const at::Tensor &source() const { return source_; }

 private:
  void copy_beside(const at::Tensor &elements, const at::Tensor &largest);

  at::Tensor x_;
  at::ScalarType dtype_;
  at::Tensor host_;
  at::Tensor largest_;
  at::Tensor source_;
  std::optional<c10::Event> ready_;
};
