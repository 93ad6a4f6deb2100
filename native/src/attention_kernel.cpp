// softmax(scale q k^T) v for a few queries at a time, so that scores stay in the first-level cache and
// [length, length] is never in memory. Everything is float32 whatever the stored type.
//
// Compiled with CODONFUSE_KERNEL set to the namespace and the compiler set to its instructions.
#include "attention_kernel.h"

#include "attention_parts.h"

namespace codonfuse::CODONFUSE_KERNEL {
namespace {

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

template <int R>
void block(const AttentionHead &head, const Scratch &s) {
  score<R>(s.queries, head.width, s.keys, head.width, s.key_stride, s.scores);
  float factors[R];
  for (int r = 0; r < R; r++) {
    factors[r] = 1 / weigh(s.scores + r * s.key_stride, head.length, s.key_stride);
  }
  average<R>(s.scores, s.key_stride, s.values, s.value_stride, head.length, factors, s.out);
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
