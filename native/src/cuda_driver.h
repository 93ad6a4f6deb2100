// Libraries of CUDA by the names of their functions, so that neither building nor running needs the
// toolkit.
#pragma once

#include <dlfcn.h>

#include <string>

#include "glibc.h"
#include "guard.h"

namespace codonfuse {

/// A shared library of CUDA, whose functions return 0 for success. Stays loaded.
class CudaLibrary {
 public:
  /// @param handle what dlopen returned, or NULL
  CudaLibrary(void *handle, std::string name) : handle_(handle), name_(std::move(name)) {}

  bool loaded() const { return handle_ != nullptr; }

  /// The code that a function returns; -1: the library has no such function.
  template <typename... Arguments>
  int code_of(const char *function, Arguments... arguments) const {
    using Function = int (*)(Arguments...);
    const auto address = handle_ == nullptr
                             ? nullptr
                             : reinterpret_cast<Function>(dlsym(handle_, function));
    return address == nullptr ? -1 : address(arguments...);
  }

  template <typename... Arguments>
  void call(const char *function, Arguments... arguments) const {
    const int result = code_of(function, arguments...);
    if (result != 0) {
      throw Failure(CF_INTERNAL, std::string(function) + " of " + name_ + " failed with code " +
                                     std::to_string(result));
    }
  }

 private:
  void *handle_;
  std::string name_;
};

/// The driver's library, not loaded where there is none.
const CudaLibrary &cuda_driver();

/// Makes the context of a device that LibTorch uses as well current, until the end of the block.
class PrimaryContext {
 public:
  explicit PrimaryContext(int device);
  PrimaryContext(const PrimaryContext &) = delete;
  PrimaryContext &operator=(const PrimaryContext &) = delete;
  ~PrimaryContext();

 private:
  int device_;
};

}  // namespace codonfuse
