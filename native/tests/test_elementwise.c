#include "check.h"

static void functions_of_one_tensor_are_exact(void) {
  static const float points[] = {-2, -0.5f, 0, 0.5f, 3};
  for (int32_t function = CF_RELU; function <= CF_LOG; function++) {
    cf_tensor *x = tensor_of(points, CF_FLOAT32, SHAPE(5));
    float actual[5];
    OK(cf_unary(CF_INFERENCE, function, x, &out));
    read_floats(out, actual, 5);
    for (int i = 0; i < 5; i++) {
      const double p = (double)points[i];
      const double expected[] = {fmax(p, 0),          p * 0.5 * (1 + erf(p / sqrt(2))),
                                 p / (1 + exp(-p)),   tanh(p),
                                 1 / (1 + exp(-p)),   exp(p),
                                 log(p)};
      CHECK(isnan(expected[function]) ? isnan(actual[i])
                                      : expected[function] == (double)actual[i] ||
                                            fabs(expected[function] - (double)actual[i]) < 1e-5);
    }
    release();
    cf_tensor_free(x);
  }
}

static void functions_of_two_tensors_broadcast(void) {
  cf_tensor *a = FLOATS(SHAPE(2, 2), 1, 2, 3, 4);
  cf_tensor *b = FLOATS(SHAPE(2), 2, 4);
  OK(cf_binary(CF_INFERENCE, CF_ADD, a, b, &out));
  VALUES(out, 0, 3, 6, 5, 8);
  release();
  OK(cf_binary(CF_INFERENCE, CF_SUBTRACT, a, b, &out));
  VALUES(out, 0, -1, -2, 1, 0);
  release();
  OK(cf_binary(CF_INFERENCE, CF_MULTIPLY, a, b, &out));
  VALUES(out, 0, 2, 8, 6, 16);
  release();
  OK(cf_binary(CF_INFERENCE, CF_DIVIDE, a, b, &out));
  VALUES(out, 0, 0.5f, 0.5f, 1.5f, 1);
  release();
  REFUSED(CF_INVALID_ARGUMENT, cf_binary(CF_INFERENCE, 4, a, b, &out));
  REFUSED(CF_INVALID_ARGUMENT, cf_unary(CF_INFERENCE, 7, a, &out));
  cf_tensor_free(b);
  b = FLOATS(SHAPE(3), 1, 2, 3);
  REFUSED(CF_INVALID_ARGUMENT, cf_binary(CF_INFERENCE, CF_ADD, a, b, &out));
  cf_tensor_free(a);
  cf_tensor_free(b);
}

static void values_are_scaled_shifted_and_limited(void) {
  cf_tensor *x = FLOATS(SHAPE(4), -3, 0.5f, 2, NAN);
  OK(cf_affine(CF_INFERENCE, x, 2, -1, &out));
  VALUES(out, 0, -7, 0, 3, NAN);
  release();
  OK(cf_affine(CF_INFERENCE, x, 1, 0, &out));
  VALUES(out, 0, -3, 0.5f, 2, NAN);
  release();
  OK(cf_clamp(CF_INFERENCE, x, -1, 1, &out));
  VALUES(out, 0, -1, 0.5f, 1, NAN);
  release();
  cf_tensor_free(x);
}

static void scaling_by_one_copies(void) {
  cf_tensor *parameter = parameter_of(FLOATS(SHAPE(2), 1, 2));
  cf_tensor *update = FLOATS(SHAPE(2), 5, 6);
  OK(cf_affine(CF_GRADIENT, parameter, 1, 0, &out));
  OK(cf_assign(parameter, update));
  VALUES(out, 0, 1, 2);
  release();
  cf_tensor_free(parameter);
  cf_tensor_free(update);
}

static void clamping_has_no_gradient_outside(void) {
  cf_tensor *x = parameter_of(FLOATS(SHAPE(3), -3, 0.5f, 2));
  cf_tensor *clamped = NULL;
  cf_tensor *sum = NULL;
  OK(cf_clamp(CF_GRADIENT, x, -1, 1, &clamped));
  OK(cf_sum(CF_GRADIENT, clamped, 0, &sum));
  OK(cf_backward(sum));
  OK(cf_gradient(x, &out));
  VALUES(out, 0, 0, 1, 0);
  release();
  cf_tensor_free(x);
  cf_tensor_free(clamped);
  cf_tensor_free(sum);
}

static void axes_are_reduced(void) {
  cf_tensor *x = FLOATS(SHAPE(2, 3), 1, 2, 3, 4, 5, 6);
  OK(cf_sum(CF_INFERENCE, x, 0, &out));
  VALUES(out, 0, 5, 7, 9);
  release();
  OK(cf_mean(CF_INFERENCE, x, -1, &out));
  VALUES(out, 0, 2, 5);
  release();
  OK(cf_softmax(CF_INFERENCE, x, &out));
  VALUES(out, 1e-6, 0.09003057f, 0.24472848f, 0.66524094f, 0.09003057f, 0.24472848f, 0.66524094f);
  release();
  REFUSED(CF_INVALID_ARGUMENT, cf_sum(CF_INFERENCE, x, 2, &out));
  REFUSED(CF_INVALID_ARGUMENT, cf_mean(CF_INFERENCE, x, -3, &out));
  cf_tensor_free(x);
  x = LONGS(SHAPE(2), 1, 2);
  REFUSED(CF_INVALID_ARGUMENT, cf_softmax(CF_INFERENCE, x, &out));
  REFUSED(CF_INVALID_ARGUMENT, cf_mean(CF_INFERENCE, x, 0, &out));
  cf_tensor_free(x);
}

int main(void) {
  functions_of_one_tensor_are_exact();
  functions_of_two_tensors_broadcast();
  values_are_scaled_shifted_and_limited();
  scaling_by_one_copies();
  clamping_has_no_gradient_outside();
  axes_are_reduced();
  return finish();
}
