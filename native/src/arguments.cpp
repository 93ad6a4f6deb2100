#include "arguments.h"

#include <array>

#include "cuda_devices.h"
#include "guard.h"

namespace codonfuse {

at::ScalarType scalar_type(int32_t dtype) {
  switch (dtype) {
    case CF_FLOAT32:
      return at::kFloat;
    case CF_FLOAT64:
      return at::kDouble;
    case CF_BFLOAT16:
      return at::kBFloat16;
    case CF_FLOAT16:
      return at::kHalf;
    case CF_INT64:
      return at::kLong;
    case CF_BOOL:
      return at::kBool;
    default:
      throw Failure(CF_INVALID_ARGUMENT, "unknown element type " + std::to_string(dtype));
  }
}

at::IntArrayRef sizes_of(const int64_t *sizes, int32_t rank) {
  require(rank >= 0 && rank <= CF_MAX_RANK, "the rank is not in 0 to 8");
  require(rank == 0 || sizes != nullptr, "sizes is NULL");
  // Room for the widest element.
  int64_t bytes = 8;
  for (int32_t axis = 0; axis < rank; axis++) {
    require(sizes[axis] >= 0, "a size is negative");
    require(!__builtin_mul_overflow(bytes, sizes[axis], &bytes), "the sizes overflow");
  }
  return {sizes, static_cast<size_t>(rank)};
}

at::Device device_of(int32_t device, int32_t index) {
  switch (device) {
    case CF_CPU:
      return at::Device(at::kCPU);
    case CF_CUDA:
      require_cuda_device(index);
      return at::Device(at::kCUDA, static_cast<at::DeviceIndex>(index));
    default:
      throw Failure(CF_INVALID_ARGUMENT, "unknown device " + std::to_string(device));
  }
}

at::Tensor mask_for(const at::Tensor &mask, const at::Tensor &x) {
  require(mask.scalar_type() == at::kBool, "the mask is not bool");
  require(mask.dim() == 2 && x.dim() >= 2, "the mask is not [batch, position]");
  require(mask.size(0) == x.size(0) && mask.size(1) == x.size(1),
          "the mask has another batch or number of positions");
  std::array<int64_t, CF_MAX_RANK> sizes;
  sizes.fill(1);
  sizes[0] = mask.size(0);
  sizes[1] = mask.size(1);
  return mask.view(at::IntArrayRef(sizes.data(), static_cast<size_t>(x.dim())));
}

}  // namespace codonfuse
