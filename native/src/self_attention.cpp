// Self-attention over sequences that lie one after the other: kernels of our own on the CPU and, in 16
// bits, on CUDA; LibTorch's operators for everything else.
#include <ATen/Parallel.h>
#include <ATen/ops/addcmul.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "attention_gradient_kernel.h"
#include "attention_kernel.h"
#include "encoder_kernels.h"
#include "guard.h"
#include "kernel_choice.h"
#include "products.h"
#include "transfer.h"

using namespace codonfuse;

int64_t codonfuse::attention_scratch(int64_t length, int64_t width) {
  // Rows of at most 16 lanes and 6 queries, whatever the kernel.
  const int64_t keys = length + 16;
  const int64_t values = width + 16;
  return width * keys + length * values + 6 * (width + keys + values);
}

int64_t codonfuse::attention_gradient_scratch(int64_t length, int64_t width) {
  const int64_t keys = length + 16;
  const int64_t values = width + 16;
  return 2 * width * keys + 3 * length * values + 6 * (3 * values + 2 * keys);
}

AttentionKernel codonfuse::attention_kernel() { return CODONFUSE_CHOOSE(attend); }

AttentionGradientKernel codonfuse::attention_gradient_kernel() {
  return CODONFUSE_CHOOSE(differentiate);
}

namespace {

/// What a row costs beyond its products with all others, in such products: reading and rotating.
constexpr int64_t ROW_WORK = 64;

struct Packed {
  at::Tensor qkv;
  std::vector<int64_t> offsets;
  std::optional<at::Tensor> cos;
  std::optional<at::Tensor> sin;
  int64_t heads;
  int64_t width;  // of a head
  double scale;

  int64_t sequences() const { return static_cast<int64_t>(offsets.size()) - 1; }
  int64_t length(int64_t s) const { return offsets[s + 1] - offsets[s]; }
};

/// Calls a body with every sequence, every head of it and scratch memory of `floats` of the longest:
/// a sequence's heads one after the other, so that its rows are read from memory once; threads get
/// shares of equal work, not of equal numbers of sequences.
template <typename Body>
void for_each_head(const Packed &p, int64_t (*floats)(int64_t length, int64_t width),
                   const Body &body) {
  int64_t longest = 0;
  std::vector<int64_t> work{0};
  for (int64_t s = 0; s < p.sequences(); s++) {
    longest = std::max(longest, p.length(s));
    work.push_back(work.back() + p.heads * p.length(s) * (p.length(s) + ROW_WORK));
  }
  const int64_t shares = std::min<int64_t>(at::get_num_threads(), p.heads * p.sequences());
  const auto begin_of = [&](int64_t share) {
    const int64_t target = work.back() / shares * share;
    const int64_t s = std::upper_bound(work.begin(), work.end(), target) - work.begin() - 1;
    if (share == shares || s == p.sequences()) {
      return p.heads * p.sequences();
    }
    const int64_t one = std::max<int64_t>(1, (work[s + 1] - work[s]) / p.heads);
    return s * p.heads + std::min<int64_t>(p.heads, (target - work[s]) / one);
  };
  at::parallel_for(0, shares, 1, [&](int64_t first, int64_t last) {
    std::vector<float> scratch(floats(longest, p.width));
    const int64_t end = begin_of(last);
    for (int64_t i = begin_of(first); i < end; i++) {
      body(i / p.heads, i % p.heads, scratch.data());
    }
  });
}

const float *angles(const std::optional<at::Tensor> &of) {
  return of ? of->const_data_ptr<float>() : nullptr;
}

at::Tensor kernel_attention(const Packed &p) {
  const at::Tensor qkv = p.qkv.contiguous();
  const int64_t hidden = p.heads * p.width;
  const at::Tensor out = at::empty({qkv.size(0), hidden}, qkv.options());
  const int64_t bytes = qkv.element_size();
  const auto *in = static_cast<const char *>(qkv.const_data_ptr());
  auto *to = static_cast<char *>(out.mutable_data_ptr());
  const AttentionKernel attend = attention_kernel();
  for_each_head(p, attention_scratch, [&](int64_t s, int64_t h, float *scratch) {
    const char *query = in + (p.offsets[s] * 3 * hidden + h * p.width) * bytes;
    AttentionHead head;
    head.query = query;
    head.key = query + hidden * bytes;
    head.value = query + 2 * hidden * bytes;
    head.stride = 3 * hidden;
    head.out = to + (p.offsets[s] * hidden + h * p.width) * bytes;
    head.out_stride = hidden;
    head.length = p.length(s);
    head.width = p.width;
    head.scale = static_cast<float>(p.scale);
    head.cos = angles(p.cos);
    head.sin = angles(p.sin);
    head.bfloat16 = qkv.scalar_type() == at::kBFloat16;
    attend(head, scratch);
  });
  return out;
}

/// The gradient of qkv in float32, of that of what kernel_attention returned.
at::Tensor kernel_gradient(const Packed &p, const at::Tensor &gradient) {
  const int64_t hidden = p.heads * p.width;
  const at::Tensor change = gradient.to(p.qkv.scalar_type()).contiguous();
  const at::Tensor out = at::empty(p.qkv.sizes(), p.qkv.options().dtype(at::kFloat));
  const int64_t bytes = p.qkv.element_size();
  const auto *in = static_cast<const char *>(p.qkv.const_data_ptr());
  const auto *from = static_cast<const char *>(change.const_data_ptr());
  auto *to = out.mutable_data_ptr<float>();
  const AttentionGradientKernel differentiate = attention_gradient_kernel();
  for_each_head(p, attention_gradient_scratch, [&](int64_t s, int64_t h, float *scratch) {
    const int64_t first = p.offsets[s] * 3 * hidden + h * p.width;
    AttentionGradient head;
    head.query = in + first * bytes;
    head.key = in + (first + hidden) * bytes;
    head.value = in + (first + 2 * hidden) * bytes;
    head.stride = 3 * hidden;
    head.change = from + (p.offsets[s] * hidden + h * p.width) * bytes;
    head.change_stride = hidden;
    head.query_change = to + first;
    head.key_change = to + first + hidden;
    head.value_change = to + first + 2 * hidden;
    head.length = p.length(s);
    head.width = p.width;
    head.scale = static_cast<float>(p.scale);
    head.cos = angles(p.cos);
    head.sin = angles(p.sin);
    head.bfloat16 = p.qkv.scalar_type() == at::kBFloat16;
    differentiate(head, scratch);
  });
  return out;
}

class RecordedAttention : public torch::autograd::Function<RecordedAttention> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext *context, const at::Tensor &qkv,
                            int32_t mode, Packed p) {
    p.qkv = operand(mode, qkv).contiguous();
    const at::Tensor out = kernel_attention(p).to(qkv.scalar_type());
    const auto or_none = [](const std::optional<at::Tensor> &x) { return x ? *x : at::Tensor(); };
    context->save_for_backward({p.qkv, or_none(p.cos), or_none(p.sin)});
    context->saved_data["offsets"] = p.offsets;
    context->saved_data["heads"] = p.heads;
    context->saved_data["scale"] = p.scale;
    context->saved_data["type"] = qkv.scalar_type();
    return out;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext *context,
                                                 const torch::autograd::variable_list &gradients) {
    const auto saved = context->get_saved_variables();
    Packed p{saved[0], context->saved_data["offsets"].toIntVector(), {}, {},
             context->saved_data["heads"].toInt(), 0, context->saved_data["scale"].toDouble()};
    p.width = p.qkv.size(1) / 3 / p.heads;
    if (saved[1].defined()) {
      p.cos = saved[1];
      p.sin = saved[2];
    }
    const at::Tensor change = kernel_gradient(p, gradients[0]);
    return {change.to(context->saved_data["type"].toScalarType()), at::Tensor(), at::Tensor()};
  }
};

/// x [rows, heads, width] with its halves rotated; cos and sin are [rows, 1, width].
at::Tensor rotate(const at::Tensor &x, const at::Tensor &cos, const at::Tensor &sin) {
  const int64_t half = x.size(2) / 2;
  const at::Tensor wide = x.scalar_type() == at::kDouble ? x : x.to(at::kFloat);
  const at::Tensor left = wide.narrow(2, 0, half);
  const at::Tensor right = wide.narrow(2, half, half);
  const at::Tensor rotated_left =
      at::addcmul(at::mul(left, cos.narrow(2, 0, half)), right, sin.narrow(2, 0, half), -1);
  const at::Tensor rotated_right =
      at::addcmul(at::mul(right, cos.narrow(2, half, half)), left, sin.narrow(2, half, half));
  return at::cat({rotated_left, rotated_right}, 2).to(x.scalar_type());
}

at::Tensor composed_attention(int32_t mode, const Packed &p) {
  const at::Tensor split = p.qkv.unflatten(1, {3, p.heads, p.width});
  at::Tensor q = split.select(1, 0);
  at::Tensor k = split.select(1, 1);
  const at::Tensor v = split.select(1, 2);
  if (p.cos) {
    std::vector<int64_t> positions;
    positions.reserve(p.offsets.back());
    for (int64_t s = 0; s < p.sequences(); s++) {
      for (int64_t t = 0; t < p.length(s); t++) {
        positions.push_back(t);
      }
    }
    const at::Tensor rows = copy_to(
        p.qkv.device(),
        at::from_blob(positions.data(), {static_cast<int64_t>(positions.size())}, at::kLong));
    const at::Tensor cos = p.cos->index_select(0, rows).unsqueeze(1);
    const at::Tensor sin = p.sin->index_select(0, rows).unsqueeze(1);
    q = rotate(q, cos, sin);
    k = rotate(k, cos, sin);
  }
  std::vector<at::Tensor> attended;
  for (int64_t s = 0; s < p.sequences();) {
    // Neighbours of equal length are one batch.
    const int64_t length = p.length(s);
    const int64_t first = s;
    while (s < p.sequences() && p.length(s) == length) {
      s++;
    }
    const auto batch = [&](const at::Tensor &x) {
      return x.narrow(0, p.offsets[first], (s - first) * length)
          .unflatten(0, {s - first, length})
          .transpose(1, 2);
    };
    if (length > 0) {
      attended.push_back(at::scaled_dot_product_attention(
                             operand(mode, batch(q)), operand(mode, batch(k)),
                             operand(mode, batch(v)), {}, 0, /*is_causal=*/false, p.scale)
                             .to(p.qkv.scalar_type())
                             .transpose(1, 2)
                             .flatten(2)
                             .flatten(0, 1));
    }
  }
  if (attended.empty()) {
    return p.qkv.narrow(1, 0, p.heads * p.width);
  }
  return attended.size() == 1 ? attended.front() : at::cat(attended, 0);
}

void require_angles(const at::Tensor &angles, const at::Tensor &x, int64_t longest,
                    int64_t width) {
  require(angles.dim() == 2 && angles.size(0) >= longest && angles.size(1) == width,
          "cos or sin is not [positions, head width]");
  require(angles.scalar_type() == at::kFloat && angles.is_contiguous(),
          "cos or sin is not contiguous float32");
  require(angles.device() == x.device(), "cos or sin is on another device than qkv");
}

}  // namespace

cf_status *cf_self_attention(int32_t mode, const cf_tensor *qkv, const int64_t *offsets,
                             int64_t sequences, const cf_tensor *cos, const cf_tensor *sin,
                             int32_t heads, double scale, cf_tensor **out) {
  return compute(mode, out, [&] {
    const at::Tensor &x = value(qkv);
    require(x.dim() == 2 && heads > 0 && x.size(1) % (3 * int64_t{heads}) == 0,
            "qkv is not [rows, 3 * heads * width]");
    require(offsets != nullptr && sequences >= 0, "there are no offsets");
    Packed p{x, {offsets, offsets + sequences + 1}, {}, {}, heads, x.size(1) / 3 / heads, scale};
    require(p.offsets.front() == 0 && p.offsets.back() == x.size(0) &&
                std::is_sorted(p.offsets.begin(), p.offsets.end()),
            "the offsets do not ascend from 0 to the rows");
    require((cos == nullptr) == (sin == nullptr), "one of cos and sin is NULL");
    if (cos != nullptr) {
      require(p.width % 2 == 0, "the width of a head is odd");
      int64_t longest = 0;
      for (int64_t s = 0; s < sequences; s++) {
        longest = std::max(longest, p.length(s));
      }
      require_angles(cos->value, x, longest, p.width);
      require_angles(sin->value, x, longest, p.width);
      p.cos = cos->value;
      p.sin = sin->value;
    }
    const bool has_kernels = x.device().is_cpu() && (x.scalar_type() == at::kFloat ||
                                                     x.scalar_type() == at::kBFloat16);
    if (!has_kernels) {
      const auto done = rounds(mode, x) ? std::nullopt
                                        : attend_on_device(x, p.offsets, p.cos, p.sin, heads, scale);
      return done ? *done : composed_attention(mode, p);
    }
    return c10::GradMode::is_enabled() && x.requires_grad() ? RecordedAttention::apply(x, mode, p)
                                                            : kernel_attention(p);
  });
}
