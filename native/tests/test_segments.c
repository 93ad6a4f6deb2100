#include "check.h"

static cf_tensor *x;
static cf_tensor *mask;

static void invalid_positions_are_filled(void) {
  OK(cf_masked_fill(CF_INFERENCE, x, mask, -1, &out));
  VALUES(out, 0, 1, 2, 3, -4, -1, -1, -1, -1, -1, -1, -1, -1);
  release();
  REFUSED(CF_INVALID_ARGUMENT, cf_masked_fill(CF_INFERENCE, x, x, 0, &out));
  REFUSED(CF_INVALID_ARGUMENT, cf_masked_fill(CF_INFERENCE, mask, x, 0, &out));
  REFUSED(CF_INVALID_ARGUMENT, cf_masked_fill(CF_INFERENCE, x, NULL, 0, &out));
  cf_tensor *other = BOOLS(SHAPE(2, 2), 1, 1, 1, 1);
  REFUSED(CF_INVALID_ARGUMENT, cf_masked_fill(CF_INFERENCE, x, other, 0, &out));
  REFUSED(CF_INVALID_ARGUMENT, cf_masked_mean(CF_INFERENCE, x, other, &out));
  REFUSED(CF_INVALID_ARGUMENT, cf_masked_max(CF_INFERENCE, x, other, &out));
  cf_tensor_free(other);
}

static void means_and_maxima_see_valid_positions_only(void) {
  OK(cf_masked_mean(CF_INFERENCE, x, mask, &out));
  SIZES(out, 2, 2);
  VALUES(out, 0, 2, -1, 0, 0);
  release();
  OK(cf_masked_max(CF_INFERENCE, x, mask, &out));
  VALUES(out, 0, 3, 2, -INFINITY, -INFINITY);
  release();
  REFUSED(CF_INVALID_ARGUMENT, cf_masked_mean(CF_INFERENCE, mask, NULL, &out));
  REFUSED(CF_INVALID_ARGUMENT, cf_masked_max(CF_INFERENCE, mask, NULL, &out));
}

static void without_a_mask_all_positions_are_valid(void) {
  OK(cf_masked_mean(CF_INFERENCE, x, NULL, &out));
  VALUES(out, 1e-6, NAN, 4.0f / 3, 8, 9);
  release();
  OK(cf_masked_max(CF_INFERENCE, x, NULL, &out));
  VALUES(out, 0, NAN, 6, 9, 10);
  release();
  cf_tensor *none = tensor_of(NULL, CF_FLOAT32, SHAPE(1, 0, 2));
  OK(cf_masked_mean(CF_INFERENCE, none, NULL, &out));
  VALUES(out, 0, 0, 0);
  release();
  OK(cf_masked_max(CF_INFERENCE, none, NULL, &out));
  VALUES(out, 0, -INFINITY, -INFINITY);
  release();
  cf_tensor_free(none);
}

static void gradients_reach_valid_positions_only(void) {
  for (int maximum = 0; maximum < 2; maximum++) {
    cf_tensor *parameter = NULL;
    cf_tensor *reduced = NULL;
    cf_tensor *first = NULL;
    cf_tensor *loss = NULL;
    OK(cf_parameter(x, &parameter));
    OK(maximum ? cf_masked_max(CF_GRADIENT, parameter, mask, &reduced)
               : cf_masked_mean(CF_GRADIENT, parameter, mask, &reduced));
    OK(cf_narrow(CF_GRADIENT, reduced, 0, 0, 1, &first));
    OK(cf_mean(CF_GRADIENT, first, 1, &loss));
    OK(cf_backward(loss));
    OK(cf_gradient(parameter, &out));
    if (maximum) {
      VALUES(out, 1e-6, 0, 0.5f, 0.5f, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    } else {
      VALUES(out, 1e-6, 0.25f, 0.25f, 0.25f, 0.25f, 0, 0, 0, 0, 0, 0, 0, 0);
    }
    release();
    cf_tensor_free(parameter);
    cf_tensor_free(reduced);
    cf_tensor_free(first);
    cf_tensor_free(loss);
  }
}

static void segments_are_summed_with_weights(void) {
  cf_tensor *table = parameter_of(FLOATS(SHAPE(3, 2), 1, 2, 10, 20, 100, 200));
  const int64_t offsets[] = {0, 2, 2, 3};
  int64_t rows[] = {2, 0, 0};
  float weights[] = {0.5f, 2, 3};
  cf_tensor *sums = NULL;
  cf_tensor *mean = NULL;
  cf_tensor *loss = NULL;
  OK(cf_segment_sum(CF_GRADIENT, table, offsets, 3, rows, weights, &sums));
  SIZES(sums, 3, 2);
  VALUES(sums, 1e-6, 52, 104, 0, 0, 3, 6);
  /* What the call was given may change before the backward pass. */
  rows[0] = rows[1] = rows[2] = 1;
  weights[0] = weights[1] = weights[2] = 7;
  OK(cf_sum(CF_GRADIENT, sums, 0, &mean));
  OK(cf_sum(CF_GRADIENT, mean, 0, &loss));
  OK(cf_backward(loss));
  OK(cf_gradient(table, &out));
  VALUES(out, 1e-6, 5, 5, 0, 0, 0.5f, 0.5f);
  release();
  cf_tensor_free(sums);
  cf_tensor_free(mean);
  cf_tensor_free(loss);

  OK(cf_segment_sum(CF_INFERENCE, table, offsets, 0, NULL, NULL, &out));
  SIZES(out, 0, 2);
  release();
  const int64_t empty[] = {0, 0};
  OK(cf_segment_sum(CF_INFERENCE, table, empty, 1, NULL, NULL, &out));
  VALUES(out, 0, 0, 0);
  release();
  cf_tensor *narrow = tensor_of(NULL, CF_FLOAT32, SHAPE(3, 0));
  OK(cf_segment_sum(CF_INFERENCE, narrow, offsets, 3, rows, weights, &out));
  SIZES(out, 3, 0);
  release();
  cf_tensor_free(narrow);
  cf_tensor *reduced = NULL;
  OK(cf_cast(CF_INFERENCE, table, CF_BFLOAT16, &reduced));
  const int64_t one[] = {0, 1};
  OK(cf_segment_sum(CF_INFERENCE, reduced, one, 1, rows, weights, &out));
  VALUES(out, 0, 70, 140);
  release();
  cf_tensor_free(reduced);

  rows[1] = 3;
  REFUSED(CF_INVALID_ARGUMENT,
          cf_segment_sum(CF_INFERENCE, table, offsets, 3, rows, weights, &out));
  rows[1] = -1;
  REFUSED(CF_INVALID_ARGUMENT,
          cf_segment_sum(CF_INFERENCE, table, offsets, 3, rows, weights, &out));
  const int64_t falling[] = {0, 2, 1};
  REFUSED(CF_INVALID_ARGUMENT,
          cf_segment_sum(CF_INFERENCE, table, falling, 2, rows, weights, &out));
  REFUSED(CF_INVALID_ARGUMENT,
          cf_segment_sum(CF_INFERENCE, table, offsets + 1, 1, rows, weights, &out));
  REFUSED(CF_INVALID_ARGUMENT,
          cf_segment_sum(CF_INFERENCE, x, offsets, 3, rows, weights, &out));
  cf_tensor_free(table);
}

int main(void) {
  /* The second member has no valid position. */
  x = FLOATS(SHAPE(2, 3, 2), 1, 2, 3, -4, NAN, 6, 7, 8, 9, 9, 8, 10);
  mask = BOOLS(SHAPE(2, 3), 1, 1, 0, 0, 0, 0);
  invalid_positions_are_filled();
  means_and_maxima_see_valid_positions_only();
  without_a_mask_all_positions_are_valid();
  gradients_reach_valid_positions_only();
  segments_are_summed_with_weights();
  cf_tensor_free(x);
  cf_tensor_free(mask);
  return finish();
}
