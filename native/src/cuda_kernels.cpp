#include "cuda_kernels.h"

#include <ATen/ops/empty.h>
#include <c10/core/DeviceGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <c10/util/Exception.h>

#include <map>
#include <mutex>
#include <sstream>
#include <tuple>
#include <utility>

#include "cuda_driver.h"
#include "encoder_source.h"

namespace codonfuse {
namespace {

// Attributes of a device, as cuda.h numbers them.
constexpr int COMPUTE_CAPABILITY_MAJOR = 75;
constexpr int COMPUTE_CAPABILITY_MINOR = 76;
/// The first with products of bfloat16.
constexpr int OLDEST_MAJOR = 8;

/// LibTorch's own library that depends on the compiler of its version and knows where it lies.
const CudaLibrary &compiler() {
  static const CudaLibrary library = [] {
    Dl_info info{};
    void *handle = nullptr;
    if (dladdr(reinterpret_cast<const void *>(&at::_ops::empty_memory_format::call), &info) != 0 &&
        info.dli_fname != nullptr) {
      const std::string path = info.dli_fname;
      handle = dlopen((path.substr(0, path.rfind('/') + 1) + "libcaffe2_nvrtc.so").c_str(),
                      RTLD_LAZY | RTLD_LOCAL);
    }
    return CudaLibrary(handle, "NVRTC");
  }();
  return library;
}

/// A kernel, or why there is none.
struct Compiled {
  void *function = nullptr;
  std::string refusal;
};

std::string architecture(int device) {
  int handle = 0;
  int major = 0;
  int minor = 0;
  cuda_driver().call("cuInit", 0U);
  cuda_driver().call("cuDeviceGet", &handle, device);
  cuda_driver().call("cuDeviceGetAttribute", &major, COMPUTE_CAPABILITY_MAJOR, handle);
  cuda_driver().call("cuDeviceGetAttribute", &minor, COMPUTE_CAPABILITY_MINOR, handle);
  if (major < OLDEST_MAJOR) {
    throw Failure(CF_DEVICE_UNAVAILABLE, "the GPU has compute capability " +
                                             std::to_string(major) + "." + std::to_string(minor) +
                                             ", which is less than 8.0");
  }
  return "--gpu-architecture=sm_" + std::to_string(major) + std::to_string(minor);
}

/// Machine code for a device.
std::string compile(int device, const Macros &macros) {
  std::vector<std::string> options{architecture(device), "--std=c++17"};
  for (const std::string &macro : macros) {
    options.push_back("-D" + macro);
  }
  std::vector<const char *> pointers;
  for (const std::string &option : options) {
    pointers.push_back(option.c_str());
  }
  const CudaLibrary &nvrtc = compiler();
  void *program = nullptr;
  nvrtc.call("nvrtcCreateProgram", &program, ENCODER_SOURCE, "encoder.cu", 0,
             static_cast<const char *const *>(nullptr), static_cast<const char *const *>(nullptr));
  struct Destroyed {
    void *program;
    ~Destroyed() { compiler().code_of("nvrtcDestroyProgram", &program); }
  } const destroyed{program};
  size_t size = 0;
  const int code = nvrtc.code_of("nvrtcCompileProgram", program, static_cast<int>(pointers.size()),
                                 pointers.data());
  if (code != 0) {
    nvrtc.call("nvrtcGetProgramLogSize", program, &size);
    std::string log(size, '\0');
    nvrtc.call("nvrtcGetProgramLog", program, log.data());
    throw Failure(CF_INTERNAL, "NVRTC failed with code " + std::to_string(code) + ": " +
                                   log.substr(0, log.find('\n')));
  }
  nvrtc.call("nvrtcGetCUBINSize", program, &size);
  std::string code_of_device(size, '\0');
  nvrtc.call("nvrtcGetCUBIN", program, code_of_device.data());
  return code_of_device;
}

/// Kernels by device, name and macros. Their modules stay loaded until the process ends.
class Kernels {
 public:
  static Kernels &all() {
    static auto *const kernels = new Kernels();  // Never destroyed: the driver goes first.
    return *kernels;
  }

  const Compiled &of(int device, const std::string &kernel, const Macros &macros) {
    std::ostringstream key;
    key << kernel;
    for (const std::string &macro : macros) {
      key << ' ' << macro;
    }
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto [place, added] = compiled_.try_emplace({device, key.str()});
    if (added) {
      try {
        place->second.function = load(device, kernel, macros);
      } catch (const Failure &e) {
        place->second.refusal = e.what();
        if (e.code() == CF_INTERNAL) {
          // cf_cuda_kernels asked for one of the kernels only: that another is missing would not show.
          TORCH_WARN("LibTorch's operators take the place of the kernel ", key.str(), ": ", e.what());
        }
      }
    }
    return place->second;
  }

 private:
  static void *load(int device, const std::string &kernel, const Macros &macros) {
    if (!cuda_driver().loaded()) {
      throw Failure(CF_DEVICE_UNAVAILABLE, "the CUDA driver (libcuda.so.1) cannot be loaded");
    }
    if (!compiler().loaded()) {
      throw Failure(CF_DEVICE_UNAVAILABLE,
                    "libcaffe2_nvrtc.so beside LibTorch or the NVRTC library that it needs cannot be"
                    " loaded");
    }
    const std::string code = compile(device, macros);
    void *module = nullptr;
    void *function = nullptr;
    void *kept = nullptr;
    const PrimaryContext context(device);
    // The last to release the context would take the module with it.
    cuda_driver().call("cuDevicePrimaryCtxRetain", &kept, device);
    cuda_driver().call("cuModuleLoadData", &module, static_cast<const void *>(code.data()));
    cuda_driver().call("cuModuleGetFunction", &function, module, kernel.c_str());
    return function;
  }

  std::mutex mutex_;
  std::map<std::pair<int, std::string>, Compiled> compiled_;
};

/// The driver's name of a stream. LibTorch before 2.12 does not tell that of others than the default one.
template <typename Stream>
std::optional<void *> handle_of(const Stream &stream) {
  if (stream.id() == 0) {
    return nullptr;
  }
  if constexpr (requires { stream.native_handle(); }) {
    return stream.native_handle();
  }
  return std::nullopt;
}

}  // namespace

std::string refusal(const c10::Device &device, const std::string &kernel, const Macros &macros) {
  return Kernels::all().of(device.index(), kernel, macros).refusal;
}

bool launch(const c10::Device &device, const std::string &kernel, const Macros &macros,
            const std::array<unsigned, 3> &blocks, unsigned threads,
            std::vector<void *> arguments) {
  const Compiled &compiled = Kernels::all().of(device.index(), kernel, macros);
  const c10::DeviceGuard guard(device);
  const auto stream = handle_of(c10::impl::VirtualGuardImpl(device.type()).getStream(device));
  if (compiled.function == nullptr || !stream) {
    return false;
  }
  const auto start = [&] {
    cuda_driver().call("cuLaunchKernel", compiled.function, blocks[0], blocks[1], blocks[2],
                       threads, 1U, 1U, 0U, *stream, arguments.data(),
                       static_cast<void **>(nullptr));
  };
  void *current = nullptr;
  cuda_driver().call("cuCtxGetCurrent", &current);
  if (current == nullptr) {
    // A thread that LibTorch has not used this device from yet.
    const PrimaryContext context(device.index());
    start();
  } else {
    start();
  }
  return true;
}

}  // namespace codonfuse
