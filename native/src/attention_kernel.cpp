// softmax(scale q k^T) v for a few queries at a time, so that scores stay in the first-level cache and
// [length, length] is never in memory. Everything is float32 whatever the stored type.
//
// Compiled with CODONFUSE_KERNEL set to the namespace and the compiler set to its instructions.
#include "attention_kernel.h"

#include <cstring>

#include "kernel_exponential.h"

namespace codonfuse::CODONFUSE_KERNEL {
namespace {

#if defined(__AVX512F__)
constexpr int LANES = 16;
constexpr int KEY_VECTORS = 4;
constexpr int QUERIES = 6;
#elif defined(__AVX2__)
constexpr int LANES = 8;
constexpr int KEY_VECTORS = 2;
constexpr int QUERIES = 6;
#else
constexpr int LANES = 4;
constexpr int KEY_VECTORS = 2;
constexpr int QUERIES = 4;
#endif

typedef float Floats __attribute__((vector_size(LANES * 4), aligned(4)));
typedef int32_t Ints __attribute__((vector_size(LANES * 4), aligned(4)));

Floats broadcast(float x) { return x - Floats{}; }

Floats load(const float *from) { return *reinterpret_cast<const Floats *>(from); }

void store(float *to, Floats x) { *reinterpret_cast<Floats *>(to) = x; }

int64_t padded(int64_t n) { return (n + LANES - 1) / LANES * LANES; }

float to_float(float x) { return x; }

float to_float(uint16_t x) {
  const uint32_t bits = static_cast<uint32_t>(x) << 16;
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

void from_float(float x, float &to) { to = x; }

void from_float(float x, uint16_t &to) {
  uint32_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  const uint32_t rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
  to = static_cast<uint16_t>(x == x ? rounded : 0x7fc0);
}

struct Scratch {
  int64_t key_stride;    // padded length
  int64_t value_stride;  // padded width
  float *keys;           // [width, key_stride]
  float *values;         // [length, value_stride]
  float *queries;        // [QUERIES, width]
  float *scores;         // [QUERIES, key_stride]
  float *out;            // [QUERIES, value_stride]
};

/// One row of queries or keys, rotated where there are angles, times a factor. Here and below W is
/// the width where the compiler knows it, or 0: loops of known length become a few vectors.
template <typename T, int W>
void rotated(const T *__restrict from, const float *__restrict cos, const float *__restrict sin,
             int64_t runtime_width, float factor, float *__restrict to) {
  const int64_t width = W > 0 ? W : runtime_width;
  if (cos == nullptr) {
    for (int64_t i = 0; i < width; i++) {
      to[i] = to_float(from[i]) * factor;
    }
    return;
  }
  const int64_t half = width / 2;
  for (int64_t i = 0; i < half; i++) {
    const float left = to_float(from[i]);
    const float right = to_float(from[i + half]);
    to[i] = (left * cos[i] - right * sin[i]) * factor;
    to[i + half] = (right * cos[i + half] + left * sin[i + half]) * factor;
  }
}

/// Asks for what a row holds of the next head. Rows are far apart and the processor does not foresee
/// the jumps; addresses behind the last head do no harm.
template <typename T>
void prefetch(const T *row, int64_t width) {
  const char *next = reinterpret_cast<const char *>(row + width);
  __builtin_prefetch(next);
  __builtin_prefetch(next + width * static_cast<int64_t>(sizeof(T)) - 1);
}

/// Keys, rotated and transposed, and values, padded, of a head in float32.
template <typename T, int W>
void gather(const AttentionHead &head, const Scratch &s) {
  const int64_t width = W > 0 ? W : head.width;
  const int64_t length = head.length;
  const int64_t key_stride = s.key_stride;
  const int64_t value_stride = s.value_stride;
  const T *__restrict key = static_cast<const T *>(head.key);
  const T *__restrict value = static_cast<const T *>(head.value);
  float *__restrict keys = s.keys;
  float *__restrict values = s.values;
  for (int64_t t = 0; t < length; t++) {
    prefetch(key + t * head.stride, width);
    prefetch(value + t * head.stride, width);
    const float *cos = head.cos == nullptr ? nullptr : head.cos + t * width;
    const float *sin = head.cos == nullptr ? nullptr : head.sin + t * width;
    rotated<T, W>(key + t * head.stride, cos, sin, width, 1, s.queries);
    for (int64_t d = 0; d < width; d++) {
      keys[d * key_stride + t] = s.queries[d];
    }
    for (int64_t d = 0; d < width; d++) {
      values[t * value_stride + d] = to_float(value[t * head.stride + d]);
    }
    for (int64_t d = width; d < value_stride; d++) {
      values[t * value_stride + d] = 0;
    }
  }
  for (int64_t d = 0; d < width; d++) {
    for (int64_t t = length; t < key_stride; t++) {
      keys[d * key_stride + t] = 0;
    }
  }
}

/// scores [R, VECTORS * LANES] = queries [R, width] x keys [width, key_stride].
template <int R, int VECTORS>
void score(const float *__restrict queries, const float *__restrict keys, int64_t width,
           int64_t key_stride, float *__restrict scores, int64_t score_stride) {
  Floats sums[R][VECTORS] = {};
  for (int64_t d = 0; d < width; d++) {
    Floats k[VECTORS];
    for (int c = 0; c < VECTORS; c++) {
      k[c] = load(keys + d * key_stride + c * LANES);
    }
    for (int r = 0; r < R; r++) {
      const Floats q = broadcast(queries[r * width + d]);
      for (int c = 0; c < VECTORS; c++) {
        sums[r][c] += q * k[c];
      }
    }
  }
  for (int r = 0; r < R; r++) {
    for (int c = 0; c < VECTORS; c++) {
      store(scores + r * score_stride + c * LANES, sums[r][c]);
    }
  }
}

/// Scores to weights that sum to what is returned.
float weigh(float *scores, int64_t length, int64_t stride) {
  for (int64_t j = length; j < stride; j++) {
    scores[j] = -__builtin_inff();
  }
  Floats largest = load(scores);
  for (int64_t j = LANES; j < stride; j += LANES) {
    const Floats x = load(scores + j);
    largest = x > largest ? x : largest;
  }
  float most = largest[0];
  for (int l = 1; l < LANES; l++) {
    most = largest[l] > most ? largest[l] : most;
  }
  const Floats shift = broadcast(most);
  const int64_t last = stride - LANES;
  Floats sums = {};
  for (int64_t j = 0; j < last; j += LANES) {
    const Floats weights = clamped_exponential<Floats, Ints>(load(scores + j) - shift);
    store(scores + j, weights);
    sums += weights;
  }
  store(scores + last, clamped_exponential<Floats, Ints>(load(scores + last) - shift));
  for (int64_t j = length; j < stride; j++) {
    scores[j] = 0;
  }
  sums += load(scores + last);
  float sum = 0;
  for (int l = 0; l < LANES; l++) {
    sum += sums[l];
  }
  return sum;
}

/// out [R, VECTORS * LANES] = weights [R, length] x values [length, value_stride], by 1 / sum.
template <int R, int VECTORS>
void average(const float *__restrict weights, int64_t weight_stride,
             const float *__restrict values, int64_t value_stride, int64_t length,
             const float *__restrict sums, float *__restrict out, int64_t out_stride) {
  Floats totals[R][VECTORS] = {};
  for (int64_t j = 0; j < length; j++) {
    Floats v[VECTORS];
    for (int c = 0; c < VECTORS; c++) {
      v[c] = load(values + j * value_stride + c * LANES);
    }
    for (int r = 0; r < R; r++) {
      const Floats w = broadcast(weights[r * weight_stride + j]);
      for (int c = 0; c < VECTORS; c++) {
        totals[r][c] += w * v[c];
      }
    }
  }
  for (int r = 0; r < R; r++) {
    const Floats factor = broadcast(1.0f / sums[r]);
    for (int c = 0; c < VECTORS; c++) {
      store(out + r * out_stride + c * LANES, totals[r][c] * factor);
    }
  }
}

template <int R>
void block(const AttentionHead &head, const Scratch &s) {
  int64_t j = 0;
  for (; j + KEY_VECTORS * LANES <= s.key_stride; j += KEY_VECTORS * LANES) {
    score<R, KEY_VECTORS>(s.queries, s.keys + j, head.width, s.key_stride, s.scores + j,
                          s.key_stride);
  }
  for (; j + 2 * LANES <= s.key_stride; j += 2 * LANES) {
    score<R, 2>(s.queries, s.keys + j, head.width, s.key_stride, s.scores + j, s.key_stride);
  }
  for (; j < s.key_stride; j += LANES) {
    score<R, 1>(s.queries, s.keys + j, head.width, s.key_stride, s.scores + j, s.key_stride);
  }
  float sums[R];
  for (int r = 0; r < R; r++) {
    sums[r] = weigh(s.scores + r * s.key_stride, head.length, s.key_stride);
  }
  int64_t d = 0;
  for (; d + 2 * LANES <= s.value_stride; d += 2 * LANES) {
    average<R, 2>(s.scores, s.key_stride, s.values + d, s.value_stride, head.length, sums,
                  s.out + d, s.value_stride);
  }
  for (; d < s.value_stride; d += LANES) {
    average<R, 1>(s.scores, s.key_stride, s.values + d, s.value_stride, head.length, sums,
                  s.out + d, s.value_stride);
  }
}

/// A block of `count` queries, 1 to R.
template <int R>
void blocks(int64_t count, const AttentionHead &head, const Scratch &s) {
  if constexpr (R > 1) {
    if (count < R) {
      return blocks<R - 1>(count, head, s);
    }
  }
  block<R>(head, s);
}

template <typename T, int W>
void attend(const AttentionHead &head, const Scratch &s) {
  const int64_t width = W > 0 ? W : head.width;
  gather<T, W>(head, s);
  const T *query = static_cast<const T *>(head.query);
  T *__restrict out = static_cast<T *>(head.out);
  for (int64_t t = 0; t < head.length; t += QUERIES) {
    const int64_t count = head.length - t < QUERIES ? head.length - t : QUERIES;
    for (int64_t r = 0; r < count; r++) {
      prefetch(query + (t + r) * head.stride, width);
      const float *cos = head.cos == nullptr ? nullptr : head.cos + (t + r) * width;
      const float *sin = head.cos == nullptr ? nullptr : head.sin + (t + r) * width;
      rotated<T, W>(query + (t + r) * head.stride, cos, sin, width, head.scale,
                    s.queries + r * width);
    }
    blocks<QUERIES>(count, head, s);
    for (int64_t r = 0; r < count; r++) {
      const float *__restrict from = s.out + r * s.value_stride;
      T *__restrict to = out + (t + r) * head.out_stride;
      for (int64_t d = 0; d < width; d++) {
        from_float(from[d], to[d]);
      }
    }
  }
}

template <typename T>
void attend(const AttentionHead &head, const Scratch &s) {
  switch (head.width) {
    case 16:
      return attend<T, 16>(head, s);
    case 24:
      return attend<T, 24>(head, s);
    case 32:
      return attend<T, 32>(head, s);
    case 48:
      return attend<T, 48>(head, s);
    case 64:
      return attend<T, 64>(head, s);
    default:
      return attend<T, 0>(head, s);
  }
}

}  // namespace

void attend(const AttentionHead &head, float *scratch) {
  Scratch s;
  s.key_stride = padded(head.length);
  s.value_stride = padded(head.width);
  s.keys = scratch;
  s.values = s.keys + head.width * s.key_stride;
  s.queries = s.values + head.length * s.value_stride;
  s.scores = s.queries + QUERIES * head.width;
  s.out = s.scores + QUERIES * s.key_stride;
  if (head.bfloat16) {
    attend<uint16_t>(head, s);
  } else {
    attend<float>(head, s);
  }
}

}  // namespace codonfuse::CODONFUSE_KERNEL
