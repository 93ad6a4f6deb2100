// Work for a device that is recorded once and started as a whole: what the host spends on asking for every
// operation of a training step is more than a device needs to do them.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>
#include <c10/core/Stream.h>

#include <memory>
#include <vector>

#include "handles.h"

struct cf_read;

namespace codonfuse {

/// A recording of one device.
class DeviceGraph {
 public:
  DeviceGraph() = default;
  DeviceGraph(const DeviceGraph &) = delete;
  DeviceGraph &operator=(const DeviceGraph &) = delete;
  virtual ~DeviceGraph() = default;

  /// What the calling thread asks the device for from now on is recorded and not done.
  virtual void begin() = 0;

  /// Fails if something was asked for that cannot be recorded; the thread no longer records either way.
  virtual void end() = 0;

  /// Does what was recorded.
  virtual void launch() = 0;

  /// While it records: the stream that it does not record. What is allocated for this one is not memory that
  /// the recording itself uses for other things at other times.
  virtual c10::Stream outside() const = 0;
};

/// A graph of a CUDA device; nothing where the library is built without the headers that it takes.
std::unique_ptr<DeviceGraph> cuda_graph(c10::DeviceIndex device);

/// The recording of the calling thread, or NULL.
cf_graph *recording();

/// A tensor of the recording that takes its values before every launch.
at::Tensor input_of_recording(const at::Device &device, at::IntArrayRef sizes, at::ScalarType type);

}  // namespace codonfuse

struct cf_graph : codonfuse::Handle {
  explicit cf_graph(std::unique_ptr<codonfuse::DeviceGraph> graph) : graph(std::move(graph)) {}

  std::unique_ptr<codonfuse::DeviceGraph> graph;
  // Tensors that take their values before every launch, in the order in which they were asked for.
  std::vector<at::Tensor> inputs;
  // Reads that begin after every launch.
  std::vector<cf_read *> reads;
};
