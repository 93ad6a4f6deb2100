#include <ATen/ops/cat.h>

#include "arguments.h"
#include "guard.h"

using namespace codonfuse;

cf_status *cf_cast(int32_t mode, const cf_tensor *x, int32_t dtype, cf_tensor **out) {
  return compute(mode, out, [&] { return value(x).to(scalar_type(dtype)); });
}

cf_status *cf_reshape(int32_t mode, const cf_tensor *x, const int64_t *sizes, int32_t rank,
                      cf_tensor **out) {
  return compute(mode, out, [&] { return value(x).reshape(sizes_of(sizes, rank)); });
}

cf_status *cf_transpose(int32_t mode, const cf_tensor *x, int32_t axis, int32_t other,
                        cf_tensor **out) {
  return compute(mode, out, [&] { return value(x).transpose(axis, other); });
}

cf_status *cf_narrow(int32_t mode, const cf_tensor *x, int32_t axis, int64_t start, int64_t length,
                     cf_tensor **out) {
  return compute(mode, out, [&] { return value(x).narrow(axis, start, length); });
}

cf_status *cf_concat(int32_t mode, const cf_tensor *const *tensors, int32_t count, int32_t axis,
                     cf_tensor **out) {
  return compute(mode, out, [&] {
    require(tensors != nullptr && count > 0, "there is no tensor to concatenate");
    std::vector<at::Tensor> values;
    values.reserve(static_cast<size_t>(count));
    for (int32_t i = 0; i < count; i++) {
      values.push_back(value(tensors[i]));
    }
    return at::cat(values, axis);
  });
}
