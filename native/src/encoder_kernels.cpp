#include "encoder_kernels.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/from_blob.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>

#include "arguments.h"
#include "cuda_kernels.h"
#include "guard.h"
#include "transfer.h"

namespace codonfuse {
namespace {

constexpr int64_t MOST_BLOCKS = 65535;  // in a launch's second and third direction

bool is_for_device(const at::Tensor &x) {
  return x.is_cuda() &&
         (x.scalar_type() == at::kBFloat16 || x.scalar_type() == at::kHalf) && x.numel() > 0 &&
         !(c10::GradMode::is_enabled() && x.requires_grad());
}

/// Whether the values can be read 16 bytes at a time.
bool is_aligned(const at::Tensor &x) {
  return x.is_contiguous() && reinterpret_cast<uintptr_t>(x.const_data_ptr()) % 16 == 0;
}

bool is_float(const at::Tensor &x, int64_t size, const at::Device &device) {
  return x.device() == device && x.scalar_type() == at::kFloat && x.numel() == size &&
         is_aligned(x) && !(c10::GradMode::is_enabled() && x.requires_grad());
}

std::string type_of(const at::Tensor &x) {
  return x.scalar_type() == at::kHalf ? "FLOAT16=1" : "FLOAT16=0";
}

Macros macros_of_head(const at::Tensor &qkv, int64_t width, bool rotary) {
  return {type_of(qkv), "WIDTH=" + std::to_string(width), rotary ? "ROTARY=1" : "ROTARY=0"};
}

unsigned blocks_of(int64_t items, int64_t each) {
  return static_cast<unsigned>((items + each - 1) / each);
}

/// Arguments of a kernel: pointers to tensors' values are const only here.
template <typename T>
void *address(T &value) {
  return const_cast<void *>(static_cast<const void *>(&value));
}

}  // namespace

std::string kernels_missing(int32_t device) {
  return refusal(device_of(CF_CUDA, device), "attend", {"FLOAT16=0", "WIDTH=16", "ROTARY=1"});
}

std::optional<at::Tensor> normalise_on_device(const at::Tensor &x, const at::Tensor &weight,
                                              const at::Tensor &bias, double epsilon) {
  constexpr int64_t widest = 4096;  // A row is in the registers of a warp.
  const int64_t width = x.dim() == 0 ? 0 : x.size(-1);
  if (!is_for_device(x) || !is_aligned(x) || width % 8 != 0 || width > widest ||
      !is_float(weight, width, x.device()) || !is_float(bias, width, x.device())) {
    return std::nullopt;
  }
  constexpr int64_t rows_of_block = 8;
  const int64_t rows = x.numel() / width;
  if (rows > std::numeric_limits<int32_t>::max()) {
    return std::nullopt;
  }
  const at::Tensor out = at::empty_like(x);
  const void *in = x.const_data_ptr();
  const void *scale = weight.const_data_ptr();
  const void *shift = bias.const_data_ptr();
  const auto small = static_cast<float>(epsilon);
  void *to = out.mutable_data_ptr();
  const auto count = static_cast<int32_t>(rows);
  const bool done =
      launch(x.device(), "normalise", {type_of(x), "WIDTH=" + std::to_string(width)},
             {blocks_of(rows, rows_of_block), 1, 1}, 32 * rows_of_block,
             {address(in), address(scale), address(shift), address(small), address(to),
              address(count)});
  return done ? std::optional(out) : std::nullopt;
}

bool gelu_on_device(const at::Tensor &x) {
  constexpr unsigned threads = 256;
  const int64_t eights = x.numel() / 8;
  if (!is_for_device(x) || !is_aligned(x) || x.numel() % 8 != 0 ||
      eights / threads > std::numeric_limits<int32_t>::max() - 1) {
    return false;
  }
  void *values = x.mutable_data_ptr();
  return launch(x.device(), "apply_gelu", {type_of(x)}, {blocks_of(eights, threads), 1, 1}, threads,
                {address(values), address(eights)});
}

std::optional<at::Tensor> attend_on_device(const at::Tensor &qkv,
                                           const std::vector<int64_t> &offsets,
                                           const std::optional<at::Tensor> &cos,
                                           const std::optional<at::Tensor> &sin, int64_t heads,
                                           double scale) {
  constexpr int64_t widest = 128;
  const int64_t width = qkv.size(1) / 3 / heads;
  const auto sequences = static_cast<int64_t>(offsets.size()) - 1;
  if (!is_for_device(qkv) || !is_aligned(qkv) || width % 8 != 0 || width > widest ||
      heads > MOST_BLOCKS || sequences > MOST_BLOCKS || !(scale > 0) ||
      (cos && !(is_aligned(*cos) && is_aligned(*sin)))) {
    return std::nullopt;
  }
  int64_t longest = 0;
  for (int64_t s = 0; s < sequences; s++) {
    longest = std::max(longest, offsets[s + 1] - offsets[s]);
  }
  if (longest > std::numeric_limits<int32_t>::max()) {
    return std::nullopt;
  }
  const at::Tensor places = copy_to(
      qkv.device(), at::from_blob(const_cast<int64_t *>(offsets.data()),
                                  {static_cast<int64_t>(offsets.size())}, at::kLong));
  const at::Tensor out = at::empty({qkv.size(0), heads * width}, qkv.options());
  const int64_t queries = width <= 64 ? 128 : 64;  // of a block
  const void *in = qkv.const_data_ptr();
  const void *begins = places.const_data_ptr();
  const void *cosines = cos ? cos->const_data_ptr() : nullptr;
  const void *sines = sin ? sin->const_data_ptr() : nullptr;
  const auto count = static_cast<int32_t>(heads);
  const auto exponent = static_cast<float>(scale * std::log2(std::exp(1.0)));
  void *to = out.mutable_data_ptr();
  const bool done =
      launch(qkv.device(), "attend", macros_of_head(qkv, width, cos.has_value()),
             {blocks_of(longest, queries), static_cast<unsigned>(heads),
              static_cast<unsigned>(sequences)},
             128,
             {address(in), address(begins), address(cosines), address(sines), address(count),
              address(exponent), address(to)});
  return done ? std::optional(out) : std::nullopt;
}

}  // namespace codonfuse

cf_status *cf_cuda_kernels(int32_t index, char *refusal, size_t size) {
  return codonfuse::guarded([&] {
    codonfuse::require(refusal != nullptr && size > 0, "an out-parameter is NULL");
    refusal[codonfuse::kernels_missing(index).copy(refusal, size - 1)] = '\0';
  });
}
