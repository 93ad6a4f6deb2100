// cuda/encoder.cu as the compiler of CUDA takes it.
#pragma once

namespace codonfuse {

extern const char *const ENCODER_SOURCE;

}  // namespace codonfuse
