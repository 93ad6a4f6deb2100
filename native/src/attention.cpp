#include <ATen/ops/addcmul.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/scaled_dot_product_attention.h>

#include "guard.h"

using namespace codonfuse;

namespace {

/// [batch, position, heads * width] as [batch, position, heads, width].
at::Tensor split_heads(const at::Tensor &x, int32_t heads) {
  require(x.dim() == 3, "the activations are not [batch, position, width]");
  require(heads > 0 && x.size(2) % heads == 0, "the width is not a multiple of the heads");
  return x.unflatten(2, {heads, x.size(2) / heads});
}

}  // namespace

cf_status *cf_rotary(int32_t mode, const cf_tensor *x, const cf_tensor *cos, const cf_tensor *sin,
                     int32_t heads, cf_tensor **out) {
  return compute(mode, out, [&] {
    const at::Tensor &input = value(x);
    const at::Tensor split = split_heads(input, heads);
    require(split.size(3) % 2 == 0, "the width of a head is odd");
    require(value(cos).dim() == 2 && value(cos).sizes() == value(sin).sizes() &&
                value(cos).size(0) == split.size(1) && value(cos).size(1) == split.size(3),
            "cos or sin is not [position, head width]");
    const int64_t half = split.size(3) / 2;
    const at::Tensor wide = split.scalar_type() == at::kDouble ? split : split.to(at::kFloat);
    const at::Tensor left = wide.narrow(3, 0, half);
    const at::Tensor right = wide.narrow(3, half, half);
    const at::Tensor c = value(cos).unsqueeze(1);
    const at::Tensor s = value(sin).unsqueeze(1);
    const at::Tensor rotated_left =
        at::addcmul(at::mul(left, c.narrow(2, 0, half)), right, s.narrow(2, 0, half), -1);
    const at::Tensor rotated_right =
        at::addcmul(at::mul(right, c.narrow(2, half, half)), left, s.narrow(2, half, half));
    return at::cat({rotated_left, rotated_right}, 3).to(input.scalar_type()).flatten(2);
  });
}

cf_status *cf_attention(int32_t mode, const cf_tensor *q, const cf_tensor *k, const cf_tensor *v,
                        const cf_tensor *key_mask, int32_t heads, double scale, double dropout,
                        cf_tensor **out) {
  return compute(mode, out, [&] {
    const at::Tensor queries = split_heads(value(q), heads).transpose(1, 2);
    const at::Tensor keys = split_heads(value(k), heads).transpose(1, 2);
    const at::Tensor values = split_heads(value(v), heads).transpose(1, 2);
    // LibTorch's fused kernels do not check and read out of bounds.
    require(keys.sizes() == values.sizes(), "keys and values differ in shape");
    require(queries.size(0) == keys.size(0) && queries.size(3) == keys.size(3),
            "queries and keys differ in batch or width");
    std::optional<at::Tensor> mask;
    if (key_mask != nullptr) {
      mask = key_mask->value;
      require(mask->scalar_type() == at::kBool &&
                  mask->sizes() == at::IntArrayRef{keys.size(0), keys.size(2)},
              "the mask is not bool [batch, keys]");
      mask = mask->unsqueeze(1).unsqueeze(1);
    }
    const at::Tensor attended = at::scaled_dot_product_attention(
        queries, keys, values, mask, mode == CF_TRAINING ? dropout : 0, /*is_causal=*/false, scale);
    return attended.transpose(1, 2).flatten(2);
  });
}
