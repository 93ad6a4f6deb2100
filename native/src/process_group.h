// Several processes that compute together, over c10d.
#pragma once

#include <c10/util/Exception.h>
#include <torch/csrc/distributed/c10d/Backend.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include <new>

#include "guard.h"

namespace codonfuse {

/// Runs a body that talks to other processes: what LibTorch throws in it is CF_COMMUNICATION, except
/// that memory is exhausted.
template <typename Body>
void communicating(Body &&body) {
  try {
    body();
  } catch (const Failure &) {
    throw;
  } catch (const c10::OutOfMemoryError &) {
    throw;
  } catch (const std::bad_alloc &) {
    throw;
  } catch (const c10::Error &error) {
    throw Failure(CF_COMMUNICATION, error.what_without_backtrace());
  } catch (const std::exception &error) {
    throw Failure(CF_COMMUNICATION, error.what());
  }
}

/// Adds a tensor of every process into all of them; wait for the result before using it.
inline c10::intrusive_ptr<c10d::Work> all_reduce(c10d::Backend &backend, const at::Tensor &tensor) {
  std::vector<at::Tensor> tensors{tensor};
  return backend.allreduce(tensors);
}

#ifdef CODONFUSE_NCCL
/// A group whose tensors are on CUDA devices.
c10::intrusive_ptr<c10d::Backend> nccl_group(const c10::intrusive_ptr<c10d::Store> &store, int rank,
                                             int size, std::chrono::milliseconds timeout);
#endif

}  // namespace codonfuse

struct cf_store : codonfuse::Handle {
  c10::intrusive_ptr<c10d::TCPStore> store;
};

struct cf_group : codonfuse::Handle {
  cf_group() = default;
  ~cf_group();

  // For what is in host memory.
  c10::intrusive_ptr<c10d::Backend> host;
  // For gradients, which are where the parameters are.
  c10::intrusive_ptr<c10d::Backend> gradients;
};
