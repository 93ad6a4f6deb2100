// The one way from the C ABI into LibTorch and back: modes in, failures out.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/GradMode.h>

#include <memory>
#include <stdexcept>
#include <string>

#include "codonfuse.h"
#include "handles.h"

namespace codonfuse {

/// A failure with its CF_* kind.
class Failure : public std::runtime_error {
 public:
  Failure(int32_t code, const std::string &message) : std::runtime_error(message), code_(code) {}
  int32_t code() const noexcept { return code_; }

 private:
  int32_t code_;
};

/// Fails with CF_INVALID_ARGUMENT unless the condition holds.
inline void require(bool condition, const char *message) {
  if (!condition) {
    throw Failure(CF_INVALID_ARGUMENT, message);
  }
}

/// The exception being handled as a status.
cf_status *status_of_current_exception() noexcept;

/// Makes the calling thread use the number of threads that cf_set_threads chose: OpenMP keeps it
/// per thread.
void adopt_thread_count();

/// Counts a call into LibTorch while it lasts. Where the process exits meanwhile, as a JVM does on
/// SIGTERM, LibTorch's static objects must not be destroyed under the call: see guard.cpp.
class CallInFlight {
 public:
  CallInFlight() noexcept;
  ~CallInFlight();
  CallInFlight(const CallInFlight &) = delete;
  CallInFlight &operator=(const CallInFlight &) = delete;
};

/// Runs a body, turning whatever it throws into a status.
template <typename Body>
cf_status *guarded(Body &&body) noexcept {
  const CallInFlight in_flight;
  try {
    adopt_thread_count();
    body();
    return nullptr;
  } catch (...) {
    return status_of_current_exception();
  }
}

/// What a mode is for, whatever the precision of products in it.
inline int32_t purpose(int32_t mode) { return mode & ~CF_BFLOAT16_PRODUCTS; }

/// Applies a CF_* mode to the calling thread until the end of the block.
///
/// CF_INFERENCE only stops recording. c10::InferenceMode would save 0.1 to 0.4 of the 2 to 400
/// microseconds that an encoder's operations take on 30 tokens, but its results could not take part
/// in a gradient later.
class Mode {
 public:
  explicit Mode(int32_t mode) : recording_(recording(mode)) {}

 private:
  static bool recording(int32_t mode) {
    const int32_t what = purpose(mode);
    require(what == CF_INFERENCE || what == CF_GRADIENT || what == CF_TRAINING, "unknown mode");
    return what != CF_INFERENCE;
  }

  c10::AutoGradMode recording_;
};

/// Hands a tensor to the caller.
inline void give(at::Tensor tensor, cf_tensor **out) {
  require(out != nullptr, "out is NULL");
  *out = new cf_tensor(std::move(tensor));
}

/// Runs a body without mode and hands its tensor to the caller.
template <typename Body>
cf_status *create(cf_tensor **out, Body &&body) noexcept {
  return guarded([&] { give(body(), out); });
}

/// Runs a body under a mode and hands its tensor to the caller.
template <typename Body>
cf_status *compute(int32_t mode, cf_tensor **out, Body &&body) noexcept {
  return guarded([&] {
    Mode guard(mode);
    give(body(), out);
  });
}

/// The tensor behind a handle.
inline const at::Tensor &value(const cf_tensor *tensor) {
  require(tensor != nullptr, "a tensor is NULL");
  return tensor->value;
}

}  // namespace codonfuse
