#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/full.h>
#include <c10/util/accumulate.h>

#include <algorithm>

#include "arguments.h"
#include "device_graph.h"
#include "guard.h"
#include "transfer.h"

using namespace codonfuse;

namespace {

// LibTorch has no tensor over constant memory; nothing here writes to a tensor but cf_assign, which
// accepts parameters only.
at::Tensor over(const void *data, at::ScalarType dtype, at::IntArrayRef sizes) {
  const auto options = at::TensorOptions().dtype(dtype);
  if (c10::multiply_integers(sizes) == 0) {
    return at::empty(sizes, options);
  }
  require(data != nullptr, "data is NULL");
  return at::from_blob(const_cast<void *>(data), sizes, options);
}

void copy_out(const at::Tensor &host, void *data, int64_t bytes) {
  if (bytes < 0 || static_cast<size_t>(bytes) != host.nbytes()) {
    throw Failure(CF_INVALID_ARGUMENT, "the tensor has " + std::to_string(host.nbytes()) +
                                           " bytes, not " + std::to_string(bytes));
  }
  over(data, host.scalar_type(), host.sizes()).copy_(host);
}

int32_t number_of(at::ScalarType dtype) {
  switch (dtype) {
    case at::kFloat:
      return CF_FLOAT32;
    case at::kDouble:
      return CF_FLOAT64;
    case at::kBFloat16:
      return CF_BFLOAT16;
    case at::kHalf:
      return CF_FLOAT16;
    case at::kLong:
      return CF_INT64;
    case at::kBool:
      return CF_BOOL;
    default:
      throw Failure(CF_INTERNAL, std::string("no number for element type ") + toString(dtype));
  }
}

}  // namespace

cf_status *cf_tensor_copy_of(const void *data, int32_t dtype, const int64_t *sizes, int32_t rank,
                             int32_t device, int32_t device_index, cf_tensor **out) {
  return create(out, [&] {
    const at::Device place = device_of(device, device_index);
    if (recording() != nullptr) {
      return input_of_recording(place, sizes_of(sizes, rank), scalar_type(dtype));
    }
    const at::Tensor source = over(data, scalar_type(dtype), sizes_of(sizes, rank));
    return copy_to(place, source);
  });
}

cf_status *cf_tensor_borrow(const void *data, int32_t dtype, const int64_t *sizes, int32_t rank,
                            cf_tensor **out) {
  return create(out, [&] {
    const at::ScalarType type = scalar_type(dtype);
    require(reinterpret_cast<uintptr_t>(data) % c10::elementSize(type) == 0,
            "data is not aligned to its element size");
    return over(data, type, sizes_of(sizes, rank));
  });
}

cf_status *cf_host_tensor(const int64_t *sizes, int32_t rank, int32_t device, int32_t device_index,
                          cf_tensor **out, float **data) {
  return guarded([&] {
    require(out != nullptr && data != nullptr, "out or data is NULL");
    const at::Tensor x =
        host_memory(device_of(device, device_index), sizes_of(sizes, rank), at::kFloat);
    *data = x.mutable_data_ptr<float>();
    give(x, out);
  });
}

cf_status *cf_upload(const cf_tensor *host, int32_t device, int32_t device_index,
                     cf_tensor **out) {
  return create(out, [&] {
    require(value(host).device().is_cpu(), "the tensor is not in host memory");
    if (recording() != nullptr) {
      return input_of_recording(device_of(device, device_index), value(host).sizes(),
                                value(host).scalar_type());
    }
    return value(host).to(device_of(device, device_index), value(host).scalar_type(),
                          /*non_blocking=*/true);
  });
}

cf_status *cf_tensor_full(double value, int32_t dtype, const int64_t *sizes, int32_t rank,
                          int32_t device, int32_t device_index, cf_tensor **out) {
  return create(out, [&] {
    const auto options = at::TensorOptions()
                             .dtype(scalar_type(dtype))
                             .device(device_of(device, device_index));
    return at::full(sizes_of(sizes, rank), value, options);
  });
}

void cf_tensor_free(cf_tensor *tensor) { delete tensor; }

cf_status *cf_tensor_describe(const cf_tensor *tensor, int32_t *dtype, int32_t *rank,
                              int64_t *sizes) {
  return guarded([&] {
    require(dtype != nullptr && rank != nullptr && sizes != nullptr, "an out-parameter is NULL");
    const at::Tensor &x = value(tensor);
    require(x.dim() <= CF_MAX_RANK, "the tensor has more than 8 axes");
    *dtype = number_of(x.scalar_type());
    *rank = static_cast<int32_t>(x.dim());
    std::copy(x.sizes().begin(), x.sizes().end(), sizes);
  });
}

cf_status *cf_tensor_read(const cf_tensor *tensor, void *data, int64_t bytes) {
  return guarded([&] { copy_out(copy_to_host(value(tensor).detach()), data, bytes); });
}

cf_status *cf_read_begin(const cf_tensor *tensor, int32_t dtype, cf_read **out) {
  return guarded([&] {
    require(out != nullptr, "out is NULL");
    const at::Tensor x = value(tensor).detach();
    require(x.is_floating_point(), "the tensor is not floating point");
    *out = new cf_read(x, scalar_type(dtype));
  });
}

cf_status *cf_read_end(cf_read *read, const void **data, float *largest) {
  return guarded([&] {
    require(read != nullptr, "read is NULL");
    require(data != nullptr && largest != nullptr, "an out-parameter is NULL");
    const at::Tensor &host = read->await();
    *largest = read->largest();
    *data = host.const_data_ptr();
  });
}

cf_status *cf_read_source(const cf_read *read, cf_tensor **out) {
  return create(out, [&] {
    require(read != nullptr, "read is NULL");
    return read->source();
  });
}

void cf_read_free(cf_read *read) { delete read; }
