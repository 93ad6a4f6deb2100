#include <stdlib.h>

#include "check.h"

enum { BATCH = 2, QUERIES = 3, KEYS = 5, HEADS = 2, WIDTH = 4 };

static float at(const float *x, int batch, int length, int row, int head, int i) {
  return x[((batch * length + row) * HEADS + head) * WIDTH + i];
}

static void attention_is_a_weighted_mean_of_valid_keys(void) {
  float q[BATCH * QUERIES * HEADS * WIDTH];
  float k[BATCH * KEYS * HEADS * WIDTH];
  float v[BATCH * KEYS * HEADS * WIDTH];
  const uint8_t valid[BATCH * KEYS] = {1, 1, 1, 1, 1, 1, 1, 0, 1, 0};
  random_values(1, q, LENGTH(q));
  random_values(2, k, LENGTH(k));
  random_values(3, v, LENGTH(v));
  cf_tensor *tq = tensor_of(q, CF_FLOAT32, SHAPE(BATCH, QUERIES, HEADS * WIDTH));
  cf_tensor *tk = tensor_of(k, CF_FLOAT32, SHAPE(BATCH, KEYS, HEADS * WIDTH));
  cf_tensor *tv = tensor_of(v, CF_FLOAT32, SHAPE(BATCH, KEYS, HEADS * WIDTH));
  cf_tensor *mask = tensor_of(valid, CF_BOOL, SHAPE(BATCH, KEYS));
  for (int masked = 0; masked < 2; masked++) {
    float actual[LENGTH(q)];
    OK(cf_attention(CF_GRADIENT, tq, tk, tv, masked ? mask : NULL, HEADS, 0.7, 0.5, &out));
    SIZES(out, BATCH, QUERIES, HEADS * WIDTH);
    read_floats(out, actual, LENGTH(q));
    release();
    for (int b = 0; b < BATCH; b++) {
      for (int row = 0; row < QUERIES; row++) {
        for (int head = 0; head < HEADS; head++) {
          double total = 0;
          double expected[WIDTH] = {0};
          for (int key = 0; key < KEYS; key++) {
            double score = 0;
            for (int i = 0; i < WIDTH; i++) {
              score += (double)at(q, b, QUERIES, row, head, i) *
                       (double)at(k, b, KEYS, key, head, i);
            }
            const double weight = !masked || valid[b * KEYS + key] ? exp(0.7 * score) : 0;
            total += weight;
            for (int i = 0; i < WIDTH; i++) {
              expected[i] += weight * (double)at(v, b, KEYS, key, head, i);
            }
          }
          for (int i = 0; i < WIDTH; i++) {
            CHECK(fabs(expected[i] / total - (double)at(actual, b, QUERIES, row, head, i)) < 1e-5);
          }
        }
      }
    }
  }
  OK(cf_attention(CF_TRAINING, tq, tk, tv, mask, HEADS, 0.7, 0.5, &out));
  SIZES(out, BATCH, QUERIES, HEADS * WIDTH);
  release();
  REFUSED(CF_INVALID_ARGUMENT,
          cf_attention(CF_INFERENCE, tq, tk, tv, mask, 3, 0.7, 0, &out));
  REFUSED(CF_INVALID_ARGUMENT,
          cf_attention(CF_INFERENCE, tq, tk, tq, NULL, HEADS, 0.7, 0, &out));
  REFUSED(CF_INVALID_ARGUMENT,
          cf_attention(CF_INFERENCE, tq, tk, tv, tq, HEADS, 0.7, 0, &out));
  cf_tensor *narrow = BOOLS(SHAPE(BATCH, 2), 1, 1, 1, 1);
  REFUSED(CF_INVALID_ARGUMENT,
          cf_attention(CF_INFERENCE, tq, tk, tv, narrow, HEADS, 0.7, 0, &out));
  cf_tensor_free(narrow);
  cf_tensor_free(tq);
  cf_tensor_free(tk);
  cf_tensor_free(tv);
  cf_tensor_free(mask);
}

enum { SEQUENCES = 6, POSITIONS = 131 };
static const int64_t offsets[SEQUENCES + 1] = {0, 131, 148, 165, 165, 166, 169};

/* What a head of one sequence is by definition. */
static void expect_head(const float *qkv, int start, int length, int heads, int width, int head,
                        const float *cos, const float *sin, const float *actual, double tolerance) {
  const int stride = 3 * heads * width;
  const int half = width / 2;
  for (int row = 0; row < length; row++) {
    double weights[200];
    double total = 0;
    for (int key = 0; key < length; key++) {
      double score = 0;
      for (int i = 0; i < width; i++) {
        const int other = i < half ? i + half : i - half;
        const double sign = i < half ? -1 : 1;
        const float *q = qkv + (start + row) * stride + head * width;
        const float *k = qkv + (start + key) * stride + (heads + head) * width;
        const double turned_q = cos == NULL ? (double)q[i]
                                            : (double)q[i] * (double)cos[row * width + i] +
                                                  sign * (double)q[other] *
                                                      (double)sin[row * width + i];
        const double turned_k = cos == NULL ? (double)k[i]
                                            : (double)k[i] * (double)cos[key * width + i] +
                                                  sign * (double)k[other] *
                                                      (double)sin[key * width + i];
        score += turned_q * turned_k;
      }
      weights[key] = exp(0.3 * score);
      total += weights[key];
    }
    for (int i = 0; i < width; i++) {
      double expected = 0;
      for (int key = 0; key < length; key++) {
        expected += weights[key] / total *
                    (double)qkv[(start + key) * stride + (2 * heads + head) * width + i];
      }
      const float found = actual[(start + row) * heads * width + head * width + i];
      CHECK(fabs(expected - (double)found) < tolerance);
    }
  }
}

static void sequences_attend_to_themselves(int heads, int width, int rotated) {
  const int rows = (int)offsets[SEQUENCES];
  const size_t values = (size_t)rows * 3 * (size_t)(heads * width);
  float *qkv = malloc(values * sizeof *qkv);
  float *angles = malloc((size_t)(POSITIONS * width) * 2 * sizeof *angles);
  float *actual = malloc(values * sizeof *actual);
  random_values(4, qkv, values);
  random_values(5, angles, (size_t)(POSITIONS * width) * 2);
  const float *cos_values = rotated ? angles : NULL;
  const float *sin_values = rotated ? angles + POSITIONS * width : NULL;
  cf_tensor *x = tensor_of(qkv, CF_FLOAT32, SHAPE(rows, 3 * heads * width));
  cf_tensor *cos = rotated ? tensor_of(cos_values, CF_FLOAT32, SHAPE(POSITIONS, width)) : NULL;
  cf_tensor *sin = rotated ? tensor_of(sin_values, CF_FLOAT32, SHAPE(POSITIONS, width)) : NULL;
  cf_tensor *reduced = NULL;
  OK(cf_cast(CF_INFERENCE, x, CF_BFLOAT16, &reduced));
  for (int kind = 0; kind < 3; kind++) {
    const cf_tensor *input = kind == 2 ? reduced : x;
    const int32_t mode = kind == 1 ? CF_GRADIENT : CF_INFERENCE;
    OK(cf_self_attention(mode, input, offsets, SEQUENCES, cos, sin, heads, 0.3, &out));
    SIZES(out, rows, heads * width);
    cf_tensor *wide = NULL;
    OK(cf_cast(CF_INFERENCE, out, CF_FLOAT32, &wide));
    read_floats(wide, actual, (size_t)(rows * heads * width));
    cf_tensor_free(wide);
    release();
    for (int s = 0; s < SEQUENCES; s++) {
      for (int head = 0; head < heads; head++) {
        expect_head(qkv, (int)offsets[s], (int)(offsets[s + 1] - offsets[s]), heads, width, head,
                    cos_values, sin_values, actual, kind == 2 ? 4e-2 : 2e-5);
      }
    }
  }
  cf_tensor_free(reduced);
  cf_tensor_free(x);
  cf_tensor_free(cos);
  cf_tensor_free(sin);
  free(qkv);
  free(angles);
  free(actual);
}

/* The gradient of qkv, in float32. */
static void self_attention_gradient(int32_t mode, const cf_tensor *x, int32_t dtype, int heads,
                                    const cf_tensor *cos, const cf_tensor *sin,
                                    const cf_tensor *change, float *values, size_t count) {
  cf_tensor *typed = NULL;
  cf_tensor *typed_change = NULL;
  OK(cf_cast(CF_INFERENCE, x, dtype, &typed));
  OK(cf_cast(CF_INFERENCE, change, dtype, &typed_change));
  cf_tensor *qkv = parameter_of(typed);
  cf_tensor *attended = NULL;
  OK(cf_self_attention(mode, qkv, offsets, SEQUENCES, cos, sin, heads, 0.3, &attended));
  OK(cf_backward_from(attended, typed_change));
  cf_tensor *gradient = NULL;
  OK(cf_gradient(qkv, &gradient));
  OK(cf_cast(CF_INFERENCE, gradient, CF_FLOAT32, &out));
  read_floats(out, values, count);
  release();
  cf_tensor_free(gradient);
  cf_tensor_free(attended);
  cf_tensor_free(typed_change);
  cf_tensor_free(qkv);
}

/* Our kernels beside LibTorch's operators, which float64 takes. */
static void gradients_of_self_attention_are_those_in_float64(int heads, int width, int rotated) {
  const int64_t rows = offsets[SEQUENCES];
  const size_t count = (size_t)(rows * 3 * heads * width);
  cf_tensor *x = random_tensor(5, SHAPE(rows, 3 * heads * width));
  cf_tensor *change = random_tensor(6, SHAPE(rows, heads * width));
  cf_tensor *cos = rotated ? random_tensor(7, SHAPE(POSITIONS, width)) : NULL;
  cf_tensor *sin = rotated ? random_tensor(8, SHAPE(POSITIONS, width)) : NULL;
  float *expected = malloc(count * sizeof(float));
  float *actual = malloc(count * sizeof(float));
  self_attention_gradient(CF_GRADIENT, x, CF_FLOAT64, heads, cos, sin, change, expected, count);
  const int32_t modes[] = {CF_GRADIENT, CF_TRAINING, CF_TRAINING | CF_BFLOAT16_PRODUCTS};
  for (int32_t i = 0; i < LENGTH(modes); i++) {
    self_attention_gradient(modes[i], x, CF_FLOAT32, heads, cos, sin, change, actual, count);
    const double tolerance = i == 2 ? 3e-2 : 1e-5;
    for (size_t j = 0; j < count; j++) {
      CHECK(fabs(actual[j] - expected[j]) <= tolerance * (1 + fabs(expected[j])));
    }
  }
  free(expected);
  free(actual);
  cf_tensor_free(x);
  cf_tensor_free(change);
  cf_tensor_free(cos);
  cf_tensor_free(sin);
}

static void wrong_self_attention_is_refused(void) {
  float values[4 * 24] = {0};
  cf_tensor *x = tensor_of(values, CF_FLOAT32, SHAPE(4, 24));
  cf_tensor *angles = tensor_of(values, CF_FLOAT32, SHAPE(3, 4));
  const int64_t right[] = {0, 1, 4};
  const int64_t before[] = {1, 4};
  const int64_t falling[] = {0, 5, 4};
  const int64_t narrow[] = {0, 3};
  OK(cf_self_attention(CF_INFERENCE, x, right, 2, angles, angles, 2, 1, &out));
  release();
  REFUSED(CF_INVALID_ARGUMENT,
          cf_self_attention(CF_INFERENCE, x, right, 2, NULL, NULL, 5, 1, &out));
  REFUSED(CF_INVALID_ARGUMENT,
          cf_self_attention(CF_INFERENCE, x, before, 1, NULL, NULL, 2, 1, &out));
  REFUSED(CF_INVALID_ARGUMENT,
          cf_self_attention(CF_INFERENCE, x, falling, 2, NULL, NULL, 2, 1, &out));
  REFUSED(CF_INVALID_ARGUMENT,
          cf_self_attention(CF_INFERENCE, x, narrow, 1, NULL, NULL, 2, 1, &out));
  REFUSED(CF_INVALID_ARGUMENT,
          cf_self_attention(CF_INFERENCE, x, right, 2, angles, NULL, 2, 1, &out));
  REFUSED(CF_INVALID_ARGUMENT,
          cf_self_attention(CF_INFERENCE, x, right, 2, angles, angles, 4, 1, &out));
  const int64_t longer[] = {0, 4};
  REFUSED(CF_INVALID_ARGUMENT,
          cf_self_attention(CF_INFERENCE, x, longer, 1, angles, angles, 2, 1, &out));
  cf_tensor_free(x);
  cf_tensor_free(angles);
}

int main(void) {
  const int widths[] = {2, 16, 20, 24, 32, 48, 64, 70};
  for (size_t i = 0; i < LENGTH(widths); i++) {
    sequences_attend_to_themselves(3, widths[i], i % 2 == 0);
    sequences_attend_to_themselves(1, widths[i], i % 2 == 1);
    gradients_of_self_attention_are_those_in_float64(3, widths[i], i % 2 == 0);
    gradients_of_self_attention_are_those_in_float64(1, widths[i], i % 2 == 1);
  }
  wrong_self_attention_is_refused();
  attention_is_a_weighted_mean_of_valid_keys();
  return finish();
}
