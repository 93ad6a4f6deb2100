#include <ATen/ops/amax.h>
#include <ATen/ops/embedding_bag.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/full.h>
#include <ATen/ops/logical_not.h>

#include <algorithm>
#include <limits>

#include "arguments.h"
#include "guard.h"
#include "segments.h"
#include "transfer.h"

using namespace codonfuse;

namespace {

at::Tensor fill_invalid(const at::Tensor &x, const at::Tensor &mask, double with) {
  return x.masked_fill(at::logical_not(mask_for(mask, x)), with);
}

/// A tensor on a device with a copy of `count` values: what is recorded for the backward pass
/// outlives the call.
template <typename Value>
at::Tensor copy_of(const Value *values, int64_t count, at::ScalarType dtype, at::Device device) {
  const at::Tensor source =
      at::from_blob(const_cast<Value *>(values), {count}, c10::CppTypeToScalarType<Value>::value);
  return copy_to(device, source).to(dtype);
}

void check_segments(const int64_t *offsets, int64_t segments, const int64_t *rows,
                    int64_t available) {
  require(segments >= 0 && offsets != nullptr && offsets[0] == 0, "the offsets do not start at 0");
  require(std::is_sorted(offsets, offsets + segments + 1), "the offsets are not ascending");
  for (int64_t k = 0; k < offsets[segments]; k++) {
    if (rows[k] < 0 || rows[k] >= available) {
      throw Failure(CF_INVALID_ARGUMENT, "row " + std::to_string(rows[k]) + " is not one of the " +
                                             std::to_string(available) + " rows");
    }
  }
}

}  // namespace

at::Tensor codonfuse::masked_max(const at::Tensor &x, const at::Tensor *mask) {
  constexpr double lowest = -std::numeric_limits<double>::infinity();
  require(x.dim() == 3, "x is not [batch, position, width]");
  if (x.size(1) == 0) {
    return at::full({x.size(0), x.size(2)}, lowest, x.options());
  }
  return at::amax(mask == nullptr ? x : fill_invalid(x, *mask, lowest), 1);
}

cf_status *cf_masked_fill(int32_t mode, const cf_tensor *x, const cf_tensor *mask, double with,
                          cf_tensor **out) {
  return compute(mode, out, [&] { return fill_invalid(value(x), value(mask), with); });
}

cf_status *cf_masked_mean(int32_t mode, const cf_tensor *x, const cf_tensor *mask,
                          cf_tensor **out) {
  return compute(mode, out, [&] {
    const at::Tensor &input = value(x);
    require(input.dim() == 3, "x is not [batch, position, width]");
    // Neither the sum nor the count is rounded to half precision.
    const at::ScalarType wide = input.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
    const auto sum = [&](const at::Tensor &y) { return y.sum(1, /*keepdim=*/false, wide); };
    const at::Tensor mean =
        mask == nullptr
            ? sum(input).div(std::max<int64_t>(1, input.size(1)))
            : sum(fill_invalid(input, mask->value, 0)).div(mask->value.sum(1, true).clamp_min(1));
    return mean.to(input.scalar_type());
  });
}

cf_status *cf_masked_max(int32_t mode, const cf_tensor *x, const cf_tensor *mask,
                         cf_tensor **out) {
  return compute(mode, out,
                 [&] { return masked_max(value(x), mask == nullptr ? nullptr : &mask->value); });
}

cf_status *cf_segment_sum(int32_t mode, const cf_tensor *x, const int64_t *offsets,
                          int64_t segments, const int64_t *rows, const float *weights,
                          cf_tensor **out) {
  return compute(mode, out, [&] {
    const at::Tensor &input = value(x);
    require(input.dim() == 2, "x is not [rows, width]");
    check_segments(offsets, segments, rows, input.size(0));
    if (input.size(1) == 0) {
      // embedding_bag refuses rows without elements.
      return input.sum(0).expand({segments, 0});
    }
    const int64_t entries = offsets[segments];
    const at::Device device = input.device();
    return std::get<0>(at::embedding_bag(
        input, copy_of(rows, entries, at::kLong, device),
        copy_of(offsets, segments + 1, at::kLong, device), /*scale_grad_by_freq=*/false,
        /*mode=*/0, /*sparse=*/false, copy_of(weights, entries, input.scalar_type(), device),
        /*include_last_offset=*/true));
  });
}
