// Self-attention of one head of one sequence on the CPU, compiled once for each instruction set.
#pragma once

#include <cstdint>

namespace codonfuse {

/// One head of one sequence. Rows are `stride` (input) and `out_stride` (output) elements apart.
struct AttentionHead {
  const void *query;  ///< [length, width], as key and value
  const void *key;
  const void *value;
  int64_t stride;
  void *out;  ///< [length, width]
  int64_t out_stride;
  int64_t length;
  int64_t width;
  float scale;
  const float *cos;  ///< [length, width], or nullptr where nothing is rotated
  const float *sin;
  bool bfloat16;  ///< else float32
};

/// Floats of scratch memory that a head of at most this length needs.
int64_t attention_scratch(int64_t length, int64_t width);

using AttentionKernel = void (*)(const AttentionHead &head, float *scratch);

/// The kernel for the instructions that this processor has.
AttentionKernel attention_kernel();

// This header is also read by code for newer processors than the machine's: nothing of it, and of
// what that code includes, may be an inline function that the linker could choose for all.
namespace avx512 {
void attend(const AttentionHead &head, float *scratch);
}
namespace avx2 {
void attend(const AttentionHead &head, float *scratch);
}
namespace portable {
void attend(const AttentionHead &head, float *scratch);
}

}  // namespace codonfuse
