// What is known of CUDA devices.
#include <ATen/Context.h>

#include <cstring>

#include "cuda_devices.h"
#include "cuda_driver.h"
#include "guard.h"

using namespace codonfuse;

namespace {

const CudaLibrary &driver() {
  const CudaLibrary &library = cuda_driver();
  if (!library.loaded()) {
    throw Failure(CF_DEVICE_UNAVAILABLE, "the CUDA driver (libcuda.so.1) cannot be loaded");
  }
  return library;
}

void allow_tf32(bool allowed) {
  at::globalContext().setAllowTF32CuDNN(allowed);
  at::globalContext().setAllowTF32CuBLAS(allowed);
}

/// Once: float32 means float32 (LibTorch lets cuDNN round factors to 10 bits, and the environment
/// cuBLAS), sums of bfloat16 products are in float32, and the same seed gives the same result.
void be_exact() {
  static const bool exact = [] {
    allow_tf32(false);
    at::globalContext().setAllowBF16ReductionCuBLAS(false);
    at::globalContext().setDeterministicCuDNN(true);
    return true;
  }();
  static_cast<void>(exact);
}

}  // namespace

const CudaLibrary &codonfuse::cuda_driver() {
  static const CudaLibrary library(dlopen("libcuda.so.1", RTLD_LAZY | RTLD_LOCAL), "the CUDA driver");
  return library;
}

PrimaryContext::PrimaryContext(int device) : device_(device) {
  void *context = nullptr;
  cuda_driver().call("cuDevicePrimaryCtxRetain", &context, device_);
  cuda_driver().call("cuCtxPushCurrent_v2", context);
}

PrimaryContext::~PrimaryContext() {
  // Only a driver that is shutting down refuses, and then there is nothing to give back.
  void *context = nullptr;
  cuda_driver().code_of("cuCtxPopCurrent_v2", &context);
  cuda_driver().code_of("cuDevicePrimaryCtxRelease_v2", device_);
}

int32_t codonfuse::cuda_device_count() {
  return at::hasCUDA() ? static_cast<int32_t>(at::getNumGPUs()) : 0;
}

void codonfuse::require_cuda_device(int32_t index) {
  const int32_t count = cuda_device_count();
  if (index < 0 || index >= count) {
    throw Failure(CF_DEVICE_UNAVAILABLE,
                  count == 0 ? "no CUDA device is usable"
                             : "CUDA device " + std::to_string(index) + " is not one of the " +
                                   std::to_string(count) + " usable ones");
  }
  be_exact();
}

cf_status *cf_cuda_device_count(int32_t *count) {
  return guarded([&] {
    require(count != nullptr, "count is NULL");
    *count = cuda_device_count();
  });
}

cf_status *cf_cuda_device_info(int32_t index, char *name, size_t size, int64_t *free_bytes,
                               int64_t *total_bytes) {
  return guarded([&] {
    require(name != nullptr && size > 0 && free_bytes != nullptr && total_bytes != nullptr,
            "an out-parameter is NULL");
    require_cuda_device(index);
    driver().call("cuInit", 0U);
    int device = 0;
    char full_name[256] = {};
    size_t available = 0;
    size_t total = 0;
    driver().call("cuDeviceGet", &device, index);
    driver().call("cuDeviceGetName", &full_name[0], 255, device);
    {
      const PrimaryContext context(device);
      driver().call("cuMemGetInfo_v2", &available, &total);
    }
    name[std::string(full_name).copy(name, size - 1)] = '\0';
    *free_bytes = static_cast<int64_t>(available);
    *total_bytes = static_cast<int64_t>(total);
  });
}

cf_status *cf_cuda_device_uuid(int32_t index, uint8_t *uuid) {
  return guarded([&] {
    require(uuid != nullptr, "uuid is NULL");
    require_cuda_device(index);
    driver().call("cuInit", 0U);
    int device = 0;
    char bytes[16] = {};
    driver().call("cuDeviceGet", &device, index);
    driver().call("cuDeviceGetUuid", &bytes[0], device);
    std::memcpy(uuid, &bytes[0], sizeof(bytes));
  });
}

cf_status *cf_allow_tf32(int32_t allowed) {
  return guarded([&] {
    be_exact();
    allow_tf32(allowed != 0);
  });
}

cf_status *cf_cuda_driver(int32_t *version, int32_t *code, int32_t *devices) {
  return guarded([&] {
    require(version != nullptr && code != nullptr && devices != nullptr, "an out-parameter is NULL");
    int number = 0;
    int count = 0;
    driver().call("cuDriverGetVersion", &number);
    int failed = driver().code_of("cuInit", 0U);
    if (failed == 0) {
      failed = driver().code_of("cuDeviceGetCount", &count);
    }
    *version = number;
    *code = failed;
    *devices = count;
  });
}
