// What the kernels of attention, forward and backward, are made of. Included where CODONFUSE_KERNEL is
// set and the compiler is set to its instructions.
#pragma once

#include <cstdint>
#include <cstring>

#include "kernel_exponential.h"

namespace codonfuse::CODONFUSE_KERNEL {
namespace {

#if defined(__AVX512F__)
constexpr int LANES = 16;
constexpr int KEY_VECTORS = 4;
constexpr int QUERIES = 6;
#elif defined(__AVX2__)
constexpr int LANES = 8;
constexpr int KEY_VECTORS = 2;
constexpr int QUERIES = 6;
#else
constexpr int LANES = 4;
constexpr int KEY_VECTORS = 2;
constexpr int QUERIES = 4;
#endif

typedef float Floats __attribute__((vector_size(LANES * 4), aligned(4)));
typedef int32_t Ints __attribute__((vector_size(LANES * 4), aligned(4)));

Floats broadcast(float x) { return x - Floats{}; }

Floats load(const float *from) { return *reinterpret_cast<const Floats *>(from); }

void store(float *to, Floats x) { *reinterpret_cast<Floats *>(to) = x; }

int64_t padded(int64_t n) { return (n + LANES - 1) / LANES * LANES; }

float to_float(float x) { return x; }

float to_float(uint16_t x) {
  const uint32_t bits = static_cast<uint32_t>(x) << 16;
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

/// One row of queries or keys, rotated where there are angles, times a factor. Here and below W is
/// the width where the compiler knows it, or 0: loops of known length become a few vectors.
template <typename T, int W>
void rotated(const T *__restrict from, const float *__restrict cos, const float *__restrict sin,
             int64_t runtime_width, float factor, float *__restrict to) {
  const int64_t width = W > 0 ? W : runtime_width;
  if (cos == nullptr) {
    for (int64_t i = 0; i < width; i++) {
      to[i] = to_float(from[i]) * factor;
    }
    return;
  }
  const int64_t half = width / 2;
  for (int64_t i = 0; i < half; i++) {
    const float left = to_float(from[i]);
    const float right = to_float(from[i + half]);
    to[i] = (left * cos[i] - right * sin[i]) * factor;
    to[i + half] = (right * cos[i + half] + left * sin[i + half]) * factor;
  }
}

/// Asks for what a row holds of the next head. Rows are far apart and the processor does not foresee
/// the jumps; addresses behind the last head do no harm.
template <typename T>
void prefetch(const T *row, int64_t width) {
  const char *next = reinterpret_cast<const char *>(row + width);
  __builtin_prefetch(next);
  __builtin_prefetch(next + width * static_cast<int64_t>(sizeof(T)) - 1);
}

/// scores [R, VECTORS * LANES] = queries [R, width] x keys [width, key_stride].
template <int R, int VECTORS>
void score(const float *__restrict queries, int64_t query_stride, const float *__restrict keys,
           int64_t width, int64_t key_stride, float *__restrict scores) {
  Floats sums[R][VECTORS] = {};
  for (int64_t d = 0; d < width; d++) {
    Floats k[VECTORS];
    for (int c = 0; c < VECTORS; c++) {
      k[c] = load(keys + d * key_stride + c * LANES);
    }
    for (int r = 0; r < R; r++) {
      const Floats q = broadcast(queries[r * query_stride + d]);
      for (int c = 0; c < VECTORS; c++) {
        sums[r][c] += q * k[c];
      }
    }
  }
  for (int r = 0; r < R; r++) {
    for (int c = 0; c < VECTORS; c++) {
      store(scores + r * key_stride + c * LANES, sums[r][c]);
    }
  }
}

/// scores [R, key_stride] = queries [R, width] x keys [width, key_stride].
template <int R>
void score(const float *queries, int64_t query_stride, const float *keys, int64_t width,
           int64_t key_stride, float *scores) {
  int64_t j = 0;
  for (; j + KEY_VECTORS * LANES <= key_stride; j += KEY_VECTORS * LANES) {
    score<R, KEY_VECTORS>(queries, query_stride, keys + j, width, key_stride, scores + j);
  }
  for (; j + 2 * LANES <= key_stride; j += 2 * LANES) {
    score<R, 2>(queries, query_stride, keys + j, width, key_stride, scores + j);
  }
  for (; j < key_stride; j += LANES) {
    score<R, 1>(queries, query_stride, keys + j, width, key_stride, scores + j);
  }
}

/// Scores to weights that sum to what is returned.
float weigh(float *scores, int64_t length, int64_t stride) {
  for (int64_t j = length; j < stride; j++) {
    scores[j] = -__builtin_inff();
  }
  Floats largest = load(scores);
  for (int64_t j = LANES; j < stride; j += LANES) {
    const Floats x = load(scores + j);
    largest = x > largest ? x : largest;
  }
  float most = largest[0];
  for (int l = 1; l < LANES; l++) {
    most = largest[l] > most ? largest[l] : most;
  }
  const Floats shift = broadcast(most);
  const int64_t last = stride - LANES;
  Floats sums = {};
  for (int64_t j = 0; j < last; j += LANES) {
    const Floats weights = clamped_exponential<Floats, Ints>(load(scores + j) - shift);
    store(scores + j, weights);
    sums += weights;
  }
  store(scores + last, clamped_exponential<Floats, Ints>(load(scores + last) - shift));
  for (int64_t j = length; j < stride; j++) {
    scores[j] = 0;
  }
  sums += load(scores + last);
  float sum = 0;
  for (int l = 0; l < LANES; l++) {
    sum += sums[l];
  }
  return sum;
}

/// out [R, VECTORS * LANES] = weights [R, length] x values [length, value_stride], by factors [R].
template <int R, int VECTORS>
void average(const float *__restrict weights, int64_t weight_stride,
             const float *__restrict values, int64_t value_stride, int64_t length,
             const float *__restrict factors, float *__restrict out) {
  Floats totals[R][VECTORS] = {};
  for (int64_t j = 0; j < length; j++) {
    Floats v[VECTORS];
    for (int c = 0; c < VECTORS; c++) {
      v[c] = load(values + j * value_stride + c * LANES);
    }
    for (int r = 0; r < R; r++) {
      const Floats w = broadcast(weights[r * weight_stride + j]);
      for (int c = 0; c < VECTORS; c++) {
        totals[r][c] += w * v[c];
      }
    }
  }
  for (int r = 0; r < R; r++) {
    const Floats factor = broadcast(factors[r]);
    for (int c = 0; c < VECTORS; c++) {
      store(out + r * value_stride + c * LANES, totals[r][c] * factor);
    }
  }
}

/// out [R, value_stride] = weights [R, length] x values [length, value_stride], by factors [R].
template <int R>
void average(const float *weights, int64_t weight_stride, const float *values,
             int64_t value_stride, int64_t length, const float *factors, float *out) {
  int64_t d = 0;
  for (; d + 2 * LANES <= value_stride; d += 2 * LANES) {
    average<R, 2>(weights, weight_stride, values + d, value_stride, length, factors, out + d);
  }
  for (; d < value_stride; d += LANES) {
    average<R, 1>(weights, weight_stride, values + d, value_stride, length, factors, out + d);
  }
}

}  // namespace
}  // namespace codonfuse::CODONFUSE_KERNEL
