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

int main(void) {
  matrices_are_multiplied();
  a_linear_layer_has_a_bias_or_none();
  a_linear_layer_goes_on_with_a_function_or_another_tensor();
  gradients_pass_frozen_weights();
  the_last_axis_is_normalised();
  rows_are_looked_up();
  dropout_acts_in_training_only();
  return finish();
}
