// The gradient of self-attention of one head of one sequence on the CPU, compiled once for each
// instruction set.
#pragma once

#include <cstdint>

namespace codonfuse {

/// One head of one sequence. Rows of queries, keys and values are `stride` elements apart, those of the
/// gradients of these likewise.
struct AttentionGradient {
  const void *query;  ///< [length, width], as key and value
  const void *key;
  const void *value;
  int64_t stride;
  const void *change;  ///< [length, width]: the gradient of what attention returned
  int64_t change_stride;
  float *query_change;  ///< [length, width], as those of keys and values
  float *key_change;
  float *value_change;
  int64_t length;
  int64_t width;
  float scale;
  const float *cos;  ///< [length, width], or nullptr where nothing is rotated
  const float *sin;
  bool bfloat16;  ///< of what is read, else float32
};

/// Floats of scratch memory that a head of at most this length needs.
int64_t attention_gradient_scratch(int64_t length, int64_t width);

using AttentionGradientKernel = void (*)(const AttentionGradient &head, float *scratch);

/// The kernel for the instructions that this processor has.
AttentionGradientKernel attention_gradient_kernel();

// As in attention_kernel.h, nothing here may be an inline function.
namespace avx512 {
void differentiate(const AttentionGradient &head, float *scratch);
}
namespace avx2 {
void differentiate(const AttentionGradient &head, float *scratch);
}
namespace portable {
void differentiate(const AttentionGradient &head, float *scratch);
}

}  // namespace codonfuse
