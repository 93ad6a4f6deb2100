#include "check.h"

static void matrices_are_multiplied(void) {
  cf_tensor *a = FLOATS(SHAPE(1, 2, 2), 1, 2, 3, 4);
  cf_tensor *b = FLOATS(SHAPE(1, 2, 1), 5, 6);
  OK(cf_matmul(CF_INFERENCE, a, b, &out));
  SIZES(out, 1, 2, 1);
  VALUES(out, 0, 17, 39);
  release();
  REFUSED(CF_INVALID_ARGUMENT, cf_matmul(CF_INFERENCE, b, b, &out));
  cf_tensor_free(a);
  cf_tensor_free(b);
}

static void a_linear_layer_has_a_bias_or_none(void) {
  cf_tensor *x = FLOATS(SHAPE(1, 2, 2), 1, 2, 3, 4);
  cf_tensor *weight = FLOATS(SHAPE(3, 2), 1, 0, 0, 1, 1, 1);
  cf_tensor *bias = FLOATS(SHAPE(3), 10, 20, 30);
  OK(cf_linear(CF_INFERENCE, x, weight, NULL, CF_IDENTITY, CF_ADD, NULL, &out));
  SIZES(out, 1, 2, 3);
  VALUES(out, 0, 1, 2, 3, 3, 4, 7);
  release();
  OK(cf_linear(CF_INFERENCE, x, weight, bias, CF_IDENTITY, CF_ADD, NULL, &out));
  VALUES(out, 0, 11, 22, 33, 13, 24, 37);
  release();
  REFUSED(CF_INVALID_ARGUMENT, cf_linear(CF_INFERENCE, weight, bias, bias, CF_IDENTITY, CF_ADD,
                                         NULL, &out));
  REFUSED(CF_INVALID_ARGUMENT, cf_linear(CF_INFERENCE, x, NULL, NULL, CF_IDENTITY, CF_ADD, NULL,
                                         &out));
  cf_tensor_free(x);
  cf_tensor_free(weight);
  cf_tensor_free(bias);
}

static void a_linear_layer_goes_on_with_a_function_or_another_tensor(void) {
  cf_tensor *x = FLOATS(SHAPE(2, 2), 1, 2, -3, 4);
  cf_tensor *weight = FLOATS(SHAPE(3, 2), 1, 0, 0, 1, 1, 1);
  cf_tensor *other = FLOATS(SHAPE(2, 3), 1, 2, 3, 4, 5, 6);
  cf_tensor *packed = NULL;
  cf_tensor *frozen = NULL;
  OK(cf_pack_weight(weight, 8, &packed));
  OK(cf_freeze_weight(weight, 8, &frozen));
  const cf_tensor *weights[] = {weight, packed, frozen};
  for (int i = 0; i < 3; i++) {
    const cf_tensor *w = weights[i];
    OK(cf_linear(CF_INFERENCE, x, w, NULL, CF_RELU, CF_ADD, NULL, &out));
    VALUES(out, 1e-6, 1, 2, 3, 0, 4, 1);
    release();
    OK(cf_linear(CF_INFERENCE, x, w, NULL, CF_IDENTITY, CF_MULTIPLY, other, &out));
    VALUES(out, 1e-5, 1, 4, 9, -12, 20, 6);
    release();
    OK(cf_linear(CF_INFERENCE, x, w, NULL, CF_RELU, CF_SUBTRACT, other, &out));
    VALUES(out, 1e-6, 0, 0, 0, -4, -1, -5);
    release();
    OK(cf_linear(CF_INFERENCE, x, w, NULL, CF_EXP, CF_ADD, NULL, &out));
    VALUES(out, 1e-4, 2.718282f, 7.389056f, 20.085537f, 0.049787f, 54.598150f, 2.718282f);
    release();
    REFUSED(CF_INVALID_ARGUMENT, cf_linear(CF_INFERENCE, other, w, NULL, CF_IDENTITY, CF_ADD, NULL,
                                           &out));
  }
  OK(cf_linear(CF_GRADIENT, x, weight, NULL, CF_IDENTITY, CF_ADD, other, &out));
  VALUES(out, 1e-6, 2, 4, 6, 1, 9, 7);
  release();
  REFUSED(CF_INVALID_ARGUMENT, cf_pack_weight(weight, 0, &out));
  REFUSED(CF_INVALID_ARGUMENT, cf_freeze_weight(weight, 0, &out));
  cf_tensor *none = tensor_of(NULL, CF_FLOAT32, SHAPE(0, 2));
  OK(cf_linear(CF_INFERENCE, none, packed, NULL, CF_GELU, CF_ADD, NULL, &out));
  SIZES(out, 0, 3);
  release();
  cf_tensor_free(none);
  cf_tensor_free(x);
  cf_tensor_free(weight);
  cf_tensor_free(other);
  cf_tensor_free(packed);
  cf_tensor_free(frozen);
}

static void gradients_pass_frozen_weights(void) {
  cf_tensor *weight = FLOATS(SHAPE(3, 2), 1, 0, 0, 1, 2, 1);
  cf_tensor *other = parameter_of(FLOATS(SHAPE(2, 3), 1, 2, 3, 4, 5, 6));
  cf_tensor *bias = parameter_of(FLOATS(SHAPE(3), 10, 20, 30));
  cf_tensor *gradient = FLOATS(SHAPE(2, 3), 1, 10, 100, 2, 0, 0);
  cf_tensor *frozen = NULL;
  OK(cf_freeze_weight(weight, 8, &frozen));
  cf_tensor_free(weight);
  SIZES(frozen, 3, 2);
  for (int mode = CF_GRADIENT; mode <= CF_TRAINING; mode++) {
    for (int rounded = 0; rounded <= CF_BFLOAT16_PRODUCTS; rounded += CF_BFLOAT16_PRODUCTS) {
      cf_tensor *x = parameter_of(FLOATS(SHAPE(2, 2), 1, 2, -3, 4));
      cf_tensor *y = NULL;
      OK(cf_linear(mode | rounded, x, frozen, bias, CF_IDENTITY, CF_ADD, other, &y));
      VALUES(y, 1e-5, 12, 24, 37, 11, 29, 34);
      OK(cf_backward_from(y, gradient));
      OK(cf_gradient(x, &out));
      VALUES(out, 1e-4, 201, 110, 2, 0);
      release();
      cf_tensor_free(y);
      cf_tensor_free(x);
    }
  }
  /* Four times each. */
  OK(cf_gradient(bias, &out));
  VALUES(out, 1e-4, 12, 40, 400);
  release();
  OK(cf_gradient(other, &out));
  VALUES(out, 1e-4, 4, 40, 400, 8, 0, 0);
  release();
  cf_tensor_free(other);
  cf_tensor_free(bias);
  cf_tensor_free(gradient);
  cf_tensor_free(frozen);
}

static void the_last_axis_is_normalised(void) {
  cf_tensor *x = FLOATS(SHAPE(1, 4), 1, 2, 3, 4);
  cf_tensor *weight = FLOATS(SHAPE(4), 1, 1, 1, 2);
  cf_tensor *bias = FLOATS(SHAPE(4), 0, 0, 0, 1);
  OK(cf_layer_norm(CF_INFERENCE, x, weight, bias, 1e-5, &out));
  VALUES(out, 1e-5, -1.3416355f, -0.4472118f, 0.4472118f, 3.683271f);
  release();
  cf_tensor *narrow = FLOATS(SHAPE(3), 1, 1, 1);
  REFUSED(CF_INVALID_ARGUMENT, cf_layer_norm(CF_INFERENCE, x, narrow, bias, 1e-5, &out));
  cf_tensor_free(x);
  cf_tensor_free(weight);
  cf_tensor_free(bias);
  cf_tensor_free(narrow);
}

static void rows_are_looked_up(void) {
  cf_tensor *table = FLOATS(SHAPE(3, 2), 0, 1, 10, 11, 20, 21);
  cf_tensor *ids = LONGS(SHAPE(1, 2), 2, 0);
  OK(cf_embedding(CF_INFERENCE, table, ids, &out));
  SIZES(out, 1, 2, 2);
  VALUES(out, 0, 20, 21, 0, 1);
  release();
  cf_tensor *beyond = LONGS(SHAPE(1), 3);
  cf_tensor *negative = LONGS(SHAPE(1), -1);
  cf_tensor *none = tensor_of(NULL, CF_INT64, SHAPE(0));
  REFUSED(CF_INVALID_ARGUMENT, cf_embedding(CF_INFERENCE, table, beyond, &out));
  REFUSED(CF_INVALID_ARGUMENT, cf_embedding(CF_INFERENCE, table, negative, &out));
  REFUSED(CF_INVALID_ARGUMENT, cf_embedding(CF_INFERENCE, table, table, &out));
  OK(cf_embedding(CF_INFERENCE, table, none, &out));
  SIZES(out, 0, 2);
  release();
  cf_tensor_free(table);
  cf_tensor_free(ids);
  cf_tensor_free(beyond);
  cf_tensor_free(negative);
  cf_tensor_free(none);
}

static void dropout_acts_in_training_only(void) {
  cf_tensor *x = FLOATS(SHAPE(2), 3, 4);
  OK(cf_dropout(CF_INFERENCE, x, 0.5, &out));
  VALUES(out, 0, 3, 4);
  release();
  OK(cf_dropout(CF_GRADIENT, x, 0.5, &out));
  VALUES(out, 0, 3, 4);
  release();
  OK(cf_dropout(CF_TRAINING, x, 1, &out));
  VALUES(out, 0, 0, 0);
  release();
  REFUSED(CF_INVALID_ARGUMENT, cf_dropout(CF_TRAINING, x, 1.5, &out));
  cf_tensor_free(x);
}

/* Side by side, as one row. */
static cf_tensor *joined(int32_t mode, cf_tensor *const *parts) {
  cf_tensor *rows = NULL;
  OK(cf_concat(mode, (const cf_tensor *const *)parts, 3, 2, &rows));
  OK(cf_reshape(mode, rows, SHAPE(80), &out));
  cf_tensor_free(rows);
  for (int i = 0; i < 3; i++) {
    cf_tensor_free(parts[i]);
  }
  return out;
}

static void check_near(const cf_tensor *a, const cf_tensor *b, size_t size, double tolerance) {
  float x[80], y[80];
  read_floats(a, x, size);
  read_floats(b, y, size);
  for (size_t i = 0; i < size; i++) {
    CHECK(fabs((double)x[i] - (double)y[i]) <= tolerance);
  }
}

static void check_linears(int32_t mode, double tolerance) {
  const int64_t widths[] = {3, 1, 4};
  /* x, weights and biases, of the layers together and of those apart. */
  cf_tensor *a[7], *b[7], *parts[3] = {NULL};
  for (int side = 0; side < 2; side++) {
    cf_tensor **inputs = side == 0 ? a : b;
    inputs[0] = parameter_of(random_tensor(1, SHAPE(2, 5, 6)));
    for (int i = 0; i < 3; i++) {
      inputs[1 + i] = parameter_of(random_tensor((uint32_t)(2 + i), SHAPE(widths[i], 6)));
      inputs[4 + i] = parameter_of(random_tensor((uint32_t)(5 + i), SHAPE(widths[i])));
    }
  }
  OK(cf_linears(mode, a[0], (const cf_tensor *const *)a + 1, (const cf_tensor *const *)a + 4, 3,
                parts));
  SIZES(parts[2], 2, 5, 4);
  cf_tensor *together = joined(mode, parts);
  for (int i = 0; i < 3; i++) {
    OK(cf_linear(mode, b[0], b[1 + i], b[4 + i], CF_IDENTITY, CF_ADD, NULL, &parts[i]));
  }
  cf_tensor *apart = joined(mode, parts);
  check_near(together, apart, 80, tolerance);
  if (mode != CF_INFERENCE) {
    const size_t sizes[] = {60, 18, 6, 24, 3, 1, 4};
    square(together);
    square(apart);
    for (int i = 0; i < LENGTH(sizes); i++) {
      cf_tensor *gradient = NULL;
      OK(cf_gradient(a[i], &gradient));
      OK(cf_gradient(b[i], &out));
      check_near(gradient, out, sizes[i], 10 * tolerance);
      cf_tensor_free(gradient);
      release();
    }
  }
  for (int i = 0; i < 7; i++) {
    cf_tensor_free(a[i]);
    cf_tensor_free(b[i]);
  }
  cf_tensor_free(together);
  cf_tensor_free(apart);
  out = NULL;
}

static void layers_together_are_what_they_are_apart(void) {
  check_linears(CF_INFERENCE, 1e-6);
  check_linears(CF_GRADIENT, 1e-6);
  check_linears(CF_GRADIENT | CF_BFLOAT16_PRODUCTS, 2e-2);
  cf_tensor *x = random_tensor(1, SHAPE(2, 3));
  cf_tensor *weight = random_tensor(2, SHAPE(4, 3));
  const cf_tensor *const weights[] = {weight};
  const cf_tensor *const biases[] = {x};
  REFUSED(CF_INVALID_ARGUMENT, cf_linears(CF_INFERENCE, x, weights, biases, 1, &out));
  REFUSED(CF_INVALID_ARGUMENT, cf_linears(CF_INFERENCE, x, weights, biases, 0, &out));
  cf_tensor_free(x);
  cf_tensor_free(weight);
}

int main(void) {
  layers_together_are_what_they_are_apart();
  matrices_are_multiplied();
  a_linear_layer_has_a_bias_or_none();
  a_linear_layer_goes_on_with_a_function_or_another_tensor();
  gradients_pass_frozen_weights();
  the_last_axis_is_normalised();
  rows_are_looked_up();
  dropout_acts_in_training_only();
  return finish();
}
