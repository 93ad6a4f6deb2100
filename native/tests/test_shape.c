#include "check.h"

static cf_tensor *x;

static void casts_round_to_nearest_even(void) {
  cf_tensor *values = FLOATS(SHAPE(3), 1.00390625f, 1.01171875f, -2);
  OK(cf_cast(CF_INFERENCE, values, CF_BFLOAT16, &out));
  VALUES(out, 0, 1, 1.015625f, -2);
  release();
  OK(cf_cast(CF_INFERENCE, values, CF_BOOL, &out));
  VALUES(out, 0, 1, 1, 1);
  release();
  REFUSED(CF_INVALID_ARGUMENT, cf_cast(CF_INFERENCE, values, -1, &out));
  REFUSED(CF_INVALID_ARGUMENT, cf_cast(3, values, CF_FLOAT32, &out));
  REFUSED(CF_INVALID_ARGUMENT, cf_cast(CF_INFERENCE, NULL, CF_FLOAT32, &out));
  cf_tensor_free(values);
}

static void reshaping_keeps_the_order(void) {
  OK(cf_reshape(CF_INFERENCE, x, SHAPE(3, 2), &out));
  SIZES(out, 3, 2);
  VALUES(out, 0, 1, 2, 3, 4, 5, 6);
  release();
  REFUSED(CF_INVALID_ARGUMENT, cf_reshape(CF_INFERENCE, x, SHAPE(4), &out));
}

static void axes_are_exchanged(void) {
  OK(cf_transpose(CF_INFERENCE, x, 0, -1, &out));
  SIZES(out, 3, 2);
  VALUES(out, 0, 1, 4, 2, 5, 3, 6);
  release();
  REFUSED(CF_INVALID_ARGUMENT, cf_transpose(CF_INFERENCE, x, 0, 2, &out));
}

static void a_part_is_taken(void) {
  OK(cf_narrow(CF_INFERENCE, x, 1, 1, 2, &out));
  SIZES(out, 2, 2);
  VALUES(out, 0, 2, 3, 5, 6);
  release();
  REFUSED(CF_INVALID_ARGUMENT, cf_narrow(CF_INFERENCE, x, 1, 2, 2, &out));
}

static void tensors_are_concatenated(void) {
  cf_tensor *column = FLOATS(SHAPE(2, 1), 8, 9);
  const cf_tensor *parts[] = {x, column};
  OK(cf_concat(CF_INFERENCE, parts, 2, -1, &out));
  VALUES(out, 0, 1, 2, 3, 8, 4, 5, 6, 9);
  release();
  REFUSED(CF_INVALID_ARGUMENT, cf_concat(CF_INFERENCE, parts, 2, 0, &out));
  REFUSED(CF_INVALID_ARGUMENT, cf_concat(CF_INFERENCE, parts, 0, 0, &out));
  REFUSED(CF_INVALID_ARGUMENT, cf_concat(CF_INFERENCE, NULL, 1, 0, &out));
  parts[1] = NULL;
  REFUSED(CF_INVALID_ARGUMENT, cf_concat(CF_INFERENCE, parts, 2, 0, &out));
  cf_tensor_free(column);
}

int main(void) {
  x = FLOATS(SHAPE(2, 3), 1, 2, 3, 4, 5, 6);
  casts_round_to_nearest_even();
  reshaping_keeps_the_order();
  axes_are_exchanged();
  a_part_is_taken();
  tensors_are_concatenated();
  cf_tensor_free(x);
  return finish();
}
