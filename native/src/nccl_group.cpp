// Compiled where the headers of CUDA and NCCL are found; see CMakeLists.txt.
#define USE_C10D_NCCL
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>

#include "process_group.h"

c10::intrusive_ptr<c10d::Backend> codonfuse::nccl_group(const c10::intrusive_ptr<c10d::Store> &store,
                                                        int rank, int size,
                                                        std::chrono::milliseconds timeout) {
  const auto options = c10d::ProcessGroupNCCL::Options::create();
  options->timeout = timeout;
  return c10::make_intrusive<c10d::ProcessGroupNCCL>(store, rank, size, options);
}
