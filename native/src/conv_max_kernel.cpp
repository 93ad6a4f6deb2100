// Compiled with CODONFUSE_KERNEL set to the namespace and the compiler set to its instructions.
#include "conv_max_kernel.h"

#include "kernel_lanes.h"

namespace codonfuse::CODONFUSE_KERNEL {
namespace {

/// K is the kernel where the compiler knows it, or 0.
template <typename S, typename A, int K>
void transpose(const A *__restrict weight, int64_t in, int64_t runtime_kernel, S *__restrict to) {
  const int64_t kernel = K > 0 ? K : runtime_kernel;
  for (int64_t k = 0; k < kernel; k++) {
    for (int64_t i = 0; i < in; i++) {
      narrowed(weight[i * kernel + k], to[k * in + i]);
    }
  }
}

template <typename S, typename A>
void transpose(const A *weight, int64_t in, int64_t kernel, S *to) {
  switch (kernel) {
    case 3:
      return transpose<S, A, 3>(weight, in, kernel, to);
    case 4:
      return transpose<S, A, 4>(weight, in, kernel, to);
    case 5:
      return transpose<S, A, 5>(weight, in, kernel, to);
    default:
      return transpose<S, A, 0>(weight, in, kernel, to);
  }
}

/// VECTORS * LANES channels.
template <typename S, typename A, int VECTORS>
void maximum_part(const S *rows, int64_t count, int64_t stride, A *largest, int32_t *at) {
  typedef typename Lanes<A>::Integers Integers;
  typedef int32_t Places __attribute__((vector_size(Lanes<A>::COUNT * 4), aligned(4)));
  constexpr int64_t LANES = Lanes<A>::COUNT;
  Values<A> best[VECTORS];
  Integers place[VECTORS];
  for (int v = 0; v < VECTORS; v++) {
    best[v] = load(largest + v * LANES);
    const Places before = *reinterpret_cast<const Places *>(at + v * LANES);
    place[v] = __builtin_convertvector(before, Integers);
  }
  for (int64_t r = 0; r < count; r++) {
    const Integers row = static_cast<decltype(place[0][0] + 0)>(r) - Integers{};
    for (int v = 0; v < VECTORS; v++) {
      const Values<A> x = load<A>(rows + r * stride + v * LANES);
      const Integers larger = (x > best[v]) | (x != x);
      best[v] = larger ? x : best[v];
      place[v] = larger ? row : place[v];
    }
  }
  for (int v = 0; v < VECTORS; v++) {
    store(largest + v * LANES, best[v]);
    *reinterpret_cast<Places *>(at + v * LANES) = __builtin_convertvector(place[v], Places);
  }
}

template <typename S, typename A>
void maximum(const S *rows, int64_t count, int64_t stride, int64_t width, A *largest,
             int32_t *at) {
  constexpr int64_t LANES = Lanes<A>::COUNT;
  constexpr int VECTORS = 4;
  int64_t o = 0;
  for (; o + VECTORS * LANES <= width; o += VECTORS * LANES) {
    maximum_part<S, A, VECTORS>(rows + o, count, stride, largest + o, at + o);
  }
  for (; o + LANES <= width; o += LANES) {
    maximum_part<S, A, 1>(rows + o, count, stride, largest + o, at + o);
  }
  for (; o < width; o++) {
    for (int64_t r = 0; r < count; r++) {
      const A x = widened<A>(rows[r * stride + o]);
      if (x > largest[o] || x != x) {
        largest[o] = x;
        at[o] = static_cast<int32_t>(r);
      }
    }
  }
}

/// sum [VECTORS * LANES] of windows at `from`.
template <typename S, typename A, int VECTORS>
void sum_part(const S *const *windows, const A *factors, int64_t count, int64_t from,
              A *__restrict sum) {
  constexpr int64_t LANES = Lanes<A>::COUNT;
  Values<A> sums[VECTORS] = {};
  for (int64_t m = 0; m < count; m++) {
    const S *window = windows[m] + from;
    for (int v = 0; v < VECTORS; v++) {
      sums[v] += factors[m] * load<A>(window + v * LANES);
    }
  }
  for (int v = 0; v < VECTORS; v++) {
    store(sum + from + v * LANES, sums[v]);
  }
}

template <typename S, typename A>
void gather(const S *const *windows, const A *factors, int64_t count, int64_t in, int64_t kernel,
            A *__restrict sum, A *__restrict to) {
  constexpr int64_t LANES = Lanes<A>::COUNT;
  constexpr int VECTORS = 8;
  const int64_t length = in * kernel;
  int64_t i = 0;
  for (; i + VECTORS * LANES <= length; i += VECTORS * LANES) {
    sum_part<S, A, VECTORS>(windows, factors, count, i, sum);
  }
  for (; i + LANES <= length; i += LANES) {
    sum_part<S, A, 1>(windows, factors, count, i, sum);
  }
  for (; i < length; i++) {
    sum[i] = 0;
    for (int64_t m = 0; m < count; m++) {
      sum[i] += factors[m] * widened<A>(windows[m][i]);
    }
  }
  // The other way round: [kernel, in] to [in, kernel].
  transpose<A, A>(sum, kernel, in, to);
}

template <typename S, typename A>
void scatter(const S *__restrict weight, A factor, int64_t length, A *__restrict to) {
  constexpr int64_t LANES = Lanes<A>::COUNT;
  int64_t i = 0;
  for (; i + LANES <= length; i += LANES) {
    store(to + i, load(to + i) + factor * load<A>(weight + i));
  }
  for (; i < length; i++) {
    to[i] += factor * widened<A>(weight[i]);
  }
}

template <typename S, typename A>
constexpr ConvMaxKernels<S, A> kernels{transpose<S, A>, maximum<S, A>, gather<S, A>,
                                       scatter<S, A>};

}  // namespace

const ConvMaxKernels<float, float> conv_max_float32 = kernels<float, float>;
const ConvMaxKernels<double, double> conv_max_float64 = kernels<double, double>;
const ConvMaxKernels<uint16_t, float> conv_max_bfloat16 = kernels<uint16_t, float>;

}  // namespace codonfuse::CODONFUSE_KERNEL
