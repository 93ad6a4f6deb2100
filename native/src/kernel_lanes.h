// Vectors of what the compiler is set to, for kernels that are compiled once for each instruction set:
// everything here belongs to the file that includes it.
#pragma once

#include <cstdint>
#include <cstring>

namespace {

#if defined(__AVX512F__)
constexpr int VECTOR_BYTES = 64;
#elif defined(__AVX2__)
constexpr int VECTOR_BYTES = 32;
#else
constexpr int VECTOR_BYTES = 16;
#endif

template <typename A>
struct Lanes;

template <>
struct Lanes<float> {
  static constexpr int64_t COUNT = VECTOR_BYTES / 4;
  typedef float Values __attribute__((vector_size(VECTOR_BYTES), aligned(4)));
  typedef int32_t Integers __attribute__((vector_size(VECTOR_BYTES), aligned(4)));
};

template <>
struct Lanes<double> {
  static constexpr int64_t COUNT = VECTOR_BYTES / 8;
  typedef double Values __attribute__((vector_size(VECTOR_BYTES), aligned(8)));
  typedef int64_t Integers __attribute__((vector_size(VECTOR_BYTES), aligned(8)));
};

template <typename A>
using Values = typename Lanes<A>::Values;

typedef uint16_t Halves __attribute__((vector_size(VECTOR_BYTES / 2), aligned(2)));
typedef uint32_t Words __attribute__((vector_size(VECTOR_BYTES), aligned(4)));

template <typename A>
Values<A> load(const A *from) {
  return *reinterpret_cast<const Values<A> *>(from);
}

/// Vectors of bfloat16 become float32.
template <typename A>
Values<A> load(const uint16_t *from) {
  const Halves halves = *reinterpret_cast<const Halves *>(from);
  return (Values<A>)(__builtin_convertvector(halves, Words) << 16);
}

template <typename A>
void store(A *to, Values<A> x) {
  *reinterpret_cast<Values<A> *>(to) = x;
}

template <typename A>
A widened(A x) {
  return x;
}

template <typename A>
A widened(uint16_t x) {
  const uint32_t bits = static_cast<uint32_t>(x) << 16;
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

template <typename A>
void narrowed(A x, A &to) {
  to = x;
}

inline void narrowed(float x, uint16_t &to) {
  uint32_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  const uint32_t rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
  to = static_cast<uint16_t>(x == x ? rounded : 0x7fc0);
}

}  // namespace
