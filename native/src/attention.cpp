#include <ATen/ops/dropout.h>
#include <ATen/ops/logical_not.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <ATen/ops/softmax.h>

#include <limits>

#include "guard.h"
#include "products.h"
#include "trained_attention.h"

using namespace codonfuse;

namespace {

/// [batch, position, heads * width] as [batch, position, heads, width].
at::Tensor split_heads(const at::Tensor &x, int32_t heads) {
  require(x.dim() == 3, "the activations are not [batch, position, width]");
  require(heads > 0 && x.size(2) % heads == 0, "the width is not a multiple of the heads");
  return x.unflatten(2, {heads, x.size(2) / heads});
}

/// Scores and weights are in float32, the operands of both products in what the mode says.
at::Tensor rounded_attention(int32_t mode, const at::Tensor &q, const at::Tensor &k,
                             const at::Tensor &v, const std::optional<at::Tensor> &mask,
                             double scale, double dropout) {
  at::Tensor scores =
      at::matmul(operand(mode, q.mul(scale)), operand(mode, k).transpose(2, 3)).to(q.scalar_type());
  if (mask) {
    scores = scores.masked_fill_(at::logical_not(*mask), -std::numeric_limits<double>::infinity());
  }
  const at::Tensor weights = at::dropout(at::softmax(scores, -1), dropout, dropout > 0);
  return at::matmul(operand(mode, weights), operand(mode, v)).to(q.scalar_type());
}

}  // namespace

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
    const double dropped = purpose(mode) == CF_TRAINING ? dropout : 0;
    // LibTorch has a fused kernel for gradients, but not with dropout.
    const bool rounded = rounds(mode, queries);
    if (c10::GradMode::is_enabled() && (dropped > 0 || rounded) && queries.device().is_cpu() &&
        queries.scalar_type() == at::kFloat && queries.numel() > 0 && keys.numel() > 0 &&
        operand_type(mode, queries) == (rounded ? at::kBFloat16 : at::kFloat)) {
      return trained_attention(
          value(q), value(k), value(v),
          key_mask == nullptr ? std::optional<at::Tensor>() : key_mask->value, heads, scale,
          dropped, operand_type(mode, queries));
    }
    const at::Tensor attended =
        rounded
            ? rounded_attention(mode, queries, keys, values, mask, scale, dropped)
            : at::scaled_dot_product_attention(queries, keys, values, mask, dropped,
                                               /*is_causal=*/false, scale);
    return attended.transpose(1, 2).flatten(2);
  });
}
