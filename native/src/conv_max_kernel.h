// The parts of a convolution followed by a maximum over positions that LibTorch has no operation for,
// on the CPU, compiled once for each instruction set.
#pragma once

#include <cstdint>

namespace codonfuse {

/// Kernels for activations and weights stored as S (bfloat16 as its bits) and sums computed in A.
template <typename S, typename A>
struct ConvMaxKernels {
  /// weight [in, kernel] to [kernel, in], rounded to S.
  void (*transpose)(const A *weight, int64_t in, int64_t kernel, S *to);

  /// Raises `largest` [width] to the rows [count, width], which are `stride` apart, where they are
  /// larger or NaN, and notes the number of the row in `at` [width].
  void (*maximum)(const S *rows, int64_t count, int64_t stride, int64_t width, A *largest,
                  int32_t *at);

  /// to [in, kernel] = the sum of factors[m] * windows[m] [kernel, in], m < count; `sum` has room for
  /// in * kernel.
  void (*gather)(const S *const *windows, const A *factors, int64_t count, int64_t in,
                 int64_t kernel, A *sum, A *to);

  /// to [length] += factor * weight [length].
  void (*scatter)(const S *weight, A factor, int64_t length, A *to);
};

/// The kernels for the instructions that this processor has.
template <typename S, typename A>
const ConvMaxKernels<S, A> &conv_max_kernels();

// As in attention_kernel.h, nothing here may be an inline function.
#define CODONFUSE_CONV_MAX_KERNELS(instructions)                     \
  namespace instructions {                                           \
  extern const ConvMaxKernels<float, float> conv_max_float32;        \
  extern const ConvMaxKernels<double, double> conv_max_float64;      \
  extern const ConvMaxKernels<uint16_t, float> conv_max_bfloat16;    \
  }
CODONFUSE_CONV_MAX_KERNELS(avx512)
CODONFUSE_CONV_MAX_KERNELS(avx2)
CODONFUSE_CONV_MAX_KERNELS(portable)
#undef CODONFUSE_CONV_MAX_KERNELS

}  // namespace codonfuse
