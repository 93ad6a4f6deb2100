#include <stdlib.h>

#include "check.h"

enum { BATCH = 2, QUERIES = 3, KEYS = 5, HEADS = 2, WIDTH = 4 };

static void halves_are_rotated(void) {
  cf_tensor *x = FLOATS(SHAPE(1, 2, 4), 1, 2, 3, 4, 1, 2, 3, 4);
  cf_tensor *cos = FLOATS(SHAPE(2, 4), 1, 1, 1, 1, 0.5f, 0.25f, 0.5f, 0.25f);
  cf_tensor *sin = FLOATS(SHAPE(2, 4), 0, 0, 0, 0, 2, 3, 2, 3);
  OK(cf_rotary(CF_INFERENCE, x, cos, sin, 1, &out));
  SIZES(out, 1, 2, 4);
  VALUES(out, 1e-6, 1, 2, 3, 4, -5.5f, -11.5f, 3.5f, 7);
  release();
  REFUSED(CF_INVALID_ARGUMENT, cf_rotary(CF_INFERENCE, x, cos, sin, 3, &out));
  REFUSED(CF_INVALID_ARGUMENT, cf_rotary(CF_INFERENCE, x, cos, sin, 2, &out));
  REFUSED(CF_INVALID_ARGUMENT, cf_rotary(CF_INFERENCE, cos, cos, sin, 1, &out));
  cf_tensor *reduced = NULL;
  OK(cf_cast(CF_INFERENCE, x, CF_BFLOAT16, &reduced));
  OK(cf_rotary(CF_INFERENCE, reduced, cos, sin, 1, &out));
  int32_t dtype;
  int32_t rank;
  int64_t sizes[CF_MAX_RANK];
  OK(cf_tensor_describe(out, &dtype, &rank, sizes));
  CHECK(dtype == CF_BFLOAT16);
  release();
  cf_tensor_free(reduced);
  cf_tensor_free(x);
  cf_tensor_free(cos);
  cf_tensor_free(sin);
}

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

int main(void) {
  halves_are_rotated();
  attention_is_a_weighted_mean_of_valid_keys();
  return finish();
}
