#include <stdlib.h>

#include "check.h"

/* Sizes of one case. */
struct sizes {
  int batch, positions, in, out, kernel, left, right;
};

static int positions_out(struct sizes s) { return s.positions + s.left + s.right - s.kernel + 1; }

/* The arguments of one case; the last is what the result is multiplied with before it is summed. */
struct arguments {
  cf_tensor *x, *weight, *bias, *mask, *direction;
};

static cf_tensor *drawn(uint32_t seed, int32_t dtype, const int64_t *sizes, int32_t rank) {
  cf_tensor *values = random_tensor(seed, sizes, rank);
  OK(cf_cast(CF_INFERENCE, values, dtype, &out));
  cf_tensor_free(values);
  return out;
}

/* Members have different numbers of valid positions, the second none. */
static struct arguments arguments_of(struct sizes s, int32_t dtype, int masked) {
  uint8_t *valid = calloc((size_t)(s.batch * positions_out(s)) + 1, 1);
  for (int b = 0; b < s.batch; b++) {
    for (int t = 0; t < positions_out(s); t++) {
      valid[b * positions_out(s) + t] = b != 1 && (t + b) % 3 != 1;
    }
  }
  const struct arguments a = {
      parameter_of(drawn(1, dtype, SHAPE(s.batch, s.positions, s.in))),
      parameter_of(drawn(2, dtype, SHAPE(s.out, s.in, s.kernel))),
      parameter_of(drawn(3, dtype, SHAPE(s.out))),
      masked ? tensor_of(valid, CF_BOOL, SHAPE(s.batch, positions_out(s))) : NULL,
      drawn(4, dtype, SHAPE(s.batch, s.out))};
  free(valid);
  return a;
}

static void free_arguments(struct arguments a) {
  cf_tensor *tensors[] = {a.x, a.weight, a.bias, a.mask, a.direction};
  for (int i = 0; i < LENGTH(tensors); i++) {
    cf_tensor_free(tensors[i]);
  }
}

static cf_tensor *fused(int32_t mode, struct sizes s, struct arguments a) {
  cf_tensor *y = NULL;
  OK(cf_conv_max(mode, a.x, a.weight, a.bias, s.left, s.right, a.mask, &y));
  return y;
}

static cf_tensor *composed(int32_t mode, struct sizes s, struct arguments a) {
  cf_tensor *features = NULL;
  cf_tensor *y = NULL;
  OK(cf_conv1d(mode, a.x, a.weight, a.bias, s.left, s.right, &features));
  OK(cf_masked_max(mode, features, a.mask, &y));
  cf_tensor_free(features);
  return y;
}

static void differentiate(cf_tensor *y, const cf_tensor *direction) {
  cf_tensor *weighted = NULL;
  cf_tensor *rows = NULL;
  cf_tensor *loss = NULL;
  OK(cf_binary(CF_GRADIENT, CF_MULTIPLY, y, direction, &weighted));
  OK(cf_sum(CF_GRADIENT, weighted, 0, &rows));
  OK(cf_sum(CF_GRADIENT, rows, 0, &loss));
  OK(cf_backward(loss));
  cf_tensor_free(weighted);
  cf_tensor_free(rows);
  cf_tensor_free(loss);
}

/* Values that may be infinite. */
static void check_same(const cf_tensor *expected, const cf_tensor *actual, size_t count,
                       double tolerance) {
  float *a = calloc(count + 1, sizeof(float));
  float *b = calloc(count + 1, sizeof(float));
  OK(cf_cast(CF_INFERENCE, expected, CF_FLOAT32, &out));
  read_floats(out, a, count);
  release();
  OK(cf_cast(CF_INFERENCE, actual, CF_FLOAT32, &out));
  read_floats(out, b, count);
  release();
  for (size_t i = 0; i < count; i++) {
    CHECK(a[i] == b[i] || fabs((double)a[i] - (double)b[i]) <= tolerance);
  }
  free(a);
  free(b);
}

static void check_gradient(const cf_tensor *expected, const cf_tensor *actual, size_t count,
                           double tolerance) {
  cf_tensor *a = NULL;
  cf_tensor *b = NULL;
  OK(cf_gradient(expected, &a));
  OK(cf_gradient(actual, &b));
  check_same(a, b, count, tolerance);
  cf_tensor_free(a);
  cf_tensor_free(b);
}

static void check_case(struct sizes s, int32_t dtype, int32_t precision, int masked,
                       double tolerance) {
  const struct arguments a = arguments_of(s, dtype, masked);
  const struct arguments b = arguments_of(s, dtype, masked);
  const size_t outputs = (size_t)(s.batch * s.out);
  cf_tensor *expected = composed(CF_GRADIENT | precision, s, a);
  cf_tensor *actual = fused(CF_GRADIENT | precision, s, b);
  cf_tensor *unrecorded = fused(CF_INFERENCE | precision, s, b);
  SIZES(actual, s.batch, s.out);
  check_same(expected, actual, outputs, tolerance);
  check_same(actual, unrecorded, outputs, 0);
  if (s.batch > 0 && s.out > 0 && positions_out(s) > 0) {
    differentiate(expected, a.direction);
    differentiate(actual, b.direction);
    check_gradient(a.x, b.x, (size_t)(s.batch * s.positions * s.in), tolerance);
    check_gradient(a.weight, b.weight, (size_t)(s.out * s.in * s.kernel), tolerance);
    check_gradient(a.bias, b.bias, (size_t)s.out, tolerance);
  }
  cf_tensor_free(expected);
  cf_tensor_free(actual);
  cf_tensor_free(unrecorded);
  free_arguments(a);
  free_arguments(b);
}

static void it_is_the_maximum_of_a_convolution(void) {
  const struct sizes cases[] = {
      {2, 7, 3, 2, 3, 1, 1},   {3, 9, 16, 33, 4, 1, 2},  {3, 5, 1, 40, 5, 2, 2},
      {2, 1, 2, 3, 1, 0, 0},   {1, 1, 2, 2, 5, 2, 2},    {4, 6, 50, 130, 3, 1, 1},
      {5, 300, 4, 17, 2, 0, 1}, {3, 700, 8, 5, 7, 3, 3}, {3, 4, 129, 64, 4, 0, 0}};
  for (int i = 0; i < LENGTH(cases); i++) {
    for (int masked = 0; masked <= 1; masked++) {
      check_case(cases[i], CF_FLOAT32, 0, masked, 2e-5);
      check_case(cases[i], CF_FLOAT64, 0, masked, 1e-6);
    }
  }
}

static void empty_tensors_have_empty_or_infinite_results(void) {
  const struct sizes cases[] = {
      {0, 6, 3, 4, 3, 1, 1}, {2, 6, 0, 3, 3, 1, 1}, {2, 6, 3, 0, 3, 1, 1}, {2, 2, 3, 4, 3, 0, 0}};
  for (int i = 0; i < LENGTH(cases); i++) {
    check_case(cases[i], CF_FLOAT32, 0, 0, 1e-6);
  }
  const struct sizes none = {1, 2, 3, 2, 3, 0, 0};
  const struct arguments a = arguments_of(none, CF_FLOAT32, 0);
  cf_tensor *y = fused(CF_INFERENCE, none, a);
  VALUES(y, 0, -INFINITY, -INFINITY);
  cf_tensor_free(y);
  free_arguments(a);
}

/* Which of nearly equal positions is the largest may change, so that single values of gradients do. */
static void rounded_operands_change_little(void) {
  const struct sizes s = {4, 6, 50, 130, 3, 1, 1};
  const struct arguments a = arguments_of(s, CF_FLOAT32, 1);
  cf_tensor *exact = fused(CF_INFERENCE, s, a);
  cf_tensor *rounded = fused(CF_GRADIENT | CF_BFLOAT16_PRODUCTS, s, a);
  check_same(exact, rounded, (size_t)(s.batch * s.out), 0.1);
  differentiate(rounded, a.direction);
  const size_t count = (size_t)(s.out * s.in * s.kernel);
  float *gradient = calloc(count, sizeof(float));
  OK(cf_gradient(a.weight, &out));
  read_floats(out, gradient, count);
  release();
  const struct arguments b = arguments_of(s, CF_FLOAT32, 1);
  cf_tensor *same = fused(CF_GRADIENT, s, b);
  differentiate(same, b.direction);
  float *expected = calloc(count, sizeof(float));
  OK(cf_gradient(b.weight, &out));
  read_floats(out, expected, count);
  release();
  double difference = 0;
  double size = 0;
  for (size_t i = 0; i < count; i++) {
    difference += fabs((double)gradient[i] - (double)expected[i]);
    size += fabs((double)expected[i]);
  }
  CHECK(difference > 0 && difference < 0.1 * size);
  cf_tensor *tensors[] = {exact, rounded, same};
  for (int i = 0; i < LENGTH(tensors); i++) {
    cf_tensor_free(tensors[i]);
  }
  free(gradient);
  free(expected);
  free_arguments(a);
  free_arguments(b);
}

static void not_a_number_wins_and_the_first_of_equals_has_the_gradient(void) {
  const struct sizes s = {2, 3, 1, 1, 1, 0, 0};
  const float nan = NAN;
  cf_tensor *weight = parameter_of(FLOATS(SHAPE(1, 1, 1), 1));
  cf_tensor *bias = parameter_of(FLOATS(SHAPE(1), 0.5f));
  const struct arguments a = {parameter_of(FLOATS(SHAPE(2, 3, 1), 1, 3, 3, 2, nan, 4)), weight,
                              bias, NULL, FLOATS(SHAPE(2, 1), 1, 0)};
  cf_tensor *y = fused(CF_GRADIENT, s, a);
  float values[2];
  read_floats(y, values, 2);
  CHECK(values[0] == 3.5f && isnan(values[1]));
  differentiate(y, a.direction);
  OK(cf_gradient(a.x, &out));
  VALUES(out, 0, 0, 1, 0, 0, 0, 0);
  release();
  cf_tensor_free(y);
  free_arguments(a);
}

static void impossible_arguments_are_refused(void) {
  cf_tensor *x = random_tensor(1, SHAPE(1, 2, 3));
  cf_tensor *w = random_tensor(2, SHAPE(4, 3, 3));
  cf_tensor *bias = random_tensor(3, SHAPE(4));
  cf_tensor *wide = drawn(3, CF_FLOAT64, SHAPE(4));
  cf_tensor *mask = BOOLS(SHAPE(1, 3), 1, 1, 1);
  REFUSED(CF_INVALID_ARGUMENT, cf_conv_max(CF_INFERENCE, x, w, bias, -1, 5, NULL, &out));
  REFUSED(CF_INVALID_ARGUMENT, cf_conv_max(CF_INFERENCE, x, w, bias, 1, 1, mask, &out));
  REFUSED(CF_INVALID_ARGUMENT, cf_conv_max(CF_INFERENCE, x, w, bias, 1, 1, bias, &out));
  REFUSED(CF_INVALID_ARGUMENT, cf_conv_max(CF_INFERENCE, x, w, wide, 1, 1, NULL, &out));
  REFUSED(CF_INVALID_ARGUMENT, cf_conv_max(CF_INFERENCE, x, x, bias, 1, 1, NULL, &out));
  REFUSED(CF_INVALID_ARGUMENT, cf_conv_max(3, x, w, bias, 1, 1, NULL, &out));
  REFUSED(CF_INVALID_ARGUMENT, cf_conv_max(32, x, w, bias, 1, 1, NULL, &out));
  cf_tensor *tensors[] = {x, w, bias, wide, mask};
  for (int i = 0; i < LENGTH(tensors); i++) {
    cf_tensor_free(tensors[i]);
  }
}

int main(void) {
  it_is_the_maximum_of_a_convolution();
  empty_tensors_have_empty_or_infinite_results();
  rounded_operands_change_little();
  not_a_number_wins_and_the_first_of_equals_has_the_gradient();
  impossible_arguments_are_refused();
  return finish();
}
