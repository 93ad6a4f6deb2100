// Softmax and dropout of rows of attention scores, forward and backward, on the CPU, compiled once for
// each instruction set.
#pragma once

#include <cstdint>

namespace codonfuse {

/// One row of scores and what becomes of it.
struct ScoreRow {
  int64_t keys;
  float scale;        ///< of the scores
  const float *bias;  ///< [keys], 0 where a key is valid and -infinity elsewhere, or nullptr
  uint32_t seed;      ///< of the row's dropout
  uint32_t kept;      ///< keys whose random number is at most this stay
  float factor;       ///< what those are multiplied by
  float *scratch;     ///< room for 2 * (keys + 16)
};

/// Scores stored as S, computed with in float32.
template <typename S>
struct SoftmaxKernels {
  /// scores [keys] to weights after dropout; returns the logarithm of the sum of exponentials.
  float (*forward)(const ScoreRow &row, S *scores);

  /// scores [keys] to weights after dropout, and the gradient of these to that of the scores before
  /// scaling; `logarithm` is what forward returned.
  void (*backward)(const ScoreRow &row, float logarithm, S *scores, S *gradient);
};

/// The kernels for the instructions that this processor has.
template <typename S>
const SoftmaxKernels<S> &softmax_kernels();

// As in attention_kernel.h, nothing here may be an inline function.
#define CODONFUSE_SOFTMAX_KERNELS(instructions)            \
  namespace instructions {                                 \
  extern const SoftmaxKernels<float> softmax_float32;      \
  extern const SoftmaxKernels<uint16_t> softmax_bfloat16;  \
  }
CODONFUSE_SOFTMAX_KERNELS(avx512)
CODONFUSE_SOFTMAX_KERNELS(avx2)
CODONFUSE_SOFTMAX_KERNELS(portable)
#undef CODONFUSE_SOFTMAX_KERNELS

}  // namespace codonfuse
