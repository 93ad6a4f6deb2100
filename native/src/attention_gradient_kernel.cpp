// The gradient of softmax(scale q k^T) v for a few queries at a time: their weights are computed again,
// so that the forward pass has to keep nothing but queries, keys and values, and [length, length] is
// never in memory. Everything is float32 whatever the stored type.
//
// Compiled with CODONFUSE_KERNEL set to the namespace and the compiler set to its instructions.
#include "attention_gradient_kernel.h"

#include "attention_parts.h"

namespace codonfuse::CODONFUSE_KERNEL {
namespace {

struct Scratch {
  int64_t key_stride;    // padded length
  int64_t value_stride;  // padded width
  float *keys;           // [width, key_stride]
  float *values;         // [width, key_stride]
  float *key_rows;       // [length, value_stride]
  float *key_changes;    // [length, value_stride]
  float *value_changes;  // [length, value_stride]
  float *queries;        // [QUERIES, value_stride], times the scale
  float *changes;        // [QUERIES, value_stride]
  float *query_changes;  // [QUERIES, value_stride]
  float *weights;        // [QUERIES, key_stride]
  float *score_changes;  // [QUERIES, key_stride]
};

void clear(float *to, int64_t count) {
  std::memset(to, 0, static_cast<size_t>(count) * sizeof(float));
}

/// A gradient of what `rotated` returned, back to what it read.
template <int W>
void rotated_back(const float *__restrict from, const float *__restrict cos,
                  const float *__restrict sin, int64_t runtime_width, float *__restrict to) {
  const int64_t width = W > 0 ? W : runtime_width;
  if (cos == nullptr) {
    for (int64_t i = 0; i < width; i++) {
      to[i] = from[i];
    }
    return;
  }
  const int64_t half = width / 2;
  for (int64_t i = 0; i < half; i++) {
    const float left = from[i];
    const float right = from[i + half];
    to[i] = left * cos[i] + right * sin[i + half];
    to[i + half] = right * cos[i + half] - left * sin[i];
  }
}

/// Keys, rotated, as they are and transposed, and values transposed.
template <typename T, int W>
void gather(const AttentionGradient &head, const Scratch &s) {
  const int64_t width = W > 0 ? W : head.width;
  const int64_t key_stride = s.key_stride;
  const T *__restrict key = static_cast<const T *>(head.key);
  const T *__restrict value = static_cast<const T *>(head.value);
  float *__restrict keys = s.keys;
  float *__restrict values = s.values;
  clear(s.key_rows, head.length * s.value_stride);
  for (int64_t t = 0; t < head.length; t++) {
    prefetch(key + t * head.stride, width);
    prefetch(value + t * head.stride, width);
    const float *cos = head.cos == nullptr ? nullptr : head.cos + t * width;
    const float *sin = head.cos == nullptr ? nullptr : head.sin + t * width;
    float *__restrict row = s.key_rows + t * s.value_stride;
    rotated<T, W>(key + t * head.stride, cos, sin, width, 1, row);
    for (int64_t d = 0; d < width; d++) {
      keys[d * key_stride + t] = row[d];
    }
    for (int64_t d = 0; d < width; d++) {
      values[d * key_stride + t] = to_float(value[t * head.stride + d]);
    }
  }
  for (int64_t d = 0; d < width; d++) {
    for (int64_t t = head.length; t < key_stride; t++) {
      keys[d * key_stride + t] = 0;
      values[d * key_stride + t] = 0;
    }
  }
}

/// Weights of a row and the gradients of them become weights that sum to 1 and the gradients of the
/// scores; what is behind the last key stays 0.
void soften(float *__restrict weights, float *__restrict changes, int64_t length, int64_t stride) {
  const Floats share = broadcast(1 / weigh(weights, length, stride));
  Floats sums = {};
  for (int64_t j = 0; j < stride; j += LANES) {
    const Floats p = load(weights + j) * share;
    store(weights + j, p);
    sums += p * load(changes + j);
  }
  float mean = 0;
  for (int l = 0; l < LANES; l++) {
    mean += sums[l];
  }
  for (int64_t j = 0; j < stride; j += LANES) {
    store(changes + j, load(weights + j) * (load(changes + j) - mean));
  }
}

/// totals [length, VECTORS * LANES] += factors [R, length]^T x rows [R, VECTORS * LANES].
template <int R, int VECTORS>
void spread(const float *__restrict factors, int64_t factor_stride, const float *__restrict rows,
            int64_t row_stride, int64_t length, float *__restrict totals) {
  Floats row[R][VECTORS];
  for (int r = 0; r < R; r++) {
    for (int c = 0; c < VECTORS; c++) {
      row[r][c] = load(rows + r * row_stride + c * LANES);
    }
  }
  for (int64_t j = 0; j < length; j++) {
    float *__restrict total = totals + j * row_stride;
    Floats sums[VECTORS];
    for (int c = 0; c < VECTORS; c++) {
      sums[c] = load(total + c * LANES);
    }
    for (int r = 0; r < R; r++) {
      const Floats factor = broadcast(factors[r * factor_stride + j]);
      for (int c = 0; c < VECTORS; c++) {
        sums[c] += factor * row[r][c];
      }
    }
    for (int c = 0; c < VECTORS; c++) {
      store(total + c * LANES, sums[c]);
    }
  }
}

template <int R>
void spread(const float *factors, int64_t factor_stride, const float *rows, int64_t row_stride,
            int64_t length, float *totals) {
  int64_t d = 0;
  for (; d + 2 * LANES <= row_stride; d += 2 * LANES) {
    spread<R, 2>(factors, factor_stride, rows + d, row_stride, length, totals + d);
  }
  for (; d < row_stride; d += LANES) {
    spread<R, 1>(factors, factor_stride, rows + d, row_stride, length, totals + d);
  }
}

template <int R>
void block(const AttentionGradient &head, const Scratch &s) {
  const int64_t keys = s.key_stride;
  const int64_t wide = s.value_stride;
  score<R>(s.queries, wide, s.keys, head.width, keys, s.weights);
  score<R>(s.changes, wide, s.values, head.width, keys, s.score_changes);
  float scales[R];
  for (int r = 0; r < R; r++) {
    soften(s.weights + r * keys, s.score_changes + r * keys, head.length, keys);
    scales[r] = head.scale;
  }
  average<R>(s.score_changes, keys, s.key_rows, wide, head.length, scales, s.query_changes);
  spread<R>(s.score_changes, keys, s.queries, wide, head.length, s.key_changes);
  spread<R>(s.weights, keys, s.changes, wide, head.length, s.value_changes);
}

/// A block of `count` queries, 1 to R.
template <int R>
void blocks(int64_t count, const AttentionGradient &head, const Scratch &s) {
  if constexpr (R > 1) {
    if (count < R) {
      return blocks<R - 1>(count, head, s);
    }
  }
  block<R>(head, s);
}

template <typename T, int W>
void differentiate(const AttentionGradient &head, const Scratch &s) {
  const int64_t width = W > 0 ? W : head.width;
  gather<T, W>(head, s);
  clear(s.key_changes, head.length * s.value_stride);
  clear(s.value_changes, head.length * s.value_stride);
  clear(s.queries, QUERIES * s.value_stride);
  clear(s.changes, QUERIES * s.value_stride);
  const T *query = static_cast<const T *>(head.query);
  const T *change = static_cast<const T *>(head.change);
  const auto angles = [&](const float *from, int64_t t) {
    return from == nullptr ? nullptr : from + t * width;
  };
  for (int64_t t = 0; t < head.length; t += QUERIES) {
    const int64_t count = head.length - t < QUERIES ? head.length - t : QUERIES;
    for (int64_t r = 0; r < count; r++) {
      prefetch(query + (t + r) * head.stride, width);
      prefetch(change + (t + r) * head.change_stride, width);
      rotated<T, W>(query + (t + r) * head.stride, angles(head.cos, t + r),
                    angles(head.sin, t + r), width, head.scale, s.queries + r * s.value_stride);
      rotated<T, W>(change + (t + r) * head.change_stride, nullptr, nullptr, width, 1,
                    s.changes + r * s.value_stride);
    }
    blocks<QUERIES>(count, head, s);
    for (int64_t r = 0; r < count; r++) {
      rotated_back<W>(s.query_changes + r * s.value_stride, angles(head.cos, t + r),
                      angles(head.sin, t + r), width, head.query_change + (t + r) * head.stride);
    }
  }
  for (int64_t t = 0; t < head.length; t++) {
    rotated_back<W>(s.key_changes + t * s.value_stride, angles(head.cos, t), angles(head.sin, t),
                    width, head.key_change + t * head.stride);
    rotated_back<W>(s.value_changes + t * s.value_stride, nullptr, nullptr, width,
                    head.value_change + t * head.stride);
  }
}

template <typename T>
void differentiate(const AttentionGradient &head, const Scratch &s) {
  switch (head.width) {
    case 16:
      return differentiate<T, 16>(head, s);
    case 24:
      return differentiate<T, 24>(head, s);
    case 32:
      return differentiate<T, 32>(head, s);
    case 64:
      return differentiate<T, 64>(head, s);
    default:
      return differentiate<T, 0>(head, s);
  }
}

}  // namespace

void differentiate(const AttentionGradient &head, float *scratch) {
  Scratch s;
  s.key_stride = padded(head.length);
  s.value_stride = padded(head.width);
  const auto take = [&](int64_t count) {
    float *const taken = scratch;
    scratch += count;
    return taken;
  };
  s.keys = take(head.width * s.key_stride);
  s.values = take(head.width * s.key_stride);
  s.key_rows = take(head.length * s.value_stride);
  s.key_changes = take(head.length * s.value_stride);
  s.value_changes = take(head.length * s.value_stride);
  s.queries = take(QUERIES * s.value_stride);
  s.changes = take(QUERIES * s.value_stride);
  s.query_changes = take(QUERIES * s.value_stride);
  s.weights = take(QUERIES * s.key_stride);
  s.score_changes = take(QUERIES * s.key_stride);
  if (head.bfloat16) {
    differentiate<uint16_t>(head, s);
  } else {
    differentiate<float>(head, s);
  }
}

}  // namespace codonfuse::CODONFUSE_KERNEL
