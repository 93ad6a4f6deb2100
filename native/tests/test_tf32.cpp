// What LibTorch does with factors of float32 products on CUDA devices.
#include <ATen/Context.h>

#include <cstdio>
#include <cstdlib>

#include "codonfuse.h"

namespace {

void require(bool condition, const char *what) {
  if (!condition) {
    std::fprintf(stderr, "%s\n", what);
    std::exit(1);
  }
}

void rounds(int32_t allowed) {
  require(cf_allow_tf32(allowed) == nullptr, "cf_allow_tf32 failed");
  require(at::globalContext().allowTF32CuBLAS() == (allowed != 0), "cuBLAS does not follow");
  require(at::globalContext().allowTF32CuDNN() == (allowed != 0), "cuDNN does not follow");
}

}  // namespace

int main() {
  rounds(0);
  rounds(1);
  rounds(1);
  rounds(0);
  require(at::globalContext().deterministicCuDNN(), "cuDNN may choose other algorithms");
  return 0;
}
