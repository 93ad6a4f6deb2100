#include "trained_attention.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <limits>
#include <mutex>
#include <vector>

#include "kernel_choice.h"
#include "softmax_kernel.h"

namespace codonfuse {

template <>
const SoftmaxKernels<float> &softmax_kernels() {
  return CODONFUSE_CHOOSE(softmax_float32);
}

template <>
const SoftmaxKernels<uint16_t> &softmax_kernels() {
  return CODONFUSE_CHOOSE(softmax_bfloat16);
}

namespace {

/// Bytes of scores that are computed together.
constexpr int64_t BYTES_AT_ONCE = 8 << 20;

class Attention {
 public:
  Attention(const at::Tensor &q, const at::Tensor &k, const at::Tensor &v,
            const std::optional<at::Tensor> &mask, int64_t heads, double scale, double dropout,
            at::ScalarType stored, uint64_t seed)
      : q_(q),
        k_(k),
        v_(v),
        heads_(heads),
        scale_(scale),
        dropout_(dropout),
        stored_(stored),
        seed_(seed) {
    if (mask) {
      bias_ = at::full(mask->sizes(), -std::numeric_limits<float>::infinity(), q.options())
                  .masked_fill_(*mask, 0);
    }
  }

  int64_t batch() const { return q_.size(0); }
  int64_t queries() const { return q_.size(1); }
  int64_t keys() const { return k_.size(1); }

  /// The result; logarithms [batch, heads, queries] are written for the backward pass.
  at::Tensor forward(const at::Tensor &logarithms) const {
    const at::Tensor out = at::empty(q_.sizes(), q_.options());
    for (int64_t b = 0; b < batch(); b += members()) {
      const int64_t n = std::min(members(), batch() - b);
      const at::Tensor scores = at::bmm(split(q_, b, n), split(k_, b, n).transpose(1, 2));
      rows(b, n, [&](const ScoreRow &row, int64_t r, int64_t i) {
        float &logarithm = logarithms.mutable_data_ptr<float>()[r];
        if (stored_ == at::kBFloat16) {
          logarithm = softmax_kernels<uint16_t>().forward(row, at_row<uint16_t>(scores, i));
        } else {
          logarithm = softmax_kernels<float>().forward(row, at_row<float>(scores, i));
        }
      });
      join(at::bmm(scores, split(v_, b, n)), out, b, n);
    }
    return out;
  }

  /// The gradients of q, k and v.
  std::vector<at::Tensor> backward(const at::Tensor &gradient, const at::Tensor &logarithms) const {
    std::vector<at::Tensor> results;
    for (const at::Tensor *x : {&q_, &k_, &v_}) {
      results.push_back(at::empty(x->sizes(), x->options()));
    }
    const float *known = logarithms.const_data_ptr<float>();
    for (int64_t b = 0; b < batch(); b += members()) {
      const int64_t n = std::min(members(), batch() - b);
      const at::Tensor q = split(q_, b, n);
      const at::Tensor k = split(k_, b, n);
      const at::Tensor g = split(gradient, b, n);
      const at::Tensor weights = at::bmm(q, k.transpose(1, 2));
      const at::Tensor changes = at::bmm(g, split(v_, b, n).transpose(1, 2));
      rows(b, n, [&](const ScoreRow &row, int64_t r, int64_t i) {
        if (stored_ == at::kBFloat16) {
          softmax_kernels<uint16_t>().backward(row, known[r], at_row<uint16_t>(weights, i),
                                               at_row<uint16_t>(changes, i));
        } else {
          softmax_kernels<float>().backward(row, known[r], at_row<float>(weights, i),
                                            at_row<float>(changes, i));
        }
      });
      join(at::bmm(changes, k), results[0], b, n);
      join(at::bmm(changes.transpose(1, 2), q), results[1], b, n);
      join(at::bmm(weights.transpose(1, 2), g), results[2], b, n);
    }
    return results;
  }

 private:
  int64_t members() const {
    const int64_t one = heads_ * queries() * keys() * at::elementSize(stored_);
    return std::max<int64_t>(1, BYTES_AT_ONCE / std::max<int64_t>(1, one));
  }

  /// Members b to b + n of x [batch, position, heads * width] as [n * heads, position, width].
  at::Tensor split(const at::Tensor &x, int64_t b, int64_t n) const {
    const int64_t width = x.size(2) / heads_;
    const at::Tensor result =
        at::empty({n, heads_, x.size(1), width}, x.options().dtype(stored_));
    result.copy_(x.narrow(0, b, n).unflatten(2, {heads_, width}).transpose(1, 2));
    return result.flatten(0, 1);
  }

  /// The other way round, into `to`.
  void join(const at::Tensor &x, const at::Tensor &to, int64_t b, int64_t n) const {
    to.narrow(0, b, n).unflatten(2, {heads_, x.size(2)}).transpose(1, 2).copy_(
        x.unflatten(0, {n, heads_}));
  }

  template <typename S>
  S *at_row(const at::Tensor &scores, int64_t i) const {
    return static_cast<S *>(scores.mutable_data_ptr()) + i * keys();
  }

  /// Calls a body with every row of scores of members b to b + n, its number in the whole batch and
  /// among these.
  template <typename Body>
  void rows(int64_t b, int64_t n, const Body &body) const {
    const int64_t first_row = b * heads_ * queries();
    at::parallel_for(0, n * heads_ * queries(), 16, [&](int64_t first, int64_t last) {
      std::vector<float> scratch(static_cast<size_t>(2 * (keys() + 16)));
      for (int64_t i = first; i < last; i++) {
        const int64_t r = first_row + i;
        ScoreRow row;
        row.keys = keys();
        row.scale = static_cast<float>(scale_);
        row.bias = bias_.defined()
                       ? bias_.const_data_ptr<float>() + r / (heads_ * queries()) * keys()
                       : nullptr;
        // Neighbouring rows must not have shifted copies of one sequence.
        uint64_t mixed = (seed_ + static_cast<uint64_t>(r)) * 0x9e3779b97f4a7c15u;
        mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
        row.seed = static_cast<uint32_t>(mixed >> 32);
        row.kept = static_cast<uint32_t>((1 - dropout_) * 4294967295.0);
        row.factor = static_cast<float>(1 / (1 - dropout_));
        row.scratch = scratch.data();
        body(row, r, i);
      }
    });
  }

  at::Tensor q_;
  at::Tensor k_;
  at::Tensor v_;
  at::Tensor bias_;
  int64_t heads_;
  double scale_;
  double dropout_;
  at::ScalarType stored_;
  uint64_t seed_;
};

uint64_t random_seed() {
  at::Generator generator = at::detail::getDefaultCPUGenerator();
  const std::lock_guard<std::mutex> lock(generator.mutex());
  return at::check_generator<at::CPUGeneratorImpl>(generator)->random64();
}

class RecordedAttention : public torch::autograd::Function<RecordedAttention> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext *context, const at::Tensor &q,
                            const at::Tensor &k, const at::Tensor &v,
                            const std::optional<at::Tensor> &mask, int64_t heads, double scale,
                            double dropout, at::ScalarType stored) {
    const uint64_t seed = dropout > 0 ? random_seed() : 0;
    const at::Tensor logarithms = at::empty({q.size(0), heads, q.size(1)}, q.options());
    context->save_for_backward({q, k, v, mask ? *mask : at::Tensor(), logarithms});
    context->saved_data["heads"] = heads;
    context->saved_data["scale"] = scale;
    context->saved_data["dropout"] = dropout;
    context->saved_data["stored"] = static_cast<int64_t>(stored);
    context->saved_data["seed"] = static_cast<int64_t>(seed);
    return Attention(q, k, v, mask, heads, scale, dropout, stored, seed).forward(logarithms);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext *context,
                                                 const torch::autograd::variable_list &gradients) {
    const auto saved = context->get_saved_variables();
    const std::optional<at::Tensor> mask =
        saved[3].defined() ? std::optional<at::Tensor>(saved[3]) : std::nullopt;
    const Attention attention(saved[0], saved[1], saved[2], mask,
                              context->saved_data["heads"].toInt(),
                              context->saved_data["scale"].toDouble(),
                              context->saved_data["dropout"].toDouble(),
                              static_cast<at::ScalarType>(context->saved_data["stored"].toInt()),
                              static_cast<uint64_t>(context->saved_data["seed"].toInt()));
    torch::autograd::variable_list results(8);
    const auto of = attention.backward(gradients[0], saved[4]);
    std::copy(of.begin(), of.end(), results.begin());
    return results;
  }
};

}  // namespace

at::Tensor trained_attention(const at::Tensor &q, const at::Tensor &k, const at::Tensor &v,
                             const std::optional<at::Tensor> &mask, int64_t heads, double scale,
                             double dropout, at::ScalarType stored) {
  return RecordedAttention::apply(q, k, v, mask, heads, scale, dropout, stored);
}

}  // namespace codonfuse
