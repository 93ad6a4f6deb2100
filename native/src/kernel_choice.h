// Which of the kernels that are compiled for several instruction sets this processor takes.
#pragma once

#include <ATen/Version.h>

#include <string>

namespace codonfuse {

/// As LibTorch sees the processor, so that ATEN_CPU_CAPABILITY holds for all kernels.
template <typename Kernels>
const Kernels &choose_kernels(const Kernels &avx512, const Kernels &avx2, const Kernels &portable) {
  const std::string instructions = at::get_cpu_capability();
  return instructions == "AVX512" ? avx512 : instructions == "AVX2" ? avx2 : portable;
}

}  // namespace codonfuse

#ifdef CODONFUSE_X86_KERNELS
#define CODONFUSE_CHOOSE(kernels) choose_kernels(avx512::kernels, avx2::kernels, portable::kernels)
#else
#define CODONFUSE_CHOOSE(kernels) portable::kernels
#endif
