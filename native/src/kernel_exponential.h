// The exponential of the softmax kernels. Included where CODONFUSE_KERNEL is set.
#pragma once

namespace codonfuse::CODONFUSE_KERNEL {
namespace {

/// Below it an exponential is as good as zero beside the largest, which is 1.
constexpr float SMALLEST_EXPONENT = -87.0f;

/// e^x for x <= 0 within 2 units in the last place (Cephes' expf); below SMALLEST_EXPONENT it stays
/// what it is there. Vectors of floats, and of integers as wide.
template <typename Floats, typename Ints>
Floats clamped_exponential(Floats x) {
  const Floats least = SMALLEST_EXPONENT - Floats{};
  x = x < least ? least : x;
  const float round = 12582912.0f;  // 1.5 * 2^23: adding it rounds to whole numbers
  const Floats shifted = x * 1.44269504088896341f + round;
  const Floats n = shifted - round;
  Floats r = x - n * 0.693359375f;
  r = r - n * -2.12194440e-4f;
  Floats p = 1.9875691500e-4f - Floats{};
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * (r * r) + r + 1.0f;
  const Ints exponent = (Ints)shifted - (Ints)(round - Floats{}) + 127;
  return p * (Floats)(exponent << 23);
}

}  // namespace
}  // namespace codonfuse::CODONFUSE_KERNEL
