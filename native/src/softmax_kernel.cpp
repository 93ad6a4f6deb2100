// Compiled with CODONFUSE_KERNEL set to the namespace and the compiler set to its instructions.
#include "softmax_kernel.h"

#include "kernel_exponential.h"
#include "kernel_lanes.h"

namespace codonfuse::CODONFUSE_KERNEL {
namespace {

typedef Lanes<float>::Values Floats;
typedef Lanes<float>::Integers Ints;

constexpr int64_t LANES = Lanes<float>::COUNT;

Floats broadcast(float x) { return x - Floats{}; }

/// e^x for x <= 0; below SMALLEST_EXPONENT it is 0.
Floats exponential(Floats x) {
  const Ints none = x < broadcast(SMALLEST_EXPONENT);
  return none ? Floats{} : clamped_exponential<Floats, Ints>(x);
}

/// What dropout multiplies LANES keys from `key` by: numbers from a hash of row and key, so that the
/// backward pass has the same ones.
Floats dropped(const ScoreRow &row, int64_t key) {
  Words x = {};
  for (int l = 0; l < LANES; l++) {
    x[l] = static_cast<uint32_t>(l);
  }
  x = (x + static_cast<uint32_t>(key)) * 0x9e3779b1u + row.seed;
  x ^= x >> 16;
  x *= 0x85ebca6bu;
  x ^= x >> 13;
  x *= 0xc2b2ae35u;
  x ^= x >> 16;
  const Ints stays = x <= row.kept - Words{};
  return stays ? broadcast(row.factor) : Floats{};
}

float sum_of(Floats x) {
  float sum = 0;
  for (int64_t l = 0; l < LANES; l++) {
    sum += x[l];
  }
  return sum;
}

int64_t padded(int64_t n) { return (n + LANES - 1) / LANES * LANES; }

/// The scaled scores, -infinity for keys that are not valid and up to whole vectors.
template <typename S>
void scaled(const ScoreRow &row, const S *scores, float *to) {
  int64_t j = 0;
  for (; j + LANES <= row.keys; j += LANES) {
    const Floats x = load<float>(scores + j) * row.scale;
    store(to + j, row.bias == nullptr ? x : x + load(row.bias + j));
  }
  for (; j < row.keys; j++) {
    to[j] = widened<float>(scores[j]) * row.scale + (row.bias == nullptr ? 0 : row.bias[j]);
  }
  for (; j < padded(row.keys); j++) {
    to[j] = -__builtin_inff();
  }
}

template <typename S>
void write(const float *from, int64_t count, S *to);

template <>
void write(const float *from, int64_t count, float *to) {
  std::memcpy(to, from, static_cast<size_t>(count) * sizeof(float));
}

template <>
void write(const float *from, int64_t count, uint16_t *to) {
  int64_t j = 0;
  for (; j + LANES <= count; j += LANES) {
    const Words bits = (Words)load(from + j);
    const Words rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
    *reinterpret_cast<Halves *>(to + j) = __builtin_convertvector(rounded, Halves);
  }
  for (; j < count; j++) {
    narrowed(from[j], to[j]);
  }
}

template <typename S>
float forward(const ScoreRow &row, S *scores) {
  float *values = row.scratch;
  scaled(row, scores, values);
  const int64_t end = padded(row.keys);
  Floats largest = broadcast(-__builtin_inff());
  for (int64_t j = 0; j < end; j += LANES) {
    const Floats x = load(values + j);
    largest = x > largest ? x : largest;
  }
  float most = largest[0];
  for (int64_t l = 1; l < LANES; l++) {
    most = largest[l] > most ? largest[l] : most;
  }
  if (most == -__builtin_inff()) {
    most = 0;  // no valid key: all weights are 0
  }
  Floats sums = {};
  for (int64_t j = 0; j < end; j += LANES) {
    const Floats weights = exponential(load(values + j) - most);
    sums += weights;
    store(values + j, weights);
  }
  const float sum = sum_of(sums);
  const float share = sum > 0 ? 1 / sum : sum;
  for (int64_t j = 0; j < end; j += LANES) {
    store(values + j, load(values + j) * share * dropped(row, j));
  }
  write(values, row.keys, scores);
  return most + __builtin_logf(sum);
}

template <typename S>
void backward(const ScoreRow &row, float logarithm, S *scores, S *gradient) {
  float *weights = row.scratch;
  float *changes = row.scratch + padded(row.keys);
  scaled(row, scores, weights);
  int64_t j = 0;
  for (; j + LANES <= row.keys; j += LANES) {
    store(changes + j, load<float>(gradient + j));
  }
  for (; j < row.keys; j++) {
    changes[j] = widened<float>(gradient[j]);
  }
  const int64_t end = padded(row.keys);
  for (; j < end; j++) {
    changes[j] = 0;
  }
  const float shift = logarithm == -__builtin_inff() ? 0 : logarithm;
  Floats sums = {};
  for (j = 0; j < end; j += LANES) {
    const Floats p = exponential(load(weights + j) - shift);
    const Floats change = load(changes + j) * dropped(row, j);
    sums += p * change;
    store(weights + j, p);
    store(changes + j, change);
  }
  const float mean = sum_of(sums);
  for (j = 0; j < end; j += LANES) {
    const Floats p = load(weights + j);
    store(changes + j, p * (load(changes + j) - mean) * row.scale);
    store(weights + j, p * dropped(row, j));
  }
  write(weights, row.keys, scores);
  write(changes, row.keys, gradient);
}

template <typename S>
constexpr SoftmaxKernels<S> kernels{forward<S>, backward<S>};

}  // namespace

const SoftmaxKernels<float> softmax_float32 = kernels<float>;
const SoftmaxKernels<uint16_t> softmax_bfloat16 = kernels<uint16_t>;

}  // namespace codonfuse::CODONFUSE_KERNEL
