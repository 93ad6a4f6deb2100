// What devices other than the CPU compute of cf_conv_max, on the CPU: against LibTorch's own
// operations, and against what the CPU has for it.
#include <ATen/ops/conv1d.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/max.h>
#include <ATen/ops/randint.h>
#include <c10/core/GradMode.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>

#include "../src/conv_windows.h"
#include "../src/handles.h"

#define VERIFY(condition)                                                       \
  do {                                                                          \
    if (!(condition)) {                                                         \
      std::fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);      \
      std::exit(1);                                                             \
    }                                                                           \
  } while (false)

namespace {

struct Sizes {
  int64_t batch, positions, in, out, kernel, left, right;

  int64_t results() const { return positions + left + right - kernel + 1; }
};

/// Whole numbers so small that every sum is exact in bfloat16, and many are equal.
struct Arguments {
  at::Tensor x, weight, bias, direction;
  std::optional<at::Tensor> mask;

  Arguments(const Sizes &s, at::ScalarType type, bool masked)
      : x(drawn({s.batch, s.positions, s.in}, type)),
        weight(drawn({s.out, s.in, s.kernel}, type)),
        bias(drawn({s.out}, type)),
        direction(drawn({s.batch, s.out}, type).detach()) {
    if (masked) {
      mask = at::randint(0, 2, {s.batch, s.results()}, at::kBool);
      mask->select(0, s.batch - 1).fill_(false);
    }
  }

  static at::Tensor drawn(at::IntArrayRef sizes, at::ScalarType type) {
    return at::randint(-2, 3, sizes, type).requires_grad_();
  }
};

at::Tensor composed(const Arguments &a, const Sizes &s) {
  const at::Tensor padded = at::constant_pad_nd(a.x.transpose(1, 2), {s.left, s.right});
  at::Tensor features = at::conv1d(padded, a.weight, a.bias).transpose(1, 2);
  if (a.mask) {
    features = features.masked_fill(a.mask->logical_not().unsqueeze(2),
                                    -std::numeric_limits<double>::infinity());
  }
  return std::get<0>(at::max(features, 1));
}

at::Tensor by_handles(const Arguments &a, const Sizes &s) {
  const cf_tensor x(a.x);
  const cf_tensor weight(a.weight);
  const cf_tensor bias(a.bias);
  const cf_tensor mask(a.mask.value_or(at::Tensor()));
  cf_tensor *out = nullptr;
  VERIFY(cf_conv_max(CF_GRADIENT, &x, &weight, &bias, s.left, s.right, a.mask ? &mask : nullptr,
                    &out) == nullptr);
  const at::Tensor result = out->value;
  cf_tensor_free(out);
  return result;
}

struct Computed {
  at::Tensor values, of_x, of_weight, of_bias;

  Computed(const at::Tensor &result, const Arguments &a) : values(result.detach()) {
    result.backward(a.direction);
    of_x = taken(a.x);
    of_weight = taken(a.weight);
    of_bias = taken(a.bias);
  }

  static at::Tensor taken(const at::Tensor &leaf) {
    const at::Tensor gradient = leaf.grad();
    leaf.mutable_grad().reset();
    return gradient;
  }

  void require_same(const Computed &other) const {
    VERIFY(values.equal(other.values));
    VERIFY(of_x.equal(other.of_x));
    VERIFY(of_weight.equal(other.of_weight));
    VERIFY(of_bias.equal(other.of_bias));
  }
};

void check_case(const Sizes &s, at::ScalarType type, at::ScalarType stored, bool masked) {
  Arguments a(s, type, masked);
  VERIFY(codonfuse::has_windows(a.x, a.weight, s.left, s.right));
  if (masked) {
    // The gradient of the maximum of nothing is of no account; LibTorch gives it to some position.
    a.direction.select(0, s.batch - 1).fill_(0);
  }
  const auto windows = [&] {
    return codonfuse::maximum_of_windows(a.x, a.weight, a.bias, s.left, s.right, a.mask, stored);
  };
  const Computed actual(windows(), a);
  VERIFY(actual.values.scalar_type() == type && actual.of_weight.scalar_type() == type);
  actual.require_same(Computed(composed(a, s), a));
  actual.require_same(Computed(by_handles(a, s), a));
  const c10::NoGradGuard inference;
  VERIFY(windows().equal(actual.values));
}

void it_is_the_maximum_of_a_convolution() {
  const Sizes cases[] = {{2, 7, 3, 2, 3, 1, 1},  {3, 9, 4, 33, 4, 1, 2}, {3, 5, 1, 40, 5, 2, 2},
                         {2, 1, 2, 3, 1, 0, 0},  {2, 1, 2, 2, 5, 2, 2},  {2, 6, 3, 4, 3, 2, 0},
                         {3, 60, 2, 5, 4, 1, 2}, {2, 70, 3, 4, 3, 0, 0}, {2, 530, 2, 3, 3, 1, 1}};
  for (const Sizes &s : cases) {
    for (const bool masked : {false, true}) {
      check_case(s, at::kFloat, at::kFloat, masked);
      check_case(s, at::kDouble, at::kDouble, masked);
      check_case(s, at::kFloat, at::kBFloat16, masked);
    }
  }
}

void a_member_without_a_position_has_no_gradient() {
  const Sizes s{2, 60, 2, 3, 3, 1, 1};
  for (const int64_t positions : {4, 60}) {
    const Sizes each{s.batch, positions, s.in, s.out, s.kernel, s.left, s.right};
    const Arguments a(each, at::kFloat, true);
    a.direction.fill_(1);
    const Computed actual(codonfuse::maximum_of_windows(a.x, a.weight, a.bias, s.left, s.right,
                                                        a.mask, at::kFloat),
                          a);
    VERIFY(actual.values.select(0, 1).isneginf().all().item<bool>());
    VERIFY(actual.of_x.select(0, 1).eq(0).all().item<bool>());
    VERIFY(actual.of_bias.eq(1).all().item<bool>());
  }
}

void not_a_number_wins() {
  const Sizes s{1, 4, 1, 1, 1, 0, 0};
  const Arguments a(s, at::kFloat, false);
  const c10::NoGradGuard inference;
  a.x.select(1, 2).fill_(std::nan(""));
  const at::Tensor y =
      codonfuse::maximum_of_windows(a.x, a.weight, a.bias, 0, 0, a.mask, at::kFloat);
  VERIFY(std::isnan(y.item<float>()));
}

void padding_of_a_kernel_or_more_is_refused() {
  const Arguments a({1, 4, 1, 1, 3, 1, 1}, at::kFloat, false);
  VERIFY(codonfuse::has_windows(a.x, a.weight, 2, 2));
  VERIFY(!codonfuse::has_windows(a.x, a.weight, 3, 0));
  VERIFY(!codonfuse::has_windows(a.x, a.weight, 0, 3));
}

}  // namespace

int main() {
  it_is_the_maximum_of_a_convolution();
  a_member_without_a_position_has_no_gradient();
  not_a_number_wins();
  padding_of_a_kernel_or_more_is_refused();
  std::puts("ok");
}
