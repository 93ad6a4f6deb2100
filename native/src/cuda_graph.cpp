// Compiled where the headers of CUDA are found; see CMakeLists.txt. Calls nothing of CUDA itself, whose
// libraries are not linked: c10::DeviceGuard, not c10::cuda::CUDAGuard.
#include <ATen/Context.h>
#include <ATen/cuda/CUDAGraph.h>
#include <c10/core/DeviceGuard.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAStream.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "device_graph.h"

namespace codonfuse {
namespace {

/// What the calling thread records with, always the same: cuBLAS keeps memory for every stream that it
/// was ever used with.
c10::cuda::CUDAStream stream_of_thread(c10::DeviceIndex device) {
  thread_local std::map<c10::DeviceIndex, c10::cuda::CUDAStream> streams;
  auto known = streams.find(device);
  if (known == streams.end()) {
    known = streams.emplace(device, c10::cuda::getStreamFromPool(/*isHighPriority=*/false, device))
                .first;
  }
  return known->second;
}

class CudaGraph : public DeviceGraph {
 public:
  explicit CudaGraph(c10::DeviceIndex device) : device_(device), stream_(stream_of_thread(device)) {}

  ~CudaGraph() override {
    const std::lock_guard<std::mutex> lock(mutex());
    all().erase(std::remove(all().begin(), all().end(), this), all().end());
  }

  void begin() override {
    const c10::DeviceGuard guard(place());
    const auto current = c10::cuda::getCurrentCUDAStream(device_);
    current.synchronize();
    before_.emplace(current);
    c10::cuda::setCurrentCUDAStream(stream_);
    try {
      // Other threads go on using the device meanwhile, and this one takes memory for inputs.
      id_ = pool();
      graph_.capture_begin(id_, cudaStreamCaptureModeRelaxed);
      const std::lock_guard<std::mutex> lock(mutex());
      all().push_back(this);
    } catch (...) {
      restore();
      throw;
    }
  }

  void end() override {
    const c10::DeviceGuard guard(place());
    try {
      graph_.capture_end();
    } catch (...) {
      restore();
      give_up();
      throw;
    }
    restore();
  }

  void launch() override {
    const c10::DeviceGuard guard(place());
    graph_.replay();
  }

  c10::Stream outside() const override { return before_->unwrap(); }

 private:
  c10::Device place() const { return {c10::DeviceType::CUDA, device_}; }

  /// The memory of another graph of the device and thread, or of its own: their launches follow each other,
  /// and none reads what another left.
  at::MempoolId_t pool() const {
    const std::lock_guard<std::mutex> lock(mutex());
    const auto shared = std::find_if(all().begin(), all().end(), [&](const CudaGraph *other) {
      return other->device_ == device_ && other->thread_ == thread_;
    });
    return shared == all().end() ? at::cuda::graph_pool_handle() : (*shared)->id_;
  }

  /// Those that hold memory.
  static std::vector<const CudaGraph *> &all() {
    static auto *const graphs = new std::vector<const CudaGraph *>();
    return *graphs;
  }

  static std::mutex &mutex() {
    static auto *const mutex = new std::mutex();
    return *mutex;
  }

  /// Where the device returns no graph, LibTorch's allocator stays in the recording, and before 2.13 its
  /// random numbers, which could then not be drawn any more.
  void give_up() noexcept {
    try {
      // Fails where LibTorch came as far as that by itself.
      c10::cuda::CUDACachingAllocator::endAllocateToPool(device_, id_);
      c10::cuda::CUDACachingAllocator::releasePool(device_, id_);
      at::Generator generator = at::globalContext().defaultGenerator(place());
      generator.graphsafe_set_state(generator.clone());
    } catch (...) {
      // The failure that brought us here says more.
    }
  }

  void restore() {
    c10::cuda::setCurrentCUDAStream(*before_);
    before_.reset();
  }

  c10::DeviceIndex device_;
  std::thread::id thread_ = std::this_thread::get_id();
  c10::cuda::CUDAStream stream_;
  std::optional<c10::cuda::CUDAStream> before_;
  at::MempoolId_t id_{0, 0};
  at::cuda::CUDAGraph graph_;
};

}  // namespace

std::unique_ptr<DeviceGraph> cuda_graph(c10::DeviceIndex device) {
  return std::make_unique<CudaGraph>(device);
}

}  // namespace codonfuse
